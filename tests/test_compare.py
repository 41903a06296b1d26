from __future__ import annotations

import dataclasses
import itertools
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pages
import small
from groruddalen_stats import compare as comparison
from groruddalen_stats.appendix.model import Basis, Cell, Flag, FlagKind
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.compare import Compared, ComparedCell
from groruddalen_stats.compare.charts import draw, svg
from groruddalen_stats.compare.page import render
from groruddalen_stats.compare.sentences import main_lines, sentences
from groruddalen_stats.compare.sides import step_between
from groruddalen_stats.compare.words import CompareWords
from groruddalen_stats.errors import ConfigError
from workbench import catalogue, compute

DISTRICTS = ("bjerke", "alna")
DISTRICTS_TOLD = ("all_rose", "all_fell", "mixed")
SMALL = ("2010", "2020")
Flags = tuple[tuple[FlagKind, str], ...]


@cache
def edition(name: str, language: str = "nb") -> tuple[Catalogue, list[Cell]]:
    """Return an edition of the small project, or else of the shipped one."""
    of = small.compute if name in SMALL else compute
    made = of(edition=name, language=language)
    return made.catalogue, made.cells()


@cache
def compared(object_id: str, *names: str, language: str = "nb") -> Compared:
    pairs = [edition(name, language) for name in names or SMALL]
    return comparison.compare(object_id, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def of_population(before: list[Cell], after: list[Cell]) -> Compared:
    return comparison.compare("tabell_01", [small.catalogue(edition=name) for name in SMALL], [before, after])


def said(object_id: str, *names: str, language: str = "nb") -> str:
    part = compared(object_id, *names, language=language)
    return " ".join(sentences(part, CompareWords(edition((names or SMALL)[0], language)[0])))


def words(language: str = "nb") -> CompareWords:
    return CompareWords(edition("2010", language)[0])


def moved(**numbers: float) -> Compared:
    """Return table 1 with other numbers in the last year of the second edition."""
    after = small.cells("tabell_01", edition="2020")
    for row, number in numbers.items():
        after = small.changed(after, f"tabell_01/{row}/2020", number=float(number))
    return comparison.compare("tabell_01", [edition(name)[0] for name in SMALL], [small.cells(), after])


@cache
def plain() -> Cell:
    return small.cell(edition("2010")[1], "tabell_01/oslo/2010")


def side(number: float = 100.0, unit: str = "persons", base: int | None = None, flags: Flags = ()) -> ComparedCell:
    """Return a synthetic cell."""
    cell = small.with_value(plain(), number=number, flags=tuple(Flag(*flag) for flag in flags))
    return ComparedCell(
        dataclasses.replace(cell, unit=unit, spec=dataclasses.replace(cell.spec, base=base)), "", (), ""
    )


def test_a_time_series_is_matched_by_its_first_and_its_last_year() -> None:
    part = compared("tabell_01")
    assert [role.id for role in part.roles] == ["first", "last"]
    years = {role: [s.cell.spec.year for s in part.lines["bjerke", role].sides if s] for role in ("first", "last")}
    assert years == {"first": [2009, 2019], "last": [2010, 2020]}


@pytest.mark.parametrize(
    ("object_id", "row", "role", "change", "unit"),
    [
        ("tabell_01", "bjerke", "last", 100 * 500 / 1100, "percent"),
        ("tabell_01", "groruddalen", "last", 100 * 1000 / 3200, "percent"),
        ("tabell_03", "oslo_counted_once", "share", 3 - 4, "percentage_points"),
        ("tabell_03", "alna", "recipients", 100 * 25 / 105, "percent"),
    ],
)
def test_numbers_change_in_per_cent_and_shares_in_points(
    object_id: str, row: str, role: str, change: float, unit: str
) -> None:
    step = compared(object_id).lines[row, role].step
    assert step.value == pytest.approx(change)
    assert step.unit == unit


def test_ranks_are_the_order_of_the_districts_in_each_edition() -> None:
    shares = compared("tabell_03")
    assert [shares.lines[name, "share"].places for name in DISTRICTS] == [(1, 1), (2, 1)]
    assert shares.lines["oslo", "share"].places == ()
    # Of households the second edition has none.
    assert compared("tabell_02").lines["bjerke", "last"].places == (2, None)


@pytest.mark.parametrize("object_id", ["tabell_02", "figur_02"])
def test_what_is_missing_stays_missing(object_id: str) -> None:
    assert {line.step.why for line in compared(object_id).lines.values()} == {"missing"}
    why = words()("cannot_missing", editions=words()("edition", name="2020"))
    assert said(object_id) == words()("cannot", why=why)


def test_indices_with_different_base_years_are_not_compared() -> None:
    assert {line.step.why for line in compared("figur_01").lines.values()} == {"base"}
    assert said("figur_01") == words()("cannot", why=words()("sign_base"))


def test_a_region_on_moved_borders_is_not_compared() -> None:
    assert compared("tabell_01").lines["vest", "last"].step.why == "borders"
    assert compared("tabell_01").lines["oslo", "last"].step.why is None


def test_numbers_that_came_about_differently_are_marked_and_told() -> None:
    after = [small.with_value(cell, basis=Basis.RECOMPUTED) for cell in small.cells("tabell_01", edition="2020")]
    part = comparison.compare("tabell_01", [edition(name)[0] for name in SMALL], [small.cells(), after])
    assert part.lines["oslo", "last"].step.marks == ("basis",)
    known = words().catalogue.labels.words
    bases = {"before": known["legend_source"].nb, "after": known["legend_recomputed"].nb}
    told = words()("bases", first=2010, last=2020, **bases)
    assert " ".join(sentences(part, words())).endswith(told)
    assert compared("tabell_01").lines["oslo", "last"].step.marks == ()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({"number": math.nan}, {}, "missing"),
        ({}, {"number": math.nan}, "missing"),
        ({"base": 2001}, {"base": 2012}, "base"),
        ({}, {"flags": [(FlagKind.BORDER, "B1")]}, "borders"),
        ({"flags": [(FlagKind.BORDER, "B1")]}, {"flags": [(FlagKind.BORDER, "B1")]}, None),
        ({}, {"flags": [(FlagKind.BORDER, "B5")]}, None),
        ({"flags": [(FlagKind.APPROXIMATE, "about")]}, {}, "approximate"),
        ({"number": 0.0}, {}, "zero"),
        ({"number": 0.0, "unit": "percent"}, {"unit": "percent"}, None),
    ],
)
def test_every_reason_for_no_change(before: dict[str, Any], after: dict[str, Any], why: str | None) -> None:
    step = step_between(side(**before), side(**after), catalogue())
    assert step.why == why
    assert math.isnan(step.value) == (why is not None)


