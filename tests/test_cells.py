from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats.appendix.build import build
from groruddalen_stats.appendix.display import displayed
from groruddalen_stats.appendix.layout import layout
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
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.models import Sex
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.indicators import change, index, share, total
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.contracts import CELLS
from groruddalen_stats.tidy.published import read_prose, read_published


def cell(cells: pd.DataFrame, name: str, row: str, column: str) -> pd.Series:
    found = cells[(cells["object"] == name) & (cells["row"] == row) & (cells["column"] == column)]
    assert len(found) == 1, (name, row, column)
    return found.iloc[0]


def test_all_printed_numbers_have_a_cell(cells: pd.DataFrame, printed: pd.DataFrame) -> None:
    numbers = printed[printed["value"].notna()]
    assert len(numbers) == 424
    joined = numbers.merge(cells, on=["object", "row", "column"], validate="one_to_one")
    assert len(joined) == 424
    basis = joined["basis"].value_counts()
    assert basis["source"] >= 185
    assert basis["source"] + basis["recomputed"] >= 205
    assert basis["source"] + basis["recomputed"] + basis["transcribed"] == 424


def test_the_25_objects_keep_the_contract(cells: pd.DataFrame, catalogue: Catalogue) -> None:
    assert cells["object"].nunique() == len(catalogue.appendix.objects) == 25
    assert list(cells.columns) == [*CELLS.columns, "display"]
    assert (cells["value"].isna() == cells["basis"].eq("missing") | cells["display"].isin(["-", "‐"])).all()


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "basis"),
    [
        ("tabell_01", "bjerke", "2001", 23035.0, "source"),
        ("tabell_01", "grorud", "2003", 6774.0 + 17678.0, "source"),
        ("tabell_01", "stovner", "2001", 27273.0, "transcribed"),
        ("tabell_01", "bjerke", "2006", 24606.0, "source"),
        ("tabell_01", "nedre_romerike", "2011", 151252.0, "source"),
        ("tabell_01", "groruddalen", "2011", 131720.0, "source"),
        ("tabell_01", "groruddalen", "2001", 23035.0 + 24029.0 + 27273.0 + 42948.0, "recomputed"),
        ("tabell_02", "follo", "2010", 47072.0, "transcribed"),
        ("tabell_03", "alna", "sum", 99.9, "source"),
        ("tabell_06", "akershus", "immigrant_population", 76543.0, "source"),
        ("tabell_06", "nedre_romerike", "immigrants", 19101.0, "source"),
        ("tabell_07", "oslo", "recipients", 19301.0, "source"),
        ("tabell_07", "oslo_counted_once", "recipients", 18163.0, "source"),
        ("tabell_07", "akershus", "recipients", 3351.0 + 2211.0 + 3108.0 + 2506.0, "recomputed"),
        ("tabell_10", "bjerke", "housing_allowance", 1023 / 13428 * 1000, "recomputed"),
        ("tabell_10", "bjerke", "housing_allowance_applications", 1071 / 13428 * 1000, "recomputed"),
        ("tabell_12", "vestomradet", "applications", 13.0, "transcribed"),
        ("figur_05", "bjerke", "2011", 28226 / 23035 * 100, "source"),
        ("figur_08", "akershus", "first", 44999 / 494218 * 100, "source"),
        ("figur_12", "oslo", "first", 11793 / 275990 * 1000, "recomputed"),
        ("figur_12", "bjerke", "last", 438 / 13428 * 1000, "recomputed"),
        ("figur_03a", "stovner", "2010", 138.0, "prose"),
        ("figur_04", "indre_vest", "level", 153.0, "prose"),
    ],
)
def test_cells_are_computed_from_the_best_source(
    cells: pd.DataFrame, name: str, row: str, column: str, value: float, basis: str
) -> None:
    found = cell(cells, name, row, column)
    assert found["value"] == pytest.approx(value, abs=1e-9)
    assert found["basis"] == basis


def test_shares_have_their_numerator_and_denominator(cells: pd.DataFrame) -> None:
    shares = cells[cells["formula"].str.startswith(("share(", "rate("))]
    assert len(shares) > 100
    scale = shares["formula"].str.extract(r"\* (\d+)\)")[0].astype(float)
    computed = shares["numerator"] / shares["denominator"] * scale
    assert (computed[shares["value"].notna()] - shares["value"].dropna()).abs().max() < 1e-9


def test_every_number_leads_back_to_raw_lines(cells: pd.DataFrame, catalogue: Catalogue) -> None:
    raw = catalogue.paths.raw
    for text in cells[cells["basis"].eq("source")]["inputs"]:
        for part in text.split(" | "):
            for token in part.split(" "):
                if "#" in token:
                    assert (raw / token.partition("#")[0]).exists(), token
    total_persons = cell(cells, "tabell_01", "nedre_romerike", "2011")
    lines = [int(n) for n in re.findall(r"L(\d+)", total_persons["inputs"])]
    table = pd.read_csv(raw / "ssb/07459_municipality_age_2005_2026.csv")
    runs = re.findall(r"L(\d+)(?:-L(\d+))?", total_persons["inputs"])
    picked = [n for first, last in runs for n in range(int(first), int(last or first) + 1)]
    assert min(lines) >= 2
    assert table.iloc[[n - 2 for n in picked]]["persons"].sum() == 151252


