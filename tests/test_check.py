"""Turns changed digits, changed sources and a changed ledger into the faults that must name them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from groruddalen_stats import catalogue as catalogues
from groruddalen_stats.appendix.build import build
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import CheckResult, audit, check_print, load_ledger, outputs
from groruddalen_stats.check.compare import CHECKABLE, COLUMNS, compare, named, place_of
from groruddalen_stats.check.ledger import reading, reconcile, settle, transcription_faults
from groruddalen_stats.config.deviations import Formula, Ledger, Pair, Place, Quantity, loose_digits
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Text
from groruddalen_stats.errors import CheckError, ConfigError, Fault
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store
from groruddalen_stats.stages.check import run, write
from groruddalen_stats.tidy.published import read_prose

ROOT = Path(__file__).parents[1]
SEEDS = range(24)


@pytest.fixture(scope="module")
def ledger(catalogue: Catalogue) -> Ledger:
    return load_ledger(catalogue)


@pytest.fixture(scope="module")
def result(
    catalogue: Catalogue,
    ledger: Ledger,
    printed: pd.DataFrame,
    cells: pd.DataFrame,
    observed: pd.DataFrame,
) -> CheckResult:
    return check_print(catalogue, ledger, printed, cells, observed)


def lines(faults: list[Fault] | tuple[Fault, ...]) -> str:
    return "\n".join(map(str, faults))


def without(ledger: Ledger, section: str, name: str) -> Ledger:
    kept = {key: entry for key, entry in getattr(ledger, section).items() if key != name}
    return ledger.model_copy(update={section: kept})


# ---- the committed state ------------------------------------------------------------------------------------------


def test_every_printed_number_has_a_verdict_and_all_is_explained(result: CheckResult) -> None:
    counts = result.counts
    assert result.faults == ()
    assert result.open_questions == []
    assert counts["printed"] == 424
    assert counts["checkable"] + counts["not_checkable"] == 424
    assert counts["agree"] + counts["explained"] == counts["checkable"]
    assert counts["unexplained"] == 0
    assert counts["source"] + counts["recomputed"] == counts["checkable"]


def test_the_headline_leads_with_what_an_independent_source_confirms(result: CheckResult) -> None:
    exact = result.checks[result.checks["result"] == "exact"]
    confirmed, internal = ((exact["basis"] == basis).sum() for basis in ("source", "recomputed"))
    counts = result.counts
    assert (counts["confirmed"], counts["internal"]) == (confirmed, internal)
    assert confirmed + internal == counts["agree"]
    assert result.headline("en") == (
        f"{confirmed} of 424 numbers in the report are confirmed by an independent source. {internal} agree with the "
        f"report's other numbers, {counts['explained']} deviate, and {counts['not_checkable']} cannot be checked."
    )
    assert result.headline("nb").startswith(
        f"{confirmed} av 424 tall i rapporten er bekreftet av en uavhengig kilde."
    )


def test_every_number_is_counted_once(result: CheckResult) -> None:
    counts = result.counts
    parts = (
        "confirmed",
        "internal",
        "reproduced",
        "consistent",
        "registered",
        "unexplained",
        "not_checkable",
    )
    assert sum(counts[part] for part in parts) == 424
    assert counts["reproduced"] + counts["consistent"] + counts["registered"] == counts["explained"]


def test_shares_of_the_same_wrong_ages_are_not_confirmed(result: CheckResult) -> None:
    shares = result.checks[result.checks["object"] == "tabell_09"]
    shares = shares[shares["row"].str.startswith("share")]
    assert (len(shares), set(shares["result"]), set(shares["basis"])) == (6, {"exact"}, {"recomputed"})
    assert result.counts_of("tabell_09")["confirmed"] == 0


def test_what_only_repeats_the_print_never_counts_as_agreement(result: CheckResult) -> None:
    transcribed = result.checks[~result.checks["basis"].isin(["source", "recomputed"])]
    assert set(transcribed["result"]) == {"not_checkable"}
    assert set(transcribed["rebuilt"]) == {""}
    assert set(result.checks[result.checks["object"] == "tabell_12"]["result"]) == {"not_checkable"}


def test_every_rule_is_described_and_every_description_is_used(result: CheckResult) -> None:
    for settled in result.settled:
        for language in ("nb", "en"):
            said = result.say(settled.finding, language)
            assert said
            assert "{" not in said


# ---- comparing ----------------------------------------------------------------------------------------------------


def one_cell(printed: str, decimals: int, value: float, basis: str = "source") -> pd.DataFrame:
    published = pd.DataFrame(
        [("t", "r", "c", printed, float(printed), decimals)],
        columns=["object", "row", "column", "printed", "value", "decimals"],
    )
    rebuilt = pd.DataFrame(
        [("t", "r", "c", value, basis)], columns=["object", "row", "column", "value", "basis"]
    )
    return compare(published, rebuilt)


@settings(max_examples=200)
@given(st.integers(-99_999, 99_999), st.integers(-99_999, 99_999), st.integers(0, 2))
def test_verdicts_follow_decimal_arithmetic(left: int, right: int, decimals: int) -> None:
    one, two = (Decimal(n).scaleb(-decimals) for n in (left, right))
    expected = {0: "exact", 1: "last_digit"}.get(abs(left - right), "deviates")
    checks = one_cell(f"{one}", decimals, float(two))
    assert checks["result"].tolist() == [expected]


@pytest.mark.parametrize(
    ("value", "rebuilt", "verdict"),
    [
        (12.25, "12.3", "exact"),
        (12.2499, "12.2", "last_digit"),
        (12.15, "12.2", "last_digit"),
        (12.1, "12.1", "deviates"),
    ],
)
def test_values_are_rounded_half_up_to_the_printed_decimals(value: float, rebuilt: str, verdict: str) -> None:
    checks = one_cell("12.3", 1, value)
    assert checks[["rebuilt", "result"]].to_numpy().tolist() == [[rebuilt, verdict]]


@pytest.mark.parametrize("basis", ["transcribed", "prose", "missing"])
def test_a_cell_without_a_source_is_not_checkable_even_when_equal(basis: str) -> None:
    assert one_cell("12.3", 1, 12.3, basis)["result"].tolist() == ["not_checkable"]


def test_a_printed_number_without_a_rebuilt_cell_is_an_error() -> None:
    published = pd.DataFrame(
        [("t", "r", "c", "7", 7.0, 0)], columns=["object", "row", "column", "printed", "value", "decimals"]
    )
    with pytest.raises(CheckError, match="t r/c: the print has 7 but no cell was rebuilt"):
        compare(published, pd.DataFrame(columns=["object", "row", "column", "value", "basis"]))


# ---- it must be able to fail --------------------------------------------------------------------------------------


def with_digit_changed(printed: pd.DataFrame, seed: int, only: pd.Series) -> tuple[pd.DataFrame, str]:
    """Return the print with one digit of one number changed, in text and value alike, and the cell's name."""
    chosen = random.Random(seed)
    position = chosen.choice(printed.index[only & printed["value"].notna()].tolist())
    row = printed.loc[position]
    number = reading(str(row["printed"]))
    assert number is not None
    digits = f"{number}"
    spots = [index for index, sign in enumerate(digits) if sign.isdigit()]
    spot = chosen.choice(spots)
    digit = chosen.choice([d for d in "0123456789" if d != digits[spot]])
    text = digits[:spot] + digit + digits[spot + 1 :]
    changed = printed.copy()
    changed.loc[position, "value"] = float(text)
    changed.loc[position, "printed"] = text.replace(".", ",")
    return changed, named(place_of(row.to_dict()))


