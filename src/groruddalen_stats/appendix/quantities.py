"""Turns observations into quantities: the value of one series for one region and year, with where it came from."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Literal, NamedTuple

import pandas as pd

from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Sex
from groruddalen_stats.errors import ConfigError, RegionError
from groruddalen_stats.indicators import total
from groruddalen_stats.regions import Resolution
from groruddalen_stats.tidy.observations import STATUS_SIGNS, date_of

Kind = Literal["independent", "published", "prose"]
QUALIFIERS = ("about", "over")
UNDATED = "undated"
"""The flag of a number that the report's text states without a year; any other flag is a finding of the ledger."""
# Signs that say that there is no figure here. Where another way or source has one, that is the answer; a figure that is
# kept back (":") or is nil ("-") is an answer itself.
NO_FIGURE = frozenset({".", "..", "..."})

_AGE = re.compile(r"^(\d+)(?:-(\d+)|(\+))?$")
_OLDEST = 10_000


class Observation(NamedTuple):
    """One observation, without the parts of its key that the index already has."""

    sex: Sex
    age: str
    background: str
    detail: str
    value: float
    status: str
    origin: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value and how it came about.

    Attributes:
        value: the value, NaN when the source gives a status sign instead.
        kinds: the kinds of the sources used.
        sources: the sources used.
        origins: the raw cells added up.
        sign: the source's status sign when there is no value.
        qualifiers: ``about`` or ``over`` when a stated number is approximate.
        breaks: ids of the border breaks that separate the region from the report's.
        flags: what a reader must know of the numbers it is made of: the finding that one of them is known to be wrong
            by, or :data:`UNDATED`.
    """

    value: float
    kinds: frozenset[Kind]
    sources: tuple[str, ...]
    origins: tuple[str, ...]
    sign: str = ""
    qualifiers: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no value: a key of the reasons readers are given."""

    reason: str


def add(parts: Sequence[Quantity]) -> Quantity:
    """Return the sum of quantities; a part without a value leaves the sum without one and passes its sign on."""
    return Quantity(
        value=total(part.value for part in parts),
        kinds=frozenset().union(*(part.kinds for part in parts)),
        sources=tuple(dict.fromkeys(name for part in parts for name in part.sources)),
        origins=tuple(dict.fromkeys(origin for part in parts for origin in part.origins)),
        sign=next((part.sign for part in parts if part.sign), ""),
        qualifiers=tuple(dict.fromkeys(word for part in parts for word in part.qualifiers)),
        breaks=tuple(dict.fromkeys(key for part in parts for key in part.breaks)),
        flags=tuple(dict.fromkeys(key for part in parts for key in part.flags)),
    )


