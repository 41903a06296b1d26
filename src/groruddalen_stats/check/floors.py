"""How many cells of an edition are computed at least, so that none is lost in silence.

``config/floors.csv`` has one row per edition and object: how many cells are at least of basis ``source``, how many of
basis ``source`` or ``recomputed``, and how many of the report's cells show a number. A build may have more. The numbers
are raised by ``groruddalen-stats floors`` and lowered only with ``--lower`` and a reason, which the file keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix.fill import of_print
from groruddalen_stats.appendix.model import COMPUTED, Basis, Cell
from groruddalen_stats.errors import CheckError, ConfigError, Fault
from groruddalen_stats.paths import write_text
from groruddalen_stats.tidy.observations import numbers_in, read_table

__all__ = ["COLUMNS", "counted", "read", "renew", "shortfalls"]

KEYS = ["edition", "object"]
KINDS: dict[str, Callable[[Cell], bool]] = {
    "source": lambda cell: cell.basis is Basis.SOURCE,
    "computed": lambda cell: cell.basis in COMPUTED,
    "filled": lambda cell: of_print(cell) and cell.known,
}
_TOLD = {"source": "are from a source", "computed": "are computed", "filled": "show a number"}
COLUMNS = [*KEYS, *KINDS, "reason"]
_NAMED = 3


def counted(cells: Iterable[Cell], edition: str) -> pd.DataFrame:
    """Return how many cells of each object of one edition are of each kind, in the columns of the file but ``reason``."""
    rows = [
        {
            "edition": edition,
            "object": cell.place.object,
            **{kind: belongs(cell) for kind, belongs in KINDS.items()},
        }
        for cell in cells
    ]
    return pd.DataFrame(rows, columns=[*KEYS, *KINDS]).groupby(KEYS, sort=False)[list(KINDS)].sum().reset_index()


def read(path: Path) -> pd.DataFrame:
    """Return the recorded floors; none where the project has no such file.

    Raises:
        SnapshotError: when the file is not a CSV file with these columns and whole numbers.
        ConfigError: when an object of an edition stands twice.
    """
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    table = read_table(path.read_bytes(), str(path), COLUMNS)
    for kind in KINDS:
        values, _ = numbers_in(table, kind, str(path), empty=False)
        table[kind] = values.astype("int64")
    twice = table[table.duplicated(KEYS)]
    if len(twice):
        listed = ", ".join(f"{row.edition}/{row.object}" for row in twice.itertuples())
        raise ConfigError(f"stands twice: {listed}", where=str(path), remedy="keep one row of each")
    return table[COLUMNS]


def shortfalls(recorded: pd.DataFrame, cells: Sequence[Cell], edition: str) -> list[Fault]:
    """Return one fault per object of an edition with fewer computed cells than recorded.

    Args:
        recorded: the floors.
        cells: the cells of the edition.
        edition: its name.
    """
    wanted = recorded[recorded["edition"] == edition]
    found = counted(cells, edition).set_index("object")
    faults = []
    for row in wanted.to_dict("records"):
        name = str(row["object"])
        for kind, belongs in KINDS.items():
            has = int(found[kind].get(name, 0))
            if has < row[kind]:
                counted_as = of_print if kind == "filled" else bool
                without = [
                    cell for cell in cells if cell.place.object == name and counted_as(cell) and not belongs(cell)
                ]
                places = [f"{cell.place.row}/{cell.place.column} ({cell.basis})" for cell in without]
                more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
                among = f"; without: {', '.join(places[:_NAMED])}{more}" if places else ""
                faults.append(
                    Fault(
                        f"{has} cells {_TOLD[kind]}, at least {row[kind]} are recorded{among}",
                        where=f"edition {edition}, {name}",
                        remedy="find out which rows of data/raw or which mapping went missing; "
                        "if it has to be so, groruddalen-stats floors --lower 'the reason'",
                    )
                )
                break
    return faults


def renew(path: Path, found: pd.DataFrame, reason: str = "") -> list[str]:
    """Write the floors as they can be today, and return what changed, a line each.

    Args:
        path: config/floors.csv.
        found: the counts of all editions.
        reason: why fewer cells may be computed than recorded; without one nothing is lowered.

    Raises:
        CheckError: when something would have to be lowered and no reason is given; nothing is written.
    """
    recorded = read(path).set_index(KEYS)
    rows, changes, lower = [], [], []
    for row in found.to_dict("records"):
        key = (row["edition"], row["object"])
        before = recorded.loc[key] if key in recorded.index else None
        note = "" if before is None else str(before["reason"])
        if before is not None and any(row[kind] < before[kind] for kind in KINDS):
            lower.append(f"{key[0]}/{key[1]}")
            note = reason
        if before is None or any(row[kind] != before[kind] for kind in KINDS):
            changes.append(f"{key[0]} {key[1]}: " + ", ".join(f"{kind} {row[kind]}" for kind in KINDS))
        rows.append({**row, "reason": note})
    if lower and not reason.strip():
        raise CheckError(
            f"fewer cells are computed than recorded: {', '.join(lower)}",
            where=str(path),
            remedy="find out what was lost, or give the reason: groruddalen-stats floors --lower 'the reason'",
        )
    if changes:
        table = pd.DataFrame(rows, columns=COLUMNS)
        write_text(path, table.to_csv(index=False, lineterminator="\n"))
    return changes
