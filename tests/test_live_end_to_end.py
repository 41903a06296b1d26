"""The whole catalogue is fetched from a stand-in: numbers stay, gaps fill, and whatever goes wrong loses nothing."""

from __future__ import annotations

import re
import shutil
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import small
from groruddalen_stats.appendix import fill
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.model import Cell, Flag, FlagKind
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.config.fetch import BoundaryFetch, PxWebFetch
from groruddalen_stats.live import doctor
from groruddalen_stats.live.entries import overview
from groruddalen_stats.live.fetch import FetchOutcome, Services, exit_code
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report import render_html
from groruddalen_stats.stages import renewal
from groruddalen_stats.stages.work import Work
from standin import StandIn, desk
from standin.desk import client, states
from standin.world import AREAS, environment, population, world
from workbench import Place, by_place

ROOT = Path(__file__).resolve().parents[1]
NO_TABLE = {"oslo_kommunale_boliger", "oslo_velferdsetaten", "oslo_arbeidsledige", "oslo_utdanning"}
Cells = dict[Place, Cell]


@dataclass(frozen=True)
class Project:
    """A copy of the project, fetched in full from a stand-in that still answers."""

    paths: Paths
    stand: StandIn
    outcomes: list[FetchOutcome]
    built: dict[str, Cells] = field(default_factory=dict)

    @cached_property
    def work(self) -> Work:
        """The tables of the report's own edition, read once for all."""
        return Work(load(self.paths, {"edition": "2011", "language": "nb"}))

    def compute(self, **run: Any) -> Compute:
        """Return what computes the cells of a run."""
        return self.work.compute_for(load(self.paths, run))

    def cells(self, edition: str) -> Cells:
        """Return the cells of an edition, each built once."""
        if edition not in self.built:
            self.built[edition] = by_place(self.compute(edition=edition).cells())
        return self.built[edition]


def copy(target: Path) -> Paths:
    for part in ("config", "data/raw"):
        ignored = shutil.ignore_patterns("*.json", "*.json.meta.yaml", "boundaries", ".*")
        shutil.copytree(ROOT / part, target / part, ignore=ignored)
    paths = small.share_kept(Paths(target))
    # Of a project that has been fetched in, only the embedded snapshot is taken along.
    Store(paths).relock()
    return paths


def fetch(paths: Paths, *names: str) -> list[FetchOutcome]:
    return desk.fetch(load(paths), *names, timeout=(2.0, 20.0), max_bytes=30_000_000)


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
def before(cells: list[Cell]) -> Cells:
    return by_place(cells)


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
        path = source.fetched(key)[""]
        assert path in store.lock.files
        facts = store.sidecar(path).fetched
        assert facts is not None
        assert facts.moment == "2026-11-22T12:30:00Z"
        assert facts.url.startswith(project.stand.root)
        assert bool(facts.updated) == isinstance(source.fetch, PxWebFetch)
        assert facts.query or isinstance(source.fetch, BoundaryFetch)


def test_every_table_that_the_report_names_has_its_lineage() -> None:
    sources = load(Paths(ROOT)).sources.sources
    asked = " ".join(name for s in sources.values() if s.lineage for name in s.lineage.requested)
    tables = "06087 06089 03027 06070 07108 07111 04932 04906 06490 06493 04678 2.2 2.7 2.23 4.19 6.4 8.28 9.17 9.2"
    for table in [*tables.split(), "innvbef", "NAV", "UKE"]:
        assert table in asked, table


def test_what_the_snapshot_has_is_fetched_unchanged(project: Project) -> None:
    found = project.work.observations
    keys = ["source", "series", "region", "period", "sex", "age", "detail"]
    live = found["snapshot"].str.endswith(".json")
    both = found[~live].merge(found[live], on=keys, suffixes=("_old", "_new"))
    counts = both["source"].value_counts().to_dict()
    assert counts["ssb_10826"] == 5 * 22 * 2 * 12
    assert counts["ssb_07459"] == 2650
    assert counts["oslo_sto013"] == 19 * 6 * 2
    assert counts["oslo_sos006"] == 21 * 5 * 3
    assert both["value_new"].to_numpy() == pytest.approx(both["value_old"].to_numpy(), rel=1e-12)


