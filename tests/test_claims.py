"""The claims of the report's text: what the words mean, how verdicts fall, and that every statement is covered."""

from __future__ import annotations

import copy
import csv
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.model import Basis, Flag, FlagKind
from groruddalen_stats.check.claims import COLUMNS, Lookup, evaluate, printed_lookup, rebuilt_lookup
from groruddalen_stats.config.claims import (
    Between,
    Check,
    Claims,
    Difference,
    ImpliesAtLeast,
    NumberIs,
    Order,
    Rank,
    Ratio,
    Reference,
    ShareOf,
    Trend,
    Versus,
    WidestGap,
    load_claims,
    measures_of,
)
from groruddalen_stats.config.load import read_yaml
from groruddalen_stats.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
CLAIMS = ROOT / "config" / "claims.yaml"
INVENTORY = ROOT.parent / "shared" / "facts" / "prose_claims.csv"
SEED = ROOT.parent / "shared" / "seed" / "nibr-2011-22.txt"

Cells = dict[str, float]


def _published() -> pd.DataFrame:
    tables = sorted((ROOT / "data" / "raw" / "published").glob("tabell_*.csv"))
    return pd.concat([pd.read_csv(path).assign(object=path.stem) for path in tables], ignore_index=True)


@pytest.fixture(scope="module")
def claims() -> Claims:
    return load_claims(CLAIMS)


@pytest.fixture(scope="module")
def printed() -> Lookup:
    return printed_lookup(_published())


def nothing(_object: str, _row: str, _column: str) -> float | None:
    return None


@pytest.fixture(scope="module")
def verdicts(claims: Claims, printed: Lookup) -> pd.DataFrame:
    return evaluate(claims, printed, nothing, "en").set_index("claim")


# ---- the file ----------------------------------------------------------------------------------------------------


def test_nearly_every_statement_of_the_inventory_is_executable(claims: Claims) -> None:
    executable = [row for claim in claims.claims.values() for row in claim.rows]
    others = [row for entry in claims.not_executable.values() for row in entry.rows]
    assert claims.inventory == 252
    assert sorted(executable + others) == list(range(1, 253))
    assert len(executable) >= 220


@pytest.mark.skipif(not INVENTORY.exists(), reason="the inventory of statements is not beside the project")
def test_every_inventory_row_is_covered_once_at_its_line_and_with_its_number(claims: Claims) -> None:
    with INVENTORY.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    entries = {row: entry for entry in claims.claims.values() for row in entry.rows}
    aside = {row: entry for entry in claims.not_executable.values() for row in entry.rows}
    assert sorted([*entries, *aside]) == list(range(1, len(rows) + 1))
    for number, row in enumerate(rows, start=1):
        lines = (entries.get(number) or aside[number]).lines
        assert min(abs(line - int(row["seed_line"])) for line in lines) <= 2, number
        if number not in entries or not row["value"]:
            continue
        check, value = entries[number].check, float(row["value"])
        if isinstance(check, NumberIs | Difference):
            assert float(check.stated) == value, number
        elif isinstance(check, Ratio):
            assert float(check.stated) in (value, 1 / value), number
        elif isinstance(check, Between):
            assert value in (float(check.low), float(check.high)), number
        else:
            assert isinstance(check, ImpliesAtLeast), number


@pytest.mark.skipif(not SEED.exists(), reason="the text of the report is not beside the project")
def test_statements_are_in_our_own_words_and_lines_are_in_the_text(claims: Claims) -> None:
    lines = SEED.read_text(encoding="utf-8").split("\n")
    for name, claim in claims.claims.items():
        for line in claim.lines:
            around = " ".join(text.strip() for text in lines[line - 2 : line + 2])
            assert around.strip(), name
            assert claim.statement.nb not in around, name


def test_each_claim_is_said_in_both_languages(claims: Claims) -> None:
    statements = [claim.statement for claim in claims.claims.values()]
    assert all(text.nb and text.en and text.nb != text.en for text in statements)
    assert len({text.nb for text in statements}) == len(statements)
    assert len({text.en for text in statements}) == len(statements)


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(CLAIMS)
    return document


