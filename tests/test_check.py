"""What the check must say of changed digits, changed sources and a changed ledger."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pages
import small
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.check import CheckResult, audit, check_print, load_ledger, outputs
from groruddalen_stats.check.compare import CHECKABLE, COLUMNS, compare, named, place_of
from groruddalen_stats.check.ledger import answers, reconcile, transcription_faults
from groruddalen_stats.check.printed import read_print
from groruddalen_stats.config.deviations import Expected, Figure, Formula, Ledger, Quantity, typed_number
from groruddalen_stats.config.models import Place, Text
from groruddalen_stats.errors import CheckError, ConfigError, Fault
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths
from groruddalen_stats.report.check_page import check_page
from groruddalen_stats.stages.check import run, write_pages, write_results
from groruddalen_stats.stages.work import Work
from groruddalen_stats.workflow import CHECK_PAGES, CHECK_RESULTS

PRINTED, OBSERVED, CELLS = small.printed(), small.observed(), small.cells()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return small.catalogue()


@pytest.fixture(scope="module")
def ledger(catalogue: Catalogue) -> Ledger:
    return load_ledger(catalogue)


@pytest.fixture(scope="module")
def result(catalogue: Catalogue, ledger: Ledger) -> CheckResult:
    return check_print(catalogue, ledger, PRINTED, CELLS, OBSERVED, small.find())


def lines(faults: list[Fault] | tuple[Fault, ...]) -> str:
    return "\n".join(map(str, faults))


def without(ledger: Ledger, name: str) -> Ledger:
    return replace(ledger, entries={key: entry for key, entry in ledger.entries.items() if key != name})


def unexpected(ledger: Ledger, name: str) -> Ledger:
    """Return the ledger without an entry's rows of deviations.csv."""
    return replace(ledger, expected={line: row for line, row in ledger.expected.items() if row.entry != name})


def test_every_printed_number_is_counted_once_and_has_its_verdict(result: CheckResult) -> None:
    assert result.faults == ()
    # Of the 29: table 2 is only the report's own, two shares and one count are wrong, rates stand on table 2.
    assert result.counts == {
        "printed": 29,
        "checkable": 17,
        "not_checkable": 12,
        "agree": 14,
        "confirmed": 11,
        "internal": 3,
        "different": 3,
        "explained": 3,
        "reproduced": 1,
        "consistent": 1,
        "registered": 1,
        "unexplained": 0,
        "exact": 14,
        "last_digit": 1,
        "deviates": 2,
        "not_comparable": 0,
        "source": 14,
        "recomputed": 3,
    }


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_headline_counts_what_an_independent_source_confirms(result: CheckResult, language: Language) -> None:
    assert sorted(map(int, re.findall(r"\d+", result.headline(language)))) == [3, 3, 11, 12, 29]


def test_what_only_repeats_the_print_never_counts_as_agreement(result: CheckResult) -> None:
    households = result.checks[result.checks["object"] == "tabell_02"]
    assert set(households["result"]) == {"not_checkable"}
    assert set(households["rebuilt"]) == {""}
    rates = result.checks[result.checks["column"] == "rate"]
    assert (set(rates["result"]), set(rates["basis"])) == ({"exact"}, {"recomputed"})


def one_printed(printed: str, decimals: int) -> pd.DataFrame:
    columns = ["object", "row", "column", "printed", "value", "decimals"]
    return pd.DataFrame([("t", "r", "c", printed, float(printed), decimals)], columns=columns)


def one_cell(printed: str, decimals: int, value: float, basis: str = "source") -> pd.DataFrame:
    return compare(one_printed(printed, decimals), [small.made_up("t/r/c", value, basis)])


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
    with pytest.raises(CheckError, match="t r/c: the print has 7 but no cell was rebuilt"):
        compare(one_printed("7", 0), [])


@pytest.mark.parametrize("column", ["printed", "value"])
def test_text_and_value_must_say_the_same(catalogue: Catalogue, ledger: Ledger, column: str) -> None:
    wrong = {"printed": ("10,3",), "value": (10.3, None)}[column]
    cell = (PRINTED["object"] == "tabell_03") & (PRINTED["row"] == "bjerke") & (PRINTED["column"] == "share")
    for text in wrong:
        half = PRINTED.assign(**{column: PRINTED[column].mask(cell, text)})
        faults = transcription_faults(read_print(half, catalogue), ledger)
        assert [fault.where for fault in faults] == ["tabell_03 bjerke/share"]


