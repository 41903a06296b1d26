"""Turns data/raw into data/processed/observations.parquet."""

from __future__ import annotations

from pathlib import Path

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.sources.store import Store
from groruddalen_stats.stages import tables
from groruddalen_stats.tidy.identities import read_soundly


def write(catalogue: Catalogue) -> Path:
    """Write data/processed/observations.parquet from data/raw.

    Raises:
        SnapshotError: when a raw file is damaged, unlocked or not what config/sources.yaml says.
        ContractError: when numbers that belong together contradict one another.
        ConfigError: when the configuration is wrong.
    """
    store = Store(catalogue.paths)
    faults = store.faults()
    if faults:
        raise SnapshotError(faults=faults)
    table = read_soundly(catalogue, store)
    return tables.write(table, catalogue.paths.observations)
