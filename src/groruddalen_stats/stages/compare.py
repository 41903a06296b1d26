"""Turns two or more editions into one comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groruddalen_stats import compare
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy.inputs import read_all


def write(catalogues: Sequence[Catalogue]) -> Path:
    """Write report/compare-<edition>-<edition>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two editions, an unknown one, or one named twice.
    """
    inputs = read_all(catalogues[0], Store(catalogues[0].paths))
    among = Observations(inputs.observations)
    cells = [Compute(catalogue, among, inputs.published, inputs.prose).cells() for catalogue in catalogues]
    return compare.write(catalogues, cells)
