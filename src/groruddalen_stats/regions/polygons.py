"""Polygons of Oslo's delbydeler or bydeler, or of municipalities, as a stored GeoJSON document has them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from groruddalen_stats import strictjson
from groruddalen_stats.errors import FetchError

# Degrees that hold the whole of Oslo: coordinates outside are metres, swapped, or another city.
WEST, SOUTH, EAST, NORTH = 10.4, 59.75, 11.05, 60.2
MUNICIPALITIES_OF = dt.date(2024, 1, 1)
"""The division whose municipalities are stored."""
GRORUDDALEN = ("09", "10", "11", "12")


@dataclass(frozen=True, slots=True)
class Outline:
    """One polygon in WGS84 (longitude, latitude); ``delbydel`` is "" for a whole bydel, codes are "0901" and "09"."""

    delbydel: str
    bydel: str
    geometry: BaseGeometry


def areas(document: bytes, name: str = "boundaries", needed: Collection[str] = GRORUDDALEN) -> list[Outline]:
    """Return the areas of a stored GeoJSON document, by code.

    Raises:
        FetchError: when it is not GeoJSON of Oslo in WGS84, or a bydel that is needed is missing.
    """
    features = members(document, name).get("features")
    found = [_area(feature, name) for feature in features] if isinstance(features, list) else []
    missing = sorted(set(needed) - {area.bydel for area in found})
    if missing:
        raise FetchError(f"no polygons for bydel {', '.join(missing)}", where=name, remedy="check the layer")
    return sorted(found, key=lambda area: (area.delbydel, area.bydel))


def municipalities(document: bytes, name: str) -> dict[str, BaseGeometry]:
    """Return the polygons of a stored GeoJSON document by the code of their municipality."""
    features = members(document, name).get("features")
    try:
        return {str(one["properties"]["KOMMUNE"]): shape(one["geometry"]) for one in features or ()}
    except (KeyError, TypeError, AttributeError, ValueError, shapely.errors.ShapelyError):
        raise FetchError("a feature has no polygon or no municipality", where=name, remedy="restore the file") from None


def _area(feature: Any, name: str) -> Outline:
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
        what = f"the coordinates {west:g}, {south:g} are not degrees in Oslo"
        raise FetchError(what, where=name, remedy="ask for EPSG:4326")
    return Outline(delbydel, bydel, geometry)


def _digits(code: Any, length: int) -> str:
    """Return the last ``length`` digits of a code, so that 9, "09" and "030109" are one bydel."""
    digits = re.sub(r"\D", "", str(code))
    if not digits:
        raise ValueError(f"no digits in {code!r}")
    return digits[-length:].zfill(length)


def members(document: bytes, name: str) -> dict[str, Any]:
    """Return the members of a GeoJSON document; raises FetchError when it is none."""
    root = strictjson.parse(document, name, FetchError)
    if not isinstance(root, dict):
        raise FetchError("the answer is not GeoJSON", where=name, remedy="try again later")
    return root
