"""The grid of one object for page and PDF: numbers as text, marks, printed values and the footnotes they stand for."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.layout import Item, Layout, layout, same_statistic
from groruddalen_stats.appendix.model import COMPUTED, Basis, Cell, FlagKind
from groruddalen_stats.appendix.text import note_keys
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.words import Words

AtCell = tuple[str, str]
Marks = dict[AtCell, list[str]]
"""Which marks stand where in a grid: at a row (without a column), at a column (without a row) or at a cell."""

OURS = "*"
DIFFERS, OTHER_METHOD = "≠", "≈"
SIGNS = dict(zip(Basis, ("", "◐", "○", "◇", ""), strict=True))


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number: its value, its decimals and the text as it stands in the print."""

    value: float
    decimals: int
    verbatim: str

    @property
    def rounded(self) -> Decimal:
        return round_half_up(self.value, self.decimals)


def put(marks: Marks, mark: str, places: Sequence[AtCell], rows: Sequence[str], columns: Sequence[str]) -> None:
    """Mark places: at the rows or the columns when they are whole ones of those given, else one by one."""
    wanted = set(places)
    whole_rows = [(row, "") for row in rows if all((row, column) in wanted for column in columns)]
    whole_columns = [("", column) for column in columns if all((row, column) in wanted for row in rows)]
    targets = places
    if len(whole_rows) * len(columns) == len(wanted):
        targets = whole_rows
    elif len(whole_columns) * len(rows) == len(wanted):
        targets = whole_columns
    for at in targets:
        marks.setdefault(at, []).append(mark)


def printed_numbers(catalogue: Catalogue, published: pd.DataFrame) -> dict[str, dict[AtCell, Printed]]:
    """Return the printed numbers that ask for the same statistic as the edition's cells, by object and place."""
    found: dict[str, dict[AtCell, Printed]] = {}
    for record in published.to_dict("records"):
        name, place, value = str(record["object"]), (str(record["row"]), str(record["column"])), float(record["value"])
        own, of_print = (layout(name, catalogue, at).cells.get(place) for at in (None, catalogue.print_edition))
        if math.isfinite(value) and own is not None and same_statistic(own, of_print):
            found.setdefault(name, {})[place] = Printed(value, int(record["decimals"]), str(record["printed"]))
    return found


def differs(cell: Cell, printed: Printed) -> bool:
    """Return whether a rebuilt number, rounded as the print is, is not the printed one.

    One unit of the last printed decimal is no news to a reader. A number on other borders than the report's answers
    another question, and is not compared.
    """
    if cell.basis not in COMPUTED or not cell.known or cell.about(FlagKind.BORDER):
        return False
    apart = abs(round_half_up(cell.number, printed.decimals) - printed.rounded)
    return apart > Decimal(1).scaleb(-printed.decimals)


_ABSENT = {"text": "", "basis": "absent", "sign": "", "meaning": "", "differs": "", "printed": "", "marks": ""}


def grid(
    words: Words,
    plan: Layout,
    cells: Sequence[Cell],
    printed: Mapping[AtCell, Printed],
    findings: Sequence[Sequence[AtCell]],
    other_method: Collection[AtCell] = (),
) -> dict[str, Any]:
    """Return an object's rows and columns as strings, and its notes with the marks they stand under.

    ``findings`` are the places of each finding of the check, marked 1, 2, ... in this order. At those of
    ``other_method`` print and cell are known to count differently, which is no error of either.
    """
    by_place = {(cell.place.row, cell.place.column): cell for cell in cells}
    marks: Marks = {}
    in_print = [[item.id for item in items if not item.ours] for items in (plan.rows, plan.columns)]
    for number, places in enumerate(findings, start=1):
        put(marks, f"{number}", [place for place in places if place in by_place], *in_print)
    notes = _notes(words, plan, by_place, marks)

    def head(item: Item, at: AtCell) -> dict[str, Any]:
        return {
            "id": item.id,
            "label": item.label[words.language] + (OURS if item.ours else ""),
            "marks": ", ".join(marks.get(at, ())),
            "ours": item.ours,
        }

    def written(row: Item, column: Item) -> dict[str, Any]:
        cell = by_place.get((row.id, column.id))
        if cell is None:
            return dict(_ABSENT)
        number = printed.get((row.id, column.id))
        mark = beside = ""
        if number is not None and differs(cell, number):
            mark = OTHER_METHOD if (row.id, column.id) in other_method else DIFFERS
            beside = words("printed_value", value=display_number(number.rounded, number.decimals, words.language))
        alone = cell.spec.ours and not (row.ours or column.ours)
        return {
            "text": words.cell(cell) + (OURS if alone else ""),
            "basis": cell.basis,
            "sign": SIGNS[cell.basis] if cell.known else "",
            "meaning": words.basis(cell.basis),
            "differs": mark,
            "printed": beside,
            "marks": ", ".join(marks.get((row.id, column.id), ())),
        }

    return {
        "columns": [head(column, ("", column.id)) for column in plan.columns],
        "rows": [
            {**head(row, (row.id, "")), "cells": [written(row, column) for column in plan.columns]} for row in plan.rows
        ],
        "notes": notes,
    }


def _notes(words: Words, plan: Layout, cells: Mapping[AtCell, Cell], marks: Marks) -> list[dict[str, str]]:
    """Return the notes that cells carry, and mark the cells; one that holds for all of its kind has no mark."""
    places: dict[tuple[str, str], list[AtCell]] = {}
    for place, cell in cells.items():
        for note in note_keys(cell):
            places.setdefault(note, []).append(place)
    reasons = [note for note in places if note[0] == "reason"]
    notes: list[dict[str, str]] = []
    letters = iter(ascii_lowercase)
    for note, where in places.items():
        alone = len(where) == len(cells) or reasons == [note]
        mark = "" if alone else next(letters)
        notes.append({"mark": mark, "text": _note_text(words, *note)})
        if mark:
            put(marks, mark, where, [row.id for row in plan.rows], [column.id for column in plan.columns])
    return notes


def _note_text(words: Words, kind: str, about: str) -> str:
    """Return a note of :func:`~groruddalen_stats.appendix.text.note_keys` as readers see it."""
    catalogue = words.catalogue
    if kind == "reason":
        said = words("legend_missing", reason=catalogue.text(catalogue.labels.reasons[about]))
        return f"{said[:1].upper()}{said[1:]}."
    if kind == FlagKind.KNOWN_WRONG:
        table = words.label(next(place[0] for place, finding in catalogue.known_wrong.items() if finding == about))
        said = catalogue.text(catalogue.labels.notes["known_wrong"])
        return said.replace("{object}", f"{table[:1].lower()}{table[1:]}")
    if kind == FlagKind.BORDER:
        return catalogue.regions.breaks[about].footnote(words.language)
    return catalogue.text(catalogue.labels.notes[about or kind])
