"""The figure of a series for one region and year, from the best source that has it whole.

The only place that knows the order of sources, what borders do to a region and how ages, sexes and backgrounds are put
together.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import product
from typing import TypeAlias

import pandas as pd

from groruddalen_stats.ages import ages
from groruddalen_stats.appendix.model import Basis, Flag, FlagKind, Missing, Observation, Origin, Value, add, merged
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.config.models import Series, Source
from groruddalen_stats.errors import RegionError
from groruddalen_stats.indicators import total
from groruddalen_stats.regions import Policy, Regions, Resolution
from groruddalen_stats.tidy.observations import DIVISION, STATUS_SIGNS, date_of

QUALIFIERS = frozenset({"about", "over"})
# Signs that say that there is no figure here. Where another way or source has one, that is the answer; a figure that is
# kept back (":") or is nil ("-") is an answer itself.
NO_FIGURE = frozenset({".", "..", "..."})
BASIS = {"independent": Basis.SOURCE, "published": Basis.TRANSCRIBED, "prose": Basis.PROSE}

Span = tuple[int, int]


Delivery: TypeAlias = tuple[str, str, str, str]
"""Source, raw file, series and period."""


class Observations:
    """All observations, indexed once by raw file, series, period and region.

    Attributes:
        providers: each series with each source that has it.
        given: what was found out of terms on some borders: whether an independent source has a number.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        origins = map(Origin, *(table[name].tolist() for name in ("snapshot", "first", "last", "cells", "column")))
        names = ("sex", "age", "background", "detail", "value", "status")
        rows = map(Observation, *(table[name].tolist() for name in names), origins)
        keys = zip(*(table[name].tolist() for name in ("source", "series", "period", "region")), strict=True)
        index: dict[Delivery, dict[str, list[Observation]]] = defaultdict(dict)
        for (source, series, period, region), row in zip(keys, rows, strict=True):
            index[source, row.origin.snapshot, series, period].setdefault(region, []).append(row)
        self._take(index)

    def _take(self, index: Mapping[Delivery, Mapping[str, list[Observation]]]) -> None:
        self._index = index
        self._snapshots: dict[str, set[str]] = defaultdict(set)
        for source, snapshot, _, _ in index:
            self._snapshots[source].add(snapshot)
        self.providers = {(series, source) for source, _, series, _ in index}
        self._timeless = {series for _, _, series, period in index if period == DIVISION}
        self.given: dict[tuple[Term, Policy], bool] = {}

    def without(self, snapshots: Collection[str]) -> Observations:
        """Return the same without what some raw files hold."""
        made = object.__new__(Observations)
        made._take({key: rows for key, rows in self._index.items() if key[1] not in snapshots})
        return made

    def by_region(self, source: str, snapshot: str, series: str, period: str) -> Mapping[str, list[Observation]]:
        """Return the observations of a series and a period in one raw file, by region."""
        return self._index.get((source, snapshot, series, period), {})

    def snapshots(self, source: str, first: Collection[str]) -> list[str]:
        """Return the raw files of a source, those of ``first`` before all others."""
        return sorted(self._snapshots.get(source, ()), key=lambda path: (path not in first, path))

    def has_none(self, series: str, year: int) -> bool:
        """Return whether no source has a figure of a series for any region in a year; one without years may have some."""
        known = self.years.get(series, {})
        return bool(known) and series not in self._timeless and not any(year in years for years in known.values())

    @cached_property
    def _places(self) -> Mapping[Origin, list[tuple[tuple[str, str, str, str], str]]]:
        found: dict[Origin, list[tuple[tuple[str, str, str, str], str]]] = defaultdict(list)
        for key, regions in self._index.items():
            for region, rows in regions.items():
                for row in rows:
                    found[row.origin].append((key, region))
        return found

    def changed(self, numbers: Mapping[Origin, float]) -> Observations:
        """Return the same observations with other numbers at some raw figures."""
        index = dict(self._index)
        for key, region in (place for origin in numbers for place in self._places.get(origin, ())):
            new = [row._replace(number=numbers.get(row.origin, row.number)) for row in index[key][region]]
            index[key] = {**index[key], region: new}
        other = copy(self)
        vars(other)["_index"] = index
        other.given = {}
        return other

    @cached_property
    def years(self) -> Mapping[str, Mapping[str, frozenset[int]]]:
        """The years in which each source has any figure of a series."""
        found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for (source, _, series, period), regions in self._index.items():
            if period != DIVISION and not all(math.isnan(row.number) for rows in regions.values() for row in rows):
                found[series][source].add(date_of(period, "year").year)
        return {
            series: {source: frozenset(years) for source, years in sources.items()} for series, sources in found.items()
        }


