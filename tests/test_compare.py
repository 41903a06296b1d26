from __future__ import annotations

import dataclasses
import math
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats import compare as comparison
from groruddalen_stats.appendix.display import displayed
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare import Compared, Side
from groruddalen_stats.compare.charts import draw, svg
from groruddalen_stats.compare.page import render
from groruddalen_stats.compare.sentences import main_lines, sentences
from groruddalen_stats.compare.sides import AREA, step_between
from groruddalen_stats.compare.words import Words
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths
from workbench import PROJECT, builder, by_place, catalogue

DISTRICTS = ("bjerke", "grorud", "stovner", "alna")
DISTRICTS_TOLD = ("all_rose", "all_fell", "mixed")


@cache
def edition(name: str, language: str = "nb") -> tuple[Catalogue, pd.DataFrame]:
    made = builder(edition=name, language=language)
    return made.catalogue, displayed(made.table(), made.catalogue)


@cache
def compared(object_id: str, *names: str, language: str = "nb") -> Compared:
    pairs = [edition(name, language) for name in names]
    return comparison.compare(object_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def said(object_id: str, *names: str, language: str = "nb") -> str:
    part = compared(object_id, *names, language=language)
    return " ".join(sentences(part, Words(edition(names[0], language)[0])))


def words(language: str = "nb") -> Words:
    return Words(edition("2011", language)[0])


def side(**changes: Any) -> Side:
    """Return a synthetic cell."""
    plain = Side(
        "2011", 2011, 100.0, 0, "100", "persons", "source", (), (), None, approximate=False, notes=()
    )
    return dataclasses.replace(plain, **changes)


# ---- what is matched -----------------------------------------------------------------------------------------------


def test_a_time_series_is_matched_by_its_first_and_its_last_year() -> None:
    part = compared("tabell_01", "2011", "2018")
    assert [role.id for role in part.roles] == ["first", "last"]
    first, last = part.lines["bjerke", "first"], part.lines["bjerke", "last"]
    assert [found.year for found in first.sides if found] == [2001, 2012]
    assert [found.year for found in last.sides if found] == [2011, 2018]


def test_the_values_are_those_of_the_cells_and_the_change_is_computed_from_them() -> None:
    old, new = by_place(edition("2011")[1]), by_place(edition("2018")[1])
    for (row, role), line in compared("tabell_01", "2011", "2018").lines.items():
        before = old["tabell_01", row, "2011" if role == "last" else "2001"].value
        after = new["tabell_01", row, "2018" if role == "last" else "2012"].value
        assert line.step.value == pytest.approx(100 * (after - before) / before)
        assert line.step.unit == "percent"


def test_shares_change_in_points_and_rates_in_their_own_unit() -> None:
    old, new = by_place(edition("2011")[1]), by_place(edition("2018")[1])
    for key, column, unit in (
        ("tabell_03", "age_67_79", "percentage_points"),
        ("tabell_08", "women", "percentage_points"),
        ("tabell_10", "housing_allowance", "per_1000_households"),
    ):
        step = compared(key, "2011", "2018").lines["alna", column].step
        assert step.unit == unit
        assert step.value == pytest.approx(new[key, "alna", column].value - old[key, "alna", column].value)


def test_ranks_are_the_order_of_the_districts_in_each_edition() -> None:
    for key, role in (("tabell_01", "last"), ("tabell_07", "recipients"), ("tabell_08", "both")):
        part = compared(key, "2011", "2018", "2024")
        for index in range(3):
            sides = {name: part.lines[name, role].sides[index] for name in DISTRICTS}
            values = {name: found.value for name, found in sides.items() if found is not None}
            for name in DISTRICTS:
                higher = sum(values[other] > values[name] for other in DISTRICTS)
                assert part.lines[name, role].places[index] == higher + 1
        assert part.lines["oslo", role].places == ()


def test_districts_without_a_full_set_of_values_have_no_rank() -> None:
    line = compared("tabell_02", "2011", "2024").lines["bjerke", "last"]
    assert line.places == (2, None)


# ---- what cannot be compared ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("object_id", ["figur_02", "figur_10", "tabell_05", "tabell_12"])
def test_what_is_missing_stays_missing(object_id: str) -> None:
    part = compared(object_id, "2011", "2018")
    assert {line.step.why for line in part.lines.values()} == {"missing"}
    why = words()("cannot_missing", editions=words()("edition", name="2018"))
    assert said(object_id, "2011", "2018") == words()("cannot", why=why)


def test_indices_with_different_base_years_are_not_compared() -> None:
    part = compared("figur_05", "2011", "2018")
    assert {line.step.why for line in part.lines.values()} <= {"base", "missing"}
    assert said("figur_05", "2011", "2018", language="en") == (
        "Cannot be compared: the indices have different base years."
    )


def test_a_region_on_moved_borders_is_not_compared_but_an_adjusted_one_is_marked() -> None:
    part = compared("tabell_01", "2011", "2024")
    assert part.lines["asker_og_baerum", "last"].step.why == "borders"
    assert part.lines["ovre_romerike", "last"].step.why == "borders"
    assert part.lines["follo", "last"].step.why is None
    adjusted = part.lines["nedre_romerike", "last"].step
    assert adjusted.why is None
    assert "adjusted" in adjusted.marks
    assert "adjusted" not in part.lines["follo", "last"].step.marks


def test_numbers_that_came_about_differently_are_marked_and_told() -> None:
    part = compared("tabell_02", "2011", "2018")
    # The print against weighted estimates, and a break in 2014 between them.
    assert part.lines["oslo", "last"].step.marks == ("series", "basis")
    known = catalogue().labels.words
    before, after = known["legend_recomputed"].nb, known["legend_source"].nb
    told = words()("bases", first=2011, before=before, last=2018, after=after)
    assert said("tabell_02", "2011", "2018").endswith(told)
    assert compared("tabell_01", "2011", "2018").lines["oslo", "last"].step.marks == ()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"value": math.nan}, {}, "missing"),
        ({}, {"value": math.nan}, "missing"),
        ({"base": 2001}, {"base": 2012}, "base"),
        ({}, {"breaks": ("B1",)}, "borders"),
        ({"breaks": ("B1",)}, {"breaks": ("B1",)}, None),
        ({}, {"breaks": ("B5",)}, None),
        ({"approximate": True}, {}, "approximate"),
        ({"value": 0.0}, {}, "zero"),
        ({"value": 0.0, "unit": "percent"}, {"unit": "percent"}, None),
    ],
)
def test_every_reason_for_no_change(before: dict[str, Any], after: dict[str, Any], why: str | None) -> None:
    step = step_between(side(**before), side(**after), catalogue())
    assert step.why == why
    assert math.isnan(step.value) == (why is not None)


