"""What an area is called in settings, and which areas a set has; light, for the Snakefile asks at every call."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from groruddalen_stats import runs
from groruddalen_stats.errors import ConfigError, did_you_mean
from groruddalen_stats.strictyaml import read_keys, read_yaml

_KINDS = ("municipalities", "counties")
"""Sets that are all places of a kind."""


def members(config: Path, name: str, year: int) -> list[str]:
    """Return the ids of the areas of a set, in the order of the files.

    Args:
        name: ``municipalities`` or ``counties``, all there are on 1 January of the year; or an area in config/areas,
            whose parts are the set.
    """
    if name in _KINDS:
        day = f"{year}-01-01"
        return [row["id"] for row in _rows(config, name) if row["valid_from"] <= day <= (row["valid_to"] or "9")]
    parts = read_keys(config / "areas" / f"{name}.yaml").get("parts")
    if not isinstance(parts, list):
        known = [*_KINDS, *sorted(path.stem for path in (config / "areas").glob("*.yaml"))]
        where = (config / "areas").as_posix()
        raise ConfigError(f"there is no set of areas '{name}'", where=where, remedy=did_you_mean(name, known))
    return [str(part) for part in parts]


def settings_of(given: Mapping[str, Any], config: Path) -> dict[str, Any]:
    """Return the settings of a run: those of config.yaml, replaced by what is ``given``; no area for the report's own."""
    path = config / "config.yaml"
    read = read_yaml(path)
    if not isinstance(read, dict):
        raise ConfigError("the file has no keys", where=str(path), remedy="restore it from the repository")
    settings = {**runs.normalised(read), **runs.normalised(given)}
    area = None if settings.get("area") is None else id_of(config, settings["area"])
    own = area is None or area == read_keys(config / "appendix.yaml").get("print_area")
    return {key: value for key, value in settings.items() if key != "area"} | ({} if own else {"area": area})


def id_of(config: Path, word: object) -> str:
    """Return the id of the area that somebody means: its own, or that of the place with this code or name today.

    A name is written as ids are, such as ``drammen``; one that several municipalities have stands for none of them. What
    names nothing is returned as it is.
    """
    name = str(word)
    if (config / "areas" / f"{name}.yaml").exists() or not (config / "regions").exists():
        return name
    if name in {*_groups(config), *(row["id"] for kind in ("country", "bydeler") for row in _rows(config, kind))}:
        return name
    found = named(config, name)
    return found[0] if len(found) == 1 else name


def named(config: Path, word: str) -> list[str]:
    """Return the ids of the places of today with a code or a name; of municipalities before counties."""
    for kind in _KINDS:
        rows = _rows(config, kind)
        if any(row["id"] == word for row in rows):
            return [word]
        if found := [row["id"] for row in rows if not row["valid_to"] and word in {row["code"], *_names(row)}]:
            return found
    return []


def names(config: Path) -> list[str]:
    """Return the names of the municipalities and counties of today, as they are written in settings."""
    return [name for kind in _KINDS for row in _rows(config, kind) if not row["valid_to"] for name in _names(row)]


def is_of_oslo(config: Path, area: str) -> bool:
    """Return whether an area is Oslo or made of its city districts; figures of these are no other place's."""
    oslo, groups = {"oslo", *(row["id"] for row in _rows(config, "bydeler"))}, _groups(config)
    file = config / "areas" / f"{area}.yaml"

    def all_within(regions: Sequence[Any]) -> bool:
        return bool(regions) and all(one in oslo or all_within(groups.get(str(one), ())) for one in regions)

    return all_within((read_keys(file).get("parts") if file.exists() else [area]) or [])


def _groups(config: Path) -> dict[str, list[str]]:
    return {row["id"]: row["members"].split() for row in _rows(config, "groups")}


def _names(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of a place as ids are written: each of those that it has in several languages."""
    for name in (row.get("name") or row["name_nb"].partition(" fylke")[0]).split(" - "):
        yield _slug(name)


def _slug(name: str) -> str:
    plain = name.lower().replace("æ", "ae").replace("ø", "o").replace("đ", "d")
    letters = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def _rows(config: Path, kind: str) -> list[dict[str, str]]:
    """Return the rows of a table of config/regions, or those of one kind of place."""
    table = kind if kind in {"municipalities", "groups"} else "places"
    with (config / "regions" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("kind", kind) == kind]
