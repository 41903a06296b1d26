"""Lines over the years, each named at its end, with a marked place for every year that is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from matplotlib.ticker import MaxNLocator

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import WIDE, Content, Point
from groruddalen_stats.figures.page import Canvas, Page, Panel, Sign, basis_signs, spread
from groruddalen_stats.numbers import display_number, round_half_up

_PLOT, _YEARS = 215.0, 18.0  # height of the plot and of the years under it
_STRIP, _STRIP_GAP = 9.5, 3.5
_NAME_GAP = 14.0
_PANEL_GAP, _PANEL_PLOT = 12.0, 56.0
_FULL: dict[str, Any] = {"linewidth": 1.7, "solid_capstyle": "round"}
_WHOLE = 2.6  # the line of the whole that all others are parts of
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

    def on(self, page: Page) -> Panel:
        """Return the plot, with years across and values up."""
        (first, last), (low, high) = self.years, self.values
        across, up = (self.right - self.left) / (last - first), self.height / (high - low)
        return page.panel(self.left, self.top, across, -up, origin=(first, high))


def lines(content: Content) -> Canvas:
    """Draw one line per row, each with its own marker; a full line joins only neighbouring known points.

    More lines than there are markers have a panel each. In a narrow figure the names stand over the plot.
    """
    columns, size = content.layout.columns, content.size
    years = {column.id: float(column.year or index) for index, column in enumerate(columns)}
    if len(content.layout.rows) > len(style.MARKERS):
        return _multiples(content, years)
    short = [item for item in content.layout.rows if not all(point.known for point in content.row(item))]
    breaks = _breaks(content, years)
    axis = content.chart.axis
    over = size.small * 1.9 if axis else 4.0
    named = size == WIDE
    step = _STRIP + _STRIP_GAP + (0.0 if named else size.small * 1.3)
    strip = len(short) * step + 6 if short else 0.0
    plot = max(_PLOT, len(content.layout.rows) * size.label * 1.3) if named else 190.0
    key = [] if named else [_named(content, item) for item in content.layout.rows]
    page = Page(content.texts, over + plot + _YEARS + strip, size=size, key=key, legend=_legend(content, breaks))

    low, high, ticks = _range(content)
    labels = [display_number(tick, _decimals(ticks), content.language) for tick in ticks]
    ends = {item.id: _end(content, item, named=named) for item in content.layout.rows}
    left = page.left + max(style.measure(label, size.label) for label in labels) + 10
    right = page.right - _NAME_GAP - max(style.measure(end, size.label) for end in ends.values())
    first, last = min(years.values()), max(years.values())
    room = (last - first) * 8 / (right - left) or 0.5
    frame = _Frame(left, right, page.top + over, (first - room, last + room), (low, high), plot)

    panel = frame.on(page)
    if axis:
        page.text(page.left, page.top + 5, axis[content.language], size=size.small, colour=style.MUTED)
    for tick, label in zip(ticks, labels, strict=True):
        guide, width = (style.MUTED, 0.9) if tick == content.chart.baseline else (style.GUIDE, 0.6)
        panel.line(frame.years, [tick, tick], color=guide, linewidth=width, zorder=0.5)
        page.text(left - 6, frame.y(tick), label, colour=style.MUTED, align="right", middle=True)
    _write_years(page, content, frame, years)
    for date in breaks:
        panel.line([date, date], frame.values, zorder=0.6, **_BREAK)
    for item in content.layout.rows:
        _line(panel, content, item, years)
    _values(page, content, frame, years)
    _names(page, content, frame, ends)
    places = [frame.x(years[column.id]) for column in columns]
    for index, item in enumerate(short):
        y = frame.top + plot + _YEARS + 6 + index * step
        if not named:
            _write_name(page, content, item, page.left, y + size.small * 0.5)
            y += size.small * 1.3
        _strip(page, content, item, y, places, right)
        if named:
            _write_name(page, content, item, right + 1, y + _STRIP / 2)
    return page.figure


def _multiples(content: Content, years: Mapping[str, float]) -> Canvas:
    """Draw a small panel per row: its own line over those of all others, on one scale, with its last value."""
    rows, size = content.layout.rows, content.size
    across = 5 if size == WIDE else 3
    down = -(-len(rows) // across)
    ends = {item.id: content.row(item)[-1] for item in rows}
    width = (size.inner - (across - 1) * _PANEL_GAP) / across
    heads = {item.id: style.wrap(content.label(item), width, size.small, bold=True) for item in rows}
    leading = size.small * 1.2
    head = max(len(head) for head in heads.values()) * leading + size.small * 1.5
    step = head + _PANEL_PLOT + _YEARS
    page = Page(content.texts, down * step - 4, size=size, legend=_legend(content, []))
    low, high, _ = _range(content)
    labels = [content.label(column) for column in (content.layout.columns[0], content.layout.columns[-1])]
    first, last = min(years.values()), max(years.values())
    room = (last - first) * 4 / width or 0.5
    for index, item in enumerate(rows):
        x = page.left + index % across * (width + _PANEL_GAP)
        top = page.top + index // across * step + head
        frame = _Frame(x, x + width, top, (first - room, last + room), (low, high), _PANEL_PLOT)
        for number, name in enumerate(reversed(heads[item.id])):
            page.text(x, top - size.small * 1.9 - number * leading, name, size=size.small, bold=True)
        value = ends[item.id].text if ends[item.id].known else content.texts.words["missing"]
        page.text(x, top - size.small * 0.6, value, size=size.small)
        panel = frame.on(page)
        panel.line(frame.years, [content.chart.baseline] * 2, color=style.MUTED, linewidth=0.7, zorder=0.4)
        for other in rows:
            known = [point for point in content.row(other) if point.known]
            at = [years[point.column] for point in known]
            panel.line(at, [point.value for point in known], color=style.GUIDE, linewidth=0.8, zorder=0.5)
        _line(panel, content, item, years, small=True)
        page.text(x, top + _PANEL_PLOT + 10, labels[0], size=size.small, colour=style.MUTED)
        page.text(x + width, top + _PANEL_PLOT + 10, labels[1], size=size.small, colour=style.MUTED, align="right")
    return page.figure


def _named(content: Content, item: Item) -> Sign:
    colour = content.colour(item.id)
    return Sign(content.label(item), line={"color": colour, "linewidth": 1.4, **_mark(content, item, "source")})


def _mark(
    content: Content, item: Item, basis: str, *, approximate: bool = False, small: bool = False
) -> dict[str, Any]:
    shape = "o" if small else style.MARKERS[content.layout.rows.index(item)]
    look = style.marker(basis, content.colour(item.id), shape, approximate=approximate)
    if small:
        look |= {"markersize": 2.6, "markeredgewidth": 0.8}
    return {key: value for key, value in look.items() if key != "linestyle"}


def _write_name(page: Page, content: Content, item: Item, x: float, middle: float) -> None:
    page.line([x + 3.5], [middle], linestyle="none", **_mark(content, item, "source"))
    page.text(x + _NAME_GAP - 1, middle, content.label(item), middle=True)


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


def _end(content: Content, item: Item, *, named: bool) -> str:
    """Return what stands at the end of a line: its name if asked for and, where it reaches the last year, its value."""
    last = content.row(item)[-1]
    return " ".join(([content.label(item)] if named else []) + ([last.text] if last.known else []))


def _line(panel: Panel, content: Content, item: Item, years: Mapping[str, float], *, small: bool = False) -> None:
    colour = content.colour(item.id)
    full = _FULL | ({"linewidth": _WHOLE} if colour == style.INK and not small else {})
    for before, after, whole in _joins(content.row(item)):
        panel.line(
            [years[before.column], years[after.column]],
            [before.value, after.value],
            color=colour,
            gid=f"{content.gid(before)}-{after.column}",
            **(full if whole else _GAP),
        )
    for point in content.row(item):
        if point.known:
            look = _mark(content, item, point.basis, approximate=point.approximate, small=small)
            look |= {"linestyle": "none", "zorder": 3, "gid": content.gid(point)}
            panel.line([years[point.column]], [point.value], **look)


def _values(page: Page, content: Content, frame: _Frame, years: Mapping[str, float]) -> None:
    """Write the value at points that stand alone: above, after or below the point, or not at all if others are there.

    Lines that meet in one point share the number.
    """
    size = content.size
    tall, taken = size.label * style.LEADING, list[tuple[float, float, float]]()
    written: set[tuple[str, str]] = set()
    for item in content.layout.rows:
        points = content.row(item)
        for index, point in enumerate(points[:-1]):
            beside = points[max(index - 1, 0) : index + 2]
            alone = point.known and sum(neighbour.known for neighbour in beside) == 1
            if not alone or (point.column, point.text) in written:
                continue
            written.add((point.column, point.text))
            wide = style.measure(point.text, size.label)
            x, y = frame.x(years[point.column]), frame.y(point.value)
            for left, middle in ((x - wide / 2, y - 10), (x + 6, y), (x - wide / 2, y + 10)):
                start = max(left, frame.left)  # clear of the numbers on the axis
                if all(start > b + 3 or start + wide < a - 3 or abs(middle - m) > tall for a, b, m in taken):
                    page.text(start, middle, point.text, middle=True)
                    taken.append((start, start + wide, middle))
                    break


def _names(page: Page, content: Content, frame: _Frame, ends: Mapping[str, str]) -> None:
    """Write the name and last value of each line at its end, moved apart where lines end close together."""
    apart = page.size.label * 1.3
    last = {item.id: content.row(item)[-1] for item in content.layout.rows}
    wished = sorted((frame.y(point.value), row) for row, point in last.items() if point.known)
    places = spread([y for y, _ in wished], apart)
    # Names of many lines that end high would reach into the title.
    lower = max(0.0, page.top + apart / 2 - min(places, default=page.top + apart))
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
        half = style.measure(label, page.size.label) / 2
        if x - half > free:
            page.text(x, frame.top + frame.height + 12, label, colour=style.MUTED, align="center")
            free = x + half + 4


def _strip(page: Page, content: Content, item: Item, y: float, places: Sequence[float], right: float) -> None:
    """Mark the years that a line lacks by empty boxes under the plot."""
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
        if style.measure(word, page.size.small) + 6 <= end - x:
            middle = y + _STRIP / 2
            page.text(
                (x + end) / 2, middle, word, size=page.size.small, colour=style.MUTED, align="center", middle=True
            )
