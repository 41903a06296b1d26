from __future__ import annotations

import dataclasses
import math
import re
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.build import Builder
from groruddalen_stats.appendix.display import displayed
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.notes import shown_notes
from groruddalen_stats.appendix.quantities import (
    Missing,
    Observation,
    Quantities,
    Quantity,
    ages,
    origins_text,
    tile,
)
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.config.models import NoteRule, Sex
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.indicators import change, index, share, total
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.contracts import CELLS

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
    assert found["value"] == pytest.approx(value, abs=1e-9, nan_ok=True)
    assert found["basis"] == basis


def test_all_printed_numbers_have_a_cell_and_keep_the_contract() -> None:
    cells = small.cells()
    assert list(cells.columns) == [*CELLS.columns, "display"]
    joined = small.printed().merge(cells, on=["object", "row", "column"], validate="one_to_one")
    assert len(joined) == len(small.printed()) == 29
    assert (cells["value"].isna() == cells["basis"].eq("missing")).all()


def test_shares_have_their_numerator_and_denominator() -> None:
    cells = small.cells()
    shares = cells[cells["formula"].str.startswith(("share(", "rate("))]
    shares = shares[shares["value"].notna() & shares["numerator"].notna()]
    assert len(shares) == 9
    scale = shares["formula"].str.extract(r"\* (\d+)\)")[0].astype(float)
    assert (shares["numerator"] / shares["denominator"] * scale - shares["value"]).abs().max() < 1e-9


def test_every_number_leads_back_to_raw_lines() -> None:
    cells, raw = small.cells(), small.paths().raw
    text = small.cell(cells, "tabell_01/groruddalen/2010")["inputs"]
    runs = re.findall(r"L(\d+)(?:-L(\d+))?", text)
    picked = [n for first, last in runs for n in range(int(first), int(last or first) + 1)]
    table = pd.read_csv(raw / "ssb/persons.csv", dtype={"code": str})
    assert set(table.iloc[[n - 2 for n in picked]]["code"]) == {"030109", "030112"}
    assert table.iloc[[n - 2 for n in picked]]["persons"].sum() == 3200
    for inputs in cells[cells["basis"].eq("source")]["inputs"]:
        for token in re.findall(r"\S+(?=#)", inputs):
            assert (raw / token).exists(), token


def test_approximate_and_missing_numbers_are_shown_as_such() -> None:
    cells = small.cells()
    about = small.cell(cells, "figur_02/bjerke/blocks")
    words = small.catalogue().labels.words
    assert (about["display"], about["qualifier"]) == (words["about"].nb.replace("{value}", "80"), "about")
    missing = small.cell(cells, "figur_02/alna/blocks")
    assert (missing["basis"], missing["display"]) == ("missing", words["missing"].nb)
    assert missing["note"] == "reason_image_only"


def test_a_printed_number_stands_only_for_its_own_year() -> None:
    cells = small.cells(years={"households": [2006, 2009], "flats": 2011})
    assert small.cell(cells, "tabell_02/bjerke/2009")["value"] == 525
    assert small.cell(cells, "tabell_02/bjerke/2006")["basis"] == "missing"
    assert small.cell(cells, "figur_02/bjerke/blocks")["basis"] == "missing"


def test_a_single_year_can_be_replaced_and_the_rest_stays() -> None:
    cells = small.cells(years={"welfare": 2020})
    share = small.cell(cells, "tabell_03/alna/share")
    assert (share["numerator"], share["denominator"], share["value"]) == (130, 2600, 5)
    assert small.cell(cells, "tabell_01/alna/2010")["value"] == 2100


def test_a_status_sign_reaches_the_cell() -> None:
    content = (small.paths().raw / "oslo/welfare.csv").read_bytes()
    store = Store(small.paths(), {"oslo/welfare.csv": content.replace(b"Alna,2010,105", b"Alna,2010,:")})
    table = observations.build(small.catalogue(), store)
    cells = displayed(Builder(small.catalogue(), table, small.printed(), small.stated()).table(), small.catalogue())
    assert small.cell(cells, "tabell_03/alna/recipients")["display"] == ":"
    for path in ("tabell_03/alna/recipients", "tabell_03/alna/share", "tabell_03/groruddalen/recipients"):
        found = small.cell(cells, path)
        assert math.isnan(found["value"])
        assert path.startswith("tabell_03/groruddalen") or found["sign"] == ":"


