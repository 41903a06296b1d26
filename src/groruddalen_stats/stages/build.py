"""All that a target needs, in one process: the one job of a build."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groruddalen_stats import workflow
from groruddalen_stats.areas import settings_of
from groruddalen_stats.catalogue import load
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages.work import Work

if TYPE_CHECKING:
    from groruddalen_stats.stages.figures import Drawer


def _drawer() -> Drawer | None:
    from groruddalen_stats.stages import figures  # noqa: PLC0415

    return figures.drawer()


def _later(module: str, name: str = "write") -> Callable[[Work], Future[None] | None]:
    """Return the function of a module of this room that is imported only when the stage has something to do."""
    return lambda work: getattr(import_module(f"groruddalen_stats.stages.{module}"), name)(work)  # noqa: PLW0108


def _documents(work: Work) -> Future[None]:
    from groruddalen_stats import report  # noqa: PLC0415

    return report.write(work.catalogue, work.document, work.cells, work.published, work.kept)


def _report(work: Work) -> None:
    from groruddalen_stats import report  # noqa: PLC0415

    catalogue = work.catalogue
    fill = report.write_fill(catalogue, work.cells)
    report.write_manifest(catalogue)
    said = [*report.headline_of(catalogue), fill, catalogue.labels.words["written"][catalogue.run.language]]
    folder = Paths(Path()).report(catalogue.reader_name)
    pages = [f"  {(folder / name).as_posix()}" for name in ("appendix.html", "appendix.pdf")]
    sys.stdout.write("\n".join([*said, *pages, ""]))


# One that goes on beside the next ones returns a future.
_WORK: Mapping[str, Callable[[Work], Future[None] | None]] = {
    "observations": Work.write_observations,
    "cells": Work.write_cells,
    "profile": _later("profile"),
    "figures": _later("figures"),
    "check": _later("check", "write_results"),
    "documents": _documents,
    "check_pages": _later("check", "write_pages"),
    "takeaway": _later("takeaway"),
    "report": _report,
}
_KEPT: Mapping[str, Callable[[Work], None]] = {"observations": Work.read_observations, "cells": Work.read_cells}


def build(paths: Paths, settings: Mapping[str, Any], target: str) -> None:
    """Do every stage that a target needs and that is not done for what is there now."""
    # Orders and notes name files below the project folder.
    with chdir(paths.root):
        orders, _, readers = workflow.orders_of(settings_of(settings, Path("config")), Paths(Path()))
        left = orders.behind(target)
        drawer = _drawer() if "figures" in left and not orders.is_done("figures") else None
        work = Work(load(Paths(Path(), staged=True), settings), drawer=drawer)
        carry_out(work, orders, readers, left)
        work.kept.tidy()


def carry_out(work: Work, orders: workflow.Orders, readers: str, left: list[str]) -> None:
    """Do stages of a run that are not done, in the project folder.

    Args:
        readers: name of the folders of what readers get of the run.
        left: names of the stages, each after those that it needs.
    """
    begun: dict[str, Future[None]] = {}

    def wait_for(names: Iterable[str]) -> None:
        for name in [name for name in names if name in begun]:
            begun.pop(name).result()
            orders.finish(name)

    def waits(name: str) -> bool:
        return any(before in begun and not begun[before].done() for before in orders.stages[name].after)

    left = [*left]
    while left:
        # A stage that would wait for one that is still at work lets the others go first.
        name = min((name for name in left if not set(left).intersection(orders.stages[name].after)), key=waits)
        left.remove(name)
        wait_for(orders.stages[name].after)
        if orders.is_done(name):
            if name in _KEPT:
                _KEPT[name](work)
            continue
        if name == "documents" and "check_pages" not in left:
            work.let_go()
        waiting = None
        if name in _WORK:
            told = work.asked.labels.words.get(f"stage_{name}")
            sys.stderr.write(f"{told[work.asked.run.language]} ...\n" if told else "")
            waiting = _WORK[name](work)
        else:
            workflow.put_in_place(Paths(Path()), readers, orders.stages[name])
        if waiting is None:
            orders.finish(name)
        else:
            begun[name] = waiting
    wait_for(list(begun))
