"""An appendix of another area than the report's: its numbers, its words, and what it leaves out."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

import small
from groruddalen_stats import areas
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell, FlagKind, Missing, Value
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.cli import main
from groruddalen_stats.config.words import contrast
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.figures import drawing
from groruddalen_stats.paths import project
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report import build_model, render_html
from groruddalen_stats.stages.figures import contents
from groruddalen_stats.stages.profile import profile_of
from groruddalen_stats.stages.work import Work
from groruddalen_stats.workflow import names_of, objects, stages
from pages import strings
from workbench import by_place

RAW = project().raw
# Those of the report, whatever somebody has added.
SHIPPED = {
    *(f"tabell_{number:02}" for number in range(1, 13)),
    *(f"figur_{number:02}" for number in range(1, 13)),
    "figur_03a",
    "figur_03b",
}
# Of places outside Oslo, no city district either.
OF_OSLO = re.compile(r"(?i)bydel|district|\bOslo")
FOREIGN = re.compile(r"\b(Bjerke|Grorud\w*|Stovner|Alna|Akershus\w*|Follo|\w+ Romerike|Asker|Bærum|Vestområdet)\b")


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what somebody has fetched: the numbers are those of the embedded files."""
    monkeypatch.setattr(Store, "has", lambda _self, _path: False)


@cache
def everywhere() -> Work:
    """Return what has read the figures of every region: areas share it, as those of a set do."""
    catalogue = load(project())
    return Work(catalogue.wanting(catalogue.regions.ids))


@cache
def work(**run: Any) -> Work:
    return everywhere().about(load(project(), run))


def column_of(made: Work, name: str, column: str) -> dict[str, Cell]:
    """Return the cells of a column by row."""
    return {cell.place.row: cell for cell in made.cells if (cell.place.object, cell.place.column) == (name, column)}


def test_a_city_district_has_its_own_numbers() -> None:
    cells = by_place(work(area="sagene", year=2024).cells)
    counted = pd.read_csv(RAW / "ssb/10826_bydel_sex_age_2005_2026_andre.csv", dtype={"region_code": str})
    people = counted[counted["region_code"] == "030103"].groupby("year")["persons"].sum()
    assert cells["tabell_01", "sagene", "2024"].number == people[2024]
    helped = pd.read_csv(RAW / "oslo/sto013_sosialhjelp_2005_2023_andre.csv")
    (persons,) = helped.query("region_code == 30103 and year == 2023 and measure == 'recipients'")["persons"]
    assert cells["tabell_07", "sagene", "recipients"].number == persons
    assert cells["tabell_07", "sagene", "recipients_share"].number == pytest.approx(100 * persons / people[2023])
    assert cells["figur_05", "sagene", "2024"].number == pytest.approx(100 * people[2024] / people[2015])
    # What it is part of stands beside it, and no region of the report does.
    assert {row for name, row, _ in cells if name == "tabell_01"} == {"sagene", "oslo"}


def test_a_headline_compares_parts_and_says_nothing_of_a_single_one() -> None:
    of_several = (
        "Of the areas in the figure Gamle Oslo had the highest share of immigrant population in 2018: 39.4 per cent"
    )
    for area, said in (("sagene", ""), ("indre_ost", of_several)):
        made = work(area=area, year=2024, language="en")
        spec, plan = made.catalogue.appendix.objects["figur_08"], layout("figur_08", made.catalogue)
        own = [cell for cell in made.cells if cell.place.object == "figur_08"]
        assert headline(made.catalogue, spec, plan, own) == said


def test_several_city_districts_stand_side_by_side_with_their_sum() -> None:
    made = work(area="indre_ost", year=2024, language="en")
    people = {row: cell.number for row, cell in column_of(made, "tabell_01", "2024").items()}
    parts = ["gamle_oslo", "grunerlokka", "sagene"]
    assert list(people) == [*parts, "oslo", "indre_ost"]
    assert people["indre_ost"] == sum(people[part] for part in parts)
    assert made.catalogue.palette["gamle_oslo"] == made.catalogue.palette["bjerke"]


