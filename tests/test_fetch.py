"""A fetch puts valid snapshots in place in one change, and whatever goes wrong changes nothing."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import Api
from groruddalen_stats.config.models import Lineage
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.live import commands, doctor, vintage
from groruddalen_stats.live.entries import Overview
from groruddalen_stats.live.fetch import exit_code, files_of
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.raw.store import Store
from standin import Column, StandIn, StandTable
from standin.desk import KLASS_131, NOW, OSLO_STO013, SSB_10826, catalogue, client, fetch, observe, states, table_block
from standin.server import ARCGIS, KLASS
from standin.tables import oslo_sto013, ssb_10826, synthetic, years
from test_klass import GOOD, LAYER

SSB_PATH, OSLO_PATH = "ssb/ssb_10826.json", "oslo/oslo_sto013.json"
BLOCKS: dict[str, dict[str, Any]] = {
    "ssb_10826": SSB_10826,
    "oslo_sto013": OSLO_STO013,
    "klass_131": KLASS_131,
    "delbydeler": {"api": "oslo_maps", "layer": LAYER},
    "oslo_boliger": {"api": "oslo", "search": "sosial"},
}
CHANGES = {"codeChanges": [{"oldCode": "0220", "newCode": "3025", "changeOccurred": "2020-01-01"}]}


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn([ssb_10826(), oslo_sto013()]) as server:
        server.documents[f"{KLASS}/classifications/131/changes"] = json.dumps(CHANGES).encode()
        server.documents[f"{ARCGIS}/{LAYER}/query"] = GOOD
        server.documents[f"{ARCGIS}/{LAYER}"] = b'{"fields": [{"name": "BYDEL"}]}'
        yield server


def everything(root: Path) -> dict[str, bytes]:
    """All files of data/, without the guard, which is always empty."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "data").rglob("*"))
        if path.is_file() and path.name != ".guard"
    }


@pytest.fixture
def desk(stand: StandIn, tmp_path: Path) -> Catalogue:
    return catalogue(stand, tmp_path, BLOCKS)


def test_everything_is_fetched_locked_and_described(desk: Catalogue, tmp_path: Path) -> None:
    outcomes = fetch(desk)
    assert states(outcomes) == {**dict.fromkeys(BLOCKS, "fetched"), "oslo_boliger": "no table"}
    assert exit_code(outcomes) == 0
    by_source = {outcome.source: outcome for outcome in outcomes}
    assert (by_source["ssb_10826"].observations, by_source["ssb_10826"].said) == (1200, "1200 added")
    assert by_source["oslo_sto013"].said == f"{19 * 6 * 2} added"

    store = Store(desk.paths)
    assert store.names() == ["boundaries/delbydeler.geojson", "klass/klass_131.json", OSLO_PATH, SSB_PATH]
    assert store.faults() == []
    facts = store.sidecar(OSLO_PATH).fetched
    assert facts is not None
    assert facts.url.endswith("OK-ST%C3%98013.px")
    assert facts.query["bydel"] == ["0", "1", "2", "3", "4", "5"]
    assert (facts.moment, facts.updated) == ("2026-11-22T12:30:00Z", "2024-03-10T19:11:00Z")
    diff = pd.read_csv(tmp_path / "data/vintages/oslo_sto013/20261122T123000Z.csv")
    assert set(diff["change"]) == {"added"}
    assert len(diff) == 228


