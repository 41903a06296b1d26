"""Builds cells from the project's own files for tests: observations and configuration are read once per process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix import newest
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.paths import project
from groruddalen_stats.raw.store import Store
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
    return observed[~observed["snapshot"].str.endswith(".json")].reset_index(drop=True)


@cache
def _read() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    store = Store(_base().paths)
    return embedded(observations.build(_base(), store)), read_published(store), read_prose(store)


def catalogue(**run: Any) -> Catalogue:
    """Return the project's catalogue with values of config/config.yaml replaced."""
    made = load(project(PROJECT), run)
    for name in ("sources", "regions", "labels", "indicators", "printed"):
        made.__dict__[name] = getattr(_base(), name)
    return made


@cache
def indexed() -> Observations:
    """Return the embedded observations, indexed."""
    return Observations(_read()[0])


def observed() -> pd.DataFrame:
    """Return the embedded observations."""
    return _read()[0]


def published() -> pd.DataFrame:
    """Return every printed cell."""
    return _read()[1]


def compute(**run: Any) -> Compute:
    """Return what computes the cells of one run."""
    return Compute(newest.settled(catalogue(**run), indexed()), indexed(), *_read()[1:])


def by_place(cells: Iterable[Cell]) -> dict[Place, Cell]:
    """Return cells by object, row and column."""
    return {cell.place: cell for cell in cells}
