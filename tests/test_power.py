"""What is planted, what is counted of it, and that the check names what is wrong before what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import copy
from itertools import islice
from pathlib import Path

import pytest

import pages
import small
from groruddalen_stats import readme
from groruddalen_stats.appendix.compute import finder
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.catalogue import load
from groruddalen_stats.check import audit, check_print, load_ledger
from groruddalen_stats.check import power as check_power
from groruddalen_stats.check.compare import named
from groruddalen_stats.check.coverage import Coverage
from groruddalen_stats.check.identities import breaches
from groruddalen_stats.check.power import KINDS, PRINT, SLIPS, SOURCES, Experiment, Planted, slips, summary, wilson
from groruddalen_stats.check.printed import KnownFigures
from groruddalen_stats.check.suspects import ranked
from groruddalen_stats.cli import main
from groruddalen_stats.config.identities import Identities, load_identities
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import ConfigError, Fault, SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.report.check_page import check_page
from groruddalen_stats.stages import power
from groruddalen_stats.stages.work import Work

SEEDS = range(5)


@pytest.fixture(scope="module")
def small_experiment() -> Experiment:
    catalogue = small.catalogue()
    return Experiment(small.compute(), small.observed(), small.printed(), load_ledger(catalogue), Identities())


@pytest.fixture(scope="module")
def experiment(root: Path) -> Experiment:
    catalogue = load(Paths(root), {"edition": "2011"})
    work = Work(catalogue, stands=True)
    identities = load_identities(catalogue.paths.identities)
    return Experiment(work.compute, work.observations, work.published, load_ledger(catalogue), identities)


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("swapped", "120", {"210", "102"}),
        ("swapped", "8.9", {"9.8"}),
        ("swapped", "11", set()),
        ("dropped", "8.9", {"8", "9"} - {"9"}),
        ("dropped", "105", {"10", "15"}),
        ("dropped", "7", set()),
        ("doubled", "1.5", {"11.5", "1.55"}),
        ("decimal", "8.9", {"0.89", "89"}),
        ("decimal", "23035", {"2303.5", "230350"}),
        ("decimal", "0.5", {"0.05", "05"} - {"05"}),
    ],
)
def test_a_slip_is_one_of_its_kind_and_gives_another_number(kind: str, number: str, expected: set[str]) -> None:
    assert set(slips(kind, number)) == expected


def test_every_digit_can_become_every_other() -> None:
    assert len(slips("digit", "23.5")) == 8 + 9 + 9
    assert all(float(text) != 23.5 for kind in SLIPS for text in slips(kind, "23.5"))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    # The third is the example of Newcombe (1998), who gives 0.2553 to 0.3662.
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.0006)


def test_an_error_is_planted_once_in_every_number_and_the_same_for_the_same_seed(small_experiment: Experiment) -> None:
    for kind in KINDS:
        for where in (PRINT, SOURCES):
            # The first of many are enough: each is chosen after the one before it.
            once, again = (list(islice(small_experiment.planted(1, where, kind), 9)) for _ in range(2))
            assert once == again
            assert all(planted.names for planted in once)
    of_digit = list(small_experiment.planted(1, PRINT, "digit"))
    assert [planted.names[0] for planted in of_digit] == [named(cell.place) for cell in small_experiment.tables.numbers]
    assert of_digit != list(small_experiment.planted(2, PRINT, "digit"))


def test_nothing_planted_is_nothing_seen(small_experiment: Experiment, experiment: Experiment) -> None:
    for one in (small_experiment, experiment):
        assert one.faults(Planted(PRINT, "digit", (), "")) == []


def some(experiment: Experiment, where: str, seed: int) -> Iterator[Planted]:
    for kind in KINDS:
        planted = experiment.planted(seed, where, kind)
        # Of the hundreds in the print some; of the few in the sources, which take long to find, one.
        yield from islice(planted, seed, None, 97) if where == PRINT else islice(planted, seed, seed + 1)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_what_is_made_anew_is_what_the_whole_check_says(experiment: Experiment, seed: int) -> None:
    """The cells and identities that rest on nothing changed are kept; all made anew must say the same."""
    for planted in some(experiment, SOURCES, seed):
        values = experiment._values(planted.figures)
        changed = experiment.observations.assign(value=values)
        compute = copy(experiment.compute)
        # Indexed and found anew, so that nothing remembered of the undamaged figures can be the answer.
        compute.find = finder(compute.catalogue, Observations(changed))
        cells = compute.cells()
        checked = check_print(compute.catalogue, experiment.ledger, experiment.published, cells, changed, compute.find)
        known = KnownFigures(compute.catalogue, changed, compute.find)
        expected = {*checked.faults, *breaches(experiment.identities, changed, known.independent)}
        found = set(experiment.faults(planted))
        assert expected <= found
        assert all(fault in expected or "alone could be" in fault.what or "per cent (" in fault.what for fault in found)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_number_that_a_source_has_is_named_first(experiment: Experiment, seed: int) -> None:
    for planted in some(experiment, PRINT, seed):
        if planted.basis == "source" and planted.kind in SLIPS:
            outcome = experiment.outcome(planted)
            assert (outcome.seen, outcome.named) == (True, True), planted


def test_the_number_that_all_faults_rest_on_comes_first() -> None:
    faults = [
        Fault("one", about=("a", "b")),
        Fault("two", about=("b", "c")),
        Fault("three"),
        Fault("four", about=("b",)),
    ]
    assert ranked(faults, dict) == ["b"]
    # Of two that all rest on, the one that fewer tests speak for.
    assert ranked([Fault("one", about=("a", "b"))], lambda: {"a": 3, "b": 1}) == ["b", "a"]
    # A fault about one number says more than one about three.
    faults = [Fault("one", about=("a", "b", "c")), Fault("two", about=("d",))]
    assert ranked(faults, lambda: {"d": 9})[0] == "d"


def test_a_count_that_several_contradictions_rest_on_is_named_before_them(experiment: Experiment) -> None:
    """The households of Oslo are no number of any source, but stand behind a rate and beside two other figures."""
    place = Place("tabell_02", "oslo", "2010")
    planted = Planted(PRINT, "digit", (named(place),), "tabell_02", print={place: (809_072.0, 0)})
    faults = experiment.faults(planted)
    assert faults[0].where.startswith(named(place))
    assert len(faults) > 2


def test_what_is_counted_is_what_was_said(small_experiment: Experiment) -> None:
    outcomes = [small_experiment.outcome(one) for one in small_experiment.planted(3, PRINT, "digit")]
    made = summary(outcomes)[PRINT]
    assert made["all"]["planted"] == len(outcomes) == sum(group["planted"] for group in made["groups"].values())
    assert made["all"]["seen"] == sum(one.seen for one in outcomes)
    assert made["all"]["first"] <= made["all"]["named"] <= made["all"]["seen"] <= made["all"]["planted"]
    assert made["numbers"] == len(small_experiment.tables.numbers)
    for basis in ("source", "recomputed"):
        assert made["bases"][basis]["named"] == made["bases"][basis]["planted"]


def test_a_result_is_recorded_shown_and_told_when_it_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = small.place(tmp_path)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(tmp_path))
    monkeypatch.setattr(check_power, "OF_EACH", 3)
    assert main(["power", "--seed", "5", "--kind", "digit"]) == 0
    assert not project.power.exists()
    assert main(["power", "--seed", "5"]) == 0
    first = project.power.read_bytes()
    assert "print   digit" in capsys.readouterr().out
    recorded = json.loads(first)
    assert recorded["seed"] == 5
    catalogue = load(project)
    work = Work(catalogue, stands=True)
    said = " ".join(pages.seen(check_page(work.checked.result, audit(work.checked.result))).text)
    texts, language = catalogue.labels.check, catalogue.run.language
    shown = power.shown(work, work.checked.result)
    assert shown is not None
    assert not shown["stale"]
    page = pages.seen(check_page(work.checked.result, audit(work.checked.result), shown))
    assert texts["power"][language] in page.text
    assert texts["power"][language] not in said
    assert f"{recorded['print']['all']['planted']}" in page.text
    lines = "".join("{}\n{}\n".format(*readme.marks(name)) for name in ("objects", "power"))
    (tmp_path / "README.md").write_text(lines, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "live-sources.md").write_text("{}\n{}\n".format(*readme.marks("sources")), encoding="utf-8")
    readme.write(catalogue, work.cells)
    readme.write(catalogue, work.cells, check=True)
    assert f"Of {recorded['print']['all']['planted']} errors" in (tmp_path / "README.md").read_text(encoding="utf-8")
    claims = project.config / "claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    stale = power.shown(work, work.checked.result)
    assert stale is not None
    assert stale["stale"]
    with pytest.raises(ConfigError, match="run 'make power'"):
        readme.write(catalogue, work.cells, check=True)
    project.power.write_text("{}", encoding="utf-8")
    with pytest.raises(SnapshotError, match="not a recorded experiment"):
        power.read(project)


def test_every_number_says_what_it_is_held_against(small_experiment: Experiment) -> None:
    known = small_experiment.known
    ledger, printed = small_experiment.ledger, small_experiment.published
    result = check_print(known.catalogue, ledger, printed, small_experiment.cells, known.observations, known.find)
    coverage = Coverage(result)
    assert set(coverage.against) == {cell.place for cell in result.tables.numbers}
    assert coverage.against[Place("tabell_01", "bjerke", "2010")][:2] == ("source", "identity")
    assert coverage.closes(Place("tabell_01", "bjerke", "2010")) == ()
    rate = next(place for place in coverage.against if place.column == "rate")
    assert "source" not in coverage.against[rate]
    assert coverage.closes(rate) == ("live_households",)
