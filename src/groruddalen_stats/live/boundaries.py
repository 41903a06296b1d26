"""Turns official boundary services into polygons of Oslo's delbydeler, or of its bydeler where only those are had."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from groruddalen_stats import strictjson
from groruddalen_stats.errors import FetchError
from groruddalen_stats.live.http import Client

# Degrees that hold the whole of Oslo: coordinates outside are metres, swapped, or another city.
WEST, SOUTH, EAST, NORTH = 10.4, 59.75, 11.05, 60.2
GRORUDDALEN = ("09", "10", "11", "12")
_OSLO = "0301"


@dataclass(frozen=True, slots=True)
class Area:
    """One polygon in WGS84 (longitude, latitude); ``delbydel`` is "" for a whole bydel, codes are "0901" and "09"."""

    delbydel: str
    bydel: str
    name: str
    geometry: BaseGeometry


def arcgis(client: Client, url: str, layer: str) -> bytes:
    """Return a layer of an ArcGIS service as GeoJSON in WGS84, verbatim.

    Raises:
        FetchError: when the service refuses or cuts its answer; it reports both with status 200.
    """
    address = f"{url}/{layer}/query"
    answer = client.get(address, {"where": "1=1", "outFields": "*", "outSR": "4326", "f": "geojson"})
    root = _json(answer.body, address) if answer.status == 200 else {}
    problem = root.get("error")
    if answer.status != 200 or problem:
        said = problem.get("message", "") if isinstance(problem, dict) else ""
        raise FetchError(f"the service answered {answer.status} {said}".strip(), where=address)
    properties = root.get("properties")
    if root.get("exceededTransferLimit") or (isinstance(properties, dict) and properties.get("exceededTransferLimit")):
        raise FetchError("the service cut its answer short", where=address)
    return answer.body


def wfs(client: Client, url: str, layer: str, bydel_of: Mapping[str, str]) -> bytes:
    """Return Oslo's bydeler as GeoJSON, each the union of its grunnkretser at Geonorge.

    Args:
        client: To ask with.
        url: The WFS.
        layer: Its type of grunnkretser.
        bydel_of: Bydel code ("030109") of each grunnkrets code, from KLASS.

    Raises:
        FetchError: when the answer holds no grunnkretser that ``bydel_of`` knows.
    """
    query = {
        "service": "WFS",
        "version": "2.0.0",
        "request": "GetFeature",
        "typeNames": layer,
        "srsName": "urn:ogc:def:crs:EPSG::4258",
        "bbox": f"{SOUTH},{WEST},{NORTH},{EAST},urn:ogc:def:crs:EPSG::4258",
    }
    answer = client.get(url, query)
    if answer.status != 200:
        raise FetchError(f"the service answered {answer.status}", where=url)
    parts: dict[str, list[BaseGeometry]] = {}
    for code, polygon in _grunnkretser(answer.body, url):
        if code.startswith(_OSLO) and code in bydel_of:
            parts.setdefault(bydel_of[code], []).append(polygon)
    if not parts:
        raise FetchError("the answer holds no grunnkretser of Oslo that KLASS knows", where=url)
    features = [
        {
            "type": "Feature",
            "properties": {"BYDEL": bydel},
            "geometry": mapping(shapely.unary_union(polygons)),
        }
        for bydel, polygons in sorted(parts.items())
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode("utf-8")


def areas(document: bytes, name: str = "boundaries") -> list[Area]:
    """Return the areas of a stored GeoJSON document, by code.

    Raises:
        FetchError: when it is not GeoJSON of Oslo in WGS84, or a bydel of Groruddalen is missing.
    """
    features = _json(document, name).get("features")
    found = [_area(feature, name) for feature in features] if isinstance(features, list) else []
    missing = sorted(set(GRORUDDALEN) - {area.bydel for area in found})
    if missing:
        raise FetchError(f"no polygons for bydel {', '.join(missing)}", where=name, remedy="check the layer")
    return sorted(found, key=lambda area: (area.delbydel, area.bydel))


def _area(feature: Any, name: str) -> Area:
    try:
        properties = {str(key).upper(): value for key, value in feature["properties"].items()}
        geometry = shape(feature["geometry"])
        bydel = _digits(properties["BYDEL"], 2)
        delbydel = _digits(properties["DELBYDEL"], 4) if "DELBYDEL" in properties else ""
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, shapely.errors.ShapelyError):
        raise FetchError("a feature has no polygon or no bydel", where=name, remedy="check the layer") from None
    if not isinstance(geometry, Polygon | MultiPolygon) or geometry.is_empty:
        raise FetchError(f"bydel {bydel} {delbydel} is not a polygon".replace("  ", " "), where=name)
    west, south, east, north = geometry.bounds
    if not (west >= WEST and east <= EAST and south >= SOUTH and north <= NORTH):
        raise FetchError(
            f"the coordinates {west:g}, {south:g} are not degrees in Oslo",
            where=name,
            remedy="ask for EPSG:4326",
        )
    label = properties.get("DELBYDELSN") or properties.get("BYDELSNAVN") or ""
    return Area(delbydel, bydel, str(label), geometry)


def _digits(code: Any, length: int) -> str:
    """Return the last ``length`` digits of a code, so that 9, "09" and "030109" are one bydel."""
    digits = re.sub(r"\D", "", str(code))
    if not digits:
        raise ValueError(f"no digits in {code!r}")
    return digits[-length:].zfill(length)


def _grunnkretser(gml: bytes, name: str) -> Iterator[tuple[str, BaseGeometry]]:
    """Yield the code and the polygons of each grunnkrets of a GML 3.2 answer."""
    try:
        root = ET.fromstring(gml)  # noqa: S314 - expat limits entity expansion, and external entities are not read
    except (ET.ParseError, ValueError, LookupError):
        raise FetchError("the answer is not GML", where=name, remedy="try again later") from None
    for feature in root.iter():
        if _tag(feature) != "Grunnkrets":
            continue
        code = next((e.text or "" for e in feature.iter() if _tag(e) == "grunnkretsnummer"), "")
        for polygon in feature.iter():
            if _tag(polygon) in {"Polygon", "PolygonPatch"}:
                try:
                    rings = {
                        side: [
                            _ring(e)
                            for part in polygon
                            if _tag(part) == side
                            for e in part.iter()
                            if _tag(e) == "posList"
                        ]
                        for side in ("exterior", "interior")
                    }
                except ValueError:
                    raise _no_ring(code, name) from None
                if rings["exterior"]:
                    try:
                        area = shapely.make_valid(Polygon(rings["exterior"][0], rings["interior"]))
                    except (ValueError, shapely.errors.ShapelyError):
                        raise _no_ring(code, name) from None
                    yield code, area


def _no_ring(code: str, name: str) -> FetchError:
    return FetchError(f"the border of grunnkrets {code} is not a list of coordinates", where=name)


def _ring(element: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(number) for number in (element.text or "").split()]
    step = int(element.get("srsDimension", "2"))
    pairs = list(zip(numbers[::step], numbers[1::step], strict=True))
    # EPSG:4258 is latitude first, but not every server keeps to it; in Oslo the two cannot be confused.
    return [(second, first) if first > second else (first, second) for first, second in pairs]


def _tag(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _json(document: bytes, name: str) -> dict[str, Any]:
    why = ""
    try:
        root = strictjson.parse(document)
    except strictjson.NotJsonError as error:
        root, why = None, f": {error.what}"
    if not isinstance(root, dict):
        raise FetchError(f"the answer is not GeoJSON{why}", where=name, remedy="try again later")
    return root
