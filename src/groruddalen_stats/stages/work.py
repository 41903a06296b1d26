"""What the stages of one run hand to each other: each read or computed once, when it is first needed."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from groruddalen_stats.appendix import availability, newest, tables
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.kept import Kept
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published
from groruddalen_stats.workflow import code_digest

if TYPE_CHECKING:
    from groruddalen_stats.stages.check import Checked
    from groruddalen_stats.stages.figures import Drawer


@dataclass
class Work:
    """The tables of one run.

    Attributes:
        asked: the project's configuration for the run, as it was asked for.
        stands: raw files are taken as they stand, damaged or not: saying what a change does is what the check is for.
        given: raw files that are not in place yet, by path below data/raw.
        drawer: the process beside this one that draws, for a run that is alone in its process.
        shared: its observations are those of other areas too.
    """

    asked: Catalogue
    stands: bool = False
    given: Mapping[str, bytes] = field(default_factory=dict)
    drawer: Drawer | None = None
    shared: bool = False

    @cached_property
    def catalogue(self) -> Catalogue:
        """The project's configuration for the run, with what there are figures for."""
        return self.asked if self.asked.is_print else newest.settled(self.asked, self.indexed)

    @cached_property
    def kept(self) -> Kept:
        """What earlier runs made."""
        versions = [
            f"{name} {version(name)}" for name in ("jinja2", "matplotlib", "pandas", "shapely", "typst", "xlsxwriter")
        ]
        return Kept(self.asked.paths.kept, "\n".join([code_digest(), *versions]))

    @cached_property
    def store(self) -> Store:
        """The raw files."""
        store = Store(self.asked.paths, self.given)
        return store.as_it_stands() if self.stands else store

    @cached_property
    def observations(self) -> pd.DataFrame:
        """All observations, straight from the raw files."""
        return observations.build(self.asked, self.store)

    @property
    def _observed(self) -> Path:
        return self.asked.paths.observations_of(self.asked.run.area)

    @cached_property
    def indexed(self) -> Observations:
        """All observations, ready to be found."""
        return Observations(self.observations)

    @cached_property
    def _parts(self) -> dict[frozenset[str], Observations]:
        """The observations without some raw files, as other areas see them."""
        return {}

    @cached_property
    def published(self) -> pd.DataFrame:
        """Every printed cell; none where the run is about another area than the report."""
        published = read_published(self.store)
        return published if self.asked.is_print_area else published.iloc[:0]

    @cached_property
    def prose(self) -> pd.DataFrame:
        """The numbers that the report's text states, of its own area."""
        prose = read_prose(self.store)
        return prose if self.asked.is_print_area else prose.iloc[:0]

    @cached_property
    def compute(self) -> Compute:
        """What computes the cells of the run."""
        return Compute(self.catalogue, self.indexed, self.published, self.prose)

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the run."""
        return self.compute.cells()

    @cached_property
    def checked(self) -> Checked:
        """The check of the run."""
        from groruddalen_stats.stages.check import checked  # noqa: PLC0415 - slow to import, and not always needed

        return checked(self)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The report of the run, with what its check came to: asked for once that is written."""
        from groruddalen_stats import report  # noqa: PLC0415 - slow to import, and not always needed

        return report.model_of(self.catalogue, self.cells, self.published)

    def let_go(self) -> None:
        """Let go of what only the check needs: setting the PDF takes the most memory of all."""
        if self.shared:
            return  # What is left is little.
        for name in ("observations", "indexed", "compute", "checked"):
            self.__dict__.pop(name, None)
        gc.collect()
        pa.default_memory_pool().release_unused()

    def about(self, catalogue: Catalogue) -> Work:
        """Return the tables of another area of the same project, from figures that this work has read."""
        made = Work(catalogue, shared=True)
        if catalogue.unread not in self._parts:
            self._parts[catalogue.unread] = self.indexed.without(catalogue.unread)
        shared = {"kept": self.kept, "store": self.store, "indexed": self._parts[catalogue.unread]}
        made.__dict__.update({**shared, "published": self.published.iloc[:0], "prose": self.prose.iloc[:0]})
        return made

    def compute_for(self, catalogue: Catalogue) -> Compute:
        """Return what computes the cells of another run of the same project from the same figures."""
        return Compute(newest.settled(catalogue, self.indexed), self.indexed, self.published, self.prose)

    def write_observations(self) -> None:
        """Write data/processed/observations.parquet."""
        self.require_whole()
        tables.write_observations(self.observations, self._observed)

    def require_whole(self) -> None:
        """Raise a SnapshotError where a raw file is damaged or unlocked."""
        SnapshotError.raise_any(self.store.faults())

    def read_observations(self) -> None:
        """Take the observations that are written, since they are of what is there now."""
        self.observations = tables.read_observations(self._observed)

    def write_cells(self) -> None:
        """Write cells.parquet of the run; what no source has is said on stderr, one line per object.

        Raises:
            ConfigError: instead of that, when the edition says ``on_missing: fail``; nothing is written.
        """
        availability.require(self.compute, self.cells)
        tables.write_cells(self.cells, self.catalogue.paths.cells(self.catalogue.numbers_name))

    def read_cells(self) -> None:
        """Take the cells that are written, since they are of what is there now."""
        self.cells = tables.read_cells(self.catalogue.paths.cells(self.catalogue.numbers_name))
