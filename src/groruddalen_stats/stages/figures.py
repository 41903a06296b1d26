"""The figures of one run as figures/<run>/*.svg, *.narrow.svg and *.png."""

from __future__ import annotations

import gc
import math
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from groruddalen_stats import figures
from groruddalen_stats.appendix.fill import known_part
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import source_line
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import Named
from groruddalen_stats.figures.content import NARROW
from groruddalen_stats.kept import Kept
from groruddalen_stats.paths import FIGURE_KINDS
from groruddalen_stats.stages.work import Work


def write(work: Work) -> Future[None] | None:
    """Draw every figure of the run that was not drawn before; return a future where that goes on beside this.

    Where a process can be forked they are drawn in one, so that other stages go on meanwhile and matplotlib is never
    loaded here.
    """
    folder = work.catalogue.paths.figures(work.catalogue.reader_name)
    jobs = []
    for content in contents(work):
        targets = tuple(folder / f"{content.object_id}.{kind}" for kind in FIGURE_KINDS)
        shows = content.shows
        if not work.kept.files(targets, *shows):
            jobs.append(partial(_draw, content, targets, work.kept, shows))
    if work.forks:
        return _beside(jobs)
    _all(jobs)
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


def _draw(content: figures.Content, targets: Sequence[Path], kept: Kept, shows: Sequence[str | bytes]) -> None:
    # matplotlib, where something is to be drawn
    from groruddalen_stats.figures import drawing, files, style  # noqa: PLC0415

    wide, picture, narrow = targets
    with style.settings():
        files.write(drawing.draw(content), wide, picture)
        files.write(drawing.draw(replace(content, size=NARROW)), narrow)
    kept.keep(targets, *shows)


def _beside(jobs: Sequence[Callable[[], None]]) -> Future[None] | None:
    if not jobs:
        return None
    if (os.cpu_count() or 1) == 1 or "fork" not in multiprocessing.get_all_start_methods():
        _all(jobs)
        return None
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"), initializer=_tidy)
    drawing = pool.submit(_all, jobs)
    pool.shutdown(wait=False)
    return drawing


def _tidy() -> None:
    """Leave alone what was there before the fork, and look for garbage often: a drawing is full of cycles."""
    gc.freeze()
    gc.set_threshold(700)


def _all(jobs: Sequence[Callable[[], None]]) -> None:
    for job in jobs:
        job()
