"""The pages that stand the areas of a set side by side, once they are built: an index and a profile of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any, get_args

from shapely import unary_union
from shapely.geometry.base import BaseGeometry

from groruddalen_stats import runs
from groruddalen_stats.batches import INDEX, Batches, batches_of, page
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Area, Text
from groruddalen_stats.config.site import Site
from groruddalen_stats.errors import Fault, RegionError, StatsError
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.regions import polygons
from groruddalen_stats.report.areas import Pages, Set, claims_csv
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.words import Words

_BYDELER = "boundaries/oslo/bydeler.geojson"
_OSLO = "0301"
_LANGUAGES: tuple[Language, ...] = get_args(Language)


def write(paths: Paths, settings: Mapping[str, Any]) -> None:
    """Write the index of a set and the profile of each area that is built.

    Args:
        paths: the project folder.
        settings: the settings of the run, with ``set``.

    Raises:
        StatsError: one fault per area that is not built, when the pages of the others are written.
    """
    # Orders and notes name files below the project folder.
    with chdir(paths.root):
        batches = batches_of(settings, Paths(Path()))
        failed = list(batches.failed())
        without = {area for area, _ in failed}
        built = [area for area in batches.areas if area not in without]
        if built:
            _write(batches, built, sorted(without, key=batches.areas.index))
        if failed:
            raise StatsError(faults=[Fault(what, area) for area, what in failed])
        batches.index.finish(INDEX)


def _write(batches: Batches, built: list[str], failed: list[str]) -> None:
    catalogue = load(batches.paths, batches.config)
    areas = _set(batches, catalogue, built, failed)
    templates = page_templates(TEMPLATES, TEMPLATES / "areas.css")
    spoken = catalogue.run.language
    every = []
    for language in _LANGUAGES:
        words = Words(load(batches.paths, {**batches.config, "language": language}))
        pages = Pages(areas, words)
        every.append(pages)
        (other,) = (one for one in _LANGUAGES if one != language)
        named = {area: page(area, language) for area in built}
        model = {**pages.index(named), "other": (page(INDEX, other), other)}
        write_text(batches.pages / page(INDEX, language), templates.get_template("areas.html.j2").render(model))
        of_one = templates.get_template("profile.html.j2")
        for area in built:
            links = {"other": (page(area, other), other), "index": page(INDEX, language), "spoken": spoken}
            write_text(batches.pages / named[area], of_one.render({**pages.profile(area, named), **links}))
    write_text(batches.pages / "areas.csv", every[0].numbers_csv())
    write_text(batches.pages / "claims.csv", claims_csv(every))


def _set(batches: Batches, catalogue: Catalogue, built: list[str], failed: list[str]) -> Set:
    profiles = {}
    for area in built:
        (path,) = batches.orders[area][0].stages["profile"].outputs
        profiles[area] = json.loads(Path(path).read_text(encoding="utf-8"))
    site = load_model(Site, catalogue.paths.config / "site.yaml")
    year = runs.year_of(catalogue.run.edition) or catalogue.edition.date.year
    return Set(
        catalogue=catalogue,
        name=_name(batches.name, catalogue),
        year=str(year),
        columns=site.columns,
        profiles=profiles,
        reports={area: f"../../{batches.orders[area][2]}" for area in built},
        failed=failed,
        shapes=_shapes(catalogue, built),
    )


def _name(name: str, catalogue: Catalogue) -> Text:
    """Return what a set is called: as its file says, or all places of a kind."""
    path = catalogue.paths.areas / f"{name}.yaml"
    return load_model(Area, path).name if path.exists() else catalogue.labels.words[f"set_{name}"]


def _shapes(catalogue: Catalogue, areas: list[str]) -> dict[str, BaseGeometry]:
    """Return the polygons of the areas that are city districts, municipalities or made of these."""
    regions, day = catalogue.regions, catalogue.edition.date
    store = Store(catalogue.paths)
    if not store.has(_BYDELER):
        return {}
    found = polygons.areas(store.read(_BYDELER), _BYDELER, needed=())
    shapes: dict[str, BaseGeometry] = {}
    for entry in found:
        with suppress(RegionError):
            shapes[regions.unit("klass", f"{_OSLO}{entry.bydel}", day)] = entry.geometry
    return {area: shapes[area] for area in areas if area in shapes} or _of_municipalities(catalogue, store, areas)


def _of_municipalities(catalogue: Catalogue, store: Store, areas: list[str]) -> dict[str, BaseGeometry]:
    regions = catalogue.regions
    made_of: dict[str, list[str]] = {}
    for area in areas:
        with suppress(StatsError):
            units = regions.as_municipalities(area, polygons.MUNICIPALITIES_OF)
            made_of[area] = [regions.code(unit) for unit in units]
    read: dict[str, BaseGeometry] = {}
    for county in sorted({code[:2] for codes in made_of.values() for code in codes}):
        name = f"boundaries/kommuner/kommuner_{county}.geojson"
        read |= polygons.municipalities(store.read(name), name)
    return {area: unary_union([read[code] for code in codes]) for area, codes in made_of.items() if codes}
