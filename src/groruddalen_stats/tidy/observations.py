"""One table of observations, from every raw snapshot that a source names."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import SEXES, ColumnRule, RegionLabel, Snapshot, Source, ValueColumn
from groruddalen_stats.errors import ContractError, Fault, RegionError, SnapshotError, did_you_mean, gathered
from groruddalen_stats.kept import Kept
from groruddalen_stats.plaintext import records
from groruddalen_stats.raw.store import Store
from groruddalen_stats.regions import tables
from groruddalen_stats.tidy.contracts import OBSERVATIONS

STATUS_SIGNS = frozenset({".", "..", "...", ":", "-"})
COLUMNS = list(OBSERVATIONS.columns)

_OLDEST = 120
_NEAR = 0.9  # of SequenceMatcher: one letter left out of a word of ten
_YEAR = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_AGE = re.compile(r"\d{1,3}(?:-\d{1,3}|\+)?|all", re.ASCII)
DIVISION = "division"
"""The period of figures that have no year: they hold as long as a division of the city does."""


def build(catalogue: Catalogue, store: Store, kept: Kept | None = None) -> pd.DataFrame:
    """Return all observations, sorted, in the observation contract.

    Raises:
        SnapshotError: one fault per missing file, column, number or region, each with file, line and column.
    """
    parts: list[pa.Table] = []
    faults: list[Fault] = []
    for key, source in catalogue.sources.sources.items():
        for snapshot in source.snapshots:
            if snapshot.path in catalogue.unread:
                continue
            with gathered(faults):
                parts.append(_kept(key, source, snapshot, store.read(snapshot.path), catalogue, kept))
        parts.extend(map(OBSERVATIONS.typed, _fetched(key, source, catalogue, store, faults)))
    SnapshotError.raise_any(faults)
    table = pa.concat_tables(parts).to_pandas()
    return OBSERVATIONS.enforce(table.sort_values(list(OBSERVATIONS.key), kind="stable", ignore_index=True))


def _kept(
    key: str, source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue, kept: Kept | None
) -> pa.Table:
    """Return the observations of a raw file, read again only when it or what is said of it has changed."""
    if kept is None:
        return OBSERVATIONS.typed(read_snapshot(key, source, snapshot, content, catalogue))
    path = catalogue.paths.config / "regions.yaml"
    regions = b"".join(file.read_bytes() for file in (path, *tables(path)))
    shows = (key, source.model_dump_json(), snapshot.path, content, regions, repr(sorted(catalogue.indicators.groups)))
    found = kept.get(*shows)
    if found is not None:
        return feather.read_table(pa.BufferReader(found))
    table = OBSERVATIONS.typed(read_snapshot(key, source, snapshot, content, catalogue))
    with pa.BufferOutputStream() as stream:
        feather.write_feather(table, stream, compression="uncompressed")
        kept.put(stream.getvalue().to_pybytes(), *shows)
    return table


def _fetched(
    key: str, source: Source, catalogue: Catalogue, store: Store, faults: list[Fault]
) -> Iterator[pd.DataFrame]:
    """Yield the observations of a source's fetched snapshots, where there are such."""
    if not isinstance(source.fetch, PxWebFetch):
        return
    for of, path in source.fetched(key).items():
        if path in catalogue.unread or not store.has(path):
            continue
        try:
            content = store.read(path)
            # The reader of live tables is slow to import and mostly not needed.
            from groruddalen_stats.tidy import fetched  # noqa: PLC0415

            block = source.fetch.part(of, catalogue.regions_of)
            yield fetched.observations(content, block, catalogue.regions, source=key, path=path)
        except SnapshotError as error:
            faults.extend(error.faults)
        except (ContractError, RegionError) as error:
            faults.extend(Fault(fault.what, fault.where or path, fault.remedy) for fault in error.faults)


_MANY_ROWS = 10  # an age band has a row for each region and year


