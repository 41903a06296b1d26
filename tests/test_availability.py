from __future__ import annotations

from typing import Any

import pytest

import small
from groruddalen_stats.appendix import tables
from groruddalen_stats.appendix.availability import faults
from groruddalen_stats.appendix.model import Missing
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages.work import Work


def found(**run: Any) -> dict[str, Fault]:
    made = small.compute(**run)
    return {fault.where: fault for fault in faults(made, made.cells())}


@pytest.fixture
def copy(tmp_path: Any) -> Paths:
    return small.place(tmp_path)


def test_a_gap_says_how_much_is_missing_of_which_years_and_where_to_go() -> None:
    gaps = found(edition="2020", language="en")
    assert list(gaps) == ["Table v.1.2", "Table v.1.3", "Figure v.1.2"]  # in the order of the appendix
    assert gaps["Table v.1.2"].what == "8 numbers are missing for 2019–2020"
    assert gaps["Table v.1.2"].remedy == 'make fetch SOURCE="live_households"'
    assert gaps["Figure v.1.2"].remedy == "no known source"
    assert found(edition="2020")["Tabell v.1.2"].what == "8 tall mangler for 2019–2020"


@pytest.mark.parametrize(
    ("years", "says"),
    [
        ([2010, 2025], "2025"),
        ([2008, 2010], "2008"),
        ([2004, 2010, 2026], "2004, 2026"),
        ([2011, 2012, 2013], "2011–2013"),
    ],
)
def test_years_without_a_source_are_gaps(years: list[int], says: str) -> None:
    assert found(years={"population": years})["Tabell v.1.1"].what.partition(" for ")[2] == says


def test_only_what_is_asked_for_is_counted() -> None:
    made = small.compute(years={"population": [2010, 2025]})
    cells = [c for c in made.cells("tabell_01") if c.place.row in {"alna", "bjerke"} or c.spec.year != 2025]
    (gap,) = faults(made, cells)
    assert gap.what == "2 tall mangler for 2025"


def test_a_cell_that_is_missing_because_a_border_moved_is_no_gap() -> None:
    made = small.compute(edition="2020", borders="report")
    cells = made.cells()
    assert small.cell(cells, "tabell_01/vest/2020").missing == Missing("moved_border")
    assert "Tabell v.1.1" not in {fault.where for fault in faults(made, cells)}


def test_mark_says_what_is_missing_and_writes_the_cells(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    Work(load(copy, {"edition": "2020"})).write_cells()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Ingen kilde her har disse tallene:"
    assert [line.split(":")[0] for line in told[1:]] == ["  Tabell v.1.2", "  Tabell v.1.3", "  Figur v.1.2"]
    written = tables.read_cells(copy.cells("2020"))
    assert {cell.basis for cell in written if cell.place.object == "tabell_02"} == {"missing"}


def test_fail_stops_before_anything_is_written(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"Tabell v\.1\.2: 8 tall mangler for 2019–2020 -> make fetch"):
        Work(load(copy, {"edition": "2020", "on_missing": "fail"})).write_cells()
    assert not copy.cells("2020").exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("on_missing", ["fail", "mark"])
def test_the_print_itself_passes_either_way_and_says_nothing(
    copy: Paths, on_missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Work(load(copy, {"on_missing": on_missing})).write_cells()
    assert capsys.readouterr().err == ""
    assert copy.cells("2010").exists()
