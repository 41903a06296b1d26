"""Every number of a run looked up in every file that shows it: page, PDF, drawings, workbook and tables."""

from __future__ import annotations

import csv
import filecmp
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from subprocess import SubprocessError
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import pandas as pd

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import Fault
from groruddalen_stats.figures import Content
from groruddalen_stats.numbers import MINUS, THIN_SPACE, Language, round_half_up
from groruddalen_stats.report import model_of, rows_of
from groruddalen_stats.report.data import number_text, object_csvs
from groruddalen_stats.report.grids import OURS, AtCell
from groruddalen_stats.takeaway import artefacts, tidy
from groruddalen_stats.takeaway.artefacts import Drawing, TextTable

_SHOWN = 5  # faults that are named of one object in one file
_NEAR = 0.06  # points that a shape may lie off: coordinates have six decimals, shapes are drawn to a twentieth
_BESIDE = ("differs", "sign", "marks", "printed")
_REMEDY = "delete the file and data/processed, and build it again"


ShownObject = Mapping[str, Any]
"""An object in the model of the page: what each file must show of it."""
CellsAt = Mapping[AtCell, Cell]


def faults(
    catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame, drawn: Sequence[Content]
) -> list[Fault]:
    """Return what the files of a run show otherwise than its cells, computed anew, say.

    ``drawn`` is what each figure is drawn from, made of the cells.
    """
    report, figures = catalogue.paths.report(catalogue.reader_name), catalogue.paths.figures(catalogue.reader_name)
    contents = {content.object_id: content for content in drawn}
    model = model_of(catalogue, cells, published)
    objects = [entry for section in model["sections"] for entry in section["objects"]]
    tables, rows = object_csvs(catalogue, cells, published), tidy.rows(catalogue, cells, published)
    page = partial(_page, objects=objects, contents=contents)
    footer = catalogue.labels.words["page_of"][catalogue.run.language]
    parts: list[tuple[Path, Callable[[Path], Iterator[Fault]]]] = [
        (report / "appendix.html", page),
        (report / "appendix.pdf", partial(_pdf, objects=objects, tables=tables, footer=footer)),
        (report / "appendix.xlsx", partial(_workbook, objects=objects, language=catalogue.run.language)),
        (report / "tidy.csv", partial(_rows, key=tidy.KEY, rows=rows)),
    ]
    shown = catalogue.paths.root / "site" / report.name.replace("+", "-")
    one, other = (folder / "manifest.json" for folder in (shown, report))
    if one.exists() and other.exists() and filecmp.cmp(one, other, shallow=False):
        # The site changes links and bars of the page.
        parts.append((shown / "appendix.html", page))
    for entry in objects:
        name = entry["id"]
        own = {(cell.place.row, cell.place.column): cell for cell in cells if cell.place.object == name}
        of_excel = partial(_excel, one=entry, cells=own, language=catalogue.run.language)
        of_csv = partial(_rows, key=("row", "column"), rows=list(csv.DictReader(io.StringIO(tables[name]))))
        parts += [(report / "data" / f"{name}.csv", of_csv), (report / "data" / "excel" / f"{name}.csv", of_excel)]
        if name in contents:
            files = [figures / f"{name}.svg", *sorted(figures.glob(f"{name}.*.svg"))]
            parts += [(path, partial(_svg, content=contents[name])) for path in files]
    found: list[Fault] = []
    for path, read in parts:
        try:
            found += _first(read(path))
        except FileNotFoundError as error:
            tool = error.filename in {"pdftotext", "pdfdetach"}
            what = f"{error.filename} is not installed" if tool else "the file is not there"
            found.append(Fault(what, path.as_posix(), "install poppler-utils" if tool else "run 'make report'"))
        except (ValueError, LookupError, OSError, SubprocessError, BadZipFile, ParseError) as error:
            found.append(Fault(f"the file cannot be read ({error})", path.as_posix(), _REMEDY))
    return found


