"""Turns each step of the pipeline into one function that reads its inputs from disk and writes its outputs whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix.build import build
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ContractError, SnapshotError
from groruddalen_stats.paths import write_text, written_whole
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.contracts import CELLS, OBSERVATIONS, Contract
from groruddalen_stats.tidy.published import read_prose, read_published

__all__ = ["read_cells", "read_observations", "write_cells", "write_observations"]


def write_observations(catalogue: Catalogue) -> Path:
    """Write data/processed/observations.parquet from data/raw.

    Raises:
        SnapshotError: when a raw file is damaged, unlocked or not what config/sources.yaml says.
        ConfigError: when the configuration is wrong.
    """
    store = Store(catalogue.paths)
    faults = store.faults()
    if faults:
        raise SnapshotError(faults=faults)
    table = observations.build(catalogue, store)
    return _write_parquet(table, catalogue.paths.observations)


def write_cells(catalogue: Catalogue) -> Path:
    """Write cells.parquet and cells.csv of the edition from the observations and data/raw/published."""
    store = Store(catalogue.paths)
    table = build(catalogue, read_observations(catalogue), read_published(store), read_prose(store))
    target = catalogue.paths.cells(catalogue.run.edition)
    write_text(target.with_suffix(".csv"), table.to_csv(index=False, lineterminator="\n"))
    return _write_parquet(table, target)


def read_observations(catalogue: Catalogue) -> pd.DataFrame:
    """Return the observations; see :data:`~groruddalen_stats.tidy.contracts.OBSERVATIONS` for the columns."""
    return _read_parquet(catalogue.paths.observations, OBSERVATIONS)


def read_cells(catalogue: Catalogue) -> pd.DataFrame:
    """Return the cells of the edition; see :data:`~groruddalen_stats.tidy.contracts.CELLS` for the columns."""
    return _read_parquet(catalogue.paths.cells(catalogue.run.edition), CELLS)


def _write_parquet(table: pd.DataFrame, target: Path) -> Path:
    with written_whole(target) as beside:
        table.to_parquet(beside, index=False)
    return target


def _read_parquet(path: Path, contract: Contract) -> pd.DataFrame:
    if not path.exists():
        raise ContractError(
            "the table has not been built", where=path.as_posix(), remedy="run 'make report' or 'snakemake'"
        )
    return contract.enforce(pd.read_parquet(path))
