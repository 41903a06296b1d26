"""One row for each number of a run, without words: what can be put together over all runs; and what its codes mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Text, text_in
from groruddalen_stats.numbers import round_half_up
from groruddalen_stats.report.data import number_text
from groruddalen_stats.report.grids import printed_numbers
from groruddalen_stats.takeaway.workbook import MEANING

COLUMNS = (
    "edition",
    "area",
    "object",
    "row",
    "column",
    "region",
    "region_code",
    "indicator",
    "year",
    "value",
    "decimals",
    "unit",
    "basis",
    "sign",
    "qualifier",
    "source",
    "printed",
)
KEY = COLUMNS[:5]
"""What no two rows have in common."""
CODEBOOK = ("variable", "code", "edition", "area", "nb", "en")

Row = Mapping[str, str]


def rows(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row for each cell of a run: :data:`COLUMNS`, the same in every language.

    Args:
        catalogue: the project's configuration.
        cells: the run's cells.
        published: every printed cell, with the column ``object``.
    """
    printed = printed_numbers(catalogue, published)
    found = []
    for cell in cells:
        name, row, column = cell.place
        number = printed.get(name, {}).get((row, column))
        values = (
            catalogue.run.edition,
            area_of(catalogue),
            name,
            row,
            column,
            cell.spec.region or "",
            catalogue.regions.code(cell.spec.region) if cell.spec.region else "",
            cell.spec.indicator,
            f"{cell.spec.year}",
            number_text(cell.number),
            f"{cell.decimals}",
            cell.unit,
            str(cell.basis),
            cell.value.sign if cell.value else "",
            cell.approximate,
            " ".join(cell.value.sources) if cell.value else "",
            "" if number is None else f"{number.rounded}",
        )
        found.append(dict(zip(COLUMNS, values, strict=True)))
    return found


def area_of(catalogue: Catalogue) -> str:
    """Return the name of the area of a run, also where it is the report's own."""
    return catalogue.other_area or catalogue.printed.print_area


def codebook(catalogue: Catalogue, cells: Sequence[Cell]) -> list[dict[str, str]]:
    """Return what the variables and codes of a run's rows mean, in both languages, a row each: :data:`CODEBOOK`."""
    found: dict[tuple[str, str], Text] = {}
    words = catalogue.labels.words

    def add(variable: str, code: str, text: Text) -> None:
        if code:
            found[variable, code] = text

    for name in COLUMNS:
        found[name, ""] = words[f"tidy_{name}"]
    add("edition", catalogue.run.edition, catalogue.edition.title)
    add("area", area_of(catalogue), catalogue.area.name)
    for name, spec in catalogue.appendix.objects.items():
        title = Text(nb=catalogue.text(spec.title, "nb"), en=catalogue.text(spec.title, "en"))
        number = words[spec.kind]
        of = Text(nb=number.nb.replace("{number}", spec.number), en=number.en.replace("{number}", spec.number))
        add("object", name, Text(nb=f"{of.nb} {title.nb}", en=f"{of.en} {title.en}"))
        plan = layout(name, catalogue)
        for variable, items in (("row", plan.rows), ("column", plan.columns)):
            for item in items:
                add(variable, f"{name}/{item.id}", item.label)
    for cell in cells:
        add("indicator", cell.spec.indicator, catalogue.indicators.indicators[cell.spec.indicator].label)
        add("unit", cell.unit, catalogue.indicators.units[cell.unit].label)
        if cell.spec.region:
            names = catalogue.regions.name(cell.spec.region, "nb"), catalogue.regions.name(cell.spec.region, "en")
            add("region", cell.spec.region, Text(nb=names[0], en=names[1]))
        for source in cell.value.sources if cell.value else ():
            add("source", source, _source(catalogue, source))
    for basis in Basis:
        add("basis", str(basis), words["missing"] if basis is Basis.MISSING else words[f"legend_{basis}"])
    for sign, word in MEANING.items():
        add("sign", sign, words[f"sign_{word}"])
    for word in ("about", "over"):
        add("qualifier", word, Text(nb=_bare(words[word].nb), en=_bare(words[word].en)))
    order = {name: number for number, name in enumerate(COLUMNS)}
    return [
        {
            "variable": variable,
            "code": code,
            "edition": catalogue.run.edition if code else "",
            "area": area_of(catalogue) if code else "",
            "nb": text.nb,
            "en": text.en,
        }
        for (variable, code), text in sorted(found.items(), key=lambda item: order[item[0][0]])
    ]