@pytest.mark.parametrize("seed", SEEDS)
def test_one_printed_digit_changed_fails_and_names_the_cell(
    printed: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger, result: CheckResult, seed: int
) -> None:
    exact = {place_of(c) for c in result.checks[result.checks["result"] == "exact"].to_dict("records")}
    agrees = pd.Series([place_of(c) in exact for c in printed.to_dict("records")], index=printed.index)
    changed, name = with_digit_changed(printed, seed, agrees)
    _, faults = reconcile(compare(changed, cells), ledger)
    assert [fault.where for fault in faults] == [name]
    assert "unexplained" in faults[0].what


@pytest.mark.parametrize("seed", SEEDS)
def test_one_digit_of_any_number_is_missed_by_the_control_totals(
    printed: pd.DataFrame, ledger: Ledger, seed: int
) -> None:
    anywhere = pd.Series(True, index=printed.index)  # noqa: FBT003
    changed, name = with_digit_changed(printed, seed + 1000, anywhere)
    faults = transcription_faults(changed, ledger.control_totals)
    assert [fault.where for fault in faults] == [name]


@pytest.mark.parametrize("column", ["printed", "value"])
def test_text_and_value_must_say_the_same(printed: pd.DataFrame, ledger: Ledger, column: str) -> None:
    changed, name = with_digit_changed(printed, 7, printed["object"] == "tabell_12")
    half = printed.copy()
    half[column] = changed[column]
    assert name in {fault.where for fault in transcription_faults(half, ledger.control_totals)}


def test_a_dash_that_becomes_a_number_and_a_row_that_is_lost_are_told(
    printed: pd.DataFrame, ledger: Ledger
) -> None:
    dash = printed.copy()
    where = (
        (dash["object"] == "tabell_10") & (dash["row"] == "alna") & (dash["column"] == "establishment_grants")
    )
    dash.loc[where, "printed"] = "0,4"
    assert "tabell_10 alna/establishment_grants" in lines(transcription_faults(dash, ledger.control_totals))
    lost = printed.drop(printed.index[(printed["object"] == "tabell_12") & (printed["value"] == 27.6)])
    assert "tabell_12 grorud/applications" in lines(transcription_faults(lost, ledger.control_totals))


