"""Horizontal bars: grouped in one panel, side by side in a panel per column, or stacked to 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import WIDE, Content, Point
from groruddalen_stats.figures.page import Canvas, Page, Panel, Sign, basis_signs, spread

_NAMES_GAP, _PANEL_GAP, _PAD = 8.0, 14.0, 4.0
_CHIP, _CHIP_LEAD = 7.0, 11.0
_TRACK = 4.0
_MANY_ROWS = 15


@dataclass(frozen=True, slots=True)
class _Track:
    """One row of a bar chart, or with ``item`` None the heading of the rows that follow; its names lie beside it."""

    item: Item | None
    names: list[str]
    y: float
    height: float
    above: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def grouped(content: Content) -> Canvas:
    """Draw one panel with the columns of each row under one another."""
    columns, size = content.layout.columns, content.size
    per_row = len(columns)
    bar, inner, gap = (9.5, 2.5, 7.5) if per_row > 1 else (12.0, 0.0, 6.0)
    lines, height, names = _lines(content, per_row * bar + (per_row - 1) * inner, gap)
    labels = [content.label(column) for column in columns]
    under = max(style.measure(label, size.small) for label in labels) + 6 if per_row > 1 else 0.0
    axis = content.chart.axis
    head = size.small * 1.7 if axis else 0.0

    page = Page(content.texts, head + height, size=size, legend=basis_signs(content))
    left, top = page.left + names + (_NAMES_GAP if names else 0.0) + under, page.top + head
    width = page.right - left
    scale = _scale(content, width)
    baseline = content.chart.baseline
    if axis:
        text, wide = axis[content.language], style.measure(axis[content.language], size.small)
        x = min(left + max(baseline * scale - wide / 2, 0.0), page.right - wide)
        page.text(x, page.top + size.small * 0.8, text, size=size.small, colour=style.MUTED)
    panel = page.panel(left, top, scale, 1)
    for line in lines:
        _write_names(page, line, page.left, top)
        if line.item is None:
            continue
        for index, column in enumerate(columns):
            point = content.points[line.item.id, column.id]
            y = line.y + index * (bar + inner)
            _draw(panel, content, point, y, bar, content.colour(line.item.id))
            if per_row > 1:
                page.text(
                    left - 5,
                    top + y + bar / 2,
                    labels[index],
                    size=size.small,
                    colour=style.MUTED,
                    align="right",
                    middle=True,
                )
    _baselines(panel, lines)
    if baseline:
        panel.line([baseline] * 2, [-4, height], color=style.MUTED, linewidth=0.7, zorder=0.5)
    return page.figure


def panels(content: Content, whole: float | None = None) -> Canvas:
    """Draw a panel per column, all on one scale: side by side, or in a narrow figure under one another.

    With ``whole`` every panel is that long, and a missing bar is an empty track instead of a box with a word in it.
    """
    columns, size = content.layout.columns, content.size
    bar, gap = (8.5, 3.5) if len(content.layout.rows) > _MANY_ROWS else (12.0, 6.0)
    lines, height, names = _lines(content, bar, gap)
    beside = len(columns) if size == WIDE else 1
    width = (size.inner - names - (_NAMES_GAP if names else 0.0) - _PANEL_GAP * (beside - 1)) / beside
    heads = [style.wrap(content.label(column), width, size.label, bold=True) for column in columns]
    leading = size.label * style.LEADING
    head = max(len(head) for head in heads) * leading + 5
    step = head + height + _PANEL_GAP

    under = 0.0 if beside > 1 else (len(columns) - 1) * step
    page = Page(content.texts, head + height + under, size=size, legend=basis_signs(content))
    scale = width / whole if whole else _scale(content, width)
    for number, column in enumerate(columns):
        x = page.left + names + (_NAMES_GAP if names else 0.0)
        top = page.top + head
        if beside > 1:
            x += number * (width + _PANEL_GAP)
        else:
            top += number * step
        for line in lines if beside == 1 or number == 0 else ():
            _write_names(page, line, page.left, top)
        for index, text in enumerate(heads[number]):
            page.text(x, top - 8 - (len(heads[number]) - 1 - index) * leading, text, bold=True)
        panel = page.panel(x, top, scale, 1)
        for line in lines:
            if line.item is not None:
                point = content.points[line.item.id, column.id]
                _draw(panel, content, point, line.y, bar, content.colour(line.item.id), whole)
        _baselines(panel, lines)
    return page.figure


def stacked(content: Content) -> Canvas:
    """Draw the columns as parts of 100; as panels when missing parts leave the place of known ones open."""
    spans = {item.id: _stack(content.row(item)) for item in content.layout.rows}
    placed = {row: span for row, span in spans.items() if span is not None}
    if len(placed) < len(spans):
        return panels(content, whole=100.0)
    bar, gap, size = 18.0, 7.0, content.size
    above = size != WIDE
    _, _, names = _lines(content, bar, gap, above=above)
    scale = (size.inner - (_CHIP_LEAD + names + _NAMES_GAP if names else 0.0)) / 100
    narrow = {
        row: [
            part
            for part in span
            if style.measure(_text(content, part[0]), size.label) + 3 > (part[2] - part[1]) * scale
        ]
        for row, span in placed.items()
    }
    # Values too wide for their part stand over it.
    over = size.small + 2 if any(narrow.values()) else 0.0
    lines, height, names = _lines(content, bar, gap, over, above=above)
    key = [
        Sign(content.label(column), patch=style.area("source", content.colour(column.id)))
        for column in content.layout.columns
    ]
    page = Page(content.texts, height, size=size, key=key, legend=basis_signs(content))
    left, top = page.right - 100 * scale, page.top
    panel = page.panel(left, top, scale, 1)
    for line in lines:
        _write_names(page, line, page.left + _CHIP_LEAD, top)
        if line.item is None:
            continue
        chip, middle = content.colour(line.item.id), _names_middle(line, size.label)
        if chip != content.colour("other"):
            page.rectangle(page.left, top + middle - _CHIP / 2, _CHIP, _CHIP, facecolor=chip, edgecolor="none")
        for part in placed[line.item.id]:
            _part(panel, content, part, line, written=part not in narrow[line.item.id])
        thin = narrow[line.item.id]
        apart = max((style.measure(_text(content, point), size.small) for point, _, _ in thin), default=0.0) + 3
        middles = spread([(start + end) / 2 * scale for _, start, end in thin], apart)
        for (point, _, _), x in zip(thin, _within(middles, apart, 100 * scale), strict=True):
            page.text(left + x, top + line.y - 2, _text(content, point), size=size.small, align="center")
    return page.figure


def _within(middles: Sequence[float], apart: float, width: float) -> list[float]:
    """Move the middles of texts, ``apart`` from one another, so that none reaches over an end of what they stand over."""
    moved, first = list(middles), apart / 2
    for index, middle in enumerate(moved):
        moved[index] = first = max(middle, first)
        first += apart
    last = width - apart / 2
    for index in reversed(range(len(moved))):
        moved[index] = last = min(moved[index], last)
        last -= apart
    return moved


_Segment = tuple[Point, float, float]


def _stack(points: Sequence[Point]) -> list[_Segment] | None:
    """Place the parts of one row between 0 and 100, or None when missing parts leave the place of known ones open.

    A single missing part takes what the known ones leave; so does a row of which nothing is known.
    """
    unknown = sum(not point.known for point in points)
    if 1 < unknown < len(points):
        return None
    rest = 100.0 - sum(point.value for point in points if point.known)
    spans, start = [], 0.0
    for point in points:
        end = start + (point.value if point.known else rest / unknown)
        spans.append((point, start, end))
        start = end
    return spans


def _part(panel: Panel, content: Content, part: _Segment, line: _Track, *, written: bool) -> None:
    point, start, end = part
    fill = content.colour(point.column)
    drawn = _rectangle(panel, content, point, start, end, line.y, line.height, fill)
    plain = point.known and point.basis in style.FILLED
    if point.basis == "source":
        # Between two parts lies the page, so that each need only stand out from that.
        drawn.set_edgecolor(style.PAPER)
        drawn.set_linewidth(1.6)
    if not written:
        return
    colour = style.on(fill, content.dark(fill)) if plain else style.INK if point.known else style.MUTED
    plate = 1.2 if point.known and not plain else None
    middle = (start + end) / 2, line.middle
    panel.text(*middle, _text(content, point), colour=colour, align="center", middle=True, plate=plate)


def _text(content: Content, point: Point) -> str:
    return point.text if point.known else content.texts.words["missing"]


def _draw(
    panel: Panel, content: Content, point: Point, y: float, height: float, colour: str, whole: float | None = None
) -> None:
    """Draw one bar from 0 with its value behind it, or its marked empty place."""
    middle = y + height / 2
    if not point.known and whole:
        _rectangle(panel, content, point, 0.0, whole, middle - _TRACK / 2, _TRACK, colour)
        return
    text, scale = _text(content, point), panel.across
    size, ink = (content.size.label, style.INK) if point.known else (content.size.small, style.MUTED)
    wide = style.measure(text, size)
    end = point.value if point.known else (wide + 2 * _PAD) / scale
    _rectangle(panel, content, point, 0.0, end, y, height, colour)
    inside = whole is not None and point.known and point.value * scale + _PAD + wide > whole * scale
    start = point.value - (wide + _PAD) / scale if inside else (end + _PAD / scale if point.known else _PAD / scale)
    plate = 0.6 if inside else None
    panel.text(max(start, _PAD / scale), middle, text, size=size, colour=ink, middle=True, plate=plate)


def _rectangle(
    panel: Panel, content: Content, point: Point, start: float, end: float, y: float, height: float, colour: str
) -> Rectangle:
    look = style.area(point.basis if point.known else "missing", colour, approximate=point.approximate)
    return panel.rectangle(start, y, end - start, height, gid=content.gid(point), **look)


def _baselines(panel: Panel, lines: Sequence[_Track]) -> None:
    """Draw the zero line beside the bars, interrupted by headings."""
    start = 0.0
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        if line.item is None:
            start = line.y + line.height
        elif after is None or after.item is None:
            panel.line([0, 0], [start, line.y + line.height], color=style.INK, linewidth=0.8)


def _lines(
    content: Content, bar: float, gap: float, over: float = 0.0, *, above: bool = False
) -> tuple[list[_Track], float, float]:
    """Return the rows from top to bottom, their height in all and the width of their names.

    In a narrow figure names that are too long to stand beside the bars stand ``above`` them, and take no width. ``over`` is what else each bar
    has above it.
    """
    size, places = content.size, content.places
    leading = size.label * 1.1
    wrapped = {item.id: style.wrap(content.label(item), size.names, size.label) for item in content.layout.rows}
    wide = max(style.measure(name, size.label) for names in wrapped.values() for name in names)
    above = above or (size != WIDE and wide > size.names)
    if above:
        wrapped = {item.id: [content.label(item)] for item in content.layout.rows}
        gap = max(gap, 7.0)
    lines: list[_Track] = []
    y, heading = 0.0, None
    for item in content.layout.rows:
        bydel = places.bydel_of.get(item.id)
        if bydel is not None and bydel != heading:
            y += 4.0 if lines else 0.0
            name = places.names[bydel]
            lines.append(_Track(None, [name], y, size.label + 3))
            wide = max(wide, style.measure(name, size.label, bold=True))
            y += size.label + 5
        heading = bydel
        names = wrapped[item.id]
        lead = over + (leading + 2 if above else 0.0)
        spare = 0.0 if above else max(len(names) * leading - bar - gap, 0.0)
        y += lead + spare / 2
        lines.append(_Track(item, names, y, bar, above=lead if above else 0.0))
        y += bar + gap + spare / 2
    return lines, y - gap, 0.0 if above else wide


def _names_middle(line: _Track, size: float) -> float:
    """Return the middle of the names of a row: beside the bar, or above it and what else stands above it."""
    return line.y - line.above + size * 0.6 if line.above else line.middle


def _write_names(page: Page, line: _Track, x: float, top: float) -> None:
    leading = page.size.label * 1.1
    first = top + _names_middle(line, page.size.label) - (len(line.names) - 1) / 2 * leading
    for index, name in enumerate(line.names):
        page.text(x, first + index * leading, name, bold=line.item is None, middle=True)


def _scale(content: Content, width: float) -> float:
    """Return points per unit such that every bar and the number behind it fit the panel."""
    room = [
        (width - _PAD - 1 - style.measure(point.text, content.size.label)) / point.value
        for point in content
        if point.known and point.value > 0
    ]
    return min(room, default=1.0)