@pytest.mark.parametrize("region", ["bjerke", "oslo"])
@pytest.mark.parametrize("step", [1, 100])
def test_one_source_figure_changed_fails_and_names_the_cell(ledger: Ledger, region: str, step: int) -> None:
    where = (OBSERVED["source"] == "persons") & (OBSERVED["region"] == region) & (OBSERVED["period"] == "2010")
    changed = OBSERVED.copy()
    changed.loc[changed.index[where][0], "value"] += step
    rebuilt = small.compute(changed).cells()
    _, faults = reconcile(compare(PRINTED, rebuilt), ledger)
    assert f"tabell_01 {region}/2010" in lines(faults)


def test_an_entry_of_the_ledger_deleted_leaves_its_cells_unexplained(ledger: Ledger) -> None:
    checks = compare(PRINTED, CELLS)
    for name in ledger.deviations:
        explained, faults = reconcile(checks, unexpected(ledger, name))
        assert {fault.where for fault in faults} == {named(place) for place in ledger.places(name)}
        assert name not in set(explained["deviation"])


@pytest.mark.parametrize(
    ("table", "row", "column", "expected", "says"),
    [
        ("tabell_01", "bjerke", "2008", "1", "is not in the print"),
        ("tabell_01", "bjerke", "2009", "1000", "no longer occurs"),
        ("tabell_02", "bjerke", "2010", "551", "cannot be checked"),
        ("tabell_01", "alna", "2010", "2100", "already explained by"),
    ],
)
def test_an_entry_that_matches_nothing_fails(
    ledger: Ledger, table: str, row: str, column: str, expected: str, says: str
) -> None:
    where = {"object": table, "row": row, "column": column}
    planted = Expected(entry="alna_misprint", **where, printed=Decimal(expected), rebuilt=Decimal(expected))
    more = replace(ledger, expected={**ledger.expected, 99: planted})
    _, faults = reconcile(compare(PRINTED, CELLS), more)
    assert len(faults) == 1
    assert says in faults[0].what
    assert faults[0].where == "config/ledger/deviations.csv:99"


EXPLAINED = load_ledger(small.catalogue()).expected


@pytest.mark.parametrize("side", ["printed", "rebuilt"])
@pytest.mark.parametrize("line", EXPLAINED)
def test_another_digit_in_an_explained_cell_fails_and_names_the_cell(ledger: Ledger, line: int, side: str) -> None:
    printed, cells = PRINTED, CELLS
    pair, place = EXPLAINED[line], EXPLAINED[line].place
    # Away from the other number, so that the two never come to agree.
    step = float(Decimal(1).scaleb(pair.printed.as_tuple().exponent))  # type: ignore[arg-type]
    step *= 1 if pair.printed > pair.rebuilt else -1
    if side == "printed":
        where = (printed[["object", "row", "column"]] == list(place)).all(axis=1)
        assert where.sum() == 1
        printed = printed.assign(value=printed["value"] + where * step)
    else:
        found = small.cell(cells, "/".join(place))
        cells = small.changed(cells, "/".join(place), number=found.number - step)
    _, faults = reconcile(compare(printed, cells), ledger)
    assert len(faults) == 1
    assert named(place) in faults[0].what
    assert f"the row expects {pair.printed} and {pair.rebuilt}" in faults[0].what
    assert faults[0].where == f"config/ledger/deviations.csv:{line}"


def test_the_computation_decides_how_far_a_number_is_explained(result: CheckResult) -> None:
    explained = {place_of(c): c["explanation"] for c in result.checks.to_dict("records") if c["explanation"]}
    assert explained == {
        ("tabell_03", "oslo", "share"): "reproduced",
        ("tabell_03", "alna", "share"): "consistent",
        ("tabell_01", "alna", "2010"): "registered",
    }