@pytest.mark.parametrize("seed", range(8))
def test_one_source_figure_changed_fails_and_names_the_cell(
    catalogue: Catalogue, printed: pd.DataFrame, observed: pd.DataFrame, ledger: Ledger, seed: int
) -> None:
    chosen = random.Random(seed)
    counted = observed[
        (observed["source"] == "ssb_10826")
        & observed["region"].isin(["bjerke", "grorud", "stovner", "alna", "oslo"])
        & observed["period"].isin([str(year) for year in range(2004, 2012)])
    ]
    position = chosen.choice(counted.index.tolist())
    changed = observed.copy()
    changed.loc[position, "value"] += chosen.choice([1, 10, 100])
    rebuilt = build(catalogue, changed, printed, read_prose(Store(catalogue.paths)))
    _, faults = reconcile(compare(printed, rebuilt), ledger)
    region, period = observed.loc[position, "region"], observed.loc[position, "period"]
    assert f"tabell_01 {region}/{period}" in lines(faults)


def test_an_entry_of_the_ledger_deleted_leaves_its_cells_unexplained(
    printed: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger
) -> None:
    checks = compare(printed, cells)
    for name, entry in ledger.deviations.items():
        explained, faults = reconcile(checks, without(ledger, "deviations", name))
        assert {fault.where for fault in faults} == {named(place) for place in entry.places}
        assert name not in set(explained["deviation"])


def test_an_entry_covers_only_the_cells_it_names(
    printed: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger
) -> None:
    name = "housing_allowance_is_applications"
    entry = ledger.deviations[name]
    fewer = entry.model_copy(update={"cells": {row: e for row, e in entry.cells.items() if row != "oslo"}})
    smaller = ledger.model_copy(update={"deviations": {**ledger.deviations, name: fewer}})
    _, faults = reconcile(compare(printed, cells), smaller)
    assert [fault.where for fault in faults] == ["tabell_10 oslo/housing_allowance"]


@pytest.mark.parametrize(
    ("table", "row", "column", "expected", "says"),
    [
        ("tabell_01", "bjerke", "2002", "1", "is not in the print"),
        ("tabell_01", "bjerke", "2007", "25530", "no longer occurs"),
        ("tabell_12", "bjerke", "applications", "30.1", "cannot be checked"),
        ("tabell_01", "alna", "2006", "44482", "already explained by"),
    ],
)
def test_an_entry_that_matches_nothing_fails(
    printed: pd.DataFrame,
    cells: pd.DataFrame,
    ledger: Ledger,
    table: str,
    row: str,
    column: str,
    expected: str,
    says: str,
) -> None:
    added = ledger.deviations["bjerke_2006"].model_copy(
        update={"object": table, "cells": {row: {column: Pair(printed=expected, rebuilt=expected)}}}
    )
    more = ledger.model_copy(update={"deviations": {**ledger.deviations, "planted": added}})
    _, faults = reconcile(compare(printed, cells), more)
    assert len(faults) == 1
    assert says in faults[0].what
    assert faults[0].where.endswith("deviations.planted")


EXPLAINED = [
    (name, place)
    for name, entry in load_model(Ledger, ROOT / "config/deviations.yaml").deviations.items()
    for place in entry.places
]


@pytest.mark.parametrize("side", ["printed", "rebuilt"])
@pytest.mark.parametrize(
    ("name", "place"), EXPLAINED, ids=lambda part: "/".join(part) if len(part) == 3 else part
)
def test_another_digit_in_an_explained_cell_fails_and_names_the_cell(
    printed: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger, name: str, place: Place, side: str
) -> None:
    changed = {"printed": printed.copy(), "rebuilt": cells.copy()}
    table = changed[side]
    where = (table[["object", "row", "column"]] == list(place)).all(axis=1)
    assert where.sum() == 1
    pair = ledger.deviations[name].pairs[place]
    # Away from the other number, so that the two never come to agree.
    step = Decimal(1).scaleb(Decimal(pair.printed).as_tuple().exponent)  # type: ignore[arg-type]
    away = 1 if Decimal(pair.printed) > Decimal(pair.rebuilt) else -1
    table.loc[where, "value"] += float(away * step) * (1 if side == "printed" else -1)
    _, faults = reconcile(compare(changed["printed"], changed["rebuilt"]), ledger)
    assert len(faults) == 1
    assert named(place) in faults[0].what
    assert f"the entry expects {pair.printed} and {pair.rebuilt}" in faults[0].what
    assert faults[0].where.endswith(f"deviations.{name}")