def test_regions_of_other_areas_come_in_the_same_questions_and_get_files_of_their_own(
    desk: Catalogue, stand: StandIn, tmp_path: Path
) -> None:
    blocks = copy.deepcopy({name: BLOCKS[name] for name in ("ssb_10826", "oslo_sto013")})
    blocks["ssb_10826"]["select"][0] |= {"take": ["030109a", "030100aa"], "others": ["inner", "hills"]}
    blocks["oslo_sto013"]["select"][0]["others"] = ["inner"]
    groups = {"inner": ["gamle_oslo", "alna"], "hills": ["grorud", "stovner", "marka"]}
    assert desk.sources.sources.keys() == BLOCKS.keys()  # read before the file is written anew
    wide = catalogue(stand, tmp_path, blocks, shared=groups)
    asked = len(stand.asked)
    assert set(states(fetch(wide)).values()) == {"fetched"}
    put = [path.partition("?")[0] for method, path, _ in stand.asked[asked:] if method == "POST" or "/data?" in path]
    assert [path.rsplit("/", 1)[-1] for path in put] == ["data", "OK-STØ013.px"]
    kept = Store(desk.paths)
    places = {}
    for path in kept.names():
        dataset = jsonstat.decode((desk.paths.raw / path).read_bytes())
        facts = kept.sidecar(path).fetched
        assert facts is not None
        name = "Region" if path.startswith("ssb") else "bydel"
        (codes,) = (dimension.codes for dimension in dataset.dimensions if dimension.code == name)
        places[path.partition("/")[2]] = codes
        assert tuple(facts.query[name]) == codes
    assert places == {
        "oslo_sto013.json": ("0", "1", "2", "3", "4"),
        "oslo_sto013_inner.json": ("5",),
        # Codes of 2004 and later; those that meant other places before are not taken for them.
        "ssb_10826.json": ("030109a", "030100aa"),
        "ssb_10826_inner.json": ("030101a", "030112a"),
        "ssb_10826_hills.json": ("030110a", "030111a"),
    }
    # Each file is read by its own part of the block, and together they are what one file was.
    (whole,) = fetch(desk, "oslo_sto013")
    assert whole.state == "fetched"
    everywhere = observe("oslo_sto013", table_block(OSLO_STO013), (desk.paths.raw / OSLO_PATH).read_bytes(), OSLO_PATH)
    block = table_block(blocks["oslo_sto013"])
    fetch(wide, "oslo_sto013")
    parts = [
        observe("oslo_sto013", block.part(of, groups.__getitem__), (desk.paths.raw / path).read_bytes(), path)
        for of, path in wide.sources.sources["oslo_sto013"].fetched("oslo_sto013").items()
    ]
    columns = ["series", "region", "period", "detail", "value", "status"]
    together = pd.concat(parts)[columns].sort_values(columns[:4], ignore_index=True)
    assert together.equals(everywhere[columns].sort_values(columns[:4], ignore_index=True))
    assert set(states(fetch(wide)).values()) == {"unchanged"}


def test_fetching_again_changes_nothing(desk: Catalogue, tmp_path: Path) -> None:
    fetch(desk)
    before = everything(tmp_path)
    again = fetch(desk, now=NOW + dt.timedelta(days=7))
    assert set(states(again).values()) == {"unchanged", "no table"}
    assert everything(tmp_path) == before


def test_one_source_can_be_fetched_alone(desk: Catalogue) -> None:
    assert states(fetch(desk, "oslo_sto013")) == {"oslo_sto013": "fetched"}
    assert list(Store(desk.paths).lock.files) == [OSLO_PATH]
    with pytest.raises(ConfigError, match="'oslo_sto13' is not a source that can be fetched -> did you mean"):
        fetch(desk, "oslo_sto13")


def test_a_new_vintage_says_what_changed(desk: Catalogue, stand: StandIn, tmp_path: Path) -> None:
    fetch(desk, "oslo_sto013")
    table = stand.tables["OK-STØ013.px"]
    values, signs = list(table.values), dict(table.signs)
    cell = 5 * 12 + 2 * 2  # 2010, Bydel Bjerke, recipients
    assert values[cell] == 1231
    values[cell] = 1234.0
    values[cell + 2], signs[cell + 2] = None, "-"
    stand.tables[table.id] = replace(table, values=tuple(values), signs=signs, updated="2027-03-10T00:00:00Z")
    (outcome,) = fetch(desk, "oslo_sto013", now=NOW + dt.timedelta(days=365))
    assert (outcome.state, outcome.said) == ("fetched", "1 revised, 1 status changed")
    diff = pd.read_csv(tmp_path / "data/vintages/oslo_sto013/20271122T123000Z.csv", dtype=str, keep_default_na=False)
    assert diff.drop(columns=["sex", "age", "background", "detail"]).to_numpy().tolist() == [
        ["social_assistance_recipients", "bjerke", "2010", "revised", "1231.0", "1234.0", "", ""],
        ["social_assistance_recipients", "grorud", "2010", "status changed", "1212.0", "", "", ":"],
    ]
    facts = Store(desk.paths).sidecar(OSLO_PATH).fetched
    assert facts is not None
    assert facts.updated == "2027-03-10T00:00:00Z"


