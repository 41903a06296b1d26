"""Observations of one fetched PxWeb table, by the words that config/sources.yaml gives its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.errors import ContractError, Fault, RegionError, SnapshotError
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.pxtable.selection import resolve, variables
from groruddalen_stats.regions import Regions

KEY = ["series", "region", "period", "sex", "age", "background", "detail"]
COLUMNS = ["source", *KEY, "value", "status", "snapshot", "first", "last", "cells", "column"]

_MONTHS = 12
NIL, NOT_APPLICABLE, MISSING, CONFIDENTIAL = "-", ".", "..", ":"
PROVISIONAL = "*"
_DEFAULTS: dict[str, str] = {"sex": "both", "age": "all", "background": "all", "detail": ""}

# One dimension of the document: our words along it, and the positions that each of them sums.
Axis = Mapping[str, tuple[int, ...]]


def observations(document: bytes, fetch: PxWebFetch, regions: Regions, *, source: str, path: str) -> pd.DataFrame:
    """Return the observations of one snapshot.

    Several values that share one of our words are summed; a sum with a missing part is missing and carries the sign
    of that part. A true nil ("-") counts as nothing in a sum. Where a region code did not exist at the date, zero or
    nothing becomes "not applicable" ("."). Numbers of a year that its label marks as provisional carry "*".

    Origins read ``<path>#v<flat index>``, and for a sum of n cells ``<path>#v<first>..<last>/<n>``.

    Returns:
        One row per observation in the columns of :data:`COLUMNS`, sorted by :data:`KEY`, which is unique.

    Raises:
        SnapshotError: when the document is not the table that the catalogue describes.
        ContractError: when a code has a number at a date at which it did not exist, or two cells claim one key.
        RegionError: when a region code or name does not exist at any date of the table.
    """
    dataset = jsonstat.decode(document, name=path)
    choices, drifts = resolve(variables(dataset), fetch)
    if drifts:
        raise SnapshotError(
            faults=[Fault(drift.what, f"{path} ({'.'.join(map(str, drift.place))})", drift.remedy) for drift in drifts]
        )
    chosen = {choice.variable.code: choice for choice in choices}
    axes = [chosen[d.code].words if d.code in chosen else {"": (0,)} for d in dataset.dimensions]
    shape = [len(axis) for axis in axes]
    columns: dict[str, Any] = {**_DEFAULTS, "source": source, "series": fetch.series}
    columns |= {str(column): word for column, word in fetch.fixed.items()}
    for number, dimension in enumerate(dataset.dimensions):
        if dimension.code in chosen and (column := chosen[dimension.code].column):
            columns[column] = _along(np.array(list(axes[number]), dtype=object), number, shape)
    columns["value"], columns["status"] = _summed(dataset, axes, fetch)
    if any(entry.years and entry.years.months for entry in fetch.select):
        columns["value"] = columns["value"] / _MONTHS
    strides = [math.prod(dataset.size[number + 1 :]) for number in range(len(axes))]
    for name, end in (("first", min), ("last", max)):
        ends = [[stride * end(at) for at in axis.values()] for stride, axis in zip(strides, axes, strict=True)]
        columns[name] = reduce(np.add.outer, ends, np.zeros(())).ravel().astype(np.int64)
    lengths = [[len(at) for at in axis.values()] for axis in axes]
    columns["cells"] = reduce(np.multiply.outer, lengths, np.ones(())).ravel().astype(np.int64)
    columns |= {"snapshot": path, "column": ""}
    rows = pd.DataFrame(columns, index=range(math.prod(shape)))
    provisional = {word for choice in choices if choice.column == "period" for word in choice.marked}
    if provisional:
        rows["status"] = rows["status"].mask(
            rows["period"].isin(provisional) & rows["value"].notna() & (rows["status"] == ""), PROVISIONAL
        )
    rows = _in_regions(rows, fetch, regions, path)
    twice = rows.duplicated(KEY, keep=False)
    if twice.any():
        example = rows.loc[twice].iloc[0]
        raise ContractError(
            f"{int(twice.sum())} cells claim the same observations, such as "
            f"{example['series']} {example['region']} {example['period']}",
            where=path,
            remedy="select each region and value once",
        )
    return rows[COLUMNS].sort_values(KEY, ignore_index=True)


def _along(entries: npt.NDArray[Any], number: int, shape: Sequence[int]) -> npt.NDArray[Any]:
    """Return ``entries`` of one axis for every cell of the result, row-major."""
    tall = entries.reshape([-1 if axis == number else 1 for axis in range(len(shape))])
    return np.broadcast_to(tall, shape).ravel()


def _reduced(array: npt.NDArray[Any], axes: Sequence[Axis], how: Callable[..., Any]) -> npt.NDArray[Any]:
    """Return ``array`` with each axis reduced to its words."""
    for number, axis in enumerate(axes):
        if all(len(positions) == 1 for positions in axis.values()):
            array = np.take(array, [positions[0] for positions in axis.values()], axis=number)
        else:
            parts = [how(np.take(array, positions, axis=number), axis=number) for positions in axis.values()]
            array = np.stack(parts, axis=number)
    return array


def _summed(
    dataset: jsonstat.Dataset, axes: Sequence[Axis], fetch: PxWebFetch
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Return the values and signs of the result."""
    raw = dataset.values
    unknown = np.isnan(raw)
    signs = [fetch.signs.get(sign, sign) for sign in dataset.status.categories]
    # Ordered by how much a sign says against a sum that has it in one part: the last one wins.
    ladder = ["", *sorted({*signs} - {NIL, NOT_APPLICABLE, MISSING, CONFIDENTIAL})]
    if fetch.disclosure:
        ladder.append(fetch.disclosure.status)
    ladder += [NIL, NOT_APPLICABLE, MISSING, CONFIDENTIAL]
    rung = {sign: at for at, sign in enumerate(ladder)}
    ranks = np.array([rung[sign] for sign in signs] + [0])[dataset.status.codes]
    if fetch.disclosure:
        altered = np.isin(raw, fetch.disclosure.values) & (ranks == 0)
        ranks[altered] = rung[fetch.disclosure.status]
    ranks[unknown & (ranks == 0)] = rung[MISSING]
    nil = unknown & (ranks == rung[NIL])
    ranks[nil] = 0

    size = dataset.size
    total = _reduced(np.where(unknown, 0.0, raw).reshape(size), axes, np.sum)
    gap = _reduced((unknown & ~nil).reshape(size), axes, np.any)
    nothing = _reduced(nil.reshape(size), axes, np.all)
    worst = _reduced(ranks.reshape(size), axes, np.max)
    value = np.where(gap | nothing, np.nan, total).ravel()
    status = np.array(ladder, dtype=object)[np.where(nothing, rung[NIL], worst)].ravel()
    return value, status


