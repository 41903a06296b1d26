"""One row for each number of a run, without words: what can be put together over all runs; and what its codes mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Place, text_in
from groruddalen_stats.numbers import Language, round_half_up
from groruddalen_stats.report.data import number_text
from groruddalen_stats.report.grids import printed_numbers
from groruddalen_stats.takeaway.workbook import MEANING

# fmt: off
COLUMNS = (
    "edition", "area", "object", "row", "column", "region", "region_code", "indicator", "year", "value", "decimals", "unit",
    "basis", "sign", "qualifier", "source", "printed",
)
# fmt: on
NUMBERS = {"year": pa.int32(), "value": pa.float64(), "decimals": pa.int8(), "printed": pa.float64()}
"""The columns that are no text."""
KEY = COLUMNS[:5]
"""What no two rows have in common."""
CODEBOOK = ("variable", "code", "edition", "area", "nb", "en")

Record = Mapping[str, str]


def rows(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame) -> list[dict[str, str]]:
    """Return one row for each cell of a run: :data:`COLUMNS`, the same in every language."""
    printed = printed_numbers(catalogue, published)
    found = []
    for cell in cells:
        name, row, column = cell.place
        number = printed.get(name, {}).get((row, column))
        found.append(
            {
                "edition": catalogue.run.edition,
                "area": area_of(catalogue),
                "object": name,
                "row": row,
                "column": column,
                "region": cell.spec.region or "",
                "region_code": catalogue.regions.code(cell.spec.region) if cell.spec.region else "",
                "indicator": cell.spec.indicator,
                "year": f"{cell.spec.year}",
                "value": number_text(cell.number),
                "decimals": f"{cell.decimals}",
                "unit": cell.unit,
                "basis": str(cell.basis),
                "sign": cell.value.sign if cell.value else "",
                "qualifier": cell.approximate,
                "source": " ".join(cell.value.sources) if cell.value else "",
                "printed": "" if number is None else f"{number.rounded}",
            }
        )
    return found


def area_of(catalogue: Catalogue) -> str:
    """Return the name of the area of a run, also where it is the report's own."""
    return catalogue.run.area or catalogue.printed.print_area


def codebook(catalogue: Catalogue, cells: Sequence[Cell]) -> list[dict[str, str]]:
    """Return what the variables and codes of a run's rows mean, in both languages, a row each: :data:`CODEBOOK`."""
    nb, en = (_meanings(catalogue, cells, language) for language in ("nb", "en"))
    run = (catalogue.run.edition, area_of(catalogue))
    listed = sorted(nb, key=lambda key: COLUMNS.index(key[0]))
    return [
        dict(zip(CODEBOOK, (*key, *(run if key[1] else ("", "")), nb[key], en[key]), strict=True)) for key in listed
    ]


def _meanings(catalogue: Catalogue, cells: Sequence[Cell], language: Language) -> dict[tuple[str, str], str]:
    """Return what each code means in a language, by variable and code; a variable itself has no code."""
    words, regions, known = catalogue.labels.words, catalogue.regions, catalogue.indicators
    found = {(name, ""): words[f"tidy_{name}"][language] for name in COLUMNS}
    found["edition", catalogue.run.edition] = catalogue.edition.title[language]
    found["area", area_of(catalogue)] = catalogue.area.name[language]
    for name, spec in catalogue.appendix.objects.items():
        number = words[spec.kind][language].replace("{number}", spec.number)
        found["object", name] = f"{number} {catalogue.text(spec.title, language)}"
        plan = layout(name, catalogue)
        for variable, items in (("row", plan.rows), ("column", plan.columns)):
            found |= {(variable, f"{name}/{item.id}"): item.label[language] for item in items}
    for cell in cells:
        found["indicator", cell.spec.indicator] = known.indicators[cell.spec.indicator].label[language]
        found["unit", cell.unit] = known.units[cell.unit].label[language]
        if cell.spec.region:
            found["region", cell.spec.region] = regions.name(cell.spec.region, language)
        for key in cell.value.sources if cell.value else ():
            source = catalogue.sources.sources[key]
            publisher = catalogue.sources.publishers[source.publisher].name[language]
            found["source", key] = f"{publisher}: {text_in(source.table, language)}, {source.title[language]}"
    for basis in Basis:
        word = "missing" if basis is Basis.MISSING else f"legend_{basis}"
        found["basis", str(basis)] = words[word][language]
    found |= {("sign", sign): words[f"sign_{word}"][language] for sign, word in MEANING.items()}
    for word in ("about", "over"):
        found["qualifier", word] = words[word][language].replace("{value}", "").strip()
    return found


def merged_codebook(books: Iterable[Sequence[Record]]) -> list[dict[str, str]]:
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
        for parts in range(3):  # of edition and area
            told: dict[tuple[str, ...], set[tuple[str, str]]] = {}
            for at, said in where.items():
                told.setdefault((*at[:parts], "", "")[:2], set()).add(said)
            if all(len(texts) == 1 for texts in told.values()):
                break
        found += [dict(zip(CODEBOOK, (variable, code, *at, *said), strict=True)) for at, (said,) in told.items()]
    return sorted(found, key=lambda row: COLUMNS.index(row["variable"]))


def excel_csv(listed: Iterable[Sequence[str | Decimal]]) -> bytes:
    """Return rows as CSV that a spreadsheet with Norwegian settings opens as it is: semicolons, decimal commas, a BOM."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in listed:
        writer.writerow([f"{cell}".replace(".", ",") if isinstance(cell, Decimal) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def excel_tables(model: Mapping[str, Any], cells: Sequence[Cell]) -> Iterator[tuple[str, bytes]]:
    """Yield the table of each object as the page shows it, as :func:`excel_csv`: rounded numbers, signs and words."""
    by_place = {cell.place: cell for cell in cells}
    for entry in (entry for section in model["sections"] for entry in section["objects"]):
        columns = entry["grid"]["columns"]
        lines: list[list[str | Decimal]] = [
            [f"{entry['label']} {entry['title']}", *(column["label"] for column in columns)]
        ]
        for row in entry["grid"]["rows"]:
            line: list[str | Decimal] = [row["label"]]
            for column, shown in zip(columns, row["cells"], strict=True):
                cell = by_place.get(Place(entry["id"], row["id"], column["id"]))
                plain = cell is not None and cell.known and not cell.approximate
                number = round_half_up(cell.number, cell.decimals) if cell and plain else None
                line.append(shown["text"].removesuffix("*") if number is None else number)
            lines.append(line)
        yield entry["id"], excel_csv(lines)