class Quantities:
    """All observations, findable by series, region and year, best source first.

    Args:
        observations: in the observation contract.
        wrong: printed counts that are known to be wrong, and the finding that says so.
    """

    def __init__(
        self, catalogue: Catalogue, observations: pd.DataFrame, wrong: Mapping[Term, str] | None = None
    ) -> None:
        self._catalogue = catalogue
        self._wrong = dict(wrong or {})
        index: dict[tuple[str, str, str], dict[tuple[str, str], list[Observation]]] = defaultdict(dict)
        keys = zip(*(observations[name].tolist() for name in ("source", "series", "region", "period")), strict=True)
        rows = (
            Observation(*row)
            for row in zip(*(observations[name].tolist() for name in Observation._fields), strict=True)
        )
        for (source, series, region, period), row in zip(keys, rows, strict=True):
            path = row.origin.partition("#")[0]
            index[series, region, period].setdefault((source, path), []).append(row)
        self._index = dict(index)
        self._resolutions: dict[tuple[str, int, bool, int, int], Resolution] = {}
        self._known = {(series, source) for (series, _, _), found in index.items() for source, _ in found}
        self._paths = {
            source: tuple(sorted({path for _, path in group}, key=_embedded_last))
            for source, group in _by_source(observations).items()
        }

    def years(self, series: str) -> dict[str, list[int]]:
        """Return the years in which each source has any figure of a series, rising."""
        return self._years.get(series, {})

    @cached_property
    def _years(self) -> dict[str, dict[str, list[int]]]:
        found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for (series, _, period), providers in self._index.items():
            if period[:4].isdigit():
                for (source, _), rows in providers.items():
                    if not all(math.isnan(row.value) for row in rows):
                        found[series][source].add(int(period[:4]))
        return {
            series: {source: sorted(years) for source, years in sources.items()} for series, sources in found.items()
        }

    def get(
        self, term: Term, *, sources: Sequence[str] | None = None, span: tuple[int, int] | None = None
    ) -> Quantity | Missing:
        """Return one quantity from the best source that has it whole.

        Args:
            term: the series, region and year, and how it is narrowed; a group of regions is added up from its parts.
            sources: the sources to ask, by default those of the series.
            span: first and last year of the series the number belongs to, for regions whose borders moved.

        Returns:
            The quantity, or why there is none.
        """
        if term.mean:
            return self._mean(term, sources, span)
        order = self._catalogue.indicators.series[term.series].sources if sources is None else sources
        reason, signed = "no_source", None
        for source in order:
            found = self._from_source(source, term, span)
            if isinstance(found, Missing):
                reason = found.reason if found.reason != "no_source" else reason
            elif found.sign in NO_FIGURE:
                signed = signed or found
            else:
                return found
        return self._from_members(term, sources, span, reason) or signed or Missing(reason)

    def _mean(self, term: Term, sources: Sequence[str] | None, span: tuple[int, int] | None) -> Quantity | Missing:
        parts: list[Quantity] = []
        for year in term.years:
            part = self.get(term.of_year(year), sources=sources, span=span)
            if isinstance(part, Missing):
                return part
            parts.append(part)
        both = add(parts)
        return replace(both, value=both.value / len(parts))

    def _from_source(self, source: str, term: Term, span: tuple[int, int] | None) -> Quantity | Missing:
        if (term.series, source) not in self._known:
            return Missing("no_source")
        spec = self._catalogue.sources.sources[source]
        resolution = self._resolve(term.region, term.year, spec.reference, span)
        ways = resolution.alternatives
        if spec.kind != "independent":
            # A printed total is no check of itself: its printed parts come before it. And the print speaks of the
            # region under its own name also where no unit of today's division adds up to it.
            own = ((term.region,),) if resolution.exact or resolution.missing == "old_bydeler" else ()
            ways = tuple(dict.fromkeys((*reversed(ways), *own)))
        key = str(term.year)
        if spec.reference == "division":
            # A division has no year: its figures hold for as long as it does.
            key = "division"
            if not self._catalogue.regions.division_known(term.region, date_of(str(term.year), "1_january")):
                return Missing("unknown_borders")
        parts = self._catalogue.indicators.series[term.series].backgrounds if self._has(term.series) else []
        signed: Quantity | None = None
        for path in self._paths.get(source, ()):
            for units in ways:
                taken: list[Observation] = []
                flags: list[str] = []
                for unit in units:
                    rows = self._index.get((term.series, unit, key), {}).get((source, path), [])
                    tiles = tile(rows, term, parts)
                    if tiles is None:
                        break
                    taken.extend(tiles)
                    if spec.kind == "published":
                        flags.extend(self._flags(tiles, term, unit))
                else:
                    found = _quantity(taken, source, spec.kind, self._breaks(resolution), flags)
                    if found.sign not in NO_FIGURE:
                        return found
                    signed = signed or found
        return signed or Missing(resolution.missing or "no_source")

    def _has(self, series: str) -> bool:
        # The check also asks for what a source has and no indicator uses.
        return series in self._catalogue.indicators.series

    def _flags(self, tiles: Sequence[Observation], term: Term, unit: str) -> Iterator[str]:
        for row in tiles:
            printed = replace(term, region=unit, sex=row.sex, age=row.age, background=row.background, detail=row.detail)
            if printed in self._wrong:
                yield self._wrong[printed]

    def _resolve(self, region: str, period: int, reference: str, span: tuple[int, int] | None) -> Resolution:
        first, last = span or (period, period)
        first, last = min(first, period), max(last, period)
        on_new_year = reference in {"1_january", "division"}
        key = (region, period, on_new_year, first, last)
        if key not in self._resolutions:
            days = [date_of(str(y), "1_january" if on_new_year else "year") for y in (first, period, last)]
            self._resolutions[key] = self._resolved(region, days)
        return self._resolutions[key]

    def _resolved(self, region: str, days: Sequence[dt.date]) -> Resolution:
        policy, regions = self._catalogue.run.borders, self._catalogue.regions
        try:
            return regions.resolve(region, days[1], policy, (days[0], days[2]))
        except RegionError:
            if region not in regions.ids:
                raise
            return Resolution(region, days[1], policy, (), exact=False, missing="moved_border")

    def _breaks(self, resolution: Resolution) -> tuple[str, ...]:
        # On the report's borders only an adjustment too small to undo remains, and only once it has happened.
        breaks = self._catalogue.regions.breaks
        return tuple(key for key in resolution.breaks if not resolution.exact or breaks[key].date <= resolution.date)

    def _from_members(
        self, term: Term, sources: Sequence[str] | None, span: tuple[int, int] | None, reason: str
    ) -> Quantity | None:
        members = self._catalogue.regions.members(term.region)
        if not members or reason == "moved_border" or term.region in members:
            return None
        if any(member.startswith("k") for member in members):
            return None
        parts = [self.get(replace(term, region=member), sources=sources, span=span) for member in members]
        found = [part for part in parts if isinstance(part, Quantity)]
        return add(found) if len(found) == len(parts) else None


