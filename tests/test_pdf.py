"""The PDF of the shipped editions as a reader meets it: how many pages, how full, and how large the text is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

import page
import pytest

import workbench
from groruddalen_stats import report
from groruddalen_stats.appendix import newest
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.catalogue import load
from groruddalen_stats.check import audit, check_print, load_ledger
from groruddalen_stats.figures import drawing, files
from groruddalen_stats.figures.content import NARROW
from groruddalen_stats.paths import project, write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report.data import object_csv
from groruddalen_stats.report.grids import printed_numbers
from groruddalen_stats.report.pdf import STANDARDS
from groruddalen_stats.stages.check import claims_of
from groruddalen_stats.stages.figures import contents
from groruddalen_stats.stages.work import Work
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.published import read_prose, read_published

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")

RUNS: dict[str, dict[str, str]] = {
    "2011": {"edition": "2011", "language": "nb"},
    "2018": {"edition": "2018", "language": "nb"},
    "2026": {"edition": "year-2026", "language": "en"},
    "sagene": {"edition": "2011", "language": "nb", "area": "sagene"},
}
MOST_PAGES = 26
NOTE, TABLE = 6.5, 7.5
TOP, BOTTOM = 21 / 25.4 * 72, (297 - 18) / 25.4 * 72
HEIGHT = 1.0  # of a word as poppler measures it, as a part of the size of its letters
HEADING = 9.0
_PAGE = re.compile(r"<page .*?</page>", re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@dataclass(frozen=True)
class Word:
    """One word on a page, with the place and size of its letters in points."""

    low: float
    high: float
    text: str

    @property
    def size(self) -> float:
        return (self.high - self.low) / HEIGHT


def computed(run: dict[str, str]) -> Compute:
    """Return what computes the cells of a run; of another area, from what only its runs read."""
    if "area" not in run:
        return workbench.compute(**run)
    asked = load(project(workbench.PROJECT), run)
    store = Store(asked.paths)
    indexed = Observations(workbench.embedded(observations.build(asked, store)))
    return Compute(newest.settled(asked, indexed), indexed, read_published(store), read_prose(store))


@cache
def made(name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the model of a run, and its CSV files by object."""
    compute = computed(RUNS[name])
    catalogue, cells, store = compute.catalogue, compute.cells(), Store(compute.catalogue.paths)
    published = workbench.published()
    found: dict[str, Any] = {}
    if catalogue.is_print:
        checked = check_print(catalogue, load_ledger(catalogue), published, cells, workbench.observed(), compute.find)
        claims, _ = claims_of(catalogue, published, cells)
        found = {
            "check": json.loads(json.dumps(audit(checked))),
            "claims": [{str(key): value for key, value in row.items()} for row in claims.to_dict("records")],
            "wording": catalogue.claims,
        }
    drawings: dict[str, str] = {}
    narrow: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        for content in contents(cast("Work", SimpleNamespace(catalogue=catalogue, store=store, cells=cells))):
            for kept, size in ((drawings, content.size), (narrow, NARROW)):
                file = Path(folder) / f"{content.object_id}.svg"
                files.write(drawing.draw(replace(content, size=size)), file)
                kept[content.object_id] = file.read_text(encoding="utf-8")
    sidecars = {key: store.sidecar(key) for key in store.lock.files if key not in catalogue.unread}
    model = report.build_model(catalogue, cells, published, drawings, narrow=narrow, sidecars=sidecars, **found)
    printed = printed_numbers(catalogue, published)
    by_object = groupby(cells, key=lambda cell: cell.place.object)
    return model, {key: object_csv(catalogue, key, list(own), printed.get(key, {})) for key, own in by_object}


@cache
def pdf(name: str) -> bytes:
    model, tables = made(name)
    with TemporaryDirectory() as folder:
        paths = {key: Path(folder) / "data" / f"{key}.csv" for key in tables}
        for key, path in paths.items():
            write_text(path, tables[key])
        report.render_pdf(model, paths, out := Path(folder) / "appendix.pdf")
        return out.read_bytes()


