"""The PDF of the shipped editions as a reader meets it: how many pages, how full, and how large the text is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import page
import pytest

import pages as of_pages
import workbench
from groruddalen_stats import report
from groruddalen_stats.catalogue import load
from groruddalen_stats.figures import drawing, files
from groruddalen_stats.figures.content import NARROW
from groruddalen_stats.paths import project
from groruddalen_stats.report.pdf import STANDARDS
from groruddalen_stats.stages.figures import contents
from groruddalen_stats.stages.work import Work
from groruddalen_stats.tidy import observations

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
HEADING = 9.0
_PAGE = re.compile(r"<page .*?</page>", re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


class Word(NamedTuple):
    """One word on a page, with the place of its letters in points; as poppler measures it, that is their size too."""

    low: float
    high: float
    text: str

    @property
    def size(self) -> float:
        return self.high - self.low


@cache
def made(name: str) -> tuple[Work, dict[str, Any]]:
    """Return a run, of the figures that came with the project, and its document."""
    work = Work(load(project(workbench.PROJECT), RUNS[name]))
    # Another area reads other files.
    own = work.asked.run.area is None
    work.observations = workbench.observed() if own else workbench.embedded(observations.build(work.asked, work.store))
    found: dict[str, Any] = {}
    if work.catalogue.is_print:
        found["check"] = json.loads(json.dumps(work.checked.document))
        found["claims"] = work.checked.claims.to_dict("records")
    sidecars = {key: work.store.sidecar(key) for key in work.store.lock.files if key not in work.catalogue.unread}
    return work, report.build_model(work.catalogue, work.cells, work.published, sidecars=sidecars, **found)


@cache
def drawings(name: str) -> dict[str, tuple[str, str]]:
    """Return the drawings of a run, wide and narrow."""
    found = {}
    with TemporaryDirectory() as folder:
        wide, narrow = (Path(folder) / f"{kind}.svg" for kind in ("wide", "narrow"))
        for content in contents(made(name)[0]):
            files.write(drawing.draw(content), wide)
            files.write(drawing.draw(replace(content, size=NARROW)), narrow)
            found[content.object_id] = (wide.read_text(encoding="utf-8"), narrow.read_text(encoding="utf-8"))
    return found


@cache
def pdf(name: str) -> bytes:
    work, model = made(name)
    with TemporaryDirectory() as folder:
        tables = of_pages.tables(work, Path(folder))
        report.render_pdf(model, out := Path(folder) / "appendix.pdf", tables, drawings(name))
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


@pytest.mark.parametrize("name", RUNS)
def test_the_report_is_short_and_its_pages_are_full(name: str) -> None:
    assert 8 < len(pages(name)) <= MOST_PAGES
    for one, after in pairwise(pages(name)[2:]):
        if min(after, key=lambda word: word.low).size >= 15:
            continue  # a chapter begins there
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
    _, model = made(name)
    entries = [entry for section in model["sections"] for entry in section["objects"] if not entry["empty"]]
    printed = [cell for entry in entries for row in entry["grid"]["rows"] for cell in row["cells"]]
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


@pytest.mark.parametrize("name", ["2011", "2026", "sagene"])
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
    _, model = made("2011")
    entries = [entry for section in model["sections"] for entry in section["objects"]]
    assert len(body) > sum(min(len(e["grid"]["rows"]), len(e["grid"]["columns"])) for e in entries)
    assert all(row == [b"TH", *[b"TD"] * (len(row) - 1)] for row in body)
    assert tagged.count(b"/Scope/Row") == len(body)
    # The table of contents of the file still says where each object begins.
    start = int(tagged[tagged.rindex(b"startxref") :].split()[1])
    offsets = [int(entry) for entry in re.findall(rb"(\d{10}) \d{5} n", tagged[start:])]
    assert len(offsets) > 3000
    assert all(re.match(rb"\d+ \d+ obj", tagged[offset : offset + 20]) for offset in offsets)
