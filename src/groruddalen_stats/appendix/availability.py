"""What an appendix asks for and no source has: one line per object, with the source to go to."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.layout import layout, same_statistic
from groruddalen_stats.appendix.model import Cell, Missing
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import Source
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.numbers import runs_of

__all__ = ["faults", "require", "serves"]

_COVERAGE = re.compile(r"(\d{4})?-(\d{4})?")


@dataclass(slots=True)
class _Gap:
    """What an object lacks: how many numbers, of which years, and the sources that can be fetched for them."""

    numbers: int = 0
    years: set[int] = field(default_factory=set)
    sources: dict[str, None] = field(default_factory=dict)


def faults(compute: Compute, cells: Iterable[Cell]) -> list[Fault]:
    """Return one fault per object that asks for what no source has, in the order of the appendix and its language.

    A number that the report itself asks for is no gap: what the print has only as an image is known. Nor is a cell
    that is missing because a border moved: no source could fill it.
    """
    catalogue = compute.catalogue
    gaps: dict[str, _Gap] = {}
    for cell in cells:
        printed = layout(cell.place.object, catalogue, catalogue.print_edition).cells.get(cell.place[1:])
        if not cell.missing or same_statistic(cell.spec, printed) or cell.spec.remainder_of or cell.spec.sum_of:
            continue
        lacking = [*_lacking(cell, compute)]
        if not lacking and terms_of(cell.spec, catalogue.indicators).all():
            continue
        gap = gaps.setdefault(cell.place.object, _Gap())
        gap.numbers += 1
        gap.years.update(year for term in lacking for year in term.years)
        gap.years.update(() if lacking else (cell.spec.year,))
        for term in lacking:
            gap.sources.update(dict.fromkeys(_fetchable(term, cell.spec.region or "", compute)))

    words, language = catalogue.labels.words, catalogue.run.language

    def fault(name: str, gap: _Gap) -> Fault:
        spec = catalogue.appendix.objects[name]
        said = words["lacking"][language].replace("{numbers}", f"{gap.numbers}").replace("{years}", _listed(gap.years))
        remedy = f'make fetch SOURCE="{" ".join(gap.sources)}"' if gap.sources else words["source_none"][language]
        return Fault(said, words[spec.kind][language].replace("{number}", spec.number), remedy)

    return [fault(name, gap) for name, gap in gaps.items()]


def require(compute: Compute, cells: Iterable[Cell]) -> None:
    """Stop, or say on stderr what is missing, as the edition's ``on_missing`` wants."""
    found = faults(compute, cells)
    if found and compute.catalogue.edition.on_missing == "fail":
        raise ConfigError(faults=found)
    if found:
        heading = compute.catalogue.labels.words["lacking_heading"][compute.catalogue.run.language]
        print(heading, *found, sep="\n  ", file=sys.stderr)  # noqa: T201


def _lacking(cell: Cell, compute: Compute) -> Iterator[Term]:
    """Yield what one cell needs and no source has."""
    for term in terms_of(cell.spec, compute.catalogue.indicators).all():
        missing = compute.find(term)
        # A moved border hides figures that exist; where the year has none at all the border is beside the point.
        if isinstance(missing, Missing) and (
            missing.reason == "no_source" or not _known(term, compute).issuperset(term.years)
        ):
            yield term


def _known(term: Term, compute: Compute) -> frozenset[int]:
    """Return the years in which any source has any figure of the term's series."""
    known = compute.find.among.years.get(term.series, {})
    sources = compute.catalogue.indicators.series[term.series].sources
    return frozenset().union(*(known.get(source, ()) for source in sources))


def _fetchable(term: Term, region: str, compute: Compute) -> Iterator[str]:
    """Yield the first source that can be fetched and is not known to lack the term."""
    regions, sources = compute.catalogue.regions, compute.catalogue.sources.sources
    # A group can be added up from its members.
    places = {region, *regions.members(region)} if region else set()
    for name in compute.catalogue.indicators.series[term.series].sources:
        if serves(sources[name], places, term.years):
            yield name
            return


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


def _listed(years: Iterable[int]) -> str:
    """Return years as runs: ``2001, 2003–2011``."""
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in runs_of(years))
