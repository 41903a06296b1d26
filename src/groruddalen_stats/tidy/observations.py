"""Turns every raw snapshot that config/sources.yaml names into one table of observations."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import Dimension, RegionLabel, Snapshot, Source, ValueColumn
from groruddalen_stats.errors import ContractError, Fault, RegionError, SnapshotError, did_you_mean
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy.contracts import OBSERVATIONS

STATUS_SIGNS = frozenset({".", "..", "...", ":", "-"})
COLUMNS = list(OBSERVATIONS.columns)

_SORT = ["source", "series", "region", "period", "sex", "age", "background", "detail", "origin"]


def build(catalogue: Catalogue, store: Store) -> pd.DataFrame:
    """Return all observations, sorted, in the observation contract.

    Args:
        catalogue: the project's configuration.
        store: the raw files.

    Raises:
        SnapshotError: one fault per missing file, column, number or region, each with file, line and column.
    """
    frames: list[pd.DataFrame] = []
    faults: list[Fault] = []
    for key, source in catalogue.sources.sources.items():
        for snapshot in source.snapshots:
            try:
                content = store.read(snapshot.path)
                frames.append(read_snapshot(key, source, snapshot, content, catalogue))
            except SnapshotError as error:
                faults.extend(error.faults)
        frames.extend(_fetched(key, source, catalogue, store, faults))
    if faults:
        raise SnapshotError(faults=faults)
    table = pd.concat(frames, ignore_index=True).sort_values(_SORT, kind="stable", ignore_index=True)
    return OBSERVATIONS.enforce(table)


def _fetched(
    key: str, source: Source, catalogue: Catalogue, store: Store, faults: list[Fault]
) -> Iterator[pd.DataFrame]:
    """Yield the observations of a source's fetched snapshot, where there is one."""
    path = source.fetched(key)
    if not isinstance(source.fetch, PxWebFetch) or path not in store.lock.files:
        return
    try:
        content = store.read(path)
        # The reader of live tables is slow to import and mostly not needed.
        from groruddalen_stats.tidy import fetched  # noqa: PLC0415

        yield fetched.observations(content, source.fetch, catalogue.regions, source=key, path=path)
    except SnapshotError as error:
        faults.extend(error.faults)
    except (ContractError, RegionError) as error:
        faults.extend(Fault(fault.what, fault.where or path, fault.remedy) for fault in error.faults)


def read_table(content: bytes, where: str, needed: Iterable[str]) -> pd.DataFrame:
    """Return a raw CSV file as text columns; row ``i`` stands in line ``i + 2`` of the file.

    Raises:
        SnapshotError: when the bytes are not UTF-8 CSV or a needed column is missing.
    """
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8")
    except (ValueError, UnicodeDecodeError) as error:
        what = f"not a readable CSV table ({str(error).splitlines()[0]})"
        raise SnapshotError(what, where=where, remedy="restore the file") from None
    faults = [
        Fault(f"the column '{name}' is missing", where, did_you_mean(name, map(str, table.columns)))
        for name in dict.fromkeys(needed)
        if name not in table.columns
    ]
    if faults:
        raise SnapshotError(faults=faults)
    return table


def numbers_in(table: pd.DataFrame, column: str, where: str, *, empty: bool) -> tuple[pd.Series, pd.Series]:
    """Return a text column as numbers and status signs.

    Raises:
        SnapshotError: one fault per cell that is neither a number nor a status sign (nor empty, where allowed).
    """
    text = table[column].str.strip()
    signs = text.where(text.isin(STATUS_SIGNS), "")
    blank = text.eq("")
    numbers = pd.to_numeric(text.mask(blank | signs.ne(""), "nan"), errors="coerce")
    wrong = numbers.isna() & signs.eq("") & ~(blank if empty else False) & text.str.lower().ne("nan")
    wrong |= text.str.lower().isin({"nan", "inf", "-inf", "infinity"})
    if not empty:
        wrong |= blank
    if wrong.any():
        raise SnapshotError(
            faults=[
                Fault(
                    f"'{text[index]}' in column '{column}' is not a number",
                    f"{where}:{int(index) + 2}",
                    f"write a number or one of the signs {' '.join(sorted(STATUS_SIGNS))}",
                )
                for index in text.index[wrong]
            ]
        )
    return numbers, signs


