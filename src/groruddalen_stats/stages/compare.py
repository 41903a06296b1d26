"""Turns two or more editions into one comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groruddalen_stats import compare
from groruddalen_stats.appendix.build import build
from groruddalen_stats.appendix.display import displayed
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy.inputs import read_all


def write(catalogues: Sequence[Catalogue]) -> Path:
    """Write report/compare-<edition>-<edition>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two editions, an unknown one, or one named twice.
    """
    inputs = read_all(catalogues[0], Store(catalogues[0].paths))
    return compare.write(catalogues, [displayed(build(catalogue, *inputs), catalogue) for catalogue in catalogues])
