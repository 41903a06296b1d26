from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats.ages import ages
from groruddalen_stats.appendix import tables
from groruddalen_stats.appendix.find import exact_cover
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import (
    Basis,
    Cell,
    Flag,
    FlagKind,
    Missing,
    Observation,
    Origin,
    Value,
    add,
    merged,
)
from groruddalen_stats.appendix.notes import shown_notes
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.appendix.text import inputs_text, shown
from groruddalen_stats.config.models import NoteRule, Sex, Source
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.indicators import change, share, total
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy import observations

# Every number is reckoned by head from tests/project/data/raw.
EXPECTED = {
    "2010": {
        "tabell_01/bjerke/2010": (1100, "source"),
        "tabell_01/groruddalen/2010": (1100 + 2100, "source"),
        "tabell_01/vest/2010": (620 + 420, "source"),
        "figur_01/bjerke/2009": (100, "source"),
        "figur_01/alna/2010": (105, "source"),
        "tabell_02/oslo/2010": (3150, "transcribed"),
        "tabell_02/groruddalen/2009": (525 + 1000, "recomputed"),
        "tabell_03/oslo/recipients": (315, "source"),
        "tabell_03/oslo_counted_once/recipients": (252, "source"),
        "tabell_03/oslo_counted_once/share": (4, "source"),
        "tabell_03/groruddalen/share": (100 * 215 / 3200, "source"),
        "tabell_03/alna/rate": (1000 * 105 / 900, "recomputed"),
        "figur_02/bjerke/blocks": (80, "prose"),
    },
    "2020": {
        "tabell_01/vest/2019": (700 + 500 + 300, "source"),
        "tabell_01/vest/2020": (720 + 800, "source"),
        "tabell_03/alna/share": (5, "source"),
        "tabell_03/alna/rate": (math.nan, "missing"),
        "figur_02/bjerke/blocks": (math.nan, "missing"),
    },
}


@pytest.mark.parametrize(
    ("edition", "path", "value", "basis"),
    [(edition, path, *found) for edition, cells in EXPECTED.items() for path, found in cells.items()],
)
def test_cells_are_computed_from_the_best_source(edition: str, path: str, value: float, basis: str) -> None:
    found = small.cell(small.cells(edition=edition), path)
    assert found.number == pytest.approx(value, abs=1e-9, nan_ok=True)
    assert found.basis == basis


def test_every_printed_number_has_a_cell_and_only_what_is_missing_has_no_value() -> None:
    cells = small.cells()
    places = [cell.place for cell in cells]
    assert len(set(places)) == len(places)
    printed = small.printed()[["object", "row", "column"]].itertuples(index=False, name=None)
    assert len(set(printed) & set(places)) == len(small.printed()) == 29
    assert all((cell.value is None) == (cell.missing is not None) == (cell.basis == Basis.MISSING) for cell in cells)


def test_cells_come_back_from_parquet_as_they_were(tmp_path: Path) -> None:
    cells = small.cells()
    again = tables.read_cells(tables.write_cells(cells, tmp_path / "cells.parquet"))
    assert [repr(cell) for cell in again] == [repr(cell) for cell in cells]  # NaN is not equal to itself
    assert isinstance(again[0].basis, Basis)


def test_shares_have_their_numerator_and_denominator() -> None:
    indicators = small.catalogue().indicators.indicators
    shares = [
        (cell.numerator.number / cell.denominator.number * indicators[cell.spec.indicator].scale, cell.number)
        for cell in small.cells()
        if indicators[cell.spec.indicator].formula in {"share", "rate"} and cell.numerator and cell.denominator
    ]
    assert len(shares) == 9
    assert all(abs(computed - number) < 1e-9 for computed, number in shares)


def written(cell: Cell) -> str:
    return shown(cell, small.catalogue().labels.words, "nb")


def test_approximate_and_missing_numbers_are_shown_as_such() -> None:
    cells = small.cells()
    about = small.cell(cells, "figur_02/bjerke/blocks")
    words = small.catalogue().labels.words
    assert (written(about), about.approximate) == (words["about"].nb.replace("{value}", "80"), "about")
    missing = small.cell(cells, "figur_02/alna/blocks")
    assert (missing.basis, written(missing)) == ("missing", words["missing"].nb)
    assert missing.missing == Missing("image_only")


def test_a_printed_number_stands_only_for_its_own_year() -> None:
    cells = small.cells(years={"households": [2006, 2009], "flats": 2011})
    assert small.cell(cells, "tabell_02/bjerke/2009").number == 525
    assert small.cell(cells, "tabell_02/bjerke/2006").basis == "missing"
    assert small.cell(cells, "figur_02/bjerke/blocks").basis == "missing"


