"""The comparison as files: a page of the report's own grids, words and template, and one CSV file per object."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats import runs
from groruddalen_stats.appendix.layout import Item, Layout, layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import shown_notes, source_line, sources_of
from groruddalen_stats.appendix.text import shown, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare.lines import OWN, WHOLE, Line, lines_of, series_breaks
from groruddalen_stats.compare.sentences import Teller
from groruddalen_stats.config.models import CellSpec, Place, Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text
from groruddalen_stats.report import chapters, grids
from groruddalen_stats.report.html import render_html

# fmt: off
SIGNS = {
    "same": "=", "definition": "≠", "borders": "¤", "base": "‡", "approximate": "≈", "zero": "0", "missing": "",
    "adjusted": "¹", "series": "#", "basis": "†", "source": "°",
}
# fmt: on
"""What stands beside a change, or in its place."""


def write(compared: Sequence[tuple[Catalogue, Sequence[Cell]]]) -> Path:
    """Write ``report/compare-<run>-<run>/``: the page and ``data/<object>.csv``; return the page.

    Args:
        compared: the runs, each with its cells, those of an object one after another; the language is that of the first.

    Raises:
        ConfigError: for fewer than two runs, or one named twice.
    """
    names = [catalogue.numbers_name for catalogue, _ in compared]
    if len(set(names)) < max(len(names), 2):
        raise ConfigError(
            f"cannot compare {' and '.join(names) or 'nothing'}",
            where="compare",
            remedy="name two or more different ones, such as 2011 2018",
        )
    by_object = [groupby(cells, key=lambda cell: cell.place.object) for _, cells in compared]
    placed = [{name: {cell.place[1:]: cell for cell in found} for name, found in objects} for objects in by_object]
    tell = Teller(list(zip((catalogue for catalogue, _ in compared), placed, strict=True)))
    every = [name for section in tell.catalogue.appendix.sections for name in section.objects]
    lines = {name: lines_of(name, tell.sides) for name in every if all(name in side for side in placed)}
    folder = tell.catalogue.paths.report(runs.compared_name(names, tell.language))
    for name, of_object in lines.items():
        table = pd.DataFrame(_records(name, of_object, tell), columns=COLUMNS)
        write_text(folder / "data" / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    write_text(folder / "compare.html", render_html(_model(lines, tell)))
    return folder / "compare.html"


def _model(lines: dict[str, list[Line]], tell: Teller) -> dict[str, Any]:
    """Return what the report's template shows of a comparison; every number is text."""
    words, catalogue, kind = tell.words, tell.catalogue, "areas" if tell.areas else "years"
    cells = {name: [cell for _, of_side in tell.sides for cell in of_side[name].values()] for name in lines}
    sections = [
        {
            "id": f"section-{number}",
            "title": tell.text([section.title] * len(tell.sides)),
            "objects": [_object(name, lines[name], cells[name], tell) for name in section.objects if name in lines],
        }
        for number, section in enumerate(catalogue.appendix.sections, start=1)
    ]
    after = [chapters.sources(words, cells, {}), chapters.licences(words, cells)]
    steps = [step for of_object in lines.values() for line in of_object if line.place != WHOLE for step in line.steps]
    used = {sign for step in steps for sign in step.signs}
    bases = {cell.basis for of_object in cells.values() for cell in of_object if cell.known}
    reading = {
        **{sign: words(f"compare_sign_{key}") for key, sign in SIGNS.items() if sign and key in used},
        **{sign: words.basis(basis) for basis, sign in grids.SIGNS.items() if sign and basis in bases},
        grids.OURS: words("reading_ours"),
        "a, b": words("reading_letters"),
    }
    counts = {"comparable": sum(not step.why for step in steps), "all": len(steps)}
    return {
        "language": words.language,
        "title": words(f"compare_title_{kind}", names=words.listed(tell.names)),
        "subtitle": words(f"compare_subtitle_{kind}", area=catalogue.area.name[words.language]),
        "words": {**words.labels(), "data_table": words("compare_numbers")},
        "front": {
            "heading": words("compare_front"),
            "lead": [words("compare_lead", **counts), words(f"compare_matching_{kind}"), words("compare_changes")],
            "headline": "",
            "basis": {},
            "reading": {
                "heading": words("reading_heading"),
                "items": [{"sign": sign, "text": said} for sign, said in reading.items()],
            },
        },
        "contents": [*sections, *({**chapter, "objects": []} for chapter in after)],
        "sections": sections,
        "chapters": after,
    }


def _object(name: str, lines: Sequence[Line], cells: Sequence[Cell], tell: Teller) -> dict[str, Any]:
    words, catalogue, said = tell.words, tell.catalogue, tell.said(name, lines)
    known = any(cell and cell.known for line in lines for cell in line.cells)
    spec, grid = catalogue.appendix.objects[name], _grid(name, lines, tell)
    keys = [note for line in lines for pair in pairwise(line.cells) for note in series_breaks(*pair, catalogue)]
    own = [of.appendix.objects[name] for of, _ in tell.sides]
    for (of, of_side), of_run in zip(tell.sides, own, strict=True):
        keys += shown_notes(of_run, layout(name, of), list(of_side[name].values()), print_area=of.is_print_area)
    notes = {note["text"]: note for note in grid.pop("notes")}
    plain = dict.fromkeys(catalogue.text(catalogue.labels.notes[key]) for key in keys)
    return {
        "id": name,
        "kind": "table" if any(not step.why for line in lines for step in line.steps) else "figure",
        "label": words(spec.kind, number=spec.number),
        # A scheme that changed its name between the years goes by both.
        "title": tell.text(of_run.title for of_run in own),
        "subtitle": tell.text(of_run.subtitle for of_run in own),
        "said": said if known else [],
        "empty": "" if known else " ".join(said),
        "svg": "",
        "grid": grid,
        "deviations": [],
        "notes": [*notes.values(), *({"mark": "", "text": text} for text in plain if text not in notes)],
        "source": source_line(spec, cells, catalogue, words.language),
        "basis": "",
        "data": f"data/{name}.csv",
        "formulas": [],
    }


