"""The look shared by every figure: one width, one type, one mark per basis.

Lengths are points (1/72 inch) throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags

from groruddalen_stats.config.words import DARK_GROUND, GROUND, contrast, luminance
from groruddalen_stats.figures.content import WIDE

WIDTH, MARGIN = WIDE.width, 12.0
INK, MUTED, OUTLINE, GUIDE, EMPTY, PAPER = "#1a1f24", "#4a535c", "#7a838b", "#d3d8db", "#f4f5f2", GROUND
#: What is dark on any fill that is not dark enough for text in the colour of the page.
BLACK = "#000000"
#: What the colours that are no region's or category's are on a dark page.
DARK = {
    INK: "#e9ecef",
    MUTED: "#b6bec6",
    OUTLINE: "#7f8993",
    GUIDE: "#38414a",
    EMPTY: "#1d232a",
    PAPER: DARK_GROUND,
    BLACK: BLACK,
}
HEADLINE, TITLE, LABEL, SMALL = 12.5, 9.5, WIDE.label, WIDE.small
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


_held = False


@contextmanager
def settings() -> Iterator[None]:
    """Hold the settings in which figures are drawn and written, whatever settings of their own a reader has.

    Inside itself it does nothing: setting them all takes a twentieth of the time of a drawing.
    """
    global _held  # noqa: PLW0603 - matplotlib's settings are those of the process too
    if _held:
        yield
        return
    with _house():
        _held = True
        try:
            yield
        finally:
            _held = False


def _house() -> AbstractContextManager[None]:
    plain = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(_NOT_DRAWN)}
    return mpl.rc_context({**plain, **_SETTINGS})


@lru_cache
def font(size: float, *, bold: bool = False) -> FontProperties:
    """Return the house type in one size."""
    chosen = (_BOLD if bold else _REGULAR).copy()
    chosen.set_size(size)
    return chosen


def measure(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text in points; pairs of letters that stand closer are taken for wider."""
    return sum([_advance(letter, bold) for letter in text]) * size


@cache
def _advance(letter: str, bold: bool) -> float:
    face = get_font(str((_BOLD if bold else _REGULAR).get_file()))
    return face.load_char(ord(letter), flags=LoadFlags.NO_SCALE).horiAdvance / face.units_per_EM


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


def on(colour: str, dark: str) -> str:
    """Return the text colour that reads best on a fill, which is ``dark`` on a dark page."""
    return max((PAPER, BLACK), key=lambda text: min(contrast(text, colour), contrast(DARK[text], dark)))


def area(basis: str, colour: str, *, approximate: bool = False) -> dict[str, Any]:
    """Return the patch properties of a bar: the basis shows in fill, hatch and edge, not in the colour."""
    if basis == "missing":
        return {"facecolor": EMPTY, "edgecolor": OUTLINE, "linewidth": 0.7, "linestyle": _DASHES}
    if basis == "prose":
        return {
            "facecolor": PAPER,
            "edgecolor": colour,
            "linewidth": 0.9,
            "hatch": _HATCH,
            "linestyle": _DASHES if approximate else "solid",
        }
    if basis == "transcribed":
        return {"facecolor": PAPER, "edgecolor": colour, "linewidth": 1.3}
    if basis == "recomputed":
        return {"facecolor": colour, "edgecolor": INK, "linewidth": 1.1}
    return {"facecolor": colour, "edgecolor": "none", "linewidth": 0.0}


#: The markers of the lines of one figure, in the order of its rows.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_MARKER_SIZES = {"s": 4.4, "^": 5.6, "v": 5.6, "D": 4.4, "P": 5.8, "X": 5.8}
#: Which part of a marker is filled, by basis; the signs in the tables are the same.
_FILLS: dict[str, Any] = {"source": "full", "recomputed": "left", "transcribed": "none", "prose": "bottom"}


def marker(basis: str, colour: str, shape: str = "o", *, approximate: bool = False) -> dict[str, Any]:
    """Return the line properties of a point: the basis shows in its fill, the row in its shape."""
    return {
        "marker": shape,
        "markersize": _MARKER_SIZES.get(shape, 4.9),
        "fillstyle": "top" if basis == "prose" and approximate else _FILLS[basis],
        "markerfacecolor": colour,
        "markerfacecoloralt": PAPER,
        "markeredgecolor": colour,
        "markeredgewidth": 1.1,
        "linestyle": "none",
    }
