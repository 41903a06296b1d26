"""The units whose figures add up to a region at a date, and the unit that a source's code stands for.

Borders move, codes are used again, and a county is not what its name says after 2019. Everything that has to know
so asks here; what is known stands in config/regions.yaml and the tables in config/regions.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from groruddalen_stats.config.load import load_model, read_rows
from groruddalen_stats.config.models import Text
from groruddalen_stats.errors import ConfigError, RegionError, did_you_mean
from groruddalen_stats.numbers import Language
from groruddalen_stats.regions import checks
from groruddalen_stats.regions.models import Break, Group, Reason, RegionsFile
from groruddalen_stats.regions.units import Footprints, RegionUnit, places_in, table

__all__ = ["Break", "Policy", "Regions", "Resolution", "load"]

Policy = Literal["report", "current", "harmonised"]
_MANY = 20
"""Places side by side at most: more are no longer told apart."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """How to get the value of a region at a date.

    Attributes:
        alternatives: ways to get the value, best first; each is a plain sum of the units named.
        exact: the borders are those of the report, or a place's own at the date.
        breaks: ids of the breaks that moved the region's border, in the order of the file.
        missing: why there is no way; ``None`` when there is one.
    """

    date: dt.date
    alternatives: tuple[tuple[str, ...], ...] = ()
    exact: bool = False
    breaks: tuple[str, ...] = ()
    missing: Reason | None = None


class Regions:
    """All regions of config/regions.yaml; made by :func:`load`.

    Raises:
        ConfigError: on construction, when the file contradicts itself; one fault per contradiction.
        RegionError: from whatever is asked of a region that does not exist.
    """

    def __init__(
        self,
        file: RegionsFile,
        places: Iterable[RegionUnit],
        groups: Mapping[int, Group],
        breaks: Mapping[int, Break],
        path: Path,
    ) -> None:
        self._file = file
        self._groups = {group.id: group for group in groups.values()}
        self.breaks: Mapping[str, Break] = {entry.id: entry for entry in breaks.values()}
        self._where = str(path)
        units = list(places)
        checks.require_sound(checks.unit_problems(file, units, self._groups), path)
        checks.require_sound(checks.dated_problems(file), path)
        self._units = {unit.id: unit for unit in units}
        checks.require_known(file, self._units, groups, breaks, path)
        checks.require_sound(checks.group_problems(file, self._units, groups, path), path)
        self._footprints = Footprints(self._units.values())
        self._own = {
            key: frozenset(member for member in group.members if member in self._units)
            for key, group in self._groups.items()
        }
        problems = checks.break_problems(file, self._units, self._footprints, self._own, breaks, path)
        checks.require_sound(problems, path)
        self._senses = {name: self._codes_of(name) for name in file.schemes}
        checks.require_sound(checks.scheme_problems(self._senses), path)
        self.ids: frozenset[str] = frozenset(self._units) | frozenset(self._groups) | frozenset(file.delbydeler)
        self.municipalities: frozenset[str] = frozenset(u.id for u in units if u.kind == "municipalities")
        today = (u for u in units if u.kind in {"counties", "municipalities"} and u.valid(file.known.last))
        # A code alone may stand for the place that has it today, and for no other: 2011 was a municipality once.
        self.codes: Mapping[str, str] = {unit.code: unit.id for unit in today}
        self.accepted: frozenset[str] = self.ids | frozenset(self.codes)
        self.places: frozenset[str] = frozenset(u.id for u in units if u.kind in {"country", "counties"})
        # The bydel that each delbydel lies in.
        self.bydel_of: Mapping[str, str] = {key: entry.bydel for key, entry in file.delbydeler.items()}
        self.known = file.known
        self.sums: frozenset[str] = frozenset()
        self._within: dict[tuple[str, dt.date], tuple[str, ...]] = {}

    def with_sum(self, name: str, called: Text, parts: Iterable[str]) -> Regions:
        """Return the same with a region that is nothing but the sum of others, each on its own borders."""
        group = Group(id=name, name_nb=called.nb, name_en=called.en, members=tuple(parts))
        more = copy.copy(self)
        vars(more).update(
            _groups={**self._groups, name: group},
            ids=self.ids | {name},
            accepted=self.accepted | {name},
            sums=self.sums | {name},
        )
        return more

    def groups(self) -> tuple[str, ...]:
        """Return the ids of the groups, in the order of the file."""
        return tuple(self._groups)

    def require(self, region_id: str) -> str:
        """Return the id of a region that is named by its id, or by the code that a municipality or county has today."""
        region_id = self.codes.get(region_id, region_id)
        if region_id not in self.ids:
            what = f"no region '{region_id}'"
            raise RegionError(what, where=self._where, remedy=did_you_mean(region_id, self.ids))
        return region_id

    def municipalities_in(self, region_id: str, date: dt.date) -> tuple[str, ...]:
        """Return the municipalities of a county or of the country at a date, in the order of the table.

        A municipality has itself, another region nothing.
        """
        region_id = self.require(region_id)
        if (region_id, date) not in self._within:
            self._within[region_id, date] = self._municipalities_in(region_id, date)
        return self._within[region_id, date]

    def _municipalities_in(self, region_id: str, date: dt.date) -> tuple[str, ...]:
        place = self._units.get(region_id)
        if place is None or not place.valid(date):
            return ()
        if place.kind == "municipalities":
            return (region_id,)
        every = (unit for unit in self._units.values() if unit.kind == "municipalities" and unit.valid(date))
        if place.kind == "country":
            return tuple(unit.id for unit in every)
        return tuple(unit.id for unit in every if place.kind == "counties" and unit.code[:2] == place.code)

    def ever_in(self, region_id: str) -> frozenset[str]:
        """Return a municipality, county or the country with its last municipalities and all that these came from.

        Figures of them are all that its own on its last borders are added up from. Another region has only itself.
        """
        region_id = self.require(region_id)
        place = self._units.get(region_id)
        last = self.municipalities_in(region_id, place.nearest(self._file.known.last)) if place else ()
        return frozenset([region_id]) | self._footprints.origins(last)

    @cached_property
    def areas(self) -> list[str]:
        """The regions that an appendix can be about."""
        bydeler = (u.id for u in self._units.values() if u.kind == "bydeler")
        places = (u.id for u in self._units.values() if u.kind not in {"bydeler_1988", "bydeler"})
        return [*bydeler, *self._groups, *places]

    def side_by_side(self, name: str, date: dt.date, policy: Policy) -> list[str]:
        """Return what a region is made of at a date, for showing side by side; itself where that is nothing or much.

        A country has its counties and Oslo, a county its municipalities, a group its members; one of municipalities has
        those that it consists of at the date, where its border has not moved.
        """
        unit, members = self._units.get(name), list(self.members(name))
        if unit is not None and unit.kind == "country":
            members = [u.id for u in self._units.values() if u.kind == "counties" and u.valid(date)]
            members += [key for key in self.municipalities_in(name, date) if not self.county_of(key, date)]
        elif unit is not None and unit.kind == "counties":
            members = list(self.municipalities_in(name, unit.nearest(date)))
        elif not self.municipalities.isdisjoint(members) and name not in self.sums:
            ways = self.resolve(name, date, policy).alternatives
            members = next((list(way) for way in ways if way != (name,)), members)
        return members if 1 < len(members) <= _MANY else [name]

    def county_of(self, name: str, date: dt.date) -> str:
        """Return the county of a municipality at a date, "" for Oslo, which is in none, and for all other regions."""
        unit = self._units.get(name)
        code = unit.code[:2] if unit is not None and unit.kind == "municipalities" else ""
        county = self._units.get(f"f{code}")
        try:
            return county.id if county and self.resolve(county.id, date).alternatives else ""
        except RegionError:
            return ""

    @cached_property
    def country(self) -> str:
        """The whole country; empty in a project that has none."""
        return next((u.id for u in self._units.values() if u.kind == "country"), "")

    def as_municipalities(self, name: str, date: dt.date, settled: dt.date | None = None) -> tuple[str, ...]:
        """Return the municipalities of a date that have exactly the area that a region has on the day ``settled``.

        There are none where a border has moved; without a day it is the date itself.
        """
        last = max(date, settled or date)
        try:
            ways = self.resolve(name, date, "harmonised", (date, last)).alternatives
        except RegionError:
            return ()
        of_date = [way for way in ways if all(u in self.municipalities and self._units[u].valid(date) for u in way)]
        return of_date[0] if of_date else ()

    def with_members(self, name: str) -> Iterator[str]:
        """Yield a region and all that it is defined by, down to municipalities and city districts."""
        yield name
        for member in self.members(name):
            yield from self.with_members(member)

    def bydeler(self, name: str) -> list[str]:
        """Return the city districts of today that a region is made of; none for what is no such region."""
        if name in self._units and self._units[name].kind == "bydeler":
            return [name]
        members = self._groups[name].members if name in self._groups else []
        parts = [self.bydeler(member) for member in members]
        return [part for found in parts for part in found] if all(parts) else []

    def called(self, region_id: str) -> Text:
        """Return what readers call a region."""
        region_id = self.require(region_id)
        if region_id in self._file.delbydeler:
            name = self._file.delbydeler[region_id].name
            return Text(nb=name, en=name)
        return (self._groups.get(region_id) or self._units[region_id]).name

    def name(self, region_id: str, language: Language) -> str:
        """Return what readers of a language call a region."""
        return self.called(region_id)[language]

    def code(self, region_id: str) -> str:
        """Return the code of a place in Statistics Norway's classifications; nothing for what is no unit of one."""
        unit = self._units.get(self.require(region_id))
        return unit.code.rstrip("u") if unit else ""

    def members(self, region_id: str) -> tuple[str, ...]:
        """Return what a group consists of in the report; nothing for a single region."""
        region_id = self.require(region_id)
        group = self._groups.get(region_id)
        return tuple(group.members) if group else ()

    def delbydeler(self, region_id: str, date: dt.date) -> tuple[str, ...]:
        """Return the delbydeler of a bydel or of a group of bydeler at a date, in the order of the file."""
        inside = {region_id, *self.members(region_id)}
        return tuple(
            key
            for key, entry in self._file.delbydeler.items()
            if entry.bydel in inside and entry.valid_from <= date <= entry.valid_to
        )

    def division_known(self, region_id: str, date: dt.date) -> bool:
        """Return whether it is known that a delbydel, or any other region, is part of the division of a date."""
        delbydel = self._file.delbydeler.get(region_id)
        return delbydel is None or delbydel.valid_from <= date <= min(delbydel.valid_to, self._file.known.last)

    def definition(self, region_id: str, language: Language) -> str:
        """Return the names of a group's members, as the report defines it; a single region's own name."""
        region_id = self.require(region_id)
        group = self._groups.get(region_id)
        return ", ".join(self.name(member, language) for member in (group.members if group else [region_id]))

    def breaks_between(self, region_id: str, first: dt.date, last: dt.date) -> tuple[str, ...]:
        """Return the breaks that move a region's border after ``first`` and not after ``last``."""
        region_id = self.require(region_id)
        area = self._area(region_id)
        return tuple(key for key, entry in self.breaks.items() if first < entry.date <= last and entry.crosses(area))

    def unit(self, scheme: str, code: str, date: dt.date) -> str:
        """Return the unit that a source's code stands for at a date.

        Raises:
            RegionError: when the scheme or the code does not exist, or the code stands for nothing at that date;
                says what it stood for and which code is the right one.
        """
        if scheme not in self._senses:
            what = f"no code scheme '{scheme}'"
            raise RegionError(what, where=self._where, remedy=did_you_mean(scheme, self._senses))
        for sense in self._senses[scheme].get(code, []):
            if sense.valid(date):
                return sense.id
        raise self._no_such_code(scheme, code, date)

    def units_ever(self, scheme: str, code: str, dates: Iterable[dt.date]) -> list[str]:
        """Return the units that a source's code stands for at any of some dates, none for a code that it has not."""
        senses = self._senses[scheme].get(code, [])
        return list(dict.fromkeys(sense.id for date in dates for sense in senses if sense.valid(date)))

    def resolve(
        self, region_id: str, date: dt.date, policy: Policy = "harmonised", span: tuple[dt.date, dt.date] | None = None
    ) -> Resolution:
        """Return the units that add up to a region at a date.

        The first alternative is the region itself when its borders are the report's, since a source may publish it.
        Then come the municipalities or bydeler valid at the date, then a county of the same area, then, for a group
        of groups, its member groups. On other borders than the report's there are only municipalities.

        A municipality or county keeps its own borders: ``harmonised`` those it has last in the span, ``report`` those
        nearest the report's date. At any other date it is the municipalities that had the very same area.

        Args:
            policy: ``report`` keeps the report's borders, ``current`` follows the municipalities of the date,
                ``harmonised`` uses for every date of ``span`` the borders of its last date.
            span: first and last date of the series that the figure belongs to; the date alone by default.

        Raises:
            RegionError: when the region does not exist, or is an old bydel that is not valid at the date, or a
                municipality or county that is not and whose area no municipalities have then; names its successor.
            ValueError: when the date lies outside the span.
        """
        region_id = self.require(region_id)
        first, last = span or (date, date)
        if not first <= date <= last:
            raise ValueError(f"{date} is outside the span from {first} to {last}")
        delbydel = self._file.delbydeler.get(region_id)
        if delbydel is not None or region_id in self.sums:
            return Resolution(date, ((region_id,),), exact=True)
        unit = self._units.get(region_id)
        if unit is not None and unit.kind != "bydeler":
            settled = {"report": self._file.reference_date, "current": date, "harmonised": last}[policy]
            return self._place(unit, date, unit.nearest(settled))
        known = self._file.known
        if not known.first <= date <= known.last:
            return Resolution(date, missing="unknown_borders")

        reached = last if policy == "harmonised" else date
        area = self._area(region_id)
        moved = area if policy == "report" else self._area(region_id, reached)
        crossed = self.breaks_between(region_id, dt.date.min, reached)
        found, whole = self._footprints.followed(moved, self._file.reference_date, date)
        if not found or not whole:
            old = any(self._units[key].kind == "bydeler_1988" for key in found)
            return Resolution(date, breaks=crossed, missing="old_bydeler" if old else "moved_border")
        parts = self._footprints.in_order(found)
        exact = moved == area
        alternatives = self._alternatives(region_id, date, parts) if exact else (parts,)
        return Resolution(date, alternatives, exact=exact, breaks=crossed)

    def _place(self, unit: RegionUnit, date: dt.date, settled: dt.date) -> Resolution:
        """Return the units that have at ``date`` the area that a place has on the day ``settled`` of its validity."""
        known, now = self._file.known, self.municipalities_in(unit.id, date)
        found: frozenset[str] | None = None
        if unit.kind in {"country", "bydeler_1988"} or not known.first <= date <= known.last:
            found = frozenset(now)
        elif area := self.municipalities_in(unit.id, settled):
            then, whole = self._footprints.followed(area, settled, date)
            found = then if whole else None
        if not unit.valid(date) and not found:
            remedy = self._instead(unit, date, None)
            raise RegionError(f"{unit.id} ({unit.name.nb}) is not valid on {date}", remedy=remedy)
        if found is None and now:
            return Resolution(date, missing="moved_border")
        exact = not unit.valid(date) or not found or found == frozenset(now)
        ways: list[tuple[str, ...]] = [(unit.id,)] if exact else []
        if found:
            ways.append(self._footprints.in_order(found))
        return Resolution(date, tuple(dict.fromkeys(ways)), exact=exact)

    def _alternatives(self, region_id: str, date: dt.date, parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        ways = [(region_id,), parts]
        group = self._groups.get(region_id)
        if group and group.equals and self._units[group.equals].valid(date):
            ways.append((group.equals,))
        if group and all(member in self._groups for member in group.members):
            ways.append(tuple(group.members))
        return tuple(dict.fromkeys(ways))

    def _area(self, region_id: str, reached: dt.date = dt.date.min) -> frozenset[str]:
        """Return a region as units of the reference date, with the mergers up to ``reached`` decided."""
        group = self._groups.get(region_id)
        if group is None:
            return frozenset([region_id])
        area = self._own[region_id]
        for entry in self.breaks.values():
            if entry.date <= reached and region_id in entry.stays_in:
                area |= frozenset(entry.municipalities)
            elif entry.date <= reached and region_id in entry.leaves:
                area -= frozenset(entry.municipalities)
        inner = (self._area(member, reached) for member in group.members if member in self._groups)
        return area.union(*inner)

    def _codes_of(self, scheme_name: str) -> dict[str, list[RegionUnit]]:
        scheme = self._file.schemes[scheme_name]
        senses: dict[str, list[RegionUnit]] = {}
        for unit in self._units.values():
            pattern = scheme.patterns.get(unit.kind) if unit.kind != "country" else None
            if pattern:
                senses.setdefault(pattern.replace("{}", unit.code), []).append(unit)
        for code, entry in scheme.codes.items():
            whole = self._units[entry.unit]
            first, last = max(whole.first, entry.valid_from), min(whole.last, entry.valid_to)
            senses.setdefault(code, []).append(dataclasses.replace(whole, first=first, last=last))
        return senses

    def _no_such_code(self, scheme: str, code: str, date: dt.date) -> RegionError:
        codes = self._senses[scheme]
        senses = codes.get(code, [])
        # Digits used again are the usual mistake, so their other meanings are told too.
        ids, digits = {sense.id for sense in senses}, {sense.code for sense in senses} or {code}
        others = [unit for unit in self._units.values() if unit.code in digits and unit.id not in ids]
        where = f"{scheme} code '{code}' on {date}"
        if not senses and not (others and self._file.schemes[scheme].patterns):
            add = f"add the place to {self._where}, or leave it out of the selection"
            # The nearest spelling of a number is another place, so none is proposed.
            remedy = f"known: {', '.join(sorted(codes))}" if len(codes) <= 30 else add
            return RegionError("no such code", where=where, remedy=remedy)
        meanings = [f"it is {self._described(unit)}" for unit in senses]
        meanings += [f"the same digits are {self._described(unit)}" for unit in others]
        remedies = [self._instead(unit, date, scheme) for unit in senses or others]
        if senses:
            remedies += [f"{self._written(unit.id, scheme)} is {unit.name.nb}" for unit in others if unit.valid(date)]
        return RegionError("not valid then: " + ", ".join(meanings), where=where, remedy="; ".join(remedies))

    def _instead(self, unit: RegionUnit, date: dt.date, scheme: str | None) -> str:
        """Say what to use for ``unit`` at ``date``: codes of ``scheme``, or unit ids without one."""
        if unit.kind in {"country", "counties"}:
            return "sum the municipalities: no county of another year has the same borders"
        now, same = self._footprints.followed([unit.id], unit.nearest(date), date)
        names = [f"{self._written(key, scheme)} ({self._units[key].name.nb})" for key in self._footprints.in_order(now)]
        return f"use {' + '.join(names)}{'' if same else '; the borders differ'}"

    def _described(self, unit: RegionUnit) -> str:
        first = "" if unit.first < self._file.known.first else f" from {unit.first}"
        last = "" if unit.last > self._file.known.last else f" until {unit.last}"
        return f"{unit.name.nb}{first}{last}"

    def _written(self, unit_id: str, scheme: str | None) -> str:
        if scheme is None:
            return unit_id
        for name in (scheme, *self._senses):
            for code, senses in self._senses[name].items():
                if any(sense.id == unit_id for sense in senses):
                    return code if name == scheme else f"{code} of {name}"
        return unit_id


def load(path: Path) -> Regions:
    """Read config/regions.yaml and the tables in the folder of the same name."""
    file, places = load_model(RegionsFile, path), places_in(path)
    groups, faults = read_rows(Group, table(path, "groups"))
    breaks, more = read_rows(Break, table(path, "breaks"))
    ConfigError.tell([*faults, *more])
    return Regions(file, places, groups, breaks, path)