def test_other_areas_are_renewed_by_the_same_questions(project: Project) -> None:
    paths, kept = project.paths, Store(project.paths)
    work = Work(load(paths, {"area": "sagene", "year": 2024}))
    found = work.observations
    keys = ["source", "series", "region", "period", "sex", "age", "detail"]
    live = found[found["snapshot"].str.endswith("_other_bydeler.json")]
    both = found[found["snapshot"].str.endswith("_andre.csv")].merge(live, on=keys, suffixes=("_old", "_new"))
    counts = both["source"].value_counts().to_dict()
    # The eleven city districts, and what lies in none where the table has it: all that is embedded.
    assert counts["ssb_10826"] == 14 * 22 * 2 * 12
    assert (counts["oslo_sto013"], counts["oslo_sos006"]) == (11 * 19 * 2, 11 * 21 * 3)
    told = both.dropna(subset=["value_old", "value_new"])
    assert told["value_new"].to_numpy() == pytest.approx(told["value_old"].to_numpy(), rel=1e-12)
    cells = by_place(work.cells)
    for name, column in (("tabell_07", "recipients"), ("tabell_08", "both"), ("figur_09", "women")):
        (counted, *_) = cells[name, "sagene", column].parts
        assert {origin.snapshot.endswith("_other_bydeler.json") for origin in counted.origins} == {True}
    # Municipalities come by county, and the report's own run reads none of all this.
    assert {"ssb/ssb_07459_f11.json", "ssb/ssb_07459_f32.json"} <= kept.lock.files.keys()
    own = project.work.observations["snapshot"].unique()
    assert not any("_other_" in path or "_f11" in path for path in own)


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
    assert counted.number == 6143
    assert bjerke.number == pytest.approx(100 * 6143 / residents.number)
    assert {origin.snapshot for origin in counted.origins} == {"oslo/oslo_sys002.json"}
    (below,) = terms_of(bjerke.spec, load(Paths(ROOT)).indicators).denominator
    assert (below.sex, below.age, below.year) == ("women", "15-74", 2010)


def test_rates_of_municipal_dwellings_are_per_household(project: Project) -> None:
    made = project.compute(edition="2018", years={"dwellings": [2017], "households": [2017]})
    cell = [cell for cell in made.cells("figur_12") if cell.place.row == "oslo"][-1]
    dwellings, households = (part.number for part in cell.parts)
    assert dwellings == population()["0301", "2017"] // 50
    assert households > 300_000
    assert cell.number == pytest.approx(1000 * dwellings / households)


@pytest.mark.parametrize("edition", ["2018", "2024"])
def test_other_editions_take_what_was_fetched(project: Project, edition: str) -> None:
    assert Counter(cell.basis for at, cell in project.cells(edition).items() if at[0] == "figur_09") == {"source": 15}


# What is left has no public table, or none known by more than its number: the census and the price register of the report,
# what the city's agencies count for themselves, and everything by background.
@pytest.mark.parametrize(
    ("run", "least"), [({"edition": "2011"}, 79.0), ({"edition": "2018"}, 71.0), ({"year": 2026}, 75.0)]
)
def test_with_everything_fetched_so_much_is_filled(project: Project, run: dict[str, Any], least: float) -> None:
    made = project.compute(**run)
    whole, _ = fill.fill(made.cells(), made.catalogue)
    assert whole.percent >= least


def test_a_table_that_is_known_by_its_contents_only_is_found(project: Project) -> None:
    asked = {outcome.source: outcome for outcome in project.outcomes}
    assert asked["ssb_midlertidige_botilbud"].observations > 500
    queries = [target for method, target, _ in project.stand.asked if "/data?" in target and "1999" in target]
    assert {re.search(r"tables/(\d+)", target)[1] for target in queries} == {"19991"}  # type: ignore[index]
    cells = project.cells("2018")
    cell = cells["tabell_12", "follo", "temporary_housing"]
    assert {origin.snapshot for part in cell.parts for origin in part.origins} >= {"ssb/ssb_midlertidige_botilbud.json"}
    shares = [cells["figur_02", "d1004", kind].number for kind in ("blocks", "row_houses", "detached")]
    assert shares == pytest.approx([65, 25, 10])


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
    cells = project.compute(edition="2024", years={"social_assistance": 2015}).cells("tabell_07")
    assert any(noted in cell.flags for cell in cells if cell.place.row == "bjerke")
    assert not any(noted in cell.flags for cell in project.cells("2024").values())


