"""The manifest of a finished report: the code, configuration, packages and raw files it was made from."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from groruddalen_stats.catalogue import Catalogue

__all__ = ["manifest", "revision", "sha256"]

PACKAGES = (
    "groruddalen-stats",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyyaml",
    "shapely",
    "snakemake",
    "typst",
    "xlsxwriter",
)


def manifest(catalogue: Catalogue, outputs: Iterable[Path]) -> dict[str, Any]:
    """Return what a report was made from; nothing of it depends on the clock or the machine's folders.

    Args:
        catalogue: the project's configuration, with the run's choices merged in.
        outputs: the files of the report.
    """
    paths = catalogue.paths
    edition = catalogue.edition
    commit, dirty = _revision(paths.root)
    return {
        "edition": catalogue.run.edition,
        "commit": commit,
        "dirty": dirty,
        "lock_sha256": sha256(paths.lock),
        "config": {
            "run": catalogue.run.model_dump(mode="json"),
            "edition": edition.model_dump(mode="json"),
            "files": {
                file.relative_to(paths.root).as_posix(): sha256(file)
                for file in sorted(paths.config.rglob("*"))
                if file.suffix in {".yaml", ".csv"}
                and ".schemas" not in file.parts
                # What another area is changes nothing.
                and (file.parent != paths.areas or file.stem in {catalogue.printed.print_area, catalogue.run.area})
            },
        },
        "packages": {name: _version(name) for name in PACKAGES},
        "outputs": {paths.name(file): sha256(file) for file in sorted(set(outputs))},
    }


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def revision(root: Path) -> tuple[str, str] | None:
    """Return the commit and its moment in universal time; nothing where there is no repository."""
    if not (root / ".git").exists():
        return None
    try:
        commit, moment = _git(root, "-c", "log.showSignature=false", "log", "-1", "--format=%H %ct").split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return commit, dt.datetime.fromtimestamp(int(moment), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _revision(root: Path) -> tuple[str | None, bool | None]:
    """Return the commit and whether the tracked files differ from it; nothing where there is no repository."""
    if not (root / ".git").exists():
        return None, None
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None, None
    return commit, bool(changed.strip())


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True, timeout=20
    ).stdout
