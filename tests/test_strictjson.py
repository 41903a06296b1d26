"""JSON from elsewhere has one meaning or is refused by name, whichever service it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats import strictjson
from groruddalen_stats.errors import FetchError, SnapshotError
from groruddalen_stats.live import doctor, klass
from groruddalen_stats.live.fetch import FetchOutcome, exit_code
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.regions import polygons
from standin import StandIn
from standin.desk import KLASS_131, OSLO_STO013, SSB_10826, catalogue, client, fetch, states
from standin.server import ARCGIS, KLASS, V1, V2
from standin.tables import oslo_sto013, ssb_10826

BAD = {
    "nested lists": (b"[" * 100_000, "nested too deep"),
    "nested objects": (b'{"a":' * 100_000, "nested too deep"),
    "nested and closed": (b"[" * 3000 + b"]" * 3000, "nested too deep"),
    "nested in a member": (b'{"value": ' + b"[" * 3000 + b"]" * 3000 + b"}", "nested too deep"),
    "thousands of digits": (b'{"a": ' + b"9" * 5000 + b"}", "a number has thousands of digits"),
    "NaN": (b'{"a": NaN}', "NaN is not a number in JSON"),
    "minus infinity": (b"[-Infinity]", "-Infinity is not a number"),
    "a key twice": (b'{"a": 1, "a": 2}', "the key 'a' is written twice"),
    "a key twice, one escaped": (b'{"a": 1, "\\u0061": 2}', "the key 'a' is written twice"),
    "half a character": (b'{"a": "\\ud83d"}', "half a character"),
    "Latin-1": ('{"a": "Østensjø"}'.encode("latin-1"), "not UTF-8 at byte 7"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
    "cut short": (b'{"a": [1, 2', "cut short"),
    "two documents": (b"{}{}", "Extra data"),
    "nothing": (b" \n", "the document is empty"),
    "only a mark": (b"\xef\xbb\xbf", "the document is empty"),
    "a page": (b"\n<!DOCTYPE html>", "a web page"),
    "a control character": (b'{"a": "\x01"}', "not JSON"),
}
cases = pytest.mark.parametrize(("document", "what"), BAD.values(), ids=BAD)


@cases
def test_what_has_no_single_meaning_is_refused(document: bytes, what: str) -> None:
    with pytest.raises(FetchError, match=f"^its name.*{what}"):
        strictjson.parse(document, "its name", FetchError)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    ),
    st.booleans(),
)
def test_what_is_json_is_read_with_or_without_a_mark(content: Any, marked: bool) -> None:
    text = json.dumps(content, ensure_ascii=False).encode("utf-8")
    assert strictjson.parse(b"\xef\xbb\xbf" * marked + text, "", FetchError) == content


@cases
def test_every_reader_refuses_it_by_name(document: bytes, what: str) -> None:
    with pytest.raises(SnapshotError, match=what):
        jsonstat.decode(document)
    with pytest.raises(FetchError, match=what):
        klass.entries(document, "codes", ["code"])
    with pytest.raises(FetchError, match=what):
        polygons.areas(document)


BLOCKS: dict[str, dict[str, Any]] = {
    "ssb_10826": SSB_10826,
    "oslo_sto013": OSLO_STO013,
    "klass_131": KLASS_131,
    "delbydeler": {"api": "oslo_maps", "layer": "bydeler/MapServer/1"},
}
PLACES = {
    "ssb_10826": (f"{V2}/tables/10826/metadata", f"{V2}/tables/10826/data"),
    "oslo_sto013": (f"{V1}/{OSLO_STO013['folder']}", f"{V1}/{OSLO_STO013['folder']}/OK-STØ013.px"),
    "klass_131": (f"{KLASS}/classifications/131/changes",),
    "delbydeler": (f"{ARCGIS}/bydeler/MapServer/1/query", f"{ARCGIS}/bydeler/MapServer/1"),
}


def asked(
    folder: Path, documents: dict[str, bytes], *sources: str
) -> tuple[list[FetchOutcome], list[doctor.Diagnosis]]:
    """Return what a fetch and a look at the services make of these sources, with other answers at some places."""
    with StandIn([ssb_10826(), oslo_sto013()]) as stand:
        stand.documents.update(documents)
        desk = catalogue(stand, folder, {name: BLOCKS[name] for name in sources})
        return fetch(desk, timeout=(5, 5)), doctor.examine(desk, client(timeout=(5, 5)))


@pytest.mark.parametrize("document", [BAD[name][0] for name in ("nested lists", "NaN", "a key twice", "Latin-1")])
@pytest.mark.parametrize(("source", "place"), [(name, place) for name, all_ in PLACES.items() for place in all_])
def test_a_bad_answer_fails_its_own_source_and_no_other(
    tmp_path: Path, source: str, place: str, document: bytes
) -> None:
    other = "oslo_sto013" if source == "ssb_10826" else "ssb_10826"
    outcomes, findings = asked(tmp_path, {place: document}, source, other)
    assert states(outcomes) == {source: "failed", other: "fetched"}
    assert exit_code(outcomes) == 3
    assert all("report it to the project" not in str(fault) for fault in outcomes[0].faults)
    assert {finding.source for finding in findings} == {source, other}


LIMITS = ("maxDataCells", "maxCallsPerTimeWindow", "timeWindow")
STATED = (10**400, -5, 0, True, "40", 1.5, None, [40], {"a": 1})
CONFIGURATIONS = {name: document for name, (document, _) in BAD.items()} | {
    f"limit {number}": json.dumps(dict.fromkeys(LIMITS, limit)).encode() for number, limit in enumerate(STATED)
}


@pytest.mark.parametrize("document", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_that_cannot_be_read_or_states_no_limit_leaves_ours(tmp_path: Path, document: bytes) -> None:
    outcomes, _ = asked(tmp_path, {f"{V2}/config": document}, "ssb_10826")
    assert states(outcomes) == {"ssb_10826": "fetched"}


def test_what_nobody_thought_of_fails_one_source_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a fault\nof ours")

    monkeypatch.setattr(klass, "check", broken)
    documents = {PLACES["klass_131"][0]: b'{"codeChanges": []}'}
    outcomes, (finding, _) = asked(tmp_path, documents, "klass_131", "ssb_10826")
    assert states(outcomes) == {"klass_131": "failed", "ssb_10826": "fetched"}
    assert "ZeroDivisionError (a fault of ours)" in outcomes[0].faults[0].what
    assert finding.faults == outcomes[0].faults
