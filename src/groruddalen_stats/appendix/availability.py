"""Turns the cells that no source fills into one line per object: what is asked, what exists, and what to fetch."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from groruddalen_stats.appendix.build import Builder
from groruddalen_stats.appendix.layout import Layout, Spec, layout, same_statistic
from groruddalen_stats.appendix.quantities import Quantity
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import Source
from groruddalen_stats.errors import ConfigError, Fault

__all__ = ["Gap", "faults", "gaps", "require"]

Years = tuple[int, ...]

_EVER = 9999
_COVERAGE = re.compile(r"(\d{4})?-(\d{4})?")
_NAMED = 5  # more regions than this are counted, not named


@dataclass(frozen=True, slots=True)
class Gap:
    """Figures that an object asks for and no source has.

    Attributes:
        object: id of the object.
        wanted: what is asked for, in English.
        regions: names of the regions it is asked for; empty when no row of the object has it.
        years: the years asked for, rising.
        exists: the years that a source or the print does have, rising; empty when there are none.
        source: id of the source to go to; ``None`` when the catalogue has none.
        fetchable: whether ``make fetch`` can fetch that source.
    """

    object: str
    wanted: str
    regions: tuple[str, ...]
    years: Years
    exists: Years
    source: str | None
    fetchable: bool

    @property
    def nearest(self) -> Years:
        """The existing years that are nearest to those asked for, rising; the earlier one of two as near."""
        if not self.exists:
            return ()
        near = {min(self.exists, key=lambda year: (abs(year - asked), year)) for asked in self.years}
        return tuple(sorted(near))

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.source is None:
            return "no source is known: add one to config/sources.yaml"
        return f"make fetch SOURCE={self.source}" if self.fetchable else f"add these years to {self.source}"

    def __str__(self) -> str:
        regions = f"{len(self.regions)} regions" if len(self.regions) > _NAMED else ", ".join(self.regions)
        known = f"there is {_runs(self.exists)}, nearest {_runs(self.nearest)}" if self.exists else "no year exists"
        return f"{self.wanted}{f' in {regions}' if regions else ''} for {_runs(self.years)} ({known})"


def gaps(builder: Builder, cells: pd.DataFrame) -> list[Gap]:
    """Return what the edition asks for and no source has, in the order of the appendix.

    A number that the report itself asks for is no gap: what the print has only as an image is known. Nor is a cell
    that is missing because a border moved: no source could fill it.

    Args:
        builder: the builder of the cells, for its observations and printed numbers.
        cells: the cells of the edition, in the cell contract.
    """
    missing: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in cells[cells["basis"] == "missing"][["object", "row", "column"]].itertuples(index=False):
        missing[str(row[0])].append((str(row[1]), str(row[2])))
    return [gap for key, places in missing.items() for gap in _Search(key, builder).gaps(places)]


def faults(found: Iterable[Gap]) -> list[Fault]:
    """Return one fault per object: all its gaps, and the sources to fetch."""
    objects: dict[str, list[Gap]] = defaultdict(list)
    for gap in found:
        objects[gap.object].append(gap)
    return [
        Fault("; ".join(map(str, group)), key, "; ".join(dict.fromkeys(gap.remedy for gap in group)))
        for key, group in objects.items()
    ]


def require(builder: Builder, cells: pd.DataFrame) -> None:
    """Stop, or say on stderr what is missing, as the edition's ``on_missing`` wants.

    Raises:
        ConfigError: with ``on_missing: fail``, one fault per object that asks for what no source has.
    """
    found = faults(gaps(builder, cells))
    if not found:
        return
    if builder.catalogue.edition.on_missing == "fail":
        raise ConfigError(faults=found)
    print("marked as missing, because no source has it:", *found, sep="\n  ", file=sys.stderr)  # noqa: T201


@dataclass(frozen=True)
class _Search:
    """The gaps of one object, found cell by cell."""

    object_id: str
    builder: Builder

    def gaps(self, places: list[tuple[str, str]]) -> Iterator[Gap]:
        catalogue = self.builder.catalogue
        plan = layout(self.object_id, catalogue)
        printed = layout(self.object_id, catalogue, catalogue.print_edition)
        # what is asked for -> region -> years asked for and years that exist
        asked: dict[str, dict[str, tuple[set[int], set[int]]]] = {}
        terms: dict[str, Term] = {}
        for place in places:
            spec = plan.cells[place]
            if same_statistic(spec, printed.cells.get(place)) or spec.remainder_of or spec.sum_of:
                continue
            region, in_print = spec.region or "", self._printed_years(place, printed)
            for label, term in self._wanted(spec):
                if term is not None and not self._lacks(term):
                    continue
                years, known = asked.setdefault(label, {}).setdefault(region, (set(), set()))
                years.update(term.years if term else (spec.year,))
                if term is not None:
                    terms.setdefault(label, term)
                    known.update(self._years_of(replace(term, region=region)))
                if term is None or term.series == self._counted(spec):
                    known.update(in_print)
        yield from self._merged(asked, terms, {spec.region or "" for spec in plan.cells.values()})

    def _merged(
        self,
        asked: dict[str, dict[str, tuple[set[int], set[int]]]],
        terms: dict[str, Term],
        everywhere: set[str],
    ) -> Iterator[Gap]:
        """Yield one gap for all that lacks the same years of the same regions and has the same ones."""
        alike: dict[tuple[tuple[str, ...], Years, Years, str | None, bool], list[str]] = defaultdict(list)
        for label, regions in asked.items():
            groups: dict[tuple[Years, Years], list[str]] = defaultdict(list)
            for region, (years, known) in regions.items():
                groups[tuple(sorted(years)), tuple(sorted(known))].append(region)
            for (lacking, exists), names in groups.items():
                source = self._source(terms[label], names, lacking, exists) if label in terms else (None, False)
                shown = () if set(names) == everywhere else tuple(names)
                alike[shown, lacking, exists, *source].append(label)
        for (shown, lacking, exists, name, fetchable), labels in alike.items():
            named = tuple(self.builder.catalogue.regions.name(region, "en") for region in shown)
            yield Gap(self.object_id, ", ".join(labels), named, lacking, exists, name, fetchable)

    def _wanted(self, spec: Spec) -> Iterator[tuple[str, Term | None]]:
        """Yield what one cell needs: what it is called and the term, none where no term says it."""
        catalogue = self.builder.catalogue
        found = terms_of(spec, catalogue.indicators).all()
        if not found:
            yield catalogue.text(catalogue.appendix.objects[self.object_id].title, "en"), None
        for term in found:
            yield self._label(term), term

    def _counted(self, spec: Spec) -> str:
        return terms_of(spec, self.builder.catalogue.indicators).numerator[0].series

    def _label(self, term: Term) -> str:
        words = [self.builder.catalogue.indicators.series[term.series].label.en]
        words += [f"aged {term.age}"] if term.age != "all" else []
        words += ["by sex"] if term.sex != "both" else []
        words += ["by background"] if term.background != "all" else []
        return " ".join(words)

    def _lacks(self, term: Term) -> bool:
        found = self.builder.quantities.get(term)
        if isinstance(found, Quantity):
            return False
        # A moved border hides figures that exist; where the year has none at all the border is beside the point.
        return found.reason == "no_source" or not self._any_years(term).issuperset(term.years)

    def _any_years(self, term: Term) -> set[int]:
        known = self.builder.quantities.years(term.series)
        return {year for source in self._sources(term) for year in known.get(source, ())}

    def _years_of(self, term: Term) -> Iterator[int]:
        for year in self._any_years(term):
            if isinstance(self.builder.quantities.get(term.of_year(year)), Quantity):
                yield year

    def _printed_years(self, place: tuple[str, str], printed: Layout) -> set[int]:
        key = (self.object_id, *place)
        known = key in self.builder.published or key in self.builder.prose
        return {printed.cells[place].year} if known and place in printed.cells else set()

    def _sources(self, term: Term) -> list[str]:
        return self.builder.catalogue.indicators.series[term.series].sources

    def _source(self, term: Term, regions: list[str], lacking: Years, exists: Years) -> tuple[str | None, bool]:
        """Return the source to go to and whether it can be fetched: a live one, else one that has other years.

        A live one counts only when it is known to have one of the regions and years, or not known to lack them.
        """
        catalogued = self.builder.catalogue.sources.sources
        region = regions[0]
        # A group can be added up from its members.
        places = [part for name in regions for part in (name, *self.builder.catalogue.regions.members(name))]
        for name in self._sources(term):
            if catalogued[name].fetch is not None and _serves(catalogued[name], places, lacking):
                return name, True
        for name in self._sources(term):
            if catalogued[name].kind == "independent" and any(
                isinstance(
                    self.builder.quantities.get(replace(term.of_year(year), region=region), sources=[name]),
                    Quantity,
                )
                for year in exists
            ):
                return name, False
        return None, False


def _serves(source: Source, regions: Iterable[str], years: Years) -> bool:
    """Return whether a live source can have one of the regions in one of the years, by what the catalogue says."""
    if not isinstance(source.fetch, PxWebFetch) or not source.fetch.select:
        return False  # only a search: there is no table to fetch
    coverage = _COVERAGE.fullmatch(source.lineage.coverage) if source.lineage else None
    if coverage:
        first, last = int(coverage[1] or 0), int(coverage[2] or _EVER)
        if not any(first <= year <= last for year in years):
            return False
    for column in source.fetch.select:
        words = (column.labels or column.codes) if column.to == "region" else None
        if words:
            named = {str(word).partition(" ")[0] for word in words}
            return any(region in named for region in regions)
    return True


def _runs(years: Years) -> str:
    """Return years as runs: ``2001, 2003-2011``."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
