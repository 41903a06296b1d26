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


def test_the_edition_of_the_print_has_no_gap() -> None:
    assert found() == {}


def test_a_gap_says_what_is_asked_what_exists_the_nearest_year_and_the_source() -> None:
    gaps = found(edition="2020")
    assert list(gaps) == ["tabell_02", "tabell_03", "figur_02"]  # in the order of the appendix
    assert gaps["tabell_02"].what == "Private households for 2019-2020 (there is 2007-2010, nearest 2010)"
    assert gaps["tabell_02"].remedy == "make fetch SOURCE=live_households"
    assert all(fault.remedy for fault in gaps.values())


@pytest.mark.parametrize(
    ("years", "says"),
    [
        ([2010, 2025], "2025 (there is 2009-2010, 2019-2020, nearest 2020)"),
        ([2008, 2010], "2008 (there is 2009-2010, 2019-2020, nearest 2009)"),
        ([2010, 2013, 2019], "2013 (there is 2009-2010, 2019-2020, nearest 2010)"),
        ([2004, 2010, 2026], "2004, 2026 (there is 2009-2010, 2019-2020, nearest 2009, 2020)"),
        (2005, "2005 (there is 2009-2010, 2019-2020, nearest 2009)"),
    ],
)
def test_years_without_a_source_are_gaps(years: int | list[int], says: str) -> None:
    assert found(years={"population": years})["tabell_01"].what.partition(" for ")[2] == says


def test_a_gap_of_some_regions_names_them() -> None:
    made = small.compute(years={"population": [2010, 2025]})
    cells = [c for c in made.cells("tabell_01") if c.place.row in {"alna", "bjerke"} or c.spec.year != 2025]
    (gap,) = faults(made, cells)
    assert gap.what.startswith("Population in Bjerke, Alna for 2025")


def test_a_cell_that_is_missing_because_a_border_moved_is_no_gap() -> None:
    made = small.compute(edition="2020", borders="report")
    cells = made.cells()
    assert small.cell(cells, "tabell_01/vest/2020").missing == Missing("moved_border")
    assert "tabell_01" not in {fault.where for fault in faults(made, cells)}


def test_mark_says_what_is_missing_and_writes_the_cells(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    Work(load(copy, {"edition": "2020"})).write_cells()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "marked as missing, because no source has it:"
    assert [line.split(":")[0] for line in told[1:]] == ["  tabell_02", "  tabell_03", "  figur_02"]
    written = tables.read_cells(copy.cells("2020"))
    assert {cell.basis for cell in written if cell.place.object == "tabell_02"} == {"missing"}


def test_fail_stops_before_anything_is_written(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"tabell_02: Private households .* nearest 2010"):
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
