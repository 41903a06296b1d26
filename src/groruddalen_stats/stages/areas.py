"""A set of areas: batches of them built in one process each, and the pages that stand them side by side."""

from __future__ import annotations

import gc
import io
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
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
        catalogue = load(Paths(Path(), staged=True), batches.config)
        left = [area for area in batches.listed[name] if not batches.is_done(area)]
        of_all = _of_all(catalogue, left)
        for area in left:
            faults = _built(batches, catalogue, of_all, area)
            gc.collect()
            if area == left[0]:
                # What is there now lives to the end: looking for garbage in it would take a tenth of the time.
                gc.freeze()
            write_text(batches.result(area), json.dumps({"faults": [str(fault) for fault in faults]}) + "\n")
            for fault in faults:
                sys.stderr.write(f"{area} is not built: {fault}\n")
            sys.stderr.write(f"{batches.progress(area)}\n")
            sys.stderr.flush()
        if of_all is not None:
            of_all.kept.tidy()
        batches.finish(name)


def _of_all(catalogue: Catalogue, areas: Sequence[str]) -> Work | None:
    """Return the figures of areas, read once; nothing for none, or where one keeps them from being read together."""
    wanted: set[str] = set()
    for area in areas:
        with suppress(StatsError):  # It is named when its turn comes.
            wanted.update(catalogue.about(area).needed)
    try:
        catalogue.require_valid()
        work = Work(catalogue.wanting(wanted))
        if not areas or work.store.faults():
            return None
        _ = work.indexed, work.published, work.prose
    except StatsError:
        return None
    del work.observations
    return work


def _built(batches: Batches, catalogue: Catalogue, of_all: Work | None, area: str) -> list[Fault]:
    """Build an area; return why it failed, if it did."""
    orders, _, readers = batches.orders[area]
    try:
        # What each run lacks is on its own page.
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            own = catalogue.about(area)
            if of_all is None or own.is_print_area:
                work = Work(own)
                work.require_whole()
            else:
                work = of_all.about(own)
            carry_out(work, orders, readers, batches.left(area))
    except StatsError as error:
        return list(error.faults)
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not take the other areas along
        remedy = f"see 'snakemake --config area={area}' with the same settings"
        return [Fault(f"{type(error).__name__}: {error}", area, remedy)]
    return []
