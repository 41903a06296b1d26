from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell, FlagKind, Missing, Value
from groruddalen_stats.appendix.notes import shown_notes
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.catalogue import Catalogue, fill_years, load
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import project
from workbench import PROJECT, by_place, compute
from workbench import catalogue as catalogue_of

RAW = PROJECT / "data" / "raw"
DATES = range(2005, 2027)


@cache
def shipped(edition: str) -> tuple[Catalogue, list[Cell]]:
    made = compute(edition=edition)
    return made.catalogue, made.cells()


def of_object(cells: Iterable[Cell], object_id: str) -> list[Cell]:
    return [cell for cell in cells if cell.place.object == object_id]


def raw(name: str, **where: str) -> list[dict[str, str]]:
    """Return the rows of a raw file that have these values."""
    with (RAW / name).open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if where.items() <= row.items()]


@cache
def people() -> dict[tuple[str, int], int]:
    """Return inhabitants by municipality code and year, added up straight from the raw file."""
    sums: dict[tuple[str, int], int] = {}
    for row in raw("ssb/07459_municipality_age_2005_2026.csv"):
        key = row["region_code"], int(row["year"])
        sums[key] = sums.get(key, 0) + int(row["persons"])
    return sums


def test_disability_of_2018_is_divided_by_the_mean_population() -> None:
    rows = raw("oslo/sos006_uforetrygd_2004_2024.csv", year="2017", sex="Kvinner", region="Alna")
    (recipients,) = (int(row["persons"]) for row in rows)
    counted = raw("ssb/10826_bydel_sex_age_2005_2026.csv", region_code="030112", sex="women")
    counted = [row for row in counted if row["year"] in {"2017", "2018"}]
    women = sum(int(row["persons"]) for row in counted if row["age"] in {"18-19", "20-59", "60-66", "67"})
    cell = by_place(shipped("2018")[1])["tabell_08", "alna", "women"]
    assert [part.number for part in cell.parts] == [recipients, women / 2]
    assert cell.number == pytest.approx(100 * recipients / (women / 2))


def texts(catalogue: Catalogue, cells: list[Cell]) -> list[str]:
    """Return every text that follows the years: titles, subtitles, alternative texts, labels, headlines, notes."""
    found = []
    for key, spec in catalogue.appendix.objects.items():
        plan = layout(key, catalogue)
        notes = shown_notes(spec, plan, of_object(cells, key))
        templates = [spec.title, spec.subtitle, spec.alt, *(item.label for item in (*plan.rows, *plan.columns))]
        templates += [spec.headline.text] if spec.headline else []
        templates += [catalogue.labels.notes[note] for note in notes if note in catalogue.labels.notes]
        found += [catalogue.text(text, language) for text in templates for language in ("nb", "en")]
    return found


def test_a_scheme_goes_by_the_name_that_it_had_in_the_edition_s_year() -> None:
    words = "{disability before 2015: old|new} {disability}"
    plain = catalogue_of().edition
    dated = [plain.model_copy(update={"years": {**plain.years, "disability": year}}) for year in (2014, 2015)]
    assert [fill_years(words, edition) for edition in dated] == ["old 2014", "new 2015"]
    for language in ("nb", "en"):
        titles = [
            one.text(one.appendix.objects[name].title, language)
            for one in (catalogue_of(edition="2011"), catalogue_of(edition="2018"))
            for name in ("tabell_08", "tabell_09")
        ]
        assert len(set(titles)) == 4


@pytest.mark.parametrize(("edition", "first"), [("2018", 2012), ("2024", 2012)])
def test_no_year_of_another_edition_survives(edition: str, first: int) -> None:
    years = {int(year) for text in texts(*shipped(edition)) for year in re.findall(r"\b(?:19|20)\d\d\b", text)}
    assert first <= min(years)
    assert max(years) == int(edition)


def test_every_placeholder_is_filled() -> None:
    for edition in ("2011", "2018", "2024"):
        left = {found for text in texts(*shipped(edition)) for found in re.findall(r"\{[^}]*\}", text)}
        assert left <= {"{region}", "{value}", "{places}"}


# ---- borders -------------------------------------------------------------------------------------------------------

