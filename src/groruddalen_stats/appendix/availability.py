"""What an appendix asks for and no source has: one line per object, with the source to go to."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.layout import layout, same_statistic
from groruddalen_stats.appendix.model import Cell, Missing
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import Source
from groruddalen_stats.errors import ConfigError, Fault

__all__ = ["faults", "require", "serves"]

_COVERAGE = re.compile(r"(\d{4})?-(\d{4})?")
_NAMED = 5  # more regions than this are counted, not named


@dataclass(slots=True)
class _Gap:
    """One kind of figure that an object asks for: where and when, and the years that some source has."""

    label: str
    regions: dict[str, None] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)
    exists: frozenset[int] = frozenset()
    remedy: str = "no source is known: add one to config/sources/"

    def text(self, everywhere: AbstractSet[str], name: Callable[[str], str]) -> str:
        """Return it in words; regions are named unless they are all that the object has."""
        names = [name(region) for region in self.regions if region]
        where = f" in {len(names)} regions" if len(names) > _NAMED else f" in {', '.join(names)}" if names else ""
        near = {min(self.exists, key=lambda year: (abs(year - asked), year)) for asked in self.years if self.exists}
        known = f"there is {_runs(self.exists)}, nearest {_runs(near)}" if self.exists else "no year exists"
        return f"{self.label}{'' if everywhere <= self.regions.keys() else where} for {_runs(self.years)} ({known})"


def faults(compute: Compute, cells: Iterable[Cell]) -> list[Fault]:
    """Return one fault per object that asks for what no source has, in the order of the appendix.

    A number that the report itself asks for is no gap: what the print has only as an image is known. Nor is a cell
    that is missing because a border moved: no source could fill it.
    """
    catalogue = compute.catalogue
    gaps: dict[str, dict[str, _Gap]] = {}
    everywhere: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        everywhere[cell.place.object].add(cell.spec.region or "")
        printed = layout(cell.place.object, catalogue, catalogue.print_edition).cells.get(cell.place[1:])
        if not cell.missing or same_statistic(cell.spec, printed) or cell.spec.remainder_of or cell.spec.sum_of:
            continue
        for label, term in _wanted(cell, compute):
            gap = gaps.setdefault(cell.place.object, {}).setdefault(label, _Gap(label))
            gap.regions[cell.spec.region or ""] = None
            gap.years.update(term.years if term else (cell.spec.year,))
            if term:
                gap.exists, gap.remedy = _known(term, compute), _remedy(term, gap, compute)

    def name(region: str) -> str:
        return catalogue.regions.name(region, "en")

    return [
        Fault(
            "; ".join(gap.text(everywhere[key], name) for gap in of_object.values()),
            key,
            "; ".join(dict.fromkeys(gap.remedy for gap in of_object.values())),
        )
        for key, of_object in gaps.items()
    ]


def require(compute: Compute, cells: Iterable[Cell]) -> None:
    """Stop, or say on stderr what is missing, as the edition's ``on_missing`` wants.

    Raises:
        ConfigError: with ``on_missing: fail``, one fault per object that asks for what no source has.
    """
    found = faults(compute, cells)
    if found and compute.catalogue.edition.on_missing == "fail":
        raise ConfigError(faults=found)
    if found:
        print("marked as missing, because no source has it:", *found, sep="\n  ", file=sys.stderr)  # noqa: T201


def _wanted(cell: Cell, compute: Compute) -> Iterator[tuple[str, Term | None]]:
    """Yield what one cell lacks: what it is called and the term, none where no term says it."""
    catalogue = compute.catalogue
    found = terms_of(cell.spec, catalogue.indicators).all()
    if not found:
        yield catalogue.text(catalogue.appendix.objects[cell.place.object].title, "en"), None
    for term in found:
        missing = compute.find(term)
        # A moved border hides figures that exist; where the year has none at all the border is beside the point.
        if isinstance(missing, Missing) and (
            missing.reason == "no_source" or not _known(term, compute).issuperset(term.years)
        ):
            yield _label(term, compute), term


def _label(term: Term, compute: Compute) -> str:
    words = [compute.catalogue.indicators.series[term.series].label.en]
    words += [f"aged {term.age}"] if term.age != "all" else []
    words += ["by sex"] if term.sex != "both" else []
    words += ["by background"] if term.background != "all" else []
    return " ".join(words)


def _known(term: Term, compute: Compute) -> frozenset[int]:
    """Return the years in which any source has any figure of the term's series."""
    known = compute.find.among.years.get(term.series, {})
    return frozenset().union(*(known.get(source, ()) for source in _sources(term, compute)))


def _sources(term: Term, compute: Compute) -> Sequence[str]:
    return compute.catalogue.indicators.series[term.series].sources


def _remedy(term: Term, gap: _Gap, compute: Compute) -> str:
    """Return where to go: a source that can be fetched and is not known to lack it, else one that has other years."""
    sources, regions = compute.catalogue.sources.sources, compute.catalogue.regions
    # A group can be added up from its members.
    places = {part for name in gap.regions if name for part in (name, *regions.members(name))}
    for name in _sources(term, compute):
        if serves(sources[name], places, gap.years):
            return f"make fetch SOURCE={name}"
    known = compute.find.among.years.get(term.series, {})
    for name in _sources(term, compute):
        if sources[name].kind == "independent" and name in known:
            return f"add these years to {name}"
    return gap.remedy


def serves(source: Source, regions: Collection[str], years: Collection[int]) -> bool:
    """Return whether a live source can have one of the regions in one of the years, by what the catalogue says."""
    if not isinstance(source.fetch, PxWebFetch) or not source.fetch.select:
        return False  # only a search: there is no table to fetch
    coverage = _COVERAGE.fullmatch(source.lineage.coverage) if source.lineage else None
    if coverage and not any(int(coverage[1] or year) <= year <= int(coverage[2] or year) for year in years):
        return False
    for column in source.fetch.select:
        words = (column.labels or column.codes) if column.to == "region" else None
        if words:
            return not {str(word).partition(" ")[0] for word in words}.isdisjoint(regions)
    return True


def _runs(years: Iterable[int]) -> str:
    """Return years as runs: ``2001, 2003-2011``."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
