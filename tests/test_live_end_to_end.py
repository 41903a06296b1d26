"""The whole catalogue is fetched from a stand-in: numbers stay, gaps fill, and whatever goes wrong loses nothing."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from groruddalen_stats.appendix.model import Cell, Flag, FlagKind
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.config.fetch import PxWebFetch, snapshot_path
from groruddalen_stats.live import doctor
from groruddalen_stats.live.entries import fetchable, overview
from groruddalen_stats.live.fetch import Outcome, Run, exit_code
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store
from groruddalen_stats.stages.cells import cells_of
from groruddalen_stats.tidy import observations
from standin import StandIn
from standin.desk import client, states
from standin.world import AREAS, environment, world
from workbench import Place, by_place

NOW = dt.datetime(2026, 11, 22, 12, 30, tzinfo=dt.UTC)
ROOT = Path(__file__).resolve().parents[1]
NO_TABLE = {"oslo_kommunale_boliger", "oslo_velferdsetaten", "oslo_arbeidsledige", "oslo_utdanning"}
Cells = dict[Place, Cell]


@dataclass(frozen=True)
class Project:
    """A copy of the project, fetched in full from a stand-in that still answers."""

    paths: Paths
    stand: StandIn
    outcomes: list[Outcome]
    built: dict[str, Cells] = field(default_factory=dict)

    def cells(self, edition: str) -> Cells:
        """Return the cells of an edition, each built once."""
        if edition not in self.built:
            self.built[edition] = by_place(cells_of(load(self.paths, {"edition": edition, "language": "nb"})))
        return self.built[edition]


def copy(target: Path) -> Paths:
    for part in ("config", "data/raw"):
        ignored = shutil.ignore_patterns("*.json", "*.json.meta.yaml", "boundaries", ".*")
        shutil.copytree(ROOT / part, target / part, ignore=ignored)
    paths = Paths(target)
    # Of a project that has been fetched in, only the embedded snapshot is taken along.
    Store(paths).relock()
    return paths


def fetch(paths: Paths, *names: str) -> list[Outcome]:
    patient = client(timeout=(2.0, 20.0), max_bytes=30_000_000)
    return Run(fetchable(load(paths)), patient, NOW).fetch(names)


def raw_files(paths: Paths) -> dict[str, bytes]:
    return {
        path.relative_to(paths.raw).as_posix(): path.read_bytes()
        for path in sorted(paths.raw.rglob("*"))
        if path.is_file() and path.name != ".guard"
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    paths = copy(tmp_path_factory.mktemp("live"))
    with world() as stand, pytest.MonkeyPatch.context() as patch:
        for name, url in environment(stand.root).items():
            patch.setenv(name, url)
        yield Project(paths, stand, fetch(paths))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Cells:
    paths = copy(tmp_path_factory.mktemp("embedded"))
    return by_place(cells_of(load(paths, {"edition": "2011", "language": "nb"})))


@pytest.fixture(scope="module")
def after(project: Project) -> Cells:
    return project.cells("2011")


def test_the_whole_catalogue_is_fetched_and_locked(project: Project) -> None:
    catalogue = load(project.paths)
    live = {key: source for key, source in catalogue.sources.sources.items() if source.fetch is not None}
    assert states(project.outcomes) == {key: "no table" if key in NO_TABLE else "fetched" for key in live}, [
        str(fault) for outcome in project.outcomes for fault in outcome.faults
    ]
    assert exit_code(project.outcomes) == 0
    store = Store(project.paths)
    assert store.faults() == []
    for key, source in live.items():
        if key in NO_TABLE:
            continue
        assert source.fetch is not None
        facts = store.lock.files[snapshot_path(key, source.publisher, source.fetch)].model_dump()
        assert facts["fetched_at"] == "2026-11-22T12:30:00Z"
        assert facts["licence"] == source.licence
        assert facts["url"].startswith(project.stand.root)
        assert facts["parts"] >= 1
        assert facts["query"]
        if isinstance(source.fetch, PxWebFetch):
            assert facts["updated"]
            assert re.fullmatch(r"\d{4}-\d{4}", facts["coverage"])
        assert store.sidecar(snapshot_path(key, source.publisher, source.fetch)).fetched


def test_every_table_that_the_report_names_has_its_lineage() -> None:
    sources = load(Paths(ROOT)).sources.sources
    asked = " ".join(name for s in sources.values() if s.lineage for name in s.lineage.requested)
    tables = "06087 06089 03027 06070 07108 07111 04932 04906 06490 06493 04678 2.2 2.7 2.23 4.19 6.4 8.28 9.17 9.2"
    for table in [*tables.split(), "innvbef", "NAV", "UKE"]:
        assert table in asked, table
    for source in sources.values():
        if source.lineage and source.lineage.relation == "none_known":
            assert source.lineage.resolved is None


def test_what_the_snapshot_has_is_fetched_unchanged(project: Project) -> None:
    catalogue = load(project.paths)
    found = observations.build(catalogue, Store(project.paths))
    keys = ["source", "series", "region", "period", "sex", "age", "detail"]
    live = found["snapshot"].str.endswith(".json")
    both = found[~live].merge(found[live], on=keys, suffixes=("_old", "_new"))
    counts = both["source"].value_counts().to_dict()
    assert counts["ssb_10826"] == 5 * 22 * 2 * 12
    assert counts["ssb_07459"] == 2650
    assert counts["oslo_sto013"] == 19 * 6 * 2
    assert counts["oslo_sos006"] == 21 * 5 * 3
    assert (both["value_old"] == both["value_new"]).all()


def test_numbers_stay_and_gaps_fill(before: Cells, after: Cells) -> None:
    assert list(before) == list(after)
    # Their numbers are plainly not figures in the stand-in.
    # It has a region's people of 2001 in one of its municipalities, so that a group of one's own may have none.
    invented = {"figur_07", "figur_09", "figur_03b"}
    same = [at for at, cell in before.items() if cell.known and not cell.spec.ours and at[0] not in invented]
    assert len(same) > 400
    assert all(after[at].number == pytest.approx(before[at].number, abs=1e-9) for at in same)

    def bases(name: str) -> dict[str, int]:
        return Counter(cell.basis.value for at, cell in after.items() if at[0] == name)

    assert bases("figur_07") == {"source": 15}
    assert bases("figur_09") == {"source": 15}
    assert bases("tabell_02") == {"source": 70}
    assert bases("tabell_06") == {"source": 24}
    for region in ("nedre_romerike", "ovre_romerike", "asker_og_baerum", "follo"):
        assert {after["tabell_01", region, str(year)].basis for year in (2001, 2004, 2011)} == {"source"}
    # Of these no service has a figure: they stay what they were.
    for name in ("figur_10", "figur_11", "tabell_11", "tabell_12"):
        assert [repr(after[at]) for at in after if at[0] == name] == [
            repr(before[at]) for at in before if at[0] == name
        ]


def test_figures_7_and_9_show_what_was_fetched(after: Cells) -> None:
    shares = [after["figur_07", "grorud", size].number for size in ("size_1", "size_2_3", "size_4_plus")]
    assert shares == pytest.approx([11.1, 55.5, 33.4])
    bjerke = after["figur_09", "bjerke", "women"]
    counted, residents = bjerke.parts
    assert counted.number == 4444
    assert bjerke.number == pytest.approx(100 * 4444 / residents.number)
    assert {origin.snapshot for origin in counted.origins} == {"oslo/oslo_sys002.json"}
    (below,) = terms_of(bjerke.spec, load(Paths(ROOT)).indicators).denominator
    assert (below.sex, below.age, below.year) == ("women", "15-74", 2010)


def test_rates_of_municipal_dwellings_are_per_household(project: Project) -> None:
    run = load(project.paths, {"edition": "2018", "years": {"dwellings": [2017], "households": [2017]}})
    cell = [cell for cell in cells_of(run) if cell.place[:2] == ("figur_12", "oslo")][-1]
    dwellings, households = (part.number for part in cell.parts)
    assert dwellings == 1_000_001 + 2017
    assert households > 300_000
    assert cell.number == pytest.approx(1000 * dwellings / households)


@pytest.mark.parametrize("edition", ["2018", "2024"])
def test_other_editions_take_what_was_fetched(project: Project, edition: str) -> None:
    assert Counter(cell.basis for at, cell in project.cells(edition).items() if at[0] == "figur_09") == {"source": 15}


def test_a_sign_for_no_figure_does_not_hide_a_figure_of_another_source(project: Project) -> None:
    cells = project.cells("2018")
    oslo = [cell for at, cell in cells.items() if at[:2] == ("tabell_02", "oslo")][-1]
    assert {origin.snapshot for part in oslo.parts for origin in part.origins} == {
        "oslo/husholdninger_vektet_2008_2018.csv"
    }
    nothing = [cell for at, cell in cells.items() if at[:2] == ("tabell_02", "ovre_romerike")][-1]
    assert nothing.value is not None
    assert nothing.value.sign == ".."


def test_a_break_in_the_series_is_noted_where_a_row_crosses_it(project: Project) -> None:
    noted = Flag(FlagKind.CAVEAT, "social_assistance_2016")
    cells = cells_of(load(project.paths, {"edition": "2024", "years": {"social_assistance": 2015}}))
    assert any(noted in cell.flags for cell in cells if cell.place[:2] == ("tabell_07", "bjerke"))
    assert not any(noted in cell.flags for cell in project.cells("2024").values())


def test_doctor_finds_nothing_and_says_what_is_not_known(project: Project) -> None:
    found = {one.source: one for one in doctor.examine(fetchable(load(project.paths)), client(timeout=(2, 20)))}
    assert {one.state for one in found.values()} == {"ok"}
    assert "no table is known" in found["oslo_arbeidsledige"].remarks[0]
    assert any("table 06087 of the report does not answer" in remark for remark in found["ssb_10826"].remarks)


def test_sources_says_what_each_one_is_and_serves(project: Project) -> None:
    listed = {one.source: one for one in overview(load(project.paths, {"edition": "2011"}))}
    assert listed["ssb_06079"].objects == "figur_07"
    assert listed["ssb_06079"].snapshot == "fetched"
    assert listed["ssb_06079"].vintage == "2026-03-01, fetched 2026-11-22"
    assert listed["oslo_sys002"].coverage == "2003-2023"
    assert listed["ssb_10826"].relation == "successor for 06087, 06089"
    assert listed["husbanken_bostotte"].snapshot == "embedded"


@pytest.mark.build
def test_the_report_is_built_from_what_was_fetched(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(project.paths.root))
    for step in ("observations", "cells", "figures", "check", "report", "place"):
        assert main(["build", step, "--edition", "2011", "--language", "nb"]) == 0, capsys.readouterr().err
    page = (project.paths.report("2011") / "appendix.html").read_text(encoding="utf-8")
    figure = page[page.index('id="figur_07"') :]
    assert "55,5" in figure[: figure.index('id="tabell_04"')]
    assert main(["check", "--edition", "2011"]) == 0, capsys.readouterr().err


# ---- whatever goes wrong ----------------------------------------------------------------------------------------

DATA = "/tables/06079/data"
META = "/tables/06079/metadata"
FAULTS = [
    ("429", DATA, 4, r"answered 429 \(4 tries\)"),
    ("503", DATA, 4, r"answered 503 \(4 tries\)"),
    ("reset", DATA, 4, "broke in the middle"),
    ("truncated", DATA, 1, "cut short|not JSON"),
    ("html", DATA, 1, "web page|not JSON"),
    ("latin1", DATA, 1, "UTF-8"),
    ("large", DATA, 1, "larger than"),
    ("redirect", DATA, 1, "points to another host"),
    ("wrong_codes", DATA, 1, "other codes of"),
    ("dropped_dimension", DATA, 1, "dropped the variable"),
    ("default_extract", DATA, 1, "other codes of"),
    ("zeros", DATA, 1, "only zeros or nothing for"),
    ("renamed_label", META, 1, r"sources.yaml:\d+: .*no variable 'husholdningsstørrelse'.*did you mean"),
    ("renamed_values", META, 1, r"sources.yaml:\d+: .*has no value labelled"),
    ("new_variable", META, 1, r"sources.yaml:\d+: .*does not mention"),
    ("year_missing", META, 1, "only zeros or nothing for period 2020"),
]


@pytest.mark.parametrize(("fault", "on", "times", "message"), FAULTS)
def test_no_fault_loses_anything(project: Project, fault: str, on: str, times: int, message: str) -> None:
    there = raw_files(project.paths)
    table = project.stand.tables["06079"]
    project.stand.tables["06079"] = replace(table, updated="2027-03-01T07:00:00Z")
    project.stand.fail(fault, on=on, times=times, bytes=40_000_000, to="http://elsewhere.example/")
    if fault == "year_missing":
        project.stand.fail(fault, on=DATA)
    try:
        (outcome,) = fetch(project.paths, "ssb_06079")
    finally:
        project.stand.tables["06079"] = table
    assert outcome.state == "failed"
    said = "\n".join(map(str, outcome.faults))
    assert re.search(message, said), said
    assert raw_files(project.paths) == there


def test_everything_unreachable_fails_in_seconds_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = copy(tmp_path)
    there = raw_files(paths)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for name, url in environment(f"http://127.0.0.1:{taken.getsockname()[1]}").items():
            monkeypatch.setenv(name, url)
        began = time.monotonic()
        assert main(["fetch"]) == 4
        assert time.monotonic() - began < 15
    said = capsys.readouterr()
    assert "nothing under data/raw was changed" in said.out
    assert "does not answer (connection refused) -> check the network" in said.err
    assert raw_files(paths) == there


def test_wrong_names_and_configuration_exit_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = copy(tmp_path)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(tmp_path))
    assert main(["fetch", "oslo_sto13"]) == 2
    assert "did you mean 'oslo_sto013'?" in capsys.readouterr().err
    config = paths.config / "sources.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("api: oslo\n", "api: olso\n", 1), encoding="utf-8")
    assert main(["doctor"]) == 2
    assert re.search(r"sources.yaml:\d+: .*fetch.api: no API 'olso' -> did you mean", capsys.readouterr().err)


# ---- more than one process, and the end of one ------------------------------------------------------------------

SMALL = ["oslo_sto013", "oslo_sos006", "ssb_06079", "ssb_04906"]

# Forks a fetch, waits for a moment that the test names, kills it, and says so.
PROGRAM = """
import os, signal, sys, time
from groruddalen_stats.cli import main
from groruddalen_stats.live import entries
for line in sys.stdin:
    began = time.monotonic()
    child = os.fork()
    if not child:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os._exit(main(["fetch", *sys.argv[1:]]))
    limit = float(line)
    if limit:
        time.sleep(limit)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(time.monotonic() - began, flush=True)