def test_a_year_added_at_the_front_shifts_codes_but_not_meaning(desk: Catalogue, stand: StandIn) -> None:
    fetch(desk, "oslo_sto013")
    table = stand.tables["OK-STØ013.px"]
    time = table.columns[0]
    later = replace(time, codes=tuple(str(n) for n in range(20)), labels=("2004", *time.labels))
    stand.tables[table.id] = replace(
        table,
        columns=(later, *table.columns[1:]),
        values=(*([1.0] * 12), *table.values),
        signs={index + 12: sign for index, sign in table.signs.items()},
    )
    (outcome,) = fetch(desk, "oslo_sto013")
    assert outcome.said == "12 added"


DATA = {"ssb_10826": "/tables/10826/data", "oslo_sto013": "OK-STØ013.px"}
# Every fault of an answer is tried where it is read; here one of each kind.
BROKEN = [
    ("wrong_codes", "other codes of", 1),
    ("html", "web page", 1),
    ("zeros", "only zeros or nothing for", 1),
    ("503", r"the server answered 503 \(4 tries\)", 4),
    ("429", r"the server answered 429 \(4 tries\)", 4),
    ("reset", "broke in the middle", 4),
    ("large", "larger than", 1),
    ("redirect", "points to another host", 1),
    ("year_missing", "only zeros or nothing for period 2012", 1),
]


@pytest.mark.parametrize(("fault", "message", "times"), BROKEN)
def test_a_broken_answer_leaves_everything_as_it_was(
    desk: Catalogue, stand: StandIn, tmp_path: Path, fault: str, message: str, times: int
) -> None:
    fetch(desk)
    before = everything(tmp_path)
    stand.fail(fault, on=DATA["ssb_10826"], times=times, bytes=4_000_000, to="http://elsewhere.example/")
    if fault == "year_missing":
        stand.fail(fault, on="metadata")
    stand.tables["10826"] = replace(stand.tables["10826"], updated="2027-03-10T00:00:00Z")
    outcomes = fetch(desk, "ssb_10826", max_bytes=3_000_000)
    assert states(outcomes) == {"ssb_10826": "failed"}
    text = "\n".join(str(fault) for fault in outcomes[0].faults)
    assert re.search(message, text), text
    assert exit_code(outcomes) == 4
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("renamed_label", r"sources.yaml:\d+: .*no variable 'kjønn' in the table -> did you mean 'kjønn .ny.'"),
        ("renamed_values", r"sources.yaml:\d+: .*has no value labelled"),
        ("year_missing", r"sources.yaml:\d+: .*years.required: the table has no 2012; it covers 2003 to 2011"),
        ("new_variable", r"sources.yaml:\d+: .*a variable 'ny inndeling' that the catalogue does not mention"),
    ],
)
def test_a_table_that_drifted_is_reported_with_the_line_to_change(
    stand: StandIn, tmp_path: Path, fault: str, message: str
) -> None:
    time = {"role": "time", "to": "period", "years": {"first": 2003, "required": [2012]}}
    desk = catalogue(stand, tmp_path, {"ssb_10826": {**SSB_10826, "select": [*SSB_10826["select"][:4], time]}})
    stand.fail(fault, on="metadata", times=2)
    (outcome,) = fetch(desk)
    assert outcome.state == "failed"
    assert re.search(message, "\n".join(map(str, outcome.faults)))
    (finding,) = doctor.examine(desk, client())
    assert finding.state == "drift"
    assert list(map(str, finding.faults)) == list(map(str, outcome.faults))
    assert not (tmp_path / "data" / "raw" / SSB_PATH).exists()


ALIVE: dict[str, Any] = {
    "api": "ssb",
    "table": "77777",
    "select": [
        {"variable": "bydel", "to": "region", "labels": {"bjerke": "Bjerke", "grorud": "Grorud"}},
        {"variable": "hva", "to": "series", "labels": {"households": "Husholdninger", "persons": "Personer"}},
        {"variable": "kjønn", "to": "sex", "labels": {"men": "Menn", "women": "Kvinner"}},
        {"role": "time", "to": "period", "years": {"first": 2005, "required": [2011]}},
    ],
}
ALL: tuple[slice, ...] = (slice(None),) * 4