def test_approximate_and_missing_numbers_are_shown_as_such(cells: pd.DataFrame) -> None:
    about = cell(cells, "figur_02", "d1005", "blocks")
    assert about["display"] == "ca. 100"
    assert about["qualifier"] == "about"
    missing = cell(cells, "figur_09", "grorud", "women")
    assert (missing["basis"], missing["display"]) == ("missing", "mangler")
    assert "reason_image_only" in missing["note"]
    assert math.isnan(missing["value"])


def test_delbydeler_follow_the_division_of_the_year(cells: pd.DataFrame, catalogue: Catalogue) -> None:
    rows = set(cells[cells["object"] == "figur_01"]["row"])
    assert len(rows) == 22
    assert "d0903" in rows
    later = load(catalogue.paths, {"edition": "2011", "years": {"map": 2018}})
    now = {item.id for item in layout("figur_01", later).rows}
    assert len(now) == 23
    assert "d0903" not in now
    assert {"d0905", "d0906"} <= now


def test_a_printed_number_stands_only_for_its_own_year(
    catalogue: Catalogue, observed: pd.DataFrame, printed: pd.DataFrame
) -> None:
    other = load(
        catalogue.paths, {"edition": "2011", "years": {"housing_schemes": 2009, "immigrants": [2005, 2010]}}
    )
    cells = build(other, observed, printed, read_prose(Store(catalogue.paths)))
    assert cell(cells, "tabell_12", "bjerke", "applications")["basis"] == "missing"
    assert cell(cells, "tabell_04", "bjerke", "share_0_5")["basis"] == "missing"
    assert cell(cells, "tabell_04", "bjerke", "count")["value"] == 10264


def test_a_status_sign_reaches_the_cell(copied: Callable[..., Paths]) -> None:
    paths = copied()
    store = Store(paths)
    catalogue = load(paths)
    name = "oslo/sto013_sosialhjelp_2005_2023.csv"
    content = store.read(name).replace(b"Bydel Alna,2010,recipients,1349", b"Bydel Alna,2010,recipients,:")
    table = observations.build(catalogue, Store(paths, {name: content}))
    cells = build(catalogue, table, read_published(store), read_prose(store))
    for column in ("recipients", "recipients_share"):
        found = cell(cells, "tabell_07", "alna", column)
        assert found["sign"] == ":"
        assert math.isnan(found["value"])


def test_english_cells_are_written_in_english(
    catalogue: Catalogue, observed: pd.DataFrame, printed: pd.DataFrame
) -> None:
    english = load(catalogue.paths, {"edition": "2011", "language": "en"})
    cells = displayed(build(english, observed, printed, read_prose(Store(catalogue.paths))), english)
    assert cell(cells, "tabell_01", "oslo", "2011")["display"] == "599,230"
    assert cell(cells, "tabell_04", "alna", "share_all")["display"] == "45.7"
    assert cell(cells, "figur_02", "d1005", "blocks")["display"] == "about 100"


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
    assert (
        origins_text(["a.csv#L2:n", "a.csv#L3:n", "a.csv#L5:n", "b.json#v7"]) == "a.csv#L2-L3,L5:n b.json#v7"
    )


def test_a_fetched_snapshot_comes_before_the_embedded_one(
    catalogue: Catalogue, observed: pd.DataFrame
) -> None:
    term = Term("social_assistance_recipients", "alna", 2010)
    embedded = Quantities(catalogue, observed).get(term)
    assert isinstance(embedded, Quantity)
    assert embedded.value == 1349
    fetched = observed[
        (observed["source"] == "oslo_sto013")
        & (observed["region"] == "alna")
        & (observed["period"] == "2010")
    ]
    fetched = fetched.assign(value=fetched["value"] + 1, origin="oslo/oslo_sto013.json#v0")
    both = Quantities(catalogue, pd.concat([observed, fetched])).get(term)
    assert isinstance(both, Quantity)
    assert both.value == 1350
    assert both.origins == ("oslo/oslo_sto013.json#v0",)
    # What the fetched one lacks still comes from the embedded one.
    earlier = Quantities(catalogue, pd.concat([observed, fetched])).get(term.of_year(2009))
    assert isinstance(earlier, Quantity)


def test_a_year_without_any_source_is_missing(catalogue: Catalogue, observed: pd.DataFrame) -> None:
    found = Quantities(catalogue, observed).get(Term("households", "bjerke", 2030))
    assert found == Missing("unknown_borders") or found == Missing("no_source")


@given(st.floats(0, 1e9), st.floats(1, 1e9))
def test_formulas(numerator: float, denominator: float) -> None:
    assert share(numerator, denominator, 1000.0) == pytest.approx(numerator / denominator * 1000)
    assert index(denominator, denominator) == 100.0
    assert change(denominator, denominator) == 0.0
    assert math.isnan(share(numerator, 0.0))


def test_a_total_of_something_missing_is_missing() -> None:
    assert total([1.0, 2.0]) == 3.0
    assert math.isnan(total([1.0, math.nan]))
