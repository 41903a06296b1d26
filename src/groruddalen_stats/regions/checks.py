"""The contradictions in config/regions.yaml and its tables that a schema cannot see, each with line and remedy."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from groruddalen_stats.config.load import Location, fault_at, unknown, unknown_in
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean
from groruddalen_stats.regions.models import Break, Group, RegionsFile
from groruddalen_stats.regions.units import DAY, Footprints, RegionUnit, table

Problem = tuple[Location | str, str, str]
Senses = Mapping[str, Mapping[str, list[RegionUnit]]]


def require_sound(problems: Iterator[Problem], path: Path) -> None:
    """Raise every problem at once; its place is one in the file, or a line of a table."""
    ConfigError.tell(
        Fault(what, place, remedy) if isinstance(place, str) else fault_at(path, place, what, remedy)
        for place, what, remedy in problems
    )


def require_known(
    file: RegionsFile,
    units: Mapping[str, RegionUnit],
    groups: Mapping[int, Group],
    breaks: Mapping[int, Break],
    path: Path,
) -> None:
    """Raise a ConfigError with all that the file and its tables name and do not have."""
    names = {group.id for group in groups.values()}
    known: dict[str, Collection[str]] = {
        "region": {*units, *names},
        "group": names,
        "unit": units,
        "bydel": {key for key, unit in units.items() if unit.kind == "bydeler"},
        "county": {key for key, unit in units.items() if unit.kind == "counties"},
        "municipality": {key for key, unit in units.items() if unit.kind == "municipalities"},
    }
    of_rows = [*unknown_in(groups, table(path, "groups"), **known), *unknown_in(breaks, table(path, "breaks"), **known)]
    ConfigError.tell([*unknown(file, path, **known), *of_rows])


def unit_problems(file: RegionsFile, units: Sequence[RegionUnit], groups: Collection[str]) -> Iterator[Problem]:
    """Yield ids used twice, validity that runs backwards, and chains of successors with a gap."""
    known = {unit.id: unit for unit in units if unit.kind not in {"country", "counties"}}
    seen: set[str] = set()

    def told(unit: RegionUnit, what: str, remedy: str, *below: int | str) -> Problem:
        return unit.where, ".".join((unit.id, *map(str, below))) + f": {what}", remedy

    for unit in units:
        if unit.id in seen or unit.id in groups:
            yield told(unit, f"the id '{unit.id}' is used twice", "give one of them another id")
        seen.add(unit.id)
        if unit.first > unit.last:
            yield told(unit, f"valid_from {unit.first} is after valid_to {unit.last}", "correct the dates")
            continue
        if unit.kind in {"country", "counties"}:
            continue
        if unit.last < file.known.last and not unit.successors:
            yield told(unit, f"ends {unit.last} without a successor", "add successors")
        for index, successor in enumerate(unit.successors):
            if successor not in known:
                remedy = did_you_mean(successor, known)
                yield told(unit, f"no unit '{successor}'", remedy, "successors", index)
            elif unit.last == dt.date.max or not known[successor].valid(unit.last + DAY):
                what = f"'{successor}' is not valid on the day after '{unit.id}'"
                yield told(unit, what, "correct valid_to or valid_from", "successors", index)


def dated_problems(file: RegionsFile) -> Iterator[Problem]:
    """Yield validity that runs backwards."""
    dated: list[tuple[Location, dt.date, dt.date]] = [(("known",), file.known.first, file.known.last)]
    dated += [(("delbydeler", key), entry.valid_from, entry.valid_to) for key, entry in file.delbydeler.items()]
    for name, scheme in file.schemes.items():
        dated += [
            (("schemes", name, "codes", code), entry.valid_from, entry.valid_to) for code, entry in scheme.codes.items()
        ]
    for place, first, last in dated:
        if first > last:
            yield place, f"{first} is after {last}", "correct the dates"


def group_problems(
    file: RegionsFile, units: Mapping[str, RegionUnit], groups: Mapping[int, Group], path: Path
) -> Iterator[Problem]:
    """Yield members that are not valid at the reference date or are counted twice."""
    members = {group.id: group.members for group in groups.values()}
    for line, group in groups.items():
        told = _teller(path, "groups", line, group.id)
        counted: set[str] = set()
        for member in group.members:
            unit = units.get(member)
            if unit is not None and (unit.kind in {"country", "counties"} or not unit.valid(file.reference_date)):
                what = f"'{member}' is not a municipality or bydel of {file.reference_date}"
                yield told(what, "name the members as of the reference date")
                continue
            parts = list(_parts(members, member, (group.id,)))
            if group.id in parts:
                yield told(f"'{member}' contains '{group.id}' itself", "remove it")
                continue
            if counted.intersection(parts) or len(set(parts)) < len(parts):
                yield told(f"'{member}' is counted twice", "name every part once")
            counted.update(parts)
        if "oslo" in counted and any(units[part].kind == "bydeler" for part in counted if part in units):
            yield told("has both oslo and some of its bydeler", "name one of them")


def _teller(path: Path, name: str, line: int, row: str) -> Callable[[str, str], Problem]:
    return lambda what, remedy: (f"{table(path, name)}:{line}", f"{row}: {what}", remedy)


def _parts(members: Mapping[str, Sequence[str]], member: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yield the units of a member, or the id of a group that contains itself."""
    if member in above or member not in members:
        yield member
        return
    for inner in members[member]:
        yield from _parts(members, inner, (*above, member))


