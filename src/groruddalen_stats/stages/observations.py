"""Turns data/raw into data/processed/observations.parquet."""

from __future__ import annotations

from pathlib import Path

from groruddalen_stats.appendix import tables
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations


def write(catalogue: Catalogue) -> Path:
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
    return tables.write_observations(table, catalogue.paths.observations)