def gathered(paths: Mapping[str, Path], rows: Sequence[Mapping[str, str]]) -> list[Fault]:
    """Return what the files of all runs together have otherwise than the runs' own rows say.

    ``paths`` are those of the tidy file as CSV, Parquet and for spreadsheets, ``rows`` those of every run.
    """
    found = list(_rows(paths["csv"], tidy.KEY, rows))
    table = pd.read_parquet(paths["parquet"])
    text = [
        {
            str(name): number_text(value) if isinstance(value, int | float) else value or ""
            for name, value in row.items()
        }
        for row in table.to_dict("records")
    ]
    found += _rows(paths["parquet"], tidy.KEY, rows, text)
    head, *listed = artefacts.spreadsheet(paths["excel"].read_bytes())
    plain = [dict(zip(head, row, strict=True)) for row in listed]
    for row in plain:
        row.update({name: row[name].replace(",", ".") for name in ("value", "printed")})
    found += _rows(paths["excel"], tidy.KEY, rows, plain)
    return [replace(fault, remedy="run 'make data'") for fault in _first(found)]


def _compared(
    where: str,
    one: ShownObject,
    table: TextTable,
    said: Callable[[AtCell, Mapping[str, str]], str],
    same: Callable[[str, str], bool],
) -> Iterator[Fault]:
    """Yield the cells of a table that are not as they must be, and the labels of its rows and columns.

    ``said`` tells what a cell must say, of what the page shows, and ``same`` whether what is found is what is wanted.
    """
    if not table:
        yield Fault("the table is not there", where, _REMEDY)
        return
    rows, columns = one["grid"]["rows"], one["grid"]["columns"]
    if len(table) != len(rows) + 1 or any(len(line) != len(columns) + 1 for line in table):
        what = f"the table has {len(table) - 1} rows of {len(table[0]) - 1}, not {len(rows)} of {len(columns)}"
        yield Fault(what, where, _REMEDY)
        return
    for column, text in zip(columns, table[0][1:], strict=True):
        if not same(text, column["label"]):
            yield Fault(f"the column is called '{text}', not '{column['label']}'", where, _REMEDY)
    for row, (head, *line) in zip(rows, table[1:], strict=True):
        if not same(head, row["label"]):
            yield Fault(f"the row is called '{head}', not '{row['label']}'", f"{where}#{row['id']}", _REMEDY)
        for column, shown, text in zip(columns, row["cells"], line, strict=True):
            if not same(text, wanted := said((row["id"], column["id"]), shown)):
                yield Fault(f"shows '{text}', not '{wanted}'", f"{where}#{row['id']}/{column['id']}", _REMEDY)


def _first(found: Iterable[Fault]) -> Iterator[Fault]:
    """Yield the first faults of each object in a file, and how many more there are."""
    for where, faults_ in groupby(found, key=lambda fault: fault.where.partition("#")[0]):
        listed = list(faults_)
        yield from listed[:_SHOWN]
        if len(listed) > _SHOWN:
            yield Fault(f"and {len(listed) - _SHOWN} more", where)


def _page(path: Path, objects: Sequence[ShownObject], contents: Mapping[str, Content]) -> Iterator[Fault]:
    tables, drawings = artefacts.page(path.read_text(encoding="utf-8"))
    for one in objects:
        name, where = one["id"], f"{path.as_posix()}, {one['id']}"
        if one["empty"]:
            continue
        yield from _compared(where, one, tables.get(name, []), lambda _, shown: shown["text"], str.__eq__)
        if name in contents and one["drawn"]:
            drawing = artefacts.drawing(drawings.get(name, "<svg/>"))
            yield from _drawing(f"{where}, drawing", drawing, contents[name], alone=False, marked=True)


def _workbook(path: Path, objects: Sequence[ShownObject], language: Language) -> Iterator[Fault]:
    tables = artefacts.workbook(path, language)
    for one in objects:
        where, said = f"{path.as_posix()}, {one['id']}", tables.get(one["id"], [])
        yield from _compared(where, one, said, lambda _, shown: shown["text"], _with_signs)


def _with_signs(found: str, wanted: str) -> bool:
    """Return whether a text is the wanted one, with a number that tells like heads apart, signs and marks after it."""
    after = r"( \(\d+\))?( [^\w\s]*( ?\[[\w, *]+\])?)?"
    return re.fullmatch(re.escape(wanted) + after, found) is not None


