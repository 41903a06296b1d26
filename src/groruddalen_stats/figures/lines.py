"""Lines over the years, each named at its end, with a marked place for every year that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import Content, Point
from groruddalen_stats.figures.page import Page, Sign, basis_signs, spread
from groruddalen_stats.numbers import display_number, round_half_up

_PLOT, _YEARS = 215.0, 18.0  # height of the plot and of the years under it
_STRIP, _STRIP_GAP = 9.5, 3.5
_NAME = style.LABEL * 1.3  # what the name of a line takes
_NAME_GAP = 14.0
_FULL: dict[str, Any] = {"linewidth": 1.7, "solid_capstyle": "round"}
_GAP: dict[str, Any] = {"linewidth": 1.0, "linestyle": (0, (1, 2.2))}
_BREAK: dict[str, Any] = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (6, 2, 1, 2))}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the plot lies on the page, and what its sides stand for."""

    left: float
    right: float
    top: float
    years: tuple[float, float]
    values: tuple[float, float]
    height: float

    def x(self, year: float) -> float:
        first, last = self.years
        return self.left + (year - first) / (last - first) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self.values
        return self.top + (high - value) / (high - low) * self.height


def lines(content: Content) -> Figure:
    """Draw one line per row; a full line joins only neighbouring known points."""
    columns = content.layout.columns
    years = {column.id: float(column.year or index) for index, column in enumerate(columns)}
    short = [item for item in content.layout.rows if not all(point.known for point in content.row(item))]
    breaks = _breaks(content, years)
    axis = content.chart.axis
    over = 15.0 if axis else 4.0
    strip = len(short) * (_STRIP + _STRIP_GAP) + 6 if short else 0.0
    plot = max(_PLOT, len(content.layout.rows) * _NAME)
    page = Page(content.texts, over + plot + _YEARS + strip, legend=_legend(content, breaks))

    low, high, ticks = _range(content)
    labels = [display_number(tick, _decimals(ticks), content.language) for tick in ticks]
    ends = {item.id: _end(content, item) for item in content.layout.rows}
    left = page.left + max(style.measure(label, style.LABEL) for label in labels) + 10
    right = page.right - _NAME_GAP - max(style.measure(end, style.LABEL) for end in ends.values())
    first, last = min(years.values()), max(years.values())
    room = (last - first) * 8 / (right - left) or 0.5
    frame = _Frame(left, right, page.top + over, (first - room, last + room), (low, high), plot)

    axes = page.axes(left, frame.top, right - left, plot)
    axes.set(xlim=frame.years, ylim=frame.values)
    if axis:
        page.text(page.left, page.top + 5, axis[content.language], size=style.SMALL, colour=style.MUTED)
    for tick, label in zip(ticks, labels, strict=True):
        guide, width = (style.MUTED, 0.9) if tick == content.chart.baseline else (style.GUIDE, 0.6)
        axes.axhline(tick, color=guide, linewidth=width, zorder=0.5, clip_on=False)
        page.text(left - 6, frame.y(tick), label, colour=style.MUTED, align="right", middle=True)
    _write_years(page, content, frame, years)
    for date in breaks:
        axes.axvline(date, zorder=0.6, clip_on=False, **_BREAK)
    for item in content.layout.rows:
        _line(axes, content, item, years)
    _values(page, content, frame, years)
    _names(page, content, frame, ends)
    places = [frame.x(years[column.id]) for column in columns]
    for index, item in enumerate(short):
        y = frame.top + plot + _YEARS + 6 + index * (_STRIP + _STRIP_GAP)
        _strip(page, content, item, y, places, right)
    return page.figure


def _legend(content: Content, breaks: Sequence[float]) -> list[Sign]:
    words = content.texts.words
    signs = basis_signs(content, as_points=True)
    if any(not whole for item in content.layout.rows for _, _, whole in _joins(content.row(item))):
        # Before the empty places, which a gap always comes with.
        signs.insert(-1, Sign(words["legend_gap"], line={"color": content.colour("other"), **_GAP}))
    if breaks:
        signs.append(Sign(words["legend_break"], line=_BREAK))
    return signs


def _joins(points: Sequence[Point]) -> list[tuple[Point, Point, bool]]:
    """Return the pairs of successive known points, and whether nothing is missing between them."""
    known = [index for index, point in enumerate(points) if point.known]
    return [(points[a], points[b], b == a + 1) for a, b in pairwise(known)]


def _breaks(content: Content, years: Mapping[str, float]) -> list[float]:
    """Return the dates of the moved borders that lie within the figure, each once."""
    dates = {content.places.breaks[name] for point in content for name in point.breaks}
    return sorted(date for date in dates if min(years.values()) < date <= max(years.values()))


def _range(content: Content) -> tuple[float, float, list[float]]:
    """Return the lowest and the highest value of the plot, and round values between them for the guides."""
    values = [content.chart.baseline, *(point.value for point in content if point.known)]
    low, high = min(values), max(values)
    if low == high:
        return low - 1, high + 1, [low]
    spare = (high - low) * 0.06
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)
    return low - spare, high + spare, [float(tick) for tick in ticks if low - spare <= tick <= high + spare]