class Find:
    """Answers what a term is.

    Args:
        wrong: printed counts that are known to be wrong, and the finding that says so.
        reached: the year whose borders every harmonised series reaches at least, so that a group and its parts agree.
    """

    def __init__(
        self,
        among: Observations,
        series: Mapping[str, Series],
        sources: Mapping[str, Source],
        regions: Regions,
        policy: Policy,
        wrong: Mapping[Term, str],
        reached: int = 0,
    ) -> None:
        self.among, self.regions = among, regions
        self._series, self._sources, self._policy, self._wrong = series, sources, policy, wrong
        self._fetched = {name: frozenset(source.fetched(name).values()) for name, source in sources.items()}
        self._reached = reached if policy == "harmonised" else 0
        # The denominator of one cell is that of many.
        self._found: dict[tuple[Term, tuple[str, ...] | None, Span | None], Value | Missing] = {}
        self._resolutions: dict[tuple[str, int, bool, int, int], Resolution] = {}

    def asking(self, among: Observations) -> Find:
        """Return the same that asks other observations, and remembers nothing of these."""
        other = copy(self)
        vars(other).update(among=among, _found={})
        return other

    def __call__(self, term: Term, sources: Sequence[str] | None = None, span: Span | None = None) -> Value | Missing:
        """Return the value of a term, or why there is none.

        Args:
            term: the series, region and year, and how it is narrowed; a group of regions is added up from its parts.
            sources: the sources to ask, by default those of the series.
            span: first and last year of the series the number belongs to, for regions whose borders moved.
        """
        key = (term, None if sources is None else tuple(sources), span)
        if key not in self._found:
            self._found[key] = self._first(term, sources, span)
        return self._found[key]

    def _first(self, term: Term, sources: Sequence[str] | None, span: Span | None) -> Value | Missing:
        if term.mean:
            return self._mean(term, sources, span)
        order = self._series[term.series].sources if sources is None else sources
        reason, signed = "no_source", None
        for source in order:
            found = self._from_source(source, term, span)
            if isinstance(found, Missing):
                reason = found.reason if found.reason != "no_source" else reason
            elif found.sign in NO_FIGURE:
                signed = signed or found
            else:
                return found
        added = self._from_members(term, sources, span, reason)
        return added if isinstance(added, Value) else signed or added

    def _mean(self, term: Term, sources: Sequence[str] | None, span: Span | None) -> Value | Missing:
        parts = [self(term.of_year(year), sources, span) for year in term.years]
        missing = next((part for part in parts if isinstance(part, Missing)), None)
        if missing is not None:
            return missing
        values = [part for part in parts if isinstance(part, Value)]
        return merged(values, total(value.number for value in values) / len(values))

    def _from_source(self, name: str, term: Term, span: Span | None) -> Value | Missing:
        if (term.series, name) not in self.among.providers:
            return Missing("no_source")
        source = self._sources[name]
        resolution = self._resolve(term.region, term.year, source.reference, span)
        ways = resolution.alternatives
        if source.kind != "independent":
            # A printed total is no check of itself: its printed parts come before it. And the print speaks of the
            # region under its own name also where no unit of today's division adds up to it.
            own = ((term.region,),) if resolution.exact or resolution.missing == "old_bydeler" else ()
            ways = tuple(dict.fromkeys((*reversed(ways), *own)))
        period = str(term.year)
        if source.reference == "division":
            # A division has no year: its figures hold for as long as it does.
            period = DIVISION
            if not self.regions.division_known(term.region, date_of(str(term.year), "1_january")):
                return Missing("unknown_borders")
        signed: Value | None = None
        for by_region in self._by_region(name, term.series, period):
            for units in ways:
                taken = self._taken(by_region, units, term)
                if taken is None:
                    continue
                flags = [
                    *self._wrong_in(taken, term, source),
                    *(Flag(FlagKind.BORDER, key) for key in self._breaks(resolution)),
                ]
                found = _value([row for _, row in taken], name, BASIS[source.kind], flags)
                if found.sign not in NO_FIGURE:
                    return found
                signed = signed or found
        return signed or Missing(resolution.missing or "no_source")

    def _by_region(self, name: str, series: str, period: str) -> Iterator[Mapping[str, list[Observation]]]:
        """Yield the observations of a source by region: those of each file, then those of all embedded ones.

        The embedded files of a source are one delivery, and what is added up may stand in several of them.
        """
        fetched = self._fetched[name]
        embedded: list[Mapping[str, list[Observation]]] = []
        for snapshot in self.among.snapshots(name, fetched):
            if found := self.among.by_region(name, snapshot, series, period):
                yield found
                embedded += [found] if snapshot not in fetched else []
        if len(embedded) > 1:
            yield {key: rows for found in reversed(embedded) for key, rows in found.items()}

    def _taken(
        self, by_region: Mapping[str, list[Observation]], units: Sequence[str], term: Term
    ) -> list[tuple[str, Observation]] | None:
        """Return the observations of all units that add up to a term, each with its unit; None without all of them."""
        # The check also asks for what a source has and no indicator uses.
        parts = self._series[term.series].backgrounds if term.series in self._series else []
        taken: list[tuple[str, Observation]] = []
        for unit in units:
            rows = by_region.get(unit)
            covered = exact_cover(rows, term, parts) if rows else None
            if covered is None:
                return None
            taken += ((unit, row) for row in covered)
        return taken

    def _wrong_in(self, taken: Iterable[tuple[str, Observation]], term: Term, source: Source) -> Iterator[Flag]:
        if source.kind != "published":
            return
        for unit, row in taken:
            printed = term._replace(region=unit, sex=row.sex, age=row.age, background=row.background, detail=row.detail)
            if printed in self._wrong:
                yield Flag(FlagKind.KNOWN_WRONG, self._wrong[printed])

    def _resolve(self, region: str, period: int, reference: str, span: Span | None) -> Resolution:
        first, last = span or (period, period)
        first, last = min(first, period), max(last, period, self._reached)
        on_new_year = reference in {"1_january", "division"}
        key = (region, period, on_new_year, first, last)
        if key not in self._resolutions:
            begins, day, ends = (date_of(str(y), "1_january" if on_new_year else "year") for y in (first, period, last))
            try:
                self._resolutions[key] = self.regions.resolve(region, day, self._policy, (begins, ends))
            except RegionError:
                if region not in self.regions.ids:
                    raise
                self._resolutions[key] = Resolution(day, missing="moved_border")
        return self._resolutions[key]

    def _breaks(self, resolution: Resolution) -> Iterator[str]:
        # On the report's borders only an adjustment too small to undo remains, and only once it has happened.
        breaks = self.regions.breaks
        return (key for key in resolution.breaks if not resolution.exact or breaks[key].date <= resolution.date)

    def _from_members(
        self, term: Term, sources: Sequence[str] | None, span: Span | None, reason: str
    ) -> Value | Missing:
        """Return the sum of a group's members, or why there is none: municipalities are added up by their borders alone."""
        members, only_sum = self.regions.members(term.region), term.region in self.regions.sums
        if not members or reason == "moved_border" or term.region in members:
            return Missing(reason)
        if not (only_sum or self.regions.municipalities.isdisjoint(members)):
            return Missing(reason)
        parts = [self(term._replace(region=member), sources, span) for member in members]
        found = [part for part in parts if isinstance(part, Value)]
        missing = next((part.reason for part in parts if isinstance(part, Missing)), reason)
        return add(found) if len(found) == len(parts) else Missing(missing if only_sum else reason)