def _excel(path: Path, one: ShownObject, cells: CellsAt, language: Language) -> Iterator[Fault]:
    table = artefacts.spreadsheet(path.read_bytes())

    def said(at: AtCell, shown: Mapping[str, str]) -> str:
        text, cell = shown["text"].removesuffix(OURS), cells.get(at)
        if cell is None or not cell.known or cell.approximate:
            return text
        text = text.replace(MINUS, "-").replace(THIN_SPACE, "")
        return text.replace(",", "").replace(".", ",") if language == "en" else text

    yield from _compared(path.as_posix(), one, table, said, str.__eq__)


def _rows(
    path: Path, key: Sequence[str], rows: Sequence[tidy.Record], read: Sequence[tidy.Record] | None = None
) -> Iterator[Fault]:
    """Yield what a file has otherwise than the run; numbers are compared as numbers.

    ``key`` are the columns that name a row, ``read`` is what the file has, where it is no plain CSV file.
    """
    where, found = path.as_posix(), rows_of(path) if read is None else read
    where = path.as_posix()

    def same(one: str, other: str) -> bool:
        return one == other or (bool(one and other) and artefacts.number(one) == artefacts.number(other) is not None)

    has, wants = ({tuple(row[name] for name in key): row for row in listed} for listed in (found, rows))
    if len(found) != len(rows) or set(has) != set(wants):
        yield Fault(f"has {len(found)} rows, not the {len(rows)} of the run", where, _REMEDY)
    for at, row in wants.items():
        for name, text in row.items() if at in has else ():
            if not same(has[at][name], text):
                yield Fault(f"has the {name} '{has[at][name]}', not '{text}'", f"{where}#{'/'.join(at)}", _REMEDY)


def _pdf(path: Path, objects: Sequence[ShownObject], tables: Mapping[str, str], footer: str) -> Iterator[Fault]:
    where = path.as_posix()
    attached = artefacts.pdf_files(path)
    for name, content in tables.items():
        if attached.get(f"{name}.csv") != content.encode():
            yield Fault("the attached file is not the one of the run", f"{where}#{name}.csv", _REMEDY)
    text = artefacts.pdf_text(path, footer)
    heads = [artefacts.plain(f"{one['label']}{one['title']}") for one in objects]
    # All stand in the contents, in their order; the objects themselves come after them.
    position = 0
    for head in heads:
        position = max(position, text.find(head, position) + len(head))
    found: list[tuple[ShownObject, int]] = []
    for one in objects:
        label, title, subtitle = (re.escape(artefacts.plain(one[key])) for key in ("label", "title", "subtitle"))
        # A label is not the beginning of another one, and what is called by it is named near by.
        head = rf"{label}(?![\da-z])(?=.{{0,800}}?{title})(?=.{{0,2500}}?{subtitle})"
        if match := re.compile(head).search(text, position):
            found.append((one, match.start()))
            position = match.end()
        else:
            yield Fault(f"'{one['label']}' with its subtitle is not there", f"{where}, {one['id']}", _REMEDY)
    ends = [*(start for _, start in found[1:]), len(text)]
    for (one, start), end in zip(found, ends, strict=False):
        if not one["empty"]:
            yield from _set(f"{where}, {one['id']}", one, text[start:end])


def _set(where: str, one: ShownObject, text: str) -> Iterator[Fault]:
    """Yield the rows of an object that are not set in its part of the PDF; a long table may be set by its columns."""
    grid = one["grid"]
    rows = [(row, row["cells"]) for row in grid["rows"]]
    columns = [(column, [row["cells"][at] for row in grid["rows"]]) for at, column in enumerate(grid["columns"])]
    faults = list(_lines(where, rows, text))
    yield from min(faults, list(_lines(where, columns, text)) if faults else faults, key=len)


