"""What is recorded of the content, and what figures must agree on: each loss and each contradiction is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.check import floors, identities
from groruddalen_stats.config.identities import Identities, load_identities
from groruddalen_stats.errors import CheckError, ConfigError, Fault, SnapshotError


def cells(*bases: str, name: str = "tabell_90") -> list[Cell]:
    return [small.made_up(f"{name}/r{number}/c", 1.0, basis) for number, basis in enumerate(bases)]


def recorded(path: Path, *bases: str) -> pd.DataFrame:
    floors.renew(path, floors.counted(cells(*bases), "2011"))
    return floors.read(path)


def test_a_cell_that_lost_its_source_is_told_with_its_place(tmp_path: Path) -> None:
    kept = recorded(tmp_path / "floors.csv", "source", "source", "recomputed", "missing")
    assert kept.to_dict("records") == [
        {"edition": "2011", "object": "tabell_90", "source": 2, "computed": 3, "filled": 3, "reason": ""}
    ]
    assert floors.shortfalls(kept, cells("source", "source", "recomputed", "missing"), "2011") == []
    assert floors.shortfalls(kept, cells("source", "source", "source", "missing"), "2011") == []
    (lost,) = floors.shortfalls(kept, cells("source", "transcribed", "recomputed", "missing"), "2011")
    assert str(lost).startswith(
        "edition 2011, tabell_90: 1 cells are from a source, at least 2 are recorded; without: r1/c"
    )
    (lost,) = floors.shortfalls(kept, cells("source", "source", "prose", "missing"), "2011")
    assert "2 cells are computed, at least 3 are recorded" in str(lost)
    # The report's own number is no computed one, but it shows: the floor of what is filled is broken when it goes too.
    printed = recorded(tmp_path / "printed.csv", "source", "transcribed")
    (empty,) = floors.shortfalls(printed, cells("source", "missing"), "2011")
    assert "1 cells show a number, at least 2 are recorded; without: r1/c (missing)" in str(empty)
    (gone,) = floors.shortfalls(kept, cells("source", name="tabell_91"), "2011")
    assert "0 cells are from a source" in str(gone)
    assert floors.shortfalls(kept, cells("missing"), "2018") == []


@given(
    before=st.lists(st.sampled_from(["source", "recomputed", "prose", "missing"]), min_size=1, max_size=9),
    data=st.data(),
)
def test_a_floor_is_broken_exactly_when_fewer_cells_are_computed_or_filled(
    before: list[str], data: st.DataObject
) -> None:
    after = [data.draw(st.sampled_from([basis, "source", "missing"])) for basis in before]
    kept = floors.counted(cells(*before), "2011").assign(reason="")
    fewer_source = after.count("source") < before.count("source")
    computed = [sum(basis in ("source", "recomputed") for basis in bases) for bases in (before, after)]
    filled = [len(bases) - bases.count("missing") for bases in (before, after)]
    broken = bool(floors.shortfalls(kept, cells(*after), "2011"))
    assert broken == (fewer_source or computed[1] < computed[0] or filled[1] < filled[0])


def test_floors_rise_by_themselves_and_fall_only_with_a_reason_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "floors.csv"
    recorded(path, "source", "missing")
    more = floors.counted(cells("source", "source"), "2011")
    assert floors.renew(path, more) == ["2011 tabell_90: source 2, computed 2, filled 2"]
    assert floors.renew(path, more) == []
    content = path.read_bytes()
    fewer = floors.counted(cells("source", "missing"), "2011")
    with pytest.raises(CheckError, match="fewer cells are computed than recorded: 2011/tabell_90"):
        floors.renew(path, fewer)
    assert path.read_bytes() == content
    floors.renew(path, fewer, "the table was withdrawn")
    assert floors.read(path)[["source", "reason"]].values.tolist() == [[1, "the table was withdrawn"]]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("edition,object,source,computed,filled\n2011,a,1,1,1\n", SnapshotError, "column 'reason' is missing"),
        ("edition,object,source,computed,filled,reason\n2011,a,one,1,1,\n", SnapshotError, "floors.csv:2"),
        (
            "edition,object,source,computed,filled,reason\n2011,a,1,1,1,\n2011,a,2,2,2,\n",
            ConfigError,
            "stands twice: 2011/a",
        ),
    ],
)
def test_a_damaged_file_of_floors_is_named(tmp_path: Path, content: str, error: type[Exception], message: str) -> None:
    path = tmp_path / "floors.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        floors.read(path)
    assert floors.read(tmp_path / "none.csv").empty


def figure(value: float, **keys: str) -> dict[str, object]:
    blank = {"source": "one", "series": "population", "region": "a", "period": "2010", "sex": "both"}
    rest: dict[str, object] = {
        "age": "all",
        "background": "all",
        "detail": "",
        "snapshot": f"{keys.get('source', 'one')}/t.csv",
    }
    rest |= {"first": 2, "last": 2, "cells": 1, "column": "n"}
    return {**blank, **rest, **keys, "value": value}


def rules(within: float = 0.0, **sides: object) -> Identities:
    rule = {"says": "both are equal", "by": ["period"], "within": within, **sides}
    if within:
        rule["because"] = "rounding"
    return Identities.model_validate({"identities": {"it": rule}, "jumps": {"times": 4, "years": 3}})


def breaches(rules: Identities, table: pd.DataFrame) -> list[Fault]:
    return identities.breaches(rules, table, ["one", "two"])


SEXES = rules(left={"sex": ["women", "men"]}, right={"sex": "both"})


@given(women=st.integers(0, 10**6), men=st.integers(0, 10**6), extra=st.integers(-50, 50))
def test_a_sum_that_is_not_its_whole_is_told_with_both_numbers_and_files(women: int, men: int, extra: int) -> None:
    parts = [figure(women, sex="women"), figure(men, sex="men")]
    whole = figure(women + men + extra, sex="both", source="two")
    faults = breaches(SEXES, pd.DataFrame([*parts, whole]))
    assert len(faults) == (extra != 0)
    if faults:
        assert f"2010 {women + men} against {women + men + extra}" in str(faults[0])
        assert "one/t.csv#L2:n and two/t.csv#L2:n" in str(faults[0])


def test_nothing_is_compared_where_a_part_or_a_side_has_no_figure() -> None:
    assert breaches(SEXES, pd.DataFrame([figure(3, sex="women"), figure(9)])) == []
    years = [figure(3, sex="women"), figure(4, sex="men"), figure(9, period="2011")]
    assert breaches(SEXES, pd.DataFrame(years)) == []


def test_a_known_difference_is_allowed_up_to_its_limit_and_needs_a_reason() -> None:
    sides = {"left": {"source": "one"}, "right": {"source": "two"}}
    table = [figure(100), figure(105, source="two")]
    assert breaches(rules(5, **sides), pd.DataFrame(table)) == []
    assert len(breaches(rules(4.9, **sides), pd.DataFrame(table))) == 1
    with pytest.raises(ValueError, match="'within' needs 'because'"):
        Identities.model_validate(
            {
                "identities": {"it": {"says": "x", "by": ["period"], "within": 1, **sides}},
                "jumps": {"times": 4, "years": 3},
            }
        )


def test_what_the_report_itself_prints_is_not_held_against_it() -> None:
    own = [figure(1, sex=sex, source="printed") for sex in ("women", "men")]
    assert breaches(SEXES, pd.DataFrame([*own, figure(5)])) == []


@pytest.mark.parametrize(("wrong", "found"), [(1020, 0), (1090, 0), (1400, 1), (300, 1)])
def test_a_jump_far_outside_a_series_own_history_is_told(wrong: int, found: int) -> None:
    values = [1000, 1020, 1010, 1030, wrong, 1050, 1060, 1080, 1070, 1090]
    table = [figure(value, period=str(2001 + year)) for year, value in enumerate(values)]
    faults = breaches(SEXES, pd.DataFrame(table))
    assert bool(faults) == bool(found)
    if found:
        assert str(faults[0]).startswith(f"one/t.csv#L2:n: one, population, a: 1030 in 2004 and {wrong} in 2005")
    for region, years, told in (("a", ["2005", "2006"], 0), ("a", "2004", found), ("b", ["2005", "2006"], found)):
        assert SEXES.jumps is not None
        jumps = SEXES.jumps.model_copy(update={"known": [{"region": region, "period": years}]})
        faults = breaches(SEXES.model_copy(update={"jumps": jumps}), pd.DataFrame(table))
        assert bool(faults) == bool(told)


def test_a_share_outside_0_to_100_is_told_and_a_sum_of_rounded_shares_is_not() -> None:
    whole = small.made_up("x/y/z", 10.0).value
    table = [
        replace(small.made_up(f"tabell_90/{row}/c", number, unit="percent"), denominator=of)
        for row, number, of in (("a", 100.0, whole), ("b", 100.2, whole), ("c", -0.1, whole), ("d", 100.1, None))
    ]
    assert [fault.where for fault in identities.impossible(table, "2018")] == [
        "edition 2018, tabell_90/b/c",
        "edition 2018, tabell_90/c/c",
    ]


def test_a_project_without_the_file_has_no_identities(tmp_path: Path) -> None:
    assert load_identities(tmp_path / "identities.yaml").identities == {}
