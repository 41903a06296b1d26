"""What changed from one vintage of a source to the next: revised, added, removed, status changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from groruddalen_stats.tidy.fetched import KEY

CHANGES = ("revised", "added", "removed", "status changed")


@dataclass(frozen=True, slots=True)
class Vintage:
    """The difference between two vintages, false where there is none.

    ``table`` has one row per changed observation: the key columns, ``change``, ``value_before``, ``value_after``,
    ``status_before``, ``status_after``; sorted.
    """

    table: pd.DataFrame

    def count(self, change: str) -> int:
        """Return how many observations changed in this way (one of :data:`CHANGES`)."""
        return int((self.table["change"] == change).sum())

    def __bool__(self) -> bool:
        return not self.table.empty

    def __str__(self) -> str:
        counts = [f"{self.count(change)} {change}" for change in CHANGES if self.count(change)]
        return ", ".join(counts) or "no observation changed"

    def csv(self) -> bytes:
        """Return the table as CSV in UTF-8, values unrounded."""
        return self.table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def place(source: str, moment: dt.datetime) -> str:
    """Return where the difference that a moment made to a source is kept, from data/raw."""
    return f"../vintages/{source}/{moment:%Y%m%dT%H%M%SZ}.csv"


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Vintage:
    """Return what changed from the observations of the snapshot in force, of which there may be none, to new ones."""
    columns = [*KEY, "value", "status"]
    both = before[columns].merge(
        after[columns], on=KEY, how="outer", suffixes=("_before", "_after"), indicator="side", validate="1:1"
    )
    old, new = both["value_before"], both["value_after"]
    moved = ~((old == new) | (old.isna() & new.isna()))
    marked = both["status_before"].fillna("") != both["status_after"].fillna("")
    conditions = [both["side"] == "right_only", both["side"] == "left_only", moved & old.notna() & new.notna(), marked]
    both["change"] = np.select(conditions, ["added", "removed", "revised", "status changed"], default="")
    # A number that gives way to nothing, or nothing to a number, without a sign on either side is a revision too.
    both.loc[(both["change"] == "") & moved, "change"] = "revised"
    changed = both.loc[both["change"] != ""].drop(columns="side")
    order = [*KEY, "change", "value_before", "value_after", "status_before", "status_after"]
    return Vintage(changed[order].sort_values(KEY, ignore_index=True))
