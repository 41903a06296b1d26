"""The PxWeb client: exactly the cells that were asked for, in either dialect, or a typed refusal."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats.catalogue import load
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.errors import FetchError, StatsError
from groruddalen_stats.live.fetch import parts
from groruddalen_stats.live.pxweb import PxWeb, TableGoneError, batches
from groruddalen_stats.paths import project
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.pxtable.jsonstat import Variable
from groruddalen_stats.pxtable.selection import interval, labelled, resolve, variables, with_roles
from standin import Column, StandIn, StandTable
from standin.desk import OSLO_STO013, SSB_10826, FakeClock, api, apis, client, table_block
from standin.raw import RawServer, whole
from standin.server import V1, V2
from standin.tables import oslo_sto013, ssb_10826, synthetic, years

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
needs_fixtures = pytest.mark.skipif(not FIXTURES.is_dir(), reason="no stored responses here")

SMALL = synthetic(
    [
        Column("Region", "region", ("a", "b", "c", "d", "e"), ("A", "B", "C", "D", "E"), role="geo"),
        Column("Kjonn", "kjønn", ("0", "1", "2"), ("I alt", "Menn", "Kvinner")),
        Column("ContentsCode", "statistikkvariabel", ("X", "Y"), ("Personer", "Andel"), role="contents"),
        years(2005, 2011),
    ],
    id_="99999",
    signs={0: ":", 40: "..", 209: "-"},
)
SMALL_FETCH: dict[str, Any] = {
    "api": "ssb",
    "table": "99999",
    "series": "population",
    "select": [
        {"variable": "region", "to": "region", "labels": {"bjerke": "A", "grorud": "C", "stovner": "E"}},
        {"variable": "kjønn", "to": "sex", "labels": {"men": "Menn", "women": "Kvinner"}},
        {"variable": "statistikkvariabel", "only": "Personer"},
        {"role": "time", "to": "period", "years": {"first": 2006}},
    ],
}


@pytest.fixture(scope="module")
def big() -> StandTable:
    return ssb_10826()


@pytest.fixture
def stand(big: StandTable) -> Iterator[StandIn]:
    with StandIn([big, oslo_sto013(), SMALL]) as server:
        yield server


def one_variable(select: dict[str, Any], **fixed: str) -> PxWebFetch:
    """Return the block of a table of which only one variable is chosen, the others being ``fixed``."""
    return table_block({"api": "ssb", "table": "1", "series": "s", "fixed": fixed, "select": [select]})


def raw_service(server: RawServer, dialect: str = "pxweb2") -> PxWeb:
    return PxWeb("any", api(dialect, server.root), client(FakeClock(), timeout=(2, 5)))


def service(stand: StandIn, dialect: str = "pxweb2", **settings: Any) -> PxWeb:
    url = stand.root + (V2 if dialect == "pxweb2" else V1)
    return PxWeb("any", api(dialect, url, **settings), client(FakeClock(), timeout=(2, 10)))


def download(pxweb: PxWeb, fetch: PxWebFetch) -> jsonstat.Dataset:
    table, choices, drifts = pxweb.inspect(fetch)
    assert drifts == []
    return jsonstat.decode(pxweb.download(table, choices)[0])


def questions(stand: StandIn) -> list[dict[str, list[str]]]:
    """What was asked for in each question: codes by variable."""
    found = []
    for method, target, body in stand.asked:
        if method == "GET" and "/data?" in target:
            pairs = (pair.split("=", 1) for pair in target.split("?")[1].split("&"))
            found.append({key[11:-1]: codes.split(",") for key, codes in pairs if key.startswith("valueCodes[")})
        elif body and "selection" in body:
            found.append({entry["variableCode"]: entry["valueCodes"] for entry in body["selection"]})
        elif body:
            assert {entry["selection"]["filter"] for entry in body["query"]} == {"item"}
            found.append({entry["code"]: entry["selection"]["values"] for entry in body["query"]})
    return found


def as_read(table: StandTable, dataset: jsonstat.Dataset) -> list[float | None]:
    """What the table holds for the codes of ``dataset``."""
    codes = {dimension.code: list(dimension.codes) for dimension in dataset.dimensions if not dimension.eliminated}
    return list(table.take(codes).values)


@pytest.mark.parametrize("dialect", ["pxweb1", "pxweb2"])
def test_both_dialects_give_the_chosen_cells_and_their_signs(stand: StandIn, dialect: str) -> None:
    dataset = download(service(stand, dialect), table_block(SMALL_FETCH))
    chosen = {"Region": ["a", "c", "e"], "Kjonn": ["1", "2"], "ContentsCode": ["X"]}
    chosen["Tid"] = [*map(str, range(2006, 2012))]
    assert {d.code: list(d.codes) for d in dataset.dimensions} == chosen
    # Cell (a, Menn, Personer, 2006) is flat index 15 of the whole table; synthetic values start at 1 000 001.
    assert dataset.values[0] == 1_000_001 + 15
    expected = SMALL.take(chosen)
    assert [None if math.isnan(v) else v for v in dataset.values.tolist()] == list(expected.values)
    assert {at: sign for at, sign in enumerate(dataset.status.tolist()) if isinstance(sign, str)} == expected.signs
    # One question, which names every variable, and each code once and as it is.
    assert questions(stand) == [chosen]


def test_a_question_too_long_for_an_address_is_put_into_a_body(stand: StandIn) -> None:
    short = download(service(stand), table_block(SMALL_FETCH))
    assert not any(body for _, _, body in stand.asked)
    first, *others = SMALL.columns
    longer = replace(first, codes=tuple(f"{code:>900}" for code in first.codes))
    stand.tables["99999"] = replace(SMALL, columns=(longer, *others))
    long = download(service(stand), table_block(SMALL_FETCH))
    assert [len(asked["Region"]) for asked in questions(stand)] == [3, 3]
    assert stand.asked[-1][0] == "POST"
    assert long.values.tolist() == pytest.approx(short.values.tolist(), nan_ok=True)


@pytest.mark.parametrize(("dialect", "cells", "codes"), [("pxweb2", 7, 0), ("pxweb1", 36, 8), ("pxweb1", 5, 6)])
def test_parts_join_to_the_same_table(stand: StandIn, dialect: str, cells: int, codes: int) -> None:
    both = {"variable": "statistikkvariabel", "to": "series", "labels": {"population": "Personer", "share": "Andel"}}
    select = [*SMALL_FETCH["select"][:2], both, SMALL_FETCH["select"][3]]
    fetch = table_block({**SMALL_FETCH, "select": select, "series": None})
    whole = download(service(stand), fetch)
    stand.cells = cells
    stand.codes = codes or stand.codes
    stand.asked.clear()
    joined = download(service(stand, dialect, cells=cells, codes=codes), fetch)
    assert len(questions(stand)) > 1
    assert joined.dimensions == whole.dimensions
    assert joined.values.tolist() == pytest.approx(whole.values.tolist(), nan_ok=True)
    assert joined.status.tolist() == pytest.approx(whole.status.tolist(), nan_ok=True)


@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    cells=st.integers(1, 200),
    codes=st.one_of(st.just(0), st.integers(4, 40)),
)
def test_batches_cover_each_cell_once_within_both_limits(lengths: list[int], cells: int, codes: int) -> None:
    selection = {f"v{n}": [f"{n}.{k}" for k in range(length)] for n, length in enumerate(lengths)}
    parts = list(batches(selection, cells, codes))
    for part in parts:
        assert math.prod(map(len, part.values())) <= cells
        assert not codes or sum(map(len, part.values())) <= codes
    got = [cell for part in parts for cell in itertools.product(*part.values())]
    assert len(got) == len(set(got))
    assert set(got) == set(itertools.product(*selection.values()))


def test_batches_do_not_ask_more_often_than_the_limits_need() -> None:
    oslo = {"år": [str(n) for n in range(21)], "bosted": [str(n) for n in range(118)], "alder": list("abcdef")}
    assert len(list(batches(oslo, 550_000, 1000))) == 1
    assert len(list(batches(oslo, 5_100, 1000))) == math.ceil(21 * 118 * 6 / 5_100) == 3
    long = {"Region": [str(n) for n in range(2500)], "Tid": ["2011"]}
    assert [len(part["Region"]) for part in batches(long, 550_000, 1000)] == [833, 833, 834]


def test_limits_that_allow_no_cell_are_refused() -> None:
    with pytest.raises(FetchError, match="do not even allow one cell of 3 variables"):
        list(batches({"a": ["1"], "b": ["1"], "c": ["1"]}, 100, 2))


@pytest.mark.parametrize(("dialect", "status"), [("pxweb2", 403), ("pxweb2", 400), ("pxweb1", 0)])
def test_a_limit_nobody_stated_is_found_by_halving(stand: StandIn, dialect: str, status: int) -> None:
    stand.states_limits, stand.cells, stand.too_many = False, 10, status
    got = download(service(stand, dialect), table_block(SMALL_FETCH))
    assert len(questions(stand)) > 4
    assert got.values.size == 36


@pytest.mark.parametrize("dialect", ["pxweb1", "pxweb2"])
def test_limits_that_cannot_be_asked_for_are_those_of_the_catalogue(stand: StandIn, dialect: str) -> None:
    stand.fail("503", on="config", times=4)
    download(service(stand, dialect, cells=12), table_block(SMALL_FETCH))
    assert len(questions(stand)) == 3


@pytest.mark.parametrize("dialect", ["pxweb1", "pxweb2"])
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("wrong_codes", r"other codes of 'Region': 1 missing \(a\), 1 not asked for \(b\)"),
        ("dropped_dimension", "dropped the variable 'Region' and answered with a total"),
        ("default_extract", "other codes of 'Region': "),
        ("html", "web page"),
        ("truncated", "not JSON, or cut short"),
        ("latin1", "not UTF-8 at byte"),
    ],
)
def test_an_answer_to_another_question_is_refused(stand: StandIn, dialect: str, fault: str, message: str) -> None:
    pxweb = service(stand, dialect)
    table, choices, _ = pxweb.inspect(table_block(SMALL_FETCH))
    stand.fail(fault, on="/data" if dialect == "pxweb2" else "99999")
    with pytest.raises(StatsError, match=message):
        pxweb.download(table, choices)


def test_oslo_files_are_found_in_the_folder_listing(stand: StandIn) -> None:
    dataset = download(service(stand, "pxweb1"), table_block(OSLO_STO013))
    assert stand.asked[-1][1].endswith("/Trygd, sosiale tjenester og barnevern/Sosialtjenesten/OK-STØ013.px")
    assert [len(dimension.codes) for dimension in dataset.dimensions if dimension.code == "år"] == [19]
    assert [variable.code for variable in variables(dataset) if variable.role == "contents"] == ["statistikkvariabel"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "STØ099"}, "lists no file for 'STØ099' -> known: OK-STØ013.px"),
        ({"folder": "Trygd"}, r"400 \(Bad Request\)"),
        ({"table": "06087", "api": "ssb"}, r"404 \(Non-existent table\)"),
    ],
)
def test_a_table_that_moved_is_reported(stand: StandIn, change: dict[str, str], message: str) -> None:
    with pytest.raises(TableGoneError, match=message):
        service(stand, "pxweb2" if "api" in change else "pxweb1").inspect(table_block({**OSLO_STO013, **change}))


@pytest.mark.parametrize("dialect", ["pxweb1", "pxweb2"])
def test_a_table_known_by_its_contents_is_the_one_offered_that_has_them_all(stand: StandIn, dialect: str) -> None:
    fetch = table_block({**SMALL_FETCH, "table": None, "search": "Deler", "folder": "Boliger"})
    other = Column("Annet", "annet", ("0",), ("Alt",))
    for number, columns in (("1", SMALL.columns), ("2", SMALL.columns[1:]), ("3", (*SMALL.columns, other))):
        made = synthetic(columns, id_=f"9000{number}.px", folder="Boliger")
        stand.tables[made.id] = replace(made, title=f"Deler {number}" if number != "3" else "Hele")
    asked = service(stand, dialect)
    table, choices, drifts = asked.inspect(fetch)
    assert (table.address.endswith("/90001.px"), len(choices), drifts) == (True, 4, [])
    # Two that have it all: a fault, not a choice. None: what was looked into is named.
    stand.tables["90002.px"] = replace(stand.tables["90001.px"], id="90002.px", title="Deler 2")
    with pytest.raises(
        TableGoneError, match=r"^\S+: 2 of the tables found for 'Deler' have all .*: .+; .+ -> name the"
    ):
        asked.inspect(fetch)
    for name in ("90001.px", "90002.px"):
        stand.tables[name] = replace(stand.tables[name], columns=SMALL.columns[1:], values=SMALL.values[:42])
    with pytest.raises(TableGoneError, match="none of the tables found for 'Deler' have all"):
        asked.inspect(fetch)
    # The only one on offer is told line by line.
    del stand.tables["90002.px"]
    assert [drift.what for drift in asked.inspect(fetch)[2]] == ["no variable 'region' in the table"]
    del stand.tables["90001.px"]
    with pytest.raises(TableGoneError, match="have all that is selected: none"):
        asked.inspect(fetch)


def test_search_includes_discontinued_tables(stand: StandIn) -> None:
    stand.tables["04906"] = replace(SMALL, id="04906", title="Sosialtjenesten (avslutta serie)", discontinued=True)
    assert service(stand).server.search("sosial") == [
        ("OK-STØ013.px", "Sosialhjelpsmottakere og berørte etter bydel (B)"),
        ("04906", "Sosialtjenesten (avslutta serie)"),
    ]
    (hit,) = service(stand, "pxweb1").server.search("STØ013")
    assert hit[0].endswith("Sosialtjenesten/OK-STØ013.px")


def test_a_table_updated_between_two_parts_is_refused(stand: StandIn) -> None:
    pxweb = service(stand, cells=7)
    table, choices, _ = pxweb.inspect(table_block(SMALL_FETCH))
    told: list[str] = []

    def renew(text: str) -> None:
        told.append(text)
        if len(told) == 2:
            stand.tables["99999"] = replace(SMALL, updated="2026-03-02T07:00:00Z")

    pxweb._tell = renew
    with pytest.raises(FetchError, match="updated while it was being fetched"):
        pxweb.download(table, choices)


def test_the_catalogue_asks_for_the_years_codes_and_bands_of_the_real_shape(stand: StandIn, big: StandTable) -> None:
    dataset = download(PxWeb("ssb", apis(stand.root)["ssb"], client()), table_block(SSB_10826))
    codes = {dimension.code: dimension.codes for dimension in dataset.dimensions}
    assert codes["Region"] == ("030109a", "030110a", "030111a", "030112a", "030100aa")
    assert len(codes["Alder"]) == 106
    assert codes["Tid"] == tuple(str(year) for year in range(2003, 2013))
    assert dataset.values.tolist() == as_read(big, dataset)


@pytest.mark.parametrize(
    ("label", "years_of"),
    [
        ("0 år", (0, 0)),
        ("105 år eller eldre", (105, 999)),
        ("105+", (105, 999)),
        ("18-29", (18, 29)),
        ("007", (7, 7)),
        ("60–66 år", (60, 66)),
        ("80 år og over", (80, 999)),
        ("I alt", None),
        ("2011", None),
    ],
)
def test_age_labels(label: str, years_of: tuple[int, int] | None) -> None:
    assert interval(label) == years_of


def test_bands_are_tiled_without_counting_anybody_twice() -> None:
    labels = ("I alt", "0 år", "1 år", "2 år", "0-2", "3-5", "6+")
    variable = Variable("Alder", "alder", tuple(str(n) for n in range(7)), labels)
    bands = ["0+", "0-5", "0-2", "1-5", "6+", "4-5"]
    fetch = one_variable({"variable": "alder", "to": "age", "bands": bands}, region="oslo", period="2011")
    (choice,), drifts = resolve([variable], fetch)
    assert [drift.what for drift in drifts] == ["the ages of 'alder' do not add up to 4-5"]
    assert {band: tuple(labels[at] for at in positions) for band, positions in choice.words.items()} == {
        "0+": ("0 år", "1 år", "2 år", "3-5", "6+"),
        "0-5": ("0 år", "1 år", "2 år", "3-5"),
        "0-2": ("0-2",),
        "1-5": ("1 år", "2 år", "3-5"),
        "6+": ("6+",),
        "4-5": (),
    }


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"title": NaN}', b"\xff\xfe", b"", b'{"title": [1]}', b"<html>" + b"x" * 10_000]
)
def test_an_error_that_cannot_be_read_is_still_one_line(body: bytes) -> None:
    refused = pytest.raises(FetchError, match="the server answered 500")
    with RawServer([whole(body, status="500 Internal Server Error")]) as server, refused as caught:
        raw_service(server).inspect(table_block(SMALL_FETCH))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("dialect", ["pxweb1", "pxweb2"])
@pytest.mark.parametrize("found", [{"tables": 7}, {"tables": None}, {"tables": [7, None]}, [7], 7, None, "x", {}])
def test_a_search_that_answers_anything_finds_nothing(dialect: str, found: Any) -> None:
    with RawServer([whole(json.dumps(found).encode())]) as server:
        assert raw_service(server, dialect).server.search("innvandrere") == []


def test_two_codes_that_are_one_text_are_no_table() -> None:
    variable = {"code": "K", "text": "kjønn", "values": [1, "1"], "valueTexts": ["a", "b"]}
    answer = whole(json.dumps({"title": "t", "variables": [variable]}).encode())
    with RawServer([answer]) as server, pytest.raises(FetchError, match="not those of a table"):
        raw_service(server, "pxweb1").inspect(table_block(SMALL_FETCH))


def test_roles_that_the_server_does_not_state_are_known_by_name() -> None:
    bare = [
        Variable("KOKkommuneregion0000", "region", ("0301",), ("Oslo",)),
        Variable("Tid", "år", ("2011",), ("2011",)),
    ]
    bare += [
        Variable("ContentsCode", "statistikkvariabel", ("X",), ("Antall",)),
        Variable("Kjonn", "kjønn", ("1",), ("Menn",)),
    ]
    assert [variable.role for variable in with_roles(bare)] == ["geo", "time", "contents", "other"]
    stated = [replace(bare[0], role="geo"), replace(bare[1], role="time"), Variable("Region", "region", ("1",), ("A",))]
    assert [variable.role for variable in with_roles(stated)] == ["geo", "time", "other"]
    unclear = [Variable("a", "år", ("1",), ("2010",)), Variable("b", "år", ("1",), ("2011",))]
    assert [variable.role for variable in with_roles(unclear)] == ["other", "other"]


def test_one_value_is_kept_by_its_label_or_else_by_its_code() -> None:
    codes, labels = ("Personer1", "Andel"), ("Innvandrere", "Personer")
    contents = Variable("ContentsCode", "statistikkvariabel", codes, labels, "contents")

    def kept(only: str) -> list[str]:
        fetch = one_variable({"role": "contents", "only": only}, region="oslo", period="2011")
        choices, drifts = resolve([contents], fetch)
        return choices[0].codes if not drifts else [drift.what for drift in drifts]

    assert kept("Folk | Personer1") == ["Personer1"]
    assert kept("Personer | Personer1") == ["Andel"]
    assert kept("Folk") == ["'statistikkvariabel' has no value labelled 'Folk'"]


@pytest.mark.fixtures
@needs_fixtures
def test_stored_metadata_of_version_2_become_variables(stand: StandIn) -> None:
    stored = (FIXTURES / "scb_v2_TAB6471_metadata.json").read_bytes()
    stand.documents[f"{V2}/tables/TAB6471/metadata"] = stored
    table, _, _ = service(stand).inspect(table_block({**SMALL_FETCH, "table": "TAB6471"}))
    assert [(v.code, v.role, len(v.codes)) for v in table.variables] == [
        ("Region", "geo", 312),  # the server states no role for it
        ("Alder", "other", 134),
        ("Kon", "other", 3),
        ("ContentsCode", "contents", 1),
        ("Tid", "time", 16),
    ]


@pytest.mark.fixtures
@needs_fixtures
def test_stored_metadata_and_limits_of_both_versions_are_read(stand: StandIn) -> None:
    stand.documents[f"{V1}/13861"] = (FIXTURES / "ssb_v0_13861_metadata.json").read_bytes()
    table, _, _ = service(stand, "pxweb1").inspect(table_block({**SMALL_FETCH, "table": "13861"}))
    assert [(v.code, v.label, v.role, len(v.codes)) for v in table.variables] == [
        ("NACE2007", "næring (SN2007)", "other", 23),
        ("Kjonn", "kjønn", "other", 3),
        ("ContentsCode", "statistikkvariabel", "contents", 2),
        ("Tid", "år", "time", 7),
    ]
    stand.documents[f"{V2}/config"] = (FIXTURES / "scb_v2_config.json").read_bytes()
    pxweb = service(stand)
    download(pxweb, table_block(SMALL_FETCH))
    assert pxweb._cells == 150_000
    assert (3, 1) in pxweb._client._pace(stand.root + V2).limits


@pytest.mark.fixtures
@needs_fixtures
def test_our_question_in_version_1_is_the_stored_one(big: StandTable) -> None:
    stored = json.loads((FIXTURES / "ssb_10826_query_v0.json").read_text(encoding="utf-8"))
    regions = stored["query"][0]["selection"]["values"]
    assert len(regions) == 99
    everywhere = replace(big.columns[0], codes=tuple(regions), labels=tuple(f"B {code}" for code in regions))
    every_year = years(2001, 2026)
    table = synthetic([everywhere, *big.columns[1:4], every_year], id_="10826")
    with StandIn([table], codes=50_000) as server:
        regions_block = {"variable": "region", "to": "region", "take": ["*"], "scheme": "ssb_statbank"}
        time_block = {"role": "time", "to": "period", "years": {"first": 2001}}
        select = [regions_block, *SSB_10826["select"][1:4], time_block]
        download(service(server, "pxweb1"), table_block({**SSB_10826, "select": select}))
        (body,) = [body for method, _, body in server.asked if method == "POST"]
    ours = {entry["code"]: entry["selection"] for entry in body["query"]}
    theirs = {entry["code"]: entry["selection"] for entry in stored["query"]}
    assert theirs["Alder"] == {"filter": "all", "values": ["*"]}  # ours are the same codes, written out
    for code in ("Region", "ContentsCode", "Tid"):
        assert ours[code] == theirs[code]
    assert body["response"] == stored["response"]


def test_a_variable_with_too_many_values_to_list_is_read_off_an_answer(stand: StandIn) -> None:
    whole = download(service(stand, "pxweb1"), table_block(SMALL_FETCH))
    stand.fail("unlisted", on="99999")
    again = download(service(stand, "pxweb1"), table_block(SMALL_FETCH))
    assert (again.dimensions, again.values.tolist()) == (whole.dimensions, pytest.approx(whole.values, nan_ok=True))


LABELS = st.lists(st.sampled_from(["Oslo i alt", "Bydel Grorud", "Mottakere", "Boliger i alt", "Mottakere av støtte"]))


@given(
    labels=LABELS.map(lambda found: list(dict.fromkeys(found))),
    code=st.sampled_from(["", "0301 ", "10 ", "030110a "]),
    unit=st.sampled_from(["", " (antall)", " (prosent)", " (kroner)"]),
)
def test_a_code_before_a_label_and_a_unit_after_it_do_not_hide_it(labels: list[str], code: str, unit: str) -> None:
    served = [f"{code}{label.upper()}{unit}" for label in labels]
    for at, label in enumerate(labels):
        assert labelled(served, label) == [at]
        assert labelled(labels, f"{code}{label}{unit}") == [at]
        assert labelled([name.replace("ø", "oe").replace(" ", "_") for name in labels], label) == [at]


def test_two_labels_that_a_wording_may_mean_are_both_told_and_units_that_differ_never_match() -> None:
    assert labelled(["Mottakere (antall)", "Mottakere (prosent)"], "Mottakere") == [0, 1]
    assert labelled(["Mottakere (antall)", "Mottakere (prosent)"], "Mottakere (antall)") == [0]
    assert labelled(["Mottakere (prosent)", "Mottakere per 1000 innbyggere"], "Mottakere (antall)") == []
    # Where a label is the very wording, or the first spelling of it, another that is like it is no other choice.
    assert labelled(["Grorud", "Bydel Grorud"], "Bydel Grorud | Grorud") == [1]
    assert labelled(["Grorud", "10 Grorud"], "Grorud") == [0]
    assert labelled(["1 person (omdøpt)"], "1 person") == []


SERVED_AS = {
    **{f"ssb_{number}": f"ssb_{number}" for number in ("06070", "07459", "09817", "10826", "12008", "13995")},
    **{f"oslo_{name}": name for name in ("bef001", "sos006", "sto013")},
    "oslo_bol012": "bol012",
}


@pytest.mark.fixtures
@needs_fixtures
@pytest.mark.parametrize(
    ("source", "name"),
    [
        *SERVED_AS.items(),
        ("oslo_sys002", "sys002"),
        ("oslo_sys002", "sys002_new"),
        ("ssb_09817_bakgrunn", "ssb_09817"),
    ],
)
def test_every_stored_description_of_a_table_is_resolved(source: str, name: str) -> None:
    described = json.loads((FIXTURES / "live" / f"{name}.json").read_text(encoding="utf-8"))["variables"]
    roles = {"geo", "time", "contents"}
    found = [
        Variable(
            entry["code"],
            entry["text"],
            tuple(map(str, entry["values"])),
            tuple(entry.get("valueTexts") or map(str, entry["values"])),
            "time" if entry.get("time") else entry["role"] if entry.get("role") in roles else "other",
        )
        for entry in described
    ]
    fetch = load(project(), {}).sources.sources[source].fetch
    assert isinstance(fetch, PxWebFetch)
    choices, drifts = resolve(with_roles(found), fetch)
    assert drifts == []
    assert len(choices) == len(found)
    assert all(choice.words for choice in choices)
    # The other city districts, and every municipality there was, each in one file; none of them is asked for twice.
    catalogue = load(project(), {})
    of = parts(fetch, choices, catalogue.regions, catalogue.regions_of)
    taken = [code for codes in of.values() for code in codes]
    assert len(taken) == len(set(taken))
    if "other_bydeler" in of:
        assert len(of["other_bydeler"]) == (14 if source.startswith("ssb") else 11)
    if "f46" in of:
        assert {len(of["f11"]) > 25, len(of["f46"]) > 90, of["norge"] == ["0"]} == {True}
        assert not {"0301", "03", "3201", "0219"} & set(taken[len(of[""]) :])