def explained_by(result: CheckResult, *formulas: Formula) -> str:
    named = {f"it_{number}": formula for number, formula in enumerate(formulas)}
    entry = result.ledger.entries["alna_date"].model_copy(update={"formulas": tuple(named)})
    ledger = replace(result.ledger, formulas=named, entries={"alna_date": entry})
    return replace(result.figures, ledger=ledger).explanation("alna_date", Place("tabell_03", "alna", "share"))


def test_a_formula_that_gives_another_number_explains_nothing(result: CheckResult) -> None:
    before, after = (result.ledger.formulas[name] for name in ("of_2009", "of_2010"))  # 5.3 and 5.0; the report has 5.1
    mean = Formula(Quantity(series="recipients"), Quantity(series="population", year=2009, mean=True))
    assert explained_by(result, mean) == "reproduced"
    assert explained_by(result, before) == "registered"
    assert explained_by(result, before, after) == "consistent"
    assert explained_by(result, before, before) == "registered"
    assert explained_by(result) == "registered"
    assert explained_by(result, Formula(Quantity(series="recipients", year=1990))) == "registered"


def test_a_changed_source_changes_the_text_of_an_explanation(catalogue: Catalogue, ledger: Ledger) -> None:
    where = (OBSERVED["source"] == "persons") & (OBSERVED["region"] == "alna") & (OBSERVED["period"] == "2010")
    changed = OBSERVED.copy()
    changed.loc[changed.index[where][0], "value"] += 7
    said = [
        check_print(catalogue, ledger, PRINTED, CELLS, table, small.find(table)).figures.texts("alna_misprint", "en")[1]
        for table in (OBSERVED, changed)
    ]
    assert said == ["The source has 2,100.", "The source has 2,107."]


def test_every_explanation_is_filled_in_both_languages(result: CheckResult) -> None:
    assert {name: result.figures.texts(name, "nb")[1] for name in result.ledger.entries} == {
        "alna_misprint": "Kilden har 2\N{NARROW NO-BREAK SPACE}100.",
        "oslo_counted_once": "Talt én gang gir 1 av 1.",
        "alna_date": "Av 6 kombinasjoner gir 1 tallet.",
        "alna_households": "Det faller fra 1\N{NARROW NO-BREAK SPACE}000 til 900.",
        "oslo_digits": "Sifrene er riktige.",
    }


def evidence(result: CheckResult, **figure: object) -> str:
    """Return the number of a figure of another kind in the place of the source's; ``report`` is the printed one."""
    own = {"entry": "alna_misprint", "object": "tabell_01", "rows": "alna", "columns": "2010"}
    report = Figure.model_validate({**own, "figure": "report", "how": "printed"})
    source = result.ledger.figures["alna_misprint"]["source"]
    wanted = Figure.model_validate({"entry": "alna_misprint", "figure": "wanted", **figure})
    entry = result.ledger.entries["alna_misprint"].model_copy(update={"evidence_en": "{wanted}"})
    figures = {"alna_misprint": {"source": source, "report": report, "wanted": wanted}}
    ledger = replace(result.ledger, entries={"alna_misprint": entry}, figures=figures)
    return replace(result.figures, ledger=ledger).texts("alna_misprint", "en")[1]


def test_a_figure_without_a_value_is_an_error_with_its_place(result: CheckResult) -> None:
    with pytest.raises(ConfigError, match=r"ledger/figures\.csv alna_misprint wanted"):
        evidence(result, how="value", series="population", region="alna", year=1950)


@pytest.mark.parametrize(
    ("how", "of", "more", "expected"),
    [
        ("add", "source report", {}, "4,110"),
        ("subtract", "report source", {}, "\N{MINUS SIGN}90"),
        ("apart", "report source", {}, "90"),
        ("divide", "report source", {"scale": 100, "decimals": 1}, "95.7"),
        ("cells", "welfare_share", {}, "2"),
        ("average", "welfare_share", {"decimals": 2}, "0.33"),
        ("stated", "welfare_share", {}, "1"),
        ("others", "welfare_share", {}, "1"),
        ("giving_best", "welfare_share", {"object": "tabell_03", "rows": "alna", "columns": "share"}, "1"),
    ],
)
def test_figures_of_explanations_are_computed(
    result: CheckResult, how: str, of: str, more: dict[str, Any], expected: str
) -> None:
    assert evidence(result, how=how, of=of, **more) == expected