def read_table(content: bytes, where: str, needed: Iterable[str], *, separator: str = ",") -> pd.DataFrame:
    """Return a raw CSV file as text columns; the row with index ``i`` begins in line ``i + 2`` of the file.

    Raises:
        SnapshotError: when the bytes are not UTF-8 CSV with one header, a column is missing or stands twice, or a row
            has more or fewer fields than the header; one fault per column or row.
    """
    rows = list(records(content, where, SnapshotError, separator))
    if not rows:
        raise SnapshotError("the file is empty", where=where, remedy="restore the file")
    line, header = rows[0]
    head = f"{where}:{line}"
    names = [unicodedata.normalize("NFC", name.strip()) for name in header]
    faults = [
        Fault(f"the column '{name}' stands {names.count(name)} times", head, "keep one of them")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    missing = [name for name in dict.fromkeys(needed) if name not in names]
    if missing and len(names) == 1 and ";" in names[0]:
        raise SnapshotError("the fields are separated by semicolons", where=head, remedy="separate them by commas")
    faults += [Fault(f"the column '{name}' is missing", head, did_you_mean(name, names)) for name in missing]
    faults += [
        Fault(
            f"the row has {_fields(len(row))}, the header {len(names)}",
            f"{where}:{line}",
            "give every row one field per column",
        )
        for line, row in rows[1:]
        if len(row) != len(names)
    ]
    SnapshotError.raise_any(faults)
    index = [line - 2 for line, _ in rows[1:]]
    return pd.DataFrame([row for _, row in rows[1:]], columns=names, index=index, dtype=str)


def _fields(number: int) -> str:
    return f"{number} field{'' if number == 1 else 's'}"


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
    wrong |= text.str.lower().eq("nan") | numbers.abs().eq(math.inf)
    if not empty:
        wrong |= blank
    remedy = f"write a number or one of the signs {' '.join(sorted(STATUS_SIGNS))}"
    SnapshotError.raise_any(_at(text, wrong, where, f"{{}} in column '{column}' is not a number", remedy))
    return numbers, signs


def _at(column: pd.Series, wrong: pd.Series, where: str, what: str, remedy: str) -> list[Fault]:
    """Return one fault per wrong cell, with its line; ``{}`` in ``what`` is the cell."""
    return [
        Fault(what.format(f"'{column[index]}'"), f"{where}:{int(index) + 2}", remedy) for index in column.index[wrong]
    ]


def read_snapshot(key: str, source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue) -> pd.DataFrame:
    """Return one raw file as observations.

    Raises:
        SnapshotError: one fault per missing column, number or region, and for two rows that say the same thing.
    """
    where = (catalogue.paths.raw / snapshot.path).as_posix()
    table = read_table(content, where, snapshot.columns)
    period = _dimension(table, snapshot.period, "")
    _refuse_near_misses(table, snapshot, where)
    regions, details = _regions(table, source, snapshot, period, catalogue, where)
    frames = []
    for value in snapshot.values:
        rows = _rows(table, value)
        if not rows.any():
            words = ", ".join(f"{name} = {word}" for name, word in value.when.items())
            raise SnapshotError(
                f"no row has {words} for the series '{value.series}'",
                where=where,
                remedy=f"correct 'when' in config/sources/{key}.yaml",
            )
        numbers, signs = numbers_in(table[rows], value.column, where, empty=source.kind != "independent")
        what = f"{{}} in column '{value.column}' is below zero"
        SnapshotError.raise_any(_at(table[value.column][rows], numbers.lt(0), where, what, "correct the number"))
        if snapshot.status is not None:
            signs = signs.where(signs.ne(""), _dimension(table, snapshot.status, "")[rows])
        background = _dimension(table, snapshot.background, value.background or "all")[rows]
        ages = _dimension(table, snapshot.age, "all")[rows]
        sexes = _dimension(table, snapshot.sex, "both")[rows]
        faults = [
            *_strange(ages, _is_age, where, "{} is not an age band", "write 0-5, 15, 80+ or all"),
            *_strange(sexes, SEXES.__contains__, where, "{} is not a sex", "write both, women or men"),
            *_strange(
                background,
                {"all", *catalogue.indicators.groups}.__contains__,
                where,
                "{} is not a known background",
                "add it to 'groups' in config/indicators.yaml, or correct it",
            ),
            *_period_faults(period[rows], source, catalogue, where),
            *_lonely(ages, where),
        ]
        SnapshotError.raise_any(faults)
        frames.append(
            pd.DataFrame(
                {
                    "source": key,
                    "series": value.series,
                    "region": regions[rows],
                    "period": period[rows],
                    "sex": sexes,
                    "age": ages,
                    "background": background,
                    "detail": value.detail or details[rows],
                    "value": numbers,
                    "status": signs,
                    "snapshot": snapshot.path,
                    "first": table.index[rows] + 2,
                    "last": table.index[rows] + 2,
                    "cells": 1,
                    "column": value.column,
                }
            )
        )
    result = pd.concat(frames, ignore_index=True)
    _refuse_twins(result, where)
    return result


def _strange(words: pd.Series, known: Callable[[str], bool], where: str, what: str, remedy: str) -> list[Fault]:
    # A word stands in many rows and is judged once.
    strange = [word for word in words.unique() if not known(word)]
    return _at(words, words.isin(strange), where, what, remedy) if strange else []


def _lonely(ages: pd.Series, where: str) -> list[Fault]:
    """Return an age band that one row alone has, where the others have many: a slip that no cell would ever ask for."""
    counts = ages.value_counts()
    alone = ages.map(counts).eq(1) & bool(len(counts) > 1 and counts.max() >= _MANY_ROWS)
    return _at(ages, alone, where, "only this row has the age band {}", "correct the age")


def _is_age(age: str) -> bool:
    if not _AGE.fullmatch(age):
        return False
    years = [int(year) for year in re.findall(r"\d+", age)]
    return years == sorted(years) and all(year <= _OLDEST for year in years)


def _period_faults(period: pd.Series, source: Source, catalogue: Catalogue, where: str) -> list[Fault]:
    if source.reference == "division":
        return []
    known = catalogue.regions.known
    span = f"{known.first.year}-{known.last.year}"

    def lies_in(word: str) -> bool:
        try:
            return known.first.year <= date_of(word, source.reference).year <= known.last.year
        except ValueError:
            return False

    # Statements of the report carry no year where the text gives none.
    words = period[period.ne("")] if source.kind == "prose" else period
    return _strange(words, lies_in, where, f"{{}} is not a year of {span}", "correct the year")


def _dimension(table: pd.DataFrame, dimension: ColumnRule | None, default: str) -> pd.Series:
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


def _refuse_near_misses(table: pd.DataFrame, snapshot: Snapshot, where: str) -> None:
    """Refuse a word that is nearly one of ``when``: its row would be lost."""
    meant: dict[str, dict[str, None]] = {}
    for value in snapshot.values:
        for name, word in value.when.items():
            meant.setdefault(name, {})[word] = None
    faults: list[Fault] = []
    for name, words in meant.items():
        near = {
            found: word
            for found in table[name].unique()
            if found not in words
            for word in words
            if _nearly(found, word)
        }
        for found, word in near.items():
            what = f"{{}} in column '{name}' is not '{word}'"
            faults += _at(table[name], table[name].eq(found), where, what, f"write {word}")
    SnapshotError.raise_any(faults)


def _nearly(found: str, word: str) -> bool:
    one, other = _plain(found), _plain(word)
    # Words that count something, such as figur_11 and figur_12, are near and mean to differ.
    alike = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    return one == other or (alike and difflib.SequenceMatcher(None, one, other).ratio() >= _NEAR)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", word)).strip().casefold()


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
            if source.reference != "division":
                date_of(when, source.reference)
            found[code, when] = _region(code, when, source, snapshot, catalogue)
        except (RegionError, ValueError) as error:
            fault = error.faults[0] if isinstance(error, RegionError) else Fault(str(error))
            what = f"{fault.where}: {fault.what}" if fault.where else fault.what
            faults.append(Fault(what, f"{where}:{int(index) + 2}", fault.remedy))
    SnapshotError.raise_any(faults)
    units = [found.get(pair, ("", "")) for pair in zip(codes.to_numpy(object), period.to_numpy(object), strict=True)]
    names = pd.Series([unit for unit, _ in units], index=table.index, dtype=object)
    details = pd.Series([detail for _, detail in units], index=table.index, dtype=object)
    return names, details


def _region(code: str, period: str, source: Source, snapshot: Snapshot, catalogue: Catalogue) -> tuple[str, str]:
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
    if not _YEAR.fullmatch(period):
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
    lines = ", ".join(map(str, alike["first"]))
    what = f"lines {lines} give the same cell twice: {', '.join(str(first[key]) for key in keys if first[key])}"
    raise SnapshotError(what, where=where, remedy="keep one of them")
