"""A file that a person has downloaded becomes a snapshot: the way of publishers without a service that can be asked."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import sys
import urllib.parse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Fetched, Import, Snapshot, Source
from groruddalen_stats.errors import ConfigError, Fault, SnapshotError, did_you_mean
from groruddalen_stats.live import vintage
from groruddalen_stats.live.fetch import require_alive
from groruddalen_stats.raw.store import SIDECAR, Store, sidecar
from groruddalen_stats.tidy.fetched import KEY
from groruddalen_stats.tidy.observations import STATUS_SIGNS, read_snapshot, read_table

_SHOWN = 20  # changed cells that are named; data/vintages has them all
# Of Latin-1 the file's publisher may mean the Windows kind, which has the dash and the quotes as well.
_CODECS = {"utf-8": "utf-8-sig", "latin-1": "cp1252"}
_GROUPED = r"-?(?:\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+|\d+)"
_BLANKS = re.compile(r"[ \u00a0\u2009\u202f]")


def run(catalogue: Catalogue, name: str, file: Path, facts: Fetched, now: dt.datetime, *, dry_run: bool = False) -> int:
    """Put a downloaded file in place as the snapshot of the source ``name``, say what changes, and return 0.

    ``facts`` are where and when a person downloaded it, and what was chosen there.

    Raises:
        ConfigError: when the source has no ``import`` block, or the address is none.
        SnapshotError: one fault per wrong header, number, region or other word, with line and column of the file; or
            when the snapshot in force is damaged.
        ContractError: when a region, a period or another word that has numbers in force has none in the file.
    """
    source, block = _entry(catalogue, name)
    parts = urllib.parse.urlsplit(facts.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError(f"'{facts.url}' is no web address", where="--url", remedy="begin it with https://")
    (snapshot,) = source.snapshots
    where = file.as_posix()
    try:
        original = file.read_bytes()
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        raise SnapshotError(what, where=where, remedy="name the file that was downloaded") from None
    table = _table(original, block, snapshot, where)
    try:
        after = read_snapshot(name, source, snapshot, _csv(table, in_place=True), catalogue)
    except SnapshotError as error:
        own = (catalogue.paths.raw / snapshot.path).as_posix()
        raise SnapshotError(faults=_of_file(error.faults, own, where, table, block)) from None
    store = Store(catalogue.paths)
    before = after.iloc[:0]
    said: dict[str, object] = {}
    if snapshot.path in store.lock.files:
        before = read_snapshot(name, source, snapshot, store.read(snapshot.path), catalogue)
    if (catalogue.paths.raw / f"{snapshot.path}{SIDECAR}").exists():
        kept = store.sidecar(snapshot.path).model_dump(mode="json", exclude_none=True)
        said = {key: value for key, value in kept.items() if key not in {"obtained", "fetched"}}
    remedy = (
        "download all that the snapshot in force has; to accept less, delete that one and run 'groruddalen-stats lock'"
    )
    require_alive(before, after, where, remedy=remedy)
    facts = facts.model_copy(update={"sha256": hashlib.sha256(original).hexdigest()})
    said["fetched"] = facts.model_dump(mode="json", exclude_defaults=True)
    change = vintage.compare(before, after)
    _tell(name, change)
    if dry_run:
        sys.stdout.write("nothing under data/raw was changed\n")
        return 0
    beside = {snapshot.path + SIDECAR: sidecar(said)}
    if change:
        beside[vintage.place(name, now)] = change.csv()
    store.put({snapshot.path: _csv(table, in_place=False)}, beside)
    sys.stdout.write(f"data/raw/{snapshot.path} is in place: `groruddalen-stats validate`, then `make report`\n")
    return 0


def _tell(name: str, change: vintage.Vintage) -> None:
    sys.stdout.write(f"{name}: {change}\n")
    for row in change.table.head(_SHOWN).to_dict("records"):
        words = " ".join(str(row[column]) for column in KEY if row[column] not in {"", "all", "both"})
        old, new = (_shown(row[f"value_{side}"], row[f"status_{side}"]) for side in ("before", "after"))
        sys.stdout.write(f"    {row['change']}: {words}: {old} -> {new}\n")
    if len(change.table) > _SHOWN:
        sys.stdout.write(f"    and {len(change.table) - _SHOWN} more\n")


def _shown(value: float, status: object) -> str:
    sign = status if isinstance(status, str) else ""
    return sign or "nothing" if pd.isna(value) else f"{value:.12g}{sign}"


def _entry(catalogue: Catalogue, name: str) -> tuple[Source, Import]:
    known = {key: source for key, source in catalogue.sources.sources.items() if source.imports is not None}
    block = known[name].imports if name in known else None
    if block is None:
        what = f"'{name}' is not a source that a file can be imported for"
        raise ConfigError(what, remedy=f"{did_you_mean(name, known)} Others need an 'import' block")
    return known[name], block


def _table(content: bytes, block: Import, snapshot: Snapshot, where: str) -> pd.DataFrame:
    """Return the file's rows in our columns and words; that with index ``i`` begins in line ``i + 2`` of the file."""
    lines = _decoded(content, block, where).split("\n")
    # Lines before the header are left empty, so that all others keep their numbers.
    text = "\n".join([""] * block.skip + lines[block.skip :])
    whole = read_table(text.encode("utf-8"), where, block.columns, separator=block.separator)
    table: pd.DataFrame = whole[list(block.columns)].rename(columns=block.columns)
    table = table.apply(lambda column: column.str.strip())
    for column, words in block.without.items():
        table = table[~table[column].isin(words)]
    for column, names in block.words.items():
        table[column] = table[column].map(lambda word, names=names: names.get(word, word))
    theirs = {ours: name for name, ours in block.columns.items()}
    faults: list[Fault] = []
    number = re.compile(rf"{_GROUPED}(?:{re.escape(block.decimal)}\d+)?", re.ASCII)
    for column in dict.fromkeys(value.column for value in snapshot.values):
        cells = table[column]
        fits = cells.map(lambda cell: number.fullmatch(cell) is not None).astype(bool)
        faults += [
            Fault(
                f"'{cells[line]}' in column '{theirs[column]}' is not a number with the decimal mark {block.decimal}",
                f"{where}:{int(line) + 2}",
                f"correct it, or say under 'words' which of the signs {' '.join(sorted(STATUS_SIGNS))} it is",
            )
            for line in cells.index[~fits & ~cells.isin(STATUS_SIGNS)]
        ]
        plain = cells[fits].map(lambda cell: _BLANKS.sub("", cell).replace(block.decimal, "."))
        table[column] = plain.reindex(cells.index).fillna(cells)
    if faults:
        raise SnapshotError(faults=faults)
    return table