def _bare(text: str) -> str:
    return text.replace("{value}", "").strip()


def _source(catalogue: Catalogue, key: str) -> Text:
    source = catalogue.sources.sources[key]
    publisher = catalogue.sources.publishers[source.publisher].name
    tables = text_in(source.table, "nb"), text_in(source.table, "en")
    return Text(
        nb=f"{publisher.nb}: {tables[0]}, {source.title.nb}", en=f"{publisher.en}: {tables[1]}, {source.title.en}"
    )


def merged_codebook(books: Iterable[Sequence[Row]]) -> list[dict[str, str]]:
    """Return the codebooks of many runs as one.

    A code that means the same everywhere has neither edition nor area; one that means the same in an edition, whatever
    the area, has only that.
    """
    meanings: dict[tuple[str, str], dict[tuple[str, str], tuple[str, str]]] = {}
    for book in books:
        for row in book:
            place = meanings.setdefault((row["variable"], row["code"]), {})
            place[row["edition"], row["area"]] = row["nb"], row["en"]
    found = []
    for (variable, code), where in meanings.items():
        editions: dict[str, set[tuple[str, str]]] = {}
        for (edition, _), said in where.items():
            editions.setdefault(edition, set()).add(said)
        if len(set(where.values())) == 1:
            listed = [("", "", next(iter(where.values())))]
        elif all(len(said) == 1 for said in editions.values()):
            listed = [(edition, "", next(iter(said))) for edition, said in editions.items()]
        else:
            listed = [(edition, area, said) for (edition, area), said in where.items()]
        found += [
            dict(zip(CODEBOOK, (variable, code, edition, area, *said), strict=True)) for edition, area, said in listed
        ]
    order = {name: number for number, name in enumerate(COLUMNS)}
    return sorted(found, key=lambda row: order[row["variable"]])


def machine_csv(columns: Sequence[str], listed: Iterable[Row]) -> str:
    """Return rows as CSV for machines: commas between fields, a decimal point."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def excel_csv(listed: Iterable[Sequence[str | Decimal]]) -> bytes:
    """Return rows as CSV that a spreadsheet with Norwegian settings opens as it is: semicolons, decimal commas, a BOM."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in listed:
        writer.writerow([f"{cell}".replace(".", ",") if isinstance(cell, Decimal) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def excel_table(model: Mapping[str, Any], cells: Mapping[tuple[str, str], Cell]) -> bytes:
    """Return the table of an object as the page shows it, as :func:`excel_csv`: rounded numbers, signs and words.

    Args:
        model: the object in the model of the page.
        cells: its cells by row and column.
    """
    columns = model["grid"]["columns"]
    lines: list[list[str | Decimal]] = [[f"{model['label']} {model['title']}", *(item["label"] for item in columns)]]
    for row in model["grid"]["rows"]:
        line: list[str | Decimal] = [row["label"]]
        for column, shown in zip(columns, row["cells"], strict=True):
            cell = cells.get((row["id"], column["id"]))
            plain = cell is not None and cell.known and not cell.approximate
            line.append(
                round_half_up(cell.number, cell.decimals) if cell and plain else shown["text"].removesuffix("*")
            )
        lines.append(line)
    return excel_csv(lines)


def number_of(text: str) -> str | Decimal:
    """Return a number of a machine's file as a number, for :func:`excel_csv`; nothing stays nothing."""
    return Decimal(text) if text else ""
