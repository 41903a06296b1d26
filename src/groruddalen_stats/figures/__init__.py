"""Turns the cells of a figure into a drawing in the house style, and the drawing into SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from groruddalen_stats.appendix.layout import Layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.config.models import Object, Text
from groruddalen_stats.figures import bars, lines, maps, style
from groruddalen_stats.figures.content import Places, Texts, content_of
from groruddalen_stats.figures.files import write
from groruddalen_stats.figures.places import places
from groruddalen_stats.numbers import Language

__all__ = ["Places", "Texts", "draw", "places", "write"]


def draw(
    object_id: str,
    spec: Object,
    layout: Layout,
    cells: Sequence[Cell],
    labels: Mapping[str, Text],
    texts: Texts,
    language: Language,
    palette: Mapping[str, str],
    places: Places,
) -> Figure:
    """Draw one figure; nothing is read or written.

    Args:
        object_id: the figure.
        spec: its entry in config/appendix.yaml.
        layout: its rows and columns.
        cells: cells; those of other objects are ignored.
        labels: ``words`` of config/labels.yaml, for numbers that are missing or approximate.
        texts: title, subtitle, headline, source line and legend words, in ``language``.
        language: of labels and numbers.
        palette: ``palette`` of config/labels.yaml.
        places: bydeler, official polygons and moved borders.

    Returns:
        A figure that holds one artist per cell, with the id ``<object>.<row>.<column>``.

    Raises:
        ConfigError: when a region or category has no colour.
    """
    content = content_of(object_id, spec, layout, cells, labels, texts, language, palette, places)
    kinds = {
        "map": maps.chart,
        "lines": lines.lines,
        "bars": bars.panels if content.chart.panels else bars.grouped,
        "stacked": bars.stacked,
    }
    with style.settings():
        return kinds[content.chart.kind](content)