@pytest.mark.parametrize("area", ["sagene", "indre_ost", "f33", "alesund"])
@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("run", [{"year": 2024}, {"edition": "2011"}])
def test_no_place_of_the_report_is_left_on_the_page_of_another_area(area: str, language: str, run: Any) -> None:
    made = work(area=area, **run)
    # The same cells, in either language.
    catalogue = replace(made.catalogue, run=made.catalogue.run.model_copy(update={"language": language}))
    sidecars = {name: made.store.sidecar(name) for name in made.store.lock.files}
    model = build_model(catalogue, made.cells, made.published, sidecars=sidecars)
    chapters = model["chapters"]
    # An object of somebody's own may name any.
    objects_ = [one for section in model["sections"] for one in section["objects"] if one["id"] in SHIPPED]
    told = [text for part in (model["title"], model["front"], objects_, chapters) for text in strings(part)]
    told += [section["title"] for section in model["sections"]]
    assert [text for text in told if FOREIGN.search(text)] == []
    if not catalogue.is_of_oslo:
        assert [text for text in told if OF_OSLO.search(text)] == []
    assert any(catalogue.area.name[catalogue.run.language] in text for text in told)
    assert not any(re.search(r"\{[a-z]", text) for text in told)


def test_an_object_without_any_number_is_a_line_that_says_what_was_searched() -> None:
    made = work(area="sagene", year=2024, language="en")
    model = build_model(made.catalogue, made.cells, made.published)
    objects_ = {entry["id"]: entry for section in model["sections"] for entry in section["objects"]}
    assert objects_["figur_07"]["empty"].startswith(
        "No known source has figures for 2023. No known table has the number"
    )
    assert objects_["figur_07"]["notes"] == []
    assert objects_["tabell_04"]["empty"] == objects_["figur_05"]["empty"] == ""
    # Of employment only the whole of Oslo is known in 2010, and nothing of the area.
    assert objects_["figur_09"]["empty"].startswith("No known source has figures for 2022.")
    page = unescape(render_html(model))
    assert objects_["figur_07"]["empty"] in page
    # Neither a drawing nor a table of what is missing.
    (article,) = re.findall(r'<article id="figur_07".*?</article>', page, re.DOTALL)
    assert "<table" not in article
    assert "<figure" not in article


@pytest.mark.parametrize(
    ("area", "own", "whole", "name"),
    [
        ("oslo", 717710, 5550203, "Hele landet"),
        ("sagene", 47660, 717710, "Oslo"),
        ("f33", 269819, 5550203, "Hele landet"),
    ],
)
def test_a_profile_holds_an_area_against_what_it_is_part_of(area: str, own: int, whole: int, name: str) -> None:
    told = profile_of(work(area=area, year=2024))
    people, growth = told["columns"][:2]
    assert (people["own"][2024], people["whole"][2024], told["whole"]["nb"]) == (own, whole, name)
    assert growth["own"][2024] > 100


def test_what_an_area_cannot_have_is_left_out_in_a_sentence() -> None:
    made = work(area="sagene", year=2024, language="en")
    assert "figur_04" not in {cell.place.object for cell in made.cells}
    model = build_model(made.catalogue, made.cells, made.published)
    assert model["front"]["lead"][1].endswith("only the report's own area can have it: Figure v.1.4.")
    assert made.published.empty
    of_run = objects(project().config / "appendix.yaml", "sagene")
    assert "figur_04" not in of_run
    assert not {"check_pages", "place_check"} & set(stages("x", "x", of_run, "sagene"))
    elsewhere = work(area="drammen", year=2024, language="en")
    lead = build_model(elsewhere.catalogue, elsewhere.cells, elsewhere.published)["front"]["lead"]
    assert "Figure v.1.9, Figure v.1.10, Figure v.1.11 and Table v.1.11 do not exist for municipalities" in lead[2]
    of_run = objects(project().config / "appendix.yaml", "k3301")
    assert set(of_run) == {cell.place.object for cell in elsewhere.cells}


