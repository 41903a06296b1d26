"""The comparison as files: a page of the report's own grids, words and template, and one CSV file per object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats import runs
from groruddalen_stats.appendix.layout import Item, Layout, layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.appendix.text import shown, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare.lines import OWN, WHOLE, Line, lines_of, series_breaks, side
from groruddalen_stats.compare.sentences import Sentences
from groruddalen_stats.config.models import CellSpec, Place, Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text
from groruddalen_stats.report import build_model
from groruddalen_stats.report.html import render_html

# fmt: off
SIGNS = {
    "same": "=", "definition": "≠", "borders": "¤", "base": "‡", "approximate": "≈", "zero": "0", "missing": "",
    "adjusted": "¹", "series": "#", "basis": "†", "source": "°",
}
# fmt: on
"""What stands beside a change, or in its place."""

LineGroups = dict[str, list[tuple[Line, Item]]]


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
    tell = Sentences([side(*one) for one in compared])
    every = [name for section in tell.catalogue.appendix.sections for name in section.objects]
    lines = {name: lines_of(name, tell.sides) for name in every if all(name in of for _, of in tell.sides)}
    # Areas share no row of a map, and nothing is left to say of it.
    lines = {name: found for name, found in lines.items() if found or not tell.areas}
    folder = tell.catalogue.paths.report(runs.compared_name(names, tell.language))
    for name, of_object in lines.items():
        table = pd.DataFrame(_records(name, of_object, tell), columns=COLUMNS)
        write_text(folder / "data" / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    write_text(folder / "compare.html", render_html(_document(lines, tell)))
    return folder / "compare.html"


@dataclass(frozen=True)
class _Joined(Catalogue):
    """The configuration of the first side, in which a text says what it says on all of them."""

    def text(self, text: Text, *_: object) -> str:
        tell: Sentences = self.__dict__["tell"]
        return tell.text([text] * len(tell.sides))


def _document(of_objects: Mapping[str, list[Line]], tell: Sentences) -> dict[str, Any]:
    """Return the report of an appendix that has a row per line and a column per side, and the changes put in between."""
    words, first, kind = tell.words, tell.catalogue, "areas" if tell.areas else "years"
    title = words(f"compare_title_{kind}", names=words.listed(tell.names))
    dated = {"title": Text(nb=title, en=title), "date": max(of.edition.date for of, _ in tell.sides)}
    joined = _Joined(first.paths, first.run)
    own = {"tell": tell, "layouts": {}, "earlier": {}, "nearest": frozenset(), "reader_name": tell.run}
    joined.__dict__.update({**first.__dict__, **own, "edition": first.edition.model_copy(update=dated)})
    objects, cells, groups = {}, [], {}
    for name, lines in of_objects.items():
        specs = [of.appendix.objects[name] for of, _ in tell.sides]
        notes = {str(note): note for spec in specs for note in spec.notes}
        # A scheme that changed its name between the years goes by both.
        texts = {part: tell.text(getattr(spec, part) for spec in specs) for part in ("title", "subtitle")}
        both = {part: Text(nb=text, en=text) for part, text in texts.items()}
        objects[name] = specs[0].model_copy(update={**both, "notes": [*notes.values()], "headline": None})
        groups[name], joined.layouts[name, id(joined.edition)], placed = _table(name, lines, tell)
        cells += placed
    sections = [
        section.model_copy(update={"objects": [name for name in section.objects if name in objects]})
        for section in first.appendix.sections
    ]
    changed = {"objects": objects, "sections": sections, "key_figures": []}
    joined.__dict__["appendix"] = first.appendix.model_copy(update=changed)
    model = build_model(joined, cells, pd.DataFrame(columns=["object"]))
    for made in (made for section in model["sections"] for made in section["objects"]):
        _put_changes(made, of_objects[made["id"]], groups[made["id"]], tell)
    steps = [step for lines in of_objects.values() for line in lines if line.place != WHOLE for step in line.steps]
    counts = {"comparable": sum(not step.why for step in steps), "all": len(steps)}
    used = [key for key, sign in SIGNS.items() if sign and any(key in step.signs for step in steps)]
    model["opening"]["summary"] = words("compare_lead", **counts)
    model["front"]["lead"] = [words(f"compare_matching_{kind}"), words("compare_changes")]
    model["front"]["basis"]["note"] = ""
    model["front"]["reading"] += [{"sign": SIGNS[key], "text": words(f"compare_sign_{key}")} for key in used]
    how = {words("run_edition"): ", ".join(tell.names), words("run_command"): f"groruddalen-stats compare {tell.run}"}
    for fact in (fact for part in model["chapters"] for block in part["blocks"] for fact in block.get("items", ())):
        fact["text"] = how.get(fact["term"], fact["text"])
    subtitle = words(f"compare_subtitle_{kind}", area=first.area.name[words.language])
    labels = model["words"] | {"data_table": words("compare_numbers"), "front_heading": words("compare_front")}
    return model | {"subtitle": subtitle, "words": labels, "alone": True}


def _table(name: str, lines: Sequence[Line], tell: Sentences) -> tuple[LineGroups, Layout, list[Cell]]:
    """Return an object as the report has one: its rows by the heading over them, its layout and its cells."""
    # What the report does not have is told where its own rows are compared.
    plain, marked = CellSpec(), not tell.areas
    # Where all areas are part of the same, its numbers are a column beside theirs; of other places alike there is no word.
    alike = [
        line for line in lines if line.place != OWN and len({cell and tell.value(cell) for cell in line.cells}) == 1
    ]
    wholes = [line for line in lines if line.place == WHOLE]
    beside = wholes if all(line in alike for line in wholes) else []
    told = [line for line in lines if marked or line not in alike or (line in wholes and not beside)]
    if not told:
        return {}, layout(name, tell.catalogue), list(tell.sides[0][1][name].values())
    # Of areas, what is said of one place stands together; of years, what is said of all places.
    groups: LineGroups = {}
    for line in sorted(told, key=lambda line: line.place != OWN):
        heading, label = (line.region, line.dated(line.label))[:: 1 if tell.areas else -1]
        ours = marked and any(cell.spec.ours for cell in line.cells if cell)
        item = Item("/".join(line.key), Text(nb=label, en=label), ours, None, plain)
        groups.setdefault(heading, []).append((line, item))
    heads = enumerate([*tell.names, *(line.region for line in beside[:1])])
    columns = tuple(Item(f"{at}", Text(nb=head, en=head), ours=False, year=None, spec=plain) for at, head in heads)
    rows = tuple(item for group in groups.values() for _, item in group)
    placed = [("/".join(line.key), at, cell) for line in told for at, cell in enumerate(line.cells)]
    placed += [("/".join(line.key).replace(WHOLE, OWN), len(tell.names), line.cells[0]) for line in beside]
    cells = [
        replace(cell, place=Place(name, row, f"{at}"), spec=replace(cell.spec, ours=cell.spec.ours and marked))
        for row, at, cell in placed
        if cell and any(item.id == row for item in rows)
    ]
    specs = {(cell.place.row, cell.place.column): cell.spec for cell in cells}
    return groups, Layout(name, rows, columns, specs), cells


def _put_changes(made: dict[str, Any], lines: Sequence[Line], groups: LineGroups, tell: Sentences) -> None:
    """Put sentences, headings and changes into an object of the report."""
    grid, said, catalogue = made["grid"], tell.said(made["id"], lines), tell.catalogue
    empty = made["empty"] if groups else " ".join(said)
    closed = all(step.why for line in lines for step in line.steps)
    made |= {
        "kind": "table",
        "drawn": False,
        "closed": closed,
        "said": [] if empty else said,
        "empty": empty,
        "formulas": [],
    }
    breaks = [note for line in lines for pair in pairwise(line.cells) for note in series_breaks(*pair, catalogue)]
    texts = dict.fromkeys(catalogue.text(catalogue.labels.notes[note]) for note in breaks)
    known = [note["text"] for note in made["notes"]]
    made["notes"] += [{"mark": "", "text": text} for text in texts if text not in known]
    # An object of which little is known has only the rows and columns with a number.
    rows, sides = ({entry["id"]: entry for entry in grid[axis]} for axis in ("rows", "columns"))
    ends = [at for at in reversed(range(1, len(tell.names))) if {f"{at - 1}", f"{at}"} <= sides.keys()]
    label = tell.words("compare_difference" if tell.areas else "compare_change")
    for heading, group in groups.items():
        for number, (line, row) in enumerate((line, rows[item.id]) for line, item in group if item.id in rows):
            row["heading"] = "" if number or (tell.areas and len(groups) == 1) else heading
            for at in ends:
                step = _step(line, at - 1, [of for of, _ in group], tell)
                row["cells"].insert([*sides].index(f"{at}") + 1, step)
    for at in ends:
        change = {"id": f"change-{at}", "label": label, "marks": "", "ours": False}
        grid["columns"].insert([*sides].index(f"{at}") + 1, change)


def _step(line: Line, at: int, group: Sequence[Line], tell: Sentences) -> dict[str, Any]:
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


def _records(name: str, lines: Sequence[Line], tell: Sentences) -> Iterator[tuple[object, ...]]:
    """Yield one record per line and side, in the order of :data:`COLUMNS`; the change is from the side before."""
    for line in lines:
        labels = (line.region, line.statistic)[:: 1 if line.key[0] == line.place else -1]
        for at, ((of, _), cell) in enumerate(zip(tell.sides, line.cells, strict=True)):
            step = line.steps[at - 1] if at else None
            yield (
                *(name, line.key[0], labels[0], line.key[1], labels[1]),
                *(of.run.edition, of.run.area or of.appendix.print_area, cell and f"{cell.spec.year}"),
                *(cell and cell.number, cell and shown(cell, of.labels.words, tell.language)),
                *(cell and cell.unit, cell and cell.basis, cell and " ".join(sources_of([cell], of.sources))),
                *(cell and written_notes(cell, ours=True), f"{line.ranks[at] or ''}", step and step.value),
                *(step and step.unit, step and tell.names[at - 1], step and step.why, step and " ".join(step.marks)),
            )