def test_a_table_is_dated_by_trying_the_years(catalogue: Catalogue, ledger: Ledger) -> None:
    # A fourth share, 215 of 3200: a column of fewer is not tried.
    share = (PRINTED["row"] == "bjerke") & (PRINTED["column"] == "share")
    fourth = PRINTED[share].assign(row="groruddalen", printed="6,7", value=6.7)
    result = check_print(catalogue, ledger, pd.concat([PRINTED, fourth]), CELLS, OBSERVED, small.find())
    dated = {(d["year"], tuple(d["base_years"])): d for d in audit(result)["dating"]}
    stated = dated[2010, (2010,)]
    assert stated["stated"]
    assert stated["hits"] == 2  # Bjerke and Groruddalen; the two wrong ones are not given
    assert max(d["hits"] for d in dated.values()) == 2


def test_the_search_counts_its_attempts_and_its_hits(result: CheckResult) -> None:
    outcome = result.figures.outcomes["welfare_share"]
    assert len(outcome.cells) == 2
    assert {(t.age, t.dates): (sorted(p[1] for p in t.hits), t.stated) for t in outcome.trials} == {
        ("all", (2010,)): (["bjerke"], True),
        ("all", (2009, 2010)): (["alna"], False),
        ("all", (2009,)): ([], False),
        ("18+", (2010,)): ([], False),
        ("18+", (2009, 2010)): ([], False),
        ("18+", (2009,)): ([], False),
    }
    assert outcome.trials[0].stated
    assert outcome.average == pytest.approx(2 / 6)
    (shown,) = audit(result)["searches"]
    assert len(shown["trials"]) == 2


def test_a_number_known_to_be_wrong_is_followed_onwards(result: CheckResult) -> None:
    document = audit(result)
    (item,) = [item for item in document["items"] if item["known_wrong"]]
    assert item["id"] == "alna_households"
    assert [(t["object"], t["row"], t["columns"]) for t in item["touches"]] == [("tabell_03", "alna", ["rate"])]
    (unknown,) = document["unknown_values"]
    # The slowest and the fastest year of 2007-2009, one year on from 1000.
    assert unknown["values"][0]["low_value"] == pytest.approx(1000 * 1000 / 950)
    assert unknown["values"][0]["high_value"] == pytest.approx(1000 * 950 / 900)
    assert [(m["column"], m["low"], m["high"]) for m in unknown["moved"]] == [("rate", "99,5", "99,8")]


def test_corroborations_are_computed_and_are_no_agreement(result: CheckResult) -> None:
    # Beside the source that the entry names, not the best one: that has 2100 in Alna.
    beside = [(b.cells[0][1], b.printed, b.difference) for b in result.comparisons]
    assert beside == [("bjerke", 1100, 0), ("alna", 2010, 0)]
    without_them = replace(result.ledger, corroborations={})
    again = check_print(result.catalogue, without_them, small.printed(), small.cells(), small.observed(), small.find())
    assert again.counts == result.counts


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
    assert typed_number(text) == loose


def test_every_finding_is_in_the_ledger_or_an_open_question(result: CheckResult, ledger: Ledger) -> None:
    found, before = result.answers, result.open_questions
    for name in ledger.entries.keys() - ledger.deviations - {"oslo_digits"}:
        answered, faults = answers(found, without(ledger, name))
        assert faults == []
        opened = [finding for finding in answered if not finding.entries and finding not in before]
        assert opened, name
        assert all(set(finding.cells) <= ledger.named(name) for finding in opened)


def test_an_entry_does_not_answer_for_more_cells_than_it_names(result: CheckResult, ledger: Ledger) -> None:
    (finding,) = [finding for finding in result.answers if finding.entries == ("alna_households",)]
    wider = replace(finding, cells=(*finding.cells, Place("tabell_01", "bjerke", "2010")))
    ((answer,), _) = answers([wider], ledger)
    assert answer.entries == ()


def test_an_entry_whose_rule_finds_nothing_any_more_fails(result: CheckResult, ledger: Ledger) -> None:
    found = result.answers
    for name, entry in ledger.entries.items():
        for rule in entry.rules:
            gone = [f for f in found if f.rule == rule and set(f.cells) <= ledger.named(name)]
            assert gone, (name, rule)
            _, faults = answers([f for f in found if f not in gone], ledger)
            assert any(f"'{rule}'" in fault.what and fault.where.endswith(f" {name}") for fault in faults)
    _, faults = answers([], ledger)
    assert len(faults) == sum(len(entry.rules) for entry in ledger.entries.values())


