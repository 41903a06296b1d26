from __future__ import annotations

from typing import Any

import pytest

import small
from groruddalen_stats.appendix.availability import Gap, faults, gaps
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages import cells, observations, tables


def found(**run: Any) -> dict[str, list[Gap]]:
    made = small.builder(**run)
    result: dict[str, list[Gap]] = {}
    for gap in gaps(made, made.table()):
        result.setdefault(gap.object, []).append(gap)
    return result


@pytest.fixture
def copy(tmp_path: Any) -> Paths:
    paths = small.place(tmp_path)
    observations.write(load(paths))
    return paths


def test_the_edition_of_the_print_has_no_gap() -> None:
    assert found() == {}


def test_a_gap_says_what_is_asked_what_exists_the_nearest_year_and_the_source() -> None:
    (gap,) = found(edition="2020")["tabell_02"]
    assert gap.years == (2019, 2020)
    assert gap.exists == (2007, 2008, 2009, 2010)
    assert gap.nearest == (2010,)
    assert gap.regions == ()  # all
    assert gap.remedy == "make fetch SOURCE=live_households"
    assert str(gap) == "Private households for 2019-2020 (there is 2007-2010, nearest 2010)"


def test_gaps_of_some_regions_name_them() -> None:
    assert [str(gap) for gap in found(edition="2020")["figur_02"]] == [
        "Dwellings in Bjerke for 2020 (there is 2010, nearest 2010)",
        "Dwellings in Alna, Oslo for 2020 (no year exists)",
    ]


def test_what_an_edition_has_in_full_has_no_gap() -> None:
    assert found(edition="2020").keys() == {"tabell_02", "tabell_03", "figur_02"}


def test_there_is_one_line_per_object_in_the_order_of_the_appendix() -> None:
    made = small.builder(edition="2020")
    lines = faults(gaps(made, made.table()))
    assert [line.where for line in lines] == ["tabell_02", "tabell_03", "figur_02"]
    assert all(line.remedy for line in lines)


@pytest.mark.parametrize(
    ("years", "lacking", "nearest"),
    [
        ([2010, 2025], (2025,), (2020,)),
        ([2008, 2010], (2008,), (2009,)),
        ([2010, 2013, 2019], (2013,), (2010,)),
        ([2004, 2010, 2026], (2004, 2026), (2009, 2020)),
        (2005, (2005,), (2009,)),
    ],
)
def test_years_without_a_source_are_gaps(
    years: int | list[int], lacking: tuple[int, ...], nearest: tuple[int, ...]
) -> None:
    (gap, *_) = found(years={"population": years})["tabell_01"]
    assert gap.years == lacking
    assert gap.nearest == nearest


def test_a_cell_that_is_missing_because_a_border_moved_is_no_gap() -> None:
    made = small.builder(edition="2020", borders="report")
    table = made.table()
    assert small.cell(table, "tabell_01/vest/2020")["note"] == "reason_moved_border"
    assert "tabell_01" not in {gap.object for gap in gaps(made, table)}


def test_mark_says_what_is_missing_and_writes_the_cells(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    cells.write(load(copy, {"edition": "2020"}))
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "marked as missing, because no source has it:"
    assert [line.split(":")[0] for line in told[1:]] == ["  tabell_02", "  tabell_03", "  figur_02"]
    written = tables.read_cells(load(copy, {"edition": "2020"}))
    assert set(written.loc[written["object"] == "tabell_02", "basis"]) == {"missing"}


def test_fail_stops_before_anything_is_written(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"tabell_02: Private households .* nearest 2010"):
        cells.write(load(copy, {"edition": "2020", "on_missing": "fail"}))
    assert not copy.cells("2020").exists()
    assert not copy.cells("2020").with_suffix(".csv").exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("on_missing", ["fail", "mark"])
def test_the_print_itself_passes_either_way_and_says_nothing(
    copy: Paths, on_missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cells.write(load(copy, {"on_missing": on_missing}))
    assert capsys.readouterr().err == ""
    assert copy.cells("2010").exists()
