"""The observations and data/raw/published become the cells of one run."""

from __future__ import annotations

from pathlib import Path

from groruddalen_stats.appendix import availability, tables
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy.inputs import read_all
from groruddalen_stats.tidy.published import read_prose, read_published


def write(catalogue: Catalogue) -> Path:
    """Write cells.parquet of the run from the observations and data/raw/published.

    What no source has is said on stderr, one line per object.

    Raises:
        ConfigError: instead of that, when the edition says ``on_missing: fail``; nothing is written.
    """
    store = Store(catalogue.paths)
    observations = Observations(tables.read_observations(catalogue.paths.observations))
    compute = Compute(catalogue, observations, read_published(store), read_prose(store))
    cells = compute.cells()
    availability.require(compute, cells)
    return tables.write_cells(cells, catalogue.paths.cells(catalogue.numbers_name))


def cells_of(catalogue: Catalogue) -> list[Cell]:
    """Return the cells of the run computed from data/raw, without reading or writing what is built."""
    inputs = read_all(catalogue, Store(catalogue.paths))
    return Compute(catalogue, Observations(inputs.observations), inputs.published, inputs.prose).cells()