ONE, TWO = "alna_misprint,one,add,two source,,,,,,,,,,,,,,,", "alna_misprint,two,add,source source,,,,,,,,,,,,,,,"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "deviations",
            "2010,2100",
            "2010,2 100",
            "2: tabell_01/alna/2010: rebuilt: input should be a valid decimal (got '2 100')",
        ),
        ("deviations", "alna_date", "alna_data", "4: unknown entry 'alna_data' -> did you mean 'alna_date'?"),
        ("deviations", "tabell_03,oslo", "tabel_03,oslo", "3: unknown object 'tabel_03' -> did you mean 'tabell_03'?"),
        ("deviations", ",rebuilt", ",built", "1: the columns are entry, object, row, column, printed, built -> write"),
        ("deviations", "4.0,5.0", "4.0,5.0,6.0", "3: the row has more or fewer fields"),
        ("deviations", "date,tabell_03,alna", "date,tabell_03,oslo", "tabell_03/oslo/share: already stands in line 3"),
        ("rules", "jumps,", "jmps,", "unknown rule 'jumps' -> did you mean 'jmps'?"),
        ("rules", "jumps,label", "jmps,label", "unknown rule 'jumps' -> did you mean 'jmps'?"),
        ("rules", "sexes,", "nothing,", "there is no rule 'nothing'"),
        ("rules", "sexes,", "nothing,", "the rule 'sexes' has no label"),
        ("noted", "_grouping", "_groping", "rule: unknown 'digit_groping' -> did you mean 'digit_grouping'?"),
        ("noted", "oslo_digits", "oslo_digit", "6: the entry 'oslo_digits' names no rule that finds it"),
        ("writing", "oslo_digits", "oslo_digit", "2: unknown entry 'oslo_digit' -> did you mean 'oslo_digits'?"),
        ("cells", "tabell_02", "tabel_02", "2: unknown object 'tabel_02' -> did you mean 'tabell_02'?"),
        ("cells", "2010,", "2010,yes", "the entry 'alna_households' names no cell"),
        ("cells", "2010,", ",", "columns: tuple should have at least 1 item"),
        ("entries", "yes,jumps", "yes,jmps", "5: unknown rule 'jmps' -> did you mean 'jumps'?"),
        ("entries", "yes,jumps", "yes,", "the entry 'alna_households' names no rule that finds it"),
        ("entries", "date,unknown", "date,unknow", "kind: unknown 'unknow' -> did you mean 'unknown'?"),
        ("entries", "of_2009", "of_209", "4: unknown formula 'of_209' -> did you mean 'of_2009'?"),
        ("entries", "A digit", "It is 12 too high: a digit", "the number '12' is typed into a text"),
        ("entries", "A digit", "{more} too high: a digit", "2: the text names the figure 'more'"),
        ("figures", "alna_misprint,source", f"{ONE}\n{TWO}\nalna_misprint,source", "the figure 'one' needs 'two'"),
        ("figures", "value,", "value,it", "'value' takes 0 in 'of'"),
        ("figures", "before,printed,,tabell_02,alna,2009", "before,printed,,,,", "'printed' takes 1 in 'cells'"),
        (
            "figures",
            ",,,population,,alna,,2010",
            ",,,population,,,,2010",
            "'value' needs 'series', 'region' and 'year'",
        ),
        ("figures", "combinations,welfare", "combinations,wlfare", "5: unknown search 'wlfare_share' -> did you mean"),
        ("figures", "hits,hits,once", "hits,hits,one", "3: unknown formula 'one' -> did you mean 'once'?"),
        ("formulas", "recipients,,oslo", "recipients,wlfare,oslo", "2: unknown source 'wlfare'"),
        ("independent", "printed_pop", "printed_pup", "2: unknown source 'printed_pupulation' -> did you mean"),
    ],
)
def test_a_wrong_row_of_the_ledger_is_refused_with_its_line(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    path = small.place(tmp_path).ledger / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(says)) as error:
        load_ledger(load(Paths(tmp_path)))
    assert str(path.parent) in str(error.value)


