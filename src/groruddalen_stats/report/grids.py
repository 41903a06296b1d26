"""Turns the cells of one object into a grid of strings with marks, printed values and the footnotes they stand for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

from groruddalen_stats.appendix.layout import Item, Layout, layout, same_statistic
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.words import Words

Record = Mapping[str, Any]
Place = tuple[str, str]

OURS = "*"
DIFFERS = "≠"
SIGNS = {"source": "", "recomputed": "◐", "transcribed": "○", "prose": "◇", "missing": ""}
BASES = tuple(SIGNS)


@dataclass(frozen=True, slots=True)
class Printed:
    """One printed number: its value, its decimals and the text as it stands in the print."""

    value: float
    decimals: int
    verbatim: str

    @property
    def rounded(self) -> Decimal:
        return round_half_up(self.value, self.decimals)


@dataclass(frozen=True)
class Footnotes:
    """Which mark stands where in a grid, and what each mark says.

    Attributes:
        notes: mark and text; a note without a mark holds for the whole object.
        rows, columns, cells: marks by row, column and place.
    """

    notes: list[dict[str, str]] = field(default_factory=list)
    rows: dict[str, list[str]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    cells: dict[Place, list[str]] = field(default_factory=dict)

    def put(self, text: str, places: Sequence[Place], rows: Sequence[str], columns: Sequence[str]) -> None:
        """Add a note under the next free letter, at the fewest places that say where it holds."""
        wanted = set(places)
        whole_rows = [row for row in rows if all((row, column) in wanted for column in columns)]
        whole_columns = [column for column in columns if all((row, column) in wanted for row in rows)]
        if len(whole_rows) == len(rows):
            self.notes.append({"mark": "", "text": text})
            return
        mark = self._next()
        self.notes.append({"mark": mark, "text": text})
        if len(whole_rows) * len(columns) == len(wanted):
            for row in whole_rows:
                self.rows.setdefault(row, []).append(mark)
        elif len(whole_columns) * len(rows) == len(wanted):
            for column in whole_columns:
                self.columns.setdefault(column, []).append(mark)
        else:
            for place in places:
                self.cells.setdefault(place, []).append(mark)

    def _next(self) -> str:
        used = sum(bool(note["mark"]) for note in self.notes)
        letters = len(ascii_lowercase)
        return ascii_lowercase[used % letters] * (used // letters + 1)


def printed_numbers(catalogue: Catalogue, published: Iterable[Record]) -> dict[str, dict[Place, Printed]]:
    """Return the printed numbers that ask for the same statistic as the edition's cells, by object and place."""
    found: dict[str, dict[Place, Printed]] = {}
    for record in published:
        value = float(record["value"])
        if math.isfinite(value):
            number = Printed(value, int(record["decimals"]), str(record["printed"]))
            found.setdefault(str(record["object"]), {})[str(record["row"]), str(record["column"])] = number
    for name, numbers in found.items():
        own = layout(name, catalogue).cells
        of_print = layout(name, catalogue, catalogue.print_edition).cells
        found[name] = {
            place: number
            for place, number in numbers.items()
            if place in own and same_statistic(own[place], of_print.get(place))
        }
    return found


def differs(record: Record, printed: Printed | None) -> bool:
    """Return whether a rebuilt number, rounded as the print is, is not the printed one."""
    if printed is None or record["basis"] not in {"source", "recomputed"} or math.isnan(record["value"]):
        return False
    return round_half_up(float(record["value"]), printed.decimals) != printed.rounded


def grid(
    catalogue: Catalogue,
    plan: Layout,
    records: Sequence[Record],
    printed: Mapping[Place, Printed],
    explained: Mapping[Place, str],
) -> dict[str, Any]:
    """Return an object's rows and columns as strings, with its footnotes.

    Args:
        catalogue: the project's configuration.
        plan: the object's rows and columns.
        records: its cells in the cell contract.
        printed: its printed numbers.
        explained: the mark of the explanation of a place, where the check has one.
    """
    language, words = catalogue.run.language, Words(catalogue)
    by_place = {(str(r["row"]), str(r["column"])): r for r in records}
    notes = _footnotes(catalogue, plan, by_place)

    def head(item: Item, marks: Mapping[str, list[str]]) -> dict[str, Any]:
        return {
            "id": item.id,
            "label": item.label[language] + (OURS if item.ours else ""),
            "marks": ", ".join(marks.get(item.id, ())),
            "ours": item.ours,
        }

    def cell(row: Item, column: Item) -> dict[str, Any]:
        place = (row.id, column.id)
        record = by_place[place]
        number = printed.get(place)
        off = differs(record, number)
        alone = "ours" in str(record["note"]).split() and not (row.ours or column.ours)
        marks = [*([explained[place]] if place in explained else ()), *notes.cells.get(place, ())]
        beside = ""
        if off and number is not None:
            shown = display_number(number.rounded, number.decimals, language)
            beside = words("printed_value", value=shown)
        basis = str(record["basis"])
        return {
            "text": str(record["display"]) + (OURS if alone else ""),
            "basis": basis,
            "sign": "" if math.isnan(record["value"]) else SIGNS[basis],
            "meaning": words.basis(basis),
            "differs": DIFFERS if off else "",
            "printed": beside,
            "marks": ", ".join(marks),
        }

    return {
        "columns": [head(column, notes.columns) for column in plan.columns],
        "rows": [
            {**head(row, notes.rows), "cells": [cell(row, column) for column in plan.columns]}
            for row in plan.rows
        ],
        "notes": notes.notes,
    }


def _footnotes(catalogue: Catalogue, plan: Layout, records: Mapping[Place, Record]) -> Footnotes:
    places: dict[str, list[Place]] = {}
    for place, record in records.items():
        for key in str(record["note"]).split():
            if key != "ours":
                places.setdefault(key, []).append(place)
    rows, columns = [row.id for row in plan.rows], [column.id for column in plan.columns]
    notes = Footnotes()
    reasons = [key for key in places if key.startswith("reason_")]
    for key, where in places.items():
        text = _note_text(catalogue, key)
        if key in reasons:
            text = Words(catalogue)("legend_missing", reason=text)
        if key in reasons and len(reasons) == 1:
            notes.notes.append({"mark": "", "text": f"{text}."})
        else:
            notes.put(f"{text}." if key in reasons else text, where, rows, columns)
    return notes


def _note_text(catalogue: Catalogue, key: str) -> str:
    language = catalogue.run.language
    kind, _, name = key.partition("_")
    if kind == "reason":
        return catalogue.text(catalogue.labels.reasons[name])
    if kind == "break":
        return catalogue.regions.breaks[name].footnote(language)
    return catalogue.text(catalogue.labels.notes[name if kind == "caveat" else key])
