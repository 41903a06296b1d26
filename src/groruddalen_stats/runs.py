"""The names of a run's folders, made from its settings, so that no run overwrites what another one made.

This module imports nothing heavy: the Snakefile asks it at every call.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

LANGUAGE, BORDERS = "nb", "harmonised"
"""What a run has when nobody says otherwise: its folder has no word for it."""

_LONGEST = 120


BY_YEAR = "year-"
"""What the name of an edition begins with that is a year and no file: the report's appendix as of that year."""
_YEAR = re.compile(rf"{BY_YEAR}(20[0-9]{{2}})")


def year_of(edition: str) -> int | None:
    """Return the year of an edition that is a year and no file."""
    found = _YEAR.fullmatch(edition)
    return int(found[1]) if found else None


def normalised(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings in which a year, given by itself or as the edition, is the name of the edition of that year."""
    found = {str(key): value for key, value in settings.items()}
    edition = found.get("edition")
    given = edition.get("year") if isinstance(edition, Mapping) and set(edition) == {"year"} else None
    year = found.pop("year", None) if given is None else given
    return found if year is None else {**found, "edition": f"{BY_YEAR}{year}"}


def moved(years: int | list[int], by: int) -> int | list[int]:
    """Return one year or several, so many years later."""
    return years + by if isinstance(years, int) else [year + by for year in years]


def lagged(own: Mapping[str, int | list[int]], by: int) -> dict[str, int | list[int]]:
    """Return the years of an edition by topic, so many years later.

    A first and a last year stay as far apart as they are; longer series have as many years, without gaps.
    """
    return {
        topic: list(range(years[-1] + by - len(years) + 1, years[-1] + by + 1))
        if isinstance(years, list) and len(years) > 2
        else moved(years, by)
        for topic, years in own.items()
    }


def numbers_name(settings: Mapping[str, Any], own_years: Mapping[str, Any]) -> str:
    """Return the name of the folder of a run's numbers: its edition, and what it differs in from it.

    Args:
        settings: the keys of config/config.yaml; without ``area`` where that is the report's own.
        own_years: the years of the edition itself, by topic.
    """
    parts = [str(settings["edition"])]
    if settings.get("area"):
        parts.append(str(settings["area"]))
    borders = settings.get("borders") or BORDERS
    if borders != BORDERS:
        parts.append(f"borders-{borders}")
    for topic, years in sorted((settings.get("years") or {}).items()):
        if listed(years) != listed(own_years.get(topic)):
            parts.append(f"{topic}-{'_'.join(map(str, listed(years)))}")
    return _shortened("+".join(parts), f"{parts[0]}+")


def reader_name(settings: Mapping[str, Any], own_years: Mapping[str, Any]) -> str:
    """Return the name of the folders of what readers get: that of the numbers, and the language."""
    language = settings.get("language") or LANGUAGE
    return _in_language(numbers_name(settings, own_years), language)


def compared_name(names: Sequence[str], language: str) -> str:
    """Return the name of the folder of the comparison of runs, whose numbers have these names."""
    return _in_language(_shortened(f"compare-{'-'.join(names)}", "compare-"), language)


def _in_language(name: str, language: str) -> str:
    return name if language == LANGUAGE else f"{name}+{language}"


def _shortened(name: str, begins: str) -> str:
    return name if len(name) <= _LONGEST else f"{begins}{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def listed(years: object) -> list[object]:
    """Return years as a list; a year that a command line hands on as text is a number."""
    found = years if isinstance(years, list) else [] if years is None else [years]
    return [int(year) if isinstance(year, str) and year.isdecimal() else year for year in found]
