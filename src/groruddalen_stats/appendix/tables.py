"""The one door to the Parquet files between the stations: typed columns, nested where a row has lists of its own."""

from __future__ import annotations

import types
from collections.abc import Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.errors import ContractError
from groruddalen_stats.paths import written_whole
from groruddalen_stats.tidy.observations import SCHEMA

_SCALARS = (str, int, float)
_CELLS = TypeAdapter(list[Cell])
_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def read_observations(path: Path) -> pd.DataFrame:
    """Return the observations; see :data:`~groruddalen_stats.tidy.observations.SCHEMA` for the columns."""
    table: pd.DataFrame = _read(path).to_pandas()
    return table


def write_observations(table: pd.DataFrame, target: Path) -> Path:
    """Write the observations so that the file is never seen half written; return the path."""
    # pandas has several kinds of text, and would note which.
    plain = pa.Table.from_pandas(table, schema=SCHEMA, preserve_index=False).replace_schema_metadata()
    return _write(plain, target)


def read_cells(path: Path) -> list[Cell]:
    """Return the cells of a run."""
    return _CELLS.validate_python(_read(path).to_pylist())


def write_cells(cells: Sequence[Cell], target: Path) -> Path:
    """Write the cells of a run so that the file is never seen half written; return the path."""
    schema = pa.schema(list(_type(Cell)))
    return _write(pa.Table.from_pylist([_plain(cell) for cell in cells], schema=schema), target)


def _plain(value: Any) -> Any:
    """Return a value in the words of Parquet: structures as mappings, tuples as lists."""
    if value is None or isinstance(value, _SCALARS):
        return value
    if hasattr(value, "_asdict"):  # a named tuple has no parts of its own
        return value._asdict()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return {name: _plain(getattr(value, name)) for name in type(value).__dataclass_fields__}


@cache
def _type(kind: Any) -> pa.DataType:
    """Return the Parquet type of a type of the model."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum)):
        return pa.string()
    if get_origin(kind) is tuple:
        return pa.list_(_type(get_args(kind)[0]))
    if isinstance(kind, types.UnionType) or get_origin(kind) not in (None, tuple):
        return _type(next(part for part in get_args(kind) if part is not type(None)))
    return pa.struct([(name, _type(part)) for name, part in get_type_hints(kind).items()])


def _write(table: pa.Table, target: Path) -> Path:
    with written_whole(target) as beside:
        pq.write_table(table, beside)
    return target


def _read(path: Path) -> pa.Table:
    if not path.exists():
        raise ContractError(
            "the table has not been built", where=path.as_posix(), remedy="run 'make report' or 'snakemake'"
        )
    return pq.read_table(path)
