"""Turns data/raw as a whole into the three tables that the cells of any edition are computed from."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published


class Inputs(NamedTuple):
    """Observations, printed cells and stated numbers, in the order that the cells are built from them."""

    observations: pd.DataFrame
    published: pd.DataFrame
    prose: pd.DataFrame


def read_all(catalogue: Catalogue, store: Store) -> Inputs:
    """Return everything under data/raw that cells are computed from.

    Raises:
        SnapshotError: when a raw file is damaged or not what config/sources.yaml says.
        ContractError: when a table breaks its contract.
    """
    return Inputs(observations.build(catalogue, store), read_published(store), read_prose(store))