def test_a_status_sign_reaches_the_cell() -> None:
    content = (small.paths().raw / "oslo/welfare.csv").read_bytes()
    store = Store(small.paths(), {"oslo/welfare.csv": content.replace(b"Alna,2010,105", b"Alna,2010,:")})
    cells = small.compute(observations.build(small.catalogue(), store)).cells()
    assert written(small.cell(cells, "tabell_03/alna/recipients")) == ":"
    for path in ("tabell_03/alna/recipients", "tabell_03/alna/share", "tabell_03/groruddalen/recipients"):
        found = small.cell(cells, path)
        assert not found.known
        assert path.startswith("tabell_03/groruddalen") or (found.value is not None and found.value.sign == ":")


def found_in(observed: pd.DataFrame, series: str, year: int = 2010) -> Value:
    """Return the value of Alna among observations."""
    found = small.find(observed)(Term(series, "alna", year))
    assert isinstance(found, Value)
    return found


@pytest.mark.parametrize(("sign", "expected"), [(".", 900), ("..", 900), (":", None), ("-", 0)])
def test_only_a_sign_for_no_figure_lets_the_next_source_speak(sign: str, expected: int | None) -> None:
    observed = small.observed()
    own = observed[(observed["source"] == "printed_households") & (observed["region"] == "alna")]
    first = own[own["period"] == "2010"].assign(
        source="live_households",
        value=0.0 if sign == "-" else math.nan,
        status=sign,
        snapshot="ssb/live.json",
        column="",
    )
    found = found_in(pd.concat([observed, first]), "households")
    assert (None if math.isnan(found.number) else found.number) == expected


def test_what_is_computed_from_a_number_known_to_be_wrong_says_so() -> None:
    flagged = {"/".join(cell.place): cell.doubts for cell in small.cells() if cell.doubts}
    assert list(flagged) == [
        "tabell_02/alna/2010",
        "tabell_02/groruddalen/2010",
        "tabell_03/alna/rate",
        "tabell_03/groruddalen/rate",
    ]
    assert set(flagged.values()) == {(Flag(FlagKind.KNOWN_WRONG, "alna_households"),)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Bjerke vokste mest: 110,0"),
        ({"number": 120.0}, "Alna vokste mest: 120,0"),
        ({"number": 110.04}, ""),  # shown with the same digits
        ({"number": math.nan}, ""),
        ({"flags": (Flag(FlagKind.APPROXIMATE, "about"),)}, ""),
        ({"flags": (Flag(FlagKind.KNOWN_WRONG, "doubtful"),)}, ""),
    ],
)
def test_a_headline_names_the_one_largest_of_sound_numbers(changes: dict[str, Any], expected: str) -> None:
    catalogue = small.catalogue()
    cells = small.changed(small.cells("figur_01"), "figur_01/alna/2010", **changes)
    spec = catalogue.appendix.objects["figur_01"]
    assert headline(catalogue, spec, layout("figur_01", catalogue), cells) == expected


@pytest.mark.parametrize(("before", "shown"), [(2009, False), (2010, True)])
def test_a_note_may_hold_only_before_a_year(before: int, shown: bool) -> None:
    catalogue = small.catalogue()
    rule = NoteRule(key="bydel_reform", before=before)
    spec = catalogue.appendix.objects["tabell_01"].model_copy(update={"notes": [rule]})
    notes = shown_notes(spec, layout("tabell_01", catalogue), small.cells("tabell_01"))
    assert ("bydel_reform" in notes) == shown  # its first year is 2009


def rows(*bands: str, sexes: tuple[Sex, ...] = ("both",)) -> list[Observation]:
    return [Observation(sex, band, "all", "", 1.0, "", Origin("x")) for sex in sexes for band in bands]


PARTS = tuple(row._replace(background=name) for name in ("immigrant", "other") for row in rows("0-5", "6+"))


@pytest.mark.parametrize(
    ("given_", "asked", "expected"),
    [
        (rows("0-5", "6-12", "13-14", "15", "16+"), "0-15", ["0-5", "6-12", "13-14", "15"]),
        (rows("0-5", "6-12", "13+"), "all", ["0-5", "6-12", "13+"]),
        (rows("0-5", "6-12", "13+"), "0-10", None),
        (rows("0-9", "0-4", "5-9"), "0-9", ["0-9"]),
        (rows("0-9", "5-14", "0-4"), "0-14", ["0-4", "5-14"]),
        (rows("0-5", "7-12"), "0-12", None),
        (rows("all"), "all", ["all"]),
        # Sexes are added only where there is no total, backgrounds only where they add up to all.
        (rows("all", sexes=("women", "men")), "all", ["all", "all"]),
        (rows("all", sexes=("women", "men", "both")), "all", ["all"]),
        (rows("all", sexes=("women",)), "all", None),
        (PARTS, "all", ["0-5", "6+", "0-5", "6+"]),
        ([*PARTS, *rows("all")], "all", ["all"]),
        (PARTS[:2], "all", None),
    ],
)
def test_rows_are_put_together_without_gap_or_overlap(
    given_: Sequence[Observation], asked: str, expected: list[str] | None
) -> None:
    term = Term("population", "oslo", 2011, age=asked)
    found = exact_cover(given_, term, ("immigrant", "other"))
    assert (None if found is None else [row.age for row in found]) == expected
    # Those of backgrounds that do not add up to all are not added.
    assert given_ is not PARTS or exact_cover(given_, term) is None