def _lines(
    where: str, lines: Sequence[tuple[Mapping[str, Any], Sequence[Mapping[str, str]]]], text: str
) -> Iterator[Fault]:
    """Yield the lines that are not in a text: the head, and right after it the cells.

    Where a wide table is set in parts, one under another, the head stands before the cells of each part.
    """
    for head, cells in lines:
        said = _attached(head["label"], [head["marks"]])
        left = [_attached(cell["text"], [cell[key] for key in _BESIDE]) for cell in cells]
        if re.search(said + "".join(left), text):
            continue
        for match in re.finditer(said, text):
            # As many as there is room for; a single number may follow a word by chance.
            counts = range(len(left), min(len(left), 2) - 1, -1) if left else range(0)
            fits = (count for count in counts if re.compile("".join(left[:count])).match(text, match.end()))
            left = left[next(fits, 0) :]
        if left:
            numbers = ", ".join(cell["text"] for cell in cells)
            yield Fault(f"does not show the line '{head['label']}': {numbers}", f"{where}#{head['id']}", _REMEDY)


def _attached(text: str, beside: Iterable[str]) -> str:
    around = "|".join(re.escape(artefacts.plain(sign)) for sign in beside if sign)
    return re.escape(artefacts.plain(text)) + (f"(?:{around})*" if around else "")


def _svg(path: Path, content: Content) -> Iterator[Fault]:
    drawing = artefacts.drawing(path.read_text(encoding="utf-8"))
    yield from _drawing(path.as_posix(), drawing, content, alone=True, marked=path.stem == content.object_id)


def _drawing(where: str, drawing: Drawing, content: Content, *, alone: bool, marked: bool) -> Iterator[Fault]:
    """Yield the numbers of a figure that are not written in it, and the points that do not stand where they must.

    A drawing that is ``alone`` must say itself what it shows, since no page does. One that is ``marked`` has the ids by
    which its points are found: of a figure drawn in two widths only one has.
    """
    # What does not fit in a line stands in several, one after another.
    text, kind = artefacts.plain("".join([*drawing.about, *drawing.texts])), content.chart.kind
    heads = (content.texts.title, content.texts.subtitle) if alone else ()
    names = map(content.label, content.layout.rows if kind != "map" or _has_map(content) else ())
    for name in (*heads, *names):
        if artefacts.plain(name) not in text:
            yield Fault(f"does not say '{name}'", where, _REMEDY)
    if kind == "map":
        return
    known = [point for point in content if point.known]
    if kind == "lines":
        last = content.layout.columns[-1].id
        for item in content.layout.rows:
            point, name = content.points[item.id, last], content.label(item)
            # A narrow drawing may have the names of its lines elsewhere than at their ends.
            ends = [text for text in drawing.texts if text.endswith(point.text) and (name in text or not marked)]
            if point.known and not ends:
                yield Fault(f"does not end '{name}' with '{point.text}'", f"{where}#{item.id}", _REMEDY)
    else:
        shows = Counter(drawing.texts)
        for number, times in Counter(point.text for point in known).items():
            if shows[number] < times:
                yield Fault(f"shows '{number}' {shows[number]} times, not {times}", where, _REMEDY)
    if not marked:
        return
    at = drawing.high if kind == "lines" else drawing.wide
    stands = {content.gid(point): (point.value, at.get(content.gid(point))) for point in known}
    for name, (value, place) in stands.items():
        if place is None:
            yield Fault(f"has no point '{name}' for {value:g}", where, _REMEDY)
    measured = {name: (value, place) for name, (value, place) in stands.items() if place is not None}
    yield from _off_scale(where, measured, zero=kind != "lines")


def _has_map(content: Content) -> bool:
    """Return whether a map has places: where division or borders are unknown, nothing is drawn."""
    rows, places = {item.id for item in content.layout.rows}, content.places
    return all(point.known for point in content) and (
        not rows.isdisjoint(places.bydel_of) or rows <= places.boundaries.keys()
    )


def _off_scale(where: str, measured: Mapping[str, tuple[float, float]], *, zero: bool) -> Iterator[Fault]:
    """Yield the points that do not stand where their value is on the scale that the lowest and the highest give."""
    if not measured:
        return
    low = (0.0, 0.0) if zero else min(measured.values())
    high = max(measured.values())
    if high[0] == low[0]:
        return
    scale = (high[1] - low[1]) / (high[0] - low[0])
    for name, (value, place) in measured.items():
        must = low[1] + (value - low[0]) * scale
        if abs(place - must) > _NEAR:
            at = f"at {round_half_up(place, 1)}, where {value:g} would be {round_half_up(must, 1)}"
            yield Fault(f"has '{name}' {at}", where, _REMEDY)
