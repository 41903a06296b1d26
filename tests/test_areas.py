"""An appendix of another area than the report's: its numbers, its words, and what it leaves out."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest

import small
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.cli import main
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import project
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report import build_model, render_html
from groruddalen_stats.stages.work import Work
from groruddalen_stats.workflow import names_of, objects, settings_of, stages
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
FOREIGN = re.compile(r"\b(Bjerke|Grorud\w*|Stovner|Alna|Akershus\w*|Follo|\w+ Romerike|Asker|Bærum|Vestområdet)\b")


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what somebody has fetched: the numbers are those of the embedded files."""
    monkeypatch.setattr(Store, "has", lambda _self, _path: False)


def work(**run: object) -> Work:
    return Work(load(project(), run))


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
    one, several = work(area="sagene", year=2024), work(area="indre_ost", year=2024, language="en")
    for made, said in (
        (one, ""),
        (
            several,
            "Of the areas in the figure Gamle Oslo had the highest share of immigrant population in 2018: 39.4 per cent",
        ),
    ):
        spec, plan = made.catalogue.appendix.objects["figur_08"], layout("figur_08", made.catalogue)
        own = [cell for cell in made.cells if cell.place.object == "figur_08"]
        assert headline(made.catalogue, spec, plan, own) == said


def test_several_city_districts_stand_side_by_side_with_their_sum() -> None:
    made = work(area="indre_ost", year=2024)
    cells = by_place(made.cells)
    parts = ["gamle_oslo", "grunerlokka", "sagene"]
    assert [row for name, row, column in cells if (name, column) == ("tabell_01", "2024")] == [
        *parts,
        "oslo",
        "indre_ost",
    ]
    assert cells["tabell_01", "indre_ost", "2024"].number == sum(
        cells["tabell_01", part, "2024"].number for part in parts
    )
    assert made.catalogue.palette["gamle_oslo"] == made.catalogue.palette["bjerke"]


def test_all_city_districts_and_those_without_one_are_oslo() -> None:
    cells = by_place(work(area="oslo_bydeler", year=2024).cells)
    column = {row: cell.number for (name, row, year), cell in cells.items() if (name, year) == ("tabell_01", "2024")}
    others = pd.read_csv(RAW / "ssb/10826_bydel_sex_age_2005_2026_andre.csv", dtype={"region_code": str})
    rest = others[(others["year"] == 2024) & others["region_code"].isin(["030116", "030117", "030199"])][
        "persons"
    ].sum()
    assert len(column) == 16
    assert sum(column.values()) - column["oslo"] + rest == column["oslo"]


@pytest.mark.parametrize("area", ["sagene", "indre_ost"])
@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("run", [{"year": 2024}, {"edition": "2011"}])
def test_no_place_of_the_report_is_left_on_the_page_of_another_area(
    area: str, language: str, run: dict[str, object]
) -> None:
    made = work(area=area, language=language, **run)
    catalogue = made.catalogue
    model = build_model(catalogue, made.cells, made.published, {})
    # What a raw file holds is said under the sources, also where it holds other places; an object of somebody's own
    # may name any.
    chapters = [chapter for chapter in model["chapters"] if chapter["id"] != "sources"]
    objects_ = [one for section in model["sections"] for one in section["objects"] if one["id"] in SHIPPED]
    told = [text for part in (model["title"], model["front"], objects_, chapters) for text in strings(part)]
    told += [section["title"] for section in model["sections"]]
    assert [text for text in told if FOREIGN.search(text)] == []
    assert any(catalogue.area.name[catalogue.run.language] in text for text in told)
    assert not any(re.search(r"\{[a-z]", text) for text in told)


def test_an_object_without_any_number_is_a_line_that_says_what_was_searched() -> None:
    made = work(area="sagene", year=2024, language="en")
    model = build_model(made.catalogue, made.cells, made.published, {})
    objects_ = {entry["id"]: entry for section in model["sections"] for entry in section["objects"]}
    assert objects_["figur_07"]["empty"].startswith(
        "No known source has figures for 2023. No known table has the number"
    )
    assert objects_["figur_07"]["notes"] == []
    assert objects_["tabell_04"]["empty"] == objects_["figur_05"]["empty"] == ""
    page = unescape(render_html(model))
    assert objects_["figur_07"]["empty"] in page
    # Neither a drawing nor a table of what is missing.
    (article,) = re.findall(r'<article id="figur_07".*?</article>', page, re.DOTALL)
    assert "<table" not in article
    assert "<figure" not in article


def test_what_only_the_report_can_have_is_left_out_in_a_sentence() -> None:
    made = work(area="sagene", year=2024, language="en")
    assert not {"figur_01", "figur_04"} & {cell.place.object for cell in made.cells}
    model = build_model(made.catalogue, made.cells, made.published, {})
    assert "Figure v.1.1 and Figure v.1.4 can only be made for the report's own area" in model["front"]["lead"][1]
    assert made.published.empty
    of_run = objects(project().config / "appendix.yaml", "sagene")
    assert "figur_04" not in of_run
    assert not {"check_pages", "place_check"} & set(stages("x", "x", of_run, "sagene"))


@pytest.mark.parametrize("area", [None, "groruddalen"])
def test_the_report_s_own_area_is_the_usual_run(area: str | None) -> None:
    run = {"edition": "2018", **({"area": area} if area else {})}
    settings = settings_of(run, project().config / "config.yaml")
    assert names_of(settings, project().editions) == ("2018", "2018")
    catalogue = load(project(), run)
    assert (catalogue.reader_name, catalogue.wanted, catalogue.left_out) == ("2018", frozenset(), ())
    assert catalogue.appendix is catalogue.printed


def test_another_area_has_folders_of_its_own() -> None:
    run = {"year": 2024, "area": "sagene", "language": "en"}
    settings = settings_of(run, project().config / "config.yaml")
    assert names_of(settings, project().editions) == ("year-2024+sagene", "year-2024+sagene+en")
    catalogue: Catalogue = load(project(), run)
    assert catalogue.reader_name == "year-2024+sagene+en"
    assert catalogue.edition.title.en == "Statistical appendix on Sagene, 2024"


def test_a_region_that_an_area_misspells_is_told_with_its_line(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    paths.areas.joinpath("ost.yaml").write_text(
        "name: {nb: Øst, en: East}\ncalled: {nb: bydelene i øst, en: the east}\nparts: [bjerke, alnna]\nwhole: oslo\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"areas/ost.yaml:3: parts: unknown region 'alnna' -> did you mean 'alna'"):
        load(paths).require_editions()


def test_an_area_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match=r"there is no area 'sagne'.*did you mean 'sagene'"):
        load(project(), {"area": "sagne"})
    assert main(["check", "--area", "sagene"]) == 1
    assert "the report has no numbers of this area -> check the area 'groruddalen'" in capsys.readouterr().err