def _in_regions(rows: pd.DataFrame, fetch: PxWebFetch, regions: Regions, path: str) -> pd.DataFrame:
    """Return the rows with canonical regions."""
    scheme = next((entry.scheme for entry in fetch.select if entry.scheme), None)
    if scheme is None:
        parts = rows["region"].str.split(" ", n=1)
        for region in parts.str[0].unique():
            regions.require(region)
        detail = parts.str[1]
        return rows.assign(region=parts.str[0], detail=rows["detail"].where(detail.isna(), detail))

    if rows.empty:
        return rows
    units: dict[tuple[str, str], str | None] = {}
    problem: dict[str, RegionError] = {}
    for code in rows["region"].unique():
        for period in sorted(rows["period"].unique()):
            try:
                units[code, period] = regions.unit(scheme, code, fetch.date(period))
            except RegionError as error:
                units[code, period], problem[code] = None, error
    known = pd.Series(units, dtype=object)
    pairs = pd.MultiIndex.from_frame(rows[["region", "period"]])
    absent = known.isna()[pairs].to_numpy()
    counted = absent & (rows["value"].fillna(0) != 0).to_numpy()
    # At other dates a code is the unit that it was before, or else came to be; one of other years than the table's is none.
    unit = known.groupby(level=0).ffill().groupby(level=0).bfill()[pairs].to_numpy()
    nowhere = pd.isna(unit)
    if (counted & nowhere).any():
        raise problem[rows.loc[counted & nowhere, "region"].iloc[0]]
    if counted.any():
        example = rows.loc[counted].iloc[0]
        raise ContractError(
            f"{int(counted.sum())} numbers stand at dates at which their region code did not exist, such as code "
            f"{example['region']} in {example['period']}: {example['value']:g}",
            where=path,
            remedy="correct the validity of the code in config/regions.yaml, or take another code",
        )
    # A zero before a code existed is a server's way to say that there was nothing to count.
    value, status = rows["value"].mask(absent), rows["status"].mask(absent, NOT_APPLICABLE)
    rows, absent = rows.assign(region=unit, value=value, status=status)[~nowhere], absent[~nowhere]
    # Another code may hold the unit at that date (Oslo in the division before 2004): that one counts.
    counts: pd.DataFrame = rows.loc[~(absent & rows.duplicated(KEY, keep=False).to_numpy())]
    return counts
