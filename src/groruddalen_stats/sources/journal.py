"""Turns a change of data/raw that was cut off in the middle into one that happened.

A change is: write everything beside, name all moves in a journal, move, remove the journal. Whoever finds a journal
finishes its moves first, so that a process killed at any moment leaves the old state or the new one. This module needs
nothing heavy: everything that reads raw files calls :func:`recover` before it does.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from groruddalen_stats import strictjson
from groruddalen_stats.errors import SnapshotError

GUARD, JOURNAL, STAGED = ".guard", ".journal.json", ".staged-"
LITTER = frozenset({"thumbs.db", "desktop.ini"})
"""Files that a system leaves in folders, in lower case; they are no raw files."""


def recover(raw: Path) -> None:
    """Finish a change of ``raw`` that was cut off; waits for one that is under way.

    Costs one look for a file when there is nothing to do.

    Raises:
        SnapshotError: when the journal cannot be read.
    """
    if (raw / JOURNAL).exists():
        with guarded(raw):
            finish(raw)


@contextmanager
def guarded(raw: Path) -> Iterator[None]:
    """Hold the one guard of ``raw``; the system lets go of it when the process ends, however it ends."""
    with FileLock(raw / GUARD):
        yield


def finish(raw: Path) -> None:
    """Make the moves of a journal that are still to be made, and sweep away what nobody will use.

    To be called with the guard held.

    Raises:
        SnapshotError: when the journal cannot be read.
    """
    journal = raw / JOURNAL
    if journal.exists():
        try:
            moves = [(raw / source, raw / target) for source, target in strictjson.parse(journal.read_bytes())]
        except (ValueError, TypeError):
            raise SnapshotError(
                "the journal of an interrupted fetch is damaged",
                where=str(journal),
                remedy="delete it and restore data/raw from the repository",
            ) from None
        for source, target in moves:
            if source.exists():
                source.replace(target)
        journal.unlink()
    for leftover in raw.glob(f"{STAGED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for leftover in raw.glob(f".{JOURNAL}.*.part"):
        leftover.unlink(missing_ok=True)
