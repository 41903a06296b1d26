from __future__ import annotations

import dataclasses
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import pages
import small
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Basis, Cell, Flag, FlagKind
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.cli import main
from groruddalen_stats.compare.lines import Line, Side, lines_of, side, step_between
from groruddalen_stats.compare.page import SIGNS
from groruddalen_stats.compare.sentences import Sentences
from groruddalen_stats.config.models import text_in
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.stages.compare import write
from workbench import catalogue, compute

SMALL = ("2010", "2020")
AREAS = ("2010+bjerke", "2010+alna")
NUMBER = re.compile(r"\d[\d\u202f,.]*\d|\d")
Flags = tuple[tuple[FlagKind, str], ...]


@cache
def run(name: str, language: str = "nb") -> tuple[Catalogue, list[Cell]]:
    """Return a run, of the small project where that has its edition, and its cells."""
    edition, _, area = name.partition("+")
    of = small.compute if edition in SMALL else compute
    made = of(edition=edition, area=area or None, language=language)
    return made.catalogue, made.cells()


@cache
def sides(*names: str, language: str = "nb") -> list[Side]:
    return [side(*run(name, language)) for name in names or SMALL]


def lines(name: str, of: list[Side] | None = None) -> dict[str, Line]:
    return {"/".join(line.key): line for line in lines_of(name, of or sides())}


def said(name: str, of: list[Side] | None = None) -> str:
    return "\n".join(Sentences(of or sides()).said(name, lines_of(name, of or sides())))


def words(key: str, of: list[Side] | None = None, **values: str | int) -> str:
    return Sentences(of or sides()).words(f"compare_{key}", **values)


def moved(**numbers: float) -> list[Side]:
    """Return the small editions with other numbers in the last year of the second one."""
    after = run("2020")[1]
    for row, number in numbers.items():
        after = small.changed(after, f"tabell_01/{row}/2020", number=float(number))
    return [sides()[0], side(run("2020")[0], after)]


def cell(number: float = 100.0, unit: str = "persons", flags: Flags = (), basis: str = "source", **spec: Any) -> Cell:
    """Return a synthetic cell."""
    oslo, about = small.cell(run("2010")[1], "tabell_01/oslo/2010"), tuple(Flag(*flag) for flag in flags)
    made = small.with_value(oslo, number=number, flags=about, basis=Basis(basis))
    return dataclasses.replace(made, unit=unit, spec=dataclasses.replace(made.spec, **spec))


@pytest.mark.parametrize(
    ("name", "key", "change", "unit", "ranks"),
    [
        ("tabell_01", "bjerke/first", 100 * 500 / 1000, "percent", (2, 2)),
        ("tabell_01", "bjerke/last", 100 * 500 / 1100, "percent", (2, 2)),
        ("tabell_01", "groruddalen/last", 100 * 1000 / 3200, "percent", (0, 0)),
        ("tabell_03", "oslo_counted_once/share", 3 - 4, "percentage_points", (0, 0)),
        ("tabell_03", "alna/recipients", 100 * 25 / 105, "percent", (2, 1)),
        ("tabell_03", "alna/share", 0, "percentage_points", (2, 1)),
        ("tabell_02", "bjerke/last", math.nan, "percent", (2, 0)),
    ],
)
def test_counts_change_in_per_cent_and_shares_in_points_and_districts_have_places(
    name: str, key: str, change: float, unit: str, ranks: tuple[int, int]
) -> None:
    line = lines(name)[key]
    assert line.steps[0].value == pytest.approx(change, nan_ok=True)
    assert (line.steps[0].unit, line.ranks) == (unit, ranks)


def test_numbers_that_look_equal_share_a_place() -> None:
    found = lines("tabell_01", moved(bjerke=2600.2, alna=2600.4))
    assert [found[key].ranks for key in ("bjerke/last", "alna/last")] == [(2, 1), (1, 1)]