@pytest.mark.parametrize(("sign", "expected"), [(".", 900), ("..", 900), (":", None), ("-", 0)])
def test_only_a_sign_for_no_figure_lets_the_next_source_speak(sign: str, expected: int | None) -> None:
    observed = small.observed()
    own = observed[(observed["source"] == "printed_households") & (observed["region"] == "alna")]
    first = own[own["period"] == "2010"].assign(
        source="live_households",
        value=0.0 if sign == "-" else math.nan,
        status=sign,
        origin="ssb/live_households.json#v1",
    )
    found = Quantities(small.catalogue(), pd.concat([observed, first])).get(Term("households", "alna", 2010))
    assert isinstance(found, Quantity)
    assert (None if math.isnan(found.value) else found.value) == expected


def test_what_is_computed_from_a_number_known_to_be_wrong_says_so() -> None:
    flagged = small.cells().query("flags != ''")
    places = [f"{row.object}/{row.row}/{row.column}" for row in flagged.itertuples()]
    assert places == [
        "tabell_02/alna/2010",
        "tabell_02/groruddalen/2010",
        "tabell_03/alna/rate",
        "tabell_03/groruddalen/rate",
    ]
    assert set(flagged["flags"]) == {"alna_households"}


def test_english_cells_are_written_in_english() -> None:
    cells = small.cells(language="en")
    assert small.cell(cells, "tabell_01/oslo/2010")["display"] == "6,300"
    assert small.cell(cells, "tabell_03/alna/share")["display"] == "5.0"
    assert small.cell(cells, "figur_02/bjerke/blocks")["display"] == small.catalogue().labels.words["about"].en.replace(
        "{value}", "80"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Bjerke vokste mest: 110,0"),
        ({"value": 120.0}, "Alna vokste mest: 120,0"),
        ({"value": 110.04}, ""),  # shown with the same digits
        ({"value": math.nan, "basis": "missing"}, ""),
        ({"qualifier": "about"}, ""),
        ({"flags": "doubtful"}, ""),
    ],
)
def test_a_headline_names_the_one_largest_of_sound_numbers(changes: dict[str, str | float], expected: str) -> None:
    catalogue, cells = small.catalogue(), small.cells()
    cells = cells[cells["object"] == "figur_01"].copy()
    for column, value in changes.items():
        cells.loc[(cells["row"] == "alna") & (cells["column"] == "2010"), column] = value
    changed = displayed(cells, catalogue)
    spec = catalogue.appendix.objects["figur_01"]
    assert headline(catalogue, spec, layout("figur_01", catalogue), changed) == expected


@pytest.mark.parametrize(("before", "shown"), [(2009, False), (2010, True)])
def test_a_note_may_hold_only_before_a_year(before: int, shown: bool) -> None:
    catalogue = small.catalogue()
    rule = NoteRule(key="bydel_reform", before=before)
    spec = catalogue.appendix.objects["tabell_01"].model_copy(update={"notes": [rule]})
    cells = small.cells()
    notes = shown_notes(spec, layout("tabell_01", catalogue), cells[cells["object"] == "tabell_01"])
    assert ("bydel_reform" in notes) == shown  # its first year is 2009


def rows(*bands: str, sexes: tuple[Sex, ...] = ("both",)) -> list[Observation]:
    return [Observation(sex, band, "all", "", 1.0, "", f"x#{sex}{band}") for sex in sexes for band in bands]


@pytest.mark.parametrize(
    ("bands", "asked", "expected"),
    [
        (("0-5", "6-12", "13-14", "15", "16+"), "0-15", ["0-5", "6-12", "13-14", "15"]),
        (("0-5", "6-12", "13+"), "all", ["0-5", "6-12", "13+"]),
        (("0-5", "6-12", "13+"), "0-10", None),
        (("0-9", "0-4", "5-9"), "0-9", ["0-9"]),
        (("0-9", "5-14", "0-4"), "0-14", ["0-4", "5-14"]),
        (("0-5", "7-12"), "0-12", None),
        (("all",), "all", ["all"]),
    ],
)
def test_age_bands_are_put_together_without_gap_or_overlap(
    bands: tuple[str, ...], asked: str, expected: list[str] | None
) -> None:
    found = tile(rows(*bands), Term("population", "oslo", 2011, age=asked))
    assert (None if found is None else [row.age for row in found]) == expected