def _decimals(ticks: Sequence[float]) -> int:
    return next(n for n in range(9) if all(abs(float(round_half_up(tick, n)) - tick) < 1e-9 for tick in ticks))


def _end(content: Content, item: Item) -> str:
    """Return what stands at the end of a line: its name and, where it reaches the last year, its value."""
    last = content.row(item)[-1]
    return f"{content.label(item)} {last.text}" if last.known else content.label(item)


def _line(axes: Axes, content: Content, item: Item, years: Mapping[str, float]) -> None:
    colour = content.colour(item.id)
    for before, after, whole in _joins(content.row(item)):
        axes.plot(
            [years[before.column], years[after.column]],
            [before.value, after.value],
            color=colour,
            clip_on=False,
            gid=f"{content.gid(before)}-{after.column}",
            **(_FULL if whole else _GAP),
        )
    for point in content.row(item):
        if point.known:
            look = style.marker(point.basis, colour, approximate=point.approximate)
            axes.plot([years[point.column]], [point.value], clip_on=False, zorder=3, gid=content.gid(point), **look)


def _values(page: Page, content: Content, frame: _Frame, years: Mapping[str, float]) -> None:
    """Write the value at points that stand alone: above, after or below the point, or not at all if others are there.

    Lines that meet in one point share the number.
    """
    tall, taken = style.LABEL * style.LEADING, list[tuple[float, float, float]]()
    written: set[tuple[str, str]] = set()
    for item in content.layout.rows:
        points = content.row(item)
        for index, point in enumerate(points[:-1]):
            beside = points[max(index - 1, 0) : index + 2]
            alone = point.known and sum(neighbour.known for neighbour in beside) == 1
            if not alone or (point.column, point.text) in written:
                continue
            written.add((point.column, point.text))
            wide = style.measure(point.text, style.LABEL)
            x, y = frame.x(years[point.column]), frame.y(point.value)
            for left, middle in ((x - wide / 2, y - 10), (x + 6, y), (x - wide / 2, y + 10)):
                start = max(left, frame.left)  # clear of the numbers on the axis
                if all(start > b + 3 or start + wide < a - 3 or abs(middle - m) > tall for a, b, m in taken):
                    page.text(start, middle, point.text, middle=True)
                    taken.append((start, start + wide, middle))
                    break


def _names(page: Page, content: Content, frame: _Frame, ends: Mapping[str, str]) -> None:
    """Write the name and last value of each line at its end, moved apart where lines end close together."""
    last = {item.id: content.row(item)[-1] for item in content.layout.rows}
    wished = sorted((frame.y(point.value), row) for row, point in last.items() if point.known)
    places = spread([y for y, _ in wished], _NAME)
    # Names of many lines that end high would reach into the title.
    lower = max(0.0, page.top + _NAME / 2 - min(places, default=page.top + _NAME))
    for (wish, row), place in zip(wished, places, strict=True):
        y = place + lower
        bend = [frame.right - 4, frame.right + 2, frame.right + 10]
        page.line(bend, [wish, y, y], color=content.colour(row), linewidth=0.8)
        page.text(frame.right + _NAME_GAP, y, ends[row], middle=True)


def _write_years(page: Page, content: Content, frame: _Frame, years: Mapping[str, float]) -> None:
    """Write the years under the plot, leaving out those that would touch the one before."""
    free = float("-inf")
    for column in content.layout.columns:
        label, x = content.label(column), frame.x(years[column.id])
        half = style.measure(label, style.LABEL) / 2
        if x - half > free:
            page.text(x, frame.top + frame.height + 12, label, colour=style.MUTED, align="center")
            free = x + half + 4


def _strip(page: Page, content: Content, item: Item, y: float, places: Sequence[float], right: float) -> None:
    """Mark the years that a line lacks by empty boxes under the plot, and name the line beside them."""
    colour, word = content.colour(item.id), content.texts.words["missing"]
    half = min((after - before for before, after in pairwise(places)), default=20.0) / 2 - 1.5
    runs: list[list[int]] = []
    for index, point in enumerate(content.row(item)):
        if point.known:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        x = max(places[run[0]] - half, page.left)
        end = min(places[run[-1]] + half, right - 3)
        gid = content.gid(content.row(item)[run[0]])
        page.rectangle(x, y, end - x, _STRIP, gid=gid, **style.area("missing", colour))
        if style.measure(word, style.SMALL) + 6 <= end - x:
            middle = y + _STRIP / 2
            page.text((x + end) / 2, middle, word, size=style.SMALL, colour=style.MUTED, align="center", middle=True)
    page.rectangle(right + 1, y + _STRIP / 2 - 3.5, 7, 7, facecolor=colour, edgecolor="none")
    page.text(right + _NAME_GAP, y + _STRIP / 2, content.label(item), middle=True)
