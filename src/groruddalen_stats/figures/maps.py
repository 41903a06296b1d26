"""A map of the delbydeler in the colours of their bydeler, from official polygons."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from shapely.affinity import scale, translate
from shapely.geometry import MultiPoint, MultiPolygon, Polygon, box
from shapely.geometry import Point as Spot
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.errors import ConfigError
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import WIDE, Content, Places
from groruddalen_stats.figures.page import Canvas, Page, basis_signs

OSLO = (59.94, 10.87)
"""The middle of maps of Oslo, as latitude and longitude."""
_NORTH_KM = 111.4  # of one degree of latitude at 60 degrees north
_TINT = 0.3
_HIGHEST = 1.3  # times the width
_SIDE = 8.0

Kilometres = tuple[float, float]


def kilometres(latitude: float, longitude: float, middle: Kilometres = OSLO) -> Kilometres:
    """Return kilometres east and north of the middle of the map."""
    east = 111.32 * math.cos(math.radians(middle[0]))
    return (longitude - middle[1]) * east, (latitude - middle[0]) * _NORTH_KM


def regions(centres: Mapping[str, Kilometres], places: Places, middle: Kilometres = OSLO) -> dict[str, BaseGeometry]:
    """Return the polygon of each delbydel or other place in kilometres.

    A delbydel without one of its own, because the polygons are of another year's division or only of bydeler, gets its
    nearest part of what its bydel has left: one that was split later gets its parts joined again.
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


def chart(content: Content) -> Canvas:
    """Draw places with their names: delbydeler in the colours of their bydeler, or others each in its own.

    Nothing is drawn for an unknown division.
    """
    size, bydel_of = content.size, content.places.bydel_of
    rows = [item.id for item in content.layout.rows]
    whole_places = not any(key in bydel_of for key in rows)
    if not all(point.known for point in content) or (whole_places and not content.places.boundaries.keys() >= {*rows}):
        return Page(content.texts, size.small, size=size, legend=basis_signs(content)).figure
    centres = {key: (content.points[key, "latitude"].value, content.points[key, "longitude"].value) for key in rows}
    middle = _middle(centres.values()) if whole_places else OSLO
    at = {key: kilometres(*centre, middle) for key, centre in centres.items()}
    cells = regions(at, content.places, middle)
    around = [_projected(shape, middle) for shape in content.places.around]
    land = shapely.unary_union([*cells.values(), *around])
    west, south, east, north = land.bounds
    per_km, side = (size.inner - 2 * _SIDE) / (east - west), _SIDE
    if (north - south) * per_km > _HIGHEST * size.inner:
        per_km = _HIGHEST * size.inner / (north - south)
        side = (size.inner - (east - west) * per_km) / 2
    height = (north - south) * per_km + 2 * _SIDE
    # What tells a county from an older one of the same name is in the table.
    names = {item.id: content.label(item).partition(" (")[0] for item in content.layout.rows}
    listed = [] if size == WIDE or len(rows) == 1 else _listed(names, bydel_of)
    deep = max((len(column) for column in listed), default=0) * size.small * 1.4
    page = Page(content.texts, height + (deep + 8 if deep else 0.0), size=size)

    def drawn(shape: BaseGeometry) -> BaseGeometry:
        moved = translate(shape, -west, -north)
        moved = scale(moved, per_km, -per_km, origin=(0, 0))
        return translate(moved, page.left + side, page.top + _SIDE)

    for shape in around:
        _fill(page, drawn(shape), None, facecolor=style.EMPTY, edgecolor=style.GUIDE, linewidth=0.6)
    outlines = {key: drawn(cell) for key, cell in cells.items()}
    wholes = {
        bydel: shapely.unary_union([outlines[key] for key in outlines if bydel_of[key] == bydel])
        for bydel in dict.fromkeys(bydel_of[key] for key in outlines if key in bydel_of)
    }
    told, prefix = page.figure.told, content.object_id
    for key, outline in outlines.items():
        within = f", {content.places.names[bydel_of[key]]}" if key in bydel_of else ""
        told[f"{prefix}.{key}"] = f"{names[key]}{within}"
        # See-through, so that it is a tint of whatever page it lies on.
        tint = {"facecolor": (content.colour(key), _TINT), "edgecolor": style.PAPER, "linewidth": 2.4}
        _fill(page, outline, f"{prefix}.{key}", **tint)
    for outline in outlines.values():
        _fill(page, outline, None, facecolor="none", edgecolor=style.OUTLINE, linewidth=0.6)
    for bydel, whole in wholes.items():
        told[f"{prefix}.{bydel}"] = content.places.names[bydel]
        # Inside its own edge, so that two bydeler that meet both show their colour.
        edge = {"facecolor": "none", "edgecolor": content.colour(bydel), "linewidth": 2.0}
        _fill(page, whole.buffer(-1.0), f"{prefix}.{bydel}", **edge)

    taken: list[BaseGeometry] = []
    numbers = {
        key: f"{number}" for number, key in enumerate((key for column in listed for key in column if key in names), 1)
    }
    for key in sorted(outlines, key=lambda key: outlines[key].area):
        said = numbers.get(key) or names[key]
        place = _inside(outlines[key], style.measure(said, size.small) + 3, size.small * 1.3, taken)
        taken.append(place)
        x, y = place.centroid.coords[0]
        page.text(x, y, said, size=size.small, align="center", middle=True)
    for number, column in enumerate(listed):
        x = page.left + number * size.inner / 2
        for index, key in enumerate(column):
            said = f"{numbers[key]} {names[key]}" if key in names else content.places.names[key]
            y = page.top + height + 8 + (index + 0.5) * size.small * 1.4
            page.text(x, y, said, size=size.small, bold=key not in names, middle=True)
    frame = box(page.left, page.top, page.right, page.top + height)
    whole_land = shapely.unary_union(list(outlines.values()))
    bold_size = size.label + 2
    for bydel, whole in wholes.items():
        name = content.places.names[bydel]
        place = _outside(
            whole, whole_land, frame, style.measure(name, bold_size, bold=True) + 14, bold_size * 1.3, taken
        )
        taken.append(place)
        x, _, _, _ = place.bounds
        y = place.centroid.y
        page.rectangle(x, y - 4.5, 9, 9, facecolor=content.colour(bydel), edgecolor="none")
        page.text(x + 14, y, name, size=bold_size, bold=True, middle=True)
    return page.figure


