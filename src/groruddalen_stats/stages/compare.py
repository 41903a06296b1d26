"""Two or more runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from groruddalen_stats.catalogue import load
from groruddalen_stats.compare import page
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages.work import Work


def write(paths: Paths, runs: Sequence[Mapping[str, object]]) -> Path:
    """Write report/compare-<run>-<run>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two runs, one that does not exist, or one named twice.
    """
    catalogues = [load(paths, run) for run in runs]
    regions = frozenset().union(*(catalogue.wanted for catalogue in catalogues))
    works = [Work(catalogue.wanting(regions)) for catalogue in catalogues]
    for work in works[1:]:
        work.indexed = works[0].indexed
    return page.write([(work.catalogue, work.cells) for work in works])