def _grid(name: str, lines: Sequence[Line], tell: Teller) -> dict[str, Any]:
    """Return the report's grid of what is compared: a row per line, a column per side and the changes between them."""
    # What the report does not have is told where its own rows are compared.
    plain, marked = CellSpec(), not tell.areas
    # Where all areas are part of the same, its numbers are a column beside theirs; of other places alike there is no word.
    alike = [
        line for line in lines if line.place != OWN and len({cell and tell.value(cell) for cell in line.cells}) == 1
    ]
    wholes = [line for line in lines if line.place == WHOLE]
    beside = wholes if all(line in alike for line in wholes) else []
    shown_in = [line for line in lines if marked or line not in alike or (line in wholes and not beside)]
    # Of areas, what is said of one place stands together; of years, what is said of all places.
    groups: dict[str, list[tuple[Line, Item]]] = {}
    for line in sorted(shown_in, key=lambda line: line.place != OWN):
        heading, label = (tell.place(line), tell.measure(line))[:: 1 if tell.areas else -1]
        ours = marked and any(cell.spec.ours for cell in line.cells if cell)
        item = Item("/".join(line.key), Text(nb=label, en=label), ours, None, plain)
        groups.setdefault(heading, []).append((line, item))
    rows = tuple(item for group in groups.values() for _, item in group)
    heads = dict(enumerate(tell.names)) | ({len(tell.names): tell.place(beside[0])} if beside else {})
    columns = tuple(
        Item(f"{at}", Text(nb=head, en=head), ours=False, year=None, spec=plain) for at, head in heads.items()
    )
    cells = [
        replace(cell, place=Place(name, row, f"{at}"), spec=replace(cell.spec, ours=cell.spec.ours and marked))
        for line in lines
        for row, at, cell in (
            [("/".join(line.key).replace(WHOLE, OWN), len(tell.names), line.cells[0])]
            if line in beside
            else [("/".join(line.key), at, cell) for at, cell in enumerate(line.cells)]
        )
        if cell
    ]
    made = grids.grid(tell.catalogue, Layout(name, rows, columns, {}), cells, {}, [])
    change = {"label": tell.words("compare_difference" if tell.areas else "compare_change"), "marks": "", "ours": False}
    by_id = {row["id"]: row for row in made["rows"]}
    for heading, group in groups.items():
        for number, (line, item) in enumerate(group):
            row = by_id[item.id]
            row["group"] = "" if number or (tell.areas and len(groups) == 1) else heading
            for at in reversed(range(len(line.steps))):
                row["cells"].insert(at + 2, _step(line, at, [of for of, _ in group], tell))
    for at in reversed(range(len(tell.names) - 1)):
        made["columns"].insert(at + 2, change)
    return made


def _step(line: Line, at: int, group: Sequence[Line], tell: Teller) -> dict[str, Any]:
    """Return a change as a cell of the grid: with its signs, its places, and a bar on the scale of the group."""
    step, (before, after), words = line.steps[at], line.ranks[at : at + 2], tell.words
    alike = [0.0, *(other.value for of in group for other in of.steps if other.unit == step.unit and not other.why)]
    scale = 100 / ((max(alike) - min(alike)) or 1)
    place = words("compare_place" if before != after else "compare_place_same", before=before, after=after)
    return {
        "text": "–" if step.why else tell.change(step, "short"),
        "basis": "step missing" if step.why else "step",
        "sign": "".join(SIGNS[sign] for sign in step.signs),
        "meaning": "; ".join(words(f"compare_sign_{sign}") for sign in step.signs),
        "bar": [] if step.why else [scale * (min(step.value, 0) - min(alike)), scale * abs(step.value)],
        "differs": "",
        "printed": place if before and after else "",
        "marks": "",
    }


# fmt: off
COLUMNS = (
    "object", "row", "row_label", "column", "column_label", "edition", "area", "year", "value", "display", "unit", "basis",
    "sources", "note", "place", "change", "change_unit", "change_from", "not_comparable", "marks",
)
# fmt: on


def _records(name: str, lines: Sequence[Line], tell: Teller) -> Iterator[tuple[Any, ...]]:
    """Yield one record per line and side, in the order of :data:`COLUMNS`; the change is from the side before."""
    for line in lines:
        for at, ((of, _), cell) in enumerate(zip(tell.sides, line.cells, strict=True)):
            about: tuple[Any, ...] = (math.nan, "", "", "", "", "")
            if cell:
                sources = " ".join(sources_of([cell], of.sources.sources))
                display = shown(cell, of.labels.words, tell.language)
                about = (cell.number, display, cell.unit, cell.basis, sources, written_notes(cell, ours=True))
            change: tuple[Any, ...] = (math.nan, "", "", "", "")
            if at:
                step = line.steps[at - 1]
                change = (step.value, step.unit, tell.names[at - 1], step.why, " ".join(step.marks))
            run = (of.run.edition, of.run.area or of.appendix.print_area, f"{cell.spec.year}" if cell else "")
            labels = (tell.place(line), tell.statistic(line))[:: 1 if line.key[0] == line.place else -1]
            names = (name, line.key[0], labels[0], line.key[1], labels[1])
            yield *names, *run, *about, f"{line.ranks[at] or ''}", *change
