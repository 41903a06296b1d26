"""What figures know of places, from config/regions.yaml and stored boundaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from shapely import unary_union
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.figures.content import Places
from groruddalen_stats.numbers import Language
from groruddalen_stats.raw.store import Store
from groruddalen_stats.regions import Regions, polygons

_OSLO = "0301"
BYDELER = "boundaries/oslo/bydeler.geojson"
_OTHERS = "boundaries/oslo/delbydeler_andre.geojson"


def places(catalogue: Catalogue, store: Store, language: Language) -> Places:
    """Read what figures need beyond cells: names, bydeler, moved borders and any official polygons."""
    known = catalogue.regions
    bydel_of = known.bydel_of
    names = {bydel: known.name(bydel, language) for bydel in bydel_of.values()}
    moved = {key: _decimal_year(entry.date) for key, entry in known.breaks.items()}
    if not catalogue.is_of_oslo:
        parts = catalogue.area.parts
        shapes, around = of_municipalities(known, store, parts)
        return Places({}, {}, shapes, around if len(parts) == 1 else (), breaks=moved)
    fetched = {path for key, source in catalogue.sources.sources.items() for path in source.fetched(key).values()}
    boundaries = _boundaries(bydel_of, store, fetched)
    if catalogue.wanted:
        others = polygons.areas(store.read(_OTHERS), _OTHERS, needed=())
        boundaries = {f"d{entry.delbydel}": entry.geometry for entry in others} | boundaries
        shown = catalogue.on_map(catalogue.day)
        if bydel_of.keys().isdisjoint(shown):
            boundaries = {key: shape for key, shape in of_bydeler(known, store).items() if key in shown}
    return Places(bydel_of, names, boundaries, breaks=moved)


def of_bydeler(regions: Regions, store: Store) -> dict[str, BaseGeometry]:
    """Return the polygons of the city districts of today."""
    stored = polygons.areas(store.read(BYDELER), BYDELER, needed=())
    known = {regions.code(region): region for region in regions.ids if regions.bydeler(region) == [region]}
    codes = ((f"{_OSLO}{entry.bydel}", entry.geometry) for entry in stored)
    return {known[code]: shape for code, shape in codes if code in known}


def of_municipalities(
    regions: Regions, store: Store, areas: Iterable[str]
) -> tuple[dict[str, BaseGeometry], tuple[BaseGeometry, ...]]:
    """Return the polygons of areas made of municipalities, and those of all others in the counties of these."""
    made_of = {area: regions.as_municipalities(area, polygons.MUNICIPALITIES_OF) for area in areas}
    codes = {unit: regions.code(unit) for units in made_of.values() for unit in units}
    read: dict[str, BaseGeometry] = {}
    for county in sorted({code[:2] for code in codes.values()}):
        name = f"boundaries/kommuner/kommuner_{county}.geojson"
        read |= polygons.municipalities(store.read(name), name)
    found = {area: unary_union([read[codes[unit]] for unit in units]) for area, units in made_of.items() if units}
    return found, tuple(shape for code, shape in read.items() if code not in codes.values())


def _decimal_year(date: dt.date) -> float:
    start, end = dt.date(date.year, 1, 1), dt.date(date.year + 1, 1, 1)
    return date.year + (date - start) / (end - start)


def _boundaries(bydel_of: Mapping[str, str], store: Store, fetched: set[str]) -> dict[str, BaseGeometry]:
    bydel_by_code = {key[1:3]: bydel for key, bydel in bydel_of.items()}
    found: dict[str, BaseGeometry] = {}
    names = sorted(f"boundaries/{path.name}" for path in (store.paths.raw / "boundaries").glob("*.geojson"))
    # What was fetched comes before what is embedded.
    for name in sorted(names, key=lambda name: name not in fetched):
        for entry in polygons.areas(store.read(name), name):
            key = f"d{entry.delbydel}" if entry.delbydel else bydel_by_code.get(entry.bydel)
            if key is not None and key not in found:
                found[key] = entry.geometry
    return found