def _listed(names: Mapping[str, str], bydel_of: Mapping[str, str]) -> list[list[str]]:
    """Return two columns, as long as one another as can be, of bydeler with their delbydeler, or of other places."""
    groups = [
        [bydel, *(key for key in names if bydel_of[key] == bydel)]
        for bydel in dict.fromkeys(bydel_of[key] for key in names if key in bydel_of)
    ]
    groups += [[key] for key in names if key not in bydel_of]
    lengths = [len(group) for group in groups]
    cut = min(range(len(groups) + 1), key=lambda at: abs(sum(lengths[:at]) - sum(lengths[at:])))
    return [[key for group in part for key in group] for part in (groups[:cut], groups[cut:])]


def _fill(page: Page, shape: BaseGeometry, gid: str | None, **look: Any) -> None:
    rings = [ring for part in _polygons(shape) for ring in (part.exterior, *part.interiors)]
    corners = [np.asarray(ring.simplify(0.15).coords) for ring in rings]
    path = Path.make_compound_path(*(Path(ring, closed=True) for ring in corners))
    page.patch(PathPatch(path, joinstyle="round", gid=gid, **look))


def _inside(cell: BaseGeometry, wide: float, tall: float, taken: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the box for a name that lies best inside a cell and touches no other name."""
    cell = cell.simplify(1.5)
    shapely.prepare(cell)
    left, top, right, bottom = cell.bounds
    across, down = np.meshgrid(np.arange(left, right, 6.0), np.arange(top, bottom, 5.0))
    xs, ys = across.ravel(), down.ravel()
    boxes = shapely.box(xs - wide / 2, ys - tall / 2, xs + wide / 2, ys + tall / 2)
    middle = shapely.maximum_inscribed_circle(cell).coords[0]
    cost = np.hypot(xs - middle[0], ys - middle[1])
    for other in taken:
        cost[shapely.intersects(boxes, other)] = np.inf
    within = shapely.contains(cell, boxes)
    # What spills over is only worth measuring where it could lie better than the best that does not.
    over = ~within & (cost < np.min(cost, where=within, initial=np.inf))
    cost[~within & ~over] = np.inf
    cost[over] += 200 * (1 - shapely.area(shapely.intersection(boxes[over], cell)) / (wide * tall))
    return boxes[int(np.argmin(cost))]


def _outside(
    whole: BaseGeometry,
    land: BaseGeometry,
    frame: BaseGeometry,
    wide: float,
    tall: float,
    taken: Sequence[BaseGeometry],
) -> BaseGeometry:
    """Return the box for a bydel's name off the land, as near the bydel as can be."""
    left, top, right, bottom = frame.bounds
    across, down = np.meshgrid(np.arange(left, right - wide, 8.0), np.arange(top, bottom - tall, 8.0))
    xs, ys = across.ravel(), down.ravel()
    boxes = shapely.box(xs, ys, xs + wide, ys + tall)
    whole = whole.simplify(2.0)
    cost = shapely.distance(boxes, whole) + 0.25 * shapely.distance(shapely.centroid(boxes), whole.centroid)
    for other in (land.simplify(2.0).buffer(5, quad_segs=2), *taken):
        shapely.prepare(other)
        cost[shapely.intersects(boxes, other)] = np.inf
    return boxes[int(np.argmin(cost))]
