"""A figure in the house style, drawn from its content."""

from __future__ import annotations

from groruddalen_stats.figures import bars, lines, maps, style
from groruddalen_stats.figures.content import Content
from groruddalen_stats.figures.page import Canvas, Page, basis_signs


def draw(content: Content) -> Canvas:
    """Draw one figure; nothing is read or written.

    Returns:
        A figure that holds one artist per cell, with the id ``<object>.<row>.<column>``.
    """
    kinds = {
        "map": maps.chart,
        "lines": lines.lines,
        "bars": bars.panels if content.chart.panels else bars.grouped,
        "stacked": bars.stacked,
    }
    with style.settings():
        if any(point.known for point in content):
            figure = kinds[content.chart.kind](content)
        else:
            figure = Page(content.texts, 0.0, size=content.size, legend=basis_signs(content)).figure
    figure.told |= content.told()
    figure.darks = {**style.DARK, **content.darks}
    return figure