"""


def environ(paths: Paths) -> dict[str, str]:
    return {**os.environ, "GRORUDDALEN_STATS_ROOT": str(paths.root)}


@pytest.mark.usefixtures("project")
def test_kill_9_at_twenty_random_moments_changes_no_number(tmp_path: Path, before: Cells) -> None:
    paths = copy(tmp_path)
    clean = tmp_path / "clean"
    shutil.copytree(paths.raw, clean)
    chance = random.Random(4)
    landed: list[int] = []
    command = [sys.executable, "-c", PROGRAM, *SMALL]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ(paths), text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def run(limit: float) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{limit}\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        whole = run(0)
        for number in range(20):
            shutil.rmtree(paths.raw)
            shutil.copytree(clean, paths.raw)
            run(chance.uniform(0.2, 1.05) * whole)
            store = Store(paths)
            assert store.faults() == []
            fetched = sum(name.endswith(".json") for name in store.lock.files)
            assert fetched in {0, len(SMALL)}
            landed.append(fetched)
            if number == 19:
                cells = by_place(cells_of(load(paths, {"edition": "2011", "language": "nb"})))
                for at, cell in before.items():
                    if cell.known and not cell.spec.ours and at[0] != "figur_07":
                        assert cells[at].number == pytest.approx(cell.number, abs=1e-9)
        process.stdin.close()
    assert 0 in landed


@pytest.mark.usefixtures("project")
def test_two_fetches_at_once_do_not_corrupt(tmp_path: Path) -> None:
    paths = copy(tmp_path)
    faults: list[BaseException] = []

    def work(*names: str) -> None:
        try:
            assert exit_code(fetch(paths, *names)) == 0
        except BaseException as error:  # noqa: BLE001 - handed to the test
            faults.append(error)

    jobs = [SMALL, SMALL[::-1], SMALL[:2], [*SMALL[2:], "klass_131"]]
    threads = [threading.Thread(target=work, args=names) for names in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    store = Store(paths)
    assert store.faults() == []
    assert sum(name.endswith(".json") for name in store.lock.files) == len(SMALL) + 1


def test_boundaries_are_drawn_from_what_was_fetched(project: Project) -> None:
    from groruddalen_stats.figures import places

    shapes = places(load(project.paths), Store(project.paths), "nb").boundaries
    assert len(shapes) == len(AREAS)
