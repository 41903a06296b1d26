"""Turns a set of new files under data/raw into one change that happens whole or not at all, lock included.

The order is: write everything beside, name all moves in a journal, move, remove the journal. Whoever finds a journal
finishes its moves first (:func:`recover`), so that a process killed at any moment leaves the old state or the new one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.sources.store import Entry, Store, entry_of, lock_text

_GUARD, _JOURNAL, _STAGED = ".guard", ".journal.json", ".staged-"


def recover(paths: Paths) -> None:
    """Finish a change that was cut off in the middle of its moves; waits for one that is under way.

    To be called before anything under ``data/raw`` is read. Costs one look for a file when there is nothing to do.

    Raises:
        SnapshotError: when the journal cannot be read.
    """
    if (paths.raw / _JOURNAL).exists():
        with _guarded(paths.raw):
            _finish(paths.raw)


def commit(paths: Paths, files: Mapping[str, bytes], provenance: Mapping[str, Mapping[str, Any]]) -> None:
    """Write ``files`` and their lines in the lock as one change.

    Args:
        paths: The project.
        files: Content by path relative to data/raw.
        provenance: What the lock says of a file beside its size and hash. Files that are not named here (sidecars,
            diffs) are written but not locked.

    Raises:
        ConfigError: when the lock on disk is damaged; nothing is changed then.
    """
    raw = paths.raw
    raw.mkdir(parents=True, exist_ok=True)
    with _guarded(raw):
        _finish(raw)
        lock = dict(Store(paths).lock.files) if paths.lock.exists() else {}
        for path, facts in provenance.items():
            lock[path] = Entry(**entry_of(files[path], path).model_dump(exclude_none=True), **facts)
        staged = raw / f"{_STAGED}{uuid.uuid4().hex}"
        staged.mkdir()
        whole = {**files, paths.lock.relative_to(raw).as_posix(): lock_text(lock).encode("utf-8")}
        moves = []
        for number, (path, content) in enumerate(sorted(whole.items())):
            beside = staged / f".{number}"
            _write_through(beside, content)
            (raw / path).parent.mkdir(parents=True, exist_ok=True)
            moves.append([beside.relative_to(raw).as_posix(), path])
        write_text(raw / _JOURNAL, json.dumps(moves, ensure_ascii=False))
        _finish(raw)


@contextmanager
def _guarded(raw: Path) -> Iterator[None]:
    """Hold the one guard of data/raw; the system lets go of it when the process ends, however it ends."""
    with (raw / _GUARD).open("a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(guard, fcntl.LOCK_UN)


def _finish(raw: Path) -> None:
    """Make the moves of a journal that are still to be made, and sweep away what nobody will use."""
    journal = raw / _JOURNAL
    if journal.exists():
        try:
            moves = [(raw / source, raw / target) for source, target in json.loads(journal.read_bytes())]
        except ValueError:
            raise SnapshotError(
                "the journal of an interrupted fetch is damaged",
                where=str(journal),
                remedy="delete it and restore data/raw from the repository",
            ) from None
        for source, target in moves:
            if source.exists():
                source.replace(target)
        journal.unlink()
    for leftover in raw.glob(f"{_STAGED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in raw.glob(f".{_JOURNAL}.*.part"):
        leftover.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk before the journal that names it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
