"""The look shared by every figure: one width, one type, one mark per basis.

Lengths are points (1/72 inch) throughout; a figure is :data:`WIDTH` wide, the text width of an A4 page.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font

from groruddalen_stats.config.words import channels, luminance

WIDTH, MARGIN = 468.0, 12.0
INK, MUTED, GUIDE, PAPER = "#1a1a1a", "#595959", "#d9d9d9", "#ffffff"
HEADLINE, TITLE, LABEL, SMALL = 12.5, 9.5, 8.5, 7.5
LEADING = 1.28

FAMILY = "DejaVu Sans"  # ships with matplotlib, so that every machine draws the same letters
_FONTS = Path(mpl.get_data_path(), "fonts", "ttf")
_REGULAR = FontProperties(family=FAMILY, fname=_FONTS / "DejaVuSans.ttf")
_BOLD = FontProperties(family=FAMILY, fname=_FONTS / "DejaVuSans-Bold.ttf", weight="bold")

# A salt of its own keeps the ids of an SVG the same from run to run.
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "groruddalen_stats",
    "hatch.linewidth": 1.0,
    "path.simplify": False,
}

# Settings of windows and servers, which no drawing depends on.
_NOT_DRAWN = ("backend", "date.epoch", "docstring", "interactive", "timezone", "tk.", "toolbar", "webagg")

#: Bases whose bars are filled with the plain colour.
FILLED = frozenset({"source", "recomputed"})

_DASHES = (0, (3, 2))
_HATCH = "////"


def settings() -> AbstractContextManager[None]:
    """Return the context in which figures are drawn and written, whatever settings of their own a reader has."""
    plain = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(_NOT_DRAWN)}
    return mpl.rc_context({**plain, **_SETTINGS})


def font(size: float, *, bold: bool = False) -> FontProperties:
    """Return the house type in one size."""
    chosen = (_BOLD if bold else _REGULAR).copy()
    chosen.set_size(size)
    return chosen


@lru_cache(maxsize=4096)
def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text in points."""
    face = get_font(str((_BOLD if bold else _REGULAR).get_file()))
    # In ten times the size, where the rounding of letters to whole pixels no longer counts.
    face.set_size(size, 720)
    face.set_text(text, 0.0)
    return float(face.get_width_height()[0]) / 640


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text at its spaces into lines that fit ``width``; a longer word stands alone."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and measure(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def balance(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a text into as few lines as fit ``width``, of lengths as equal as its words allow."""
    lines = wrap(text, width, size, bold=bold)
    while len(lines) > 1 and len(closer := wrap(text, width * 0.97, size, bold=bold)) == len(lines):
        width, lines = width * 0.97, closer
        if max(measure(line, size, bold=bold) for line in lines) > width:
            break
    return lines


def lightness(colour: str) -> float:
    """Return the CIE lightness L* of a colour: 0 is black, 100 white, equal steps look equal in grey."""
    light = luminance(colour)
    return float(116 * light ** (1 / 3) - 16 if light > 216 / 24389 else light * 24389 / 27)


def lighter(colour: str, part: float) -> str:
    """Mix ``part`` (0 to 1) of white into a colour."""
    mixed = (int(255 * (c + (1 - c) * part) + 0.5) for c in channels(colour))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def darkened(colour: str, limit: float = 60.0) -> str:
    """Return a colour that shows as a line on white: itself, or mixed with black until L* is at most ``limit``."""
    while lightness(colour) > limit:
        colour = "#" + "".join(f"{int(255 * c * 0.94):02x}" for c in channels(colour))
    return colour


def on(colour: str) -> str:
    """Return the text colour that reads best on a fill."""
    return PAPER if lightness(colour) < 55 else INK


def area(basis: str, colour: str, *, approximate: bool = False) -> dict[str, Any]:
    """Return the patch properties of a bar: the basis shows in fill, hatch and edge, not in the colour."""
    if basis == "missing":
        return {"facecolor": "#f6f6f6", "edgecolor": "#7a7a7a", "linewidth": 0.7, "linestyle": _DASHES}
    if basis == "prose":
        return {
            "facecolor": lighter(colour, 0.82),
            "edgecolor": darkened(colour),
            "linewidth": 0.9,
            "hatch": _HATCH,
            "linestyle": _DASHES if approximate else "solid",
        }
    if basis == "transcribed":
        return {"facecolor": lighter(colour, 0.88), "edgecolor": darkened(colour), "linewidth": 1.3}
    if basis == "recomputed":
        return {"facecolor": colour, "edgecolor": INK, "linewidth": 1.1}
    return {"facecolor": colour, "edgecolor": "none", "linewidth": 0.0}


def marker(basis: str, colour: str, *, approximate: bool = False) -> dict[str, Any]:
    """Return the line properties of a point: the basis shows in shape and fill, not in the colour."""
    filled: dict[str, Any] = {"marker": "o", "markersize": 4.4, "markeredgewidth": 0.9, "linestyle": "none"}
    if basis == "prose":
        shape, size = ("D", 5.0) if not approximate else ("s", 4.6)
        return filled | {
            "marker": shape,
            "markersize": size,
            "markerfacecolor": lighter(colour, 0.82),
            "markeredgecolor": colour,
            "markeredgewidth": 1.3,
        }
    if basis == "transcribed":
        return filled | {"markerfacecolor": PAPER, "markeredgecolor": colour, "markeredgewidth": 1.3}
    if basis == "recomputed":
        return filled | {"markerfacecolor": colour, "markeredgecolor": INK}
    return filled | {"markerfacecolor": colour, "markeredgecolor": colour}
