"""One number of one place on every side, and the change from each side to the next, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from groruddalen_stats.appendix.layout import Item, Layout, layout, same_statistic
from groruddalen_stats.appendix.model import Cell, FlagKind
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Area
from groruddalen_stats.indicators import change as percent_change
from groruddalen_stats.report.grids import AtCell

OWN, WHOLE, FIRST, LAST = "area", "whole", "first", "last"
"""The rows that every area has, the area as a whole and what it is part of, and the ends of a series of years."""

Side = tuple[Catalogue, Mapping[str, Mapping[AtCell, Cell]]]
"""One of the runs that are compared, with its cells by object and place."""


@dataclass(frozen=True, slots=True)
class Step:
    """The change from one side to another: unrounded, in ``unit``; NaN with the reason where it has no meaning."""

    value: float
    unit: str
    why: str = ""
    marks: tuple[str, ...] = ()

    @property
    def signs(self) -> tuple[str, ...]:
        """What a reader must know of it."""
        return (self.why,) if self.why else self.marks


@dataclass(frozen=True, slots=True)
class Line:
    """One row and column of an object on every side.

    Attributes:
        key: row and column, by names that are the same on every side.
        place, measure: which of the two is a region, and which says what is counted.
        items: place and measure of each side that has the line.
        cells: of each side; ``None`` where it has no such cell.
        steps: the change from each side to the next.
        ranks: the place among the parts of each side's area, 1 is the highest; 0 where there is none.
    """

    key: AtCell
    place: str
    measure: str
    items: tuple[tuple[Item, Item], ...]
    cells: tuple[Cell | None, ...]
    steps: tuple[Step, ...]
    ranks: tuple[int, ...]


def own_region(area: Area) -> str:
    """Return the region that an area is as a whole: the sum of its parts, its only part, or what has these parts."""
    return area.together or (area.parts[0] if len(area.parts) == 1 else area.whole)


def of_areas(sides: Sequence[Side]) -> bool:
    """Return whether the sides are of different areas."""
    return len({catalogue.run.area for catalogue, _ in sides}) > 1


def lines_of(name: str, sides: Sequence[Side]) -> list[Line]:
    """Return the lines of one object.

    Rows are the same in every year. Those of areas are what each area has: itself as a whole, what it is part of, and
    what all stand beside. A series of years is its first and its last one, unless areas have the same years.
    """
    first, areas = sides[0][0], of_areas(sides)
    plans = [layout(name, catalogue) for catalogue, _ in sides]
    series = [[item.id for item in plan.columns if item.id == str(item.year)] for plan in plans]
    if areas and all(years == series[0] for years in series):
        series = [[] for _ in sides]
    start = FIRST if all(len(years) > 1 for years in series) else ""
    found: list[dict[AtCell, AtCell]] = []
    for (catalogue, _), plan, years in zip(sides, plans, series, strict=True):
        names = dict.fromkeys(years, "") | ({years[0]: start} | {years[-1]: LAST} if years else {})
        names |= {catalogue.area.whole: WHOLE, own_region(catalogue.area): OWN} if areas else {}
        found.append({(names.get(row, row), names.get(column, column)): (row, column) for row, column in plan.cells})
    across = any(item.spec.region for item in plans[0].columns)
    cells: dict[AtCell, list[Cell | None]] = {}
    for key in dict.fromkeys(key for of_side in found for key in of_side if all(key)):
        at = [of[name].get(of_side.get(key, key)) for (_, of), of_side in zip(sides, found, strict=True)]
        units = {first.indicators.units[cell.unit].change for cell in at if cell}
        # Where a place is and how large is the same at every date.
        if units - {"none"} and not (areas and None in at):
            cells[key] = at
    ranks = [_ranks({key: at[side] for key, at in cells.items()}, of, across) for side, (of, _) in enumerate(sides)]
    items = [_items(plan, of_side, across) for plan, of_side in zip(plans, found, strict=True)]
    return [
        Line(
            key,
            *(key[::-1] if across else key),
            tuple(side[key] for side in items if key in side),
            tuple(at),
            tuple(step_between(before, after, first) for before, after in pairwise(at)),
            tuple(of_side.get(key, 0) for of_side in ranks),
        )
        for key, at in cells.items()
    ]


def _items(plan: Layout, keys: Mapping[AtCell, AtCell], across: bool) -> dict[AtCell, tuple[Item, Item]]:
    """Return place and measure of each line of a side."""
    rows, columns = ({item.id: item for item in items} for items in (plan.rows, plan.columns))
    pairs = {key: (rows[row], columns[column]) for key, (row, column) in keys.items()}
    return {key: (column, row) if across else (row, column) for key, (row, column) in pairs.items()}


def _ranks(cells: Mapping[AtCell, Cell | None], catalogue: Catalogue, across: bool) -> dict[AtCell, int]:
    """Return the places of the parts of an area by each measure of which all of them have an exact number."""
    groups: dict[str, dict[AtCell, float]] = {}
    for key, cell in cells.items():
        if cell and cell.spec.region in catalogue.area.parts and cell.known and not cell.approximate:
            groups.setdefault(key[not across], {})[key] = cell.number
    whole = [group for group in groups.values() if len(group) == len(catalogue.area.parts) > 1]
    return {key: 1 + sum(other > own for other in group.values()) for group in whole for key, own in group.items()}


def step_between(before: Cell | None, after: Cell | None, catalogue: Catalogue) -> Step:
    """Return the change from one cell to another, in the unit that config/indicators.yaml says, or why there is none."""
    unit = next((cell.unit for cell in (before, after) if cell is not None), "")
    change = unit and (catalogue.indicators.units[unit].change or unit)
    relative = change == "relative"
    shown_in = "percent" if relative else change
    if before is None or after is None or not (before.known and after.known):
        return Step(math.nan, shown_in, "missing")
    crossed = set(before.about(FlagKind.BORDER)) ^ set(after.about(FlagKind.BORDER))
    kinds = {catalogue.regions.breaks[key].kind for key in crossed}
    reasons = {
        "same": same_statistic(before.spec, after.spec) and before.number == after.number,
        "definition": _definition(before) != _definition(after),
        "base": before.spec.base != after.spec.base,
        "borders": "merger" in kinds,
        "approximate": bool(before.approximate or after.approximate),
        "zero": relative and not before.number,
    }
    why = next((why for why, holds in reasons.items() if holds), "")
    if why:
        return Step(math.nan, shown_in, why)
    sources = [sources_of([cell], catalogue.sources) for cell in (before, after)]
    marks = {
        "adjusted": bool(kinds),
        "series": bool(series_breaks(before, after, catalogue)),
        "basis": before.basis != after.basis,
        "source": before.basis == after.basis and sources[0] != sources[1],
    }
    value = percent_change(after.number, before.number) if relative else after.number - before.number
    return Step(value, shown_in, "", tuple(mark for mark, holds in marks.items() if holds))


def _definition(cell: Cell) -> tuple[str | None, ...]:
    spec = cell.spec
    return spec.indicator, spec.series, spec.sex, spec.age, spec.background, spec.detail


def series_breaks(before: Cell | None, after: Cell | None, catalogue: Catalogue) -> list[str]:
    """Return the notes of the breaks that a source of either number has between their years."""
    if before is None or after is None:
        return []
    early, late = sorted((before.spec.year, after.spec.year))
    sources = [catalogue.sources.sources[key] for key in sources_of([before, after], catalogue.sources)]
    return list(dict.fromkeys(at.note for source in sources for at in source.breaks if early < at.year <= late))