# ---- what an explanation is worth ---------------------------------------------------------------------------------


def explanations(result: CheckResult) -> dict[Place, str]:
    return {place_of(c): c["explanation"] for c in result.checks.to_dict("records") if c["explanation"]}


def test_the_computation_decides_how_far_a_number_is_explained(result: CheckResult) -> None:
    found = explanations(result)
    assert {place for _, place in EXPLAINED} == set(found)
    allowance = {place[1]: kind for place, kind in found.items() if place[0] == "tabell_10"}
    assert allowance == dict.fromkeys(["bjerke", "grorud", "stovner", "alna", "oslo"], "reproduced")
    affected = {p[1]: kind for p, kind in found.items() if p[2] == "affected_share"}
    assert affected == {
        "oslo": "reproduced",
        "grorud": "reproduced",
        "alna": "reproduced",
        "bjerke": "registered",
    }
    dated = {p for p, kind in found.items() if kind == "consistent"}
    assert dated == {
        ("tabell_08", "grorud", "both"),
        ("tabell_08", "grorud", "men"),
        ("tabell_08", "alna", "both"),
    }
    akershus = {p[2]: kind for p, kind in found.items() if p[:2] == ("tabell_06", "akershus")}
    assert akershus["immigrants"] == akershus["immigrants_share"] == "reproduced"
    assert akershus["immigrant_population"] == "registered"
    assert found["tabell_06", "nedre_romerike", "immigrants"] == "reproduced"
    assert found["tabell_06", "nedre_romerike", "immigrants_share"] == "registered"
    assert found["tabell_08", "stovner", "women"] == found["tabell_01", "alna", "2006"] == "registered"


def explained_by(result: CheckResult, name: str, formulas: list[Formula], place: Place) -> str:
    entry = result.ledger.deviations[name].model_copy(update={"formulas": formulas})
    ledger = result.ledger.model_copy(update={"deviations": {**result.ledger.deviations, name: entry}})
    return replace(result.figures, ledger=ledger).explanation(name, place)


def test_a_formula_that_gives_another_number_explains_nothing(result: CheckResult) -> None:
    name, place = "disability_population_date", ("tabell_08", "grorud", "men")
    one, two = result.ledger.deviations[name].formulas
    assert explained_by(result, name, [two], place) == "reproduced"
    assert explained_by(result, name, [one], place) == "registered"
    assert explained_by(result, name, [one, two], place) == "consistent"
    assert explained_by(result, name, [one, one], place) == "registered"
    assert explained_by(result, name, [], place) == "registered"
    nothing = Formula(numerator=Quantity(series="housing_allowance_granted", year=1990))
    assert explained_by(result, name, [nothing], place) == "registered"


def test_only_enebakk_on_top_gives_the_printed_immigrants(result: CheckResult) -> None:
    name, place = "enebakk_counted_twice", ("tabell_06", "nedre_romerike", "immigrants")
    given = [
        f"k{code}"
        for code in range(211, 240)
        for formula in [Formula(numerator=Quantity(series="immigrants", plus=f"k0{code}"))]
        if f"k0{code}" in result.figures.known.catalogue.regions.ids
        and explained_by(result, name, [formula], place) == "reproduced"
    ]
    assert given == ["k229"]


def test_a_changed_source_changes_the_text_of_an_explanation(
    catalogue: Catalogue, printed: pd.DataFrame, cells: pd.DataFrame, observed: pd.DataFrame, ledger: Ledger
) -> None:
    def evidence(table: pd.DataFrame) -> str:
        return check_print(catalogue, ledger, printed, cells, table).figures.texts(
            "residents_of_akershus", "en"
        )[1]

    changed = observed.copy()
    where = (
        (changed["series"] == "population")
        & (changed["source"] == "ssb_07459")
        & (changed["region"] == "k0219")
        & (changed["period"] == "2011")
        & (changed["age"] == "20-66")
    )
    assert where.sum() == 1
    changed.loc[where, "value"] += 100
    assert "332,659 and" in evidence(observed)
    assert "502 higher" in evidence(observed)
    assert "332,759 and" in evidence(changed)
    assert "402 higher" in evidence(changed)


def test_every_explanation_is_filled_in_both_languages(result: CheckResult, ledger: Ledger) -> None:
    for language in ("nb", "en"):
        for name in ledger.entries:
            for said in result.figures.texts(name, language):
                assert said
                assert "{" not in said
    said = result.figures.texts("akershus_disability_too_low", "en")[1]
    assert "24,194 recipients" in said
    assert "6.9 per cent" in said
    assert "NAV has 7.0" in said


