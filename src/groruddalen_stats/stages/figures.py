"""Turns the cells of one edition into figures/<edition>/*.svg and *.png."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from groruddalen_stats import figures
from groruddalen_stats.appendix import tables
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.notes import source_line
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import Named
from groruddalen_stats.raw.store import Store


def write(catalogue: Catalogue) -> list[Path]:
    """Draw every figure of the edition from its cells; return the SVG and PNG files."""
    language = catalogue.run.language
    labels = catalogue.labels
    words = Named({key: text[language] for key, text in labels.words.items()}, "config/labels.yaml words")
    reasons = Named({key: text[language] for key, text in labels.reasons.items()}, "config/labels.yaml reasons")
    cells = tables.read_cells(catalogue.paths.cells(catalogue.numbers_name))
    places = figures.places(catalogue, Store(catalogue.paths), language)
    folder = catalogue.paths.figures(catalogue.reader_name)
    work: list[Callable[[], None]] = []
    written: list[Path] = []
    for name, spec in catalogue.appendix.objects.items():
        if spec.kind != "figure":
            continue
        plan, own = layout(name, catalogue), [cell for cell in cells if cell.place.object == name]
        texts = figures.Texts(
            title=f"{words['figure'].replace('{number}', spec.number)} {catalogue.text(spec.title)}",
            subtitle=catalogue.text(spec.subtitle),
            source=f"{words['source']}: {source_line(spec, own, catalogue, language)}",
            headline=headline(catalogue, spec, plan, own),
            words=words,
            reasons=reasons,
        )
        targets = (folder / f"{name}.svg", folder / f"{name}.png")
        given = (name, spec, plan, own, labels.words, texts, language, catalogue.labels.palette, places)
        work.append(partial(_draw, given, targets))
        written.extend(targets)
    _all_of(work)
    return written


def _draw(given: tuple[object, ...], targets: tuple[Path, Path]) -> None:
    figures.write(figures.draw(*given), *targets)  # type: ignore[arg-type]


def _all_of(work: list[Callable[[], None]]) -> None:
    """Do all the work, on as many cores as there are where processes can be forked."""
    cores = os.cpu_count() or 1
    if cores == 1 or "fork" not in multiprocessing.get_all_start_methods():
        for piece in work:
            piece()
        return
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("fork")) as pool:
        for done in [pool.submit(piece) for piece in work]:
            done.result()
