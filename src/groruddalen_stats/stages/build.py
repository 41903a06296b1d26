"""All that a target needs, in one process: the one job of a build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from groruddalen_stats import workflow
from groruddalen_stats.catalogue import load
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages.work import Work


def _figures(work: Work) -> Callable[[], None]:
    from groruddalen_stats.stages import figures  # noqa: PLC0415

    return figures.write(work)


def _check(work: Work) -> None:
    from groruddalen_stats.stages import check  # noqa: PLC0415

    check.write(work)


def _report(work: Work) -> None:
    from groruddalen_stats import report  # noqa: PLC0415

    # Setting the PDF needs the most memory of all: what earlier stages have no use for any more goes back first.
    pa.default_memory_pool().release_unused()
    report.write(work.catalogue, work.cells, work.published, work.kept)


# A stage imports only when it has something to do. One that goes on beside the next ones returns what waits for it.
_WORK: Mapping[str, Callable[[Work], Callable[[], None] | None]] = {
    "observations": Work.write_observations,
    "cells": Work.write_cells,
    "figures": _figures,
    "check": _check,
    "report": _report,
}
_KEPT: Mapping[str, Callable[[Work], None]] = {"observations": Work.read_observations, "cells": Work.read_cells}


def build(paths: Paths, settings: Mapping[str, Any], target: str) -> None:
    """Do every stage that a target needs and that is not done for what is there now.

    Args:
        paths: the project folder.
        settings: the settings of the run.
        target: a stage.

    Raises:
        StatsError: whatever a stage raises; the stages before it stay done.
    """
    catalogue = load(Paths(paths.root, staged=True), settings)
    whole = workflow.settings_of(settings, paths.config / "config.yaml")
    orders, _, readers = workflow.orders_of(whole, paths)
    work = Work(catalogue)
    begun: dict[str, Callable[[], None]] = {}

    def wait_for(names: Iterable[str]) -> None:
        for name in set(begun).intersection(names):
            begun.pop(name)()
            orders.finish(name)

    for name in orders.behind(target):
        stage = orders.stages[name]
        wait_for(stage.after)
        if orders.is_done(name):
            if name in _KEPT:
                _KEPT[name](work)
            continue
        waiting = None
        if name in _WORK:
            waiting = _WORK[name](work)
        else:
            workflow.put_in_place(paths, readers, stage)
        if waiting is None:
            orders.finish(name)
        else:
            begun[name] = waiting
    wait_for(orders.stages)
    work.kept.tidy()