def test_a_break_in_a_source_between_the_years_is_marked_and_told() -> None:
    line = compared("tabell_03").lines["groruddalen", "recipients"]
    assert line.step.marks == ("series",)
    text, note = said("tabell_03"), words().catalogue.labels.notes["social_assistance_2016"].nb
    assert note in page()
    assert text.startswith(f"{note} {words()('as_they_stand')} ")
    # The break moves districts differently.
    assert not any(words()(key).partition("{")[0] in text for key in DISTRICTS_TOLD)


def test_a_row_that_an_edition_does_not_have_is_missing() -> None:
    assert step_between(None, side(), catalogue()).why == "missing"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_sentence_says_what_the_numbers_say_in_both_languages(language: str) -> None:
    thin = "\N{NARROW NO-BREAK SPACE}"
    before, after, *changes = {
        "nb": (f"3{thin}200", f"4{thin}200", "+31,3", "+45,5", "+23,8", "+33,3"),
        "en": ("3,200", "4,200", "+31.3", "+45.5", "+23.8", "+33.3"),
    }[language]
    write = words(language)
    line = compared("tabell_01", language=language).lines["groruddalen", "last"]
    area, most, least, oslo = (write("unit_percent", change=number) for number in changes)
    at: dict[str, Any] = {"label": write.label(line), "region": write.region(line), "first": 2010, "last": 2020}
    rose = write("rose", **at, before=before, after=after, change=area)
    all_rose = write("all_rose", most="Bjerke", most_change=most, least="Alna", least_change=least)
    told = " ".join([rose, all_rose, write("other", region="Oslo", change=oslo), ""])
    assert said("tabell_01", language=language).split(write("same_order"))[0] == told


@pytest.mark.parametrize(
    ("bjerke", "alna", "key", "most"),
    [(1000, 2000, "all_fell", "Bjerke"), (1200, 2000, "mixed", "Bjerke"), (1000, 2200, "mixed", "Alna")],
)
def test_falling_and_mixed_changes_have_their_own_words(bjerke: int, alna: int, key: str, most: str) -> None:
    found = words()(key, most=most, most_change="|", least="|", least_change="|").partition("|")[0]
    assert found in " ".join(sentences(moved(bjerke=bjerke, alna=alna), words()))


def test_districts_that_change_places_are_told() -> None:
    moves = [
        words()("move", region="Bjerke", before="2", after="1"),
        words()("move", region="Alna", before="1", after="2"),
    ]
    assert words()("new_order", moves=words().joined(moves)) in " ".join(sentences(moved(bjerke=9000), words()))