@pytest.mark.parametrize("area", [None, "groruddalen"])
def test_the_report_s_own_area_is_the_usual_run(area: str | None) -> None:
    run = {"edition": "2018", **({"area": area} if area else {})}
    settings = areas.settings_of(run, project().config)
    assert names_of(settings, project().editions) == ("2018", "2018")
    catalogue = load(project(), run)
    assert (catalogue.reader_name, catalogue.wanted, catalogue.left_out) == ("2018", frozenset(), ())
    assert catalogue.appendix is catalogue.printed


def test_an_area_of_ones_own_has_the_sum_of_its_parts(tmp_path: Path) -> None:
    paths = small.copy_shipped(tmp_path, ["config"])
    paths.areas.joinpath("two.yaml").write_text(
        "name: {nb: Sagene og Alna, en: Sagene and Alna}\ncalled: {nb: de to, en: the two}\n"
        "parts: [sagene, alna]\ntogether: two\nwhole: oslo\ncomparisons: [frogner]\n",
        encoding="utf-8",
    )
    # One of the two is in the report's files, the other in those of the other city districts.
    cells = by_place(everywhere().about(load(paths, {"area": "two", "year": 2024})).cells)
    for at in (("tabell_01", "2024"), ("tabell_04", "count"), ("tabell_07", "recipients")):
        assert cells[at[0], "two", at[1]].number == sum(cells[at[0], one, at[1]].number for one in ("sagene", "alna"))
    top, bottom = cells["tabell_07", "two", "recipients"].number, cells["tabell_01", "two", "2023"].number
    assert cells["tabell_07", "two", "recipients_share"].number == pytest.approx(100 * top / bottom)
    assert ("tabell_01", "frogner", "2024") in cells