@pytest.mark.parametrize(
    ("before", "after", "signs"),
    [
        ({"number": math.nan}, {}, "missing"),
        ({}, {"number": math.nan}, "missing"),
        ({}, {}, "same"),
        ({}, {"number": 101.0}, ""),
        ({}, {"number": 101.0, "basis": "recomputed"}, "basis"),
        ({}, {"detail": "other"}, "definition"),
        ({"base": 2001}, {"base": 2012}, "base"),
        ({}, {"year": 2020, "flags": [(FlagKind.BORDER, "B1")]}, "borders"),
        ({"flags": [(FlagKind.BORDER, "B1")]}, {"year": 2020, "flags": [(FlagKind.BORDER, "B1")]}, ""),
        ({}, {"year": 2020, "flags": [(FlagKind.BORDER, "B5")]}, "adjusted"),
        ({"flags": [(FlagKind.APPROXIMATE, "about")]}, {"year": 2020}, "approximate"),
        ({"number": 0.0}, {"year": 2020}, "zero"),
        ({"number": 0.0, "unit": "percent"}, {"unit": "percent", "year": 2020}, ""),
    ],
)
def test_every_reason_for_no_change_and_every_mark(before: dict[str, Any], after: dict[str, Any], signs: str) -> None:
    step = step_between(cell(**before), cell(**after), catalogue())
    assert " ".join(step.signs) == signs
    assert math.isnan(step.value) == bool(step.why) == (signs not in {"", "basis", "adjusted"})
    assert step_between(None, cell(), catalogue()).why == "missing"


def test_what_cannot_be_compared_says_why() -> None:
    missing = words("cannot", why=words("cannot_missing", names="2020"))
    assert said("tabell_02") == said("figur_02") == missing
    assert said("figur_01") == words("cannot", why=words("sign_base"))
    found = lines("tabell_01")
    assert (found["vest/last"].steps[0].why, found["oslo/last"].steps[0].why) == ("borders", "")


def test_a_break_in_a_source_is_marked_and_told_and_nobody_is_ranked_across_it() -> None:
    assert lines("tabell_03")["groruddalen/recipients"].steps[0].marks == ("series",)
    note = run("2010")[0].labels.notes["social_assistance_2016"].nb
    assert said("tabell_03").startswith(f"{note} {words('as_they_stand')} ")
    assert words("most", districts="|").partition("|")[0] not in said("tabell_03")


@pytest.mark.parametrize(
    ("language", "before", "after", "changes"),
    [
        ("nb", "3\N{NARROW NO-BREAK SPACE}200", "4\N{NARROW NO-BREAK SPACE}200", ("+31,3", "+45,5", "+23,8", "+33,3")),
        ("en", "3,200", "4,200", ("+31.3", "+45.5", "+23.8", "+33.3")),
    ],
)
def test_sentences_say_what_the_numbers_say(language: str, before: str, after: str, changes: tuple[str, ...]) -> None:
    of = sides(*SMALL, language=language)
    tell, line = Sentences(of), lines("tabell_01", of)["groruddalen/last"]
    area, most, least, oslo = (words("unit_percent", of, change=change) for change in changes)
    at = {"label": line.statistic, "region": line.region, "first": "2010", "last": "2020"}
    called = of[0][0].area.called[tell.language]
    assert said("tabell_01", of) == " ".join(
        [
            words("rose", of, **at, before=before, after=after, change=area),
            words("most", of, districts=called, most=f"Bjerke ({most})", least=f"Alna ({least})"),
            words("other", of, region="Oslo", change=oslo),
        ]
    )


