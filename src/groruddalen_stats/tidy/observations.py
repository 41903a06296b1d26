"""One table of observations, from every raw snapshot that a source names."""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import SEXES, ColumnRule, RegionLabel, Snapshot, Source
from groruddalen_stats.errors import Fault, RegionError, SnapshotError, did_you_mean, gathered
from groruddalen_stats.plaintext import records
from groruddalen_stats.raw.store import Store
from groruddalen_stats.regions import Regions

STATUS_SIGNS = frozenset({".", "..", "...", ":", "-"})

WORDS = ("source", "series", "region", "period", "sex", "age", "background", "detail")
"""What names an observation of a raw file."""
# ``snapshot`` is the raw file; ``first`` is the line there, with ``column``, or in a JSON-stat answer the flat index of the
# first figure added up, where ``last`` is that of the last one and ``cells`` how many there are.
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in WORDS),
        ("value", pa.float64()),
        *((name, pa.string()) for name in ("status", "snapshot")),
        *((name, pa.int64()) for name in ("first", "last", "cells")),
        ("column", pa.string()),
    ]
)
"""The columns of observations."""
KEY = (*WORDS, "snapshot", "first", "column")
"""The columns that observations are sorted by."""

_OLDEST = 120
_NEAR = 0.9  # of SequenceMatcher: one letter left out of a word of ten
_YEAR = re.compile(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_AGE = re.compile(r"\d{1,3}(?:-\d{1,3}|\+)?|all", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MANY_ROWS = 10  # an age band has a row for each region and year
DIVISION = "division"
"""The period of figures that have no year: they hold as long as a division of the city does."""

_RawRow = tuple[str, str, str, str, str, str, str, str, float, str, str, int, int, int, str]


def build(catalogue: Catalogue, store: Store) -> pd.DataFrame:
    """Return all observations, sorted, in the columns of :data:`SCHEMA`.

    Raises:
        SnapshotError: one fault per missing file, column, number or region, each with file, line and column.
    """
    rows: list[_RawRow] = []
    answers: list[pd.DataFrame] = []
    faults: list[Fault] = []
    for key, source in catalogue.sources.sources.items():
        for snapshot in source.snapshots:
            if snapshot.path not in catalogue.unread:
                with gathered(faults):
                    rows += _rows(key, source, snapshot, store.read(snapshot.path), catalogue)
        for of, path in source.fetched(key).items():
            if isinstance(source.fetch, PxWebFetch) and path not in catalogue.unread and store.has(path):
                # The reader of live tables is slow to import and mostly not needed.
                from groruddalen_stats.tidy import fetched  # noqa: PLC0415

                with gathered(faults, path):
                    content, block = store.read(path), source.fetch.part(of, catalogue.regions_of)
                    answers.append(fetched.observations(content, block, catalogue.regions, source=key, path=path))
    SnapshotError.tell(faults)
    table = pd.concat([_table(rows), *answers])
    return _without_duplicates(table.sort_values(list(KEY), kind="stable", ignore_index=True), catalogue.paths.raw)


def read_snapshot(key: str, source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue) -> pd.DataFrame:
    """Return one raw file as observations, in the columns of :data:`SCHEMA`."""
    return _without_duplicates(_table(_rows(key, source, snapshot, content, catalogue)), catalogue.paths.raw)


def _table(rows: Sequence[_RawRow]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=SCHEMA.names)


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
    remedy = "give every row one field per column"
    for line, row in rows[1:]:
        if len(row) != len(names):
            what = f"the row has {len(row)} field{'' if len(row) == 1 else 's'}, the header {len(names)}"
            faults.append(Fault(what, f"{where}:{line}", remedy))
    SnapshotError.raise_any(faults)
    index = [line - 2 for line, _ in rows[1:]]
    return pd.DataFrame([row for _, row in rows[1:]], columns=names, index=index, dtype=str)


def numbers_in(table: pd.DataFrame, column: str, where: str, *, empty: bool) -> tuple[pd.Series, pd.Series]:
    """Return a text column as numbers and status signs."""
    index, texts = table.index.tolist(), table[column].tolist()
    found = [_number(text, empty=empty) for text in texts]
    wrong = [(at, text) for at, text, pair in zip(index, texts, found, strict=True) if pair is None]
    SnapshotError.raise_any(_no_number(text, column, f"{where}:{at + 2}") for at, text in wrong)
    numbers, signs = zip(*filter(None, found), strict=True) if found else ((), ())
    return pd.Series(numbers, index=index, dtype="float64"), pd.Series(signs, index=index, dtype="str")


def _number(text: str, *, empty: bool) -> tuple[float, str] | None:
    """Return a number, or NaN and a status sign; None for neither."""
    word = text.strip()
    if _NUMBER.fullmatch(word):
        return float(word), ""
    return (math.nan, word) if word in STATUS_SIGNS or (empty and not word) else None


def _no_number(text: str, column: str, where: str) -> Fault:
    remedy = f"write a number or one of the signs {' '.join(sorted(STATUS_SIGNS))}"
    return Fault(f"'{text}' in column '{column}' is not a number", where, remedy)


def _rows(key: str, source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue) -> list[_RawRow]:
    """Return the observations of one raw file."""
    where = (catalogue.paths.raw / snapshot.path).as_posix()
    table = read_table(content, where, snapshot.columns)
    texts: dict[str, list[str]] = {str(name): table[name].tolist() for name in table}
    lines = [int(index) + 2 for index in table.index]
    places = [f"{where}:{line}" for line in lines]
    SnapshotError.raise_any(_near_misses(texts, places, snapshot))

    def words(rule: ColumnRule | None, default: str) -> list[str]:
        if rule is None or rule.column is None:
            return [default if rule is None else str(rule.constant)] * len(places)
        ours = rule.map or {}
        return [ours.get(word, word) for word in texts[rule.column]]

    codes, periods, statuses = texts[snapshot.region.column], words(snapshot.period, ""), words(snapshot.status, "")
    ages, sexes, backgrounds = words(snapshot.age, "all"), words(snapshot.sex, "both"), words(snapshot.background, "")
    known, groups = catalogue.regions.known, {"", "all", *catalogue.indicators.groups}

    def is_period(word: str) -> bool:
        try:
            return known.first.year <= date_of(word, source.reference).year <= known.last.year
        except ValueError:
            return source.reference == "division"

    checks: list[tuple[list[str], Callable[[str], bool], str, str]] = [
        (ages, _is_age, "an age band", "write 0-5, 15, 80+ or all"),
        (sexes, SEXES.__contains__, "a sex", "write both, women or men"),
        (
            backgrounds,
            groups.__contains__,
            "a known background",
            "add it to 'groups' in config/indicators.yaml, or correct it",
        ),
        (periods, is_period, f"a year of {known.first.year}-{known.last.year}", "correct the year"),
    ]
    strange = [
        (listed, {word for word in {*listed} if not fits(word)}, what, remedy) for listed, fits, what, remedy in checks
    ]
    regions: dict[tuple[str, str], tuple[str, str]] = {}
    rows: list[_RawRow] = []
    faults: list[Fault] = []
    for value in snapshot.values:
        chosen = [at for at in range(len(places)) if all(texts[name][at] == word for name, word in value.when.items())]
        if not chosen:
            named = ", ".join(f"{name} = {word}" for name, word in value.when.items())
            what, remedy = f"no row has {named}", f"correct 'when' in config/sources/{key}.yaml"
            if not named:
                what, remedy = "there is no row", "restore the file"
            raise SnapshotError(f"{what} for the series '{value.series}'", where=where, remedy=remedy)
        counts = Counter(ages[at] for at in chosen)
        for at in chosen:
            text, place = texts[value.column][at], (codes[at], periods[at])
            number, sign = _number(text, empty=source.kind != "independent") or (math.nan, None)
            if sign is None:
                faults.append(_no_number(text, value.column, places[at]))
            if number < 0:
                what = f"'{text}' in column '{value.column}' is below zero"
                faults.append(Fault(what, places[at], "correct the number"))
            for listed, wrong, what, remedy in strange:
                if listed[at] in wrong:
                    faults.append(Fault(f"'{listed[at]}' is not {what}", places[at], remedy))
            if counts[ages[at]] == 1 and counts.most_common(1)[0][1] >= _MANY_ROWS:
                # A slip that no cell would ever ask for.
                faults.append(Fault(f"only this row has the age band '{ages[at]}'", places[at], "correct the age"))
            if place not in regions:
                regions[place] = "", ""
                try:
                    regions[place] = _region(*place, source, snapshot, catalogue.regions)
                except ValueError:
                    pass  # What is no period is told above.
                except RegionError as error:
                    said = ": ".join(filter(None, (error.faults[0].where, error.faults[0].what)))
                    faults.append(Fault(said, places[at], error.faults[0].remedy))
            region, detail = regions[place]
            of_whom = sexes[at], ages[at], backgrounds[at] or value.background or "all", value.detail or detail
            origin = snapshot.path, lines[at], lines[at], 1, value.column
            rows.append((key, value.series, region, periods[at], *of_whom, number, sign or statuses[at], *origin))
    SnapshotError.raise_any(faults)
    return rows


def _is_age(age: str) -> bool:
    if not _AGE.fullmatch(age):
        return False
    years = [int(year) for year in re.findall(r"\d+", age)]
    return years == sorted(years) and all(year <= _OLDEST for year in years)


def _near_misses(texts: Mapping[str, list[str]], places: Sequence[str], snapshot: Snapshot) -> Iterator[Fault]:
    """Yield every word that is nearly one of ``when``: its row would be lost."""
    meant: dict[str, dict[str, None]] = {}
    for value in snapshot.values:
        for name, word in value.when.items():
            meant.setdefault(name, {})[word] = None
    for name, words in meant.items():
        near = {found: word for found in {*texts[name]} - {*words} for word in words if _nearly(found, word)}
        for found, place in zip(texts[name], places, strict=True):
            if found in near:
                yield Fault(f"'{found}' in column '{name}' is not '{near[found]}'", place, f"write {near[found]}")


def _nearly(found: str, word: str) -> bool:
    one, other = _plain(found), _plain(word)
    # Words that count something, such as figur_11 and figur_12, are near and mean to differ.
    alike = re.findall(r"\d+", one) == re.findall(r"\d+", other)
    return one == other or (alike and difflib.SequenceMatcher(None, one, other).ratio() >= _NEAR)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", word)).strip().casefold()


def _region(code: str, period: str, source: Source, snapshot: Snapshot, regions: Regions) -> tuple[str, str]:
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
        regions.require(code)
        return code, ""
    assert rule.scheme is not None
    return regions.unit(rule.scheme, code, date_of(period, source.reference)), ""


def date_of(period: str, reference: str) -> dt.date:
    """Return the day a period's figures stand for: 1 January for a stock of that day, else the year's last day."""
    year, _, month = period.partition("-")
    if not _YEAR.fullmatch(period):
        raise ValueError(f"'{period}' is not a year")
    if reference == "1_january":
        return dt.date(int(year), 1, 1)
    return dt.date(int(year), int(month or 12), 28 if month else 31)


def _without_duplicates(table: pd.DataFrame, raw: Path) -> pd.DataFrame:
    """Return observations of which no two of one file say the same thing."""
    duplicates = table[table.duplicated([*WORDS, "snapshot"], keep=False)]
    if duplicates.empty:
        return table
    first = duplicates.iloc[0]
    alike = duplicates[(duplicates[[*WORDS, "snapshot"]] == first[[*WORDS, "snapshot"]]).all(axis=1)]
    said = ", ".join(str(first[word]) for word in WORDS[1:] if first[word])
    what = f"lines {', '.join(map(str, alike['first']))} give the same cell twice: {said}"
    raise SnapshotError(what, where=(raw / first["snapshot"]).as_posix(), remedy="keep one of them")