@cache
def pages(name: str) -> list[list[Word]]:
    """Return the words of each page between header and footer."""
    command = ["pdftotext", "-bbox", "-", "-"]
    told = subprocess.run(command, input=pdf(name), capture_output=True, check=True).stdout.decode()
    found = []
    for of_page in _PAGE.findall(told):
        words = [Word(float(low), float(high), text) for _, low, _, high, text in _WORD.findall(of_page)]
        found.append([word for word in words if word.low > TOP - 4 and word.high < BOTTOM + 2])
    return found


def chapters_begin(name: str) -> Iterator[tuple[list[Word], list[Word]]]:
    """Yield every two pages that follow one another within a chapter."""
    for one, after in pairwise(pages(name)[2:]):
        if min(after, key=lambda word: word.low).size < 15:
            yield one, after


@pytest.mark.parametrize("name", RUNS)
def test_the_report_is_short_and_its_pages_are_full(name: str) -> None:
    assert 8 < len(pages(name)) <= MOST_PAGES
    for one, _ in chapters_begin(name):
        used = (max(word.high for word in one) - TOP) / (BOTTOM - TOP)
        assert used >= 0.5, " ".join(word.text for word in one[:12])


@pytest.mark.parametrize("name", RUNS)
def test_no_text_is_too_small_and_no_heading_is_left_behind(name: str) -> None:
    for words in pages(name):
        assert min(word.size for word in words) >= NOTE - 0.05, min(words, key=lambda word: word.size)
        last = max(words, key=lambda word: word.high)
        assert last.size < HEADING, last


@pytest.mark.parametrize("name", RUNS)
def test_every_number_of_a_table_is_in_the_size_of_tables(name: str) -> None:
    model, _ = made(name)
    printed = [
        cell
        for section in model["sections"]
        for entry in section["objects"]
        if not entry["empty"]
        for row in entry["grid"]["rows"]
        for cell in row["cells"]
    ]
    texts = {cell["text"] for cell in printed if len(cell["text"]) > 3 and not re.search(r"\s", cell["text"])}
    seen: dict[str, list[float]] = {}
    for words in pages(name):
        for word in words:
            seen.setdefault(word.text, []).append(word.size)
    assert len(texts) > 20  # poppler divides the others at their spaces
    # A number set as one word with its sign, or also in a drawing or a note, is left to the others.
    alone = [max(seen[text]) for text in texts if text in seen]
    assert len(alone) > len(texts) / 4
    assert min(alone) >= TABLE - 0.05


@pytest.mark.parametrize("name", ["2011", "sagene"])
def test_it_is_accessible_archivable_and_the_same_every_time(name: str, tmp_path: Path) -> None:
    out = tmp_path / "appendix.pdf"
    out.write_bytes(pdf(name))
    assert STANDARDS == ["a-3a", "ua-1"]
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        result = page.validate_pdf(str(out), profile=profile)
        assert result.is_compliant, result.failures
    first = pdf(name)
    pdf.cache_clear()
    assert pdf(name) == first


def test_every_row_of_a_table_has_its_heading() -> None:
    tagged = pdf("2011")
    kinds = dict(re.findall(rb"\n(\d+) 0 obj\n<</Type/StructElem/S/(\w+)", tagged))
    rows = [re.findall(rb"(\d+) 0 R", kids) for kids in re.findall(rb"/S/TR/P \d+ 0 R/K\[([^\]]*)\]", tagged)]
    body = [[kinds[kid] for kid in row] for row in rows if {kinds[kid] for kid in row} != {b"TH"}]
    model, _ = made("2011")
    entries = [entry for section in model["sections"] for entry in section["objects"]]
    assert len(body) > sum(min(len(e["grid"]["rows"]), len(e["grid"]["columns"])) for e in entries)
    assert all(row == [b"TH", *[b"TD"] * (len(row) - 1)] for row in body)
    assert tagged.count(b"/Scope/Row") == len(body)
    # The table of contents of the file still says where each object begins.
    start = int(tagged[tagged.rindex(b"startxref") :].split()[1])
    offsets = [int(entry) for entry in re.findall(rb"(\d{10}) \d{5} n", tagged[start:])]
    assert len(offsets) > 3000
    assert all(re.match(rb"\d+ \d+ obj", tagged[offset : offset + 20]) for offset in offsets)
