"""What readers find in each file of a report: its tables and drawings, read from the file and from nothing else."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree as ET

from groruddalen_stats.numbers import Language, display_number

TextTable = list[list[str]]
"""The rows of a table, the head first; each begins with its label."""

_ARTICLE = re.compile(r'<article id="([^"]+)"(.*?)</article>', re.DOTALL)
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_BREAKS = re.compile(r"[\s\N{SOFT HYPHEN}\N{HYPHEN}-]+")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FORM = re.compile(r'(?:"([^"]*)")?#,##0(?:\.(0+))?(?:"([^"]*)")?')


@dataclass(frozen=True)
class Drawing:
    """A figure: what is written in it, and where the points stand that have an id, as ``<object>.<row>.<column>``.

    Attributes:
        texts, about: each text in the order of the file, and what its title and description tell a reader.
        wide, high: the width of each bar, and the height at which each marker stands.
    """

    texts: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    wide: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)


def drawing(svg: str) -> Drawing:
    """Return what a figure shows."""
    found = Drawing()

    def walk(element: ET.Element, name: str) -> None:
        """Note what an element shows, and all in it; ``name`` is the id of the group that it is in."""
        tag = element.tag.rpartition("}")[2]
        if tag == "g":
            name = element.get("id") or name
        elif tag == "text":
            found.texts.append("".join(element.itertext()).strip())
        elif tag in {"title", "desc"} and not name:
            # A title inside a group is that of one mark.
            found.about.append("".join(element.itertext()).strip())
        elif tag == "use" and name:
            found.high[name] = float(element.get("y") or "nan")
        elif tag == "path" and name and (across := [float(x) for x, _ in _POINT.findall(element.get("d") or "")]):
            found.wide.setdefault(name, max(across) - min(across))
        for inner in element:
            walk(inner, name)

    # In a page the prefix of links is not declared.
    walk(ET.fromstring(svg.replace("xlink:href", "href")), "")  # noqa: S314 - our own file
    return found


def page(html: str) -> tuple[dict[str, TextTable], dict[str, str]]:
    """Return the tables and the drawings of the page, by object."""
    tables, drawings = {}, {}
    for match in _ARTICLE.finditer(html):
        name, content = match.groups()
        if table := _TABLE.search(content):
            rows = ET.fromstring(table.group()).iter("tr")  # noqa: S314 - our own file
            tables[name] = [[_shown(cell) for cell in row] for row in rows]
        if svg := _SVG.search(content[: table.start() if table else None]):
            drawings[name] = svg.group()
    return tables, drawings


def _shown(cell: ET.Element) -> str:
    """Return a label without its marks, or the number alone of a cell."""
    value = cell if cell.tag == "th" else cell.find("*[@class='value']")
    return "" if value is None else (value.text or "").strip()


def plain(text: str) -> str:
    """Return a text without what setting it in lines puts in: blanks and hyphens."""
    return _BREAKS.sub("", text)


def pdf_text(path: Path, footer: str) -> str:
    """Return the words of a PDF in the order of reading, all in one piece, as :func:`plain`.

    ``footer`` is what stands under each page, with ``{page}`` and ``{pages}`` for the numbers.

    Raises:
        FileNotFoundError: where pdftotext is not installed.
    """
    found = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True, timeout=120)
    under = re.escape(footer).replace(r"\{page\}", r"\d+").replace(r"\{pages\}", r"\d+")
    lines = found.stdout.decode("utf-8").replace("\f", "\n").splitlines()
    return plain("".join(line for line in lines if not re.fullmatch(under, line.strip())))


def pdf_files(path: Path) -> dict[str, bytes]:
    """Return the files that are attached to a PDF, by their names without folders.

    Raises:
        FileNotFoundError: where pdfdetach is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The report's attachments lie in a folder, which pdfdetach does not make.
        (Path(folder) / "data").mkdir()
        command = ["pdfdetach", "-saveall", "-o", folder, str(path)]
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        return {file.name: file.read_bytes() for file in sorted(Path(folder).rglob("*.*"))}


def workbook(path: Path, language: Language) -> dict[str, TextTable]:
    """Return the tables of a workbook by name, each number as its format shows it."""
    from xlsxwriter.utility import xl_cell_to_rowcol  # noqa: PLC0415 - only where a workbook is read

    with zipfile.ZipFile(path) as book:
        read = {name: ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}  # noqa: S314 - our own file
    strings = ["".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in read["xl/sharedStrings.xml"]]
    styles = read["xl/styles.xml"]
    forms = {form.get("numFmtId"): form.get("formatCode", "") for form in styles.iter(f"{_MAIN}numFmt")}
    of_style = [forms.get(xf.get("numFmtId"), "") for xf in styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
    tables = {}
    for name in (name for name in read if name.startswith("xl/tables/")):
        # Each sheet has one table, of the same number.
        table, sheet = read[name], read[name.replace("tables/table", "worksheets/sheet")]
        values = {
            xl_cell_to_rowcol(cell.get("r", "")): _said(cell, strings, of_style, language)
            for cell in sheet.iter(f"{_MAIN}c")
        }
        first, last = map(xl_cell_to_rowcol, table.get("ref", "").split(":"))
        columns = range(first[1], last[1] + 1)
        rows = range(first[0], last[0] + 1)
        tables[table.get("name", "")] = [[values.get((row, column), "") for column in columns] for row in rows]
    return tables


def _said(cell: ET.Element, strings: Sequence[str], forms: Sequence[str], language: Language) -> str:
    value = cell.find(f"{_MAIN}v")
    if value is None or value.text is None:
        return ""
    if cell.get("t") == "s":
        return strings[int(value.text)]
    form = _FORM.fullmatch(forms[int(cell.get("s", "0"))])
    if form is None:
        return value.text
    before, digits, after = form.groups(default="")
    return f"{before}{display_number(float(value.text), len(digits), language)}{after}"


def spreadsheet(content: bytes) -> TextTable:
    """Return a table for spreadsheets with Norwegian settings."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def number(text: str) -> Decimal | None:
    """Return the number that a file for spreadsheets has in a cell; nothing for a sign or a word."""
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
