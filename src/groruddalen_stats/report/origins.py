"""Where each number of a page comes from: unrounded, with what it was computed from, down to the line of the raw file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell, Value
from groruddalen_stats.appendix.notes import sources_of
from groruddalen_stats.appendix.text import origin_lines
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.numbers import MINUS, display_number
from groruddalen_stats.report.formulas import formula_in_words, sides_in_words
from groruddalen_stats.report.grids import printed_numbers
from groruddalen_stats.report.words import Words


def origins_of(
    catalogue: Catalogue, cells: Iterable[Cell], published: pd.DataFrame
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the origin of every known number, by object and ``<row>-<column>``.

    Returns:
        ``title``, then what was computed (``value``, ``formula``), from what (``parts``: a name, a number and the lines of
        the raw files), by whom it is published (``sources``: a name and the anchor of its facts) and what is printed.
    """
    words, printed = Words(catalogue), printed_numbers(catalogue, published)
    labels = {name: layout(name, catalogue).labels(words.language) for name in catalogue.appendix.objects}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for cell in cells:
        name, row, column = cell.place
        if cell.known:
            number = printed.get(name, {}).get((row, column))
            found.setdefault(name, {})[f"{row}-{column}"] = {
                "title": f"{labels[name][row]}, {labels[name][column]}",
                "value": _written(cell.number, words),
                "formula": formula_in_words(cell.spec, words),
                "parts": _parts(cell, words),
                "basis": words.basis(cell.basis),
                "sources": [_source(key, words) for key in sources_of([cell], catalogue.sources)],
                "printed": "" if number is None else number.verbatim,
            }
    return found


def _parts(cell: Cell, words: Words) -> list[dict[str, Any]]:
    top, bottom = sides_in_words(cell.spec, words)
    named: list[tuple[str, Value | None]] = [(top, cell.numerator or cell.value)]
    if cell.numerator is not None:
        named.append((bottom, cell.denominator))
    return [
        {
            "name": f"{said[:1].upper()}{said[1:]}",
            "value": "" if math.isnan(value.number) or cell.numerator is None else _written(value.number, words),
            "lines": [
                {"path": path, "where": _where(path, place, words)} for path, place in origin_lines(value.origins)
            ],
        }
        for said, value in named
        if value is not None
    ]


def _where(path: str, place: str, words: Words) -> str:
    """Return where in a raw file, or in the object itself, a number stands."""
    if not path or "/" in place:
        return place
    numbers, _, column = place.partition(":")
    listed = numbers.replace("L", "").replace("v", "").replace("-", "–").replace(",", ", ")
    return words("origin_line", lines=listed, column=column) if column else words("origin_index", index=listed)


def _source(key: str, words: Words) -> dict[str, str]:
    source = words.catalogue.sources.sources[key]
    if source.kind != "independent":
        return {"name": words("print_title"), "anchor": "source-print", "url": ""}
    publisher = words.catalogue.sources.publishers[source.publisher].name[words.language]
    title = f"{publisher}: {source.title[words.language]}"
    return {"name": title, "anchor": f"source-{key.replace('_', '-')}", "url": source.url or ""}


def _written(number: float, words: Words) -> str:
    """Return a number with every digit it has, with the decimal sign of the language."""
    if number == int(number):
        return display_number(number, 0, words.language)
    text = repr(float(number)).replace("-", MINUS)
    return text.replace(".", ",") if words.language == "nb" else text