def _quantity(
    rows: Sequence[Observation], source: str, kind: Kind, breaks: tuple[str, ...], flags: Sequence[str]
) -> Quantity:
    signs = [row.status for row in rows if row.status in STATUS_SIGNS and math.isnan(row.value)]
    return Quantity(
        value=total(row.value for row in rows),
        kinds=frozenset([kind]),
        sources=(source,),
        origins=tuple(row.origin for row in rows),
        sign=signs[0] if signs else "",
        qualifiers=tuple(dict.fromkeys(row.status for row in rows if row.status in QUALIFIERS)),
        breaks=breaks,
        flags=tuple(dict.fromkeys([*flags, *(UNDATED for row in rows if row.status == UNDATED)])),
    )


def _by_source(observations: pd.DataFrame) -> dict[str, set[tuple[str, str]]]:
    pairs = observations[["source", "origin"]].copy()
    pairs["path"] = pairs["origin"].str.partition("#")[0]
    result: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, path in pairs[["source", "path"]].drop_duplicates().itertuples(index=False):
        result[source].add((source, path))
    return dict(result)


def _embedded_last(path: str) -> tuple[bool, str]:
    # A fetched answer is JSON-stat; the embedded snapshot is CSV and stands behind it.
    return not path.endswith(".json"), path


def ages(band: str) -> tuple[int, int]:
    """Return the first and last year of age of ``0-5``, ``15``, ``80+`` or ``all``.

    Raises:
        ConfigError: when the text is no age band.
    """
    if band == "all":
        return 0, _OLDEST
    match = _AGE.match(band)
    if not match:
        raise ConfigError(f"'{band}' is not an age band", where="age", remedy="write 0-5, 15, 80+ or all")
    first = int(match.group(1))
    if match.group(3):
        return first, _OLDEST
    return first, int(match.group(2) or first)


def tile(rows: Iterable[Observation], term: Term, backgrounds: Sequence[str] = ()) -> list[Observation] | None:
    """Return the rows that add up exactly to what a term asks for, or None when they do not cover it.

    Sexes, age bands and backgrounds are put together without gap or overlap; a row that already is what is asked for
    comes first.

    Args:
        rows: observations of one series, region and year of one raw file.
        term: what is asked for.
        backgrounds: those that add up to all.
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


def origins_text(origins: Sequence[str]) -> str:
    """Return raw cells in short form: runs of lines or of flat indices of one file are written as a range."""
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    loose: list[str] = []
    for origin in origins:
        match = re.match(r"^(.*)#([Lv])(\d+)(:.*)?$", origin)
        if match:
            groups[match.group(1), match.group(2), match.group(4) or ""].append(int(match.group(3)))
        else:
            loose.append(origin)
    parts = []
    for (path, mark, column), numbers in groups.items():
        runs = ",".join(_runs(sorted(set(numbers)), mark))
        parts.append(f"{path}#{runs}{column}")
    return " ".join([*parts, *loose])


def _runs(numbers: Sequence[int], mark: str) -> Iterator[str]:
    start = previous = numbers[0]
    for number in [*numbers[1:], None]:
        if number is not None and number == previous + 1:
            previous = number
            continue
        yield f"{mark}{start}" if start == previous else f"{mark}{start}-{mark}{previous}"
        if number is not None:
            start = previous = number
