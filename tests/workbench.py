"""What tests read of a project, once per process: here of the shipped one, in small.py of the small one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix import newest
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Find, Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.paths import Paths, project
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published

PROJECT = Path(__file__).parents[1]
Place = tuple[str, str, str]


def embedded(observed: pd.DataFrame) -> pd.DataFrame:
    """Return the observations that came with the project: what has been fetched since may say anything."""
    return observed[~observed["snapshot"].str.endswith(".json")].reset_index(drop=True)


def by_place(cells: Iterable[Cell]) -> dict[Place, Cell]:
    """Return cells by object, row and column."""
    return {cell.place: cell for cell in cells}


class Bench:
    """A project that tests only read."""

    def __init__(self, paths: Callable[[], Paths]) -> None:
        self._paths = paths

    @cached_property
    def _base(self) -> Catalogue:
        made = load(self._paths())
        made.require_valid()
        return made

    @cached_property
    def _read(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        store = Store(self._base.paths)
        return embedded(observations.build(self._base, store)), read_published(store), read_prose(store)

    @cached_property
    def _indexed(self) -> Observations:
        return Observations(self.observed())

    def catalogue(self, **run: Any) -> Catalogue:
        """Return its catalogue with values of config/config.yaml replaced."""
        made = load(self._base.paths, run)
        for name in ("sources", "regions", "labels", "indicators", "printed"):
            made.__dict__[name] = getattr(self._base, name)
        return made

    def observed(self) -> pd.DataFrame:
        """Return all its embedded observations."""
        return self._read[0]

    def printed(self) -> pd.DataFrame:
        """Return its printed cells."""
        return self._read[1]

    def compute(self, table: pd.DataFrame | None = None, **run: Any) -> Compute:
        """Return what computes the cells of one run, from its observations or from those of a table."""
        indexed = self._indexed if table is None else Observations(table)
        return Compute(newest.settled(self.catalogue(**run), indexed), indexed, *self._read[1:])

    def find(self, table: pd.DataFrame | None = None) -> Find:
        """Return what finds figures among its observations, or among those of a table."""
        return self.compute(table).find

    def cells(self, *names: str, **run: Any) -> list[Cell]:
        """Return the cells of one run, of the named objects or of all."""
        return self.compute(**run).cells(*names)


_shipped = Bench(lambda: project(PROJECT))
catalogue, observed, printed, compute = _shipped.catalogue, _shipped.observed, _shipped.printed, _shipped.compute
