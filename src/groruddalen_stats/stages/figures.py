"""The figures of one run as figures/<run>/*.svg, *.narrow.svg and *.png."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from groruddalen_stats import figures
from groruddalen_stats.appendix.fill import known_part
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import source_line
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import Named
from groruddalen_stats.errors import StatsError
from groruddalen_stats.figures.content import NARROW
from groruddalen_stats.kept import Kept
from groruddalen_stats.paths import FIGURE_KINDS
from groruddalen_stats.stages.work import Work


class _Job(NamedTuple):
    """A figure to draw, its files, and all that they show."""

    content: figures.Content
    targets: tuple[Path, ...]
    shows: tuple[str | bytes, ...]


def write(work: Work) -> Future[None] | None:
    """Draw every figure of the run that was not drawn before; return a future where that goes on beside this.

    Where the run has a process beside this one they are drawn there, so that other stages go on meanwhile.
    """
    folder = work.catalogue.paths.figures(work.catalogue.reader_name)
    jobs = []
    for content in contents(work):
        targets = tuple(folder / f"{content.object_id}.{kind}" for kind in FIGURE_KINDS)
        job = _Job(content, targets, content.shows)
        if not work.kept.files(targets, *job.shows):
            jobs.append(job)
    if jobs and work.drawer is not None:
        return work.drawer(jobs, work.kept)
    if jobs:
        _all(jobs, work.kept)
    return None


def contents(work: Work) -> Iterator[figures.Content]:
    """Yield what each figure of the run is drawn from."""
    catalogue, labels, language = work.catalogue, work.catalogue.labels, work.catalogue.run.language
    words = Named({key: text[language] for key, text in labels.words.items()}, "config/words.csv words")
    reasons = Named({key: text[language] for key, text in labels.reasons.items()}, "config/words.csv reasons")
    places = figures.places(catalogue, work.store, language)
    for name, spec in catalogue.appendix.objects.items():
        if spec.kind != "figure":
            continue
        plan, own = layout(name, catalogue), [cell for cell in work.cells if cell.place.object == name]
        said, source = headline(catalogue, spec, plan, own), source_line(spec, own, catalogue, language)
        assert spec.chart is not None
        plan = _drawn_part(plan, own, spec.chart.kind, catalogue)
        if plan.rows:
            own = [cell for cell in own if (cell.place.row, cell.place.column) in plan.places]
        texts = figures.Texts(
            title=f"{words['figure'].replace('{number}', spec.number)} {catalogue.text(spec.title)}",
            subtitle=catalogue.text(spec.subtitle),
            source=f"{words['source']}: {source}",
            headline=said,
            words=words,
            reasons=reasons,
        )
        yield figures.content_of(
            name, spec, plan, own, labels.words, texts, language, catalogue.palette, places, labels.dark
        )


def _drawn_part(plan: Layout, cells: Sequence[Cell], kind: str, catalogue: Catalogue) -> Layout:
    """Return the rows and columns that are drawn: those of which something is known, and many areas by their value.

    The others are in the table, and would be empty places here; years keep their places.
    """
    if not any(cell.known for cell in cells):
        return replace(plan, rows=())
    if kind == "map":
        return plan
    part = known_part(plan, cells)
    if kind == "lines":
        part = replace(part, columns=plan.columns)
    areas = set(catalogue.area.of("parts"))
    if len(areas) <= len(catalogue.print_area.of("parts")):
        return part
    column = part.columns[0 if kind == "stacked" else -1].id
    values = {cell.place.row: cell.number for cell in cells if cell.place.column == column and cell.known}
    own = [item for item in part.rows if item.spec.region in areas]
    ranked = iter(sorted(own, key=lambda item: values.get(item.id, -math.inf), reverse=True))
    return replace(part, rows=tuple(next(ranked) if item in own else item for item in part.rows))


Drawer = Callable[[Sequence[_Job], Kept], Future[None]]
"""Draws in another process."""


def drawer() -> Drawer | None:
    """Start a process that draws beside this one; nothing where that is no gain.

    It loads matplotlib at once, which is then never loaded here, and ends with this process, however that ends.
    """
    if (os.cpu_count() or 1) == 1 or "fork" not in multiprocessing.get_all_start_methods():
        return None
    if "typst" in sys.modules:
        # A process forked from one in which Typst is at work would wait for threads that it does not have.
        return None
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    context.Process(target=_serve, args=(there, here), daemon=True).start()
    there.close()

    def draw(jobs: Sequence[_Job], kept: Kept) -> None:
        here.send((jobs, kept))
        try:
            fault = here.recv()
        except EOFError:
            fault = StatsError("the process that draws the figures is gone", remedy="run the same command again")
        if fault is not None:
            raise fault

    beside = ThreadPoolExecutor(1)
    return lambda jobs, kept: beside.submit(draw, jobs, kept)


def _serve(there: Connection, here: Connection) -> None:
    """Draw what is asked for, once."""
    # So that nobody holds the other end when the process there is gone.
    here.close()
    # A drawing is full of cycles, and what was there before the fork is not.
    gc.freeze()
    gc.set_threshold(700)
    from groruddalen_stats.figures import drawing, files, style  # noqa: F401, PLC0415

    with suppress(EOFError, BrokenPipeError):
        jobs, kept = there.recv()
        try:
            _all(jobs, kept)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is raised where it was asked for
            there.send(fault)
        else:
            there.send(None)


def _all(jobs: Sequence[_Job], kept: Kept) -> None:
    """Draw figures, and make their pictures of the drawings."""
    # matplotlib, where something is to be drawn
    from groruddalen_stats.figures import drawing, files, style  # noqa: PLC0415

    pictures = {}
    with style.settings():
        for job in jobs:
            wide, picture, narrow = job.targets
            pictures[picture] = files.write(drawing.draw(job.content), wide)
            files.write(drawing.draw(replace(job.content, size=NARROW)), narrow)
    files.write_pictures(pictures)
    for job in jobs:
        kept.keep(job.targets, *job.shows)
