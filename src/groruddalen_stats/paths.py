"""Turns the project folder into one named path per place, so that no folder is spelled twice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """Every folder and fixed file of one project folder (``root``)."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def editions(self) -> Path:
        return self.config / "editions"

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def lock(self) -> Path:
        return self.raw / "lock.yaml"

    @property
    def published(self) -> Path:
        return self.raw / "published"

    @property
    def processed(self) -> Path:
        return self.root / "data" / "processed"

    @property
    def observations(self) -> Path:
        return self.processed / "observations.parquet"

    def cells(self, edition: str) -> Path:
        return self.processed / edition / "cells.parquet"

    def figures(self, edition: str) -> Path:
        return self.root / "figures" / edition

    def report(self, edition: str) -> Path:
        return self.root / "report" / edition


def project(root: Path | str | None = None) -> Paths:
    """Return the paths of ``root``, of ``GRORUDDALEN_STATS_ROOT``, or of the current folder."""
    chosen = root if root is not None else os.environ.get("GRORUDDALEN_STATS_ROOT", ".")
    return Paths(Path(chosen))


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` to write to, and move it into place only if the block succeeds.

    A reader therefore sees the old file or the new one, never half of it, and an error leaves the old file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o644)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target`` so that the file is never seen half written."""
    with written_whole(target) as beside:
        beside.write_bytes(content)


def write_text(target: Path, content: str) -> None:
    """Write UTF-8 ``content`` to ``target`` so that the file is never seen half written."""
    write_bytes(target, content.encode("utf-8"))
