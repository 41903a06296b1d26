from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from groruddalen_stats.appendix.availability import Gap, faults, gaps
from groruddalen_stats.catalogue import load
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths, project
from groruddalen_stats.stages import cells, observations, tables
from workbench import PROJECT, builder


def found(**run: Any) -> dict[str, list[Gap]]:
    made = builder(**run)
    result: dict[str, list[Gap]] = {}
    for gap in gaps(made, made.table()):
        result.setdefault(gap.object, []).append(gap)
    return result


@pytest.fixture
def copy(tmp_path: Path) -> Paths:
    """Return a copy of the project's configuration and raw files with the observations built."""
    for name in ("config", "data/raw"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    paths = project(tmp_path)
    observations.write(load(paths))
    return paths


def test_the_edition_of_the_print_has_no_gap() -> None:
    assert found(edition="2011") == {}


def test_a_gap_says_what_is_asked_what_exists_the_nearest_year_and_the_source() -> None:
    bydeler, regions, _ = found(edition="2024")["tabell_02"]
    assert bydeler.years == (2020, 2021, 2022, 2023, 2024)
    assert bydeler.exists == tuple(range(2005, 2020))
    assert bydeler.nearest == (2019,)
    assert len(bydeler.regions) == 6
    assert bydeler.source is not None
    assert regions.years == (2018, *range(2020, 2025))
    assert regions.exists == (*range(2005, 2012), 2019)
    assert regions.regions == ("Nedre Romerike", "Øvre Romerike")
    assert str(regions) == (
        "Private households in Nedre Romerike, Øvre Romerike for 2018, 2020-2024"
        " (there is 2005-2011, 2019, nearest 2019)"
    )


def test_what_an_edition_has_in_full_has_no_gap() -> None:
    assert not {"tabell_01", "tabell_03", "figur_01", "figur_05", "figur_06"} & found(edition="2018").keys()
    assert not {"tabell_01", "tabell_03", "figur_01", "figur_05", "figur_06"} & found(edition="2024").keys()


def test_there_is_one_line_per_object_in_the_order_of_the_appendix() -> None:
    made = builder(edition="2024")
    lines = faults(gaps(made, made.table()))
    order = [key for section in made.catalogue.appendix.sections for key in section.objects]
    named = [line.where for line in lines]
    assert len(set(named)) == len(named) > 10
    assert named == sorted(named, key=order.index)
    assert all(line.remedy for line in lines)


@pytest.mark.parametrize(
    ("years", "lacking", "nearest"),
    [
        ({"population": [2011, 2030]}, (2030,), (2026,)),
        ({"population": [1998, 2011]}, (1998,), (2001,)),
        ({"population": [1990, 2011, 2099]}, (1990, 2099), (2001, 2026)),
        ({"population": 1901}, (1901,), (2001,)),
    ],
)
def test_years_outside_the_sources_are_gaps(
    years: Mapping[str, Any], lacking: tuple[int, ...], nearest: tuple[int, ...]
) -> None:
    gap = found(edition="2011", years=years)["tabell_01"][0]
    assert gap.years == lacking
    assert gap.nearest == nearest


def test_a_year_that_lies_between_the_years_of_a_source_is_a_gap() -> None:
    gaps_of = found(edition="2011", years={"households": [2011, 2013, 2018]})["tabell_02"]
    follo = next(gap for gap in gaps_of if "Follo" in gap.regions)
    assert follo.years == (2013,)
    assert follo.nearest == (2011,)


def test_a_cell_that_is_missing_because_a_border_moved_is_no_gap() -> None:
    made = builder(edition="2024", borders="report")
    table = made.table()
    population = table[table["object"] == "tabell_01"]
    assert population["note"].str.contains("reason_moved_border").sum() == 10
    assert "tabell_01" not in {gap.object for gap in gaps(made, table)}


def test_the_old_bydeler_are_no_gap_but_a_year_without_figures_is_one() -> None:
    years = {"population": [1999, 2002]}
    first, *_ = found(edition="2018", years=years)["figur_05"]
    assert first.years == (1999,)  # 2002: a border, no gap
    assert "Oslo" in first.regions


def test_a_source_that_can_be_fetched_is_named_with_its_command() -> None:
    made = builder(edition="2024")
    catalogue = made.catalogue.sources.model_copy(update={"sources": dict(made.catalogue.sources.sources)})
    made.catalogue.__dict__["sources"] = catalogue
    # A block that only searches names no table to fetch.
    geo = {"role": "geo", "to": "region", "take": ["0301"], "scheme": "ssb_statbank"}
    time = {"role": "time", "to": "period", "years": {}}
    live = PxWebFetch.model_validate(
        {"kind": "pxweb", "api": "synthetic", "table": "T1", "series": "households", "select": [geo, time]}
    )
    for name in made.catalogue.indicators.series["households"].sources:
        catalogue.sources[name] = catalogue.sources[name].model_copy(update={"fetch": None})
    catalogue.sources["nibr_tabell_02"] = catalogue.sources["nibr_tabell_02"].model_copy(
        update={"fetch": live}
    )
    gap = next(gap for gap in gaps(made, made.table()) if gap.object == "tabell_02")
    assert gap.remedy == "make fetch SOURCE=nibr_tabell_02"


def test_mark_says_what_is_missing_and_writes_the_cells(
    copy: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    cells.write(load(copy, {"edition": "2018"}))
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "marked as missing, because no source has it:"
    assert sum(line.startswith("  tabell_02: ") for line in told) == 1
    found = tables.read_cells(load(copy, {"edition": "2018"}))
    assert set(found.loc[found["object"] == "tabell_05", "basis"]) == {"missing"}


def test_fail_stops_before_anything_is_written(copy: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"tabell_02: Private households .* nearest 2011"):
        cells.write(load(copy, {"edition": "2018", "on_missing": "fail"}))
    assert not copy.cells("2018").exists()
    assert not copy.cells("2018").with_suffix(".csv").exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("on_missing", ["fail", "mark"])
def test_the_print_itself_passes_either_way_and_says_nothing(
    copy: Paths, on_missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cells.write(load(copy, {"edition": "2011", "on_missing": on_missing}))
    assert capsys.readouterr().err == ""
    assert copy.cells("2011").exists()
