"""KLASS answers and official boundaries: read as they are, held against what the project believes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groruddalen_stats.config.fetch import UnitsOf
from groruddalen_stats.errors import FetchError
from groruddalen_stats.live import boundaries, klass
from groruddalen_stats.regions import polygons
from standin import StandIn
from standin.desk import client, real_regions
from standin.server import ARCGIS, KLASS

FIXTURES = Path(__file__).resolve().parents[2] / "shared" / "fixtures"
LAYER = "Delbydeler/FeatureServer/0"


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.mark.fixtures
@pytest.mark.skipif(not FIXTURES.is_dir(), reason="no stored responses here")
def test_the_stored_changes_agree_with_our_regions() -> None:
    found = klass.changes((FIXTURES / "klass_131_changes_1971_2025.json").read_bytes())
    assert len(found) == 594
    assert [c.new for c in found if c.old == "0220"] == ["3025"]
    # Every change since 2002 that closes a municipality we know is in config/regions.yaml.
    since = [change for change in found if change.occurred >= dt.date(2002, 1, 1)]
    assert list(klass.overlooked(since, real_regions())) == []


def test_a_change_we_have_not_heard_of_is_found() -> None:
    later = klass.Change("3203", "3299", dt.date(2027, 1, 1))
    renamed = klass.Change("3203", "3203", dt.date(2027, 1, 1))
    stranger = klass.Change("9999", "9998", dt.date(2027, 1, 1))
    heard = klass.Change("0220", "3025", dt.date(2020, 1, 1))
    assert list(klass.overlooked([later, renamed, stranger, heard], real_regions())) == [later]


def test_nothing_is_an_answer_too(stand: StandIn) -> None:
    # Two versions without a table of changes between them, and a table in which nothing changed.
    asked = ("/classifications/103/changes", {"from": "2005-01-01", "to": "2026-12-31"})
    gone = klass.ask(client(), f"{stand.root}{KLASS}{asked[0]}", asked[1])
    assert klass.changes(gone) == klass.changes(b'{"codeChanges": []}') == []
    with pytest.raises(FetchError, match="answered 404"):
        klass.ask(client(), f"{stand.root}{KLASS}/classifications/103/codes", asked[1])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "has no 'codeChanges'"),
        (b'{"codeChanges": [{"oldCode": "1"}]}', "has no 'newCode'"),
        (
            b'{"codeChanges": [{"oldCode": "1", "newCode": "2", "changeOccurred": "2020"}]}',
            "a date cannot be read: .*'2020'",
        ),
    ],
)
def test_an_answer_that_is_none_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(FetchError, match=message):
        klass.changes(document)


def square(west: float, south: float) -> list[list[float]]:
    east, north = west + 0.01, south + 0.01
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(bydel: Any, delbydel: Any, west: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"BYDEL": bydel, "BYDELSNAVN": "B", "DELBYDEL": delbydel, "DELBYDELSN": f"Delbydel {delbydel}"},
        "geometry": {"type": "Polygon", "coordinates": [square(west, 59.95)]},
    }


POINT = {"type": "Point", "coordinates": [10.8, 59.9]}


def collection(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


CODES = (("09", "0901", 10.80), (10, 1001, 10.82), ("030111", "1101", 10.84), ("12", "1201", 10.86))
GOOD = collection(*(feature(*codes) for codes in CODES))


def test_a_layer_is_kept_verbatim_and_read_by_code(stand: StandIn) -> None:
    stand.documents[f"{ARCGIS}/{LAYER}/query"] = GOOD
    document = boundaries.arcgis(client(), stand.root + ARCGIS, LAYER)
    assert document == GOOD
    found = polygons.areas(document)
    codes = [("09", "0901"), ("10", "1001"), ("11", "1101"), ("12", "1201")]
    assert [(area.bydel, area.delbydel) for area in found] == codes
    assert found[0].geometry.bounds == (10.8, 59.95, 10.81, 59.96)
    ((_, asked, _),) = stand.asked
    assert asked.endswith("/query?where=1=1&outFields=*&outSR=4326&f=geojson")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b'{"error": {"code": 400, "message": "Invalid URL"}}', "the service answered 200 Invalid URL"),
        (collection(exceededTransferLimit=True), "cut its answer short"),
        (collection(properties={"exceededTransferLimit": True}), "cut its answer short"),
        (b"[]", "not GeoJSON"),
    ],
)
def test_a_service_that_fails_with_status_200_is_found_out(stand: StandIn, answer: bytes, message: str) -> None:
    stand.documents[f"{ARCGIS}/{LAYER}/query"] = answer
    with pytest.raises(FetchError, match=message):
        boundaries.arcgis(client(), stand.root + ARCGIS, LAYER)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (collection(feature("09", "0901", 10.80)), "no polygons for bydel 10, 11, 12"),
        (collection(feature("09", "0901", 597000.0)), "are not degrees in Oslo"),
        (collection({**feature("09", "0901", 10.8), "geometry": None}), "no polygon or no bydel"),
        (collection({**feature("09", "0901", 10.8), "geometry": POINT}), "not a polygon"),
        (b"[]", "not GeoJSON"),
    ],
)
def test_polygons_of_something_else_are_refused(document: bytes, message: str) -> None:
    with pytest.raises(FetchError, match=message):
        polygons.areas(document)


GML = """<?xml version="1.0" encoding="UTF-8"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"
  xmlns:app="http://skjema.geonorge.no/SOSI/produktspesifikasjon/StatistiskeEnheterGrunnkretser">{members}
