"""One number of one place on every side, and the change from each side to the next, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise

from groruddalen_stats.appendix.layout import layout, same_statistic
from groruddalen_stats.appendix.model import Cell, FlagKind
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.indicators import change as percent_change
from groruddalen_stats.numbers import round_half_up
from groruddalen_stats.report.front import STATISTIC, own_region
from groruddalen_stats.report.grids import AtCell
from groruddalen_stats.report.profiles import ranked
from groruddalen_stats.report.words import Words

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
        key, place, measure: row and column by names that are the same on every side; of them the region, and what is counted.
        region, label, statistic, years: what readers call the place and the measure, what it counts, and in which years.
        cells, steps: of each side, ``None`` where it has no such cell; the change from each side to the next.
        ranks: the place among the parts of each side's area, 1 is the highest; 0 where there is none.
    """

    key: AtCell
    place: str
    measure: str
    region: str
    label: str
    statistic: str
    years: str
    cells: tuple[Cell | None, ...]
    steps: tuple[Step, ...]
    ranks: tuple[int, ...]

    def dated(self, label: str) -> str:
        """Return a label with the years, unless it has them."""
        return label if self.years[-4:] in label else f"{label}, {self.years}"


def side(catalogue: Catalogue, cells: Iterable[Cell]) -> Side:
    """Return a run as a side; the cells of an object stand one after another."""
    objects = groupby(cells, key=lambda cell: cell.place.object)
    return catalogue, {name: {cell.place[1:]: cell for cell in of_object} for name, of_object in objects}


def of_areas(sides: Sequence[Side]) -> bool:
    """Return whether the sides are of different areas."""
    return len({catalogue.run.area for catalogue, _ in sides}) > 1


def lines_of(name: str, sides: Sequence[Side]) -> list[Line]:
    """Return the lines of one object.

    Rows are the same in every year. Those of areas are what each area has: itself as a whole, what it is part of, and
    what all stand beside. A series of years is its first and its last one, unless areas have the same years.
    """
    first, areas = sides[0][0], of_areas(sides)
    words = Words(first)
    plans = [layout(name, catalogue) for catalogue, _ in sides]
    series = [[item.id for item in plan.columns if item.id == str(item.year)] for plan in plans]
    if areas and all(years == series[0] for years in series):
        series = [[] for _ in sides]
    start = FIRST if all(len(years) > 1 for years in series) else ""
    place, measure = (1, 0) if any(item.spec.region for item in plans[0].columns) else (0, 1)
    found: list[dict[AtCell, AtCell]] = []
    for (catalogue, _), plan, years in zip(sides, plans, series, strict=True):
        names = dict.fromkeys(years, "") | ({years[0]: start} | {years[-1]: LAST} if years else {})
        names |= {catalogue.area.whole: WHOLE, own_region(catalogue.area): OWN} if areas else {}
        found.append({(names.get(row, row), names.get(column, column)): (row, column) for row, column in plan.cells})
    labels = [plan.labels(words.language) for plan in plans]
    ranks = [_ranks(of[name], catalogue.area.parts, measure) for catalogue, of in sides]
    lines = []
    for key in dict.fromkeys(key for of_side in found for key in of_side if all(key)):
        where = [of_side.get(key, key) for of_side in found]
        cells = tuple(of[name].get(at) for at, (_, of) in zip(where, sides, strict=True))
        known = [cell for cell in cells if cell]
        # Where a place is and how large is the same at every date.
        if {first.indicators.units[cell.unit].change for cell in known} <= {"none"} or (areas and None in cells):
            continue
        have = [
            (of[at[place]], of[at[measure]]) for at, of, own in zip(where, labels, found, strict=True) if key in own
        ]
        regions, measures = ([*dict.fromkeys(said)] for said in zip(*have, strict=True))
        when, label = _moved(f"{cell.spec.year}" for cell in known), _moved(measures)
        spec, lasts = known[0].spec, label == when and key[measure] in {FIRST, LAST}
        indicator = first.indicators.indicators[spec.indicator].label[words.language]
        lines.append(
            Line(
                key,
                key[place],
                key[measure],
                region=words("compare_areas") if key[place] == OWN else " / ".join(regions),
                label=words(f"compare_{key[measure]}_year") if lasts else label,
                statistic=measures[0].removesuffix(f"{spec.year}").rstrip(", ") or indicator,
                years=when,
                cells=cells,
                steps=tuple(step_between(before, after, first) for before, after in pairwise(cells)),
                ranks=tuple(of_side.get(at, 0) for at, of_side in zip(where, ranks, strict=True)),
            )
        )
    return lines


def _moved(said: Iterable[str]) -> str:
    return " → ".join(dict.fromkeys(said))


def _ranks(cells: Mapping[AtCell, Cell], parts: Sequence[str], measure: int) -> dict[AtCell, int]:
    """Return the places of the parts of an area by each measure of which all of them have an exact number."""
    groups: dict[str, dict[AtCell, Decimal]] = {}
    for at, cell in cells.items():
        if cell.spec.region in parts and cell.known and not cell.approximate:
            groups.setdefault(at[measure], {})[at] = round_half_up(cell.number, cell.decimals)
    whole = [group for group in groups.values() if len(group) == len(parts) > 1]
    return {at: rank for group in whole for at, rank in ranked(group).items()}


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
    sources = [sources_of([cell], catalogue.sources) for cell in (before, after)]
    reasons = {
        "same": same_statistic(before.spec, after.spec) and before.number == after.number,
        "definition": STATISTIC(before.spec) != STATISTIC(after.spec),
        "base": before.spec.base != after.spec.base,
        "borders": "merger" in kinds,
        "approximate": bool(before.approximate or after.approximate),
        "zero": relative and not before.number,
    }
    marks = {
        "adjusted": bool(kinds),
        "series": bool(series_breaks(before, after, catalogue)),
        "basis": before.basis != after.basis,
        "source": before.basis == after.basis and sources[0] != sources[1],
    }
    why = next((why for why, holds in reasons.items() if holds), "")
    if why:
        return Step(math.nan, shown_in, why)
    value = percent_change(after.number, before.number) if relative else after.number - before.number
    return Step(value, shown_in, "", tuple(mark for mark, holds in marks.items() if holds))


def series_breaks(before: Cell | None, after: Cell | None, catalogue: Catalogue) -> list[str]:
    """Return the notes of the breaks that a source of either number has between their years."""
    if before is None or after is None:
        return []
    early, late = sorted((before.spec.year, after.spec.year))
    sources = [catalogue.sources.sources[key] for key in sources_of([before, after], catalogue.sources)]
    return list(dict.fromkeys(at.note for source in sources for at in source.breaks if early < at.year <= late))
