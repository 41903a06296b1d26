"""The report, its figures and its CSV files as one PDF that is both PDF/UA-1 and PDF/A-3a."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from groruddalen_stats.paths import write_bytes
from groruddalen_stats.report.html import TEMPLATES, Drawings
from groruddalen_stats.setting import compiled

_ENDS_WITH_RETURN = re.compile(rb"\r\nendstream\nendobj\n")
_ENTRY = re.compile(rb"(?<=\n)(\d{10})( \d{5} n)")
_START = re.compile(rb"(startxref\s+)(\d+)")
_CELL = re.compile(rb"\n(\d+) 0 obj\n<</Type/StructElem/S/(TD)/P \d+ 0 R/A\[<</O/Table(/Headers\[[^\]]*\])>>")
_ROW = re.compile(rb"<</Type/StructElem/S/TR/P \d+ 0 R/K\[([^\]]*)\]")
_KID = re.compile(rb"(\d+) 0 R")
_VARIABLE = re.compile(r"var\(--[^,]+, (#[0-9a-f]{6})\)")
_RULES = re.compile(r"<style>.*?</style>")
_FOUND = frozenset({"audit", "claims"})

STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]


def of_findings(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the second document: the chapters on what was found in the print, and nothing else."""
    chapters = [chapter for chapter in model["chapters"] if chapter["id"] in _FOUND]
    titles = {"title": model["words"]["findings_title"], "subtitle": model["title"]}
    return {**model, **titles, "sections": [], "chapters": chapters}


def render_pdf(
    model: Mapping[str, Any], out: Path, tables: Mapping[str, Path] | None = None, drawings: Drawings | None = None
) -> None:
    """Write the report as PDF, with the CSV files attached; the same inputs give the same bytes.

    A document with sections leaves out what was found in the print, which has a document of its own. ``tables`` are CSV
    files by object; ``drawings`` has the text of each SVG file, and of the one drawn for a telephone, by object.

    Raises:
        StatsError: when the document cannot be set, with Typst's own words; an earlier file stays.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _gather(root, model, tables or {}, drawings or {})
        # The moment of making is the edition's date: the clock is never asked.
        moment = int(dt.datetime.fromisoformat(model["date"]).replace(tzinfo=dt.UTC).timestamp())
        document = compiled(root / "appendix.typ", out, pdf_standards=[*STANDARDS], timestamp=moment)
    write_bytes(out, unambiguous(with_row_headings(document)))


def _gather(root: Path, model: Mapping[str, Any], tables: Mapping[str, Path], drawings: Drawings) -> None:
    """Put all that the document is set from into one folder: Typst reads nothing outside its root."""
    shutil.copy(TEMPLATES / "appendix.typ", root / "appendix.typ")
    for folder in ("figures", "data"):
        (root / folder).mkdir()
    for name, path in tables.items():
        shutil.copy(path, root / "data" / f"{name}{path.suffix}")
    for name, drawn in drawings.items():
        for kind, svg in zip(("svg", "narrow"), drawn, strict=True):
            # In its own colours: Typst knows no variables, and paper is light.
            plain = _RULES.sub("", _VARIABLE.sub(r"\1", svg))
            (root / "figures" / f"{name}.{kind}.svg").write_text(plain, encoding="utf-8")
    chapters = [chapter for chapter in model["chapters"] if not model["sections"] or chapter["id"] not in _FOUND]
    whole = {**model, "chapters": chapters, "findings": len(chapters) < len(model["chapters"])}
    (root / "model.json").write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def unambiguous(document: bytes) -> bytes:
    """Return the same PDF in which no stream's last byte can be taken for a part of the line end after it.

    Typst ends every stream with a line feed. Where the data happen to end with a carriage return, a reader may see
    one line end of two characters, find the stream a byte shorter than it says, and refuse the file as PDF/A. There
    both characters are written.
    """
    return _edited(document, [(at.start() + 1, at.start() + 1, b"\r") for at in _ENDS_WITH_RETURN.finditer(document)])


def with_row_headings(document: bytes) -> bytes:
    """Return the same PDF in which the first cell of each row of a table is tagged as the row's heading.

    Typst can say so of columns only. A cell that names its headings names those of columns; without that a reader finds
    both from the direction in which each holds.
    """
    cells = {cell.group(1): cell for cell in _CELL.finditer(document)}
    rows = [_KID.findall(row.group(1)) for row in _ROW.finditer(document)]
    heads = {kids[0] for kids in rows if kids and all(kid in cells for kid in kids)}
    edits = []
    for name, cell in cells.items():
        tag, attributes = (b"TH", b"/Scope/Row") if name in heads else (b"TD", b"")
        edits += [(*cell.span(2), tag), (*cell.span(3), attributes)]
    return _edited(document, sorted(edits))


def _edited(document: bytes, edits: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Replace parts of a PDF, from front to back, and correct its table of contents for every place that moves."""
    start = int(document[document.rindex(b"startxref") :].split()[1])
    parts, done = list[bytes](), 0
    for first, last, put in edits:
        parts += [document[done:first], put]
        done = last
    parts.append(document[done:start])
    places = [last for _, last, _ in edits]
    longer = [0, *accumulate(len(put) - (last - first) for first, last, put in edits)]

    def shifted(offset: bytes) -> int:
        return int(offset) + longer[bisect_right(places, int(offset))]

    table = _ENTRY.sub(lambda match: b"%010d" % shifted(match.group(1)) + match.group(2), document[start:])
    table = _START.sub(lambda match: match.group(1) + b"%d" % shifted(match.group(2)), table)
    return b"".join(parts) + table
