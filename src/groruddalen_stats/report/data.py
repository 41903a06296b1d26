"""Turns the cells of one object into a CSV file that says of every value what it is and where it comes from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.report.formulas import formula_in_words
from groruddalen_stats.report.grids import Place, Printed, Record
from groruddalen_stats.report.words import Words

__all__ = ["COLUMNS", "object_csv"]

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


def object_csv(catalogue: Catalogue, name: str, records: Sequence[Record], printed: Mapping[Place, Printed]) -> str:
    """Return one row per cell: unrounded value, displayed text, basis, printed number, formula and raw cells.

    Args:
        catalogue: the project's configuration; labels are in the language of its run.
        name: the object.
        records: its cells in the cell contract.
        printed: its printed numbers.

    Returns:
        CSV with the columns of :data:`COLUMNS`, numbers with a decimal point, nothing where there is no number.
    """
    language = catalogue.run.language
    plan, words = layout(name, catalogue), Words(catalogue)
    labels = {item.id: item.label[language] for item in (*plan.rows, *plan.columns)}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        row, column = str(record["row"]), str(record["column"])
        number = printed.get((row, column))
        notes = str(record["note"]).split()
        writer.writerow(
            {
                **{key: record[key] for key in ("unit", "basis", "formula", "inputs", "qualifier", "flags")},
                "formula_in_words": formula_in_words(plan.cells[row, column], words),
                "row": row,
                "row_label": labels[row],
                "column": column,
                "column_label": labels[column],
                "value": _number(record["value"]),
                "displayed": record["display"],
                "decimals": int(record["decimals"]),
                "ours": "yes" if "ours" in notes else "no",
                "printed": "" if number is None else number.verbatim,
                "printed_value": "" if number is None else f"{number.rounded}",
                "numerator": _number(record["numerator"]),
                "denominator": _number(record["denominator"]),
                "note": " ".join(note for note in notes if note != "ours"),
            }
        )
    return text.getvalue()


def _number(value: float) -> str:
    """Return a number with every digit it has, a whole one without a decimal point."""
    if math.isnan(value):
        return ""
    return f"{int(value)}" if value == int(value) else repr(float(value))
