"""One verdict per printed number: exact, last digit, deviates, not checkable."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.model import COMPUTED, Cell
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import CheckError, Fault
from groruddalen_stats.numbers import round_half_up

COLUMNS = ["object", "row", "column", "published", "rebuilt", "result", "basis", "deviation", "explanation"]
CHECKABLE = ("exact", "last_digit", "deviates")


def compare(
    published: pd.DataFrame, cells: Iterable[Cell], comparable: Callable[[Place], bool] = lambda _: True
) -> pd.DataFrame:
    """Return one row per printed number: :data:`COLUMNS`, and ``printed``, the number verbatim.

    A rebuilt value is rounded half up to the printed decimals. Cells that the print does not have are not compared,
    and a cell that only repeats the print (basis ``transcribed``) is ``not_checkable``, never agreement.

    Args:
        published: printed cells with the column ``object`` in front; signs without a number are left out.
        cells: rebuilt cells.
        comparable: whether a printed cell asks for the same statistic as the rebuilt one of the same name.

    Raises:
        CheckError: when a printed number has no rebuilt cell at all; one fault per cell.
    """
    rebuilt: dict[Place, Cell] = {cell.place: cell for cell in cells}
    rows, faults = [], []
    numbers = published[published["value"].notna()]
    columns = ("object", "row", "column", "value", "decimals", "printed")
    for *at, value, places, printed in zip(*(numbers[name].tolist() for name in columns), strict=True):
        place = Place(*map(str, at))
        decimals = int(places)
        number = round_half_up(float(value), decimals)
        text, result, basis = "", "not_comparable", ""
        if comparable(place):
            found = rebuilt.get(place)
            if found is None:
                what = f"the print has {printed} but no cell was rebuilt"
                faults.append(Fault(what, named(place), "run the build"))
                continue
            basis = str(found.basis)
            text, result = _judge(number, decimals, found)
        rows.append((*place, f"{number}", text, result, basis, "", "", str(printed)))
    if faults:
        raise CheckError(faults=faults)
    return pd.DataFrame(rows, columns=[*COLUMNS, "printed"])


def _judge(printed: Decimal, decimals: int, cell: Cell) -> tuple[str, str]:
    if cell.basis not in COMPUTED or not cell.known:
        return "", "not_checkable"
    rebuilt = round_half_up(cell.number, decimals)
    apart = abs(rebuilt - printed)
    if apart == 0:
        return f"{rebuilt}", "exact"
    return f"{rebuilt}", "last_digit" if apart == Decimal(1).scaleb(-decimals) else "deviates"


def place_of(record: Mapping[Hashable, Any]) -> Place:
    """Return the cell that a row of a table of cells is about."""
    return Place(str(record["object"]), str(record["row"]), str(record["column"]))


def named(place: Place | tuple[str, str, str]) -> str:
    """Return a cell as it is named in messages: ``tabell_01 bjerke/2006``."""
    return f"{place[0]} {place[1]}/{place[2]}"
