"""Turns the tables between the steps into Parquet files under data/processed, and back, in their contracts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ContractError
from groruddalen_stats.paths import written_whole
from groruddalen_stats.tidy.contracts import CELLS, OBSERVATIONS, Contract


def read_observations(catalogue: Catalogue) -> pd.DataFrame:
    """Return the observations; see :data:`~groruddalen_stats.tidy.contracts.OBSERVATIONS` for the columns."""
    return _read(catalogue.paths.observations, OBSERVATIONS)


def read_cells(catalogue: Catalogue) -> pd.DataFrame:
    """Return the cells of the edition; see :data:`~groruddalen_stats.tidy.contracts.CELLS` for the columns."""
    return _read(catalogue.paths.cells(catalogue.numbers_name), CELLS)


def write(table: pd.DataFrame, target: Path) -> Path:
    """Write a table so that the file is never seen half written; return the path."""
    with written_whole(target) as beside:
        table.to_parquet(beside, index=False)
    return target


def _read(path: Path, contract: Contract) -> pd.DataFrame:
    if not path.exists():
        raise ContractError(
            "the table has not been built", where=path.as_posix(), remedy="run 'make report' or 'snakemake'"
        )
    return contract.enforce(pd.read_parquet(path))
