"""What many tests start from: the project, and copies of it that a test may damage."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published
from small import copy_shipped
from workbench import embedded

# A loaded machine is slow, not wrong; and in CI the same commit gives the same verdict.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("config", "data/raw", "src", "profiles")
FILES = ("Snakefile", "pyproject.toml")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project folder itself; tests only read it."""
    return ROOT


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Return the project's own catalogue, edition 2011 in Norwegian."""
    return load(Paths(ROOT), {"edition": "2011", "language": "nb"})


@pytest.fixture(scope="session")
def observed(catalogue: Catalogue) -> pd.DataFrame:
    """Return all observations of the embedded snapshots, and none of what has been fetched since."""
    return embedded(observations.build(catalogue, Store(catalogue.paths)))


@pytest.fixture(scope="session")
def printed(catalogue: Catalogue) -> pd.DataFrame:
    """Return every printed cell."""
    return read_published(Store(catalogue.paths))


@pytest.fixture(scope="session")
def cells(catalogue: Catalogue, observed: pd.DataFrame, printed: pd.DataFrame) -> list[Cell]:
    """Return the cells of edition 2011."""
    return Compute(catalogue, Observations(observed), printed, read_prose(Store(catalogue.paths))).cells()


@pytest.fixture
def copied(tmp_path: Path) -> Callable[..., Paths]:
    """Return a function that copies the parts of the project a test needs into a folder of its own."""

    def copy(*parts: str) -> Paths:
        return copy_shipped(tmp_path, parts or ("config", "data/raw"))

    return copy
