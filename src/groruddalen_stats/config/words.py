"""The words that readers see and that belong to no single object, in both languages, and the colours of the figures."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from groruddalen_stats.config.deviations import Kind
from groruddalen_stats.config.load import Named, Strict, read_rows, validate
from groruddalen_stats.config.models import Given, Key, Text
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.numbers import round_half_up

__all__ = ["Labels", "channels", "contrast", "load_labels", "luminance"]

_CONTRAST = 3
GROUND, DARK_GROUND = "#ffffff", "#14181d"
"""What figures are drawn on, on a light and on a dark page."""

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


def _named(part: str) -> AfterValidator:
    """Return what makes a section of config/words.csv say which word it lacks."""
    return AfterValidator(lambda words: Named(words, f"config/words.csv {part}"))


class Labels(Strict):
    """config/words.csv, by section, and config/palette.csv.

    Attributes:
        parts: the colours for the parts of an area that has more than the report's.
        dark: what each colour is on a dark page.
    """

    words: Annotated[dict[str, Text], _named("words")]
    notes: Annotated[dict[Key, Text], _named("notes")]
    reasons: Annotated[dict[Key, Text], _named("reasons")]
    definitions: dict[Key, Text]
    check: Annotated[dict[Key, Text], _named("check")]
    kinds: Annotated[dict[Kind, Text], _named("kinds")]
    palette: dict[str, str]
    parts: list[str]
    dark: dict[str, str]


class WordRow(Strict):
    """One row of config/words.csv; ``{...}`` is filled in."""

    section: Literal["words", "notes", "reasons", "definitions", "check", "kinds"]
    key: Key
    nb: Given
    en: Given


class Colour(Strict):
    """One row of config/palette.csv: a region or category, or ``other`` for all that are not listed.

    Numbered ones are for the parts of an area that has more than the report's.
    """

    name: Annotated[int | str, BeforeValidator(lambda text: int(text) if text.isdecimal() else text)]
    colour: Hex
    dark: Hex


def channels(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue of ``#rrggbb`` between 0 and 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return how much light a colour gives, from 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str = GROUND) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(colour), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def load_labels(config: Path) -> Labels:
    """Return the words and colours of a project, whose folder config/ is given."""
    words, faults = read_rows(WordRow, config / "words.csv", ("section", "key"))
    merged: dict[str, Any] = defaultdict(dict)
    for word in words.values():
        merged[word.section][word.key] = Text(nb=word.nb, en=word.en)
    colours, wrong = read_rows(Colour, config / "palette.csv")
    faults += wrong
    merged["palette"] = {row.name: row.colour for row in colours.values() if isinstance(row.name, str)}
    merged["parts"] = [row.colour for row in colours.values() if isinstance(row.name, int)]
    merged["dark"] = {}
    for line, row in colours.items():
        where = f"{config / 'palette.csv'}:{line}"
        for shown, ground in ((row.colour, GROUND), (row.dark, DARK_GROUND)):
            # What the guidelines for accessible pages ask of the parts of a chart.
            told = contrast(shown, ground)
            if told < _CONTRAST:
                what = f"{row.name}: {shown} has a contrast of {round_half_up(told, 2)} to 1 with the page"
                faults.append(Fault(what, where, f"choose one of {_CONTRAST} to 1 or more"))
        if merged["dark"].setdefault(row.colour, row.dark) != row.dark:
            what = (
                f"{row.name}: {row.colour} is {row.dark} here and {merged['dark'][row.colour]} elsewhere on a dark page"
            )
            faults.append(Fault(what, where, "give the same colour the same dark one"))
    if "other" not in merged["palette"] and not faults:
        what = "there is no colour 'other', which everything has that is not listed"
        faults.append(Fault(what, str(config / "palette.csv"), "add a row 'other'"))
    ConfigError.tell(faults)
    return validate(Labels, merged, config / "words.csv")
