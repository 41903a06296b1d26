"""The appendix as a workbook: a sheet for each object, with the number itself in each cell and its signs in the format."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Place
from groruddalen_stats.numbers import display_number
from groruddalen_stats.paths import written_whole
from groruddalen_stats.report.words import Words

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_NARROW, _WIDE, _WIDEST, _LINE = 11, 32, 90, 15
MEANING = {
    ".": "not_possible",
    "..": "not_available",
    "...": "not_yet",
    ":": "confidential",
    "-": "nil",
    "\N{HYPHEN}": "nil",
}
"""What the signs stand for that a source has in place of a number, by the end of their word."""


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number in a workbook, with what is written ``before`` and ``after`` it, such as ``ca. `` and the sign of its basis."""

    value: float
    decimals: int
    before: str = ""
    after: str = ""

    @property
    def form(self) -> str:
        """The number format: the number as the reader's program writes numbers, with the words around it."""
        digits = "#,##0" + (f".{'0' * self.decimals}" if self.decimals else "")
        quoted = [f'"{text}"' if text else "" for text in (self.before, self.after)]
        return digits.join(quoted)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what stands above its one table, and the table.

    Attributes:
        table: the name of the table, by which formulas ask for it.
        lead: the lines above the table; the first is the title. A link back to the contents comes after them.
        head: the head of each column; none is like another.
        numbers: the columns that have numbers, or words in their place.
    """

    name: str
    table: str
    lead: Sequence[str]
    head: Sequence[str]
    rows: Sequence[Sequence[NumberCell | str]]
    numbers: range = range(0)


def write(
    catalogue: Catalogue,
    model: Mapping[str, Any],
    cells: Sequence[Cell],
    check: Sequence[Mapping[str, str]],
    target: Path,
) -> None:
    """Write the workbook of a run; the same inputs give the same bytes.

    ``check`` are the rows of check.csv, none where nothing was checked.
    """
    import xlsxwriter  # noqa: PLC0415 - only where a workbook is written

    words = Words(catalogue)
    listed = list(sheets(words, model, cells, check))
    with written_whole(target) as beside:
        book = xlsxwriter.Workbook(beside, {"strings_to_urls": False, "strings_to_numbers": False})
        made = dt.datetime.fromisoformat(model["date"])
        book.set_properties({"title": model["title"], "subject": model["subtitle"], "created": made})
        forms = _Forms(book)
        lead, head = [model["title"], model["subtitle"], words("workbook_lead")], ["workbook_sheet", "workbook_title"]
        rows = [[sheet.name, sheet.lead[0]] for sheet in listed]
        contents = Sheet(words("contents"), "contents", lead, [*map(words, head)], rows)
        first = book.add_worksheet(contents.name)
        _write_sheet(first, contents, forms)
        for number, sheet in enumerate(listed, start=len(contents.lead) + 1):
            page = book.add_worksheet(sheet.name)
            _write_sheet(page, sheet, forms, contents.name, words("workbook_back"))
            first.write_url(number, 0, f"internal:'{sheet.name}'!A1", forms["link"], sheet.name)
        book.close()


class _Forms(dict[str, "Format"]):
    """The formats of a workbook, each made once: those with a name, and of numbers by how they are written."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self["title"] = book.add_format({"bold": True, "font_size": 14})
        self["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self["text"] = book.add_format({"text_wrap": True, "valign": "top"})
        self["word"] = book.add_format({"align": "right", "valign": "top"})
        self["link"] = book.add_format({"font_color": "#0b5a5f", "underline": 1, "valign": "top"})

    def __missing__(self, form: str) -> Format:
        self[form] = self._book.add_format({"num_format": form, "align": "right", "valign": "top"})
        return self[form]


def _write_sheet(page: Worksheet, sheet: Sheet, forms: _Forms, contents: str = "", back: str = "") -> None:
    """Write a sheet, with a link ``back`` to the ``contents`` above its table."""
    page.write_string(0, 0, sheet.lead[0], forms["title"])
    lead = [*sheet.lead, *filter(None, [back])]
    for number, line in enumerate(lead[1:], start=1):
        page.write_string(number, 0, line)
    first = len(lead)
    if back:
        page.write_url(first - 1, 0, f"internal:'{contents}'!A1", forms["link"], back)
    columns = [{"header": head, "header_format": forms["head"]} for head in sheet.head]
    options = {"name": sheet.table, "columns": columns, "autofilter": False, "style": "Table Style Light 15"}
    page.add_table(first, 0, first + len(sheet.rows), len(sheet.head) - 1, options)
    for number, row in enumerate(sheet.rows, start=first + 1):
        for index, cell in enumerate(row):
            if isinstance(cell, NumberCell):
                page.write_number(number, index, cell.value, forms[cell.form])
            elif cell:
                page.write_string(number, index, cell, forms["word" if index in sheet.numbers else "text"])
    widths = [_width(sheet, index) for index in range(len(sheet.head))]
    for index, width in enumerate(widths):
        page.set_column(index, index, width)
    # A program that opens the file need not find out by itself how high a row with broken lines is.
    for number, row in enumerate([sheet.head, *sheet.rows], start=first):
        lines = max(_lines(cell, width) for cell, width in zip(row, widths, strict=True))
        if lines > 1:
            page.set_row(number, _LINE * lines)
    page.freeze_panes(first + 1, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(first)


def _width(sheet: Sheet, index: int) -> int:
    """Return how wide a column is: its numbers and signs fit, long texts are broken."""
    longest = max((_length(row[index]) for row in sheet.rows), default=0)
    if index in sheet.numbers:
        return max(_NARROW, longest + 1)
    return min(max(longest, _NARROW) + 1, _WIDE if sheet.numbers else _WIDEST)


def _length(cell: NumberCell | str) -> int:
    if isinstance(cell, str):
        return len(cell)
    return len(cell.before) + len(display_number(cell.value, cell.decimals)) + len(cell.after)


def _lines(cell: NumberCell | str, width: int) -> int:
    return 1 if isinstance(cell, NumberCell) or len(cell) < width else len(textwrap.wrap(cell, width - 1))


def sheets(
    words: Words, model: Mapping[str, Any], cells: Sequence[Cell], check: Sequence[Mapping[str, str]]
) -> Iterator[Sheet]:
    """Yield every sheet but the contents: notes, one for each object, sources, and the check where there is one."""
    objects = [entry for section in model["sections"] for entry in section["objects"]]
    by_place = {cell.place: cell for cell in cells}
    yield _notes(words, model, objects)
    for entry in objects:
        columns = entry["grid"]["columns"]
        rows = [
            [
                _marked(row),
                *(
                    _cell(words, by_place.get(Place(entry["id"], row["id"], column["id"])), shown)
                    for column, shown in zip(columns, row["cells"], strict=True)
                ),
            ]
            for row in entry["grid"]["rows"]
        ]
        lead = [
            f"{entry['label']} {entry['title']}",
            *filter(None, [entry["subtitle"], entry["empty"]]),
            f"{words('source')}: {entry['source']}",
            words("workbook_signs"),
        ]
        head = [*_apart([words.catalogue.labels.check["row"][words.language], *map(_marked, columns)])]
        yield Sheet(entry["label"], entry["id"], lead, head, rows, range(1, len(head)))
    yield _sources(words, model)
    if compared := [row for row in check if row["result"] != "not_comparable"]:
        yield _check(words, model, compared)


def _cell(words: Words, cell: Cell | None, shown: Mapping[str, str]) -> NumberCell | str:
    """Return a cell of the page as a number with what stands around it, or as the words that stand in its place."""
    if cell is None:
        return ""
    marks = f"[{shown['marks']}]" if shown["marks"] else ""
    around = " ".join(filter(None, [shown["differs"] + shown["sign"], marks]))
    ours = "*" if shown["text"].endswith("*") else ""
    after = ours + (f" {around}" if around else "")
    if not cell.known:
        return shown["text"].removesuffix("*") + after
    around_it = words(cell.approximate).partition("{value}") if cell.approximate else ("", "", "")
    return NumberCell(cell.number, cell.decimals, around_it[0], around_it[2] + after)


def _marked(item: Mapping[str, Any]) -> str:
    return f"{item['label']} [{item['marks']}]" if item["marks"] else str(item["label"])


def _apart(heads: Sequence[str]) -> Iterator[str]:
    """Yield the heads of columns with a number behind each that was there before: a table has each once."""
    taken: Counter[str] = Counter()
    for head in heads:
        taken[head.casefold()] += 1
        times = taken[head.casefold()]
        yield head if times == 1 else f"{head} ({times})"


def _notes(words: Words, model: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> Sheet:
    everywhere = words("workbook_all")
    texts = words.catalogue.labels.words
    rows = [[everywhere, "", said] for said in model["front"]["lead"]]
    rows += [[everywhere, item["sign"], item["text"]] for item in model["front"]["reading"]]
    rows += [[everywhere, row["sign"], row["meaning"]] for row in model["front"]["basis"]["rows"] if row["sign"]]
    rows += [[everywhere, sign, texts[f"sign_{word}"][words.language]] for sign, word in MEANING.items()]
    for entry in objects:
        notes = [*entry["deviations"], *entry["notes"]]
        rows += [[entry["label"], note["mark"], note["text"]] for note in notes]
        for formula in entry["formulas"]:
            of = f"{formula['of']}: " if formula["of"] else ""
            rows.append([entry["label"], "", f"{words('code')}: {of}{formula['text']}"])
    head = [words("workbook_sheet"), words("workbook_mark"), words("workbook_note")]
    return Sheet(words("notes"), "notes", [words("notes"), words("workbook_notes_lead")], head, rows)


def _sources(words: Words, model: Mapping[str, Any]) -> Sheet:
    chapter = next(part for part in model["chapters"] if part["id"] == "sources")
    rows: list[list[str]] = []
    title = ""
    for block in chapter["blocks"]:
        if block["kind"] == "heading":
            title = block["text"]
        elif block["kind"] == "terms":
            rows += [[title, item["term"], item["text"], item["href"]] for item in block["items"]]
    head = [words("source"), words("workbook_about"), words("workbook_said"), words("workbook_address")]
    return Sheet(chapter["title"], "sources", [chapter["title"], words("sources_lead")], head, rows)


def _check(words: Words, model: Mapping[str, Any], check: Sequence[Mapping[str, str]]) -> Sheet:
    catalogue, texts, language = words.catalogue, words.catalogue.labels.check, words.language

    def number(text: str) -> NumberCell | str:
        return NumberCell(float(text), len(text.partition(".")[2])) if text else ""

    rows: list[list[NumberCell | str]] = []
    for row in check:
        plan = layout(row["object"], catalogue, catalogue.print_edition)
        named = plan.labels(language)
        names = [words.label(row["object"]), named[row["row"]], named[row["column"]]]
        said = [
            texts[key][language] if key in texts else "" for key in (row["result"], row["basis"], row["explanation"])
        ]
        rows.append([*names, number(row["published"]), number(row["rebuilt"]), *said])
    keys = ("object", "row", "column", "published", "rebuilt", "result", "basis", "deviation")
    lead = [texts["title"][language], model["front"]["headline"]]
    return Sheet(words("workbook_check"), "check", lead, [texts[key][language] for key in keys], rows, range(3, 5))