def _value(rows: Sequence[Observation], source: str, basis: Basis, flags: Iterable[Flag]) -> Value:
    words = [row.status for row in rows]
    signs = [row.status for row in rows if row.status in STATUS_SIGNS and math.isnan(row.number)]
    said = [
        *(Flag(FlagKind.UNDATED) for word in words if word == "undated"),
        *(Flag(FlagKind.APPROXIMATE, word) for word in words if word in QUALIFIERS),
    ]
    return Value(
        number=total(row.number for row in rows),
        basis=basis,
        sign=signs[0] if signs else "",
        sources=(source,),
        origins=tuple(row.origin for row in rows),
        flags=tuple(dict.fromkeys([*flags, *said])),
        rests_on=(basis,),
    )


def exact_cover(rows: Iterable[Observation], term: Term, backgrounds: Sequence[str] = ()) -> list[Observation] | None:
    """Return the rows that add up exactly to what a term asks for, or None when they do not cover it.

    Sexes, age bands and backgrounds are put together without gap or overlap; a row that already is what is asked for
    comes first.
    """
    candidates = [row for row in rows if row.detail == term.detail]
    sexes = [("both",), ("women", "men")] if term.sex == "both" else [(term.sex,)]
    groups: list[Sequence[str]] = [(term.background,)]
    if term.background == "all" and backgrounds:
        groups.append(backgrounds)
    for group in groups:
        for option in sexes:
            chosen: list[Observation] = []
            for background, sex in product(group, option):
                of_one = [row for row in candidates if row.sex == sex and row.background == background]
                covered = _cover(of_one, term.age)
                if covered is None:
                    break
                chosen.extend(covered)
            else:
                return chosen
    return None


def _cover(rows: Sequence[Observation], band: str) -> list[Observation] | None:
    exact = [row for row in rows if row.age == band]
    if exact:
        return exact[:1]
    first, last = ages(band)
    by_start: dict[int, list[tuple[int, Observation]]] = defaultdict(list)
    for row in rows:
        start, end = ages(row.age)
        if first <= start and end <= last:
            by_start[start].append((end, row))

    def walk(start: int) -> Iterator[list[Observation]]:
        for end, row in sorted(by_start.get(start, []), key=lambda pair: -pair[0]):
            if end == last:
                yield [row]
            else:
                for rest in walk(end + 1):
                    yield [row, *rest]

    return next(walk(first), None)
