"""The printed cells, and the numbers stated in the report's text, as data/raw/published has them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy.contracts import PROSE, PUBLISHED
from groruddalen_stats.tidy.observations import numbers_in, read_table


def read_published(store: Store) -> pd.DataFrame:
    """Return every printed cell of the tables, in the published contract."""
    frames = []
    for name in sorted(n for n in store.lock.files if n.startswith("published/tabell_")):
        where = (store.paths.raw / name).as_posix()
        table = read_table(store.read(name), where, (column for column in PUBLISHED.columns if column != "object"))
        for column in ("value", "decimals"):
            table[column], _ = numbers_in(table, column, where, empty=True)
        frames.append(table.assign(object=Path(name).stem))
    return PUBLISHED.enforce(pd.concat(frames, ignore_index=True))


def read_prose(store: Store) -> pd.DataFrame:
    """Return the numbers the report's running text states for its figures, in the prose contract."""
    name = "published/prose.csv"
    where = (store.paths.raw / name).as_posix()
    table = read_table(store.read(name), where, PROSE.columns)
    for column in ("value", "decimals", "year", "line"):
        table[column], _ = numbers_in(table, column, where, empty=column in {"value", "decimals"})
    return PROSE.enforce(table)
