"""Turns the observations and data/raw/published into the cells of one edition."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix import availability
from groruddalen_stats.appendix.build import Builder, build
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.paths import write_text
from groruddalen_stats.sources.store import Store
from groruddalen_stats.stages import tables
from groruddalen_stats.tidy.inputs import read_all
from groruddalen_stats.tidy.published import read_prose, read_published


def write(catalogue: Catalogue) -> Path:
    """Write cells.parquet and cells.csv of the edition from the observations and data/raw/published.

    What no source has is said on stderr, one line per object.

    Raises:
        ConfigError: instead of that, when the edition says ``on_missing: fail``; nothing is written.
    """
    store = Store(catalogue.paths)
    builder = Builder(catalogue, tables.read_observations(catalogue), read_published(store), read_prose(store))
    table = builder.table()
    availability.require(builder, table)
    target = catalogue.paths.cells(catalogue.numbers_name)
    write_text(target.with_suffix(".csv"), table.to_csv(index=False, lineterminator="\n"))
    return tables.write(table, target)


def cells_of(catalogue: Catalogue) -> pd.DataFrame:
    """Return the cells of the edition computed from data/raw, without reading or writing what is built."""
    return build(catalogue, *read_all(catalogue, Store(catalogue.paths)))
