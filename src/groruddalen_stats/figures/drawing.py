"""A figure in the house style, drawn from its content."""

from __future__ import annotations

from matplotlib.figure import Figure

from groruddalen_stats.figures import bars, lines, maps, style
from groruddalen_stats.figures.content import Content


def draw(content: Content) -> Figure:
    """Draw one figure; nothing is read or written.

    Returns:
        A figure that holds one artist per cell, with the id ``<object>.<row>.<column>``.

    Raises:
        ConfigError: when a region or category has no colour.
    """
    kinds = {
        "map": maps.chart,
        "lines": lines.lines,
        "bars": bars.panels if content.chart.panels else bars.grouped,
        "stacked": bars.stacked,
    }
    with style.settings():
        return kinds[content.chart.kind](content)