def test_a_break_in_a_source_between_the_years_is_marked_and_told() -> None:
    part = compared("tabell_07", "2011", "2018")
    assert part.lines["alna", "recipients"].step.marks == ("series",)
    assert compared("tabell_07", "2018", "2024").lines["alna", "recipients"].step.marks == ()
    note = catalogue().labels.notes[catalogue().sources.sources["oslo_sto013"].breaks[0].note]
    assert note.nb in page("2011", "2018")
    text = said("tabell_07", "2011", "2018")
    line = compared("tabell_07", "2011", "2018").lines["groruddalen", "recipients"]
    rose = words()("rose", label=words().label(line), region=words().region(line)).partition("{before}")[0]
    assert text.startswith(f"{note.nb} {words()('as_they_stand')} {rose}")
    # The break moves districts differently.
    assert not any(words()(key).partition("{")[0] in text for key in DISTRICTS_TOLD)


def test_a_row_that_an_edition_does_not_have_is_missing() -> None:
    part = compared("figur_02", "2011", "2018")
    assert part.lines["d0903", "blocks"].sides[1] is None
    assert step_between(None, side(), catalogue()).why == "missing"


# ---- sentences -----------------------------------------------------------------------------------------------------


def test_a_sentence_says_what_the_numbers_say_in_both_languages() -> None:
    thin = "\N{NARROW NO-BREAK SPACE}"
    numbers = {
        "nb": (f"131{thin}720", f"141{thin}706", "+7,6", "+13,3", "+4,7", "+12,4"),
        "en": ("131,720", "141,706", "+7.6", "+13.3", "+4.7", "+12.4"),
    }
    for language, (before, after, area, most, least, oslo) in numbers.items():
        write = words(language)
        line = compared("tabell_01", "2011", "2018", language=language).lines["groruddalen", "last"]
        percent = {number: write("unit_percent", change=number) for number in (area, most, least, oslo)}
        assert said("tabell_01", "2011", "2018", language=language) == " ".join(
            [
                write(
                    "rose",
                    label=write.label(line),
                    region=write.region(line),
                    before=before,
                    first=2011,
                    after=after,
                    last=2018,
                    change=percent[area],
                ),
                write(
                    "all_rose",
                    most="Bjerke",
                    most_change=percent[most],
                    least="Grorud",
                    least_change=percent[least],
                ),
                write("other", region="Oslo", change=percent[oslo]),
                write("same_order"),
            ]
        )