@pytest.mark.parametrize(("number", "key"), [(3300, "rose"), (3100, "fell"), (3200, "unchanged")])
def test_a_number_rises_falls_or_stays_as_a_claim_bears_out(number: int, key: str) -> None:
    told = said("tabell_01", moved(groruddalen=number, bjerke=1100, alna=2100))
    change = {"rose": "+3,1", "fell": "−3,1", "unchanged": "0,0"}[key]
    assert f"({words('unit_percent', change=change)})" in told
    verb = words(key, region="|", before="|").split("|")[1]
    assert verb in told
    # Both districts changed alike, so that none of them did most.
    assert words("most", districts="|").partition("|")[0] not in told


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("names", [SMALL, SMALL[::-1], AREAS, ("2010+bjerke", "2020"), ("2011", "2018", "2024")])
def test_every_object_is_told_and_every_number_in_it_is_one_of_its_own(names: tuple[str, ...], language: str) -> None:
    of = sides(*names, language=language)
    tell = Sentences(of)
    for name in set.intersection(*(set(cells) for _, cells in of)):
        found = lines_of(name, of)
        text = " ".join(tell.said(name, found))
        assert text
        assert "{" not in text
        cells = [at for line in found for at in line.cells if at]
        pool = [
            *names,
            *(line.statistic for line in found),
            *map(tell.value, cells),
            *(f"{at.spec.year}" for at in cells),
        ]
        pool += [tell.change(step) for line in found for step in line.steps if not step.why]
        pool += [note[tell.language] for note in tell.catalogue.labels.notes.values()]
        pool += [f"{len(layout(name, at).rows)}" for at, _ in of]
        assert set(NUMBER.findall(text)) <= set(NUMBER.findall(" ".join(pool))), (name, text)


def test_the_map_tells_which_parts_are_new() -> None:
    of = sides("2011", "2018", "2024")
    rows = words("rows", of, before=22, after=23, first="2011", last="2018")
    both = Sentences(of).words.listed(["Refstad", "Ulven"])
    only = [words("only", of, side="2011", names="Økern"), words("only", of, side="2018", names=both)]
    same = words("rows", of, before=23, after=23, first="2018", last="2024")
    assert said("figur_01", of) == "\n".join([" ".join([rows, *only]), same])


def test_areas_are_compared_as_a_whole_with_what_they_are_part_of() -> None:
    of = sides(*AREAS)
    found = lines("tabell_03", of)
    assert {line.place for line in found.values()} == {"area", "whole", "oslo_counted_once"}
    assert found["area/share"].steps[0].value == -5
    assert [step.why for step in found["whole/share"].steps] == ["same"]
    # 200 of 1000 households in Bjerke, 116.7 in Alna, 100 in Oslo: what differs most and is no count.
    label = found["area/rate"].statistic
    rate = text_in(run("2010")[0].indicators.units["per_1000_households"].sign, "nb")
    each = words("each", of, label=f"{label}, 2010", values=f"Bjerke 200,0{rate} {'og'} Alna 116,7{rate}")
    over = words("above", of, region="Oslo", value=f"100,0{rate}", names="Bjerke og Alna")
    assert said("tabell_03", of) == " ".join([each, words("highest", of, region="Bjerke"), over])


def test_areas_of_the_same_years_have_all_of_them_and_of_others_the_ends() -> None:
    assert [line.measure for line in lines_of("tabell_01", sides(*AREAS)) if line.place == "area"] == ["2009", "2010"]
    both = lines("tabell_01", sides("2010+bjerke", "2020"))
    assert [at.number for at in both["area/last"].cells if at] == [1100, 4200]
    assert [at.number for at in both["whole/last"].cells if at] == [6300, 8400]


def written(root: Path, *names: str, language: str = "nb") -> Path:
    runs = [name.partition("+")[::2] for name in names]
    settings = [{"edition": edition, "area": area or None, "language": language} for edition, area in runs]
    return write(small.place(root), settings)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("names", [SMALL, AREAS])