def test_the_map_tells_which_parts_are_new() -> None:
    write = words()
    assert said("figur_01", "2011", "2018") == " ".join(
        [
            write("new_parts", before=22, after=23, first="2011", last="2018"),
            write("parts_only", year="2011", names="Økern"),
            write("parts_only", year="2018", names=write.joined(["Refstad", "Ulven"])),
        ]
    )
    same = words("en")("same_parts", count=23, first="2018", last="2024")
    assert said("figur_01", "2018", "2024", language="en") == same


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("names", [SMALL, SMALL[::-1], ("2011", "2018"), ("2018", "2024")])
def test_every_object_has_a_sentence_and_every_number_in_it_is_one_of_its_own(
    names: tuple[str, ...], language: str
) -> None:
    words = CompareWords(edition(names[0], language)[0])
    for key in edition(names[0], language)[0].appendix.objects:
        part = compared(key, *names, language=language)
        text = " ".join(sentences(part, words))
        assert text
        assert "{" not in text
        lines = list(part.lines.values())
        known = {words.signed(line.step).lstrip("+−") for line in lines}
        known |= {found.display for line in lines for found in line.sides if found}
        known |= {str(found.cell.spec.year) for line in lines for found in line.sides if found}
        known |= {str(place) for line in lines for place in line.places if place}
        known |= {str(next(iter(plan.cells.values())).year) for plan in part.layouts}
        known |= {str(len(plan.rows)) for plan in part.layouts} | set(names) | {"1000"}
        labels = [role.label[words.language] for role in part.roles if role.label]
        labels += [words.catalogue.indicators.indicators[line.indicator].label[words.language] for line in lines]
        labels += [note[words.language] for note in words.catalogue.labels.notes.values()]
        for label in labels:
            text = text.replace(label, "")
        for number in re.findall(r"\d[\d\u202f,.]*\d|\d", text):
            assert number in known, (key, number, text)


@given(st.floats(-1e6, 1e6), st.floats(1, 1e6))
def test_a_change_keeps_its_sign_when_it_is_written(change: float, start: float) -> None:
    step = step_between(side(start), side(start + change), catalogue())
    text = CompareWords(catalogue()).signed(step)
    assert text.startswith("+") == (step.rounded > 0)
    assert text.startswith("−") == (step.rounded < 0)


def test_small_multiples_have_one_panel_per_row_and_the_same_bytes_on_every_run() -> None:
    part = compared("tabell_01")
    lines = main_lines(part)
    words = CompareWords(edition("2010")[0])
    first, again = svg(draw(lines, "title", words)), svg(draw(lines, "title", words))
    assert first == again
    for line in lines:
        assert f">{words.region(line)}<" in first
        assert words.change(line.step) in first


def test_a_line_is_not_drawn_across_moved_borders_or_missing_values() -> None:
    words = CompareWords(edition("2010")[0])
    lines = [line for line in compared("tabell_01").lines.values() if line.role.id == "last"]
    by_row = {line.row.id: line for line in lines}
    for row, count in (("alna", 1), ("vest", 0)):
        drawn = draw([by_row[row]], "title", words).axes[0].lines
        strokes = [line for line in drawn if line.get_linewidth() == 2.0 and line.get_marker() in {"None", None}]
        assert len(strokes) == count


def page(*, language: str = "nb") -> str:
    catalogues = [edition(name, language)[0] for name in SMALL]
    objects = {key: compared(key, language=language) for key in catalogues[0].appendix.objects}
    return render(catalogues, objects, CompareWords(catalogues[0]))


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_is_self_contained_and_has_what_a_screen_reader_needs(language: str) -> None:
    text = page(language=language)
    seen = pages.seen(text)
    assert f'<html lang="{language}">' in text
    ids, headings = seen.every("id"), seen.headings
    assert len(set(ids)) == len(ids)
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(headings))
    assert len(seen.all("table")) == len(seen.all("caption")) == 5 + 1
    assert {head["scope"] for head in seen.all("th")} == {"row", "col", "colgroup"}
    assert not [target for name in ("src", "href") for target in seen.every(name) if target.startswith(("http", "//"))]
    assert not seen.all("script")
    pictures = seen.all("svg")
    assert len(pictures) >= 2
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert {link["href"][1:] for link in seen.all("a")} <= set(ids)
    assert len(text.encode()) < 2_000_000
    assert not re.search(r"\{[a-z_]+\}", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))


def test_the_page_is_the_same_on_every_run() -> None:
    assert page() == page()


def test_files_hold_every_value_of_every_edition(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    catalogues = [load(paths, {"edition": name}) for name in SMALL]
    written = comparison.write(catalogues, [small.cells(edition=name) for name in SMALL])
    assert written == tmp_path / "report" / "compare-2010-2020" / "compare.html"
    files = sorted(path.stem for path in (written.parent / "data").glob("*.csv"))
    assert files == sorted(catalogues[0].appendix.objects)
    table = pd.read_csv(written.parent / "data" / "tabell_01.csv", dtype={"edition": str})
    assert len(table) == 5 * 2 * 2
    row = table[(table["row"] == "alna") & (table["column"] == "last")].set_index("edition")
    assert row["value"].to_list() == [2100, 2600]
    assert row.loc["2020", "change"] == pytest.approx(100 * 500 / 2100)
    assert row["change_from"].isna().to_list() == [True, False]
    vest = table[(table["row"] == "vest") & (table["column"] == "last")].set_index("edition")
    assert vest["not_comparable"].to_list()[1] == "borders"


@pytest.mark.parametrize("names", [(), ("2010",), ("2010", "2010")])
def test_one_edition_or_the_same_twice_cannot_be_compared(names: tuple[str, ...]) -> None:
    catalogues = [edition(name)[0] for name in names]
    with pytest.raises(ConfigError, match="name two or more different ones"):
        comparison.write(catalogues, [[] for _ in names])