@given(st.lists(st.integers(1, 104), min_size=1, max_size=12, unique=True))
def test_any_partition_of_the_ages_adds_up_to_all(cuts: list[int]) -> None:
    starts = [0, *sorted(cuts)]
    bands = [f"{a}-{b - 1}" if a != b - 1 else str(a) for a, b in pairwise(starts)]
    found = exact_cover(rows(*bands, f"{starts[-1]}+"), Term("population", "oslo", 2011))
    assert found is not None
    assert len(found) == len(starts)
    with pytest.raises(ConfigError, match="not an age band"):
        ages("young")


def test_raw_figures_are_written_short() -> None:
    lines = [Origin("a.csv", line, line, 1, "n") for line in (2, 3, 5)]
    answers = [Origin("b.json", 7), Origin("b.json", 8, 20, 4), Origin("c.csv", row="oslo", column="2010")]
    value = Value(1.0, Basis.SOURCE, origins=(*lines, *answers))
    cell = replace(small.cells("tabell_01")[0], value=value, numerator=None)
    assert inputs_text(cell) == "a.csv#L2-L3,L5:n b.json#v7 b.json#v8..20/4 c.csv#oslo/2010"
    assert inputs_text(replace(cell, numerator=value, denominator=replace(value, origins=(answers[0],)))) == (
        "a.csv#L2-L3,L5:n b.json#v7 b.json#v8..20/4 c.csv#oslo/2010 | b.json#v7"
    )


def test_a_fetched_snapshot_comes_before_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    observed = small.observed()
    fetched = observed[(observed["source"] == "persons") & (observed["period"] == "2010")]
    path = "zz.json"  # also where its name comes last
    monkeypatch.setattr(Source, "fetched", lambda _self, _key: {"": path})
    fetched = fetched.assign(value=fetched["value"] + 1, snapshot=path, column="")
    both = pd.concat([observed, fetched])
    found = found_in(both, "population")
    assert (found.number, {origin.snapshot for origin in found.origins}) == (2100 + 4, {path})
    # What the fetched one lacks still comes from the embedded one.
    assert found_in(both, "population", 2009).number == 2000


def test_a_sign_in_a_fetched_snapshot_does_not_hide_the_embedded_figure() -> None:
    observed = small.observed()
    own = (observed["source"] == "welfare") & (observed["region"] == "alna")
    fetched = observed[own].assign(value=math.nan, status="..", snapshot="oslo/welfare.json", column="")
    found = found_in(pd.concat([observed, fetched]), "recipients")
    assert (found.number, found.sources) == (105, ("welfare",))


def test_a_source_that_comes_later_in_the_list_fills_what_the_first_lacks() -> None:
    observed = small.observed()
    gone = observed[(observed["source"] != "persons") | (observed["region"] != "alna")]
    found = found_in(gone, "population")
    assert (found.number, found.sources, found.basis) == (2010, ("printed_population",), Basis.TRANSCRIBED)


def test_a_year_without_any_source_is_missing() -> None:
    find = small.find()
    assert find(Term("households", "bjerke", 2020)) == Missing("no_source")
    assert find(Term("population", "vest", 2020, age="0-10")) == Missing("no_source")


FLAGS = st.builds(Flag, st.sampled_from(FlagKind), st.sampled_from(["a", "b", ""]))
VALUES = st.builds(
    Value,
    st.floats(0, 1e6),
    st.sampled_from([Basis.SOURCE, Basis.TRANSCRIBED, Basis.PROSE]),
    flags=st.lists(FLAGS, max_size=3, unique=True).map(tuple),
    sources=st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True).map(tuple),
)


@given(st.lists(VALUES, min_size=2, max_size=4), st.floats(0, 1e6))
def test_what_is_made_of_values_has_all_flags_and_sources_and_the_weakest_basis(
    values: list[Value], number: float
) -> None:
    made = merged(values, number)
    assert set(made.flags) == {flag for value in values for flag in value.flags}
    assert set(made.sources) == {name for value in values for name in value.sources}
    assert (made.basis == Basis.SOURCE) == all(value.basis == Basis.SOURCE for value in values)
    assert add(values).number == pytest.approx(sum(value.number for value in values))


@given(st.floats(0, 1e9), st.floats(1, 1e9))
def test_formulas(numerator: float, denominator: float) -> None:
    assert share(numerator, denominator, 1000.0) == pytest.approx(numerator / denominator * 1000)
    assert share(denominator, denominator) == 100.0
    assert change(denominator, denominator) == 0.0
    assert change(150.0, 120.0) == 25.0
    assert math.isnan(share(numerator, 0.0))
    assert total([1.0, 2.0]) == 3.0
    assert math.isnan(total([1.0, math.nan]))
