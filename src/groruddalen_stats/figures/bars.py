"""Turns points into horizontal bars: grouped in one panel, side by side in a panel per column, or stacked to 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import Content, Point
from groruddalen_stats.figures.page import Page, Sign, basis_signs

_NAMES_WIDTH = 128.0  # longer row names are broken
_PANEL_GAP = 14.0
_PAD = 4.0


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a bar chart, or with ``item`` None the heading of the rows that follow."""

    item: Item | None
    names: list[str]
    y: float
    height: float


def grouped(content: Content) -> Figure:
    """Draw one panel with the columns of each row under one another."""
    return _bars(content, [list(content.layout.columns)])


def panels(content: Content, *, whole: float | None = None) -> Figure:
    """Draw a panel per column; with ``whole`` every panel ends there and missing bars are empty tracks."""
    return _bars(content, [[column] for column in content.layout.columns], whole)


def stacked(content: Content) -> Figure:
    """Draw the columns as parts of 100; as panels when missing parts leave the place of known ones open."""
    spans = {item.id: _stack(content.row(item)) for item in content.layout.rows}
    if any(span is None for span in spans.values()):
        return panels(content, whole=100.0)
    bar, gap = 19.0, 7.0
    lines, height, names = _lines(content, bar, gap)
    key = [
        Sign(content.label(column), patch=style.area("source", content.colour(column.id)))
        for column in content.layout.columns
    ]
    page = Page(content.texts, height, key=key, legend=basis_signs(content))
    chip = 11.0
    left = page.left + chip + names + 8
    axes = page.axes(left, page.top, page.right - left, height)
    axes.set(xlim=(0, 100), ylim=(height, 0))
    scale = (page.right - left) / 100
    for line in lines:
        _write_names(page, line, page.left + chip)
        if line.item is None:
            continue
        colour = content.colour(line.item.id)
        middle = page.top + line.y + line.height / 2
        page.rectangle(page.left, middle - 3.5, 7, 7, facecolor=colour, edgecolor="none")
        for point, start, end in spans[line.item.id] or ():
            fill = content.colour(point.column)
            drawn = _bar(axes, content, point, start, end, line.y, line.height, fill)
            drawn.set_edgecolor(style.PAPER if point.basis == "source" else drawn.get_edgecolor())
            drawn.set_linewidth(max(drawn.get_linewidth(), 0.8))
            fits = style.measure(point.text, style.LABEL) + 4 <= (end - start) * scale
            size = style.LABEL if fits else style.SMALL - 1
            hatched = point.basis not in {"source", "recomputed"}
            text = axes.text(
                (start + end) / 2,
                line.y + line.height / 2 + 0.36 * size,
                point.text if point.known else content.texts.words["missing"],
                color=style.MUTED if not point.known else style.INK if hatched else style.on(fill),
                fontproperties=style.font(size),
                ha="center",
                va="baseline",
                parse_math=False,
            )
            if hatched and point.known:
                text.set_bbox({"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.2})
    return page.figure


def _stack(points: Sequence[Point]) -> list[tuple[Point, float, float]] | None:
    """Place the parts of one row between 0 and 100, or None when missing parts leave their place open.

    Known parts stand from both ends; missing ones, if they adjoin, share what is left between.
    """
    unknown = [index for index, point in enumerate(points) if not point.known]
    if unknown and unknown != list(range(unknown[0], unknown[-1] + 1)):
        return None
    if unknown and len(unknown) < len(points) and len(unknown) > 1:
        return None
    rest = 100.0 - sum(point.value for point in points if point.known)
    spans, start = [], 0.0
    for point in points:
        end = start + (point.value if point.known else rest / len(unknown))
        spans.append((point, start, end))
        start = end
    return spans


def _bars(content: Content, stacks: list[list[Item]], whole: float | None = None) -> Figure:
    several = len(stacks) > 1
    per_row = len(stacks[0])
    dense = len(content.layout.rows) > 15
    bar, inner, gap = (12.0 if not dense else 8.5, 0.0, 6.0 if not dense else 3.5)
    if per_row > 1:
        bar, inner, gap = 9.5, 1.0, 7.5
    lines, height, names = _lines(content, per_row * bar + (per_row - 1) * inner, gap)

    legend = basis_signs(content)
    labels = [content.label(column) for column in content.layout.columns]
    sub = max(style.measure(label, style.SMALL) for label in labels) + 6 if per_row > 1 else 0.0
    width = (style.WIDTH - 2 * style.MARGIN - names - 8 - sub - _PANEL_GAP * (len(stacks) - 1)) / len(stacks)
    heads = [style.wrap(content.label(stack[0]), width, style.LABEL) for stack in stacks] if several else []
    axis = content.chart.axis
    head = max((len(lines) for lines in heads), default=0) * style.LABEL * style.LEADING
    head = head + 5 if several else 13.0 if axis or whole else 0.0

    page = Page(content.texts, head + height, legend=legend)
    left, top = page.left + names + 8 + sub, page.top + head
    scale = width / whole if whole else _scale(content, width)
    word = content.texts.words["missing"]
    words_fit = not whole
    for line in lines:
        _write_names(page, line, page.left, shift=page.top + head - page.top)
    if axis and not several:
        page.text(left, page.top + 6, axis[content.language], size=style.SMALL, colour=style.MUTED)
    for number, stack in enumerate(stacks):
        x = left + number * (width + _PANEL_GAP)
        for index, text in enumerate(heads[number] if several else ()):
            drop = (len(heads[number]) - index) * style.LABEL * style.LEADING
            page.text(x, top - 5 - drop + style.LABEL, text, bold=True)
        axes = page.axes(x, top, width, height)
        axes.set(xlim=(0, width / scale), ylim=(height, 0))
        for line in lines:
            if line.item is None:
                continue
            for index, column in enumerate(stack):
                point = content.points[line.item.id, column.id]
                y = line.y + index * (bar + inner)
                tint = 0.5 * (per_row - 1 - index) / max(per_row - 1, 1)
                fill = style.lighter(content.colour(line.item.id), tint)
                end = point.value if point.known else whole or (style.measure(word, style.SMALL) + 2 * _PAD) / scale
                _bar(axes, content, point, 0.0, end, y, bar, fill)
                if point.known:
                    _value(axes, content, point, y + bar / 2, scale)
                elif words_fit:
                    middle = y + bar / 2 + 0.36 * style.SMALL
                    axes.text(
                        _PAD / scale,
                        middle,
                        word,
                        color=style.MUTED,
                        fontproperties=style.font(style.SMALL),
                        parse_math=False,
                    )
                if per_row > 1:
                    page.text(
                        left - 5,
                        top + y + bar / 2,
                        labels[index],
                        size=style.SMALL,
                        colour=style.MUTED,
                        align="right",
                        middle=True,
                    )
        axes.plot([0, 0], [0, height], color=style.INK, linewidth=0.8, clip_on=False)
        if content.chart.baseline and not whole:
            axes.plot([content.chart.baseline] * 2, [0, height], color=style.MUTED, linewidth=0.7, zorder=0.5)
    return page.figure


def _lines(content: Content, bar: float, gap: float) -> tuple[list[_Line], float, float]:
    """Return the rows from top to bottom, their height in all and the width of their names."""
    lines: list[_Line] = []
    y, wide, heading = 0.0, 0.0, None
    for item in content.layout.rows:
        bydel = content.places.bydel_of.get(item.id)
        if bydel != heading and bydel is not None:
            y += 4.0 if lines else 0.0
            name = content.places.names[bydel]
            lines.append(_Line(None, [name], y, style.LABEL + 3))
            wide = max(wide, style.measure(name, style.LABEL, bold=True))
            y += style.LABEL + 5
        heading = bydel
        names = style.wrap(content.label(item), _NAMES_WIDTH, style.LABEL)
        wide = max(wide, *(style.measure(name, style.LABEL) for name in names))
        lines.append(_Line(item, names, y, bar))
        y += bar + gap
    return lines, y - gap, wide


def _write_names(page: Page, line: _Line, x: float, shift: float = 0.0) -> None:
    leading = style.LABEL * 1.1
    middle = page.top + shift + line.y + line.height / 2 - (len(line.names) - 1) / 2 * leading
    for index, name in enumerate(line.names):
        page.text(x, middle + index * leading, name, bold=line.item is None, middle=True)


def _scale(content: Content, width: float) -> float:
    """Return points per unit such that every bar and the number after it fit the panel."""
    room = [
        (width - _PAD - 1 - style.measure(point.text, style.LABEL)) / point.value
        for point in content
        if point.known and point.value > 0
    ]
    return min(room, default=1.0)


def _bar(
    axes: Axes, content: Content, point: Point, start: float, end: float, y: float, height: float, colour: str
) -> Rectangle:
    basis = point.basis if point.known else "missing"
    drawn = Rectangle(
        (start, y),
        end - start,
        height,
        clip_on=False,
        gid=content.gid(point),
        **style.area(basis, colour, approximate=point.approximate),
    )
    axes.add_patch(drawn)
    return drawn


def _value(axes: Axes, content: Content, point: Point, middle: float, scale: float) -> None:
    del content
    axes.text(
        max(point.value, 0.0) + _PAD / scale,
        middle + 0.36 * style.LABEL,
        point.text,
        color=style.INK,
        fontproperties=style.font(style.LABEL),
        va="baseline",
        parse_math=False,
    )
