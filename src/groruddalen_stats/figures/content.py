"""What one figure is drawn from: its cells as points, and the words, colours and places to draw them by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shapely import to_wkb
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.appendix.layout import Item, Layout
from groruddalen_stats.appendix.model import Cell, FlagKind
from groruddalen_stats.appendix.text import shown
from groruddalen_stats.config.models import Chart, Object, Text
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.numbers import Language

#: What stands after the name of a row, column or value that the report does not have.
OURS = "*"
#: What stands after a value that rests on a number with a flag, and the legend that says which.
WRONG, DATELESS = "†", "‡"


@dataclass(frozen=True, slots=True)
class Size:
    """How wide a figure is drawn and how large its text is, in points (1/72 inch).

    Attributes:
        width: the whole width, with a ``margin`` on both sides.
        label: text beside and on marks.
        small: the smallest text.
        names: what row names may take beside bars; where one needs more, names stand above.
    """

    width: float
    margin: float
    label: float
    small: float
    names: float

    @property
    def inner(self) -> float:
        """Return the width between the margins."""
        return self.width - 2 * self.margin


#: The text width of an A4 page and of a column on a screen: at 654 pixels the smallest text is 12.
WIDE = Size(468.0, 12.0, 9.0, 8.6, 128.0)
#: A telephone, or half of an A4 page: at 340 pixels the smallest text is 12.
NARROW = Size(255.0, 2.0, 9.8, 9.1, 82.0)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written around a figure, in one language and with years and values filled in.

    Attributes:
        title: number and title.
        subtitle: unit and date.
        source: the whole source line.
        headline: the sentence that the figure shows, "" for none.
        words: ``words`` of config/words.csv.
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
        boundaries: official polygons (longitude, latitude) by delbydel, or by bydel or other place where only those are had.
        around: polygons of what lies around them.
        breaks: date of each moved border as a decimal year.
    """

    bydel_of: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    boundaries: Mapping[str, BaseGeometry] = field(default_factory=dict)
    around: tuple[BaseGeometry, ...] = ()
    breaks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """One cell as it is drawn; its ``marks`` stand at the end of its text."""

    row: str
    column: str
    value: float
    text: str
    marks: tuple[str, ...]
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
    size: Size = WIDE
    darks: Mapping[str, str] = field(default_factory=dict)

    @property
    def shows(self) -> tuple[str | bytes, ...]:
        """All that the figure shows, for a hash."""
        polygons = self.places.boundaries if self.chart.kind == "map" else {}
        parts = (self.chart, self.layout.rows, self.layout.columns, self.points, self.texts, self.language)
        around = (dict(self.palette), dict(self.darks), self.places.bydel_of, self.places.names, self.places.breaks)
        return (
            self.object_id,
            repr(parts),
            repr(around),
            *(f"{key}" for key in polygons),
            *map(to_wkb, (*polygons.values(), *self.places.around)),
        )

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points.values())

    def row(self, item: Item) -> list[Point]:
        """Return the points of a row, one per column."""
        return [self.points[item.id, column.id] for column in self.layout.columns]

    def label(self, item: Item) -> str:
        """Return the name of a row or column, marked when it is ours."""
        return item.label[self.language] + (OURS if item.ours else "")

    def colour(self, key: str) -> str:
        """Return the fixed colour of a region or category; a delbydel without one has that of its bydel."""
        try:
            return self.palette.get(key) or self.palette.get(self.places.bydel_of.get(key, "")) or self.palette["other"]
        except KeyError:
            raise ConfigError(
                f"neither '{key}' nor 'other' has a colour",
                where="config/palette.csv",
                remedy="add 'other', the colour of all that is not listed",
            ) from None

    def dark(self, colour: str) -> str:
        """Return what a colour is on a dark page."""
        return self.darks.get(colour, colour)

    def gid(self, point: Point) -> str:
        """Return the id under which a point stands in the SVG."""
        return f"{self.object_id}.{point.row}.{point.column}"

    def told(self) -> dict[str, str]:
        """Return by id what each mark says: whose, when or of what, and the value."""
        told = {}
        for row in self.layout.rows:
            for column in self.layout.columns:
                point = self.points[row.id, column.id]
                value = point.text if point.known else self.texts.words["missing"]
                told[self.gid(point)] = f"{self.label(row)}, {self.label(column)}: {value}"
        return told


_MARKS = {FlagKind.UNDATED: DATELESS, FlagKind.KNOWN_WRONG: WRONG}


def content_of(
    object_id: str,
    spec: Object,
    layout: Layout,
    cells: Sequence[Cell],
    labels: Mapping[str, Text],
    texts: Texts,
    language: Language,
    palette: Mapping[str, str],
    places: Places,
    darks: Mapping[str, str],
) -> Content:
    """Return the content of one figure; cells of other objects are left out."""
    assert spec.chart is not None
    ours = {item.id for item in (*layout.rows, *layout.columns) if item.ours}
    points: dict[tuple[str, str], Point] = {}
    for cell in cells:
        _, row, column = cell.place
        if cell.place.object != object_id:
            continue
        alone = [OURS] if cell.spec.ours and ours.isdisjoint((row, column)) else []
        marks = tuple(dict.fromkeys([*alone, *(_MARKS[flag.kind] for flag in cell.doubts)]))
        points[row, column] = Point(
            row=row,
            column=column,
            value=cell.number,
            text=shown(cell, labels, language) + "".join(marks),
            marks=marks,
            basis=cell.basis,
            approximate=bool(cell.approximate),
            reasons=(cell.missing.reason,) if cell.missing else (),
            breaks=cell.about(FlagKind.BORDER),
        )
    return Content(object_id, spec.chart, layout, points, texts, language, palette, places, darks=darks)
