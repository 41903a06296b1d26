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
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and when a person downloaded a file, and what was chosen there."""

    url: str
    date: dt.date
    query: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as the snapshot that it becomes, and what that changes.

    Attributes:
        path: of the snapshot, below data/raw.
        sidecar: what is said of it.
    """

    path: str
    content: bytes
    sidecar: bytes
    change: vintage.Vintage


def run(
    catalogue: Catalogue, name: str, file: Path, provenance: Provenance, now: dt.datetime, *, dry_run: bool = False
) -> int:
    """Put a file in place as the snapshot of the source ``name``, say what changes, and return 0; see :func:`read`."""
    new = read(catalogue, name, file, provenance)
    sys.stdout.write(f"{name}: {new.change}\n")
    for row in new.change.table.head(_SHOWN).to_dict("records"):
        words = " ".join(str(row[column]) for column in KEY if row[column] not in {"", "all", "both"})
        before, after = (_shown(row[f"value_{side}"], row[f"status_{side}"]) for side in ("before", "after"))
        sys.stdout.write(f"    {row['change']}: {words}: {before} -> {after}\n")
    if len(new.change.table) > _SHOWN:
        sys.stdout.write(f"    and {len(new.change.table) - _SHOWN} more\n")
    if dry_run:
        sys.stdout.write("nothing under data/raw was changed\n")
        return 0
    beside = {new.path + SIDECAR: new.sidecar}
    if new.change:
        beside[vintage.place(name, now)] = new.change.csv()
    Store(catalogue.paths).put({new.path: new.content}, beside)
    sys.stdout.write(f"data/raw/{new.path} is in place: `groruddalen-stats validate`, then `make report`\n")
    return 0


def _shown(value: float, status: object) -> str:
    sign = status if isinstance(status, str) else ""
    return sign or "nothing" if pd.isna(value) else f"{value:.12g}{sign}"


def read(catalogue: Catalogue, name: str, file: Path, provenance: Provenance) -> Imported:
    """Return a downloaded file as the snapshot of the source ``name``, checked as every snapshot is.

    Raises:
        ConfigError: when the source has no ``import`` block, or the address is none.
        SnapshotError: one fault per wrong header, number, region or other word, with line and column of the file; or
            when the snapshot in force is damaged.
        ContractError: when a region, a period or another word that has numbers in force has none in the file.
    """
    source, block = _entry(catalogue, name)
    parts = urllib.parse.urlsplit(provenance.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError(f"'{provenance.url}' is no web address", where="--url", remedy="begin it with https://")
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
    kept: dict[str, object] = {}
    if snapshot.path in store.lock.files:
        before = read_snapshot(name, source, snapshot, store.read(snapshot.path), catalogue)
    if (catalogue.paths.raw / f"{snapshot.path}{SIDECAR}").exists():
        said = store.sidecar(snapshot.path).model_dump(mode="json", exclude_none=True)
        kept = {key: value for key, value in said.items() if key not in {"obtained", "fetched"}}
    remedy = (
        "download all that the snapshot in force has; to accept less, delete that one and run 'groruddalen-stats lock'"
    )
    require_alive(before, after, where, remedy=remedy)
    facts = Fetched(
        moment=provenance.date.isoformat(),
        url=provenance.url,
        query={"chosen": provenance.query} if provenance.query else {},
        sha256=hashlib.sha256(original).hexdigest(),
    )
    kept["fetched"] = facts.model_dump(mode="json", exclude_defaults=True)
    content = _csv(table, in_place=False)
    return Imported(snapshot.path, content, sidecar(kept), vintage.compare(before, after))


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