def test_a_figure_without_a_value_is_an_error_with_its_place(result: CheckResult) -> None:
    entry = result.ledger.deviations["alna_2006"]
    gone = entry.figures["ssb"].model_copy(
        update={"value": Quantity(series="population", region="alna", year=1950)}
    )
    planted = entry.model_copy(update={"figures": {**entry.figures, "ssb": gone}})
    ledger = result.ledger.model_copy(
        update={"deviations": {**result.ledger.deviations, "alna_2006": planted}}
    )
    with pytest.raises(ConfigError, match=r"deviations\.alna_2006\.figures\.ssb"):
        replace(result.figures, ledger=ledger).texts("alna_2006", "nb")


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("Andelen er 6,9 prosent.", "6,9"),
        ("The sum is 76 543.", "76 543"),
        ("Det er 3 av dem.", "3"),
        ("Tallet er 24927.", "24927"),
        ("Tabell v.1.8 gjelder 18–67 år 31. desember 2010, per 1000, {share} prosent av dem på 60 år.", ""),
        ("Ages 16–59 and 60 and over on 1 January 2011, in table v.1.5 for 2001–2011.", ""),
    ],
)
def test_only_years_ages_and_object_numbers_are_typed(text: str, loose: str) -> None:
    assert loose_digits(text) == loose


def test_the_search_counts_its_attempts_and_its_hits(result: CheckResult) -> None:
    outcome = result.figures.outcomes["disability_share"]
    assert (len(outcome.trials), len(outcome.cells)) == (147, 15)
    best, second = outcome.trials[:2]
    assert (best.year, best.age, best.dates, len(best.hits), best.stated) == (
        2010,
        "18-67",
        (2010, 2011),
        11,
        True,
    )
    assert len(second.hits) == 9
    end_of_year = next(t for t in outcome.trials if (t.year, t.age, t.dates) == (2010, "18-67", (2011,)))
    assert len(end_of_year.hits) == 5
    assert outcome.average == pytest.approx(274 / 147)
    stovner = outcome.giving(("tabell_08", "stovner", "women"))
    assert {(2010, "18-66", (2011,)), (2009, "18-67", (2011,))} <= {(t.year, t.age, t.dates) for t in stovner}
    # The formula that the search chooses also gives the shares that the publisher has for Oslo.
    own = {b.cells[0]: b.other for b in result.besides if b.entry.startswith("disability_share")}
    rebuilt = {place_of(c): c["rebuilt"] for c in result.checks.to_dict("records")}
    for column in ("both", "women"):
        assert float(rebuilt["tabell_08", "oslo", column]) == own["tabell_08", "oslo", column]
    (shown,) = audit(result, "en")["searches"]
    assert len(shown["trials"]) == sum(bool(trial.hits) for trial in outcome.trials)


def test_numbers_known_to_be_wrong_are_marked(result: CheckResult) -> None:
    marked = {
        (cell["object"], cell["row"], cell["column"])
        for item in audit(result)["items"]
        if item["known_wrong"]
        for cell in item["cells"]
    }
    assert marked == {
        ("tabell_02", "follo", "2010"),
        ("tabell_02", "follo", "2011"),
        ("tabell_01", "bjerke", "2006"),
        ("tabell_01", "alna", "2006"),
        ("tabell_06", "nedre_romerike", "immigrants"),
        ("tabell_06", "nedre_romerike", "immigrants_share"),
        ("tabell_06", "akershus", "immigrants"),
        ("tabell_06", "akershus", "immigrants_share"),
        ("tabell_09", "recipients_immigrant", "oslo"),
        ("tabell_09", "recipients_other", "oslo"),
        ("tabell_06", "nedre_romerike", "immigrants"),
        ("tabell_06", "nedre_romerike", "immigrants_share"),
        ("tabell_06", "akershus", "immigrants"),
        ("tabell_06", "akershus", "immigrants_share"),
    }


def test_whole_counts_cannot_tell_what_follo_was_divided_by(result: CheckResult) -> None:
    (unknown,) = audit(result, "en")["unknown_values"]
    rooms = [m["counts"] for m in unknown["moved"] if m["printed"]]
    assert len(rooms) == 8
    # A tenth of a household in a thousand of 47 072 is 4.7 households: no rate excludes a whole count.
    assert set(rooms) == {4, 5}
    assert "is an inference and not shown" in unknown["inference"]
    assert f"{min(rooms)} to {max(rooms)} different whole counts" in unknown["inference"]


def test_every_finding_is_in_the_ledger_or_an_open_question(result: CheckResult, ledger: Ledger) -> None:
    found = [item.finding for item in result.settled]
    for name, entry in ledger.findings.items():
        settled, faults = settle(found, without(ledger, "findings", name))
        assert faults == []
        opened = [item.finding for item in settled if item.entry is None]
        assert opened, name
        assert all(set(finding.cells) <= entry.named for finding in opened)


