"""Numbers that are not shown, since with the others on the page they would give away one that its publisher kept back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from groruddalen_stats.appendix.model import Cell, Flag, FlagKind, Value
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Indicators

KEPT_BACK = ":"
"""The sign of a figure that its publisher does not show, so as to protect people."""


def protected(cells: Sequence[Cell], catalogue: Catalogue) -> list[Cell]:
    """Return cells of which none that was kept back can be worked out: the sum it is part of is not shown either.

    Where the sum is what was kept back, its smallest part is not shown.
    """
    known = catalogue.indicators
    while True:
        counted = {term: value for cell in cells for term, value in _counts(cell, known)}
        if not any(value.sign == KEPT_BACK for value in counted.values()):
            return list(cells)
        given_away = set(_given_away(counted, catalogue))
        if not given_away:
            return list(cells)
        cells = [_without(cell) if given_away.intersection(_named(cell, known)) else cell for cell in cells]


def _counts(cell: Cell, known: Indicators) -> Iterator[tuple[Term, Value]]:
    """Yield the one count that a cell shows or is a share of."""
    terms = terms_of(cell.spec, known).numerator
    count = cell.numerator or cell.value
    if len(terms) == 1 and count is not None and cell.value is not None:
        yield terms[0], cell.value if cell.value.sign else count


def _named(cell: Cell, known: Indicators) -> Iterable[Term]:
    terms = terms_of(cell.spec, known)
    return (*terms.numerator, *terms.base[0])


def _given_away(counted: Mapping[Term, Value], catalogue: Catalogue) -> Iterator[Term]:
    """Yield the count to leave out of each sum of which only one was kept back."""
    for total in counted:
        for parts in _sums(total, catalogue):
            if all(term in counted for term in parts):
                hidden = [term for term in (total, *parts) if not math.isfinite(counted[term].number)]
                if len(hidden) == 1 and counted[hidden[0]].sign == KEPT_BACK:
                    shown = [term for term in parts if term not in hidden]
                    yield min(shown, key=lambda term: counted[term].number) if hidden[0] == total else total


def _sums(total: Term, catalogue: Catalogue) -> Iterator[list[Term]]:
    """Yield what adds up to a count, in each way that a page may show."""
    area = catalogue.area
    if total.region == area.together or (total.region == area.whole and area.together is None):
        of_whole = catalogue.regions.side_by_side(total.region, catalogue.day, catalogue.run.borders)
        if total.region == area.together or of_whole == area.parts:
            yield [total._replace(region=part) for part in area.parts]
    if catalogue.sub_districts and total.region == area.parts[0]:
        yield [total._replace(region=part) for part in catalogue.sub_districts]
    if total.sex == "both":
        yield [total._replace(sex="women"), total._replace(sex="men")]
    if total.background == "all" and (groups := catalogue.indicators.series[total.series].backgrounds):
        yield [total._replace(background=group) for group in groups]


def _without(cell: Cell) -> Cell:
    if cell.value is None:
        return cell
    flags = (*cell.value.flags, Flag(FlagKind.CAVEAT, "kept_back"))
    value = replace(cell.value, number=math.nan, sign=KEPT_BACK, flags=tuple(dict.fromkeys(flags)))
    return replace(cell, value=value, numerator=None, denominator=None)
