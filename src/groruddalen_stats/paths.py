"""The places of the project folder, one name each, so that no folder is spelled twice; and whole writing of files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FIGURE_KINDS = ("svg", "png", "narrow.svg")
"""What each figure is written as: for a page, to stand alone, and for a telephone."""
FINDINGS = "appendix-check.pdf"
"""The second PDF of the print's own edition: what was found in the print."""


class _At:
    """A place below the project folder."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __get__(self, paths: Paths, _: type[Paths]) -> Path:
        return paths.root / self._place


@dataclass(frozen=True, slots=True)
class Paths:
    """Every folder and fixed file of one project folder.

    Attributes:
        staged: the report and the figures are those under construction, below data/processed, which take the place of
            the last good ones when they are whole.
    """

    root: Path
    staged: bool = False

    config = _At("config")
    editions = _At("config/editions")
    areas = _At("config/areas")
    ledger = _At("config/ledger")
    identities = _At("config/identities.yaml")
    floors = _At("config/floors.csv")
    raw = _At("data/raw")
    lock = _At("data/raw/lock.yaml")
    published = _At("data/raw/published")
    power = _At("data/recorded/power.json")
    processed = _At("data/processed")
    kept = _At("data/processed/kept")
    observations = _At("data/processed/observations.parquet")
    patch = _At("report/doctor.patch")

    def observations_of(self, area: str | None) -> Path:
        """Return the observations of a run about another area than the report's, or the usual ones."""
        return self.processed / f"area-{area}" / "observations.parquet" if area else self.observations

    def cells(self, edition: str) -> Path:
        return self.processed / edition / "cells.parquet"

    def figures(self, edition: str) -> Path:
        return self._built("figures", edition)

    def report(self, edition: str) -> Path:
        return self._built("report", edition)

    def _built(self, kind: str, edition: str) -> Path:
        return self.processed / edition / "staged" / kind if self.staged else self.root / kind / edition

    def name(self, file: Path) -> str:
        """Return the name of a file of the project as readers know it, also while it is under construction."""
        parts = file.relative_to(self.root).parts
        if parts[:2] == ("data", "processed") and parts[3:4] == ("staged",):
            parts = (parts[4], parts[2], *parts[5:])
        return "/".join(parts)


def project(root: Path | str | None = None, *, staged: bool = False) -> Paths:
    """Return the paths of ``root``, of ``GRORUDDALEN_STATS_ROOT``, or of the current folder."""
    chosen = root if root is not None else os.environ.get("GRORUDDALEN_STATS_ROOT", ".")
    return Paths(Path(chosen), staged)


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
    except OSError as error:
        # Where the disk is full, whoever wrote does not always say which file it was.
        error.filename = error.filename or str(target)
        raise
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target`` so that the file is never seen half written."""
    with written_whole(target) as beside:
        beside.write_bytes(content)


def write_text(target: Path, content: str) -> None:
    """Write UTF-8 ``content`` to ``target`` so that the file is never seen half written."""
    write_bytes(target, content.encode("utf-8"))
