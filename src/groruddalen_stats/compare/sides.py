"""One row and column in every edition, and the change between them: what may be compared, and why not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from groruddalen_stats.appendix.layout import Item, Layout, layout
from groruddalen_stats.appendix.model import Cell, FlagKind
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
class ComparedCell:
    """One cell of one edition: as a reader is shown it, the ids of the sources behind it, and all its notes."""

    cell: Cell
    display: str
    sources: tuple[str, ...]
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
class ComparedColumn:
    """A column that means the same in every edition; a time series has one for its first and one for its last year.

    A column that is named by its year in one edition has another name in the next, and no label.
    """

    id: str
    label: Text | None


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One row and column in every edition; ``None`` where an edition has no such row or column.

    Attributes:
        places: rank among the city districts in every edition, 1 is highest; empty for other rows.
    """

    row: Item
    region: str | None
    role: ComparedColumn
    indicator: str
    sides: tuple[ComparedCell | None, ...]
    step: Step
    places: tuple[int | None, ...] = ()

    @property
    def ends(self) -> tuple[ComparedCell, ComparedCell]:
        """The first and the last side of a line that is in both editions."""
        before, after = self.sides[0], self.sides[-1]
        assert before is not None
        assert after is not None
        return before, after


@dataclass(frozen=True, slots=True)
class Compared:
    """One object of the appendix in every edition."""

    object_id: str
    spec: Object
    editions: tuple[str, ...]
    rows: tuple[Item, ...]
    roles: tuple[ComparedColumn, ...]
    lines: Mapping[tuple[str, str], ComparedLine]
    layouts: tuple[Layout, ...]

    def comparable(self) -> list[ComparedLine]:
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
    lines: dict[tuple[str, str], ComparedLine] = {}
    for row, role in product(rows, roles):
        at = [(row.id, _column(plan, role.id)) for plan in plans]
        spec = next((plan.cells[place] for plan, place in zip(plans, at, strict=True) if place in plan.cells), None)
        # Where a place is and how large: the same at every date.
        if spec is None or first.indicators.units[first.indicators.indicators[spec.indicator].unit].change == "none":
            continue
        found = [table.get(place) for table, place in zip(tables, at, strict=True)]
        sides = tuple(None if cell is None else _side(cell, of) for cell, of in zip(found, catalogues, strict=True))
        step = step_between(sides[0], sides[-1], first)
        lines[row.id, role.id] = ComparedLine(row, spec.region, role, spec.indicator, sides, step)
    return Compared(
        object_id,
        first.appendix.objects[object_id],
        tuple(catalogue.run.edition for catalogue in catalogues),
        rows,
        tuple(role for role in roles if any(key[1] == role.id for key in lines)),
        _ranked(lines, first.regions.members(AREA)),
        plans,
    )


def step_between(before: ComparedCell | None, after: ComparedCell | None, catalogue: Catalogue) -> Step:
    """Return the change from one cell to another, in the unit that config/indicators.yaml says, or why there is none."""
    unit = next((side.cell.unit for side in (before, after) if side is not None), "")
    change = catalogue.indicators.units[unit].change or unit if unit else unit
    relative = change == "relative"
    shown_in = "percent" if relative else change
    if before is None or after is None or not (before.cell.known and after.cell.known):
        return Step(math.nan, shown_in, "missing")
    one, other = before.cell, after.cell
    crossed = set(one.about(FlagKind.BORDER)) ^ set(other.about(FlagKind.BORDER))
    kinds = {catalogue.regions.breaks[key].kind for key in crossed}
    reasons: dict[Why, bool] = {
        "base": one.spec.base != other.spec.base,
        "borders": "merger" in kinds,
        "approximate": bool(one.approximate or other.approximate),
        "zero": relative and not one.number,
    }
    for why, holds in reasons.items():
        if holds:
            return Step(math.nan, shown_in, why)
    marks: dict[Mark, bool] = {
        "adjusted": bool(kinds),
        "series": bool(series_breaks(before, after, catalogue)),
        "basis": one.basis != other.basis,
        "source": one.basis == other.basis and before.sources != after.sources,
    }
    value = percent_change(other.number, one.number) if relative else other.number - one.number
    return Step(value, shown_in, None, tuple(mark for mark, holds in marks.items() if holds))


def series_breaks(before: ComparedCell, after: ComparedCell, catalogue: Catalogue) -> list[str]:
    """Return the notes of the breaks that a source of either number has between their years."""
    early, late = sorted((before.cell.spec.year, after.cell.spec.year))
    sources = [catalogue.sources.sources[name] for name in (*before.sources, *after.sources)]
    return list(
        dict.fromkeys(found.note for source in sources for found in source.breaks if early < found.year <= late)
    )


def _roles(plans: Sequence[Layout]) -> tuple[ComparedColumn, ...]:
    series = [_series(plan) for plan in plans]
    ends = ENDS if all(len(years) > 1 for years in series) else ENDS[1:]
    roles = {end: ComparedColumn(end, None) for end in ends} if any(series) else {}
    for plan, years in zip(plans, series, strict=True):
        for item in plan.columns:
            if item.id not in years:
                roles.setdefault(
                    item.id, ComparedColumn(item.id, None if item.label.nb == str(item.year) else item.label)
                )
    return tuple(roles.values())


def _series(plan: Layout) -> list[str]:
    return [item.id for item in plan.columns if item.id == str(item.year)]


def _column(plan: Layout, role: str) -> str:
    series = _series(plan)
    return series[-1 if role == "last" else 0] if series and role in ENDS else role


def _side(cell: Cell, catalogue: Catalogue) -> ComparedCell:
    display = shown(cell, catalogue.labels.words, catalogue.run.language)
    sources = sources_of([cell], catalogue.sources.sources)
    return ComparedCell(cell, display, tuple(sources), written_notes(cell, ours=True))


def _ranked(
    lines: Mapping[tuple[str, str], ComparedLine], districts: Sequence[str]
) -> dict[tuple[str, str], ComparedLine]:
    """Return the lines with the places of the city districts, where an edition has all of their values."""
    ranked = dict(lines)
    for role in dict.fromkeys(role for _, role in lines):
        group = {key: line for key, line in lines.items() if key[1] == role and line.region in districts}
        if len(group) == len(districts):
            editions = zip(*(line.sides for line in group.values()), strict=True)
            places = zip(*(_places(sides) for sides in editions), strict=True)
            ranked |= {key: replace(line, places=own) for (key, line), own in zip(group.items(), places, strict=True)}
    return ranked


def _places(sides: Sequence[ComparedCell | None]) -> list[int | None]:
    values = [math.nan if side is None or side.cell.approximate else side.cell.number for side in sides]
    if any(math.isnan(value) for value in values):
        return [None] * len(values)
    return [1 + sum(other > value for other in values) for value in values]
