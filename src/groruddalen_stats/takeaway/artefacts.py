"""What readers find in each file of a report: its tables and drawings, read from the file and from nothing else."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from groruddalen_stats.numbers import Language, display_number

Table = list[list[str]]
"""The rows of a table, the head first; each begins with its label."""

_ARTICLE = re.compile(r'<article id="([^"]+)".*?</article>', re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")
_BREAKS = re.compile(r"[\s\N{SOFT HYPHEN}\N{HYPHEN}-]+")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FORM = re.compile(r'(?:"([^"]*)")?#,##0(?:\.(0+))?(?:"([^"]*)")?')


class _Grid(HTMLParser):
    """The table of one object in the page: labels without their marks, and of each cell the number alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: Table = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"} and self.rows:
            self.rows[-1].append("")
        self._open.append((tag, "value" in (dict(attrs).get("class") or "").split()))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        shown = "th" in tags or any(value for _, value in self._open)
        if self.rows and self.rows[-1] and shown and "sup" not in tags:
            self.rows[-1][-1] += data


@dataclass
class Drawing(HTMLParser):
    """A figure: what is written in it, and where the points stand that have an id, as ``<object>.<row>.<column>``.

    Attributes:
        texts: each text, in the order of the file.
        about: what a reader of the file is told of it: its title and its description.
        wide: the width of each bar.
        high: the height at which each marker stands.
    """

    texts: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    wide: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._groups: list[str] = []
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "g":
            self._groups.append(given.get("id") or "")
        elif tag in {"text", "title", "desc"}:
            self._text = []
        else:
            self._shape(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._shape(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "g" and self._groups:
            self._groups.pop()
        elif self._text is not None and tag in {"text", "title", "desc"}:
            said = "".join(self._text).strip()
            # A title inside a group is that of one mark.
            if tag == "text":
                self.texts.append(said)
            elif not any(self._groups):
                self.about.append(said)
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _shape(self, tag: str, given: Mapping[str, str | None]) -> None:
        name = next((group for group in reversed(self._groups) if group), "")
        if not name:
            return
        if tag == "use":
            self.high[name] = float(given.get("y") or "nan")
        elif tag == "path" and name not in self.wide:
            across = [float(x) for x, _ in _POINT.findall(given.get("d") or "")]
            if across:
                self.wide[name] = max(across) - min(across)


def drawing(svg: str) -> Drawing:
    """Return what a figure shows."""
    found = Drawing()
    found.feed(svg)
    return found


def page(html: str) -> tuple[dict[str, Table], dict[str, str]]:
    """Return the tables and the drawings of the page, by object."""
    tables, drawings = {}, {}
    for match in _ARTICLE.finditer(html):
        svg = _SVG.search(match.group())
        if svg:
            drawings[match.group(1)] = svg.group()
        grid = _Grid()
        grid.feed(_SVG.sub("", match.group()))
        tables[match.group(1)] = [[cell.strip() for cell in row] for row in grid.rows]
    return tables, drawings


def plain(text: str) -> str:
    """Return a text without what setting it in lines puts in: blanks and hyphens."""
    return _BREAKS.sub("", text)


def pdf_text(path: Path, footer: str) -> str:
    """Return the words of a PDF in the order of reading, all in one piece, as :func:`plain`.

    Args:
        path: the file.
        footer: what stands under each page, with ``{page}`` and ``{pages}`` for the numbers.

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


def workbook(path: Path, language: Language) -> dict[str, Table]:
    """Return the tables of a workbook by name, each number as its format shows it."""
    with zipfile.ZipFile(path) as book:
        read = {name: ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith((".xml", ".rels"))}  # noqa: S314 - our own file
    strings = ["".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in read["xl/sharedStrings.xml"]]
    styles = read["xl/styles.xml"]
    forms = {form.get("numFmtId"): form.get("formatCode", "") for form in styles.iter(f"{_MAIN}numFmt")}
    cell_formats = styles.find(f"{_MAIN}cellXfs")
    of_style = [forms.get(xf.get("numFmtId"), "") for xf in (cell_formats if cell_formats is not None else ())]
    tables = {}
    for name, sheet in read.items():
        relations = read.get(name.replace("worksheets/", "worksheets/_rels/") + ".rels")
        if "/worksheets/" not in name or relations is None:
            continue
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        part = next(sheet.iter(f"{_MAIN}tablePart"), None)
        if part is None:
            continue
        table = read[targets[part.get(_ID)].replace("..", "xl")]
        values = {cell.get("r", ""): _said(cell, strings, of_style, language) for cell in sheet.iter(f"{_MAIN}c")}
        rows = _area(table.get("ref", ""))
        tables[table.get("name", "")] = [[values.get(cell, "") for cell in row] for row in rows]
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


def _area(reference: str) -> Iterator[list[str]]:
    """Yield the cells of an area such as ``A6:C9``, row by row."""
    corners = re.fullmatch(r"([A-Z]+)(\d+):([A-Z]+)(\d+)", reference)
    if corners is None:
        return
    first, last = _column(corners[1]), _column(corners[3])
    for row in range(int(corners[2]), int(corners[4]) + 1):
        yield [f"{_letters(number)}{row}" for number in range(first, last + 1)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def spreadsheet(content: bytes) -> Table:
    """Return a table for spreadsheets with Norwegian settings."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def number(text: str) -> Decimal | None:
    """Return the number that a file for spreadsheets has in a cell; nothing for a sign or a word."""
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
