"""Reading back: a report whose files all show its numbers is quiet, and whatever is put into one of them is named."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.errors import CheckError, Fault
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages import figures, takeaway
from groruddalen_stats.stages.build import build
from groruddalen_stats.stages.work import Work
from groruddalen_stats.takeaway import artefacts, readback

pytestmark = [
    pytest.mark.build,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed"),
]

OWN, OTHER = "2010", "2020"


@pytest.fixture(scope="module")
def made() -> Paths:
    return small.built()


@dataclass(frozen=True)
class Planted:
    """A copy of the built reports that a test may damage."""

    paths: Paths

    def own(self, name: str) -> Path:
        return self.file(OWN, name)

    def file(self, run: str, name: str) -> Path:
        return (self.paths.figures(run) if name.endswith(".svg") else self.paths.report(run)) / name

    def put(self, name: str, content: bytes | str) -> None:
        self.own(name).write_bytes(content.encode() if isinstance(content, str) else content)

    def swap(self, run: str, name: str, into: str = "") -> None:
        shutil.copy(self.file(run, name), self.own(into or name))

    def change(self, name: str, old: str, new: str) -> None:
        text = self.own(name).read_text(encoding="utf-8")
        assert old in text
        self.put(name, text.replace(old, new, 1))


@pytest.fixture
def planted(made: Paths, tmp_path: Path) -> Planted:
    for part in ("config", "data", "report", "figures"):
        shutil.copytree(made.root / part, tmp_path / part)
    return Planted(Paths(tmp_path))


def found(paths: Paths, **run: str) -> list[Fault]:
    return of(Work(load(paths, {"edition": OWN, "language": "nb", **run})))


def of(work: Work) -> list[Fault]:
    return readback.faults(work.catalogue, work.cells, work.published, list(figures.contents(work)))


def file_of(fault: Fault) -> str:
    return Path(re.split("[#,]", fault.where)[0]).name


@pytest.mark.parametrize("run", small.BUILT)
def test_a_report_shows_its_numbers_in_every_file(made: Paths, run: dict[str, str]) -> None:
    assert found(made, **run) == []


def test_all_built_reports_are_read_and_what_they_have_together(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert takeaway.read_back(planted.paths) == len(small.BUILT)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(planted.paths.root))
    assert main(["read-back"]) == 0
    assert capsys.readouterr().out.startswith(f"{len(small.BUILT)} reports: ")


def _cell_of_workbook(planted: Planted) -> None:
    """Make the population of Bjerke in 2010 one less in the workbook."""
    path = planted.own("appendix.xlsx")
    with zipfile.ZipFile(path) as book:
        files = {name: book.read(name) for name in book.namelist()}
    sheet = next(name for name, content in files.items() if "/worksheets/sheet" in name and b"<v>6300</v>" in content)
    files[sheet] = files[sheet].replace(b"<v>6300</v>", b"<v>6299</v>", 1)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in files.items():
            book.writestr(name, content)


def _number_of_page(planted: Planted) -> None:
    """Make the population of Oslo in 2010 one more in the table of the page."""
    text = planted.own("appendix.html").read_text(encoding="utf-8")
    shown = re.compile('(class="value"[^>]*>6\N{NARROW NO-BREAK SPACE}30)0<')
    assert len(shown.findall(text)) == 1
    planted.put("appendix.html", shown.sub(r"\g<1>1<", text))


def _part_of_page(planted: Planted, pattern: str) -> None:
    """Put a part of the page of another edition into the page."""
    pages = [planted.file(name, "appendix.html").read_text(encoding="utf-8") for name in (OWN, OTHER)]
    own, other = (re.findall(pattern, text, re.DOTALL)[0] for text in pages)
    assert own != other
    planted.put("appendix.html", pages[0].replace(own, other, 1))


def _moved(planted: Planted) -> None:
    """Move a marker of a figure by five points, and leave all that is written."""
    text = planted.own("figur_01.svg").read_text(encoding="utf-8")
    marker = re.search(r'<g id="figur_01\.alna\.2010">.*?<use [^>]*y="([\d.]+)"', text, re.DOTALL)
    assert marker
    moved = marker.group().replace(f'y="{marker[1]}"', f'y="{float(marker[1]) + 5:.6f}"')
    planted.put("figur_01.svg", text.replace(marker.group(), moved, 1))


OF_ANOTHER = ("appendix.html", "appendix.pdf", "appendix.xlsx", "data/tabell_01.csv", "tidy.csv", "figur_02.svg")
CHANGED = [
    ("appendix.html", '<th scope="row">Bjerke', '<th scope="row">Alna'),
    ("data/tabell_01.csv", ",6300,", ",6301,"),
    ("data/tabell_01.csv", "6\N{NARROW NO-BREAK SPACE}300", "6\N{NARROW NO-BREAK SPACE}301"),
    ("data/excel/tabell_01.csv", "6300", "6301"),
    ("tidy.csv", ",6300,", ",6301,"),
]
PLANTS: list[tuple[str, Callable[[Planted], None]]] = [
    *((name, partial(Planted.swap, run=OTHER, name=name)) for name in OF_ANOTHER),
    *((name, partial(Planted.change, name=name, old=old, new=new)) for name, old, new in CHANGED),
    *((name, partial(Planted.put, name=name, content=b"%PDF-1.7\n")) for name in ("appendix.pdf", "appendix.xlsx")),
    ("appendix.html", _number_of_page),
    ("appendix.html", partial(_part_of_page, pattern='<article id="tabell_01".*?(<table.*?</table>)')),
    ("appendix.html", partial(_part_of_page, pattern='<article id="figur_01".*?(<svg.*?</svg>)')),
    ("appendix.xlsx", _cell_of_workbook),
    ("figur_02.svg", partial(Planted.swap, run=OWN, name="figur_01.svg", into="figur_02.svg")),
    ("figur_01.svg", _moved),
    ("tidy.csv", lambda on: on.own("tidy.csv").unlink()),
]


@pytest.mark.parametrize(("name", "put"), PLANTS)
def test_whatever_is_put_into_a_file_is_named_with_the_file(
    planted: Planted, name: str, put: Callable[[Planted], None]
) -> None:
    put(planted)
    assert {file_of(fault) for fault in found(planted.paths)} == {Path(name).name}


def test_the_cell_is_named(planted: Planted) -> None:
    _cell_of_workbook(planted)
    (fault,) = found(planted.paths)
    assert fault.where.endswith("appendix.xlsx, tabell_01#oslo/2010")
    assert fault.what == "shows '6\N{NARROW NO-BREAK SPACE}299', not '6\N{NARROW NO-BREAK SPACE}300'"


def test_the_page_in_the_site_is_read_where_it_is_of_the_same_build(planted: Planted) -> None:
    site = planted.paths.root / "site" / OWN
    shutil.copytree(planted.paths.report(OWN), site)
    assert found(planted.paths) == []
    shutil.copy(planted.file(OTHER, "appendix.html"), site)
    faults = found(planted.paths)
    assert faults
    assert all(fault.where.startswith((site / "appendix.html").as_posix()) for fault in faults)
    shutil.copy(planted.file(OTHER, "manifest.json"), site)
    assert found(planted.paths) == []


def test_a_map_names_its_places_where_their_borders_are_known(made: Paths) -> None:
    content = next(figures.contents(Work(load(made, {"edition": OWN, "language": "nb"}))))
    known = {at: replace(point, value=1.0) for at, point in content.points.items()}
    drawn = replace(content, chart=content.chart.model_copy(update={"kind": "map"}), points=known)
    nothing = artefacts.drawing("<svg></svg>")
    assert list(readback._drawing("map.svg", nothing, drawn, alone=False, marked=True)) == []
    rows = [item.id for item in drawn.layout.rows]
    whole = replace(drawn, places=replace(drawn.places, bydel_of=dict.fromkeys(rows, "bjerke")))
    assert len(list(readback._drawing("map.svg", nothing, whole, alone=False, marked=True))) == len(rows)
    missing = replace(whole, points={at: replace(point, value=float("nan")) for at, point in known.items()})
    assert list(readback._drawing("map.svg", nothing, missing, alone=False, marked=True)) == []


def test_a_run_is_read_from_data_raw_and_not_from_what_was_computed_before(planted: Planted) -> None:
    """Cells that were left from another build do not make its tables right."""
    for name in ("tidy.csv", "appendix.xlsx", "appendix.html"):
        planted.swap(OTHER, name)
    shutil.copy(planted.paths.cells(OTHER), planted.paths.cells(OWN))
    assert {file_of(fault) for fault in found(planted.paths)} == {*("tidy.csv", "appendix.xlsx", "appendix.html")}


def test_what_all_runs_have_together_is_read_too(planted: Planted) -> None:
    folder = planted.paths.root / "report" / "data"
    whole = {name: (folder / name).read_bytes() for name in ("tidy.csv", "tidy.parquet", "tidy_excel.csv")}

    def named() -> set[str]:
        with pytest.raises(CheckError) as caught:
            takeaway.read_back(planted.paths)
        names = {file_of(fault) for fault in caught.value.faults}
        for name, content in whole.items():
            (folder / name).write_bytes(content)
        return names

    (folder / "tidy.csv").write_bytes(whole["tidy.csv"].replace(b",6300,", b",6301,", 1))
    assert named() == {"tidy.csv"}
    (folder / "tidy_excel.csv").write_bytes(whole["tidy_excel.csv"].replace(b";6300;", b";6301;", 1))
    assert named() == {"tidy_excel.csv"}
    pd.read_parquet(folder / "tidy.parquet").iloc[1:].to_parquet(folder / "tidy.parquet")
    assert named() == {"tidy.parquet"}


def test_a_machine_without_poppler_says_so(made: Paths, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (fault,) = found(made)
    assert (fault.what, fault.remedy) == ("pdfdetach is not installed", "install poppler-utils")


@pytest.mark.slow
def test_what_is_put_in_from_another_area_is_named(tmp_path: Path) -> None:
    """The report itself, of two city districts in the same year, swapped file by file."""
    on = Planted(small.copy_shipped(tmp_path, ("config", "data/raw")))
    runs = [{"edition": "year-2024", "area": area, "language": "nb"} for area in ("sagene", "alna")]
    for run in runs:
        build(on.paths, run, "place")
    own, other = (load(on.paths, run).reader_name for run in runs)
    work = Work(load(on.paths, runs[0]))
    assert of(work) == []
    report_files = [path.relative_to(on.paths.report(own)) for path in on.paths.report(own).rglob("*.csv")]
    listed = [on.paths.report(own) / name for name in ("appendix.html", "appendix.pdf", "appendix.xlsx")]
    listed += [on.paths.report(own) / name for name in report_files if name.name != "codebook.csv"]
    listed += sorted(on.paths.figures(own).glob("*.svg"))
    swapped = 0
    for path in listed:
        whole = path.read_bytes()
        beside = Path(str(path).replace(own, other))
        if beside.exists() and beside.read_bytes() != whole:
            shutil.copy(beside, path)
            assert {file_of(fault) for fault in of(work)} >= {path.name}
            path.write_bytes(whole)
            swapped += 1
    assert swapped > 40
