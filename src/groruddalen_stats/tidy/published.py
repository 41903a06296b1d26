"""The printed cells, and the numbers stated in the report's text, as data/raw/published has them."""

from __future__ import annotations

import math
from pathlib import PurePosixPath
from typing import Annotated, Literal

import pandas as pd
from pydantic import BeforeValidator

from groruddalen_stats.config.load import read_rows
from groruddalen_stats.config.models import Given
from groruddalen_stats.config.rows import Row
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.raw.store import Store


class PrintedRow(Row):
    """A printed cell: the number as printed, and what it stands for; a dash stands for none."""

    row: Given
    column: Given
    printed: Given
    value: float = math.nan
    decimals: float = math.nan
    unit: Given
    note: str = ""
    row_printed: str = ""
    column_printed: str = ""


class StatedRow(Row):
    """A number that the text states of a cell; with ``base`` it is the difference from the cell of that row and column."""

    object: Given
    row: Given
    column: Given
    year: int
    value: float = math.nan
    decimals: float = math.nan
    unit: Given
    qualifier: Literal["exact", "about", "over", "definition", "undated", "none"]
    base: Annotated[tuple[str, ...], BeforeValidator(lambda text: tuple(text.split("/")))] = ()
    line: int
    statement_nb: Given
    statement_en: Given


def read_published(store: Store) -> pd.DataFrame:
    """Return every printed cell of the tables: its object, and the columns of :class:`PrintedRow`."""
    names = [PurePosixPath(name) for name in sorted(store.lock.files)]
    tables = [name for name in names if name.match("published/tabell_*.csv")]
    return pd.concat([_read(PrintedRow, store, name).assign(object=name.stem) for name in tables], ignore_index=True)


def read_prose(store: Store) -> pd.DataFrame:
    """Return the numbers the report's running text states for its figures: the columns of :class:`StatedRow`."""
    return _read(StatedRow, store, PurePosixPath("published/prose.csv"))


def _read(model: type[Row], store: Store, name: PurePosixPath) -> pd.DataFrame:
    key = [column for column in ("object", "row", "column") if column in model.model_fields]
    rows, faults = read_rows(model, store.paths.raw / name, key, store.read(str(name)))
    SnapshotError.raise_any(faults)
    return pd.DataFrame([row.model_dump() for row in rows.values()], columns=list(model.model_fields))
