"""The small project of tests/project: five objects, two editions and a print with planted errors, all reckoned by head.

Its own folder has what tests speak of. The words of readers (labels, and the texts of the check and the claims) are the shipped ones, put in beside it: the code asks for each of them by name, and a second set would only
have to be kept in step. No test may depend on their wording.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from groruddalen_stats.appendix.layout import Spec, layout
from groruddalen_stats.appendix.model import Basis, Cell, Missing, Value
from groruddalen_stats.config.models import Place
from groruddalen_stats.paths import Paths
from workbench import PROJECT, Bench

SHIPPED = PROJECT
OWN = Path(__file__).parent / "project"
BUILT: tuple[dict[str, str], ...] = (
    {"edition": "2010", "language": "nb"},
    {"edition": "2010", "language": "en"},
    {"edition": "2020", "language": "nb"},
)
CODE = ("Snakefile", "pyproject.toml", "requirements.lock", "profiles", "src")


def place(target: Path, *more: str) -> Paths:
    """Put the small project into a folder, with ``more`` parts of the shipped one such as its code, and return it."""
    shutil.copytree(OWN, target, dirs_exist_ok=True)
    shipped = SHIPPED / "config"
    for name in ("palette.csv", "words.csv", "claims-words.csv", "ledger/rules.csv"):
        shutil.copy(shipped / name, target / "config" / name)
    return copy_shipped(target, more)


def copy_shipped(target: Path, parts: Iterable[str]) -> Paths:
    """Put files and folders of the shipped project into a folder, and return it."""
    for part in parts:
        source = SHIPPED / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, target / part, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(source, target / part)
    paths = Paths(target)
    return share_kept(paths) if "data/raw" in parts else paths


def share_kept(paths: Paths) -> Paths:
    """Let a copy find what others have read and drawn of the same contents by the same code, and return it."""
    shared = Paths(SHIPPED).kept
    shared.mkdir(parents=True, exist_ok=True)
    paths.processed.mkdir(parents=True, exist_ok=True)
    paths.kept.symlink_to(shared)
    return paths


def edit(path: Path, old: str, new: str) -> None:
    """Put another text in the first place of a file that has ``old``."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="small-project-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def paths() -> Paths:
    """Return the small project of this process; tests only read it."""
    return place(_folder())


@cache
def built() -> Paths:
    """Return the small project with three reports and what they have together; tests only read it."""
    from groruddalen_stats.stages import build, takeaway

    made = share_kept(place(_folder(), "LICENSE", "CITATION.cff"))
    for run in BUILT:
        build.build(made, run, "place")
    takeaway.collect(made)
    return made


_small = Bench(paths)
catalogue, observed, printed = _small.catalogue, _small.observed, _small.printed
compute, find, cells = _small.compute, _small.find, _small.cells


def cell(among: Iterable[Cell], path: str) -> Cell:
    """Return one cell by ``object/row/column``."""
    (found,) = (cell for cell in among if "/".join(cell.place) == path)
    return found


def with_value(cell: Cell, **changes: Any) -> Cell:
    """Return a cell whose value is changed; one without a value stays."""
    return replace(cell, value=replace(cell.value, **changes)) if cell.value else cell


def changed(cells: Iterable[Cell], *where: str, **changes: Any) -> list[Cell]:
    """Return cells, the value of those at ``where`` (``object/row/column``) changed."""
    return [with_value(cell, **changes) if "/".join(cell.place) in where else cell for cell in cells]


@cache
def _spec() -> Spec:
    return replace(next(iter(layout("tabell_01", catalogue()).cells.values())), ours=False)


def made_up(
    place: str, number: float, basis: str = "source", unit: str = "persons", decimals: int = 0, **value: Any
) -> Cell:
    """Return a cell at ``object/row/column`` that no project has."""
    name, row, column = place.split("/")
    cell = Cell(Place(name, row, column), _spec(), unit, decimals, missing=Missing("no_source"))
    if basis == Basis.MISSING:
        return cell
    return replace(cell, value=Value(number, Basis(basis), **value), missing=None)
