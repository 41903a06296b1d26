"""Turns two or more editions into one comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groruddalen_stats import compare
from groruddalen_stats.appendix.build import build
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published


def write(catalogues: Sequence[Catalogue]) -> Path:
    """Write report/compare-<edition>-<edition>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two editions, an unknown one, or one named twice.
    """
    store = Store(catalogues[0].paths)
    table, published, prose = (
        observations.build(catalogues[0], store),
        read_published(store),
        read_prose(store),
    )
    return compare.write(catalogues, [build(catalogue, table, published, prose) for catalogue in catalogues])
