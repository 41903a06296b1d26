"""What each place covers at any date, in places of the reference date."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from groruddalen_stats.config.load import read_rows
from groruddalen_stats.config.models import Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.regions.models import Municipality, PlaceRow

UnitKind = Literal["country", "counties", "municipalities", "bydeler", "bydeler_1988"]

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegionUnit:
    """A place that a source can have a figure for, valid from ``first`` to ``last`` inclusive.

    ``where`` is the line of the table that it stands in.
    """

    id: str
    kind: UnitKind
    name: Text
    code: str
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max
    successors: tuple[str, ...] = ()
    where: str = ""

    def valid(self, date: dt.date) -> bool:
        return self.first <= date <= self.last

    def nearest(self, date: dt.date) -> dt.date:
        """Return the date of its validity that is nearest to ``date``."""
        return min(max(date, self.first), self.last)


def table(path: Path, name: str) -> Path:
    """Return a table that belongs to a regions.yaml."""
    return path.with_suffix("") / f"{name}.csv"


def places_in(path: Path) -> list[RegionUnit]:
    """Return every unit of the tables beside a regions.yaml; an id used twice is there twice."""
    of_places, of_municipalities = table(path, "places"), table(path, "municipalities")
    places, faults = read_rows(PlaceRow, of_places)
    municipalities, more = read_rows(Municipality, of_municipalities)
    ConfigError.tell([*faults, *more])
    units: list[RegionUnit] = []
    for line, row in municipalities.items():
        name, valid, where = (
            Text(nb=row.name, en=row.name),
            (row.valid_from, row.valid_to),
            f"{of_municipalities}:{line}",
        )
        units.append(RegionUnit(row.id, "municipalities", name, row.code, *valid, row.successors, where))
    for line, place in places.items():
        valid, where = (place.valid_from, place.valid_to), f"{of_places}:{line}"
        units.append(RegionUnit(place.id, place.kind, place.text("name"), place.code, *valid, place.successors, where))
    return units


class Footprints:
    """What the area of municipalities or bydeler of one date consists of at another."""

    def __init__(self, units: Iterable[RegionUnit]) -> None:
        self._units = {unit.id: unit for unit in units if unit.kind not in {"country", "counties"}}
        self._predecessors: dict[str, list[RegionUnit]] = {key: [] for key in self._units}
        for unit in self._units.values():
            for successor in unit.successors:
                self._predecessors[successor].append(unit)
        ends = {unit.last + DAY for unit in self._units.values() if unit.last != dt.date.max}
        self._changes = sorted(ends.union(unit.first for unit in self._units.values()))
        self._order = {key: number for number, key in enumerate(self._units)}

    def in_order(self, units: Iterable[str]) -> tuple[str, ...]:
        """Return units once each, in the order of the file."""
        return tuple(sorted(set(units), key=self._order.__getitem__))

    def followed(self, places: Iterable[str], date: dt.date, then: dt.date) -> tuple[frozenset[str], bool]:
        """Return the units that have ``then`` the area that ``places`` have at ``date``, and whether they have no more.

        A merger inside the area or a new code changes only the units; a place that was divided, or merged with one
        outside, leaves others than the area, for nobody has counted its parts.
        """
        found, exact, forward = frozenset(places), True, date < then
        first, last = min(date, then), max(date, then)
        changes = self._changes[bisect.bisect_right(self._changes, first) : bisect.bisect_right(self._changes, last)]
        there, back = (self._after, self._before) if forward else (self._before, self._after)
        for change in changes if forward else reversed(changes):
            moved = frozenset(unit for place in found for unit in there(place, change))
            exact = exact and {place for unit in moved for place in back(unit, change)} == found
            found = moved
        return found, exact

    def _after(self, place: str, change: dt.date) -> Iterable[str]:
        """Return what a place valid on the eve of ``change`` becomes."""
        unit = self._units[place]
        return (place,) if unit.last >= change else unit.successors

    def _before(self, place: str, change: dt.date) -> Iterator[str]:
        """Yield what a place valid on the day of ``change`` was made of on its eve."""
        if self._units[place].first < change:
            yield place
        yield from (unit.id for unit in self._predecessors[place] if unit.last == change - DAY)

    def origins(self, places: Iterable[str]) -> frozenset[str]:
        """Return places with all that they came from, wholly or in part."""
        found: set[str] = set()
        open_ = [*places]
        while open_:
            found.add(place := open_.pop())
            open_ += (unit.id for unit in self._predecessors[place] if unit.id not in found)
        return frozenset(found)
