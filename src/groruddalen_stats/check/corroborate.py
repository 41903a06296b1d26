"""Printed cells beside independent figures that are close to them: support, but never agreement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.check.rules import Amount, Finding, Held, Name
from groruddalen_stats.config.deviations import Corroboration
from groruddalen_stats.config.models import Place

RULE = "independent_figures"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A printed number, or a sum of them, with an independent figure beside it.

    Attributes:
        entry: key of the corroboration in the ledger.
        cells: the printed cells.
        printed: their number or sum.
        other: the independent figure.
        source: where it comes from.
        decimals: how both are shown.
        supports: the difference is within what the ledger allows.
    """

    entry: str
    cells: tuple[Place, ...]
    printed: float
    other: float
    source: str
    decimals: int
    supports: bool

    @property
    def difference(self) -> float:
        return self.printed - self.other

    @property
    def told(self) -> Finding | Held:
        """What agrees with an independent figure, or a finding where it is too far from the print."""
        if self.supports:
            return Held(self.cells, RULE)
        numbers = {"printed": self.printed, "other": self.other, "apart": self.difference}
        parts = {name: Amount(number, self.decimals) for name, number in numbers.items()}
        return Finding(RULE, "found", self.cells, "medium", {**parts, "source": Name("source", self.source)})


def corroborate(entries: Iterable[Corroboration], tables: Print, known: KnownFigures) -> Iterator[Comparison]:
    """Yield every comparison that entries of the ledger ask for and both sides have a number for."""
    for entry in entries:
        groups: dict[str, list[PrintedCell]] = {}
        for place in entry.places:
            cell = tables.by_place.get(place)
            if cell is not None and cell.value is not None:
                groups.setdefault(cell.column if entry.add_rows else f"{cell.row}/{cell.column}", []).append(cell)
        for cells in groups.values():
            region, year = entry.region or cells[0].region or "", entry.year or cells[0].year
            term = Term(entry.series, region, year, entry.sex, entry.age, detail=entry.detail)
            other = known.value(term, entry.sources)
            if other is not None and (not entry.add_rows or len(cells) == len(entry.rows)):
                printed, places = math.fsum(cell.number for cell in cells), tuple(cell.place for cell in cells)
                # Differences of printed decimals carry binary dust; it must not decide what supports what.
                supports = abs(printed - other) <= entry.within + 1e-9
                yield Comparison(entry.name, places, printed, other, entry.sources[0], entry.decimals, supports)