def _decoded(content: bytes, block: Import, where: str) -> str:
    try:
        if block.encoding != "utf-8" and not content.isascii():
            content.decode("utf-8")
            what = f"the file is in UTF-8, not {block.encoding}"
            raise SnapshotError(what, where=where, remedy="correct 'encoding' of the import block")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(_CODECS[block.encoding])
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what = f"byte {content[error.start]:#04x} is not {block.encoding}"
        raise SnapshotError(what, where=f"{where}:{line}", remedy="correct 'encoding' of the import block") from None


def _csv(table: pd.DataFrame, *, in_place: bool) -> bytes:
    """Return rows as a snapshot has them; ``in_place`` each in the line that it has in the downloaded file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    line = 2
    for index, *row in table.itertuples():
        if in_place:
            out.write("\n" * (int(index) + 2 - line))
            line = int(index) + 3 + sum(str(field).count("\n") for field in row)
        writer.writerow(row)
    return out.getvalue().encode("utf-8")


def _of_file(faults: Iterable[Fault], own: str, where: str, table: pd.DataFrame, block: Import) -> list[Fault]:
    """Return the faults of a snapshot as those of the file that it was made from: its name, its columns."""
    found: list[Fault] = []
    theirs = {ours: name for name, ours in block.columns.items()}
    for fault in faults:
        what = re.sub(r"column '(\w+)'", lambda said: f"column '{theirs.get(said[1], said[1])}'", fault.what)
        line = fault.where.rpartition(":")[2]
        if "column '" not in what and line.isdecimal() and int(line) - 2 in table.index:
            row = table.loc[int(line) - 2]
            named = [theirs[column] for column in table.columns if f"'{row[column]}'" in what]
            what += f" (column '{named[0]}')" if named else ""
        found.append(replace(fault, what=what, where=fault.where.replace(own, where, 1)))
    return found