def test_a_formula_that_repeats_the_report_explains_nothing(tmp_path: Path) -> None:
    path = small.place(tmp_path).ledger / "formulas.csv"
    text = path.read_text(encoding="utf-8").replace(
        "once,numerator,recipients,", "once,numerator,population,printed_population"
    )
    path.write_text(text.replace("once,denominator,population,,,,,,,,,\n", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match="'once' repeats the report and divides by nothing"):
        load_ledger(load(Paths(tmp_path)))


def test_what_is_listed_as_wrongly_written_must_still_stand_in_the_print(catalogue: Catalogue, ledger: Ledger) -> None:
    right = PRINTED.assign(printed=PRINTED["printed"].replace("63 00", "6 300"))
    (fault,) = transcription_faults(read_print(right, catalogue), ledger)
    assert fault.where == "config/ledger/writing.csv:2"
    assert fault.what == "tabell_01 oslo/2010 is printed '6 300', not '63 00'"


def test_the_audit_is_ordered_by_how_much_it_matters_and_marks_every_deviating_cell(
    result: CheckResult, ledger: Ledger
) -> None:
    document = audit(result)
    assert [item["severity"] for item in document["items"]] == [1, 2, 3, 4, 9]
    assert {item["id"] for item in document["items"]} == set(ledger.entries)
    assert json.loads(json.dumps(document)) == document
    for check in result.checks[result.checks["deviation"] != ""].to_dict("records"):
        assert check["deviation"] in document["cells"]["/".join(place_of(check))]


def test_the_csv_keeps_its_contract(result: CheckResult, tmp_path: Path) -> None:
    outputs.write_files(result, tmp_path)
    table = pd.read_csv(tmp_path / "check.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == [*COLUMNS, "against", "closes"]
    assert len(table) == 29
    alna = table[(table["object"] == "tabell_01") & (table["row"] == "alna") & (table["column"] == "2010")]
    verdict = "tabell_01,alna,2010,2010,2100,deviates,source,alna_misprint,registered"
    assert ",".join(*alna.to_numpy()) == f"{verdict},source identity,"


def junit(result: CheckResult) -> tuple[ET.Element, list[tuple[str, str]]]:
    """Return the root, and the cases that fail."""
    root = ET.fromstring(outputs.junit(result))  # noqa: S314 - our own output
    cases = root.findall("./testsuite/testcase")
    assert len(cases) == int(root.attrib["tests"])
    failing = [(case.attrib["classname"], case.attrib["name"]) for case in cases if case.find("failure") is not None]
    assert len(failing) == int(root.attrib["failures"])
    return root, failing


STALE = (Fault("an entry is stale", "config/ledger/entries.csv", "delete it"),)


def test_junit_has_one_case_per_cell_and_names_what_fails(
    catalogue: Catalogue, ledger: Ledger, result: CheckResult
) -> None:
    root, failing = junit(result)
    names = {(case.attrib["classname"], case.attrib["name"]) for case in root.findall("./testsuite/testcase")}
    assert (len(names), failing) == (29, [])
    assert len(root.findall(".//skipped")) == result.counts["not_checkable"] == int(root.attrib["skipped"])
    less = unexpected(ledger, "alna_misprint")
    failed = check_print(catalogue, less, PRINTED, CELLS, OBSERVED, small.find())
    assert junit(failed)[1] == [("tabell_01", "alna/2010")]
    assert outputs.badge(failed)["color"] == "red"
    assert failed.counts["unexplained"] == 1
    assert junit(replace(result, faults=STALE))[1] == [("ledger", "config/ledger/entries.csv: an entry is stale")]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_page_is_self_contained_and_readable(catalogue: Catalogue, result: CheckResult, language: str) -> None:
    run = catalogue.run.model_copy(update={"language": language})
    translated = replace(result, catalogue=Catalogue(catalogue.paths, run))
    page = pages.seen(check_page(translated, audit(translated)))
    assert page.all("html") == [{"lang": language}]
    assert not page.all("script", "link", "img", "iframe")
    assert all(head.get("scope") for head in page.all("th"))
    ids = page.every("id")
    assert len(ids) == len(set(ids))
    inside = {link["href"] for link in page.all("a") if not link["href"].startswith("appendix.html")}
    assert inside <= {f"#{name}" for name in ids}
    said = " ".join(page.text)
    assert translated.headline() in said
    finding = result.catalogue.labels.check["finding"][translated.language]
    assert f"{finding} 1" in page.text
    assert not [name for name in result.ledger.entries if name in said]
    # A verdict is a word, not only a colour.
    assert (
        said.count(f"≠ {result.catalogue.labels.check['deviates'][translated.language]}") >= result.counts["deviates"]
    )


def test_the_same_check_gives_the_same_bytes(result: CheckResult, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        outputs.write_files(result, tmp_path / folder)
    assert check_page(result, audit(result)) == check_page(result, audit(result))
    files = set(CHECK_PAGES) - {"check.html"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_badge_is_green_only_for_something_confirmed_and_red_only_for_something_unexplained(
    result: CheckResult,
) -> None:
    shown = outputs.badge(result)
    assert shown["message"] == result.catalogue.labels.check["badge_message"].nb.format(**result.counts)
    assert shown["color"] == "brightgreen"
    svg = ET.fromstring(outputs.badge_svg(result))  # noqa: S314 - our own output
    assert str(shown["message"]) in svg.attrib["aria-label"]
    nothing = replace(result, checks=result.checks[result.checks["result"] == "not_checkable"])
    assert nothing.counts["checkable"] == 0
    assert outputs.badge(nothing)["color"] == "lightgrey"
    shown = outputs.badge(replace(result, faults=STALE))
    assert shown["color"] == "orange"
    told = result.catalogue.labels.check["badge_faults"].nb
    assert shown["message"] == told.format(**result.counts, faults=1)
    bare = result.checks.assign(deviation="", explanation="")
    assert outputs.badge(replace(result, checks=bare))["color"] == "red"


def test_the_terminal_table_ends_in_the_headline_and_what_is_known(result: CheckResult) -> None:
    said = outputs.terminal(result).splitlines()
    assert outputs.terminal(result).endswith("\n")
    assert said[-2] == result.headline()
    assert said[-1] == audit(result)["notes"][0]
    assert len(said) == 3 + 5
    assert said[4].split()[-4:] == [f"{result.counts[key]}" for key in (*CHECKABLE, "not_checkable")]


def test_run_check_passes_and_then_names_a_changed_digit(tmp_path: Path) -> None:
    project = small.place(tmp_path)
    english = load(project, {"language": "en"})
    work = Work(english)
    write_results(work)
    write_pages(work)
    written = english.paths.report("2010+en")
    assert all((written / name).exists() for name in (*CHECK_RESULTS, *CHECK_PAGES))
    assert run(english).faults == ()
    table = project.published / "tabell_03.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('"10,0",10.0,', '"10,3",10.3,'), encoding="utf-8")
    with pytest.raises(CheckError) as error:
        run(english)
    assert "tabell_03 bjerke/share: printed 10.3, rebuilt 10.0: unexplained" in str(error.value)


def test_another_edition_compares_only_what_the_print_has() -> None:
    years = {"population": [2010, 2019], "welfare": 2020}
    catalogue, rebuilt = small.catalogue(years=years), small.cells(years=years)
    other = check_print(catalogue, load_ledger(catalogue), PRINTED, rebuilt, OBSERVED, small.find())
    assert other.faults == ()
    counts = {name: other.counts_of(name) for name in other.tables.tables}
    assert (counts["tabell_01"]["exact"], counts["tabell_01"]["not_comparable"]) == (3, 4)
    assert counts["tabell_03"]["not_comparable"] == 9
    assert counts["tabell_02"]["not_comparable"] == 0


def test_a_sentence_that_asks_for_too_much_is_refused(result: CheckResult) -> None:
    finding = result.answers[0]
    said = {**result.ledger.rules[finding.rule], finding.says: Text(nb="{hitz} treff", en="{hitz} hits")}
    other = replace(result.ledger, rules={**result.ledger.rules, finding.rule: said})
    with pytest.raises(ConfigError, match=r"cannot fill in 'hitz' -> the rule tells growth"):
        replace(result, ledger=other).say(finding)
