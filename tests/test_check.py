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
from groruddalen_stats.config.deviations import Ledger
from groruddalen_stats.config.models import Text
from groruddalen_stats.errors import CheckError, ConfigError, Fault
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store
from groruddalen_stats.stages.check import run, write
from groruddalen_stats.tidy.published import read_prose

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


def test_the_headline_is_counted(result: CheckResult) -> None:
    n, agree, explained = (result.counts[key] for key in ("checkable", "agree", "explained"))
    assert result.headline("en") == (
        f"{n} of 424 printed values can be checked; {agree} agree exactly, "
        f"{explained} differ and are explained, 0 unexplained"
    )
    assert result.headline("nb").startswith(f"{n} av 424 trykte tall kan kontrolleres; {agree} stemmer helt")


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
    fewer = entry.model_copy(update={"expect": {row: e for row, e in entry.expect.items() if row != "oslo"}})
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
        update={"object": table, "expect": {row: {column: expected}}}
    )
    more = ledger.model_copy(update={"deviations": {**ledger.deviations, "planted": added}})
    _, faults = reconcile(compare(printed, cells), more)
    assert len(faults) == 1
    assert says in faults[0].what
    assert faults[0].where.endswith("deviations.planted")


def test_an_expected_value_that_no_longer_holds_fails(
    printed: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger
) -> None:
    entry = ledger.deviations["alna_2006"].model_copy(update={"expect": {"alna": {"2006": "44483"}}})
    other = ledger.model_copy(update={"deviations": {**ledger.deviations, "alna_2006": entry}})
    _, (fault,) = reconcile(compare(printed, cells), other)
    assert "printed 44494, rebuilt 44482, the entry expects 44483" in fault.what


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
            lambda d: d["deviations"]["alna_2006"]["expect"]["alna"].update({"2006": "44 482"}),
            "is not a number",
        ),
        (lambda d: d["deviations"]["alna_2006"].update({"class": "misprinted"}), "did you mean 'misprint'?"),
        (lambda d: d["deviations"]["alna_2006"].pop("evidence"), "the key is missing"),
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
    assert dated["tabell_08", 2010, (2010, 2011)]["hits"] > dated["tabell_08", 2010, (2011,)]["hits"]


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
        ["tabell_01", "bjerke", "2006", "24927", "24606", "deviates", "source", "bjerke_2006"]
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


def test_the_badge_says_the_counts(result: CheckResult) -> None:
    shown = outputs.badge(result)
    assert (
        shown["message"] == f"{result.counts['agree']} av {result.counts['checkable']} stemmer, 0 uforklart"
    )
    svg = ET.fromstring(outputs.badge_svg(result))  # noqa: S314 - our own output
    assert str(shown["message"]) in svg.attrib["aria-label"]


def test_the_terminal_table_ends_in_the_headline(result: CheckResult) -> None:
    said = outputs.terminal(result).splitlines()
    assert outputs.terminal(result).endswith("\n")
    assert said[-1] == result.headline()
    assert len(said) == 12 + 4
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
    write(english)
    built = (project.report("2011") / "check.xml").read_bytes()
    passed = run(english)
    assert (project.report("2011") / "check.xml").read_bytes() == built
    assert passed.faults == ()
    assert (project.report("2011") / "check.html").exists()
    table = project.published / "tabell_04.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('"45,7",45.7,', '"45,8",45.8,'), encoding="utf-8")
    with pytest.raises(CheckError) as error:
        run(english)
    assert "tabell_04 alna/share_all: printed 45.8, rebuilt 45.7: unexplained" in str(error.value)
    failed = (project.report("2011") / "check.xml").read_text(encoding="utf-8")
    assert "printed 45.8, rebuilt 45.7, unexplained" in failed


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
    assert by_table["tabell_08"] == {**by_table["tabell_08"], "checkable": 15, "not_comparable": 0}


def test_a_sentence_that_asks_for_too_much_is_refused(result: CheckResult) -> None:
    finding = result.settled[0].finding
    rule = result.ledger.rules[finding.rule]
    wrong = Text(nb="{hitz} treff", en="{hitz} hits")
    said = rule.model_copy(update={"says": {**rule.says, finding.says: wrong}})
    other = result.ledger.model_copy(update={"rules": {**result.ledger.rules, finding.rule: said}})
    with pytest.raises(ConfigError, match=r"cannot fill in 'hitz' -> the rule tells .*hits"):
        replace(result, ledger=other).say(finding)