def test_an_entry_whose_rule_finds_nothing_any_more_fails(result: CheckResult, ledger: Ledger) -> None:
    found = [item.finding for item in result.settled]
    for name, entry in ledger.entries.items():
        for rule in entry.rules:
            gone = [f for f in found if f.rule == rule and set(f.cells) <= entry.named]
            assert gone, (name, rule)
            _, faults = settle([f for f in found if f not in gone], ledger)
            assert any(f"'{rule}'" in fault.what and fault.where.endswith(f".{name}") for fault in faults)
    _, faults = settle([], ledger)
    assert len(faults) == sum(len(entry.rules) for entry in ledger.entries.values())


# ---- the ledger as a file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda d: d["findings"]["dash_style"]["cells"][0].update(object="tabel_10"),
            "did you mean 'tabell_10'?",
        ),
        (lambda d: d["findings"]["dash_style"].update(rules=["writing_stile"]), "writing_stile"),
        (lambda d: d["rules"].pop("spacing"), "names the rule 'spacing'"),
        (lambda d: d["texts"].pop("headline"), "the text 'headline' is missing"),
        (lambda d: d["kinds"].pop("rounding"), "the class 'rounding' has no text"),
        (lambda d: d["rules"].update(nothing=d["rules"]["spacing"]), "there is no rule 'nothing'"),
        (
            lambda d: d["deviations"]["alna_2006"]["cells"]["alna"]["2006"].update(rebuilt="44 482"),
            "is not a number",
        ),
        (lambda d: d["deviations"]["alna_2006"].update({"class": "misprinted"}), "did you mean 'misprint'?"),
        (lambda d: d["deviations"]["alna_2006"].pop("evidence"), "the key is missing"),
        (
            lambda d: d["deviations"]["alna_2006"]["reason"].update(en="It is 12 too high."),
            "the number '12' is typed into a text",
        ),
        (
            lambda d: d["deviations"]["alna_2006"]["reason"].update(nb="{mer} for høyt."),
            "the text names the figure 'mer'",
        ),
        (
            lambda d: d["deviations"]["alna_2006"]["figures"]["excess"].update(of=["printed", "later"]),
            "needs 'later', which is not under 'figures'",
        ),
        (
            lambda d: d["deviations"]["alna_2006"]["figures"].update(
                excess={"operation": "add", "of": ["more", "ssb"]},
                more={"operation": "add", "of": ["excess", "ssb"]},
            ),
            "need each other",
        ),
        (
            lambda d: d["deviations"]["alna_2006"]["figures"]["ssb"].update(printed="tabell_01/alna/2006"),
            "a figure needs one of",
        ),
        (
            lambda d: d["deviations"]["stovner_women_disability"]["figures"]["tried"]["search"].update(
                name="none"
            ),
            "names the search 'none'",
        ),
        (
            lambda d: d["deviations"]["alna_2006"].update(
                formulas=[{"numerator": {"series": "population", "sources": ["nibr_tabell_01"]}}]
            ),
            "repeats the report and divides by nothing",
        ),
        (
            lambda d: d["corroborations"]["households_of_oslo"]["against"].update(sources=["ssb_familje"]),
            "ssb_familie",
        ),
    ],
)
def test_a_wrong_ledger_is_refused_with_its_place(
    copied: Callable[..., Paths], change: Callable[[dict[str, Any]], object], says: str
) -> None:
    paths = copied("config")
    file = paths.config / "deviations.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_ledger(catalogues.load(paths, {"edition": "2011"}))
    assert says in str(error.value)
    assert "deviations.yaml" in str(error.value)


# ---- the audit ----------------------------------------------------------------------------------------------------


def test_the_audit_is_ordered_by_how_much_it_matters(result: CheckResult, ledger: Ledger) -> None:
    document = audit(result)
    severities = [item["severity"] for item in document["items"]]
    assert severities == sorted(severities)
    assert document["items"][0]["class"] == "wrong_series"
    assert {item["id"] for item in document["items"]} == set(ledger.entries)
    assert json.loads(json.dumps(document)) == document
    assert set(audit(result, "en")) == set(document)


def test_every_deviating_cell_can_be_marked_on_the_spot(result: CheckResult) -> None:
    marked = audit(result)["cells"]
    for check in result.checks[result.checks["deviation"] != ""].to_dict("records"):
        assert check["deviation"] in marked["/".join(place_of(check))]


def test_follos_households_are_followed_onwards(result: CheckResult) -> None:
    document = audit(result)
    (item,) = [item for item in document["items"] if item["id"] == "follo_households_repeat"]
    touched = {(t["object"], t["row"]): t["columns"] for t in item["touches"]}
    assert set(touched) == {("tabell_10", "follo"), ("tabell_12", "follo"), ("figur_12", "follo")}
    assert len(touched["tabell_12", "follo"]) == 5
    (unknown,) = document["unknown_values"]
    low, high = (unknown["values"][0][key] for key in ("low_value", "high_value"))
    # The slowest and the fastest year of 2005-2009, one year on from 51 169.
    assert low == pytest.approx(51169 * 47847 / 47072)
    assert high == pytest.approx(51169 * 51169 / 49929)
    moved = {(m["object"], m["column"]): (m["low"], m["high"]) for m in unknown["moved"]}
    assert moved["tabell_10", "housing_allowance"] == ("35,5", "35,7")
    assert len(moved) == 9


