"""Turns the cells of several editions into lines: one row and column in every edition, and the change between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from groruddalen_stats.appendix.layout import Item, Layout, layout
from groruddalen_stats.appendix.model import Basis, Cell, FlagKind
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.appendix.text import shown, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Object, Text
from groruddalen_stats.indicators import change as percent_change
from groruddalen_stats.numbers import round_half_up

Why = Literal["missing", "borders", "base", "approximate", "zero"]
Mark = Literal["adjusted", "series", "basis", "source"]

AREA = "groruddalen"
ENDS = ("first", "last")


@dataclass(frozen=True, slots=True)
class Side:
    """One cell of one edition.

    Attributes:
        value: unrounded, NaN when missing.
        sources: ids of the sources behind it.
        breaks: ids of the mergers that separate its area from the report's, and of adjustments within it.
        base: the base year of an index.
        approximate: the number is stated as being about or over so much.
        caveats: ids of the notes on its sources.
        note: all notes of the cell, as the CSV files write them.
    """

    edition: str
    year: int
    value: float
    decimals: int
    display: str
    unit: str
    basis: Basis
    sources: tuple[str, ...]
    breaks: tuple[str, ...]
    base: int | None
    approximate: bool
    caveats: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """The change from one edition to another: unrounded, in ``unit``; NaN with the reason where it has no meaning."""

    value: float
    unit: str
    why: Why | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def rounded(self) -> float:
        """The change as shown, with one decimal; NaN when there is none."""
        return math.nan if math.isnan(self.value) else float(round_half_up(self.value, 1))


@dataclass(frozen=True, slots=True)
class Role:
    """A column that means the same in every edition; a time series has one for its first and one for its last year."""

    id: str
    label: Text | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row and column in every edition; ``None`` where an edition has no such row or column.

    Attributes:
        places: rank among the city districts in every edition, 1 is highest; empty for other rows.
    """

    row: Item
    region: str | None
    role: Role
    indicator: str
    sides: tuple[Side | None, ...]
    step: Step
    places: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One object of the appendix in every edition."""

    object_id: str
    spec: Object
    editions: tuple[str, ...]
    rows: tuple[Item, ...]
    roles: tuple[Role, ...]
    lines: Mapping[tuple[str, str], Line]
    layouts: tuple[Layout, ...]

    def comparable(self) -> list[Line]:
        """Return the lines with a change, in the order of the object."""
        return [line for line in self.lines.values() if line.step.why is None]


def compare(object_id: str, catalogues: Sequence[Catalogue], cells: Sequence[Sequence[Cell]]) -> Compared:
    """Return one object side by side.

    Args:
        object_id: the object.
        catalogues: one per edition, in the order wanted.
        cells: the cells of each edition.
    """
    first = catalogues[0]
    plans = tuple(layout(object_id, catalogue) for catalogue in catalogues)
    tables = [
        {(cell.place.row, cell.place.column): cell for cell in of_edition if cell.place.object == object_id}
        for of_edition in cells
    ]
    rows = tuple({item.id: item for plan in reversed(plans) for item in reversed(plan.rows)}.values())[::-1]
    roles = _roles(plans)
    lines: dict[tuple[str, str], Line] = {}
    for row in rows:
        for role in roles:
            sides = tuple(
                _side(catalogue, plan, table, row.id, role.id)
                for catalogue, plan, table in zip(catalogues, plans, tables, strict=True)
            )
            known = next((plan for plan in plans if (row.id, _column(plan, role.id)) in plan.cells), None)
            if known is None:
                continue
            spec = known.cells[row.id, _column(known, role.id)]
            # Where a place is and how large: the same at every date.
            if first.indicators.units[first.indicators.indicators[spec.indicator].unit].change == "none":
                continue
            step = step_between(sides[0], sides[-1], first)
            lines[row.id, role.id] = Line(row, spec.region, role, spec.indicator, sides, step)
    return Compared(
        object_id,
        first.appendix.objects[object_id],
        tuple(catalogue.run.edition for catalogue in catalogues),
        rows,
        tuple(role for role in roles if any(key[1] == role.id for key in lines)),
        _ranked(lines, first.regions.members(AREA)),
        plans,
    )


def step_between(before: Side | None, after: Side | None, catalogue: Catalogue) -> Step:
    """Return the change from one cell to another, in the unit that config/indicators.yaml says, or why there is none."""
    unit = next((side.unit for side in (before, after) if side is not None), "")
    change = catalogue.indicators.units[unit].change or unit if unit else unit
    relative = change == "relative"
    shown = "percent" if relative else change
    if before is None or after is None or math.isnan(before.value) or math.isnan(after.value):
        return Step(math.nan, shown, "missing")
    if before.base != after.base:
        return Step(math.nan, shown, "base")
    kinds = {catalogue.regions.breaks[key].kind for key in set(before.breaks) ^ set(after.breaks)}
    if "merger" in kinds:
        return Step(math.nan, shown, "borders")
    if before.approximate or after.approximate:
        return Step(math.nan, shown, "approximate")
    if relative and not before.value:
        return Step(math.nan, shown, "zero")
    marks: list[Mark] = []
    if kinds:
        marks.append("adjusted")
    if series_breaks(before, after, catalogue):
        marks.append("series")
    if before.basis != after.basis:
        marks.append("basis")
    elif before.sources != after.sources:
        marks.append("source")
    value = percent_change(after.value, before.value) if relative else after.value - before.value
    return Step(value, shown, None, tuple(marks))


def series_breaks(before: Side, after: Side, catalogue: Catalogue) -> list[str]:
    """Return the notes of the breaks that a source of either number has between their years."""
    early, late = sorted((before.year, after.year))
    notes = [
        found.note
        for source in (*before.sources, *after.sources)
        for found in catalogue.sources.sources[source].breaks
        if early < found.year <= late
    ]
    return list(dict.fromkeys(notes))


def _roles(plans: Sequence[Layout]) -> tuple[Role, ...]:
    roles: dict[str, Role] = {}
    for plan in plans:
        series = _series(plan)
        for item in plan.columns:
            if item.id not in series:
                roles.setdefault(item.id, Role(item.id, item.label))
    ends = ENDS if all(len(_series(plan)) > 1 for plan in plans) else ENDS[1:]
    if any(_series(plan) for plan in plans):
        roles = {**{end: Role(end, None) for end in ends}, **roles}
    return tuple(roles.values())


def _series(plan: Layout) -> list[str]:
    return [item.id for item in plan.columns if item.id.isdigit()]


def _column(plan: Layout, role: str) -> str:
    series = _series(plan)
    return series[-1 if role == "last" else 0] if series and role in ENDS else role


def _side(
    catalogue: Catalogue, plan: Layout, table: Mapping[tuple[str, str], Cell], row: str, role: str
) -> Side | None:
    column = _column(plan, role)
    if (row, column) not in plan.cells:
        return None
    cell = table[row, column]
    return Side(
        edition=catalogue.run.edition,
        year=cell.spec.year,
        value=cell.number,
        decimals=cell.decimals,
        display=shown(cell, catalogue.labels.words, catalogue.run.language),
        unit=cell.unit,
        basis=cell.basis,
        sources=tuple(sources_of([cell], catalogue.sources.sources)),
        breaks=cell.about(FlagKind.BORDER),
        base=cell.spec.base,
        approximate=bool(cell.approximate),
        caveats=cell.about(FlagKind.CAVEAT),
        note=written_notes(cell, ours=True),
    )


def _ranked(lines: Mapping[tuple[str, str], Line], districts: Sequence[str]) -> dict[tuple[str, str], Line]:
    """Return the lines with the places of the city districts, where an edition has all of their values."""
    ranked = dict(lines)
    for role in dict.fromkeys(key[1] for key in lines):
        group = [key for key in lines if key[1] == role and lines[key].region in districts]
        if len(group) != len(districts):
            continue
        count = len(lines[group[0]].sides)
        for key in group:
            places = tuple(_place(lines, group, key, edition) for edition in range(count))
            line = lines[key]
            ranked[key] = Line(line.row, line.region, line.role, line.indicator, line.sides, line.step, places)
    return ranked


def _place(
    lines: Mapping[tuple[str, str], Line],
    group: Sequence[tuple[str, str]],
    key: tuple[str, str],
    edition: int,
) -> int | None:
    values = {}
    for member in group:
        side = lines[member].sides[edition]
        if side is None or math.isnan(side.value) or side.approximate:
            return None
        values[member] = side.value
    return 1 + sum(value > values[key] for value in values.values())
