"""Fetched snapshots become observations: our words, units at their date, and signs that are never lost."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats.errors import ContractError, RegionError, SnapshotError
from groruddalen_stats.tidy.observations import SCHEMA
from standin import Column, StandTable
from standin.desk import AGES, OSLO_STO013, SSB_10826, observe, table_block
from standin.tables import oslo_sto013, rows, ssb_10826, synthetic, years

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"


def observed(table: StandTable, block: Mapping[str, Any]) -> pd.DataFrame:
    document = json.dumps(table.jsonstat(), ensure_ascii=False).encode()
    return observe("ssb_test", table_block(block), document, "ssb/test.json")


SINCE_2003 = {"role": "time", "to": "period", "years": {"first": 2003}}


def block(*select: Mapping[str, Any], series: str = "population", **more: Any) -> dict[str, Any]:
    return {"api": "ssb", "table": "1", "series": series, "select": list(select), **more}


def one(frame: pd.DataFrame, **where: str) -> pd.Series:
    mask = pd.Series(data=True, index=frame.index)
    for column, word in where.items():
        mask &= frame[column] == word
    assert mask.sum() == 1
    return frame[mask].iloc[0]


@pytest.fixture(scope="module")
def population() -> pd.DataFrame:
    return observed(ssb_10826(), SSB_10826)


def test_bands_of_single_years_equal_the_embedded_snapshot(population: pd.DataFrame) -> None:
    assert list(population.columns) == SCHEMA.names
    names = {"030109": "bjerke", "030110": "grorud", "030111": "stovner", "030112": "alna", "0301": "oslo"}
    got = population[population["status"] == ""].set_index(["region", "period", "sex", "age"])["value"]
    compared = 0
    for known in rows("ssb/10826_bydel_sex_age_2005_2026.csv"):
        if int(known["year"]) <= 2012:
            key = (names[known["region_code"]], known["year"], known["sex"], known["age"])
            assert got[key] == float(known["persons"])
            compared += 1
    assert compared == 5 * 8 * 2 * len(AGES)
    row = one(population, region="bjerke", period="2011", sex="women", age="0-5")
    assert (row["snapshot"], row["cells"]) == ("ssb/test.json", 6)


def test_zero_before_a_code_existed_is_not_applicable(population: pd.DataFrame) -> None:
    before = population[population["period"] == "2003"]
    assert set(before["region"]) == {"bjerke", "grorud", "stovner", "alna", "oslo"}
    assert set(before["status"]) == {"."}
    assert before["value"].isna().all()
    # The new division is in force on 1 January 2004, so a zero there is a zero.
    assert set(population[population["period"] == "2004"]["value"]) == {0.0}


def test_a_number_before_a_code_existed_is_refused() -> None:
    table = ssb_10826()
    with pytest.raises(ContractError, match=r"24 numbers stand .* code 030109a in 2003: 6"):
        observed(replace(table, values=(1.0,) * math.prod(table.shape)), _only("030109a"))


def _only(code: str) -> dict[str, Any]:
    return {**SSB_10826, "select": [{**SSB_10826["select"][0], "take": [code]}, *SSB_10826["select"][1:]]}


def test_the_old_division_is_another_place_under_the_same_digits() -> None:
    old = observed(ssb_10826(), _only("030109"))
    assert set(old["region"]) == {"b1988_09"}
    with pytest.raises(SnapshotError, match="'region' has no code '030120'"):
        observed(ssb_10826(), _only("030120"))


def test_codes_that_may_be_there_are_taken_where_they_are() -> None:
    both = {
        **SSB_10826,
        "select": [
            {**SSB_10826["select"][0], "take": ["030109a"], "also": ["030110a", "030188a"]},
            *SSB_10826["select"][1:],
        ],
    }
    assert set(observed(ssb_10826(), both)["region"]) == {"bjerke", "grorud"}


def test_a_code_of_other_years_than_the_tables_is_left_out_when_it_holds_nothing() -> None:
    places = Column("Region", "region", ("0219", "3201"), ("Bærum -2019", "Bærum 2024-"), role="geo")
    table = replace(synthetic([places, years(2024, 2025)]), values=(0.0, 0.0, 5.0, 6.0))
    chosen = {"role": "geo", "to": "region", "take": ["3201"], "also": ["0219"], "scheme": "ssb_statbank"}
    asked = block(chosen, SINCE_2003)
    assert observed(table, asked)["region"].tolist() == ["k3201", "k3201"]
    with pytest.raises(RegionError, match="0219"):
        observed(replace(table, values=(1.0, 0.0, 5.0, 6.0)), asked)


def test_two_codes_for_one_unit_fill_each_others_gaps() -> None:
    table = synthetic(
        [
            Column("Region", "region", ("030100a", "030100aa"), ("Oslo -2003", "Oslo 2004-"), role="geo"),
            years(2003, 2004),
        ]
    )
    table = replace(table, values=(517401.0, 0.0, 0.0, 521886.0))
    chosen = {"role": "geo", "to": "region", "take": ["0301*"], "scheme": "ssb_statbank"}
    got = observed(table, block(chosen, SINCE_2003))
    assert got[["region", "period", "value", "status"]].to_numpy().tolist() == [
        ["oslo", "2003", 517401.0, ""],
        ["oslo", "2004", 521886.0, ""],
    ]


def test_oslo_labels_totals_and_suppressed_cells() -> None:
    got = observed(oslo_sto013(), OSLO_STO013)
    assert list(got.columns) == SCHEMA.names
    where = {"series": "social_assistance_recipients", "period": "2010"}
    assert one(got, region="bjerke", **where)["value"] == 1231
    assert one(got, region="oslo", detail="", **where)["value"] == 18163
    assert one(got, region="oslo", detail="sum_of_bydeler", **where)["value"] == 19301


@pytest.mark.fixtures
@pytest.mark.skipif(not FIXTURES.is_dir(), reason="no stored responses here")
def test_the_stored_answers_of_oslo_become_observations() -> None:
    document = (FIXTURES / "oslo_STO013_sosialhjelp_bydel.json").read_bytes()
    got = observe("oslo_sto013", table_block(OSLO_STO013), document, "oslo/oslo_sto013.json")
    where = {"series": "social_assistance_recipients", "period": "2010", "detail": ""}
    assert {r: one(got, region=r, **where)["value"] for r in ("bjerke", "grorud", "stovner", "alna", "oslo")} == {
        "bjerke": 1231, "grorud": 1212, "stovner": 1004, "alna": 1349, "oslo": 18163,
    }  # fmt: skip
    assert len(got) == 19 * 6 * 2

    sos006 = {
        "api": "oslo", "table": "SOS006", "series": "disability_pension_recipients", "as_of": "12-31",
        "disclosure": {"values": [0], "status": "zeroed"},
        "select": [
            {"variable": "bosted", "to": "region", "labels": {"bjerke": "Bjerke", "oslo": "Oslo i alt"}},
            {"variable": "kjønn", "to": "sex", "labels": {"both": "I alt", "women": "Kvinner", "men": "Menn"}},
            {"variable": "aldersgruppe", "to": "age", "labels": {"18-67": "I alt", "18-29": "18-29"}},
            {"variable": "statistikkvariabel", "only": "antall personer"},
            {"role": "time", "to": "period", "years": {"required": [2010]}},
        ],
    }  # fmt: skip
    stored = (FIXTURES / "oslo_SOS006_uforetrygd_bydel.json").read_bytes()
    got = observe("oslo_sos006", table_block(sos006), stored, "oslo/oslo_sos006.json")
    row = one(got, region="oslo", period="2010", sex="both", age="18-67")
    assert (row["value"], row["status"]) == (23890, "")


DETAIL = Column("Storrelse", "størrelse", ("1", "2", "3"), ("En", "To", "Tre"))
SUMS = block(
    {"variable": "størrelse", "to": "detail", "labels": {"1": "En", "2+": ["To", "Tre"]}},
    {"role": "time", "to": "period", "years": {"first": 2010}},
    series="households",
    fixed={"region": "oslo"},
)


@pytest.mark.parametrize(
    ("two", "three", "value", "status"),
    [
        (5.0, 7.0, 12.0, ""),
        (5.0, "-", 5.0, ""),
        ("-", "-", None, "-"),
        (5.0, ":", None, ":"),
        ("..", ":", None, ":"),
        (".", "..", None, ".."),
        (5.0, None, None, ".."),
        (0.0, 7.0, 7.0, "zeroed"),
        (0.0, ":", None, ":"),
    ],
)
def test_a_sum_with_a_missing_part_is_missing_and_says_why(
    two: float | str | None, three: float | str | None, value: float | None, status: str
) -> None:
    cells = [1.0, two, three]
    table = replace(
        synthetic([DETAIL, years(2010, 2010)]),
        values=tuple(cell if isinstance(cell, float) else None for cell in cells),
        signs={at: cell for at, cell in enumerate(cells) if isinstance(cell, str)},
    )
    got = one(observed(table, {**SUMS, "disclosure": {"values": [0.0], "status": "zeroed"}}), detail="2+")
    assert (None if pd.isna(got["value"]) else got["value"], got["status"]) == (value, status)
    assert [got[name] for name in ("snapshot", "first", "last", "cells")] == ["ssb/test.json", 1, 2, 2]


def test_altered_cells_and_signs_of_the_publisher_are_marked() -> None:
    table = replace(synthetic([DETAIL, years(2010, 2010)]), values=(3.0, 8.0, None), signs={2: "-"})
    plain = {**SUMS["select"][0], "labels": {"1": "En", "2": "To", "3": "Tre"}}
    asked = {**SUMS, "select": [plain, SUMS["select"][1]], "signs": {"-": ":"}}
    got = observed(table, {**asked, "disclosure": {"values": [0, 3], "status": "perturbed"}})
    assert got["status"].tolist() == ["perturbed", "", ":"]
    assert got["value"].tolist()[:2] == [3.0, 8.0]
    assert got["first"].tolist() == got["last"].tolist() == [0, 1, 2]


def test_delbydeler_are_summed_to_bydeler_by_the_beginning_of_their_code() -> None:
    geo = Column("geografi", "geografi", ("102", "901", "902", "1201"), ("Grønland", "Veitvet", "Linderud", "Furuset"))
    chosen = {"variable": "geografi", "to": "region", "codes": {"bjerke": "9??", "alna": "12??", "oslo": "*"}}
    got = observed(synthetic([geo, years(2010, 2010)]), block(chosen, SINCE_2003)).set_index("region")["value"]
    assert got.to_dict() == {"alna": 1_000_004, "bjerke": 2_000_005, "oslo": 4_000_010}


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"bjerke": "En", "ikke_en_region": "To", "oslo": "Tre"}, RegionError, "ikke_en_region"),
        ({"bjerke": "En", "alna": "To", "oslo": "Fire"}, SnapshotError, r"test.json \(select.0.labels.oslo\)"),
    ],
)
def test_wrong_words_are_refused(words: dict[str, str], error: type[Exception], message: str) -> None:
    select = [{"variable": "størrelse", "to": "region", "labels": words}, SUMS["select"][1]]
    with pytest.raises(error, match=message):
        observed(synthetic([DETAIL, years(2010, 2010)]), {**SUMS, "fixed": {}, "select": select})


def test_two_cells_for_one_observation_are_refused() -> None:
    table = synthetic(
        [Column("Region", "region", ("03", "0301"), ("Oslo", "Oslo kommune"), role="geo"), years(2010, 2010)]
    )
    select = [{"role": "geo", "to": "region", "take": ["03*"], "scheme": "ssb_statbank"}, SUMS["select"][1]]
    with pytest.raises(ContractError, match="2 cells claim the same observations, such as households oslo 2010"):
        observed(table, {**SUMS, "fixed": {}, "select": select})


@given(cells=st.lists(st.one_of(st.integers(0, 10**9), st.sampled_from([":", "..", "-", "."])), min_size=9, max_size=9))
def test_no_number_appears_or_disappears(cells: list[int | str]) -> None:
    columns = [DETAIL, years(2010, 2012)]
    table = replace(
        synthetic(columns),
        values=tuple(float(cell) if isinstance(cell, int) else None for cell in cells),
        signs={at: cell for at, cell in enumerate(cells) if isinstance(cell, str)},
    )
    got = observed(table, SUMS)
    for at, cell in enumerate(cells):
        if at < 3:
            row = one(got, detail="1", period=str(2010 + at))
            assert (row["snapshot"], row["first"], row["cells"]) == ("ssb/test.json", at, 1)
            assert row["value"] == cell if isinstance(cell, int) else row["status"] == cell
    for year in range(3):
        parts = [cells[3 + year], cells[6 + year]]
        row = one(got, detail="2+", period=str(2010 + year))
        if any(part in {":", "..", "."} for part in parts) or all(part == "-" for part in parts):
            assert pd.isna(row["value"])
            assert row["status"]
        else:
            assert row["value"] == sum(part for part in parts if isinstance(part, int))


def along_time(labels: list[str], **asked: Any) -> pd.DataFrame:
    time = Column("Tid", "år", tuple(map(str, range(len(labels)))), tuple(labels), role="time")
    chosen = block({"role": "time", "to": "period", "years": asked}, fixed={"region": "oslo"})
    return observed(replace(synthetic([time]), values=tuple(float(at + 1) for at in range(len(labels)))), chosen)


def test_a_year_of_months_is_their_mean_and_needs_all_twelve() -> None:
    months = [f"{year}M{month:02}" for year in (2010, 2011) for month in range(1, 13)] + ["2012M01"]
    got = along_time(months, months=True)
    # The months are 1 to 12, and 13 to 24.
    assert got[["period", "value", "cells"]].to_numpy().tolist() == [["2010", 6.5, 12], ["2011", 18.5, 12]]
    with pytest.raises(SnapshotError, match="the table has no 2012"):
        along_time(months, months=True, required=[2012])


@pytest.mark.parametrize(
    "label",
    ["2011*", "2011 *", "2011**", "2011 (foreløpig)", "2011 foreløpige tall", "2011 (Provisional)", "2011p", "2011 (*)"],
)  # fmt: skip
def test_a_mark_on_a_year_becomes_a_sign_on_its_numbers(label: str) -> None:
    got = along_time(["2010", label], required=[2011])
    assert got[["period", "value", "status"]].to_numpy().tolist() == [["2010", 1.0, ""], ["2011", 2.0, "*"]]


@pytest.mark.parametrize(
    "label",
    ["2011-2013", "2011–2013", "2011/12", "2011 - 2012", "2011K1", "2011 k4", "2011M01", "2011H1", "2011-01", "2012"],
)
def test_other_periods_of_a_year_are_not_the_year(label: str) -> None:
    got = along_time(["2010", label])
    assert "2011" not in set(got["period"])
    with pytest.raises(SnapshotError, match="the table has no 2011"):
        along_time(["2010", label], required=[2011])


@pytest.mark.parametrize(
    "label",
    ["2011 (revidert)", "2011 ny", "20111", "2011.0", "2011-20134", "år 2011", "0000", "٢٠١١", "2011 1. halvår"],
)
def test_a_label_of_time_that_is_not_understood_is_refused(label: str) -> None:
    with pytest.raises(SnapshotError, match=r"mark that is not known|does not begin with a year"):
        along_time(["2010", label])


@pytest.mark.parametrize(
    ("one_", "other"),
    [("2011", "2011 "), ("2011", " 2011"), ("2011", "2011*"), ("2011K1", "2011 K1"), ("2011-2013", "2011–2013"),
     ("2011", "2011"), ("2011", "2011\u00a0(foreløpig)")],
)  # fmt: skip
def test_no_period_takes_the_place_of_another(one_: str, other: str) -> None:
    with pytest.raises(SnapshotError, match="are the same period"):
        along_time(["2010", one_, other])


def along_age(codes: list[str], labels: list[str], *bands: str) -> pd.DataFrame:
    age = Column("Alder", "alder", tuple(codes), tuple(labels))
    chosen = block({"variable": "alder", "to": "age", "bands": list(bands)}, fixed={"region": "oslo", "period": "2011"})
    return observed(replace(synthetic([age]), values=tuple(float(2**at) for at in range(len(codes)))), chosen)


@pytest.mark.parametrize(
    ("codes", "labels"),
    [
        (["0", "1", "2"], ["0-4 years", "5-9 years", "10+ years"]),
        (["00", "01", "02"], ["under skolealder", "skolealder", "voksne"]),
        (["1", "2", "3"], ["barn", "ungdom", "voksne"]),
        (["3", "5", "7"], ["a", "b", "c"]),
        (["0-4", "5-9", "10+"], ["10-14 years", "0-4 years", "5-9 years"]),
        (["F00", "F05", "F10"], ["0-4 years", "5-9 years", "10+ years"]),
    ],
)
def test_positions_are_never_taken_for_ages(codes: list[str], labels: list[str]) -> None:
    with pytest.raises(SnapshotError, match="no label of 'alder' is an age"):
        along_age(codes, labels, "0-1")


def test_ages_come_from_labels_whatever_the_codes_look_like() -> None:
    assert along_age(["2", "1", "0"], ["0-2 år", "3-5 år", "6 år og over"], "0-5")["value"].tolist() == [3]


@pytest.mark.parametrize("twin", ["0-2", "00-02 år", "0–2 år", " 0 - 2 år"])
def test_no_age_takes_the_place_of_another(twin: str) -> None:
    with pytest.raises(SnapshotError, match="are the same age"):
        along_age(["a", "b", "c"], ["0-2 år", twin, "3-5"], "0-5")


@pytest.mark.parametrize("twin", ["To", "to ", "  TO", "To\u00a0"])
def test_no_label_takes_the_place_of_another(twin: str) -> None:
    detail = replace(DETAIL, labels=("En", "To", twin))
    asked = {**SUMS, "select": [{**SUMS["select"][0], "labels": {"2": "To"}}, SUMS["select"][1]]}
    said = "'To' is the label of several values of 'størrelse': codes 2, 3 -> choose by 'codes' instead"
    with pytest.raises(SnapshotError, match=said):
        observed(synthetic([detail, years(2010, 2011)]), asked)