def test_doctor_finds_nothing_and_says_what_is_not_known(project: Project) -> None:
    found = {one.source: one for one in doctor.examine(load(project.paths), client(timeout=(2, 20)))}
    assert {one.state for one in found.values()} == {"ok"}
    assert "no table is known" in found["oslo_arbeidsledige"].remarks[0]
    assert any("table 06087 of the report does not answer" in remark for remark in found["ssb_10826"].remarks)


def test_sources_says_what_each_one_is_and_serves(project: Project) -> None:
    work = project.work
    listed = {one.source: one for one in overview(work.catalogue, work.store, work.observations, work.cells)}
    assert listed["ssb_06079"].objects == "figur_07"
    assert listed["ssb_06079"].snapshot == "fetched"
    assert listed["ssb_06079"].vintage == "2026-03-01, fetched 2026-11-22"
    assert listed["oslo_sys002"].coverage == "2003-2024"
    assert listed["ssb_10826"].relation == "successor for 06087, 06089"
    assert listed["husbanken_bostotte"].snapshot == "embedded"


def test_the_report_is_written_from_what_was_fetched_and_agrees_with_the_print(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(project.paths.root))
    page = render_html(project.work.document)
    figure = page[page.index('id="figur_07"') :]
    assert "55,5" in figure[: figure.index('id="tabell_04"')]
    assert main(["check", "--edition", "2011"]) == 0, capsys.readouterr().err


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


def test_a_wrong_name_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy(tmp_path)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(tmp_path))
    assert main(["fetch", "oslo_sto13"]) == main(["doctor", "oslo_sto13"]) == 2
    assert "did you mean 'oslo_sto013'?" in capsys.readouterr().err


def test_boundaries_are_drawn_from_what_was_fetched(project: Project) -> None:
    from groruddalen_stats.figures import places

    shapes = places(load(project.paths), Store(project.paths), "nb").boundaries
    assert len(shapes) == len(AREAS)


def test_a_fetch_says_before_it_is_kept_which_cells_change_and_which_rows_mix_vintages(
    project: Project, before: Cells, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = copy(tmp_path)
    stored = raw_files(paths)
    outcomes = Services(load(paths), client(max_bytes=30_000_000)).ask(["oslo_sto013", "ssb_06079"])
    renewal.tell(paths, [*outcomes, FetchOutcome("ssb_10826", "failed", "it does not answer")])
    assert raw_files(paths) == stored

    cells = pd.read_csv(tmp_path / "report/fetch/cells.csv")
    size = cells[(cells["edition"] == 2011) & (cells["object"] == "figur_07")]
    now = project.cells("2011")
    assert len(size) == 15
    for row in size.itertuples():
        place = (str(row.object), str(row.row), str(row.column))
        assert row.after == pytest.approx(now[place].number)
        assert row.before == pytest.approx(before[place].number, nan_ok=True)
    # A share of the population takes its count from the new table and its population from the one that failed.
    mixed = pd.read_csv(tmp_path / "report/fetch/mixed.csv")
    own = mixed[(mixed["edition"] == 2011) & (mixed["row"] == "bjerke")]
    assert own[["object", "renewed", "old"]].to_numpy().tolist() == [["tabell_07", "oslo_sto013", "ssb_10826"]]

    figures = pd.read_csv(tmp_path / "report/fetch/figures.csv")
    assert figures["source"].value_counts().to_dict() == {"oslo_sto013": 17 * 19 * 2, "ssb_06079": 16 * 16 * 3}
    page = (tmp_path / "report/fetch/index.html").read_text(encoding="utf-8")
    assert "it does not answer" in page
    assert "| oslo_sto013 | hentet |  | 646 |  |  |  |" in (tmp_path / "report/fetch/changes.md").read_text("utf-8")
    said = capsys.readouterr().out
    assert "2011 tabell_07 bjerke: new oslo_sto013 beside ssb_10826, which failed" in said
    assert said.rstrip().endswith("report/fetch/index.html")