def _broken(tmp_path: Path, change: dict[str, Any], at: tuple[str, ...]) -> Path:
    document = copy.deepcopy(_document())
    place: Any = document
    for key in at:
        place = place[key]
    place.update(change)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "at", "message"),
    [
        ({"measure": "populations"}, ("claims", "alna_population", "check"), "did you mean 'population'"),
        ({"rows": [1]}, ("claims", "alna_population"), "covered twice or not there: 1"),
        ({"rows": [1]}, ("claims", "alna_population"), "no claim covers the inventory rows 10 "),
        ({"lines": [12]}, ("claims", "alna_population"), "line 12 is before the first heading"),
        ({"stated": "4,5"}, ("claims", "alna_population", "check"), "stated"),
        ({"limit": None}, ("words", "about"), "limit is missing for about"),
        ({"form": "guess"}, ("claims", "alna_population", "check"), "guess"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(
    tmp_path: Path, change: dict[str, Any], at: tuple[str, ...], message: str
) -> None:
    path = _broken(tmp_path, change, at)
    with pytest.raises(ConfigError) as caught:
        load_claims(path)
    assert message in str(caught.value)
    assert f"{path}:" in str(caught.value)


# ---- the report's own claims -------------------------------------------------------------------------------------


def test_the_frame_has_one_row_per_claim_in_order(claims: Claims, printed: Lookup) -> None:
    frame = evaluate(claims, printed, nothing)
    assert list(frame.columns) == COLUMNS
    assert list(frame["claim"]) == list(claims.claims)


def test_the_statements_that_do_not_hold_in_print(verdicts: pd.DataFrame) -> None:
    def found(verdict: str) -> set[str]:
        return set(verdicts.index[verdicts["verdict_print"] == verdict])

    assert found("does_not_hold") == {
        "groruddalen_population_about",  # 131 720, not about 150 000
        "groruddalen_dearer_than_neighbours",  # the appendix says two inner rings are dearer
        "bjerke_surplus_above_migration",  # 63 per cent more is not somewhat more
        "stovner_households_rising",  # 2010 is below 2009
        "bjerke_large_households",  # persons, not households
        "oslo_large_households",
        "grorud_allowance",  # 80.7 is not 80
        "alna_start_loans_below_oslo",  # both 3.1
        "grorud_most_dwellings",  # Alna has more
        "nedre_romerike_norwegian_born",  # 3.2
    }
    assert found("partly") == {
        "bjerke_growth_twice",  # 2.12 times Stovner's growth, 2.4 times that of the others
        "bjerke_applications_almost_twice",  # 1.72 times Alna's
        "bjerke_dwellings_below_districts",  # not considerably below Alna
        "bjerke_dwellings_very_few",
        "stovner_size_2_3_level",  # with the neighbours, not with Oslo
        "start_loans_close",  # Grorud 4.2, but Bjerke 3.5 after Stovner's 4.9
        "districts_young_and_old_not_far_above",  # two districts are more than a fifth above Oslo
    }


def test_passages_that_exclude_each_other_are_contradicted(verdicts: pd.DataFrame) -> None:
    pair = {"grorud_size_4_plus_over_five", "grorud_size_4_plus_about_four"}
    assert set(verdicts.index[verdicts["verdict"] == "contradicted"]) == pair
    note = str(verdicts.loc["grorud_size_4_plus_about_four", "note"])
    assert note.endswith("The report says otherwise in chapter 4.2.1 “Befolkningssammensetning”.")


def test_references_to_the_wrong_object_are_found_by_rule(claims: Claims, verdicts: pd.DataFrame) -> None:
    wrong = {
        (cited, claims.objects(claim)[0])
        for claim in claims.claims.values()
        for cited in claim.cited[:1]
        if not set(claim.cited) & set(claims.objects(claim))
    }
    found = {
        (claim.check.refers_to, claims.objects(claim)[0])
        for name, claim in claims.claims.items()
        if isinstance(claim.check, Reference) and verdicts.loc[name, "verdict"] == "wrong_reference"
    }
    assert wrong == found == {("tabell_11", "tabell_10")}


def test_a_number_known_from_the_text_alone_is_never_confirmed(claims: Claims, verdicts: pd.DataFrame) -> None:
    alone = [
        name
        for name, claim in claims.claims.items()
        if isinstance(claim.check, NumberIs)
        and (cell := claims.measures[claim.check.measure].cell)
        and not cell.startswith("tabell")
    ]
    assert len(alone) > 60
    assert set(verdicts.loc[alone, "verdict"]) == {"not_checkable"}


def test_every_cell_of_the_tables_that_a_claim_names_is_printed(claims: Claims, verdicts: pd.DataFrame) -> None:
    def of_tables(name: str) -> bool:
        measure = claims.measures[name]
        cells = [*measure.sum, *measure.minus, *measure.times, *measure.per]
        return all(cell.startswith("tabell") for cell in cells)

    tables = [
        name
        for name, claim in claims.claims.items()
        if not isinstance(claim.check, ImpliesAtLeast)
        and measures_of(claim.check)
        and all(map(of_tables, measures_of(claim.check)))
    ]
    assert len(tables) > 120
    assert "not_checkable" not in set(verdicts.loc[tables, "verdict_print"])


def test_the_words_are_explained_with_all_their_terms(claims: Claims) -> None:
    explained = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in explained.splitlines() if row.startswith("| ")]
    terms = {name.strip().removesuffix(" with"): row[2] for row in rows for name in row[1].split(",")}
    for name, word in claims.words:
        listed = terms[name.replace("_", " ")]
        assert all(term in listed for term in word.terms), name


def test_place_object_and_citation_are_shown(verdicts: pd.DataFrame) -> None:
    row = verdicts.loc["oslo_under_16"]
    assert row["chapter"] == "2, 5"
    assert row["place"] == "chapter 2.2.1 “Befolkningssammensetning”; chapter 5.2.1 “Befolkningssammensetning”"
    assert verdicts.loc["bjerke_births", "place"] == "appendix 1, “Demografi”"
    assert (row["object"], row["cited"]) == ("figur_06", "figur_06")
    assert (verdicts.loc["stovner_start_loans", ["object", "cited"]] == ["tabell_10", "tabell_11"]).all()
    assert verdicts.loc["bjerke_growth", "printed"] == "22.5"


def test_language_and_names_are_used_in_what_is_shown(claims: Claims, printed: Lookup) -> None:
    nb = evaluate(claims, printed, nothing, "nb", str.upper).set_index("claim")
    assert nb.loc["groruddalen_population_about", "stated"] == "omtrent 150\u202f000"
    assert nb.loc["alna_start_loans_below_oslo", "printed"] == "ALNA 3,1; OSLO 3,1"
    wrong = "Teksten viser til tABELL_11, men tallene står i tABELL_10."
    assert str(nb.loc["start_loans_refer_to_table_11", "note"]).endswith(wrong)


def _turned(check: Check, claims: Claims) -> Check:
    opposite = {"higher": "lower", "lower": "higher", "at_least": "lower", "level": "higher"}
    if isinstance(check, NumberIs):
        return check.model_copy(update={"stated": str(int(float(check.stated)) * 2 + 7)})
    if isinstance(check, ImpliesAtLeast | Ratio):
        return check.model_copy(update={"stated": str(float(check.stated) + 9)})
    if isinstance(check, Difference):
        negated = check.stated.removeprefix("-") if check.stated.startswith("-") else f"-{check.stated}"
        return check.model_copy(update={"stated": negated})
    if isinstance(check, Between):
        return check.model_copy(update={"low": check.high, "high": str(int(check.high) + 9)})
    if isinstance(check, Rank):
        ends = {
            "highest": "lowest",
            "lowest": "highest",
            "second_highest": "lowest",
            "second_lowest": "highest",
        }
        return check.model_copy(update={"place": ends[check.place]})
    if isinstance(check, Order):
        return check.model_copy(update={"rows": check.rows[::-1]})
    if isinstance(check, Versus):
        how = "considerably" if check.is_ == "level" else check.how
        return check.model_copy(update={"is_": opposite[check.is_], "how": how})
    if isinstance(check, ShareOf):
        return check.model_copy(update={"is_": opposite[check.is_]})
    if isinstance(check, Trend):
        ways = {"rising": "falling", "falling": "rising", "not_falling": "falling", "level": "rising"}
        return check.model_copy(update={"direction": ways[check.direction]})
    if isinstance(check, WidestGap):
        rest = [name for name in check.measures if name not in check.widest]
        return check.model_copy(update={"widest": rest})
    shown = claims.measures[check.measure].shown_in
    return check.model_copy(update={"refers_to": "figur_99" if check.refers_to in shown else shown[0]})


def _replaced(claims: Claims, name: str, check: Check) -> Claims:
    claim = claims.claims[name].model_copy(update={"check": check})
    return claims.model_copy(update={"claims": {**claims.claims, name: claim}})


def test_turning_any_claim_around_turns_its_verdict(claims: Claims, printed: Lookup, verdicts: pd.DataFrame) -> None:
    turned = dict(claims.claims)
    holding = list(verdicts.index[verdicts["verdict_print"] == "holds"])
    for name in holding:
        # Numbers stated in the text are evidence for other claims, so they are turned one at a time below.
        if not isinstance(claims.claims[name].check, NumberIs | Difference | Between):
            check = _turned(claims.claims[name].check, claims)
            turned[name] = claims.claims[name].model_copy(update={"check": check})
    after = evaluate(claims.model_copy(update={"claims": turned}), printed, nothing).set_index("claim")
    changed = [name for name in holding if turned[name] is not claims.claims[name]]
    assert len(changed) > 60
    assert set(after.loc[changed, "verdict_print"]) == {"does_not_hold"}


def test_turning_a_number_around_turns_its_verdict(claims: Claims, printed: Lookup, verdicts: pd.DataFrame) -> None:
    numbers = [
        name
        for name in verdicts.index[verdicts["verdict_print"] == "holds"]
        if isinstance(claims.claims[name].check, NumberIs | Difference | Between)
    ]
    assert len(numbers) > 50
    for name in numbers[::4]:
        changed = _replaced(claims, name, _turned(claims.claims[name].check, claims))
        after = evaluate(changed, printed, nothing).set_index("claim")
        assert after.loc[name, "verdict_print"] in ("does_not_hold", "partly"), name


def test_a_corrected_reference_holds(claims: Claims, printed: Lookup) -> None:
    name = "start_loans_refer_to_table_11"
    changed = _replaced(claims, name, _turned(claims.claims[name].check, claims))
    assert evaluate(changed, printed, nothing).set_index("claim").loc[name, "verdict"] == "holds"


def test_a_changed_digit_of_the_print_changes_the_verdict(claims: Claims) -> None:
    published = _published()
    hit = (published["object"] == "tabell_03") & (published["row"] == "alna") & (published["column"] == "age_16_66")
    published.loc[hit, "value"] = 68.4
    after = evaluate(claims, printed_lookup(published), nothing).set_index("claim")
    assert after.loc["alna_16_66", "verdict_print"] == "does_not_hold"


# ---- the two sides -----------------------------------------------------------------------------------------------


def _world(checks: dict[str, dict[str, Any]], measures: dict[str, dict[str, Any]] | None = None) -> Claims:
    """Return claims over made-up cells of a made-up table 90 and figure 91."""
    kept = {key: _document()[key] for key in ("headings", "inventory", "words", "labels")}
    label = {"nb": "oppdiktet", "en": "made up"}
    made_up = {
        "share": {"sum": ["tabell_90/{row}/share"], "decimals": 1},
        "other": {"sum": ["tabell_90/{row}/other"], "decimals": 1},
        "drawn": {"sum": ["figur_91/{row}/drawn"], "decimals": 1},
        **(measures or {}),
    }
    return Claims.model_validate(
        {
            **kept,
            "measures": {
                name: {"label": label, "shown_in": ["tabell_90"], **measure} for name, measure in made_up.items()
            },
            "claims": {
                name: {
                    "lines": [check.get("line", 500)],
                    "statement": {"nb": f"Utsagn {name}", "en": f"Statement {name}"},
                    "check": {key: value for key, value in check.items() if key != "line"},
                }
                for name, check in checks.items()
            },
            "not_executable": {},
        }
    )


def _lookup(cells: Cells) -> Lookup:
    return lambda object_id, row, column: cells.get(f"{object_id}/{row}/{column}")


def _verdict(check: dict[str, Any], cells: Cells, measures: dict[str, dict[str, Any]] | None = None) -> str:
    frame = evaluate(_world({"it": dict(check)}, measures), _lookup(cells), nothing)
    return str(frame.loc[0, "verdict"])


def shares(**rows: float) -> Cells:
    return {f"tabell_90/{row}/share": value for row, value in rows.items()}


FORMS: list[tuple[dict[str, Any], Cells, Cells]] = [
    ({"form": "value", "measure": "share", "row": "a", "stated": "12.3"}, shares(a=12.25), shares(a=12.24)),
    ({"form": "about", "measure": "share", "row": "a", "stated": "4"}, shares(a=4.5), shares(a=4.51)),
    ({"form": "just_over", "measure": "share", "row": "a", "stated": "5"}, shares(a=5.2), shares(a=4.9)),
    ({"form": "over", "measure": "share", "row": "a", "stated": "50"}, shares(a=50.1), shares(a=50.0)),
    (
        {"form": "difference", "measure": "share", "row": "a", "against": "b", "stated": "4"},
        shares(a=22.0, b=18.2),
        shares(a=18.2, b=22.0),
    ),
    (
        {"form": "ratio", "measure": "share", "row": "a", "against": ["b"], "stated": "2", "word": "almost"},
        shares(a=7.6, b=4.0),
        shares(a=6.8, b=4.0),
    ),
    (
        {"form": "between", "measure": "share", "rows": ["a", "b"], "low": "9", "high": "11"},
        shares(a=8.5, b=11.4),
        shares(a=8.4, b=11.6),
    ),
    (
        {"form": "rank", "measure": "share", "row": "a", "among": ["a", "b", "c"], "place": "second_highest"},
        shares(a=2.0, b=3.0, c=1.0),
        shares(a=2.0, b=3.0, c=2.5),
    ),
    (
        {"form": "rank", "measure": "share", "row": "a", "among": ["a", "b"], "place": "lowest"},
        shares(a=3.11, b=3.14),
        shares(a=3.16, b=3.14),
    ),
    (
        {"form": "order", "measure": "share", "rows": ["a", "b", "c"]},
        shares(a=3, b=2, c=1),
        shares(a=2, b=2.04, c=3),
    ),
    (
        {"form": "versus", "measures": ["share"], "rows": ["a"], "against": ["b", "c"], "is": "lower"},
        shares(a=1, b=2, c=3),
        shares(a=3.04, b=2, c=3),
    ),
    (
        {"form": "versus", "measures": ["share"], "rows": ["a"], "against": ["b"], "is": "level"},
        shares(a=10.5, b=10.0),
        shares(a=10.6, b=10.0),
    ),
    (
        {"form": "versus", "measures": ["share"], "rows": ["a"], "than": "other", "is": "at_least"},
        {"tabell_90/a/share": 2.0, "tabell_90/a/other": 2.0},
        {"tabell_90/a/share": 1.9, "tabell_90/a/other": 2.0},
    ),
    (
        {
            "form": "share_of",
            "measure": "share",
            "among": ["a", "b", "c"],
            "against": ["d"],
            "is": "higher",
            "share": "most",
        },
        shares(a=3, b=3, c=1, d=2),
        shares(a=3, b=1, c=1, d=2),
    ),
    (
        {
            "form": "share_of",
            "measure": "share",
            "among": ["a", "b", "c"],
            "against": ["d"],
            "is": "higher",
            "share": "many",
        },
        shares(a=3, b=1, c=1, d=2),
        shares(a=1, b=1, c=1, d=2),
    ),
    (
        {
            "form": "trend",
            "object": "tabell_90",
            "rows": ["a"],
            "columns": ["x", "y", "z"],
            "direction": "rising",
        },
        {"tabell_90/a/x": 1, "tabell_90/a/y": 2, "tabell_90/a/z": 3},
        {"tabell_90/a/x": 1, "tabell_90/a/y": 3, "tabell_90/a/z": 2},
    ),
    (
        {
            "form": "trend",
            "object": "tabell_90",
            "rows": ["a"],
            "columns": ["x", "y"],
            "direction": "rising",
            "slowly": True,
        },
        {"tabell_90/a/x": 100, "tabell_90/a/y": 102},
        {"tabell_90/a/x": 100, "tabell_90/a/y": 103},
    ),
    (
        {
            "form": "trend",
            "object": "tabell_90",
            "rows": ["a"],
            "columns": ["x", "y"],
            "direction": "not_falling",
        },
        {"tabell_90/a/x": 3, "tabell_90/a/y": 3},
        {"tabell_90/a/x": 3, "tabell_90/a/y": 2},
    ),
    (
        {"form": "trend", "object": "tabell_90", "rows": ["a"], "columns": ["x", "y"], "direction": "level"},
        {"tabell_90/a/x": 100, "tabell_90/a/y": 96},
        {"tabell_90/a/x": 100, "tabell_90/a/y": 94},
    ),
    (
        {
            "form": "widest_gap",
            "measures": ["share", "other"],
            "row": "a",
            "against": "b",
            "widest": ["share"],
        },
        {"tabell_90/a/share": 1, "tabell_90/b/share": 9, "tabell_90/a/other": 5, "tabell_90/b/other": 1},
        {"tabell_90/a/share": 1, "tabell_90/b/share": 3, "tabell_90/a/other": 5, "tabell_90/b/other": 1},
    ),
    (
        {"form": "reference", "measure": "share", "refers_to": "tabell_90"},
        {},
        {},
    ),
]


@pytest.mark.parametrize(("check", "true", "false"), FORMS, ids=lambda value: str(value.get("form", ""))[:9])
def test_each_form_with_planted_values(check: dict[str, Any], true: Cells, false: Cells) -> None:
    assert _verdict(check, true) == "holds"
    if check["form"] == "reference":
        assert _verdict({**check, "refers_to": "tabell_91"}, {}) == "wrong_reference"
        return
    assert _verdict(check, false) == "does_not_hold"
    assert _verdict(check, {}) == "not_checkable"


def test_a_floor_that_is_reached_proves_nothing() -> None:
    check = {"form": "implies_at_least", "measure": "share", "row": "a", "stated": "2.1"}
    assert _verdict(check, shares(a=2.2)) == "not_checkable"
    assert _verdict(check, shares(a=2.0)) == "does_not_hold"


def test_a_measure_is_sum_less_minus_times_over_per() -> None:
    measure = {
        "sum": ["tabell_90/{row}/x", "tabell_90/b/x"],
        "minus": ["tabell_90/{row}/y"],
        "times": ["tabell_90/{row}/t"],
        "per": ["tabell_90/{row}/z"],
        "constant": 1.0,
        "scale": 100.0,
        "decimals": 0,
    }
    cells = {
        "tabell_90/a/x": 6,
        "tabell_90/b/x": 5,
        "tabell_90/a/y": 2,
        "tabell_90/a/t": 3,
        "tabell_90/a/z": 20,
    }
    check = {"form": "value", "measure": "made", "row": "a", "stated": "150"}
    assert _verdict(check, dict(cells), {"made": measure}) == "holds"
    assert _verdict(check, {**cells, "tabell_90/a/z": 0}, {"made": measure}) == "not_checkable"


PAIR = {"form": "between", "measure": "share", "rows": ["a", "b"], "low": "9", "high": "11"}


@pytest.mark.parametrize(
    ("on_print", "rebuilt", "expected"),
    [
        (shares(a=10, b=8), {}, "partly"),
        ({}, shares(a=10, b=8), "partly"),
        (shares(a=10, b=8), shares(a=10, b=8), "partly"),
        (shares(a=10, b=10), shares(a=10, b=8), "holds_only_for_print"),
        (shares(a=10, b=8), shares(a=10, b=10), "holds_only_rebuilt"),
        (shares(a=8, b=8), shares(a=10, b=8), "partly"),
        (shares(a=10, b=8), shares(a=8, b=8), "partly"),
        (shares(a=8, b=8), {}, "does_not_hold"),
        (shares(a=8), {}, "does_not_hold"),
        (shares(a=10), {}, "not_checkable"),
    ],
)
def test_a_claim_of_several_that_is_true_of_some_agrees_in_part(on_print: Cells, rebuilt: Cells, expected: str) -> None:
    frame = evaluate(_world({"it": PAIR}), _lookup(on_print), _lookup(rebuilt), "en", str.upper)
    assert frame.loc[0, "verdict"] == expected
    if expected == "partly":
        assert str(frame.loc[0, "note"]).endswith("Does not agree for: B.")


@pytest.mark.parametrize(
    ("on_print", "rebuilt", "expected"),
    [
        (5.0, 5.0, "holds"),
        (5.0, None, "holds"),
        (None, 5.0, "holds"),
        (5.0, 6.0, "holds_only_for_print"),
        (6.0, 5.0, "holds_only_rebuilt"),
        (6.0, None, "does_not_hold"),
        (None, 6.0, "does_not_hold"),
        (6.0, 7.0, "does_not_hold"),
        (None, None, "not_checkable"),
    ],
)
def test_the_two_sides_make_one_verdict(on_print: float | None, rebuilt: float | None, expected: str) -> None:
    world = _world({"it": {"form": "value", "measure": "share", "row": "a", "stated": "5"}})

    def side(value: float | None) -> Lookup:
        return lambda _object, _row, _column: value

    assert evaluate(world, side(on_print), side(rebuilt)).loc[0, "verdict"] == expected


def test_numbers_copied_from_the_report_are_no_rebuilt_numbers() -> None:
    def seen(number: float, basis: str, **value: Any) -> float | None:
        lookup = rebuilt_lookup([small.made_up("tabell_90/a/share", number, basis, **value)])
        return lookup("tabell_90", "a", "share")

    bases = ("source", "recomputed", "transcribed", "prose", "missing")
    assert [seen(number, basis) for number, basis in enumerate(bases)] == [0.0, 1.0, None, None, None]
    # Computed from a number that the text gives, or that is known to be wrong.
    assert seen(2.0, "recomputed", rests_on=(Basis.PROSE, Basis.SOURCE)) is None
    assert seen(1.0, "source", flags=(Flag(FlagKind.KNOWN_WRONG, "wrong_count"),)) is None
    assert seen(1.0, "source", flags=(Flag(FlagKind.BORDER, "B1"),)) == 1.0


def test_the_print_has_no_numbers_for_figures() -> None:
    world = _world({"it": {"form": "value", "measure": "drawn", "row": "a", "stated": "5"}})
    assert evaluate(world, _lookup({"figur_91/a/drawn": 5.0}), nothing).loc[0, "verdict"] == "not_checkable"


# ---- what the text says elsewhere --------------------------------------------------------------------------------


def _verdicts(
    checks: dict[str, dict[str, Any]], printed: Cells | None = None, rebuilt: Cells | None = None
) -> list[str]:
    frame = evaluate(_world(checks), _lookup(printed or {}), _lookup(rebuilt or {}))
    return [str(verdict) for verdict in frame["verdict"]]


def drawn(row: str, stated: str, form: str = "value") -> dict[str, Any]:
    return {"form": form, "measure": "drawn", "row": row, "stated": stated}


def gap(row: str, stated: str, word: str = "about") -> dict[str, Any]:
    return {
        "form": "difference",
        "measure": "drawn",
        "row": row,
        "against": "o",
        "stated": stated,
        "word": word,
    }


def test_a_relation_is_checked_with_numbers_stated_elsewhere() -> None:
    higher = {"form": "versus", "measures": ["drawn"], "rows": ["a"], "against": ["b"], "is": "higher"}
    assert _verdicts({"x": drawn("a", "9"), "y": drawn("b", "8"), "it": higher})[2] == "holds"
    assert _verdicts({"x": drawn("a", "8"), "y": drawn("b", "9"), "it": higher})[2] == "does_not_hold"
    assert _verdicts({"x": drawn("a", "8"), "it": higher})[1] == "not_checkable"


def test_saying_it_twice_does_not_confirm_it_and_differing_contradicts_it() -> None:
    assert _verdicts({"x": drawn("a", "31.2"), "it": drawn("a", "31")}) == ["not_checkable"] * 2
    assert _verdicts({"x": drawn("a", "31.2"), "it": drawn("a", "32")}) == ["contradicted"] * 2
    assert _verdicts({"x": drawn("a", "601"), "it": drawn("a", "600", "about")}) == ["not_checkable"] * 2


def test_worded_distances_that_exclude_each_other_are_contradicted() -> None:
    both = {"o": drawn("o", "31.2"), "x": gap("a", "5", "just_over"), "y": gap("a", "4")}
    assert _verdicts(both)[1:] == ["contradicted", "contradicted"]
    agreeing = {"o": drawn("o", "31.2"), "x": gap("a", "5", "just_over"), "y": gap("a", "5")}
    assert _verdicts(agreeing)[1:] == ["not_checkable", "not_checkable"]
    with_number = {
        "o": drawn("o", "31.2"),
        "a": drawn("a", "36"),
        "y": gap("a", "4"),
        "z": gap("a", "5", "value"),
    }
    assert _verdicts(with_number)[2:] == ["does_not_hold", "holds"]


def test_worded_distances_still_settle_a_rank_they_cannot_change() -> None:
    checks = {
        "o": drawn("o", "31.2"),
        "x": gap("a", "5", "just_over"),
        "y": gap("a", "4"),
        "b": drawn("b", "45.4"),
        "it": {"form": "rank", "measure": "drawn", "row": "b", "among": ["a", "b"], "place": "highest"},
    }
    assert _verdicts(checks)[-1] == "holds"
    checks["b"] = drawn("b", "36")
    assert _verdicts(checks)[-1] == "not_checkable"


def test_the_appendix_outranks_a_chapter_and_chapters_contradict_each_other() -> None:
    def says(is_: str, line: int) -> dict[str, Any]:
        return {
            "form": "versus",
            "measures": ["drawn"],
            "rows": ["a"],
            "against": ["b"],
            "is": is_,
            "line": line,
        }

    assert _verdicts({"x": says("higher", 500), "y": says("lower", 6030)}) == [
        "does_not_hold",
        "not_checkable",
    ]
    assert _verdicts({"x": says("higher", 500), "y": says("lower", 900)}) == ["contradicted", "contradicted"]
    assert _verdicts({"x": says("higher", 500), "y": says("higher", 900)}) == [
        "not_checkable",
        "not_checkable",
    ]


def test_a_rebuilt_number_may_settle_what_the_text_half_states() -> None:
    lower = {"form": "versus", "measures": ["drawn"], "rows": ["a"], "against": ["o"], "is": "lower"}
    checks = {"a": drawn("a", "64.6"), "it": lower}
    assert _verdicts(checks, rebuilt={"figur_91/o/drawn": 70.0})[1] == "holds"
    assert _verdicts(checks, rebuilt={"figur_91/o/drawn": 60.0})[1] == "does_not_hold"
    frame = evaluate(_world(checks), nothing, _lookup({"figur_91/o/drawn": 70.0}), "en")
    assert (frame.loc[1, "verdict_print"], frame.loc[1, "verdict_rebuilt"]) == ("not_checkable", "holds")
    assert frame.loc[1, "note"] == "Based on numbers in the text of chapter 1 “Innledning”."


# ---- the words ---------------------------------------------------------------------------------------------------

tenths = st.integers(min_value=1, max_value=9_999).map(lambda number: number / 10)


def _holds(check: dict[str, Any], cells: Cells) -> bool:
    verdict = _verdict(check, cells)
    assert verdict in ("holds", "does_not_hold")
    return verdict == "holds"


def _number(form: str, stated: float, value: float) -> bool:
    return _holds({"form": form, "measure": "share", "row": "a", "stated": f"{stated:.0f}"}, shares(a=value))


@given(stated=st.integers(1, 500), value=tenths)
def test_about_is_five_per_cent_or_half_a_unit(stated: int, value: float) -> None:
    tolerance = max(0.05 * stated, 0.5)
    if abs(abs(value - stated) - tolerance) > 1e-6:  # on the edge the binary number decides
        assert _number("about", stated, value) == (abs(value - stated) < tolerance)


@given(stated=st.integers(1, 500), value=tenths)
def test_just_over_is_about_from_above(stated: int, value: float) -> None:
    assert _number("just_over", stated, value) == (value >= stated and _number("about", stated, value))


@given(stated=st.integers(1, 500), value=tenths)
def test_over_is_anything_above(stated: int, value: float) -> None:
    assert _number("over", stated, value) == (value > stated)


@given(a=tenths, b=tenths)
def test_twice_is_nearer_to_two_than_to_its_neighbours_and_almost_twice_is_its_lower_half(a: float, b: float) -> None:
    twice = {"form": "ratio", "measure": "share", "row": "a", "against": ["b"], "stated": "2"}
    if min(abs(a / b - 2), abs(a / b - 1.75), abs(a / b - 2.25)) > 1e-9:
        assert _holds(twice, shares(a=a, b=b)) == (1.75 < a / b < 2.25)
        assert _holds({**twice, "word": "almost"}, shares(a=a, b=b)) == (1.75 < a / b < 2)


@given(a=tenths, b=tenths, is_=st.sampled_from(["higher", "lower"]))
def test_degrees_never_hold_against_the_direction_and_fit_together(a: float, b: float, is_: str) -> None:
    def compared(how: str) -> bool:
        check = {
            "form": "versus",
            "measures": ["share"],
            "rows": ["a"],
            "against": ["b"],
            "is": is_,
            "how": how,
        }
        return _holds(check, shares(a=a, b=b))

    plain = compared("any")
    assert plain == ((a > b) if is_ == "higher" else (a < b))
    slightly, somewhat, considerably = compared("slightly"), compared("somewhat"), compared("considerably")
    assert not (slightly or somewhat or considerably) or plain
    assert not slightly or somewhat  # what is slightly higher is also somewhat higher
    level = _holds(
        {"form": "versus", "measures": ["share"], "rows": ["a"], "against": ["b"], "is": "level"},
        shares(a=a, b=b),
    )
    assert not (level and plain) or slightly
    assert not (level and considerably)
    away = abs(a / b - 1)
    if plain and abs(away - 0.2) > 1e-6:
        assert slightly != considerably


@given(a=tenths, b=tenths)
def test_level_is_the_same_from_both_ends_but_for_the_edge(a: float, b: float) -> None:
    check = {"form": "versus", "measures": ["share"], "rows": ["a"], "against": ["b"], "is": "level"}
    away = abs(a / b - 1)
    if abs(away - 0.05) > 1e-6:
        assert _holds(check, shares(a=a, b=b)) == (a == b or away < 0.05)
