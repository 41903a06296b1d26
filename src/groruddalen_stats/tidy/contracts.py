"""What every table between the stations must look like, and the check that it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa

from groruddalen_stats.errors import ContractError, Fault

ColumnKind = Literal["text", "number", "count"]

_SHOWN = 5


@dataclass(frozen=True)
class Contract:
    """What a table must look like.

    Attributes:
        columns: column name to kind, in order; ``text`` may be empty, ``number`` (a float) may be missing, ``count`` (an
            integer) may not.
        key: columns that together name one row.
        required: text columns that may not be empty.
        allowed: column name to its permitted words.
    """

    name: str
    columns: Mapping[str, ColumnKind]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    allowed: Mapping[str, frozenset[str]] | None = None

    @property
    def schema(self) -> pa.Schema:
        """The types of a file of such rows."""
        kinds = {"text": pa.string(), "number": pa.float64(), "count": pa.int64()}
        return pa.schema([(name, kinds[kind]) for name, kind in self.columns.items()])

    def typed(self, table: pd.DataFrame) -> pa.Table:
        """Return the rows in the types of a file; pandas has several kinds of text, and would note which."""
        return pa.Table.from_pandas(table, schema=self.schema, preserve_index=False).replace_schema_metadata()

    def enforce(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return ``table`` with exactly the contract's columns, in order and in their types.

        Raises:
            ContractError: one fault per broken rule, each with the first rows that break it.
        """
        absent = [column for column in self.columns if column not in table.columns]
        surplus = [column for column in table.columns if column not in self.columns]
        if absent or surplus:
            what = "; ".join(
                part
                for part in (
                    f"missing columns: {', '.join(absent)}" if absent else "",
                    f"unknown columns: {', '.join(map(str, surplus))}" if surplus else "",
                )
                if part
            )
            raise ContractError(what, where=self.name, remedy=f"the columns are {', '.join(self.columns)}")
        ordered = table[list(self.columns)].reset_index(drop=True)
        faults: list[Fault] = []
        for column, kind in self.columns.items():
            series = ordered[column]
            if kind == "text":
                if series.isna().any():
                    faults.append(self._fault(ordered, series.isna(), f"'{column}' is null where text is due"))
                continue
            numbers = pd.to_numeric(series, errors="coerce").astype("float64")
            ordered[column] = numbers
            wrong = numbers.isna() & series.notna()
            if wrong.any():
                faults.append(self._fault(table.reset_index(drop=True), wrong, f"'{column}' is not a number"))
            if kind == "count" and numbers.isna().any():
                faults.append(self._fault(ordered, numbers.isna(), f"'{column}' is empty"))
        for column in self.required:
            empty = ordered[column].eq("")
            if empty.any():
                faults.append(self._fault(ordered, empty, f"'{column}' is empty"))
        for column, words in (self.allowed or {}).items():
            strange = ~ordered[column].isin(words)
            if strange.any():
                faults.append(self._fault(ordered, strange, f"'{column}' is not one of {', '.join(sorted(words))}"))
        twins = ordered.duplicated(list(self.key), keep=False)
        if twins.any():
            faults.append(self._fault(ordered, twins, f"more than one row for the same {', '.join(self.key)}"))
        ContractError.raise_any(faults)
        return ordered.astype({column: "int64" for column, kind in self.columns.items() if kind == "count"})

    def _fault(self, table: pd.DataFrame, rows: pd.Series, what: str) -> Fault:
        shown = table[rows].head(_SHOWN)
        named = "; ".join(", ".join(f"{value}" for value in row) for row in shown.itertuples(index=False))
        more = f" and {int(rows.sum()) - _SHOWN} more" if int(rows.sum()) > _SHOWN else ""
        return Fault(f"{what}: {named}{more}", self.name, "correct the source or its entry in config/sources/")


# Of an observation, ``snapshot`` is its raw file; ``first`` is its line there, with ``column``, or in a JSON-stat answer the
# flat index of the first figure added up, where ``last`` is that of the last one and ``cells`` how many there are.
OBSERVATIONS = Contract(
    "observations",
    {
        "source": "text",
        "series": "text",
        "region": "text",
        "period": "text",
        "sex": "text",
        "age": "text",
        "background": "text",
        "detail": "text",
        "value": "number",
        "status": "text",
        "snapshot": "text",
        "first": "count",
        "last": "count",
        "cells": "count",
        "column": "text",
    },
    key=("source", "series", "region", "period", "sex", "age", "background", "detail", "snapshot", "first", "column"),
    required=("source", "series", "region", "period", "sex", "age", "background", "snapshot"),
    allowed={"sex": frozenset({"both", "women", "men"})},
)

PUBLISHED = Contract(
    "published",
    {
        "object": "text",
        "row": "text",
        "column": "text",
        "printed": "text",
        "value": "number",
        "decimals": "number",
        "unit": "text",
        "note": "text",
        "row_printed": "text",
        "column_printed": "text",
    },
    key=("object", "row", "column"),
    required=("object", "row", "column", "printed", "unit"),
)

PROSE = Contract(
    "prose",
    {
        "object": "text",
        "row": "text",
        "column": "text",
        "year": "count",
        "value": "number",
        "decimals": "number",
        "unit": "text",
        "qualifier": "text",
        "base": "text",
        "line": "count",
        "statement_nb": "text",
        "statement_en": "text",
    },
    key=("object", "row", "column"),
    required=("object", "row", "column", "unit", "qualifier", "statement_nb", "statement_en"),
    allowed={"qualifier": frozenset({"exact", "about", "over", "definition", "undated", "none"})},
)
