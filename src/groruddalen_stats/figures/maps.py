"""A map of the delbydeler in the colours of their bydeler, from official polygons."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from shapely.affinity import scale, translate
from shapely.geometry import MultiPoint, MultiPolygon, Polygon, box
from shapely.geometry import Point as Spot
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.errors import ConfigError
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import Content, Places
from groruddalen_stats.figures.page import Page, basis_signs

OSLO = (59.94, 10.87)
"""The middle of maps of Oslo, as latitude and longitude."""
_NORTH_KM = 111.4  # of one degree of latitude at 60 degrees north
_HIGHEST = 560.0  # what a page has room for
_TINT = 0.55
_AROUND = "#eeeeee"
_SIDE = 8.0
_NAME, _BYDEL = style.SMALL, 11.0

Kilometres = tuple[float, float]


def kilometres(latitude: float, longitude: float, middle: Kilometres = OSLO) -> Kilometres:
    """Return kilometres east and north of the middle of the map."""
    east = 111.32 * math.cos(math.radians(middle[0]))
    return (longitude - middle[1]) * east, (latitude - middle[0]) * _NORTH_KM


def regions(centres: Mapping[str, Kilometres], places: Places, middle: Kilometres = OSLO) -> dict[str, BaseGeometry]:
    """Return the polygon of each delbydel or other place in kilometres.

    A delbydel without one of its own, because the polygons are of another year's division or only of bydeler, gets its
    nearest part of what its bydel has left: one that was split later gets its parts joined again.

    Args:
        centres: centre of each delbydel in kilometres.
        places: the official polygons, and the bydel of each delbydel.
        middle: latitude and longitude of the middle of the map.

    Raises:
        ConfigError: when there are no polygons.
    """
    official = {key: _projected(shape, middle) for key, shape in places.boundaries.items()}
    if not official:
        raise ConfigError(
            "there are no boundaries of the sub-districts",
            where="data/raw/boundaries",
            remedy="restore the folder from the repository",
        )
    found = {key: official[key] for key in centres if key in official}
    for bydel in dict.fromkeys(places.bydel_of[key] for key in centres if key in places.bydel_of):
        lacking = {key: at for key, at in centres.items() if key not in found and places.bydel_of[key] == bydel}
        left = [
            shape for key, shape in official.items() if key not in found and bydel in {key, places.bydel_of.get(key)}
        ]
        rest = shapely.unary_union(left)
        if lacking and not rest.is_empty:
            found |= {key: cell.intersection(rest) for key, cell in _nearest(lacking, rest).items()}
    return {key: found[key] for key in centres if key in found}


def _nearest(centres: Mapping[str, Kilometres], border: BaseGeometry) -> dict[str, BaseGeometry]:
    if len(centres) == 1:
        return dict.fromkeys(centres, border)
    cells = shapely.voronoi_polygons(MultiPoint(list(centres.values())), extend_to=border.envelope.buffer(1)).geoms
    return {key: next(cell for cell in cells if cell.intersects(Spot(*at))) for key, at in centres.items()}


def _middle(centres: Collection[Kilometres]) -> Kilometres:
    latitudes, longitudes = zip(*centres, strict=True)
    return sum(latitudes) / len(centres), sum(longitudes) / len(centres)


def _projected(shape: BaseGeometry, middle: Kilometres) -> BaseGeometry:
    moved = shapely.transform(shape, lambda at: np.column_stack(kilometres(at[:, 1], at[:, 0], middle)))
    return shapely.make_valid(moved)


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [shape]
    return [
        part
        for part in getattr(shape, "geoms", ())
        if isinstance(part, Polygon | MultiPolygon)
        for part in _polygons(part)
    ]


def chart(content: Content) -> Figure:
    """Draw places with their names: delbydeler in the colours of their bydeler, or others each in its own.

    Nothing is drawn for an unknown division.
    """
    rows = [item.id for item in content.layout.rows]
    bydel_of = content.places.bydel_of
    whole_places = not any(key in bydel_of for key in rows)
    if not all(point.known for point in content) or (whole_places and not content.places.boundaries.keys() >= {*rows}):
        return Page(content.texts, _NAME, legend=basis_signs(content)).figure
    centres = {key: (content.points[key, "latitude"].value, content.points[key, "longitude"].value) for key in rows}
    middle = _middle(centres.values()) if whole_places else OSLO
    at = {key: kilometres(*centre, middle) for key, centre in centres.items()}
    cells = regions(at, content.places, middle)
    around = [_projected(shape, middle) for shape in content.places.around]
    land = shapely.unary_union([*cells.values(), *around])
    west, south, east, north = land.bounds
    width = style.WIDTH - 2 * style.MARGIN
    per_km, side = (width - 2 * _SIDE) / (east - west), _SIDE
    if (north - south) * per_km > _HIGHEST:
        per_km = _HIGHEST / (north - south)
        side = (width - (east - west) * per_km) / 2
    height = (north - south) * per_km + 2 * _SIDE
    page = Page(content.texts, height)

    def drawn(shape: BaseGeometry) -> BaseGeometry:
        moved = translate(shape, -west, -north)
        moved = scale(moved, per_km, -per_km, origin=(0, 0))
        return translate(moved, page.left + side, page.top + _SIDE)

    for shape in around:
        _fill(page, drawn(shape), _AROUND, style.PAPER, 0.8, None)
    outlines = {key: drawn(cell) for key, cell in cells.items()}
    wholes = {
        bydel: shapely.unary_union([outlines[key] for key in outlines if bydel_of[key] == bydel])
        for bydel in dict.fromkeys(bydel_of[key] for key in outlines if key in bydel_of)
    }
    for key, outline in outlines.items():
        _fill(
            page,
            outline,
            style.lighter(content.colour(key), _TINT),
            style.PAPER,
            1.2,
            f"{content.object_id}.{key}",
        )
    for bydel, whole in wholes.items():
        # Inside its own edge, so that two bydeler that meet both show their colour.
        _fill(page, whole.buffer(-1.0), "none", content.colour(bydel), 2.0, f"{content.object_id}.{bydel}")

    taken: list[BaseGeometry] = []
    # What tells a county from an older one of the same name is in the table.
    names = {item.id: content.label(item).partition(" (")[0] for item in content.layout.rows}
    for key in sorted(outlines, key=lambda key: outlines[key].area):
        place = _inside(outlines[key], names[key], taken)
        taken.append(place)
        x, y = place.centroid.coords[0]
        page.text(x, y, names[key], size=_NAME, align="center", middle=True)
    frame = box(page.left, page.top, page.right, page.top + height)
    whole_land = shapely.unary_union(list(outlines.values()))
    for bydel, whole in wholes.items():
        name = content.places.names[bydel]
        place = _outside(whole, whole_land, frame, style.measure(name, _BYDEL, bold=True) + 14, taken)
        taken.append(place)
        x, _, _, _ = place.bounds
        y = place.centroid.y
        page.rectangle(x, y - 4.5, 9, 9, facecolor=content.colour(bydel), edgecolor="none")
        page.text(x + 14, y, name, size=_BYDEL, bold=True, middle=True)
    return page.figure


def _fill(page: Page, shape: BaseGeometry, colour: str, edge: str, width: float, gid: str | None) -> None:
    rings = [ring for part in _polygons(shape) for ring in (part.exterior, *part.interiors)]
    corners = [np.asarray(ring.simplify(0.15).coords) for ring in rings]
    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in corners))
    page.patch(PathPatch(path, facecolor=colour, edgecolor=edge, linewidth=width, joinstyle="round", gid=gid))


def _inside(cell: BaseGeometry, name: str, taken: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the box for a name that lies best inside a cell and touches no other name."""
    cell = cell.simplify(0.5)
    wide, tall = style.measure(name, _NAME) + 3, _NAME * 1.3
    left, top, right, bottom = cell.bounds
    across, down = np.meshgrid(np.arange(left - wide / 4, right + wide / 4, 4.0), np.arange(top, bottom, 4.0))
    xs, ys = across.ravel(), down.ravel()
    boxes = shapely.box(xs - wide / 2, ys - tall / 2, xs + wide / 2, ys + tall / 2)
    middle = shapely.maximum_inscribed_circle(cell).coords[0]
    spill = 1 - shapely.area(shapely.intersection(boxes, cell)) / (wide * tall)
    cost = spill * 200 + np.hypot(xs - middle[0], ys - middle[1])
    for other in taken:
        cost[shapely.intersects(boxes, other)] = np.inf
    return boxes[int(np.argmin(cost))]


def _outside(
    whole: BaseGeometry, land: BaseGeometry, frame: BaseGeometry, wide: float, taken: Sequence[BaseGeometry]
) -> BaseGeometry:
    """Return the box for a bydel's name off the land, as near the bydel as can be."""
    tall = _BYDEL * 1.3
    left, top, right, bottom = frame.bounds
    across, down = np.meshgrid(np.arange(left, right - wide, 5.0), np.arange(top, bottom - tall, 5.0))
    xs, ys = across.ravel(), down.ravel()
    boxes = shapely.box(xs, ys, xs + wide, ys + tall)
    cost = shapely.distance(boxes, whole) + 0.25 * shapely.distance(shapely.centroid(boxes), whole.centroid)
    for other in (land.buffer(4).simplify(0.5), *taken):
        shapely.prepare(other)
        cost[shapely.intersects(boxes, other)] = np.inf
    return boxes[int(np.argmin(cost))]
