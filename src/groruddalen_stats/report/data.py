"""The CSV file of one object: what every value is and where it comes from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import formula_text, inputs_text, shown, written_notes
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.report.formulas import formula_in_words
from groruddalen_stats.report.grids import AtCell, Printed
from groruddalen_stats.report.words import Words

__all__ = ["COLUMNS", "number_text", "object_csv"]

COLUMNS = (
    "row",
    "row_label",
    "column",
    "column_label",
    "value",
    "displayed",
    "decimals",
    "unit",
    "basis",
    "ours",
    "printed",
    "printed_value",
    "numerator",
    "denominator",
    "formula",
    "formula_in_words",
    "inputs",
    "qualifier",
    "flags",
    "note",
)


def object_csv(catalogue: Catalogue, name: str, cells: Sequence[Cell], printed: Mapping[AtCell, Printed]) -> str:
    """Return one row per cell: unrounded value, displayed text, basis, printed number, formula and raw cells.

    Args:
        catalogue: the project's configuration; labels are in the language of its run.
        name: the object.
        cells: its cells.
        printed: its printed numbers.

    Returns:
        CSV with the columns of :data:`COLUMNS`, numbers with a decimal point, nothing where there is no number.
    """
    language = catalogue.run.language
    plan, words = layout(name, catalogue), Words(catalogue)
    labels = plan.labels(language)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for cell in cells:
        _, row, column = cell.place
        number = printed.get((row, column))
        writer.writerow(
            {
                "row": row,
                "row_label": labels[row],
                "column": column,
                "column_label": labels[column],
                "value": number_text(cell.number),
                "displayed": shown(cell, catalogue.labels.words, language),
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
        )
    return text.getvalue()


def number_text(value: float) -> str:
    """Return a number with every digit it has, a whole one without a decimal point."""
    if math.isnan(value):
        return ""
    return f"{int(value)}" if value == int(value) else repr(float(value))
