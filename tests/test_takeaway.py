"""What readers take away: the workbook, the tidy file and its codebook, the archive, and the examples that read them."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.errors import ContractError
from groruddalen_stats.paths import Paths
from groruddalen_stats.report import rows_of
from groruddalen_stats.report.manifest import sha256
from groruddalen_stats.stages import takeaway
from groruddalen_stats.stages.work import Work
from groruddalen_stats.takeaway import artefacts, gather, tidy
from groruddalen_stats.takeaway.workbook import MEANING
from workbench import PROJECT

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Semicolons, text in quotes where it must be, UTF-8, as shown in Norwegian, every sheet.
AS_SHOWN = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1044,false,false,true,false,false,-1"
# What a person has chosen under Tools, Options, Languages: the locale.
NORWEGIAN = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">'
    "<value>nb-NO</value></prop></item></oor:items>"
)


@pytest.fixture(scope="module")
def made() -> Paths:
    return small.built()


def book(paths: Paths, name: str = "2010") -> Path:
    return paths.report(name) / "appendix.xlsx"


def parts(path: Path) -> dict[str, ET.Element]:
    with zipfile.ZipFile(path) as opened:
        listed = [name for name in opened.namelist() if name.endswith(".xml")]
        return {name: ET.fromstring(opened.read(name)) for name in listed}  # noqa: S314 - our own file


# ---- the workbook -----------------------------------------------------------------------------------------------


@pytest.mark.build
@pytest.mark.parametrize("run", ["2010", "2010+en", "2020"])
def test_every_sheet_has_one_whole_table_and_says_above_it_what_it_is(made: Paths, run: str) -> None:
    read = parts(book(made, run))
    names = [sheet.get("name") for sheet in read["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    catalogue = load(made, {"edition": run[:4], "language": "en" if "+en" in run else "nb"})
    assert names[0] == catalogue.labels.words["contents"][catalogue.run.language]
    assert len(names) == 4 + len(catalogue.appendix.objects) - (run == "2020")
    for number, _ in enumerate(names, start=1):
        # The head stays in sight.
        first = re.findall(r"\d+", read[f"xl/tables/table{number}.xml"].get("ref", ""))[0]
        (pane,) = read[f"xl/worksheets/sheet{number}.xml"].iter(f"{MAIN}pane")
        assert (pane.get("ySplit"), pane.get("state")) == (first, "frozen")
    tables = artefacts.workbook(book(made, run), catalogue.run.language)
    assert len(tables) == len(names)
    assert set(catalogue.appendix.objects) | {"contents", "notes", "sources"} <= set(tables)
    for table, rows in tables.items():
        # No column is nameless or has another's name; no row is empty.
        assert all(rows[0]), table
        assert len({head.casefold() for head in rows[0]}) == len(rows[0]), table
        assert all(row[0] for row in rows), table


@pytest.mark.build
def test_numbers_are_numbers_and_keep_all_their_digits(made: Paths) -> None:
    read = parts(book(made))
    number = 1 + [sheet.get("name") for sheet in read["xl/workbook.xml"].iter(f"{MAIN}sheet")].index("Tabell v.1.1")
    values = [
        float(cell.findtext(f"{MAIN}v") or "")
        for cell in read[f"xl/worksheets/sheet{number}.xml"].iter(f"{MAIN}c")
        if cell.get("t") != "s"
    ]
    known = [cell.number for cell in small.cells("tabell_01", edition="2010") if cell.known]
    assert values == pytest.approx(known, rel=1e-15)
    assert any(value != round(value, 2) for value in [cell.number for cell in small.cells(edition="2010")])


@pytest.mark.build
def test_every_sign_of_a_source_is_explained(made: Paths) -> None:
    cells = [cell for edition in ("2010", "2020") for cell in small.cells(edition=edition)]
    notes = artefacts.workbook(book(made), "nb")["notes"]
    assert {cell.value.sign for cell in cells if cell.value} - {""} <= set(MEANING) <= {row[1] for row in notes}


@pytest.mark.build
@pytest.mark.parametrize("run", ["2010", "2020"])
def test_libreoffice_shows_in_norwegian_what_the_page_shows(made: Paths, run: str, tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    settings = tmp_path / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(NORWEGIAN, encoding="utf-8")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", AS_SHOWN, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(book(made, run))], check=True, capture_output=True, timeout=240)
    # LibreOffice groups thousands by another blank than the page; reading back holds the same against the page.
    catalogue = load(made, {"edition": run, "language": "nb"})
    tables = artefacts.workbook(book(made, run), "nb")
    for name, spec in catalogue.appendix.objects.items():
        sheet = catalogue.labels.words[spec.kind]["nb"].replace("{number}", spec.number)
        lines = artefacts.spreadsheet((tmp_path / f"appendix-{sheet}.csv").read_bytes())
        shown = [[re.sub(r"\s", " ", text) for text in line] for line in lines[-len(tables[name]) :]]
        assert shown == [[re.sub(r"\s", " ", text) for text in line] for line in tables[name]]


# ---- the tidy file ----------------------------------------------------------------------------------------------


@pytest.mark.build
def test_the_tidy_file_has_every_number_of_every_run_once(made: Paths) -> None:
    rows = rows_of(made.root / "report" / "data" / "tidy.csv")
    assert tuple(rows[0]) == tidy.COLUMNS
    keys = [tuple(row[name] for name in tidy.KEY) for row in rows]
    assert len(set(keys)) == len(keys)
    by_key = dict(zip(keys, rows, strict=True))
    cells = {edition: small.cells(edition=edition) for edition in ("2010", "2020")}
    assert len(rows) == sum(len(listed) for listed in cells.values())
    for edition, listed in cells.items():
        for cell in listed:
            row = by_key[edition, "groruddalen", *cell.place]
            assert float(row["value"] or "nan") == pytest.approx(cell.number, nan_ok=True, rel=0, abs=0)
            assert (row["basis"], row["year"], row["unit"]) == (cell.basis, str(cell.spec.year), cell.unit)
    oslo = by_key["2010", "groruddalen", "tabell_01", "oslo", "2010"]
    assert (oslo["region"], oslo["region_code"], oslo["value"], oslo["printed"]) == ("oslo", "0301", "6300", "6300")


@pytest.mark.build
def test_a_spreadsheet_knows_the_letters_and_parquet_that_codes_are_text(made: Paths) -> None:
    """That all three have the same numbers is what reading back is for."""
    folder = made.root / "report" / "data"
    codes = pd.read_parquet(folder / "tidy.parquet")["region_code"]
    assert codes.tolist() == [row["region_code"] for row in rows_of(folder / "tidy.csv")]
    raw = (folder / "tidy_excel.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *lines = artefacts.spreadsheet(raw)
    assert any("," in line[head.index("value")] for line in lines)


@pytest.mark.build
def test_the_codebook_explains_every_variable_and_every_code(made: Paths) -> None:
    folder = made.root / "report" / "data"
    book = rows_of(folder / "codebook.csv")
    keys = [tuple(row[name] for name in tidy.CODEBOOK[:4]) for row in book]
    assert len(set(keys)) == len(keys)
    assert all(row["nb"] and row["en"] for row in book)
    known = {(row["variable"], row["code"]) for row in book}
    assert {(name, "") for name in tidy.COLUMNS} <= known
    for row in rows_of(folder / "tidy.csv"):
        for name in ("edition", "area", "object", "region", "indicator", "unit", "basis", "sign", "qualifier"):
            assert not row[name] or (name, row[name]) in known
        assert {("source", source) for source in row["source"].split()} <= known
        assert {("row", f"{row['object']}/{row['row']}"), ("column", f"{row['object']}/{row['column']}")} <= known


def test_a_code_has_an_edition_only_where_it_means_another_thing_there() -> None:
    def book(edition: str, area: str, column: str, row: str) -> list[dict[str, str]]:
        texts = {("", "", ""): "variabel", ("a/first", edition, area): column, ("a/x", edition, area): row}
        return [dict(zip(tidy.CODEBOOK, ("column", *key, text, text), strict=True)) for key, text in texts.items()]

    merged = tidy.merged_codebook(
        [book("2010", "a", "2001", "x"), book("2020", "a", "2011", "x"), book("2020", "b", "2011", "y")]
    )
    assert [" ".join(row[name] for name in tidy.CODEBOOK[1:5]) for row in merged] == [
        *("   variabel", "a/first 2010  2001", "a/first 2020  2011"),
        *("a/x 2010 a x", "a/x 2020 a x", "a/x 2020 b y"),
    ]


# ---- the archive ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked(made: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with zipfile.ZipFile(made.root / "report" / "data" / "appendix.zip") as packed:
        packed.extractall(folder)
    return folder


@pytest.mark.build
def test_the_archive_describes_every_file_with_its_hash(made: Paths, unpacked: Path) -> None:
    described = json.loads((unpacked / "datapackage.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry for entry in (*described["resources"], *described["files"])}
    assert {Path(path).suffix for path in listed} == {".csv", ".parquet", ".xlsx"}
    assert [entry["path"] for entry in described["resources"] if entry.get("type") != "table"] == []
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    alone = {"README.md", "LICENSE", "CITATION.cff", "datapackage.json", "raw/lock.yaml"}
    assert files - set(listed) - {name for name in files if name.endswith(".meta.yaml")} == alone
    for path, resource in listed.items():
        assert resource["bytes"] == (unpacked / path).stat().st_size
        assert resource["hash"] == f"sha256:{sha256(unpacked / path)}"
    told = (unpacked / "README.md").read_text(encoding="utf-8")
    for name in (raw.relative_to(made.raw) for raw in made.raw.rglob("*.csv")):
        assert (unpacked / "raw" / name).read_bytes() == (made.raw / name).read_bytes()
        assert f"`raw/{name.as_posix()}`" in told
    assert described["code"]["lock_sha256"] == sha256(made.lock)
    assert {path.split("/")[1] for path in listed if path.startswith("tables/")} == {"2010", "2010+en", "2020"}


@pytest.mark.build
def test_the_validator_of_the_standard_finds_nothing_until_a_file_is_changed(unpacked: Path, tmp_path: Path) -> None:
    if shutil.which("frictionless") is None:
        pytest.skip("frictionless is not installed")

    def verdict(folder: Path) -> object:
        command = ["frictionless", "validate", "datapackage.json", "--json"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
        return json.loads(run.stdout)["valid"]

    assert verdict(unpacked) is True
    shutil.copytree(unpacked, tmp_path / "copy")
    raw = next((tmp_path / "copy" / "raw").rglob("*.csv"))
    raw.write_bytes(raw.read_bytes().replace(b"1", b"2", 1))
    assert verdict(tmp_path / "copy") is False


@pytest.mark.build
def test_all_of_it_is_the_same_every_time(copy: Paths) -> None:
    folder = copy.root / "report" / "data"
    first = {path: path.read_bytes() for path in [*folder.iterdir(), book(copy)]}
    assert sorted(path.name for path in folder.iterdir()) == [
        *("appendix.zip", "codebook.csv", "tidy.csv", "tidy.parquet", "tidy_excel.csv")
    ]
    takeaway.write(Work(load(copy, {"edition": "2010"})))
    takeaway.collect(copy)
    assert {path: path.read_bytes() for path in first} == first


def test_an_archive_tells_neither_day_nor_order() -> None:
    one = gather.zipped({"b": b"2", "a": b"1"})
    assert one == gather.zipped({"a": b"1", "b": b"2"})
    with zipfile.ZipFile(io.BytesIO(one)) as packed:
        assert [entry.date_time[0] for entry in packed.infolist()] == [1980, 1980]


# ---- putting runs together --------------------------------------------------------------------------------------


@pytest.fixture
def copy(made: Paths, tmp_path: Path) -> Paths:
    shutil.copytree(made.root, tmp_path / "copy", ignore=shutil.ignore_patterns("processed"))
    return Paths(tmp_path / "copy")


@pytest.mark.build
def test_a_report_of_other_raw_files_or_with_a_changed_file_is_named(copy: Paths) -> None:
    table = copy.report("2010") / "data" / "tabell_01.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("6300", "6400"), encoding="utf-8")
    with pytest.raises(ContractError, match=r"tabell_01\.csv: the file is not the one that the report was built with"):
        takeaway.collect(copy)
    shutil.rmtree(copy.report("2010"))
    copy.lock.write_text(copy.lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(ContractError, match="built from other raw files") as caught:
        takeaway.collect(copy)
    assert len(caught.value.faults) == 2


def test_without_a_report_there_is_nothing_to_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(small.place(tmp_path).root))
    assert main(["takeaway"]) == 1
    assert "no report has been built -> run 'make report'" in capsys.readouterr().err


@pytest.mark.build
def test_a_site_has_the_data_of_its_own_runs(copy: Paths) -> None:
    target = copy.root / "site" / "data"
    written = takeaway.collect(copy, ["2010-en", "2020"], target)
    assert {path.parent for path in written} == {target}
    assert {row["edition"] for row in rows_of(written[0])} == {"2010", "2020"}
    assert {row["edition"] for row in rows_of(takeaway.collect(copy, ["2010-en"], target)[0])} == {"2010"}


@pytest.mark.build
def test_a_run_on_other_borders_is_left_out(copy: Paths) -> None:
    shutil.copytree(copy.report("2010"), copy.report("2010+borders-report"))
    manifest = copy.report("2010+borders-report") / "manifest.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    facts["config"]["run"]["borders"] = "report"
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    assert [one.folder.name for one in gather.built(copy)] == ["2010", "2010+en", "2020"]


# ---- the examples -----------------------------------------------------------------------------------------------


@pytest.mark.build
@pytest.mark.parametrize(("name", "program"), [("read.py", sys.executable), ("read.R", "Rscript")])
def test_an_example_reads_the_published_files(made: Paths, name: str, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    command = [program, str(PROJECT / "docs" / "examples" / name), str(made.root / "report" / "data")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert re.search(r"^\s*Oslo\b.* 6300\b", told, re.MULTILINE)
