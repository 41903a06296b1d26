"""How much of an appendix is filled: cells that show a number, of all that the print's objects have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import Basis, Cell, Missing
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Place
from groruddalen_stats.numbers import round_half_up


@dataclass
class Fill:
    """How many cells there are, and how many show a number, by basis."""

    cells: int = 0
    by_basis: Counter[Basis] = field(default_factory=Counter)

    @property
    def filled(self) -> int:
        """How many show a number."""
        return self.by_basis.total()

    @property
    def percent(self) -> float:
        """How many of a hundred show a number."""
        return 100 * self.filled / self.cells if self.cells else 0.0

    def add(self, cell: Cell) -> None:
        """Count one cell."""
        self.cells += 1
        if cell.known:
            self.by_basis[cell.basis] += 1

    def plain(self) -> dict[str, Any]:
        """Return the counts and the share, with one decimal, ready for JSON."""
        bases = {str(basis): self.by_basis[basis] for basis in Basis if basis is not Basis.MISSING}
        return {"cells": self.cells, "filled": self.filled, "percent": float(round_half_up(self.percent, 1)), **bases}


def of_print(cell: Cell) -> bool:
    """Return whether a cell is counted: a number that the report has, not one that was added here.

    The map, which has no numbers, has no such cells.
    """
    return cell.spec.counted and not cell.spec.ours


def mostly_missing(cells: Iterable[Cell]) -> bool:
    """Return whether less than half of the numbers of an object are known: too little for a drawing."""
    counted = [cell.known for cell in cells if cell.spec.counted]
    return 2 * sum(counted) < len(counted)


def known_part(plan: Layout, cells: Iterable[Cell]) -> Layout:
    """Return only the rows and columns in which a number is known."""
    known = [cell.place for cell in cells if cell.known]
    rows, columns = {place.row for place in known}, {place.column for place in known}
    return replace(
        plan,
        rows=tuple(item for item in plan.rows if item.id in rows),
        columns=tuple(item for item in plan.columns if item.id in columns),
    )


def cells_of_print(cells: Iterable[Cell], catalogue: Catalogue) -> Iterator[Cell]:
    """Yield the cells that are counted; those of the report's object where it shows something else, which are missing."""
    yield from filter(of_print, cells)
    for name in sorted(catalogue.nearest):
        if not catalogue.printed.objects[name].nearest_is_own:
            for at, spec in layout(name, catalogue.with_nearest(())).cells.items():
                yield from filter(of_print, [Cell(Place(name, *at), spec, "", 0, missing=Missing("no_source"))])


def fill(cells: Iterable[Cell], catalogue: Catalogue) -> tuple[Fill, dict[str, Fill]]:
    """Return how much is filled in all, and by object. A sign, such as a dash, is no number."""
    whole, objects = Fill(), {name: Fill() for name in catalogue.appendix.objects}
    for cell in cells_of_print(cells, catalogue):
        whole.add(cell)
        objects[cell.place.object].add(cell)
    return whole, {name: counted for name, counted in objects.items() if counted.cells}


def unserved(cells: Iterable[Cell], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the unfilled cells that no known public source can serve, by object and series, with what was searched.

    A cell that needs two such series stands under both.
    """
    listed: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in cells_of_print(cells, catalogue):
        if not cell.known:
            for series in dict.fromkeys(term.series for term in terms_of(cell.spec, catalogue.indicators).all()):
                if searched := catalogue.indicators.series[series].none_known:
                    name = cell.place.object
                    new = {"object": name, "series": series, "searched": searched.model_dump(), "cells": []}
                    entry = listed.setdefault((name, series), new)
                    entry["cells"].append(f"{cell.place.row}/{cell.place.column}")
    return list(listed.values())


def document(cells: Sequence[Cell], catalogue: Catalogue) -> dict[str, Any]:
    """Return what ``fill.json`` says of a run."""
    whole, objects = fill(cells, catalogue)
    lacking = unserved(cells, catalogue)
    return {
        "edition": catalogue.run.edition,
        **whole.plain(),
        "nearest": sum(objects[name].filled for name in catalogue.nearest if name in objects),
        "no_known_source": len({(entry["object"], place) for entry in lacking for place in entry["cells"]}),
        "objects": {name: counted.plain() for name, counted in objects.items()},
        "without_known_source": lacking,
    }