def alive(values: npt.NDArray[Any]) -> StandTable:
    """A table of 2 districts, 2 series, 2 sexes and the years 2009-2013."""
    columns = [
        Column("B", "bydel", ("1", "2"), ("Bjerke", "Grorud")),
        Column("H", "hva", ("a", "b"), ("Husholdninger", "Personer")),
        Column("K", "kjønn", ("1", "2"), ("Menn", "Kvinner")),
        years(2009, 2013),
    ]
    cells = tuple(None if value is None else float(value) for value in values.ravel().tolist())
    signs = {at: ".." for at, value in enumerate(cells) if value is None}
    return replace(synthetic(columns, id_="77777"), values=cells, signs=signs)


@pytest.mark.parametrize("nothing", [0, None])
@pytest.mark.parametrize(
    ("gone", "what"),
    [
        ((0, *ALL[1:]), "region bjerke"),
        ((slice(None), 1, *ALL[2:]), "series persons"),
        ((*ALL[:2], 0), "sex men"),
        ((*ALL[:3], 4), "period 2013"),
        ((*ALL[:3], 2), "period 2011"),
        ((slice(None), 0, slice(None), 3), "series households in period 2012"),
        ((1, slice(None), slice(None), 0), "region grorud in period 2009"),
        ((1, 1), "series persons in region grorud"),
    ],
)
def test_a_word_that_had_numbers_and_has_none_is_refused(
    tmp_path: Path, gone: tuple[Any, ...], what: str, nothing: float | None
) -> None:
    values = np.arange(1, 41, dtype=object).reshape(2, 2, 2, 5)
    with StandIn([alive(values)]) as stand:
        desk = catalogue(stand, tmp_path, {"alive": ALIVE})
        assert states(fetch(desk)) == {"alive": "fetched"}
        before = everything(tmp_path)
        values[gone] = nothing
        stand.tables["77777"] = alive(values)
        (outcome,) = fetch(desk)
    assert outcome.state == "failed"
    assert outcome.faults[0].what == f"only zeros or nothing for {what}"
    assert everything(tmp_path) == before


def test_a_few_small_figures_may_become_nil(tmp_path: Path) -> None:
    values = np.arange(1, 41, dtype=object).reshape(2, 2, 2, 5)
    with StandIn([alive(values)]) as stand:
        desk = catalogue(stand, tmp_path, {"alive": ALIVE})
        fetch(desk)
        values[0, 0, 0, 0], values[0, 0, 1, 2], values[1, 0, 0, 4] = 0, None, 0
        stand.tables["77777"] = alive(values)
        (outcome,) = fetch(desk)
    assert (outcome.state, outcome.said) == ("fetched", "2 revised, 1 status changed")