def read_snapshot(
    key: str, source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue
) -> pd.DataFrame:
    """Return one raw file as observations.

    Raises:
        SnapshotError: one fault per missing column, number or region, and for two rows that say the same thing.
    """
    where = (catalogue.paths.raw / snapshot.path).as_posix()
    table = read_table(content, where, _needed(snapshot))
    period = _dimension(table, snapshot.period, "")
    regions, details = _regions(table, source, snapshot, period, catalogue, where)
    frames = []
    for value in snapshot.values:
        rows = _rows(table, value)
        if not rows.any():
            words = ", ".join(f"{name} = {word}" for name, word in value.when.items())
            raise SnapshotError(
                f"no row has {words} for the series '{value.series}'",
                where=where,
                remedy=f"correct 'when' of {key} in config/sources.yaml",
            )
        numbers, signs = numbers_in(table[rows], value.column, where, empty=source.kind != "independent")
        if snapshot.status is not None:
            signs = signs.where(signs.ne(""), _dimension(table, snapshot.status, "")[rows])
        background = _dimension(table, snapshot.background, value.background or "all")[rows]
        frames.append(
            pd.DataFrame(
                {
                    "source": key,
                    "series": value.series,
                    "region": regions[rows],
                    "period": period[rows],
                    "sex": _dimension(table, snapshot.sex, "both")[rows],
                    "age": _dimension(table, snapshot.age, "all")[rows],
                    "background": background,
                    "detail": details[rows],
                    "value": numbers,
                    "status": signs,
                    "origin": [f"{snapshot.path}#L{index + 2}:{value.column}" for index in table.index[rows]],
                }
            )
        )
    result = pd.concat(frames, ignore_index=True)
    _refuse_twins(result, where)
    return result


def _needed(snapshot: Snapshot) -> list[str]:
    dimensions = [snapshot.period, snapshot.sex, snapshot.age, snapshot.background, snapshot.status]
    names = [snapshot.region.column, *(d.column for d in dimensions if d is not None and d.column)]
    for value in snapshot.values:
        names.extend([value.column, *value.when])
    return names


def _dimension(table: pd.DataFrame, dimension: Dimension | None, default: str) -> pd.Series:
    if dimension is None or dimension.constant is not None:
        constant = default if dimension is None else dimension.constant
        return pd.Series(constant, index=table.index, dtype=object)
    column = table[str(dimension.column)]
    words = dimension.map
    return column if words is None else column.map(lambda word: words.get(word, word))


def _rows(table: pd.DataFrame, value: ValueColumn) -> pd.Series:
    rows = pd.Series(True, index=table.index)  # noqa: FBT003
    for column, word in value.when.items():
        rows &= table[column].eq(word)
    return rows


def _regions(
    table: pd.DataFrame,
    source: Source,
    snapshot: Snapshot,
    period: pd.Series,
    catalogue: Catalogue,
    where: str,
) -> tuple[pd.Series, pd.Series]:
    rule = snapshot.region
    codes = table[rule.column]
    wanted = pd.Series(False, index=table.index)  # noqa: FBT003
    for value in snapshot.values:
        wanted |= _rows(table, value)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    faults: list[Fault] = []
    pairs = pd.DataFrame({"code": codes, "period": period})[wanted].drop_duplicates()
    for index, code, when in pairs.itertuples():
        try:
            found[code, when] = _region(code, when, source, snapshot, catalogue)
        except (RegionError, ValueError) as error:
            fault = error.faults[0] if isinstance(error, RegionError) else Fault(str(error))
            what = f"{fault.where}: {fault.what}" if fault.where else fault.what
            faults.append(Fault(what, f"{where}:{int(index) + 2}", fault.remedy))
    if faults:
        raise SnapshotError(faults=faults)
    units = [found.get(pair, ("", "")) for pair in zip(codes, period, strict=True)]
    names = pd.Series([unit for unit, _ in units], index=table.index, dtype=object)
    details = pd.Series([detail for _, detail in units], index=table.index, dtype=object)
    return names, details


def _region(
    code: str, period: str, source: Source, snapshot: Snapshot, catalogue: Catalogue
) -> tuple[str, str]:
    rule = snapshot.region
    if rule.labels is not None:
        if code not in rule.labels:
            raise RegionError(f"unknown region label '{code}'", remedy=did_you_mean(code, rule.labels))
        entry: Any = rule.labels[code]
        if isinstance(entry, RegionLabel):
            return entry.region, entry.detail
        return str(entry), ""
    if rule.scheme == "delbydel":
        return f"d{code}", ""
    if rule.scheme == "id":
        catalogue.regions.require(code)
        return code, ""
    assert rule.scheme is not None
    return catalogue.regions.unit(rule.scheme, code, date_of(period, source.reference)), ""


def date_of(period: str, reference: str) -> dt.date:
    """Return the day a period's figures stand for: 1 January for a stock of that day, else the year's last day.

    Raises:
        ValueError: when the period is not a year or a month.
    """
    year, _, month = period.partition("-")
    if not (year.isdigit() and len(year) == 4 and (not month or month.isdigit())):
        raise ValueError(f"'{period}' is not a year")
    if reference == "1_january":
        return dt.date(int(year), 1, 1)
    return dt.date(int(year), int(month or 12), 28 if month else 31)


def _refuse_twins(observations: pd.DataFrame, where: str) -> None:
    keys = ["series", "region", "period", "sex", "age", "background", "detail"]
    twins = observations[observations.duplicated(keys, keep=False)]
    if twins.empty:
        return
    first = twins.iloc[0]
    alike = twins[(twins[keys] == first[keys]).all(axis=1)]
    lines = ", ".join(origin.partition("#L")[2].partition(":")[0] for origin in alike["origin"])
    what = (
        f"lines {lines} give the same cell twice: {', '.join(str(first[key]) for key in keys if first[key])}"
    )
    raise SnapshotError(what, where=where, remedy="keep one of them")