def test_the_map_tells_which_parts_are_new() -> None:
    assert said("figur_01", "2011", "2018") == (
        "Kartet har 22 delbydeler i 2011 og 23 i 2018. Bare i 2011: Økern. Bare i 2018: Refstad og Ulven."
    )
    assert said("figur_01", "2018", "2024", language="en") == (
        "The map has the same 23 sub-districts in 2018 and 2024."
    )


def test_rising_falling_and_mixed_changes_have_their_own_words() -> None:
    fell = said("tabell_08", "2011", "2018")
    percent = catalogue().indicators.units["percent"].sign.nb
    part = words()("fell", before=f"9,9{percent}", first=2010, after=f"9,2{percent}", last=2017)
    assert part.partition("{region}")[2].partition("{change}")[0] in fell
    points = words()("unit_percentage_points", change="−1,8")
    assert words()("all_fell", most="Stovner", most_change=points).partition("{least}")[0] in fell
    assert words()("mixed").partition("{")[0] in said("tabell_03", "2011", "2018")
    # A series with a break between the years is not said to have risen or fallen.
    broken = said("tabell_10", "2011", "2018")
    assert catalogue().labels.notes["households_2014"].nb in broken
    assert not any(words()(key).partition("{")[0] in broken for key in DISTRICTS_TOLD)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize(
    "names", [("2011", "2018"), ("2018", "2024"), ("2011", "2018", "2024"), ("2024", "2011")]
)
def test_every_object_has_a_sentence_and_every_number_in_it_is_one_of_its_own(
    names: tuple[str, ...], language: str
) -> None:
    words = Words(edition(names[0], language)[0])
    for key in edition(names[0], language)[0].appendix.objects:
        part = compared(key, *names, language=language)
        text = " ".join(sentences(part, words))
        assert text
        assert "{" not in text
        lines = list(part.lines.values())
        known = {words.signed(line.step).lstrip("+−") for line in lines}
        known |= {found.display for line in lines for found in line.sides if found}
        known |= {str(found.year) for line in lines for found in line.sides if found}
        known |= {str(place) for line in lines for place in line.places if place}
        known |= {str(next(iter(plan.cells.values())).year) for plan in part.layouts}
        known |= {str(len(plan.rows)) for plan in part.layouts} | set(names) | {"1000"}
        labels = [role.label[words.language] for role in part.roles if role.label]
        labels += [
            words.catalogue.indicators.indicators[line.indicator].label[words.language] for line in lines
        ]
        labels += [note[words.language] for note in words.catalogue.labels.notes.values()]
        for label in labels:
            text = text.replace(label, "")
        for number in re.findall(r"\d[\d\u202f,.]*\d|\d", text):
            assert number in known, (key, number, text)


@given(st.floats(-1e6, 1e6), st.floats(1, 1e6))
def test_a_change_keeps_its_sign_when_it_is_written(change: float, start: float) -> None:
    before, after = side(value=start), side(value=start + change)
    step = step_between(before, after, catalogue())
    text = Words(catalogue()).signed(step)
    assert text.startswith("+") == (step.rounded > 0)
    assert text.startswith("−") == (step.rounded < 0)


# ---- figures and files ---------------------------------------------------------------------------------------------


def test_small_multiples_have_one_panel_per_row_and_the_same_bytes_on_every_run() -> None:
    part = compared("tabell_01", "2011", "2018", "2024")
    lines = main_lines(part)
    words = Words(edition("2011")[0])
    first, again = svg(draw(lines, "title", words)), svg(draw(lines, "title", words))
    assert first == again
    for line in lines:
        assert f">{words.region(line)}<" in first
        assert words.change(line.step) in first


