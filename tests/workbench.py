"""Builds cells from the project's own files for tests: observations and configuration are read once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.build import Builder
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.paths import project
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published

PROJECT = Path(__file__).parents[1]
Place = tuple[str, str, str]


@cache
def _base() -> Catalogue:
    catalogue = load(project(PROJECT))
    catalogue.require_valid()
    return catalogue


def embedded(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the observations that came with the project: what has been fetched since may say anything."""
    return observed[~observed["origin"].str.contains(".json#", regex=False)].reset_index(drop=True)


@cache
def _read() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    store = Store(_base().paths)
    return embedded(observations.build(_base(), store)), read_published(store), read_prose(store)


def catalogue(**run: Any) -> Catalogue:
    """Return the project's catalogue with values of config/config.yaml replaced."""
    made = load(project(PROJECT), run)
    for name in ("sources", "regions", "labels", "indicators", "appendix"):
        made.__dict__[name] = getattr(_base(), name)
    return made


def builder(**run: Any) -> Builder:
    """Return a builder of the cells of one run."""
    return Builder(catalogue(**run), *_read())


def by_place(table: pd.DataFrame) -> dict[Place, Any]:
    """Return the cells by object, row and column."""
    return {(str(row.object), str(row.row), str(row.column)): row for row in table.itertuples(index=False)}
