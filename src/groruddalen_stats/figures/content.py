"""Turns the cells of one figure into points by row and column, with the words, colours and places to draw them by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.appendix.layout import Item, Layout
from groruddalen_stats.appendix.quantities import UNDATED
from groruddalen_stats.config.models import Chart, Object
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.numbers import Language

#: What stands after the name of a row, column or value that the report does not have.
OURS = "*"
#: What stands after a value that rests on a number with a flag, and the legend that says which.
WRONG, DATELESS = "†", "‡"


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written around a figure, in one language and with years and values filled in.

    Attributes:
        title: number and title.
        subtitle: unit and date.
        source: the whole source line.
        headline: the sentence that the figure shows, "" for none.
        words: ``words`` of config/labels.yaml.
        reasons: why a value is missing, by key.
    """

    title: str
    subtitle: str
    source: str
    headline: str
    words: Mapping[str, str]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """What figures know of places beyond their cells.

    Attributes:
        bydel_of: the bydel of each delbydel.
        names: names of bydeler.
        boundaries: official polygons (longitude, latitude) by delbydel, or by bydel where only those are had.
        breaks: date of each moved border as a decimal year.
    """

    bydel_of: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    boundaries: Mapping[str, BaseGeometry] = field(default_factory=dict)
    breaks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One cell as it is drawn."""

    row: str
    column: str
    value: float
    text: str
    basis: str
    approximate: bool
    reasons: tuple[str, ...]
    breaks: tuple[str, ...]

    @property
    def known(self) -> bool:
        return math.isfinite(self.value)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything one figure is drawn from."""

    object_id: str
    chart: Chart
    layout: Layout
    points: Mapping[tuple[str, str], Point]
    texts: Texts
    language: Language
    palette: Mapping[str, str]
    places: Places

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points.values())

    def row(self, item: Item) -> list[Point]:
        """Return the points of a row, one per column."""
        return [self.points[item.id, column.id] for column in self.layout.columns]

    def label(self, item: Item) -> str:
        """Return the name of a row or column, marked when it is ours."""
        return item.label[self.language] + (OURS if item.ours else "")

    def colour(self, key: str) -> str:
        """Return the fixed colour of a region or category; a delbydel has that of its bydel."""
        try:
            return self.palette.get(self.places.bydel_of.get(key, key)) or self.palette["other"]
        except KeyError:
            raise ConfigError(
                f"neither '{key}' nor 'other' has a colour",
                where="config/labels.yaml: palette",
                remedy="add 'other', the colour of all that is not listed",
            ) from None

    def gid(self, point: Point) -> str:
        """Return the id under which a point stands in the SVG."""
        return f"{self.object_id}.{point.row}.{point.column}"


def _flagged(flags: list[str]) -> str:
    marks = dict.fromkeys(DATELESS if flag == UNDATED else WRONG for flag in flags)
    return "".join(marks)


def content_of(
    object_id: str,
    spec: Object,
    layout: Layout,
    cells: pd.DataFrame,
    texts: Texts,
    language: Language,
    palette: Mapping[str, str],
    places: Places,
) -> Content:
    """Return the content of one figure; cells of other objects are left out."""
    assert spec.chart is not None
    items = {item.id: item for item in (*layout.rows, *layout.columns)}
    own = cells[cells["object"] == object_id]
    points: dict[tuple[str, str], Point] = {}
    for row, column, value, text, basis, qualifier, flags, note in zip(
        own["row"],
        own["column"],
        own["value"],
        own["display"],
        own["basis"],
        own["qualifier"],
        own["flags"],
        own["note"],
        strict=True,
    ):
        notes = str(note).split()
        alone = "ours" in notes and not (items[row].ours or items[column].ours)
        points[str(row), str(column)] = Point(
            row=str(row),
            column=str(column),
            value=float(value),
            text=str(text) + (OURS if alone else "") + _flagged(str(flags).split()),
            basis=str(basis),
            approximate=bool(qualifier),
            reasons=tuple(n.removeprefix("reason_") for n in notes if n.startswith("reason_")),
            breaks=tuple(n.removeprefix("break_") for n in notes if n.startswith("break_")),
        )
    return Content(object_id, spec.chart, layout, points, texts, language, palette, places)