def test_corroborations_are_computed_and_are_no_agreement(result: CheckResult) -> None:
    besides = {(b.entry, b.cells[0]): b for b in result.besides}
    bydeler = [b for (entry, _), b in besides.items() if entry == "households_weighted"]
    assert len(bydeler) == 16
    assert max(abs(b.difference) for b in bydeler) == pytest.approx(4.5)
    akershus = [b for (entry, _), b in besides.items() if entry == "households_of_akershus"]
    assert [b.difference for b in akershus] == [-7, -4, -6, -1]
    county = [b for (entry, _), b in besides.items() if entry == "population_of_akershus"]
    assert [(b.printed, b.difference) for b in county] == [(471988, 0), (488618, 0)]
    assert result.counts_of("tabell_02")["checkable"] == 0


def test_tables_are_dated_by_trying_the_years(result: CheckResult) -> None:
    dated = {(d["object"], d["year"], tuple(d["base_years"])): d for d in audit(result, "en")["dating"]}
    assert dated["tabell_03", 2011, (2011,)]["hits"] == 30
    assert dated["tabell_03", 2010, (2010,)]["hits"] == 13
    disability = {key[1:]: row for key, row in dated.items() if key[0] == "tabell_08"}
    assert [key for key, row in disability.items() if row["stated"]] == [(2010, (2010, 2011))]
    assert max(disability, key=lambda key: disability[key]["hits"]) == (2010, (2010, 2011))


# ---- the files ----------------------------------------------------------------------------------------------------