def test_both_sexes_are_added_only_when_there_is_no_total() -> None:
    term = Term("population", "oslo", 2011)
    assert len(tile(rows("all", sexes=("women", "men")), term) or []) == 2
    assert len(tile(rows("all", sexes=("women", "men", "both")), term) or []) == 1
    assert tile(rows("all", sexes=("women",)), term) is None


def test_backgrounds_are_added_only_where_they_add_up_to_all() -> None:
    term = Term("population", "oslo", 2011)
    parts = [row._replace(background=name) for name in ("immigrant", "other") for row in rows("0-5", "6+")]
    assert tile(parts, term) is None
    assert len(tile(parts, term, ("immigrant", "other")) or []) == 4
    assert len(tile([*parts, *rows("all")], term, ("immigrant", "other")) or []) == 1
    assert tile(parts[:2], term, ("immigrant", "other")) is None


@given(st.lists(st.integers(1, 104), min_size=1, max_size=12, unique=True))
def test_any_partition_of_the_ages_adds_up_to_all(cuts: list[int]) -> None:
    starts = [0, *sorted(cuts)]
    bands = [f"{a}-{b - 1}" if a != b - 1 else str(a) for a, b in pairwise(starts)]
    found = tile(rows(*bands, f"{starts[-1]}+"), Term("population", "oslo", 2011))
    assert found is not None
    assert len(found) == len(starts)


def test_what_is_no_age_band_is_refused() -> None:
    with pytest.raises(ConfigError, match="not an age band"):
        ages("young")


def test_runs_of_raw_lines_are_written_short() -> None:
    assert origins_text(["a.csv#L2:n", "a.csv#L3:n", "a.csv#L5:n", "b.json#v7"]) == "a.csv#L2-L3,L5:n b.json#v7"


def test_a_fetched_snapshot_comes_before_the_embedded_one() -> None:
    term, observed = Term("population", "alna", 2010), small.observed()
    fetched = observed[(observed["source"] == "persons") & (observed["period"] == "2010")]
    fetched = fetched.assign(value=fetched["value"] + 1, origin="ssb/persons.json#v0")
    both = Quantities(small.catalogue(), pd.concat([observed, fetched]))
    found = both.get(term)
    assert isinstance(found, Quantity)
    assert found.value == 2100 + 4
    assert set(found.origins) == {"ssb/persons.json#v0"}
    # What the fetched one lacks still comes from the embedded one.
    earlier = both.get(term.of_year(2009))
    assert isinstance(earlier, Quantity)
    assert earlier.value == 2000


def test_a_sign_in_a_fetched_snapshot_does_not_hide_the_embedded_figure() -> None:
    observed = small.observed()
    own = (observed["source"] == "welfare") & (observed["region"] == "alna")
    fetched = observed[own].assign(value=math.nan, status="..", origin="oslo/welfare.json#v0")
    found = Quantities(small.catalogue(), pd.concat([observed, fetched])).get(Term("recipients", "alna", 2010))
    assert isinstance(found, Quantity)
    assert (found.value, found.sources) == (105, ("welfare",))


def test_a_source_that_comes_later_in_the_list_fills_what_the_first_lacks() -> None:
    observed = small.observed()
    gone = observed[(observed["source"] != "persons") | (observed["region"] != "alna")]
    found = Quantities(small.catalogue(), gone).get(Term("population", "alna", 2010))
    assert isinstance(found, Quantity)
    assert (found.value, found.sources, set(found.kinds)) == (2010, ("printed_population",), {"published"})


def test_a_year_without_any_source_is_missing() -> None:
    table = Quantities(small.catalogue(), small.observed())
    assert table.get(Term("households", "bjerke", 2020)) == Missing("no_source")
    assert table.get(dataclasses.replace(Term("population", "vest", 2020), age="0-10")) == Missing("no_source")


@given(st.floats(0, 1e9), st.floats(1, 1e9))
def test_formulas(numerator: float, denominator: float) -> None:
    assert share(numerator, denominator, 1000.0) == pytest.approx(numerator / denominator * 1000)
    assert index(denominator, denominator) == 100.0
    assert change(denominator, denominator) == 0.0
    assert change(150.0, 120.0) == 25.0
    assert math.isnan(share(numerator, 0.0))


def test_a_total_of_something_missing_is_missing() -> None:
    assert total([1.0, 2.0]) == 3.0
    assert math.isnan(total([1.0, math.nan]))
