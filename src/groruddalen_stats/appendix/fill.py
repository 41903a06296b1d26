"""How much of an appendix is filled: cells that show a number, of all that the print's objects have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.numbers import round_half_up


@dataclass
class Fill:
    """How many cells there are, and how many show a number, by basis."""

    cells: int = 0
    by_basis: dict[Basis, int] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """How many show a number."""
        return sum(self.by_basis.values())

    @property
    def percent(self) -> float:
        """How many of a hundred show a number."""
        return 100 * self.filled / self.cells if self.cells else 0.0

    def add(self, cell: Cell) -> None:
        """Count one cell."""
        self.cells += 1
        if cell.known:
            self.by_basis[cell.basis] = self.by_basis.get(cell.basis, 0) + 1

    def plain(self) -> dict[str, Any]:
        """Return the counts and the share, with one decimal, ready for JSON."""
        bases = {str(basis): self.by_basis.get(basis, 0) for basis in Basis if basis is not Basis.MISSING}
        return {"cells": self.cells, "filled": self.filled, "percent": float(round_half_up(self.percent, 1)), **bases}


def fill(cells: Iterable[Cell], catalogue: Catalogue) -> tuple[Fill, dict[str, Fill]]:
    """Return how much is filled in all, and by object.

    Cells that the report does not have are left out, and so is a map, which has no numbers. A sign, such as a dash, is
    no number.
    """
    whole, objects = Fill(), dict[str, Fill]()
    for cell in cells:
        chart = catalogue.appendix.objects[cell.place.object].chart
        if cell.spec.counted and not cell.spec.ours and not (chart and chart.kind == "map"):
            whole.add(cell)
            objects.setdefault(cell.place.object, Fill()).add(cell)
    return whole, objects


def document(cells: Iterable[Cell], catalogue: Catalogue) -> dict[str, Any]:
    """Return what ``fill.json`` says of a run."""
    whole, objects = fill(cells, catalogue)
    return {
        "edition": catalogue.run.edition,
        **whole.plain(),
        "objects": {name: counted.plain() for name, counted in objects.items()},
    }