def test_the_page_is_self_contained_and_the_same_on_every_run(
    tmp_path: Path, names: tuple[str, ...], language: str
) -> None:
    page = written(tmp_path, *names, language=language)
    of_language = "" if language == "nb" else "+en"
    assert page == tmp_path / "report" / f"compare-{'-'.join(names)}{of_language}" / "compare.html"
    text = page.read_text(encoding="utf-8")
    assert written(tmp_path, *names, language=language).read_text(encoding="utf-8") == text
    seen = pages.sound(text, language)
    targets = [link["href"] for link in seen.all("a") if not link["href"].startswith(("#", "http"))]
    assert targets
    assert all((page.parent / target).exists() for target in targets)
    bars = [(float(bar["x"].rstrip("%")), float(bar["width"].rstrip("%"))) for bar in seen.all("rect")]
    assert all(0 <= left <= left + width < 100.01 for left, width in bars)
    # Falls end where rises begin.
    assert any(left > 0 for left, _ in bars)
    assert not re.search(r"\{[a-z_]+\}", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL))
    # The report's own place is on no page of other areas.
    assert ("Groruddalen" in " ".join(seen.text)) == (names == SMALL)


def test_the_page_has_breaks_places_and_the_change_beside_the_sides_it_is_between(tmp_path: Path) -> None:
    years, areas = (
        re.sub(r"\s+", " ", " ".join(pages.seen(written(tmp_path, *names).read_text(encoding="utf-8")).text))
        for names in (SMALL, AREAS)
    )
    catalogue = run("2010")[0]
    assert catalogue.labels.notes["social_assistance_2016"].nb in years
    assert catalogue.regions.breaks["V1"].footnote("nb") in years
    for sign in ("base", "borders", "series"):
        assert f"{SIGNS[sign]} {words(f'sign_{sign}')}" in years
    assert f" 2010 2020 {words('change')} " in years
    assert f" Alna 2 100 2 600 +23,8 % {words('place_same', after=1)} " in years
    # What areas are part of is a column beside them.
    assert f" Bjerke Alna {words('difference')} Oslo 2009 1 000 2 000 +100,0 % 6 000 2010 " in areas
    assert "snakemake" not in years + areas


def test_files_hold_every_value_of_every_side(tmp_path: Path) -> None:
    folder = written(tmp_path, *SMALL).parent / "data"
    assert sorted(path.stem for path in folder.glob("*.csv")) == sorted(run("2010")[0].appendix.objects)
    table = pd.read_csv(folder / "tabell_01.csv", dtype={"edition": str, "change_from": str})
    assert len(table) == 5 * 2 * 2
    row = table[(table["row"] == "alna") & (table["column"] == "last")].set_index("edition")
    assert row["value"].to_list() == [2100, 2600]
    assert row.loc["2020", "change"] == pytest.approx(100 * 500 / 2100)
    assert row["change_from"].fillna("").to_list() == ["", "2010"]
    vest = table[(table["row"] == "vest") & (table["column"] == "last")]
    assert vest["not_comparable"].to_list()[1] == "borders"
    areas = pd.read_csv(written(tmp_path, *AREAS).parent / "data" / "tabell_01.csv")
    assert areas[areas["row"] == "area"].set_index(["area", "column"])["value"].to_dict() == {
        ("bjerke", 2009): 1000,
        ("alna", 2009): 2000,
        ("bjerke", 2010): 1100,
        ("alna", 2010): 2100,
    }


@pytest.mark.parametrize("names", [("2010",), ("2010", "2010"), ("2010+groruddalen", "2010")])
def test_one_run_or_the_same_twice_cannot_be_compared(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="name two or more different ones"):
        written(tmp_path, *names)
    assert not (tmp_path / "report").exists()


def test_the_command_line_names_editions_and_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[tuple[Any, Any]]] = []

    def take(_: Any, runs: list[dict[str, Any]]) -> Path:
        asked.append([(of["edition"], of["area"]) for of in runs])
        return Path("page")

    monkeypatch.setattr("groruddalen_stats.stages.compare.write", take)
    assert main(["compare", "2011", "year-2024+sagene"]) == 0
    assert main(["compare", "sagene", "frogner", "--year", "2024"]) == 0
    assert asked == [[("2011", None), ("year-2024", "sagene")], [("year-2024", "sagene"), ("year-2024", "frogner")]]
