"""Turns a set of new files under data/raw into one change that happens whole or not at all, lock included."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.sources.journal import JOURNAL, STAGED, finish, guarded
from groruddalen_stats.sources.store import Entry, Store, entry_of, lock_text


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
    with guarded(raw):
        finish(raw)
        lock = dict(Store(paths).lock.files) if paths.lock.exists() else {}
        for path, facts in provenance.items():
            lock[path] = Entry(**entry_of(files[path], path).model_dump(exclude_none=True), **facts)
        staged = raw / f"{STAGED}{uuid.uuid4().hex}"
        staged.mkdir()
        whole = {**files, paths.lock.relative_to(raw).as_posix(): lock_text(lock).encode("utf-8")}
        moves = []
        for number, (path, content) in enumerate(sorted(whole.items())):
            beside = staged / f".{number}"
            _write_through(beside, content)
            (raw / path).parent.mkdir(parents=True, exist_ok=True)
            moves.append([beside.relative_to(raw).as_posix(), path])
        write_text(raw / JOURNAL, json.dumps(moves, ensure_ascii=False))
        finish(raw)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk before the journal that names it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