# Written out by hand, independently of config/regions.yaml: codes until 2019, 2020-2023 and from 2024.
REPORT = {
    "follo": ("0211 0213 0214 0215 0216 0217 0229", "3019 3020 3021 3022 3023 3028", "3207 3212 3214 3216 3218 3220"),
    "nedre_romerike": ("0226 0227 0228 0230 0231 0233 0234", "3027 3029 3030 3031 3032", "3205 3222 3224 3230 3232"),
    "ovre_romerike": ("0221 0235 0236 0237 0238 0239", "", ""),
    "asker_og_baerum": ("0219 0220", "", ""),
}
CURRENT = {
    **REPORT,
    "ovre_romerike": (REPORT["ovre_romerike"][0], "3026 3033 3034 3035 3036 3037", "3209 3226 3228 3238 3240 3242"),
    "asker_og_baerum": (REPORT["asker_og_baerum"][0], "3024 3025", "3201 3203"),
}
HARMONISED = {
    **CURRENT,
    "ovre_romerike": ("0121 " + CURRENT["ovre_romerike"][0], *CURRENT["ovre_romerike"][1:]),
    "asker_og_baerum": ("0627 0628 " + CURRENT["asker_og_baerum"][0], *CURRENT["asker_og_baerum"][1:]),
}
BORDERS = {"report": REPORT, "current": CURRENT, "harmonised": HARMONISED}


def expected(policy: str, region: str, year: int) -> int | None:
    listed = [BORDERS[policy][part] for part in (REPORT if region == "akershus" else (region,))]
    codes = [codes[0 if year < 2020 else 1 if year < 2024 else 2].split() for codes in listed]
    return sum(people()[code, year] for of_part in codes for code in of_part) if all(codes) else None


@cache
def across(policy: str, years: tuple[int, ...] = tuple(DATES)) -> list[Cell]:
    """Return the cells of an edition whose population runs over these years."""
    return compute(edition="2024", borders=policy, years={"population": list(years)}).cells()


@pytest.mark.parametrize("policy", BORDERS)
def test_a_series_across_the_break_is_the_sum_of_its_municipalities_at_every_date(policy: str) -> None:
    table, find = by_place(across(policy)), compute(edition="2024", borders=policy).find
    for region, year in product((*REPORT, "akershus"), DATES):
        found = find(Term("population", region, year), span=(DATES[0], DATES[-1]))
        if region != "akershus":
            cell = table["tabell_01", region, str(year)]
            assert repr(found) == repr(cell.value or cell.missing)
        wanted = expected(policy, region, year)
        if wanted is None:
            assert found == Missing("moved_border")
        else:
            assert isinstance(found, Value)
            assert found.number == wanted, (policy, region, year)
            # Of municipalities by age, and never the total of a county that is not the old one.
            assert region != "akershus" or len(found.origins) > 30


def breaks(policy: str, region: str, years: Iterable[int] = DATES) -> dict[int, tuple[str, ...]]:
    cells = of_object(across(policy, tuple(years)), "tabell_01")
    return {cell.spec.year: cell.about(FlagKind.BORDER) for cell in cells if cell.place.row == region}


@pytest.mark.parametrize(
    ("policy", "region", "marks"),
    [
        ("harmonised", "asker_og_baerum", {2005: ("B1",)}),
        ("harmonised", "ovre_romerike", {2005: ("B4", "B5")}),
        ("current", "asker_og_baerum", {2005: (), 2020: ("B1",)}),
        # An adjustment too small to undo.
        *((policy, "nedre_romerike", {2005: (), 2020: ("B5",)}) for policy in BORDERS),
        *((policy, region, {2005: ()}) for policy in BORDERS for region in ("follo", "oslo", "bjerke")),
    ],
)
def test_a_moved_border_is_marked_from_the_year_that_it_is_felt(
    policy: str, region: str, marks: dict[int, tuple[str, ...]]
) -> None:
    wanted = {year: marks[max(first for first in marks if first <= year)] for year in DATES}
    assert breaks(policy, region) == wanted


@pytest.mark.parametrize("policy", BORDERS)
def test_a_series_that_ends_before_the_break_is_on_the_borders_of_the_report(policy: str) -> None:
    assert set(breaks(policy, "asker_og_baerum", range(2012, 2020)).values()) == {()}


def test_bydeler_before_2004_are_whole_old_bydeler_or_missing() -> None:
    table = by_place(compute(edition="2018", years={"population": [2001, 2002, 2018]}).cells())
    rows = {
        code: raw("ssb/10826_bydel_age_2001_2004.csv", region_code=f"0301{code}", year="2002") for code in (18, 19, 20)
    }
    old = {code: sum(int(row["persons"]) for row in of_code) for code, of_code in rows.items()}
    assert table["tabell_01", "bjerke", "2002"].number == old[20] > 0
    assert table["tabell_01", "grorud", "2002"].number == old[18] + old[19] > 0
    for region in ("stovner", "alna", "groruddalen"):
        assert table["tabell_01", region, "2002"].missing == Missing("old_bydeler")
    assert table["tabell_01", "stovner", "2018"].basis == "source"