def test_a_line_is_not_drawn_across_moved_borders_or_missing_values() -> None:
    words = Words(edition("2011")[0])
    lines = [
        line
        for line in compared("tabell_01", "2011", "2018", "2024").lines.values()
        if line.role.id == "last"
    ]
    by_row = {line.row.id: line for line in lines}
    for row, count in (("follo", 2), ("asker_og_baerum", 1)):
        drawn = draw([by_row[row]], "title", words).axes[0].lines
        strokes = [
            line for line in drawn if line.get_linewidth() == 2.0 and line.get_marker() in {"None", None}
        ]
        assert len(strokes) == count


class Outline(HTMLParser):
    """Collects what an accessible page needs."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.scopes: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.captions = self.tables = self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "th":
            self.scopes.append(found.get("scope", ""))
        if tag == "a":
            self.links.append(found["href"])
        if tag == "svg":
            self.pictures += 1
            assert found["role"] == "img"
            assert found["aria-label"]
        self.outside += [
            found[key] for key in ("src", "href") if found.get(key, "").startswith(("http", "//"))
        ]
        assert tag != "script"


def page(*names: str, language: str = "nb") -> str:
    catalogues = [edition(name, language)[0] for name in names]
    objects = {key: compared(key, *names, language=language) for key in catalogues[0].appendix.objects}
    return render(catalogues, objects, Words(catalogues[0]))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_is_self_contained_and_has_what_a_screen_reader_needs(language: str) -> None:
    text = page("2011", "2018", language=language)
    outline = Outline()
    outline.feed(text)
    assert f'<html lang="{language}">' in text
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.headings[0] == 1
    assert all(
        later - earlier <= 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False)
    )
    assert outline.tables == outline.captions >= 20
    assert set(outline.scopes) == {"row", "col", "colgroup"}
    assert outline.outside == []
    assert outline.pictures > 5
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert len(text.encode()) < 2_000_000
    assert not re.search(r"\{[a-z_]+\}", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


def test_the_page_is_the_same_on_every_run() -> None:
    assert page("2011", "2018") == page("2011", "2018")


def test_files_hold_every_value_of_every_edition(tmp_path: Any) -> None:
    pairs = [edition(name) for name in ("2011", "2018", "2024")]
    catalogues = [dataclasses.replace(pair[0], paths=Paths(tmp_path)) for pair in pairs]
    for made, pair in zip(catalogues, pairs, strict=True):
        made.__dict__.update({k: v for k, v in pair[0].__dict__.items() if k != "paths"})
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "compare.yaml").write_bytes((PROJECT / "config" / "compare.yaml").read_bytes())
    written = comparison.write(catalogues, [pair[1] for pair in pairs])
    assert written == tmp_path / "report" / "compare-2011-2018-2024" / "compare.html"
    files = sorted(path.stem for path in (written.parent / "data").glob("*.csv"))
    assert files == sorted(catalogues[0].appendix.objects)
    table = pd.read_csv(written.parent / "data" / "tabell_01.csv", dtype={"edition": str})
    assert len(table) == 10 * 2 * 3
    row = table[(table["row"] == "alna") & (table["column"] == "last")].set_index("edition")
    assert row["value"].to_list() == [47025, 49358, 50378]
    assert row.loc["2018", "change"] == pytest.approx(100 * (49358 - 47025) / 47025)
    assert row["change_from"].isna().to_list() == [True, False, False]
    baerum = table[(table["row"] == "asker_og_baerum") & (table["column"] == "last")].set_index("edition")
    assert baerum["not_comparable"].to_list()[2] == "borders"


@pytest.mark.parametrize("names", [(), ("2011",), ("2011", "2011")])
def test_one_edition_or_the_same_twice_cannot_be_compared(names: tuple[str, ...]) -> None:
    pairs = [edition(name) for name in names]
    with pytest.raises(ConfigError, match="name two or more different ones"):
        comparison.write([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def test_the_area_that_is_ranked_consists_of_the_four_districts() -> None:
    assert catalogue().regions.members(AREA) == DISTRICTS
