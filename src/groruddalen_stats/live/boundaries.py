"""Asking the map services for polygons of Oslo's delbydeler, or of its bydeler where they have only those."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

import shapely
from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.errors import FetchError
from groruddalen_stats.live.http import Client
from groruddalen_stats.regions.polygons import EAST, NORTH, SOUTH, WEST, members

_OSLO = "0301"


def arcgis(client: Client, url: str, layer: str) -> bytes:
    """Return a layer of an ArcGIS service as GeoJSON in WGS84, verbatim; it refuses and cuts answers with status 200."""
    address = f"{url}/{layer}/query"
    answer = client.get(address, {"where": "1=1", "outFields": "*", "outSR": "4326", "f": "geojson"})
    root = members(answer.body, address) if answer.status == 200 else {}
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

    ``bydel_of`` has the bydel code ("030109") of each grunnkrets code, from KLASS.
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
        {"type": "Feature", "properties": {"BYDEL": bydel}, "geometry": mapping(shapely.unary_union(polygons))}
        for bydel, polygons in sorted(parts.items())
    ]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode("utf-8")


def _grunnkretser(gml: bytes, name: str) -> Iterator[tuple[str, BaseGeometry]]:
    """Yield the code and the polygons of each grunnkrets of a GML 3.2 answer."""
    try:
        root = ET.fromstring(gml)  # noqa: S314 - expat limits entity expansion, and external entities are not read
    except (ET.ParseError, ValueError, LookupError):
        raise FetchError("the answer is not GML", where=name, remedy="try again later") from None
    for feature in root.iterfind(".//{*}Grunnkrets"):
        code = feature.findtext(".//{*}grunnkretsnummer", "")
        for polygon in [*feature.iterfind(".//{*}Polygon"), *feature.iterfind(".//{*}PolygonPatch")]:
            try:
                outer, inner = (
                    [_ring(e) for e in polygon.iterfind(f"{{*}}{side}//{{*}}posList")]
                    for side in ("exterior", "interior")
                )
                area = shapely.make_valid(Polygon(outer[0], inner)) if outer else None
            except (ValueError, shapely.errors.ShapelyError):
                what = f"the border of grunnkrets {code} is not a list of coordinates"
                raise FetchError(what, where=name) from None
            if area is not None:
                yield code, area


def _ring(element: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(number) for number in (element.text or "").split()]
    step = int(element.get("srsDimension", "2"))
    pairs = list(zip(numbers[::step], numbers[1::step], strict=True))
    # EPSG:4258 is latitude first, but not every server keeps to it; in Oslo the two cannot be confused.
    return [(second, first) if first > second else (first, second) for first, second in pairs]
