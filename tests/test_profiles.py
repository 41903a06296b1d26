"""What is said of one area among many: ranks, likeness and sentences, each held against a count of its own."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import small
from groruddalen_stats.config.models import Text
from groruddalen_stats.config.site import SiteColumn
from groruddalen_stats.report.areas import Pages, Set, classed, outlines, strip, trend
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.profiles import AreaNumbers, distances, gathered, nearest, ranked, said_of
from groruddalen_stats.report.words import Words


def through(own: dict[str, dict[int, float]], whole: dict[str, dict[int, float]] | None = None) -> AreaNumbers:
    """Return an indicator of several years, compared in 2020."""
    return AreaNumbers(own, 2020, 1, "percent", whole or {}, "tabell_01/last")


def indicator(own: dict[str, float], whole: float | None = None) -> AreaNumbers:
    """Return an indicator of one year."""
    years = {area: {2020: number} for area, number in own.items()}
    return through(years, {} if whole is None else {area: {2020: whole} for area in own})


def forms(one: AreaNumbers, area: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(claim.form, claim.others) for claim in said_of(one, area)]


def test_equal_numbers_as_shown_have_the_same_rank() -> None:
    one = indicator({"a": 3.04, "b": 2.96, "c": 9.0, "d": 1.0})
    assert one.ranks == {"a": 2, "b": 2, "c": 1, "d": 4}
    assert ranked({}) == {}


def test_of_each_area_the_first_true_thing_is_said_and_ties_are_named() -> None:
    one = indicator({"a": 5.0, "b": 4.0, "c": 4.04, "d": 2.0, "e": 1.0, "f": 0.5, "g": 0.4, "h": 0.3}, whole=4.0)
    assert forms(one, "a") == [("highest", ()), ("above_whole", ())]
    assert forms(one, "b") == [("rank_with", ("c",)), ("like_whole", ())]
    assert forms(one, "d") == [("only_higher", ("a", "b", "c")), ("below_whole", ())]
    assert forms(one, "e")[0] == ("only_lower", ("f", "g", "h"))
    assert forms(one, "h")[0] == ("lowest", ())
    assert forms(indicator({"a": 1.0, "b": 1.01, "c": 0.0}), "a") == [("highest_with", ("b",))]
    assert forms(indicator({"a": 1.0}), "a") == []
    assert forms(one, "nowhere") == []


def test_change_and_turn_are_of_the_years_that_there_are() -> None:
    years = {2015: 3.0, 2017: 5.0, 2018: 2.0, 2020: 4.0, 2021: 9.0}
    one = through({"a": years, "b": {2020: 1.0}})
    said = {claim.form: claim.years for claim in said_of(one, "a")}
    # 2021 is later than the year in which the areas are compared.
    assert said == {"highest": {}, "rose": {"first": 2015, "last": 2020}, "peak": {"turn": 2017}}
    assert trend(one, "b", 300) is None
    drawn = trend(one, "a", 300)
    assert drawn is not None
    assert (drawn["first"], drawn["last"], len(drawn["own"].split())) == (2015, 2020, 4)


def test_likeness_is_the_mean_distance_in_standard_deviations() -> None:
    one = indicator({"a": 1.0, "b": 2.0, "c": 6.0})
    other = replace(indicator({"a": 10.0, "b": 30.0, "c": 20.0}), key="figur_01/last")
    deviations = [math.sqrt(((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 3), math.sqrt(200 / 3)]
    expected = {
        "b": (1 / deviations[0] + 20 / deviations[1]) / 2,
        "c": (5 / deviations[0] + 10 / deviations[1]) / 2,
    }
    found = dict(distances("a", [one, other]))
    assert {area: float(distance) for area, distance in found.items()} == pytest.approx(expected, abs=0.005)
    assert [area for area, _ in nearest("a", [one, other])] == sorted(expected, key=expected.__getitem__)
    # An area that lacks too much is like none; equal numbers tell nobody apart.
    assert [area for area, _ in distances("a", [one, replace(indicator({"a": 1.0, "b": 2.0}), key="x")])] == ["b"]
    assert distances("a", [indicator({"a": 1.0, "b": 1.0})]) == []


def test_as_many_as_are_as_near_as_the_third_are_shown() -> None:
    one = indicator({"a": 0.0, "b": 1.0, "c": 2.0, "d": 3.0, "e": -3.0, "f": 9.0})
    assert [area for area, _ in nearest("a", [one])] == ["b", "c", "d", "e"]


def profile(
    *own: Mapping[int, float], whole: Mapping[int, float] | None = None, area: str = "a", same: str = "x"
) -> Any:
    kept = {"same": [same], "lag": None, "unit": "percent", "decimals": 1, "whole": whole or {}, "sources": []}
    names = {"name": Text(nb=area.upper(), en=area.upper()), "whole": Text(nb="Alt", en="All")}
    return {**names, "columns": [{**kept, "own": years} for years in own]}


def test_areas_are_compared_in_the_newest_year_that_three_quarters_have() -> None:
    every = {str(number): profile({2018: 1.0, 2019: 1.0}) for number in range(8)}
    newer = {**every, "0": profile({2018: 1.0, 2019: 1.0, 2020: 1.0})}
    assert gathered(["x"], newer)["x"].year == 2019
    newest = {key: profile({2019: 1.0, 2020: 1.0}) if int(key) < 6 else found for key, found in every.items()}
    assert gathered(["x"], newest)["x"].year == 2020
    other = {**every, "0": profile({2019: 1.0}, same="y")}
    assert "0" not in gathered(["x"], other)["x"].own
    assert gathered(["x"], {"a": {"columns": [None]}}) == {}


def test_classes_hold_about_as_many_and_never_part_equals() -> None:
    numbers = {str(number): Decimal(number // 3) for number in range(12)}
    assert [len(members) for members in classed(numbers)] == [3, 3, 3, 3]
    assert [len(members) for members in classed(dict.fromkeys("abc", Decimal(1)))] == [3]


def pages(*indicators: AreaNumbers, language: str = "nb") -> Pages:
    names = dict.fromkeys(area for one in indicators for area in one.own)
    columns = [SiteColumn(object="tabell_01", column="last", label=Text(nb="Folk", en="People"))]
    profiles = {
        area: profile(*(one.own.get(area, {}) for one in indicators), whole=indicators[0].whole.get(area), area=area)
        for area in names
    }
    catalogue = small.catalogue(language=language)
    areas = Set(catalogue, Text(nb="Noen", en="Some"), "2020", columns, profiles, dict.fromkeys(names, "../x"), [], {})
    return Pages(areas, Words(catalogue))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_page_is_whole_without_a_map_a_whole_or_a_trend(language: str) -> None:
    made = pages(indicator({"a": 5.0, "b": 4.0, "c": 4.04}), language=language)
    templates = page_templates(TEMPLATES, TEMPLATES / "areas.css")
    named = {area: f"{area}.html" for area in "abc"}
    extra = {"other": ("x.html", "nb"), "index": "index.html", "spoken": "nb"}
    index = templates.get_template("areas.html.j2").render({**made.index(named), **extra})
    assert re.findall(r'data-value="([\d.]+)"', index) == ["1", "5.0", "2", "4.0", "3", "4.0"]
    one = templates.get_template("profile.html.j2").render({**made.profile("b", named), **extra})
    compared = made.areas.indicators["tabell_01/last"]
    assert made.sentence(said_of(compared, "b")[0], compared, "b") in one
    assert "{" not in re.sub(r"<style>.*?</style>", "", one, flags=re.DOTALL)


def test_a_drawing_of_one_number_has_it_in_the_middle() -> None:
    assert strip(indicator({"a": 5.0}), "a", 420)["own"] == 210


def test_outlines_are_as_wide_as_asked_for_with_north_up() -> None:
    from shapely.geometry import box

    drawn = outlines({"south": box(10, 59, 11, 60), "north": box(10, 60, 11, 61)}, 100)
    assert drawn["points"]["north"][1] < drawn["points"]["south"][1]
    assert all(0 <= float(x) <= 100 for path in drawn["paths"].values() for x in re.findall(r"([\d.]+),", path))
    assert Path(TEMPLATES / "areas.css").is_file()
