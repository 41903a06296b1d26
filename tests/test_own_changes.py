"""The suite stays green when the project's content changes: all is fetched, or all in the documentation added."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from groruddalen_stats.paths import Paths
from standin.world import environment, world
from test_changing_years import NOT_YET_FOLLOWED, follow

ROOT = Path(__file__).parents[1]
LEFT = {".git", ".venv", ".snakemake", ".hypothesis", ".pytest_cache", ".ruff_cache", ".mypy_cache", "__pycache__"}


def built(folder: str, names: list[str]) -> set[str]:
    """Return what a fresh clone does not have."""
    more = {str(ROOT): {"report", "figures"}, str(ROOT / "data"): {"processed"}}.get(folder, set())
    return {name for name in names if name in LEFT | more or name.endswith(".egg-info")}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    shutil.copytree(ROOT, root, ignore=built)
    return root


def done(root: Path, *command: str, environ: Mapping[str, str] | None = None) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    inherited.pop("GRORUDDALEN_STATS_ROOT", None)
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root,
        env={**inherited, **(environ or {}), "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{result.stdout[-6000:]}\n{result.stderr[-2000:]}"
    return result.stdout


def require_green(root: Path) -> None:
    assert " passed" in done(root, "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider")


@pytest.mark.slow
def test_the_suite_is_green_after_everything_is_fetched(clone: Path) -> None:
    with world() as stand:
        done(clone, "groruddalen_stats.cli", "fetch", environ=environment(stand.root))
    assert len(list((clone / "data" / "raw").rglob("*.json"))) > 15
    done(clone, "groruddalen_stats.cli", "validate")
    require_green(clone)


@pytest.mark.slow
@NOT_YET_FOLLOWED
def test_the_suite_is_green_after_the_documentation_is_followed(clone: Path) -> None:
    follow(Paths(clone))
    with (clone / "config" / "palette.csv").open("a", encoding="utf-8") as palette:
        palette.write("nordre_follo,#4682b4,#6fa8dc\n")
    done(clone, "groruddalen_stats.cli", "validate")
    require_green(clone)
