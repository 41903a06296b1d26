"""The files below data/raw as a set that is changed whole or not at all.

A change is written beside, in parts (``.<name>.part``); once all are whole, the new lock's part becomes ``.lock.yaml.whole``.
Then every part is moved into place, and the new lock last. Whoever looks first and finds a whole change finishes its
moves: a process killed at any moment leaves the old state or the new one. Every command looks, so this module needs
nothing heavy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

GUARD, LOCK, PART, WHOLE = ".guard", "lock.yaml", ".part", ".lock.yaml.whole"
LITTER = frozenset({"thumbs.db", "desktop.ini"})
"""Files that a system leaves in folders, in lower case; they are no raw files."""


def listed(raw: Path) -> list[Path]:
    """Return every file below ``raw``, sidecars and lock among them, without what is hidden, unfinished or litter."""
    recover(raw)
    return sorted(
        path
        for path in raw.rglob("*")
        if path.is_file()
        and not path.name.startswith(".")
        and path.suffix != PART
        and path.name.casefold() not in LITTER
    )


def recover(raw: Path) -> None:
    """Finish a change of ``raw`` that was cut off, or wait for one under way; costs one look when there is none."""
    if (raw / WHOLE).exists():
        with FileLock(raw / GUARD):
            _finish(raw)


@contextmanager
def changing(raw: Path) -> Iterator[dict[str, bytes]]:
    """Hold the guard of ``raw`` and yield an empty change to fill: content by path below ``raw``, always with the lock.

    The system lets go of the guard when the process ends, however it ends. A block that raises changes nothing.
    """
    raw.mkdir(parents=True, exist_ok=True)
    with FileLock(raw / GUARD):
        _finish(raw)
        change: dict[str, bytes] = {}
        yield change
        for name, content in change.items():
            part = (raw / name).with_name(f".{Path(name).name}{PART}")
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        (raw / f".{LOCK}{PART}").replace(raw / WHOLE)
        _finish(raw)


def _finish(raw: Path) -> None:
    """Move the parts of a whole change into place; sweep away those of one that was cut off before it was whole."""
    whole = (raw / WHOLE).exists()
    for part in [*raw.rglob(f".*{PART}"), *(raw.parent / "vintages").rglob(f".*{PART}")]:
        if whole:
            part.replace(part.with_name(part.stem[1:]))
        else:
            part.unlink()
    if whole:
        (raw / WHOLE).replace(raw / LOCK)
