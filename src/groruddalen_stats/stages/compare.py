"""Two or more editions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from groruddalen_stats import compare
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.stages.work import Work


def write(catalogues: Sequence[Catalogue]) -> Path:
    """Write report/compare-<edition>-<edition>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two editions, an unknown one, or one named twice.
    """
    work = Work(catalogues[0])
    computes = [work.compute_for(catalogue) for catalogue in catalogues]
    return compare.write([made.catalogue for made in computes], [made.cells() for made in computes])
