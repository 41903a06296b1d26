"""The pages that stand the areas of a set side by side, once they are built: an index and a profile of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any, get_args

from groruddalen_stats import runs
from groruddalen_stats.batches import INDEX, Batches, batches_of, page
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Area, Text
from groruddalen_stats.config.site import Site
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.figures.places import BYDELER, of_bydeler, of_municipalities
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report.areas import Pages, Set, claims_csv
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.words import Words

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
    store = Store(catalogue.paths)
    bydeler = of_bydeler(catalogue.regions, store) if store.has(BYDELER) else {}
    shapes = {area: bydeler[area] for area in built if area in bydeler}
    if bydeler and not shapes:
        shapes, _ = of_municipalities(catalogue.regions, store, built)
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
        shapes=shapes,
    )


def _name(name: str, catalogue: Catalogue) -> Text:
    """Return what a set is called: as its file says, or all places of a kind."""
    path = catalogue.paths.areas / f"{name}.yaml"
    return load_model(Area, path).name if path.exists() else catalogue.labels.words[f"set_{name}"]
