"""What each place covers at any date, in places of the reference date."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from groruddalen_stats.regions.models import Division, Names, RegionsFile

UnitKind = Literal["country", "counties", "municipalities", "bydeler", "bydeler_1988"]

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegionUnit:
    """A place that a source can have a figure for, valid from ``first`` to ``last`` inclusive."""

    id: str
    kind: UnitKind
    name: Names
    code: str
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max
    successors: tuple[str, ...] = ()

    def valid(self, date: dt.date) -> bool:
        return self.first <= date <= self.last

    def nearest(self, date: dt.date) -> dt.date:
        """Return the date of its validity that is nearest to ``date``."""
        return min(max(date, self.first), self.last)


def units_in(file: RegionsFile) -> Iterator[RegionUnit]:
    """Yield every unit of the file, in its order; an id used twice is yielded twice."""
    for key, country in file.country.items():
        yield RegionUnit(key, "country", country.name, "")
    for key, county in file.counties.items():
        yield RegionUnit(key, "counties", county.name, key.removeprefix("f"), county.valid_from, county.valid_to)
    for key, place in file.municipalities.items():
        yield RegionUnit(
            key,
            "municipalities",
            Names(nb=place.name, en=place.name),
            place.code or key.removeprefix("k"),
            place.valid_from,
            place.valid_to,
            tuple(place.successors),
        )
    divisions: list[tuple[UnitKind, Division]] = [("bydeler", file.bydeler), ("bydeler_1988", file.bydeler_1988)]
    for kind, division in divisions:
        for key, bydel in division.units.items():
            name = Names(nb=bydel.name, en=bydel.name) if isinstance(bydel.name, str) else bydel.name
            successors = tuple(bydel.successors)
            yield RegionUnit(key, kind, name, bydel.code, division.valid_from, division.valid_to, successors)


class Footprints:
    """What each municipality and bydel covers at any date, as sets of those valid at the reference date."""

    def __init__(self, units: Iterable[RegionUnit], reference: dt.date) -> None:
        self._units = {unit.id: unit for unit in units if unit.kind not in {"country", "counties"}}
        self._reference = reference
        self._predecessors: dict[str, list[RegionUnit]] = {key: [] for key in self._units}
        changes: set[dt.date] = set()
        for unit in self._units.values():
            changes.add(unit.first)
            if unit.last != dt.date.max:
                changes.add(unit.last + DAY)
            for successor in unit.successors:
                self._predecessors[successor].append(unit)
        self._changes = sorted(changes)
        self._at: dict[int, dict[str, frozenset[str]]] = {}

    def at(self, date: dt.date) -> Mapping[str, frozenset[str]]:
        """Return every unit valid at ``date`` with the reference units it covers wholly or in part."""
        # Between two changes nothing moves, so one answer serves every date of the stretch.
        stretch = bisect.bisect_right(self._changes, date)
        if stretch not in self._at:
            self._at[stretch] = {
                unit.id: self._covered(unit, date) for unit in self._units.values() if unit.valid(date)
            }
        return self._at[stretch]

    def of(self, unit: RegionUnit, date: dt.date) -> frozenset[str]:
        """Return what ``unit`` covers at the date of its validity nearest to ``date``."""
        return self._covered(unit, unit.nearest(date))

    def _covered(self, unit: RegionUnit, date: dt.date) -> frozenset[str]:
        if date < self._reference:
            return frozenset(self._later(unit))
        return frozenset(self._earlier(unit, date))

    def _later(self, unit: RegionUnit) -> Iterator[str]:
        if unit.last >= self._reference:
            yield unit.id
            return
        for successor in unit.successors:
            yield from self._later(self._units[successor])

    def _earlier(self, unit: RegionUnit, date: dt.date) -> Iterator[str]:
        if unit.first <= self._reference:
            yield unit.id
        for predecessor in self._predecessors[unit.id]:
            if self._reference <= predecessor.last < date:
                yield from self._earlier(predecessor, predecessor.last)