</wfs:FeatureCollection>"""
MEMBER = """<wfs:member><app:Grunnkrets><app:grunnkretsnummer>{code}</app:grunnkretsnummer>
<app:omrade><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing>
</gml:exterior></gml:Polygon></app:omrade></app:Grunnkrets></wfs:member>"""


def gml(*members: tuple[str, float]) -> bytes:
    written = []
    for code, west in members:
        ring = " ".join(f"{south} {east}" for east, south in square(west, 59.95))
        written.append(MEMBER.format(code=code, ring=ring))
    return GML.format(members="".join(written)).encode()


UNITS = UnitsOf(api="klass", source=103, target=1, date=dt.date(2024, 1, 1))


def serve_correspondence(stand: StandIn, *items: tuple[str, str]) -> None:
    entries = [{"sourceCode": source, "targetCode": target} for source, target in items]
    document = json.dumps({"correspondenceItems": entries}).encode()
    stand.documents[f"{KLASS}/classifications/103/correspondsAt"] = document


def test_grunnkretser_are_dissolved_to_bydeler_where_delbydeler_cannot_be_had(stand: StandIn) -> None:
    wests = enumerate((10.80, 10.81, 10.83, 10.85, 10.87), start=1)
    stand.documents["/wfs"] = gml(*((f"0301000{number}", west) for number, west in wests), ("30200001", 10.9))
    bydeler = enumerate(("030109", "030109", "030110", "030111", "030112"), start=1)
    serve_correspondence(stand, *((bydel, f"0301000{number}") for number, bydel in bydeler))
    bydel_of = klass.correspondence(client(), stand.root + KLASS, UNITS)
    document = boundaries.wfs(client(), f"{stand.root}/wfs", "app:Grunnkrets", bydel_of)
    found = polygons.areas(document)
    assert [(area.bydel, area.delbydel) for area in found] == [("09", ""), ("10", ""), ("11", ""), ("12", "")]
    # Two neighbouring squares became one: latitude and longitude were told apart.
    assert found[0].geometry.bounds == pytest.approx((10.80, 59.95, 10.82, 59.96))
    assert found[0].geometry.area == pytest.approx(2e-4)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"{}", "not GML"),
        (b"", "not GML"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "not GML"),
        (b"<a>" * 20_000, "not GML"),
        (gml(("46010001", 10.8)), "no grunnkretser of Oslo"),
        (gml(("03010001", 10.8)).replace(b"10.81", b"ten"), "border of grunnkrets 03010001 is not a list"),
        (gml(("03010001", 10.8)).replace(b"<gml:posList>", b"<gml:posList>59.95 "), "is not a list of coord"),
        (gml(("03010001", 10.8)).replace(b"<gml:posList>", b'<gml:posList srsDimension="0">'), "is not a list"),
        (GML.format(members=MEMBER.format(code="03010001", ring="59.95 10.8")).encode(), "is not a list of"),
    ],
)
def test_a_wfs_answer_without_oslo_is_refused(stand: StandIn, answer: bytes, message: str) -> None:
    stand.documents["/wfs"] = answer
    with pytest.raises(FetchError, match=message):
        boundaries.wfs(client(), f"{stand.root}/wfs", "app:Grunnkrets", {"46010001": "030109"})


def test_a_code_that_belongs_to_two_is_refused(stand: StandIn) -> None:
    items = [("030109", "03010001"), ("030110", "03010001")]
    serve_correspondence(stand, *items)
    with pytest.raises(FetchError, match="03010001 belongs to both 030109 and 030110"):
        klass.correspondence(client(), stand.root + KLASS, UNITS)