def test_years_that_a_command_line_hands_on_as_text_are_numbers() -> None:
    edition = catalogue_of(edition="2018", years={"disability": "2015", "population": ["2012", "2014"]}).edition
    assert edition.year("disability") == 2015
    assert edition.listed("population") == [2012, 2014]


@pytest.mark.parametrize(
    ("years", "says"),
    [
        ({"population": [2012, 2010]}, r"years must rise and may not repeat: write \[2010, 2012\], not \[2012, 2010\]"),
        ({"population": [2010, 2010]}, "may not repeat"),
        ({"population": []}, "at least one year"),
        ({"population": 3000}, "3000 is not a year between 1900 and 2100"),
        ({"population": "ten"}, r"years\.population: input should be a valid integer"),
        ({"disability": [2010, 2015]}, "years.disability: 2 years where the appendix shows one year"),
        ({"immigrants": [2005, 2008, 2011]}, "3 years where the appendix shows a first and a last year"),
        ({"disabilty": 2015}, "did you mean 'disability'"),
    ],
)
def test_years_that_make_no_sense_are_named(years: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        _ = catalogue_of(edition="2011", years=years).edition


def test_one_year_where_a_series_is_usual_gives_one_column_and_plain_texts() -> None:
    years = {**dict.fromkeys(("population", "households", "immigrants"), 2011), "dwellings": 2010, "block_prices": 2010}
    made = compute(edition="2011", years={**years, "prices": 2003})
    catalogue, cells = made.catalogue, made.cells()
    for key in ("tabell_01", "tabell_02", "figur_05", "figur_08", "figur_12", "figur_03a"):
        assert len(layout(key, catalogue).columns) == 1
    assert len(layout("figur_03b", catalogue).columns) == 2  # the report's own and the substitute
    assert {cell.number for cell in of_object(cells, "figur_05")} == {100.0}
    subtitles = {key: catalogue.text(spec.subtitle, "nb") for key, spec in catalogue.appendix.objects.items()}
    for key, year in (("tabell_01", "2011"), ("figur_08", "2011"), ("figur_12", "2010")):
        assert re.findall(r"\b(?:19|20)\d\d\b", subtitles[key]) == [year]
    # The last year is the same statistic as in the print, whatever stands beside it.
    assert by_place(cells)["figur_08", "follo", "last"].basis == "source"


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(1900, 2100), min_size=1, max_size=4, unique=True).map(sorted),
    st.integers(1900, 2099),
    st.sampled_from(["report", "current", "harmonised"]),
)
def test_any_years_give_all_cells_each_with_a_value_or_a_reason(years: list[int], year: int, policy: str) -> None:
    chosen = {"population": years, "households": years, "age_structure": year, "disability": year, "map": year}
    made = compute(edition="2018", borders=policy, years=chosen)
    cells = made.cells()
    assert {cell.place.object for cell in cells} == set(made.catalogue.appendix.objects)
    missing = [cell.missing.reason for cell in cells if cell.missing]
    assert len(missing) == sum(cell.basis == "missing" for cell in cells)
    assert "image_only" not in missing
    assert set(missing) <= set(made.catalogue.labels.reasons)


def test_a_range_of_one_year_is_written_as_that_year() -> None:
    edition = load(project(PROJECT), {"edition": "2018", "years": {"prices": 2015, "dwellings": [2012, 2018]}}).edition
    assert fill_years("{prices.span}, {prices.first} og {prices.last}", edition) == "2015, 2015"
    assert fill_years("{dwellings.first} and {dwellings.last}", edition) == "2012 and 2018"


@pytest.mark.parametrize(("year", "basis"), [(2006, "missing"), (2007, "source"), (2026, "source"), (2027, "missing")])
def test_a_division_is_not_claimed_for_a_year_in_which_it_is_not_known(year: int, basis: str) -> None:
    own = compute(edition="2011", years={"map": year}).cells("figur_01")
    assert {cell.basis for cell in own} == {basis}
    assert all(cell.missing == Missing("unknown_borders") for cell in own) == (basis == "missing")
