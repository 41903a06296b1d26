"""The CSV file of each object: what every value is and where it comes from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import pandas as pd

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import formula_text, inputs_text, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.report.formulas import formula_in_words
from groruddalen_stats.report.grids import AtCell, Printed, printed_numbers
from groruddalen_stats.report.words import Words


def object_csvs(catalogue: Catalogue, cells: Iterable[Cell], published: pd.DataFrame) -> dict[str, str]:
    """Return for each object one row per cell: unrounded value, displayed text, basis, printed number, formula, raw cells.

    Labels are in the language of the run; the cells of an object stand one after another.

    Returns:
        CSV by object: numbers with a decimal point, nothing where there is no number.
    """
    words, printed = Words(catalogue), printed_numbers(catalogue, published)
    return {
        name: machine_csv([*_rows(words, list(of_object), printed.get(name, {}))])
        for name, of_object in groupby(cells, key=lambda cell: cell.place.object)
    }


def _rows(words: Words, cells: Sequence[Cell], printed: Mapping[AtCell, Printed]) -> Iterator[dict[str, object]]:
    catalogue = words.catalogue
    labels = layout(cells[0].place.object, catalogue).labels(words.language)
    for cell in cells:
        _, row, column = cell.place
        number = printed.get((row, column))
        yield {
            "row": row,
            "row_label": labels[row],
            "column": column,
            "column_label": labels[column],
            "value": number_text(cell.number),
            "displayed": words.cell(cell),
            "decimals": cell.decimals,
            "unit": cell.unit,
            "basis": cell.basis,
            "ours": "yes" if cell.spec.ours else "no",
            "printed": "" if number is None else number.verbatim,
            "printed_value": "" if number is None else f"{number.rounded}",
            "numerator": number_text(cell.numerator.number if cell.numerator else math.nan),
            "denominator": number_text(cell.denominator.number if cell.denominator else math.nan),
            "formula": formula_text(cell, catalogue.indicators),
            "formula_in_words": formula_in_words(cell.spec, words),
            "inputs": inputs_text(cell),
            "qualifier": cell.approximate,
            "flags": " ".join(flag.about or flag.kind for flag in cell.doubts),
            "note": written_notes(cell),
        }


def machine_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows, at least one, as CSV for machines: the columns of the first, commas between fields, a decimal point."""
    text = io.StringIO()
    # A table of pandas for each object would take longer than all that is in them.
    written = csv.DictWriter(text, [*rows[0]], lineterminator="\n")
    written.writeheader()
    written.writerows(rows)
    return text.getvalue()


def number_text(value: float) -> str:
    """Return a number with every digit it has, a whole one without a decimal point."""
    if math.isnan(value):
        return ""
    return f"{int(value)}" if value == int(value) else repr(float(value))
