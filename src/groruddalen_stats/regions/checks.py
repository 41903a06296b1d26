"""The contradictions in config/regions.yaml and its tables that a schema cannot see, each with line and remedy."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from groruddalen_stats.config.load import Location, fault_at, unknown
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean
from groruddalen_stats.regions.models import Break, RegionsFile
from groruddalen_stats.regions.units import DAY, Footprints, RegionUnit

Problem = tuple[Location | str, str, str]
Senses = Mapping[str, Mapping[str, list[RegionUnit]]]

_SECTION: dict[str, Location] = {
    "country": ("country",),
    "bydeler": ("bydeler", "units"),
    "bydeler_1988": ("bydeler_1988", "units"),
}


def require_sound(problems: Iterator[Problem], path: Path) -> None:
    """Raise every problem at once; its place is one in the file, or a line of a table."""
    ConfigError.tell(
        Fault(what, place, remedy) if isinstance(place, str) else fault_at(path, place, what, remedy)
        for place, what, remedy in problems
    )


def require_known(file: RegionsFile, units: Mapping[str, RegionUnit], path: Path) -> None:
    """Raise a ConfigError with all that the file names and does not have."""
    faults = unknown(
        file,
        path,
        region={*units, *file.groups},
        group=file.groups,
        unit=units,
        bydel=file.bydeler.units,
        county={key for key, unit in units.items() if unit.kind == "counties"},
        municipality={key for key, unit in units.items() if unit.kind == "municipalities"},
    )
    ConfigError.tell(faults)


def unit_problems(file: RegionsFile, units: Sequence[RegionUnit]) -> Iterator[Problem]:
    """Yield ids used twice, validity that runs backwards, and chains of successors with a gap."""
    known = {unit.id: unit for unit in units if unit.kind not in {"country", "counties"}}
    seen: set[str] = set()

    def told(unit: RegionUnit, what: str, remedy: str, *below: int | str) -> Problem:
        if unit.where:
            return unit.where, ".".join((unit.id, *map(str, below))) + f": {what}", remedy
        return (*_SECTION[unit.kind], unit.id, *below), what, remedy

    for unit in units:
        if unit.id in seen or unit.id in file.groups:
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


def group_problems(file: RegionsFile, units: Mapping[str, RegionUnit]) -> Iterator[Problem]:
    """Yield members that are not valid at the reference date or are counted twice."""
    for group_id, group in file.groups.items():
        here: Location = ("groups", group_id)
        counted: set[str] = set()
        for index, member in enumerate(group.members):
            place = (*here, "members", index)
            unit = units.get(member)
            if unit is not None and (unit.kind in {"country", "counties"} or not unit.valid(file.reference_date)):
                what = f"'{member}' is not a municipality or bydel of {file.reference_date}"
                yield place, what, "name the members as of the reference date"
                continue
            parts = list(_parts(file, member, (group_id,)))
            if group_id in parts:
                yield place, f"'{member}' contains '{group_id}' itself", "remove it"
                continue
            if counted.intersection(parts) or len(set(parts)) < len(parts):
                yield place, f"'{member}' is counted twice", "name every part once"
            counted.update(parts)
        if "oslo" in counted and any(units[part].kind == "bydeler" for part in counted if part in units):
            yield (*here, "members"), "has both oslo and some of its bydeler", "name one of them"


def _parts(file: RegionsFile, member: str, above: tuple[str, ...]) -> Iterator[str]:
    """Yield the units of a member, or the id of a group that contains itself."""
    if member in above or member not in file.groups:
        yield member
        return
    for inner in file.groups[member].members:
        yield from _parts(file, inner, (*above, member))


def break_problems(
    file: RegionsFile, units: Mapping[str, RegionUnit], footprints: Footprints, own: Mapping[str, frozenset[str]]
) -> Iterator[Problem]:
    """Yield breaks that contradict the municipalities, and decisions for groups they do not touch.

    ``own`` has, per group, the municipalities that are its members directly and not through another group.
    """
    for break_id, entry in file.breaks.items():
        here: Location = ("breaks", break_id)
        if entry.kind == "merger":
            yield from _merger_problems(here, entry, units, footprints, file.reference_date)
        elif entry.unit or entry.stays_in or entry.leaves or entry.newcomers or entry.people:
            what = "only a merger has unit, newcomers, people, stays_in and leaves"
            yield here, what, "remove them or set kind: merger"
        for language in ("nb", "en"):
            if ("{share}" in entry.label[language]) != bool(entry.people):
                what = "the label has {share} without people, or people without {share}"
                yield (*here, "label", language), what, "write both or none"
        for side in ("stays_in", "leaves"):
            for index, group in enumerate(getattr(entry, side)):
                place_of = (*here, side, index)
                if not entry.crosses(own[group]):
                    what = f"the border of '{group}' itself does not move here"
                    yield place_of, what, "remove it; a group of groups follows its members"
                elif group in entry.leaves and group in entry.stays_in:
                    yield place_of, f"'{group}' is in both lists", "keep one"
        for one, other in itertools.combinations(entry.stays_in, 2):
            if own[one].isdisjoint(own[other]):
                what = f"'{one}' and '{other}' share no municipality, yet both would have all of '{entry.unit}'"
                yield (*here, "stays_in"), what, "let one of them leave"


def _merger_problems(
    here: Location, entry: Break, units: Mapping[str, RegionUnit], footprints: Footprints, reference: dt.date
) -> Iterator[Problem]:
    if entry.unit is None:
        yield here, "a merger has a unit", "name the new municipality"
        return
    unit = units[entry.unit]
    if unit.first != entry.date:
        yield (*here, "date"), f"'{unit.id}' begins {unit.first}", "give the date of the merger"
    covered, _ = footprints.followed([unit.id], unit.nearest(entry.date), reference)
    if covered != frozenset(entry.municipalities):
        yield (
            (*here, "municipalities"),
            f"'{unit.id}' follows {', '.join(sorted(covered))}",
            "name these, or correct the successors",
        )
    if not set(entry.newcomers) < set(entry.municipalities) or not entry.newcomers:
        yield (*here, "newcomers"), "must be some, not all, of municipalities", "correct the list"
    if entry.people and set(entry.people) != set(entry.municipalities):
        yield (*here, "people"), "must count exactly the municipalities", "correct the list"


def scheme_problems(senses: Senses) -> Iterator[Problem]:
    """Yield codes with two meanings at once."""
    for name, codes in senses.items():
        for code, meanings in codes.items():
            for one, other in itertools.combinations(meanings, 2):
                if one.first <= other.last and other.first <= one.last:
                    what = f"code '{code}' is both '{one.id}' and '{other.id}' on {max(one.first, other.first)}"
                    yield ("schemes", name, "codes", code), what, "correct the validity or the code"
