"""The manifest of a finished report: the code, configuration, packages and raw files it was made from."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from groruddalen_stats.catalogue import Catalogue

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
    """Return what a report was made from; nothing of it depends on the clock or the machine's folders."""
    paths = catalogue.paths
    edition = catalogue.edition
    commit, _, dirty = revision(paths.root) or (None, None, None)
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
        "packages": {name: version(name) for name in PACKAGES},
        "outputs": {paths.name(file): sha256(file) for file in sorted(set(outputs))},
    }


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def revision(root: Path) -> tuple[str, str, bool] | None:
    """Return the commit, its moment in universal time and whether the tracked files differ; nothing without a repository."""
    if not (root / ".git").exists():
        return None
    try:
        commit, moment = _git(root, "-c", "log.showSignature=false", "log", "-1", "--format=%H %ct").split()
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return commit, f"{dt.datetime.fromtimestamp(int(moment), dt.UTC):%Y-%m-%dT%H:%M:%SZ}", bool(changed.strip())


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True, timeout=20
    ).stdout
