"""The comparison as files: a page of the report's own grids, words and template, and one CSV file per object."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats import runs
from groruddalen_stats.appendix.layout import Item, Layout, layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import shown_notes, source_line, sources_of
from groruddalen_stats.appendix.text import shown, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare.lines import Line, lines_of, series_breaks
from groruddalen_stats.compare.sentences import Teller
from groruddalen_stats.config.models import CellSpec, Place, Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text
from groruddalen_stats.report import chapters, grids
from groruddalen_stats.report.html import render_html

# fmt: off
SIGNS = {
    "definition": "≠", "borders": "¤", "base": "‡", "approximate": "≈", "zero": "0", "missing": "",
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
        what = f"cannot compare {len(names)} run{'s' * (len(names) != 1)}: {', '.join(names) or 'none'}"
        raise ConfigError(what, where="compare", remedy="name two or more different ones, such as 2011 2018")
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
            "title": catalogue.text(section.title),
            "objects": [_object(name, lines[name], cells[name], tell) for name in section.objects if name in lines],
        }
        for number, section in enumerate(catalogue.appendix.sections, start=1)
    ]
    after = [chapters.sources(words, cells, {}), chapters.licences(words, cells)]
    steps = [step for of_object in lines.values() for line in of_object for step in line.steps]
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
    spec, grid = catalogue.appendix.objects[name], _grid(name, lines, tell)
    keys = [note for line in lines for pair in pairwise(line.cells) for note in series_breaks(*pair, catalogue)]
    texts: dict[str, list[str]] = {"title": [], "subtitle": []}
    for of, of_side in tell.sides:
        own = of.appendix.objects[name]
        keys += shown_notes(own, layout(name, of), list(of_side[name].values()), print_area=of.is_print_area)
        for part, found in texts.items():
            found.append(of.text(getattr(own, part)))
    notes = {note["text"]: note for note in grid.pop("notes")}
    plain = dict.fromkeys(catalogue.text(catalogue.labels.notes[key]) for key in keys)
    return {
        "id": name,
        "kind": "table" if any(not step.why for line in lines for step in line.steps) else "figure",
        "label": words(spec.kind, number=spec.number),
        # A scheme that changed its name between the years goes by both.
        **{part: " · ".join(dict.fromkeys(found)) for part, found in texts.items()},
        "said": said if lines else [],
        "empty": "" if lines else " ".join(said),
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

    def item(key: str, label: str, *, ours: bool = False) -> Item:
        return Item(key, Text(nb=label, en=label), ours, None, CellSpec())

    # Of areas, what is said of one place stands together; of years, what is said of all places.
    groups: dict[str, list[tuple[str, Line]]] = {}
    for line in lines:
        heading, label = (tell.place(line), tell.measure(line))[:: 1 if tell.areas else -1]
        groups.setdefault(heading, []).append((label, line))
    rows = [
        item("/".join(line.key), label, ours=any(item.ours for pair in line.items for item in pair))
        for group in groups.values()
        for label, line in group
    ]
    placed = [
        replace(cell, place=Place(name, "/".join(line.key), side))
        for line in lines
        for side, cell in zip(tell.names, line.cells, strict=True)
        if cell
    ]
    plan = Layout(name, tuple(rows), tuple(item(side, side) for side in tell.names), {})
    made = grids.grid(tell.catalogue, plan, placed, {}, [])
    change = {"label": tell.words("compare_change"), "marks": "", "ours": False}
    made["columns"] = [head for column in made["columns"] for head in (column, change)][:-1]
    left = iter(made["rows"])
    for heading, group in groups.items():
        for number, (_, line) in enumerate(group):
            row = next(left)
            row["group"] = "" if number else heading
            absent = {"text": tell.words("compare_not_in"), "basis": "missing"}
            sides = [{**cell, **(absent if cell["basis"] == "absent" else {})} for cell in row["cells"]]
            steps = [_step(line, at, [of for _, of in group], tell) for at in range(len(line.steps))]
            row["cells"] = [cell for pair in zip_longest(sides, steps) for cell in pair if cell]
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
            names = (name, line.key[0], tell.place(line), line.key[1], tell.statistic(line))
            yield *names, *run, *about, f"{line.ranks[at] or ''}", *change
