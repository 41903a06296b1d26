"""Turns points into lines over the years, with the name of each line at its end and a marked place for what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import Content, Point
from groruddalen_stats.figures.page import Page, Sign, basis_signs
from groruddalen_stats.numbers import display_number

_PLOT = 215.0
_YEARS = 18.0  # height of the row of years under the plot
_STRIP, _STRIP_GAP = 9.5, 3.5
_NAME_GAP = 14.0
_WIDTH = 1.7
_GAP = {"linewidth": 1.0, "linestyle": (0, (1, 2.2))}
_BREAK = {"color": style.INK, "linewidth": 0.9, "linestyle": (0, (6, 2, 1, 2))}


def lines(content: Content) -> Figure:
    """Draw one line per row; only neighbouring known points are joined by a full line."""
    columns = content.layout.columns
    xs = {column.id: float(column.year or index) for index, column in enumerate(columns)}
    short = [item for item in content.layout.rows if any(not point.known for point in content.row(item))]
    strip = len(short) * (_STRIP + _STRIP_GAP) + 6 if short else 0.0
    breaks = _breaks(content, xs)
    gaps = [gap for item in content.layout.rows for gap in _joins(content.row(item)) if not gap[2]]

    words, grey = content.texts.words, content.colour("other")
    legend = basis_signs(content, as_points=True)
    if gaps:
        legend.insert(-1 if short else len(legend), Sign(words["legend_gap"], line={"color": grey, **_GAP}))
    if breaks:
        legend.append(Sign(words["legend_break"], line=_BREAK))
    axis = content.chart.axis
    over = 15.0 if axis else 4.0
    page = Page(content.texts, over + _PLOT + _YEARS + strip, legend=legend)

    low, high, ticks = _range(content)
    tick_texts = [display_number(tick, _decimals(ticks), content.language) for tick in ticks]
    ends = {item.id: _end(content, item) for item in content.layout.rows}
    left = page.left + max(style.measure(text, style.LABEL) for text in tick_texts) + 10
    right = page.right - _NAME_GAP - max(style.measure(text, style.LABEL) for text in ends.values())
    top = page.top + over
    axes = page.axes(left, top, right - left, _PLOT)
    first, last = xs[columns[0].id], xs[columns[-1].id]
    room = (last - first) * 8 / (right - left) or 0.5
    axes.set(xlim=(first - room, last + room), ylim=(low, high))

    if axis:
        page.text(page.left, page.top + 5, axis[content.language], size=style.SMALL, colour=style.MUTED)
    for tick, text in zip(ticks, tick_texts, strict=True):
        base = tick == content.chart.baseline
        colour, width = (style.MUTED, 0.9) if base else (style.GUIDE, 0.6)
        axes.axhline(tick, color=colour, linewidth=width, zorder=0.5, clip_on=False)
        y = top + (high - tick) / (high - low) * _PLOT
        page.text(left - 6, y, text, colour=style.MUTED, align="right", middle=True)

    def across(x: float) -> float:
        return left + (x - first + room) / (last - first + 2 * room) * (right - left)

    _write_years(page, content, [across(xs[column.id]) for column in columns], top + _PLOT + 12)
    for x in breaks:
        axes.axvline(x, zorder=0.6, clip_on=False, **_BREAK)
    for item in content.layout.rows:
        _line(axes, content, item, xs)
    _values(axes, content, xs)
    _names(page, content, ends, top, right, lambda value: top + (high - value) / (high - low) * _PLOT, across(last))
    for index, item in enumerate(short):
        y = top + _PLOT + _YEARS + 6 + index * (_STRIP + _STRIP_GAP)
        _strip(page, content, item, y, [across(xs[column.id]) for column in columns], right)
    return page.figure


def _joins(points: Sequence[Point]) -> list[tuple[int, int, bool]]:
    """Return the pairs of successive known points, and whether nothing is missing between them."""
    known = [index for index, point in enumerate(points) if point.known]
    return [(a, b, b == a + 1) for a, b in zip(known, known[1:], strict=False)]


def _breaks(content: Content, xs: Mapping[str, float]) -> list[float]:
    """Return the dates of the moved borders that lie within the figure, each once."""
    named = {name for point in content for name in point.breaks}
    dates = {content.places.breaks[name] for name in named if name in content.places.breaks}
    return sorted(date for date in dates if min(xs.values()) < date <= max(xs.values()))


def _range(content: Content) -> tuple[float, float, list[float]]:
    values = [point.value for point in content if point.known] or [content.chart.baseline, content.chart.baseline + 1]
    low, high = min(*values, content.chart.baseline), max(*values, content.chart.baseline)
    spare = (high - low or 1.0) * 0.06
    ticks = [float(tick) for tick in MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(low, high)]
    inside = [tick for tick in ticks if low - spare <= tick <= high + spare]
    return low - spare, high + spare, inside


def _decimals(ticks: Sequence[float]) -> int:
    return 0 if all(tick == int(tick) for tick in ticks) else 1


def _end(content: Content, item: Item) -> str:
    """Return what stands at the end of a line: its name and, where it reaches the last year, its value."""
    last = content.row(item)[-1]
    return f"{content.label(item)} {last.text}" if last.known else content.label(item)


def _line(axes: Axes, content: Content, item: Item, xs: Mapping[str, float]) -> None:
    points, colour = content.row(item), content.colour(item.id)
    for a, b, whole in _joins(points):
        axes.plot(
            [xs[points[a].column], xs[points[b].column]],
            [points[a].value, points[b].value],
            color=colour,
            clip_on=False,
            solid_capstyle="round",
            **({"linewidth": _WIDTH} if whole else _GAP),
        )
    for point in points:
        if point.known:
            axes.plot(
                [xs[point.column]],
                [point.value],
                clip_on=False,
                gid=content.gid(point),
                zorder=3,
                **style.marker(point.basis, colour, approximate=point.approximate),
            )


def _values(axes: Axes, content: Content, xs: Mapping[str, float]) -> None:
    """Write the value at points that stand alone; lines that meet in one point share the number."""
    columns = [column.id for column in content.layout.columns]
    written: set[tuple[str, str]] = set()
    for item in content.layout.rows:
        points = content.row(item)
        for index, point in enumerate(points[:-1]):
            beside = points[max(index - 1, 0) : index + 2]
            alone = sum(neighbour.known for neighbour in beside) == 1
            if point.known and alone and (point.column, point.text) not in written:
                written.add((point.column, point.text))
                axes.annotate(
                    point.text,
                    (xs[columns[index]], point.value),
                    xytext=(0, 7),
                    textcoords="offset points",
                    ha="center",
                    va="baseline",
                    color=style.INK,
                    fontproperties=style.font(style.LABEL),
                    annotation_clip=False,
                    parse_math=False,
                )


def _names(page, content, ends, top, right, down, end) -> None:  # type: ignore[no-untyped-def]
    reaching = [item for item in content.layout.rows if content.row(item)[-1].known]
    reaching.sort(key=lambda item: down(content.row(item)[-1].value))
    wished = [down(content.row(item)[-1].value) for item in reaching]
    for item, wish, y in zip(reaching, wished, spread(wished, style.LABEL * 1.3), strict=True):
        colour = content.colour(item.id)
        page.line([end + 4, right + 2, right + 10], [wish, y, y], color=colour, linewidth=0.8)
        page.text(right + _NAME_GAP, y, ends[item.id], middle=True)


def spread(wished: Sequence[float], apart: float) -> list[float]:
    """Move rising positions as little as possible so that neighbours are at least ``apart`` from one another."""
    blocks: list[tuple[float, int]] = []  # mean of the positions less their due distance, and how many
    for index, wish in enumerate(wished):
        mean, count = wish - index * apart, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + index * apart for index, mean in enumerate(means)]


def _write_years(page: Page, content: Content, places: Sequence[float], y: float) -> None:
    """Write the years under the plot, leaving out those that would touch the one before."""
    free = float("-inf")
    for column, x in zip(content.layout.columns, places, strict=True):
        label = content.label(column)
        half = style.measure(label, style.LABEL) / 2
        if x - half > free:
            page.text(x, y, label, colour=style.MUTED, align="center")
            free = x + half + 4


def _strip(page: Page, content: Content, item: Item, y: float, places: Sequence[float], right: float) -> None:
    """Mark the years a line lacks by empty boxes under the plot."""
    points, colour = content.row(item), content.colour(item.id)
    half = min((b - a for a, b in zip(places, places[1:], strict=False)), default=20.0) / 2 - 1.5
    start: int | None = None
    word = content.texts.words["missing"]
    for index in range(len(points) + 1):
        missing = index < len(points) and not points[index].known
        if missing and start is None:
            start = index
        if not missing and start is not None:
            x, end = max(places[start] - half, page.left), min(places[index - 1] + half, right + 8)
            page.rectangle(
                x, y, end - x, _STRIP, gid=content.gid(points[start]), **style.area("missing", colour)
            )
            if style.measure(word, style.SMALL) + 6 <= end - x:
                page.text((x + end) / 2, y + _STRIP / 2, word, size=style.SMALL, colour=style.MUTED, align="center", middle=True)
            start = None
    page.rectangle(right + 1, y + _STRIP / 2 - 3.5, 7, 7, facecolor=colour, edgecolor="none")
    page.text(right + _NAME_GAP, y + _STRIP / 2, content.label(item), middle=True)