def test_a_region_that_an_area_misspells_is_told_with_its_line(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    paths.areas.joinpath("ost.yaml").write_text(
        "name: {nb: Øst, en: East}\ncalled: {nb: bydelene i øst, en: the east}\nparts: [bjerke, alnna]\nwhole: oslo\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"areas/ost.yaml:3: parts.1: unknown region 'alnna' -> did you mean 'alna'"):
        load(paths).require_editions()


def test_an_area_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"there is no area 'valer' -> name one of k3114, k3419"):
        load(project(), {"area": "valer"})
    with pytest.raises(ConfigError, match=r"there is no area 'sagne'.*did you mean 'sagene'"):
        load(project(), {"area": "sagne"})
    assert main(["check", "--area", "sagene"]) == 1
    assert "the report has no numbers of this area -> check the area 'groruddalen'" in capsys.readouterr().err


def test_sets_of_areas_are_those_of_the_year() -> None:
    config = project().config
    assert areas.members(config, "oslo_bydeler", 2024) == load(project(), {"area": "oslo_bydeler"}).area.parts
    for year, count in ((2011, 430), (2019, 422), (2020, 356), (2024, 357)):
        found = areas.members(config, "municipalities", year)
        assert len(found) == len(set(found)) == count
    assert len(areas.members(config, "counties", 2024)) == 14
    with pytest.raises(ConfigError, match=r"no set of areas 'oslo_bydeller'.*did you mean 'oslo_bydeler'"):
        areas.members(config, "oslo_bydeller", 2024)


@pytest.mark.parametrize(
    ("word", "area"),
    [("drammen", "k3301"), (3301, "k3301"), ("asker", "k3203"), ("rogaland", "f11"), ("hamaroy", "k1875")]
    + [(same, same) for same in ("sagene", "akershus", "k0220", "oslo_bydeler", "oslo", "valer", "nothing")],
)
def test_a_place_is_meant_by_its_id_its_code_or_a_name_that_no_other_has(word: object, area: str) -> None:
    assert areas.id_of(project().config, word) == area


def counted_in(file: str, where: str) -> float:
    """Return the persons of a raw file in the rows of a condition."""
    table = pd.read_csv(RAW / "ssb" / file, dtype={"region_code": str})
    return float(table.query(where)["persons"].sum())


def test_a_municipality_has_the_figures_of_those_it_was_made_of() -> None:
    made = work(area="asker", year=2024)
    cells = by_place(made.cells)
    before = counted_in("07459_kommuner_32_2005_2026.csv", "year == 2019 and region_code in ['0220', '0627', '0628']")
    assert cells["tabell_01", "k3203", "2019"].number == before
    assert cells["tabell_01", "k3203", "2024"].number == counted_in(
        "07459_kommuner_32_2005_2026.csv", "year == 2024 and region_code == '3203'"
    )
    table = pd.read_csv(RAW / "ssb/innvandrere_kommuner_2005_2015.csv", dtype={"region_code": str})
    old = table.query("year == 2015 and region_code in ['0220', '0627', '0628'] and measure == 'immigrants'")
    others = pd.read_csv(RAW / "ssb/innvandrere_kommuner_32_2005_2015.csv", dtype={"region_code": str})
    moved = others.query("year == 2015 and region_code in ['0627', '0628']")["immigrants"].astype(float).sum()
    assert cells["tabell_06", "k3203", "immigrants"].number == old["persons"].sum() + moved
    assert {row for name, row, _ in cells if name == "tabell_06"} == {"k3203", "f32", "norge"}
    (chapter,) = (
        one for one in build_model(made.catalogue, made.cells, made.published)["chapters"] if one["id"] == "regions"
    )
    assert "I 2015: Asker, Røyken og Hurum." in list(strings(chapter))


@pytest.mark.parametrize(
    ("area", "year", "last_unknown"),
    [("k1508", 2024, 2023), ("k3905", 2024, 2016)],
)
def test_what_a_division_crosses_is_missing_with_the_reason(area: str, year: int, last_unknown: int) -> None:
    for cell in work(area=area, year=year).cells:
        if cell.place[:2] == ("tabell_01", area):
            assert cell.known == (int(cell.place.column) > last_unknown)
            assert cell.known or cell.missing == Missing("moved_border")


def test_municipalities_are_their_county_and_counties_the_country() -> None:
    for area, together in (("f33", "f33"), ("norge", "norge"), ("asker_og_baerum", "asker_og_baerum")):
        made = work(area=area, year=2024)
        for name, column in (("tabell_01", "2024"), ("tabell_01", "2015"), ("tabell_06", "immigrants")):
            cells = column_of(made, name, column)
            parts = sum(cells[part].number for part in made.catalogue.area.parts)
            assert cells[together].number == parts, (area, name, column)


def test_sub_districts_are_their_city_district() -> None:
    for area in ("bjerke", "nordre_aker"):
        made = work(area=area, year=2026)
        inside = made.catalogue.sub_districts
        assert len(inside) > 4
        for name, column in (("figur_09", "women"), ("figur_11", "both"), ("figur_11", "men")):
            cells = column_of(made, name, column)
            assert set(cells) == {*inside, area, "oslo"}
            numbers = {row: cell.numerator.number for row, cell in cells.items() if cell.numerator}
            assert numbers[area] == sum(numbers[one] for one in inside), (area, name, column)


@pytest.mark.parametrize(("area", "shown"), [("k3301", 1), ("f33", 18), ("norge", 15), ("oslo", 15), ("sagene", 5)])
def test_the_map_shows_the_area_s_own_places(area: str, shown: int) -> None:
    made = work(area=area, year=2024)
    (content,) = (one for one in contents(made) if one.object_id == "figur_01")
    rows = [item.id for item in content.layout.rows]
    assert len(rows) == shown
    assert set(rows) <= set(content.places.boundaries)
    for row in rows:
        box = content.places.boundaries[row].bounds
        point = content.points[row, "longitude"].value, content.points[row, "latitude"].value
        assert box[0] < point[0] < box[2]
        assert box[1] < point[1] < box[3]
    labels = [item.label.nb for item in content.layout.rows]
    drawn = {text.get_text() for text in drawing.draw(content).findobj(Text)}
    assert {label.partition(" (")[0] for label in labels} <= drawn


@pytest.mark.parametrize("area", ["sagene", "indre_ost", "f39", "f33", "norge", "oslo"])
def test_parts_side_by_side_have_colours_of_their_own(area: str) -> None:
    made = load(project(), {"area": area, "year": 2024})
    colours = [made.palette[part] for part in (*made.area.parts, *made.sub_districts)]
    assert len(set(colours)) == len(colours)
    assert min(map(contrast, colours)) > 2.9


def test_a_run_reads_only_the_files_of_its_area() -> None:
    every = {s.path: s.of for source in load(project()).sources.sources.values() for s in source.snapshots if s.of}
    of_report = load(project(), {"year": 2024})
    assert set(every) <= of_report.unread
    for area, lists in (("k3301", {"f33", "norge"}), ("sagene", {"other_bydeler", "sub_districts"})):
        one = load(project(), {"area": area, "year": 2024})
        assert {every[path] for path in set(every) - one.unread} == lists
        # Among many it is read as alone.
        assert of_report.about(area).unread == one.unread


def test_the_light_reading_of_an_area_agrees_with_the_regions() -> None:
    catalogue = load(project(), {"area": "oslo"})
    for region in ("sagene", "indre_ost", "follo", "k3301", "f33", "norge", "akershus", "sentrum"):
        assert areas.is_of_oslo(project().config, region) == bool(catalogue.regions.bydeler(region))
    assert catalogue.is_of_oslo


def worked_out(cells: Iterable[Cell], catalogue: Catalogue) -> set[str]:
    """Return the hidden counts that a reader of the page can work out: the only unknown of a sum that stands on it."""
    parts, whole = catalogue.area.parts, catalogue.area.together or catalogue.area.whole
    columns: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)
    for cell in cells:
        if cell.unit in {"persons", "households"}:
            columns[cell.place.object, cell.place.column][cell.place.row] = cell
    found = set()
    for (name, column), rows in columns.items():
        hidden = [row for row in (*parts, whole) if row in rows and not rows[row].known]
        # What no source has is not hidden.
        if {*parts, whole} <= set(rows) and len(hidden) == 1 and rows[hidden[0]].value:
            found.add(f"{name}/{hidden[0]}/{column}")
    return found