@pytest.mark.parametrize("url", ["http://127.0.0.1:$port/api", "https://[::1/api", "data.ssb.no", "http://a..no/x"])
def test_an_address_that_is_none_fails_its_own_source_only(
    desk: Catalogue, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    ssb = desk.sources.apis["ssb"]
    desk.sources.apis["ssb"] = ssb.model_copy(update={"url": url})
    assert commands.fetch(desk, ["ssb_10826", "oslo_sto013"]) == 3
    assert list(Store(desk.paths).lock.files) == [OSLO_PATH]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert re.search(r"^ssb_10826: .*(not a usable address|does not answer)", said[0])
    assert commands.doctor(desk, ["ssb_10826", "oslo_sto013"]) == 3


def test_boundaries_fall_back_and_report_both_when_neither_answers(stand: StandIn, tmp_path: Path) -> None:
    fallback = {"api": "geonorge", "layer": "app:Grunnkrets"}
    desk = catalogue(stand, tmp_path, {"delbydeler": {**BLOCKS["delbydeler"], "fallback": fallback}})
    stand.documents[f"{ARCGIS}/{LAYER}/query"] = b'{"error": {"message": "Token Required"}}'
    (outcome,) = fetch(desk)
    assert outcome.state == "failed"
    assert [fault.what for fault in outcome.faults] == [
        "the service answered 200 Token Required",
        "the service answered 404",
    ]


def test_two_fetches_at_once_do_not_corrupt(stand: StandIn, tmp_path: Path) -> None:
    desk = catalogue(stand, tmp_path, BLOCKS)
    failures: list[BaseException] = []

    def work(*names: str) -> None:
        try:
            fetch(desk, *names)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    jobs = [("ssb_10826",), ("oslo_sto013",), ("klass_131", "oslo_sto013"), ("delbydeler", "ssb_10826")]
    threads = [threading.Thread(target=work, args=names) for names in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = Store(desk.paths)
    assert len(store.names()) == 4
    assert store.faults() == []


def rows(**cells: tuple[float | None, str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "series": "s", "region": region, "period": "2010", "sex": "both", "age": "all", "background": "all",
                "detail": "", "value": value, "status": status,
            }
            for region, (value, status) in cells.items()
        ]
    )  # fmt: skip


def test_each_kind_of_change_is_told_apart() -> None:
    before = rows(a=(1.0, ""), b=(2.0, ""), c=(3.0, ""), d=(None, ":"), e=(5.0, "*"), f=(None, ".."))
    after = rows(a=(1.0, ""), b=(2.5, ""), d=(4.0, ""), e=(5.0, ""), f=(None, ".."), g=(0.0, ""))
    found = vintage.compare(before, after)
    changes = {"b": "revised", "c": "removed", "d": "status changed", "e": "status changed", "g": "added"}
    assert dict(zip(found.table["region"], found.table["change"], strict=True)) == changes
    assert str(found) == "1 revised, 1 added, 1 removed, 2 status changed"
    assert str(vintage.compare(after, after)) == "no observation changed"


def test_fetch_prints_progress_and_a_table(desk: Catalogue, stand: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    stand.fail("html", on=DATA["oslo_sto013"])
    assert commands.fetch(desk, ["ssb_10826", "oslo_sto013"]) == 3
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "[1/2] ssb_10826"
    # 5 regions, 2 sexes, 106 ages of one year, 1 content and 10 years.
    assert said.out.splitlines()[1].endswith("/tables/10826 for 5 x 2 x 106 x 1 x 10 = 10600 cells")
    assert said.out.splitlines()[2] == "    fetched: 1200 added"
    assert "ssb_10826    fetched  1,200         1,200   1200 added" in said.out
    assert "1 fetched, 1 failed" in said.out
    assert said.err.startswith("oslo_sto013: http://127.0.0.1")
    assert list(Store(desk.paths).lock.files) == [SSB_PATH]
    assert commands.fetch(desk, ["ssb_10826"]) == 0
    assert "nothing under data/raw was changed" in capsys.readouterr().out


def test_a_dry_run_asks_and_tells_but_keeps_nothing(desk: Catalogue, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    before = everything(desk.paths.root)
    assert commands.fetch(desk, [], lambda outcomes: told.extend(files_of(outcomes)), dry_run=True) == 0
    assert told == [SSB_PATH, OSLO_PATH, "klass/klass_131.json", "boundaries/delbydeler.geojson"]
    assert everything(desk.paths.root) == before
    assert "nothing under data/raw was changed" in capsys.readouterr().out


def test_what_is_told_of_a_fetch_cannot_lose_it(desk: Catalogue) -> None:
    def tell_of(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        commands.fetch(desk, ["oslo_sto013"], tell_of)
    assert list(Store(desk.paths).lock.files) == [OSLO_PATH]


def test_sources_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    overview = [Overview("ssb_10826", "10826", SSB_PATH, "2026-03-01", "2003-2012", "tabell_01 figur_05")]
    assert commands.sources(overview) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "ssb_10826", "10826", SSB_PATH, "2026-03-01", "2003-2012", "tabell_01", "figur_05",
    ]  # fmt: skip


def test_doctor_asks_for_metadata_only(desk: Catalogue, stand: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.doctor(desk, []) == 0
    assert not any(method == "POST" or "/data" in path for method, path, _ in stand.asked)
    said = capsys.readouterr().out
    assert "10826: Alders- og kjønnsfordeling (B), 2003 to 2012; 10600 cells chosen" in said
    assert "no table is known; the server offers for 'sosial'" in said
    assert not (desk.paths.root / "data").exists()


def test_doctor_says_where_a_table_went_and_whether_the_reports_own_answers(stand: StandIn, tmp_path: Path) -> None:
    stand.tables["06089"] = replace(stand.tables["10826"], id="06089", title="06089: Folkemengde (B)")
    desk = catalogue(stand, tmp_path, {"ssb_10826": SSB_10826, "oslo_sto013": {**OSLO_STO013, "folder": "Trygd"}})
    lineage = Lineage(requested=["06087", "06089"], relation="successor")
    sources = desk.sources.sources
    sources["ssb_10826"] = sources["ssb_10826"].model_copy(update={"lineage": lineage})
    ssb, oslo = doctor.examine(desk, client())
    assert ssb.remarks[1:] == (
        "table 06087 of the report does not answer: the server answered 404 (Non-existent table)",
        "table 06089 of the report answers: 06089: Folkemengde (B)",
    )
    assert oslo.state == "drift"
    assert "the table 'STØ013' is gone" in str(oslo.faults[0])
    assert "Sosialtjenesten/OK-STØ013.px" in str(oslo.faults[0])
    assert doctor.exit_code([ssb, oslo]) == 3


def test_doctor_reports_a_change_of_codes_that_regions_does_not_know(desk: Catalogue, stand: StandIn) -> None:
    later = {"oldCode": "3203", "newCode": "3299", "changeOccurred": "2027-01-01"}
    stand.documents[f"{KLASS}/classifications/131/changes"] = json.dumps({"codeChanges": [later]}).encode()
    (finding,) = doctor.examine(desk, client(), ["klass_131"])
    assert str(finding.faults[0]).startswith("config/regions.yaml: 3203 became 3299 on 2027-01-01")


def test_a_block_that_asks_the_wrong_api_is_a_fault_of_the_catalogue(stand: StandIn, tmp_path: Path) -> None:
    blocks = {"ssb_10826": {**SSB_10826, "api": "klass"}, "oslo_sto013": {**OSLO_STO013, "api": "olso"}}
    desk = catalogue(stand, tmp_path, blocks)
    with pytest.raises(ConfigError) as caught:
        fetch(desk)
    assert [str(fault).partition("sources.yaml:")[2] for fault in caught.value.faults] == [
        "52: sources.oslo_sto013.fetch.api: unknown api 'olso' -> did you mean 'oslo'?",
        "4: sources.ssb_10826.fetch.api: the API 'klass' does not serve pxweb -> choose from ssb, oslo",
    ]


def test_an_api_can_be_pointed_elsewhere_by_the_environment() -> None:
    api = Api(dialect="pxweb2", url="https://data.ssb.no/api/pxwebapi/v2/")
    assert api.at("ssb", {}) == "https://data.ssb.no/api/pxwebapi/v2"
    assert api.at("ssb", {"GRORUDDALEN_STATS_SSB_URL": "http://mirror.example/v2/"}) == "http://mirror.example/v2"


def test_a_closed_series_that_is_gone_is_an_answer(stand: StandIn, tmp_path: Path) -> None:
    gone = {**SSB_10826, "table": "04906"}
    desk = catalogue(stand, tmp_path, {"closed": {**gone, "closed": True}, "ssb_10826": SSB_10826})
    outcomes = fetch(desk)
    assert states(outcomes) == {"closed": "gone", "ssb_10826": "fetched"}
    assert exit_code(outcomes) == 0
    (told,) = doctor.examine(desk, client(), ["closed"])
    assert told.state == "ok"
    assert told.remarks[0].startswith("the series has ended and its table is gone")
    (open_,) = fetch(catalogue(stand, tmp_path / "open", {"open": gone}))
    assert open_.state == "failed"


def test_another_limit_of_the_server_rewrites_nothing(stand: StandIn, desk: Catalogue, tmp_path: Path) -> None:
    fetch(desk, "ssb_10826")
    first = everything(tmp_path)
    stand.cells = 500
    (again,) = fetch(desk, "ssb_10826", now=NOW + dt.timedelta(days=7))
    assert again.state == "unchanged"
    assert everything(tmp_path) == first
