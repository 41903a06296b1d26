"""What many tests start from: the project, and copies of it that a test may damage."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

import small
import workbench
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.paths import Paths

# A loaded machine is slow, not wrong; and in CI the same commit gives the same verdict.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project folder itself; tests only read it."""
    return workbench.PROJECT


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the project's own catalogue, edition 2011 in Norwegian."""
    return workbench.catalogue(edition="2011", language="nb")


@pytest.fixture(scope="session")
def cells() -> list[Cell]:
    """Return the cells of edition 2011."""
    return workbench.compute(edition="2011", language="nb").cells()


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Return a small project of the test's own, which commands find as a user's do."""
    paths = small.place(tmp_path)
    monkeypatch.chdir(paths.root)
    monkeypatch.delenv("GRORUDDALEN_STATS_ROOT", raising=False)
    return paths


@pytest.fixture
def copied(tmp_path: Path) -> Callable[..., Paths]:
    """Return a function that copies the parts of the project a test needs into a folder of its own."""

    def copy(*parts: str) -> Paths:
        return small.copy_shipped(tmp_path, parts or ("config", "data/raw"))

    return copy