def test_nothing_that_the_publisher_hides_can_be_worked_out() -> None:
    made = Work(load(project(), {"area": "f33", "year": 2024}))
    observed = made.observations
    of_2015 = observed["series"].isin(["immigrants", "immigrant_population"]) & observed["period"].eq("2015")
    small_one = of_2015 & observed["region"].eq("k0615")
    observed["value"] = observed["value"].mask(small_one)
    observed["status"] = observed["status"].mask(small_one, ":")
    published = observed[of_2015 & observed["region"].eq("k0602")].assign(region="f33", value=36000.0)
    made.__dict__["observations"] = pd.concat([observed, published], ignore_index=True)
    total = made.compute.find(Term("immigrants", "f33", 2015))
    assert isinstance(total, Value)
    assert total.number == 36000
    cells = by_place(made.cells)
    small, large = cells["tabell_06", "k3320", "immigrants"], cells["tabell_06", "k3301", "immigrants"]
    assert (small.known, large.known) == (False, True)
    assert worked_out(
        [replace(cell, value=total) if cell.place.row == "f33" else cell for cell in made.cells], made.catalogue
    ) >= {"tabell_06/k3320/immigrants"}
    assert worked_out(made.cells, made.catalogue) == set()
    for column in ("immigrants", "immigrants_share"):
        value = cells["tabell_06", "f33", column].value
        assert value is not None
        assert (value.sign, math.isnan(value.number)) == (":", True)
        assert "kept_back" in value.about(FlagKind.CAVEAT)


@pytest.mark.parametrize("area", ["f33", "f39", "norge", "oslo", "indre_ost"])
@pytest.mark.parametrize("run", [{"year": 2024}, {"edition": "2011"}])
def test_no_page_gives_away_what_is_hidden_on_it(area: str, run: Any) -> None:
    made = work(area=area, **run)
    assert worked_out(made.cells, made.catalogue) == set()
