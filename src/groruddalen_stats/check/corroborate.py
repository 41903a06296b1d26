"""Printed cells beside independent figures that are close to them: support, but never agreement."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.check.rules import Amount, Finding, Held, Name
from groruddalen_stats.config.deviations import Corroboration, Ledger
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


def corroborate(ledger: Ledger, tables: Print, known: KnownFigures) -> list[Comparison]:
    """Return every comparison that the ledger asks for and both sides have a number for."""
    return [
        compared for name, entry in ledger.corroborations.items() for compared in of_entry(name, entry, tables, known)
    ]


def of_entry(name: str, entry: Corroboration, tables: Print, known: KnownFigures) -> Iterator[Comparison]:
    """Yield the comparisons of one entry of the ledger, ``name``; see :func:`corroborate`."""
    groups: dict[str, list[PrintedCell]] = {}
    for place in entry.places:
        cell = tables.by_place.get(place)
        if cell is not None and cell.value is not None:
            groups.setdefault(cell.column if entry.add_rows else f"{cell.row}/{cell.column}", []).append(cell)
    for cells in groups.values():
        if entry.add_rows and len(cells) < len(entry.rows):
            continue
        other = known.value(_term(entry, cells[0]), entry.sources)
        if other is None:
            continue
        printed = math.fsum(cell.number for cell in cells)
        yield Comparison(
            entry=name,
            cells=tuple(cell.place for cell in cells),
            printed=printed,
            other=other,
            source=entry.sources[0],
            decimals=entry.decimals,
            # Differences of printed decimals carry binary dust; it must not decide what supports what.
            supports=abs(printed - other) <= entry.within + 1e-9,
        )


def _term(entry: Corroboration, cell: PrintedCell) -> Term:
    region, year = entry.region or cell.region or "", entry.year or cell.year
    return Term(entry.series, region, year, entry.sex, entry.age, detail=entry.detail)


def findings(comparisons: list[Comparison]) -> Iterator[Finding | Held]:
    """Yield a finding for every independent figure that is too far from the print, and what agrees with one."""
    for compared in comparisons:
        if compared.supports:
            yield Held(compared.cells, RULE)
        else:
            yield Finding(
                RULE,
                "found",
                compared.cells,
                "medium",
                {
                    "printed": Amount(compared.printed, compared.decimals),
                    "other": Amount(compared.other, compared.decimals),
                    "apart": Amount(compared.difference, compared.decimals),
                    "source": Name("source", compared.source),
                },
            )