def break_problems(
    file: RegionsFile,
    units: Mapping[str, RegionUnit],
    footprints: Footprints,
    own: Mapping[str, frozenset[str]],
    breaks: Mapping[int, Break],
    path: Path,
) -> Iterator[Problem]:
    """Yield breaks that contradict the municipalities, and decisions for groups they do not touch.

    ``own`` has, per group, the municipalities that are its members directly and not through another group.
    """
    for line, entry in breaks.items():
        told = _teller(path, "breaks", line, entry.id)
        if entry.kind == "merger":
            found = _merger_problems(entry, units, footprints, file.reference_date)
            yield from (told(what, remedy) for what, remedy in found)
        elif entry.unit or entry.stays_in or entry.leaves or entry.newcomers or entry.people:
            what = "only a merger has unit, newcomers, people, stays_in and leaves"
            yield told(what, "remove them or write the kind merger")
        if any(("{share}" in label) != bool(entry.people) for label in (entry.label_nb, entry.label_en)):
            yield told("a label has {share} without people, or people without {share}", "write both or none")
        for group in (*entry.stays_in, *entry.leaves):
            if not entry.crosses(own[group]):
                what = f"the border of '{group}' itself does not move here"
                yield told(what, "remove it; a group of groups follows its members")
            elif group in entry.leaves and group in entry.stays_in:
                yield told(f"'{group}' is in both lists", "keep one")
        for one, other in itertools.combinations(entry.stays_in, 2):
            if own[one].isdisjoint(own[other]):
                what = f"'{one}' and '{other}' share no municipality, yet both would have all of '{entry.unit}'"
                yield told(what, "let one of them leave")


def _merger_problems(
    entry: Break, units: Mapping[str, RegionUnit], footprints: Footprints, reference: dt.date
) -> Iterator[tuple[str, str]]:
    if entry.unit is None:
        yield "a merger has a unit", "name the new municipality"
        return
    unit = units[entry.unit]
    if unit.first != entry.date:
        yield f"'{unit.id}' begins {unit.first}", "give the date of the merger"
    covered, _ = footprints.followed([unit.id], unit.nearest(entry.date), reference)
    if covered != frozenset(entry.municipalities):
        yield f"'{unit.id}' follows {', '.join(sorted(covered))}", "name these, or correct the successors"
    if not set(entry.newcomers) < set(entry.municipalities) or not entry.newcomers:
        yield "newcomers must be some, not all, of municipalities", "correct the list"
    if entry.people and len(entry.people) != len(entry.municipalities):
        yield "people must count exactly the municipalities", "correct the list"


def scheme_problems(senses: Senses) -> Iterator[Problem]:
    """Yield codes with two meanings at once."""
    for name, codes in senses.items():
        for code, meanings in codes.items():
            for one, other in itertools.combinations(meanings, 2):
                if one.first <= other.last and other.first <= one.last:
                    what = f"code '{code}' is both '{one.id}' and '{other.id}' on {max(one.first, other.first)}"
                    yield ("schemes", name, "codes", code), what, "correct the validity or the code"
