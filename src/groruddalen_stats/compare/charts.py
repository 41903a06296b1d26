"""Small multiples of compared lines: a panel per row, its own line in colour over those of the other rows."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groruddalen_stats.compare.sides import ComparedLine, step_between
from groruddalen_stats.compare.words import CompareWords
from groruddalen_stats.figures import style

_COLUMNS = 4
_GAP, _HEAD, _PLOT, _FOOT = 14.0, 26.0, 46.0, 34.0
_PANEL = (style.WIDTH - 2 * style.MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
_INSET = 8.0
_TITLE = 22.0
_NAME = 8.5  # as large as the longest name of a region fits a panel

Position = tuple[float, float]


def draw(lines: Sequence[ComparedLine], title: str, words: CompareWords) -> Figure:
    """Return one figure with a panel per line.

    Counts are drawn as the change in per cent since the first edition, so that Oslo does not flatten a city district;
    everything else as it is. A line joins only editions whose numbers can be compared.

    Args:
        lines: the same column of several rows, each with at least one change.
        title: what is drawn.
        words: the words of the comparison.
    """
    rows = -(-len(lines) // _COLUMNS)
    height = _TITLE + rows * (_HEAD + _PLOT + _FOOT) + style.MARGIN / 2
    figure = Figure(figsize=(style.WIDTH / 72, height / 72), facecolor=style.PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, style.WIDTH), ylim=(height, 0))
    axes.axis("off")
    # Small type sits in the first line of the panel heads; the title stands over all of them.
    _text(axes, style.MARGIN, _TITLE - 10, title, size=style.TITLE)
    drawn = [_values(line, words) for line in lines]
    known = [value for values in drawn for value in values if value is not None]
    low, high = min(known), max(known)
    for index, line in enumerate(lines):
        left = style.MARGIN + index % _COLUMNS * (_PANEL + _GAP)
        top = _TITLE + index // _COLUMNS * (_HEAD + _PLOT + _FOOT)
        places = [_points(values, left, top + _HEAD, low, high) for values in drawn]
        _panel(axes, line, places, index, (left, top), words)
    return figure


def svg(figure: Figure) -> str:
    """Return a figure as SVG with real text, the same on every run."""
    drawn = io.StringIO()
    with style.settings():
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return drawn.getvalue().replace(f"'{style.FAMILY}'", f"'{style.FAMILY}', Verdana, sans-serif")


def _values(line: ComparedLine, words: CompareWords) -> list[float | None]:
    """Return what is drawn per edition: the value, or its change since the first edition that has one."""
    if line.step.unit != "percent":
        return [side.cell.number if side is not None and side.cell.known else None for side in line.sides]
    start = next(side for side in line.sides if side is not None and side.cell.known)
    steps = [step_between(start, side, words.catalogue) for side in line.sides]
    return [None if step.why else step.value for step in steps]


def _points(values: Sequence[float | None], left: float, top: float, low: float, high: float) -> list[Position | None]:
    spread = (high - low) or 1.0
    width = (_PANEL - 2 * _INSET) / max(len(values) - 1, 1)
    return [
        None if value is None else (left + _INSET + index * width, top + (high - value) / spread * _PLOT)
        for index, value in enumerate(values)
    ]


def _panel(
    axes: Axes,
    line: ComparedLine,
    places: Sequence[Sequence[Position | None]],
    own: int,
    corner: Position,
    words: CompareWords,
) -> None:
    left, top = corner
    name, *more = style.wrap(words.region(line), _PANEL, _NAME, bold=True)
    _text(axes, left, top + 9, f"{name} …" if more else name, size=_NAME, colour=style.INK, bold=True)
    _text(axes, left, top + 19, words.change(line.step) if line.step.why is None else "")
    base = top + _HEAD + _PLOT + 4
    axes.plot([left, left + _PANEL], [base, base], color=style.GUIDE, linewidth=0.6)
    for index, points in enumerate(places):
        if index != own:
            _stroke(axes, points, "#d0d0d0", 0.8)
    palette = words.catalogue.labels.palette
    colour = style.darkened(palette.get(line.row.id, palette["other"]))
    _stroke(axes, places[own], colour, 2.0)
    last = len(line.sides) - 1
    for index, (point, side) in enumerate(zip(places[own], line.sides, strict=True)):
        if point is not None:
            axes.plot([point[0]], [point[1]], marker="o", markersize=4, color=colour, linestyle="none")
        if side is not None and index in {0, last}:
            at, to = (left, "left") if index == 0 else (left + _PANEL, "right")
            value = side.display if point is not None or side.cell.known else words("none")
            _text(axes, at, base + 9, value, colour=style.INK, to=to)
            _text(axes, at, base + 18, str(side.cell.spec.year), to=to)


def _text(
    axes: Axes,
    x: float,
    y: float,
    said: str,
    *,
    size: float = style.SMALL,
    colour: str = style.MUTED,
    bold: bool = False,
    to: str = "left",
) -> None:
    axes.text(x, y, said, font=style.font(size, bold=bold), color=colour, va="baseline", ha=to)


def _stroke(axes: Axes, points: Sequence[Position | None], colour: str, width: float) -> None:
    for start, end in itertools.pairwise(points):
        if start is not None and end is not None:
            axes.plot([start[0], end[0]], [start[1], end[1]], color=colour, linewidth=width, solid_capstyle="round")
