"""The appendix as of any year: each topic at its lag, or at the newest year that has figures, and how much is filled."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats import runs
from groruddalen_stats.appendix import fill
from groruddalen_stats.areas import settings_of
from groruddalen_stats.catalogue import load
from groruddalen_stats.config.models import Edition, Text
from groruddalen_stats.paths import project
from groruddalen_stats.stages.build import build
from groruddalen_stats.workflow import require_run
from workbench import by_place, compute

# Those of the report, whatever somebody has added.
SHIPPED = {*(f"tabell_{number:02}" for number in range(1, 13)), *(f"figur_{number:02}" for number in range(1, 13))}
YEARS = st.lists(st.integers(1995, 2011), min_size=1, max_size=6, unique=True).map(sorted)


@given(years=YEARS, to=st.integers(2001, 2030))
def test_a_topic_stays_as_far_from_the_year_as_in_the_report(years: list[int], to: int) -> None:
    own = Edition(title=Text(nb="a", en="a"), date=dt.date(2011, 12, 31), years={"one": years[-1], "several": years})
    lagged = own.lagged(to)
    assert lagged["one"] == years[-1] + to - 2011
    several = lagged["several"]
    assert isinstance(several, list)
    assert len(several) == len(years)
    assert several[-1] - to == years[-1] - 2011
    if len(years) > 2:
        assert several == list(range(several[0], several[-1] + 1))
    else:
        assert several[-1] - several[0] == years[-1] - years[0]


@pytest.mark.parametrize("given_", [{"year": 2024}, {"year": "2024"}, {"edition": {"year": 2024}}])
def test_a_year_is_an_edition_and_comes_before_the_one_of_the_file(given_: dict[str, object]) -> None:
    settings = settings_of(given_, project().config)
    assert settings["edition"] == "year-2024"
    assert "year" not in settings
    require_run(settings, given_, project())
    assert load(project(), given_).run.edition == "year-2024"
    assert runs.numbers_name(settings, {}) == "year-2024"


def test_a_topic_without_figures_is_taken_to_the_newest_year_that_has_most_of_them() -> None:
    made = compute(year=2024)
    catalogue, edition = made.catalogue, made.catalogue.edition
    assert edition.listed("population") == list(range(2015, 2025))
    # Immigrants of the city districts end in 2018, those of municipalities in 2015, households in 2019.
    assert edition.listed("immigrants") == [2012, 2018]
    assert edition.year("immigrants_regions") == 2015
    assert edition.listed("households") == list(range(2013, 2020))
    assert catalogue.earlier["households"] == 5
    # Of what no source has, the year stays the one that was asked for, also where the object has another topic's figures.
    for topic in ("education", "prices", "housing_schemes"):
        assert edition.year(topic) == load(project(), {"year": 2024}).edition.year(topic)
        assert topic not in catalogue.earlier
    # Where what is nearest is shown, its figures say how new the topic is.
    assert edition.listed("block_prices")[-1] == edition.listed("block_price_index")[-1] == 2017
    assert edition.year("housing_allowance") == 2019
    assert {cell.basis for cell in made.cells("tabell_06")} == {"source"}


@pytest.mark.parametrize("year", [2005, 2011, 2026])
def test_every_year_gives_cells_of_no_later_year(year: int) -> None:
    made = compute(year=year)
    catalogue, cells = made.catalogue, made.cells()
    assert len(cells) > 800
    # An object of somebody's own may be of a year of its own.
    assert max(cell.spec.year for cell in cells if cell.place.object in SHIPPED) <= year
    asked = load(project(), {"year": year}).edition
    for topic, by in catalogue.earlier.items():
        assert catalogue.edition.year(topic) == asked.year(topic) - by


def test_years_of_the_run_and_editions_that_are_files_stay_as_they_are() -> None:
    assert compute(edition="2024").catalogue.earlier == {}
    chosen = compute(year=2024, years={"households": [2023, 2024]}).catalogue
    assert chosen.edition.listed("households") == [2023, 2024]


def test_the_fill_counts_the_cells_of_the_print_by_basis() -> None:
    cells = small.cells()
    told = fill.document(cells, small.catalogue())
    counted = [cell for cell in cells if cell.spec.counted and not cell.spec.ours]
    bases = Counter(cell.basis for cell in counted if cell.known)
    assert (told["cells"], told["filled"]) == (len(counted), sum(bases.values()))
    assert {name: told[name] for name in ("source", "recomputed", "transcribed", "prose")} == {
        "source": 17,
        "recomputed": 3,
        "transcribed": 12,
        "prose": 1,
    }
    assert told["percent"] == pytest.approx(100 * told["filled"] / told["cells"], abs=0.05)
    assert sum(entry["cells"] for entry in told["objects"].values()) == told["cells"]


def test_cells_that_no_known_source_serves_are_unfilled_and_listed_with_what_was_searched() -> None:
    made = compute(edition="2011")
    cells, catalogue = made.cells(), made.catalogue
    told = fill.document(cells, catalogue)
    listed = {(entry["object"], place) for entry in told["without_known_source"] for place in entry["cells"]}
    unfilled = {
        (cell.place.object, f"{cell.place.row}/{cell.place.column}")
        for cell in cells
        if fill.of_print(cell) and not cell.known
    }
    assert len(unfilled) == told["cells"] - told["filled"]
    assert listed < unfilled
    assert told["no_known_source"] == len(listed)
    # The census is in no known table; that nobody has looked for a dash of the print is another matter.
    assert ("figur_02", "d0901/blocks") in listed
    assert ("tabell_07", "akershus/affected_share") in unfilled - listed
    for entry in told["without_known_source"]:
        searched = catalogue.indicators.series[entry["series"]].none_known
        assert searched is not None
        assert entry["searched"] == {"nb": searched.nb, "en": searched.en}


def test_what_nobody_publishes_gives_way_to_what_is_nearest() -> None:
    made = compute(edition="2018")
    catalogue, cells = made.catalogue, by_place(made.cells())
    assert catalogue.nearest == {"figur_02", "figur_03a", "figur_03b", "figur_11"}
    prices = pd.read_csv(project().raw / "oslo/kvadratmeterpris_blokk_2004_2017.csv").set_index(["region", "year"])
    level = pd.read_csv(project().raw / "ssb/kpi_2003_2017.csv").set_index("year")["index"]
    real = {year: prices.loc[("Bjerke", year), "nok_per_m2"] / level[year] for year in (2012, 2017)}
    assert cells["figur_03a", "bjerke", "2017"].number == pytest.approx(100 * real[2017] / real[2012])
    taught = pd.read_csv(project().raw / "oslo/utd027_utdanning_2004_2024.csv", dtype={"region_code": str})
    (women,) = taught.query("region_code == '030112' and year == 2016 and sex == 'women'").to_dict("records")
    cell = cells["figur_11", "alna", "women"]
    assert cell.number == pytest.approx(100 * women["higher_education"] / women["residents"])
    # Of the report's object it is no cell: its columns are backgrounds, not sexes.
    assert cell.spec.ours
    assert not cells["figur_03a", "bjerke", "2017"].spec.ours
    stock = sum(cells["figur_02", "stovner", kind].number for kind in ("blocks", "row_houses", "detached"))
    assert stock == pytest.approx(100)


def test_what_is_nearest_does_not_shrink_what_is_counted() -> None:
    made = compute(edition="2018")
    told = fill.document(made.cells(), made.catalogue)
    # The report's figure has three backgrounds in five regions; all residents by sex are none of them.
    assert (told["objects"]["figur_11"]["cells"], told["objects"]["figur_11"]["filled"]) == (15, 0)
    assert (told["objects"]["figur_03a"]["cells"], told["objects"]["figur_03a"]["filled"]) == (25, 25)
    assert told["nearest"] == 25 + 10
    assert ("figur_11", "higher_education") in {(one["object"], one["series"]) for one in told["without_known_source"]}


@pytest.mark.parametrize("run", [{"edition": "2011"}, {"year": 2011}, {"edition": "2011", "borders": "current"}])
def test_what_the_report_prints_keeps_its_place(run: dict[str, Any]) -> None:
    assert compute(**run).catalogue.nearest == frozenset()


@pytest.mark.build
def test_a_year_is_built_and_says_what_is_older(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    build(paths, {"year": 2013, "language": "en"}, "place")
    folder = paths.report("year-2013+en")
    page = (folder / "appendix.html").read_text(encoding="utf-8")
    assert "Statistical appendix on Groruddalen, 2013" in page
    assert "As far back in time as in the report, they would be from 2013." in page
    told = json.loads((folder / "fill.json").read_text(encoding="utf-8"))
    assert told["edition"] == "year-2013"
    assert 0 < told["filled"] < told["cells"]
