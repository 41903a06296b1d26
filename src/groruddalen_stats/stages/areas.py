"""A set of areas: batches of them built in one process each, and the pages that stand them side by side."""

from __future__ import annotations

import gc
import io
import json
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import Any

from groruddalen_stats.batches import Batches, batches_of
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.stages.build import carry_out
from groruddalen_stats.stages.work import Work


def build(paths: Paths, settings: Mapping[str, Any], name: str) -> None:
    """Build the areas of a batch that are not built, one after another, and note what each came to.

    What the areas have in common is read once. One that fails is named, and the others go on.
    """
    # Orders and notes name files below the project folder.
    with chdir(paths.root):
        batches = batches_of(settings, Paths(Path()))
        shared = _Shared(load(Paths(Path(), staged=True), batches.config), batches.listed[name])
        frozen = False
        for area in batches.listed[name]:
            if batches.is_done(area):
                continue
            faults = _built(batches, shared, area)
            gc.collect()
            if not frozen:
                # What is there now lives to the end: looking for garbage in it would take a tenth of the time.
                gc.freeze()
                frozen = True
            write_text(batches.result(area), json.dumps({"faults": [str(fault) for fault in faults]}) + "\n")
            for fault in faults:
                sys.stderr.write(f"{area} is not built: {fault}\n")
            sys.stderr.write(f"{batches.progress(area)}\n")
            sys.stderr.flush()
        shared.tidy()
        batches.finish(name)


class _Shared:
    """What the areas of a batch have in common."""

    def __init__(self, catalogue: Catalogue, areas: tuple[str, ...]) -> None:
        self.catalogue, self._areas = catalogue, areas

    def work(self, area: str) -> Work:
        """Return the tables of an area, from figures that are read once for the batch."""
        own = self.catalogue.about(area)
        if self._of_all is not None and not own.is_print_area:
            return self._of_all.about(own)
        alone = Work(own)
        alone.require_whole()
        return alone

    def tidy(self) -> None:
        if self._of_all is not None:
            self._of_all.kept.tidy()

    @cached_property
    def _of_all(self) -> Work | None:
        """The figures of all areas; nothing where one of them keeps them from being read together."""
        self.catalogue.require_valid()
        wanted: set[str] = set()
        for area in self._areas:
            try:
                wanted.update(self.catalogue.about(area).needed)
            except StatsError:
                continue  # It is named when its turn comes.
        work = Work(self.catalogue.wanting(wanted))
        try:
            if work.store.faults():
                return None
            _ = work.indexed, work.published, work.prose
        except StatsError:
            return None
        del work.observations
        return work


def _built(batches: Batches, shared: _Shared, area: str) -> list[Fault]:
    """Build an area; return why it failed, if it did."""
    orders, _, readers = batches.orders[area]
    try:
        # What each run lacks is on its own page.
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            work = shared.work(area)
            carry_out(work, orders, readers, batches.left(area))
    except StatsError as error:
        return list(error.faults)
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not take the other areas along
        remedy = f"see 'snakemake --config area={area}' with the same settings"
        return [Fault(f"{type(error).__name__}: {error}", area, remedy)]
    return []