def test_the_csv_keeps_its_contract(result: CheckResult, tmp_path: Path) -> None:
    outputs.write(result, tmp_path)
    table = pd.read_csv(tmp_path / "check.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == COLUMNS
    assert len(table) == 424
    bjerke = table[
        (table["object"] == "tabell_01") & (table["row"] == "bjerke") & (table["column"] == "2006")
    ]
    assert bjerke.to_numpy().tolist() == [
        ["tabell_01", "bjerke", "2006", "24927", "24606", "deviates", "source", "bjerke_2006", "registered"]
    ]


def test_junit_has_one_case_per_cell(result: CheckResult) -> None:
    root = ET.fromstring(outputs.junit(result))  # noqa: S314 - our own output
    cases = root.findall("./testsuite/testcase")
    assert len(cases) == 424 == int(root.attrib["tests"])
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == 424
    assert len(root.findall(".//skipped")) == result.counts["not_checkable"] == int(root.attrib["skipped"])
    assert root.findall(".//failure") == []
    assert root.attrib["failures"] == "0"


def test_junit_names_what_fails(
    catalogue: Catalogue, ledger: Ledger, printed: pd.DataFrame, cells: pd.DataFrame, observed: pd.DataFrame
) -> None:
    less = without(ledger, "deviations", "alna_2006")
    failed = check_print(catalogue, less, printed, cells, observed)
    root = ET.fromstring(outputs.junit(failed))  # noqa: S314 - our own output
    cases = [case for case in root.findall("./testsuite/testcase") if case.find("failure") is not None]
    assert [(case.attrib["classname"], case.attrib["name"]) for case in cases] == [("tabell_01", "alna/2006")]
    assert root.attrib["failures"] == "1"
    assert outputs.badge(failed)["color"] == "red"
    assert failed.counts["unexplained"] == 1


class Page(HTMLParser):
    """Collects what a reader or a screen reader needs of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_is_self_contained_and_readable(
    catalogue: Catalogue, result: CheckResult, language: str
) -> None:
    run = catalogue.run.model_copy(update={"language": language})
    translated = replace(result, catalogue=Catalogue(catalogue.paths, run))
    page = Page()
    page.feed(outputs.html(translated, audit(translated)))
    assert ("html", {"lang": language}) in page.tags
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "img", "iframe"}]
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert targets <= {f"#{name}" for name in ids}
    said = " ".join(page.said)
    assert translated.headline() in said
    finding = {"nb": "Funn", "en": "Finding"}[language]
    assert f"{finding} 1" in page.said
    assert not [name for name in result.ledger.entries if name in said]
    # A verdict is a word, not only a colour.
    assert (
        said.count(f"≠ {result.ledger.texts['deviates'][translated.language]}") >= result.counts["deviates"]
    )


def test_the_same_check_gives_the_same_bytes(result: CheckResult, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        outputs.write(result, tmp_path / folder)
    for name in outputs.FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(outputs.FILES)


def test_the_badge_says_what_is_confirmed(result: CheckResult) -> None:
    shown = outputs.badge(result)
    assert (
        shown["message"] == f"{result.counts['confirmed']} av 424 bekreftet av uavhengig kilde, 0 nye avvik"
    )
    assert shown["color"] == "brightgreen"
    svg = ET.fromstring(outputs.badge_svg(result))  # noqa: S314 - our own output
    assert str(shown["message"]) in svg.attrib["aria-label"]


def test_the_badge_is_green_only_for_something_checked_and_red_only_for_something_unexplained(
    result: CheckResult,
) -> None:
    nothing = replace(result, checks=result.checks[result.checks["result"] == "not_checkable"])
    assert nothing.counts["checkable"] == 0
    assert outputs.badge(nothing)["color"] == "lightgrey"
    stale = replace(result, faults=(Fault("an entry is stale", "config/deviations.yaml", "delete it"),))
    shown = outputs.badge(stale)
    assert shown["color"] == "orange"
    assert str(shown["message"]).endswith("1 feil i kontrollen")
    bare = result.checks.assign(deviation="", explanation="")
    assert outputs.badge(replace(result, checks=bare))["color"] == "red"


def test_the_terminal_table_ends_in_the_headline_and_what_is_known(result: CheckResult) -> None:
    said = outputs.terminal(result).splitlines()
    assert outputs.terminal(result).endswith("\n")
    assert said[-2] == result.headline()
    assert said[-1] == audit(result)["notes"][0]
    assert len(said) == 12 + 5
    assert said[13].split()[-4:] == [f"{result.counts[key]}" for key in (*CHECKABLE, "not_checkable")]


# ---- the command's function ---------------------------------------------------------------------------------------


@pytest.fixture
def project(copied: Callable[..., Paths], cells: pd.DataFrame, observed: pd.DataFrame) -> Paths:
    paths = copied("config", "data/raw")
    paths.cells("2011").parent.mkdir(parents=True)
    cells.drop(columns="display").to_parquet(paths.cells("2011"))
    observed.to_parquet(paths.observations)
    return paths


def test_run_check_passes_and_then_names_a_changed_digit(project: Paths) -> None:
    english = catalogues.load(project, {"edition": "2011", "language": "en"})
    assert (write(english) / "check.html").exists()
    assert run(english).faults == ()
    table = project.published / "tabell_04.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('"45,7",45.7,', '"45,8",45.8,'), encoding="utf-8")
    with pytest.raises(CheckError) as error:
        run(english)
    assert "tabell_04 alna/share_all: printed 45.8, rebuilt 45.7: unexplained" in str(error.value)


def test_run_check_before_the_build_says_what_to_do(copied: Callable[..., Paths]) -> None:
    with pytest.raises(CheckError, match=r"cells\.parquet: the file does not exist -> run 'make report'"):
        write(catalogues.load(copied("config", "data/raw"), {"edition": "2011", "language": "nb"}))


def test_another_edition_compares_only_what_the_print_has(
    copied: Callable[..., Paths], printed: pd.DataFrame, observed: pd.DataFrame
) -> None:
    paths = copied("config", "data/raw")
    edition = yaml.safe_load((paths.editions / "2011.yaml").read_text(encoding="utf-8"))
    edition["years"] |= {"population": [2010, 2011, 2012], "age_structure": 2012}
    (paths.editions / "overlap.yaml").write_text(yaml.safe_dump(edition), encoding="utf-8")
    catalogue = catalogues.load(paths, {"edition": "overlap", "language": "en"})
    rebuilt = build(catalogue, observed, printed, read_prose(Store(paths)))
    other = check_print(catalogue, load_ledger(catalogue), printed, rebuilt, observed)
    assert other.faults == ()
    by_table = {name: other.counts_of(name) for name in other.tables.tables}
    assert by_table["tabell_01"]["exact"] == 18
    assert by_table["tabell_01"]["not_comparable"] == 72
    assert by_table["tabell_03"]["not_comparable"] == 35
    assert by_table["tabell_08"] == {**by_table["tabell_08"], "checkable": 17, "not_comparable": 0}


def test_a_sentence_that_asks_for_too_much_is_refused(result: CheckResult) -> None:
    finding = result.settled[0].finding
    rule = result.ledger.rules[finding.rule]
    wrong = Text(nb="{hitz} treff", en="{hitz} hits")
    said = rule.model_copy(update={"says": {**rule.says, finding.says: wrong}})
    other = result.ledger.model_copy(update={"rules": {**result.ledger.rules, finding.rule: said}})
    with pytest.raises(ConfigError, match=r"cannot fill in 'hitz' -> the rule tells .*hits"):
        replace(result, ledger=other).say(finding)
