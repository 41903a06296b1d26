"""The pages of a set of areas: an index with map and table, and a profile of each area."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import pandas as pd
from shapely import unary_union
from shapely.geometry.base import BaseGeometry

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Text, text_in
from groruddalen_stats.config.site import SiteColumn
from groruddalen_stats.numbers import Language, display_number, round_half_up
from groruddalen_stats.report.profiles import AreaNumbers, Statement, gathered, holding, nearest, said_of, shown
from groruddalen_stats.report.words import Words

WIDTHS = (420, 340)
"""How wide a drawing is, on a wide and on a narrow page."""
_CLASSES = 4
_LOCATOR = 220
_FEW = 40
"""Up to how many areas can be told apart on a small map."""


@dataclass(frozen=True)
class Set:
    """The areas of a set that could be built, with what is needed to write their pages.

    Attributes:
        profiles: what the profile.json of each area says, in the order of the set.
        reports: the folder of each area's report, as its pages reach it.
        shapes: the polygons of the areas that have any.
    """

    catalogue: Catalogue
    name: Text
    year: str
    columns: Sequence[SiteColumn]
    profiles: Mapping[str, Mapping[str, Any]]
    reports: Mapping[str, str]
    failed: Sequence[str]
    shapes: Mapping[str, BaseGeometry]

    @cached_property
    def indicators(self) -> dict[str, AreaNumbers]:
        """The indicators of the columns that any area has."""
        return gathered(list(self.labels), self.profiles)

    def locator(self, key: str) -> dict[str, Any] | None:
        """Return the small map on which a profile shows where its area is; among many ringed, on one piece of land."""
        if key not in self.shapes:
            return None
        if len(self.shapes) <= _FEW:
            return {**self._outlined, "points": {}}
        paths = {**self._land, key: self._outlined["paths"][key]}
        return {**self._outlined, "paths": paths, "points": {key: self._outlined["points"][key]}}

    @cached_property
    def _outlined(self) -> dict[str, Any]:
        return outlines(self.shapes, _LOCATOR)

    @cached_property
    def _land(self) -> Mapping[str, str]:
        return dict(outlines({"": unary_union(list(self.shapes.values()))}, _LOCATOR)["paths"])

    @cached_property
    def labels(self) -> dict[str, SiteColumn]:
        return {f"{column.object}/{column.column}": column for column in self.columns}

    @cached_property
    def compared(self) -> list[AreaNumbers]:
        """The indicators by which areas are alike: those that do not only say how large they are."""
        return [one for one in self.indicators.values() if not one.counts]


@dataclass(frozen=True)
class Pages:
    """The pages of a set in one language."""

    areas: Set
    words: Words

    @property
    def language(self) -> Language:
        return self.words.language

    def area(self, key: str) -> str:
        """Return the name of an area; one that could not be built may have none."""
        profile = self.areas.profiles.get(key)
        return str(profile["name"][self.language]) if profile else key

    def whole(self, key: str) -> str:
        return str(self.areas.profiles[key]["whole"][self.language])

    def label(self, one: AreaNumbers) -> str:
        return self.areas.labels[one.key].label[self.language]

    def when(self, one: AreaNumbers) -> str:
        """Return the year of an indicator, and what is 100 in an index."""
        if one.lag is None:
            return str(one.year)
        return f"{one.year}, {self.words('areas_base', count=one.lag)}"

    def number(self, value: Decimal | None, one: AreaNumbers) -> str:
        return "" if value is None else display_number(value, one.decimals, self.language)

    def sentence(self, claim: Statement, one: AreaNumbers, key: str) -> str:
        """Return a claim about an area in words."""
        plain = {"rank": 0, "above": 0, "count": 0, "share": 1}
        numbers = {
            name: display_number(Decimal(value), plain.get(name, one.decimals), self.language)
            for name, value in shown(claim, one, key).items()
        }
        return self.words(
            f"claim_{claim.form}",
            **numbers,
            **{f"year_{name}": str(year) for name, year in claim.years.items()},
            others=self.words.listed([self.area(other) for other in claim.others]),
            place=self.whole(key),
        )

    def common(self) -> dict[str, Any]:
        """Return what both kinds of pages show."""
        years = dict.fromkeys(str(one.year) for one in self.areas.indicators.values())
        sources = dict.fromkeys(name for one in self.areas.indicators.values() for name in one.sources)
        return {
            "language": self.language,
            "pages": self,
            "areas": self.areas,
            "words": self.words.every(),
            "set": self.areas.name[self.language],
            "years": self.words("areas_years", years=self.words.listed(sorted(years))),
            "sources": self.words("areas_sources", sources="; ".join(map(self._source, sources))),
        }

    def _source(self, key: str) -> str:
        sources = self.areas.catalogue.sources
        source = sources.sources[key]
        licence = text_in(sources.licences[source.licence].name, self.language)
        return f"{sources.publishers[source.publisher].name[self.language]}, {text_in(source.table, self.language)} ({licence})"

    # ---- index -----------------------------------------------------------------------------------------------------

    def index(self, page: Mapping[str, str]) -> dict[str, Any]:
        """Return what the index shows; ``page`` has the file of each area's profile in the language."""
        count, areas = len(self.areas.profiles), self.areas
        wholes = {self.whole(key) for key in areas.profiles}
        whole = next(iter(wholes)) if len(wholes) == 1 else self.words("areas_no_whole")
        return {
            **self.common(),
            "title": self.words("areas_title", set=areas.name[self.language], count=count, year=areas.year),
            "lead": self.words("areas_all_lead", count=count, whole=whole),
            "failed": self.words("areas_failed", areas=self.words.listed(areas.failed)) if areas.failed else "",
            "page": page,
            "whole": whole if len(wholes) == 1 else "",
            "strip": strip,
            "map": self._map(),
        }

    def _map(self) -> dict[str, Any] | None:
        """Return the map of the first indicator that is not a count, in classes of about as many areas each."""
        shapes = {key: shape for key, shape in self.areas.shapes.items() if key in self.areas.profiles}
        one = next(iter(self.areas.compared), None)
        if not shapes or one is None:
            return None
        classes = classed({key: one.numbers[key] for key in shapes if key in one.numbers})
        ends = [
            [self.number(end(one.numbers[key] for key in members), one) for end in (min, max)] for members in classes
        ]
        return {
            "label": self.words("areas_map", label=self.label(one)),
            "one": one,
            "drawn": outlines(shapes, 600),
            "classes": {key: at for at, members in enumerate(classes) for key in members},
            "legend": ["–".join(dict.fromkeys(pair)) for pair in ends],
        }

    # ---- profile ---------------------------------------------------------------------------------------------------

    def profile(self, key: str, page: Mapping[str, str]) -> dict[str, Any]:
        """Return what the profile of an area shows."""
        areas, name = self.areas, self.area(key)
        alike = nearest(key, areas.compared)
        return {
            **self.common(),
            "key": key,
            "page": page,
            "name": name,
            "title": self.words("profile_title", area=name, year=areas.year),
            "lede": list(self._lead(key)),
            "whole": self.whole(key),
            "indicators": [self._indicator(one, key) for one in areas.indicators.values()],
            "alike": self._alike(key, alike) if alike else None,
            "more": self.words("profile_more", area=name),
            "report": areas.reports[key],
            "locator": areas.locator(key),
        }

    def _lead(self, key: str) -> Iterator[str]:
        every, compared = self.areas.indicators.values(), self.areas.compared
        told = (
            ("highest", "profile_highest", every),
            ("lowest", "profile_lowest", every),
            ("above_whole", "profile_above", compared),
            ("below_whole", "profile_below", compared),
        )
        count, whole = len(self.areas.profiles), self.whole(key)
        for form, word, among in told:
            if found := [one for one in among if key in holding(one, form)]:
                yield self.words(word, count=count, whole=whole, indicators=self._listed(found))

    def _listed(self, indicators: Iterable[AreaNumbers]) -> str:
        """Return what a sentence calls indicators."""
        columns = (self.areas.labels[one.key] for one in indicators)
        return self.words.listed([(column.short or column.label)[self.language] for column in columns])

    def _indicator(self, one: AreaNumbers, key: str) -> dict[str, Any]:
        number = one.numbers.get(key)
        if number is None:
            empty = self.words("profile_empty", area=self.area(key))
            return {"label": self.label(one), "when": self.when(one), "empty": empty}
        whole = None if one.counts else one.of_whole(key, one.year)
        # The areas with the lowest and the highest number; of several the first.
        ends = (end(one.numbers, key=one.numbers.__getitem__) for end in (min, max))
        return {
            "label": self.label(one),
            "when": self.when(one),
            "empty": "",
            "text": self.number(number, one),
            "rank": self.words("profile_rank", rank=one.ranks[key], count=len(one.numbers)),
            "said": [self.sentence(claim, one, key) for claim in said_of(one, key)],
            "ends": [f"{self.area(name)} {self.number(one.numbers[name], one)}" for name in ends],
            "strips": [strip(one, key, width) for width in WIDTHS],
            "whole": self.number(whole, one),
            "trends": [trend(one, key, width) for width in (292, 340)],
            "since": [f"{year}: {self.number(one.at(key, year), one)}" for year in one.years(key)[:1]],
        }

    def _alike(self, key: str, alike: Sequence[tuple[str, Decimal]]) -> dict[str, Any]:
        first = [self.area(other) for other, distance in alike if distance == alike[0][1]]
        compared = self.areas.compared
        listed = self._listed(compared)
        return {
            "title": self.words("profile_alike", area=self.area(key), areas=self.words.listed(first)),
            "note": self.words("profile_alike_note", count=len(compared), indicators=listed),
            "rows": [(key, ""), *((other, display_number(distance, 2, self.language)) for other, distance in alike)],
        }

    # ---- for machines ----------------------------------------------------------------------------------------------

    def numbers_csv(self) -> str:
        """Return all numbers that the pages compare, a line each."""
        head = ["area", "name", "indicator", "label", "unit", "year", "value", "shown", "rank", "of", "whole"]
        lines = (
            (
                *(key, profile["name"]["nb"], one.key, self.areas.labels[one.key].label["en"], one.unit, one.year),
                *(one.own[key][one.year], one.numbers[key], one.ranks[key], len(one.numbers)),
                one.whole.get(key, {}).get(one.year, ""),
            )
            for key, profile in self.areas.profiles.items()
            for one in self.areas.indicators.values()
            if key in one.numbers
        )
        return pd.DataFrame(lines, columns=head).to_csv(index=False, lineterminator="\n")


def claims_csv(pages: Sequence[Pages]) -> str:
    """Return every sentence on the profiles with the numbers behind it, a line each."""
    areas = pages[0].areas
    head = ["area", "indicator", "form", "year", "years", "others", "values", *(page.language for page in pages)]
    lines = (
        (
            key,
            one.key,
            claim.form,
            one.year,
            " ".join(map(str, claim.years.values())),
            " ".join(claim.others),
            " ".join(f"{name}={value}" for name, value in shown(claim, one, key).items()),
            *(page.sentence(claim, one, key) for page in pages),
        )
        for key in areas.profiles
        for one in areas.indicators.values()
        for claim in said_of(one, key)
    )
    return pd.DataFrame(lines, columns=head).to_csv(index=False, lineterminator="\n")


# ---- drawings -------------------------------------------------------------------------------------------------------


def strip(one: AreaNumbers, key: str | None, width: int) -> dict[str, Any]:
    """Return where each area lies between the lowest and the highest, and the whole if it is not a sum of them."""
    margin = 10 if width > 200 else 4
    wholes = {one.of_whole(area, one.year) for area in ([key] if key else one.numbers)}
    whole = wholes.pop() if len(wholes) == 1 and not one.counts else None
    numbers = [*one.numbers.values(), *([] if whole is None else [whole])]
    scale = Scale(float(min(numbers)), float(max(numbers)), margin, width - margin)
    return {
        "width": width,
        "dots": _dots(tuple(one.numbers.values()), scale),
        "own": scale.at(one.numbers[key]) if key else None,
        "whole": None if whole is None else scale.at(whole),
        "line": (margin, width - margin),
    }


@cache
def _dots(numbers: tuple[Decimal, ...], scale: Scale) -> str:
    """Return a path that has a corner where each number lies; the same on the page of every area."""
    first, *others = dict.fromkeys(map(scale.at, numbers))
    return f"M{first:g} 0" + "".join(f"H{at:g}" for at in others)


def trend(one: AreaNumbers, key: str, width: int) -> dict[str, Any] | None:
    """Return the lines of an area and of its whole through the years; nothing where there is one year only."""
    years = one.years(key)
    if len(years) < 2:
        return None
    right = width - 84
    across = Scale(years[0], years[-1], 4, right)
    of_whole = {} if one.counts else {year: number for year in years if (number := one.of_whole(key, year)) is not None}
    own = {year: number for year in years if (number := one.at(key, year)) is not None}
    every = [*own.values(), *of_whole.values()]
    down = Scale(float(min(every)), float(max(every)), 74, 8)

    def line(numbers: Mapping[int, Decimal]) -> str:
        return " ".join(f"{across.at(year)},{down.at(number)}" for year, number in numbers.items())

    own_at = down.at(own[years[-1]])
    whole_at = down.at(of_whole[years[-1]]) if years[-1] in of_whole else None
    drawn = {
        "width": width,
        "right": right,
        "first": years[0],
        "last": years[-1],
        "own": line(own),
        "whole": line(of_whole),
    }
    drawn |= {"end": own_at, "own_label": own_at, "whole_label": whole_at}
    if whole_at is not None and abs(whole_at - own_at) < 15:
        # Two labels of one height would cover each other.
        middle, apart = (whole_at + own_at) / 2, 7.5 if own_at > whole_at else -7.5
        drawn |= {"own_label": _near(middle + apart), "whole_label": _near(middle - apart)}
    return drawn


@dataclass(frozen=True)
class Scale:
    """Numbers as places between two ends; all in the middle where there is one number only."""

    low: float
    high: float
    first: float
    last: float

    def at(self, number: Decimal | float) -> float:
        span = self.high - self.low
        part = (float(number) - self.low) / span if span else 0.5
        return _near(self.first + part * (self.last - self.first))


def classed(numbers: Mapping[str, Decimal]) -> list[list[str]]:
    """Return areas in at most four classes of about as many each, the lowest first; equal numbers are in one class."""
    rising = sorted(numbers, key=numbers.__getitem__)
    found: dict[int, list[str]] = {}
    for key in rising:
        lower = sum(other < numbers[key] for other in numbers.values())
        found.setdefault(lower * _CLASSES // len(rising), []).append(key)
    return list(found.values())


def outlines(shapes: Mapping[str, BaseGeometry], width: int) -> dict[str, Any]:
    """Return polygons of longitude and latitude as they are drawn, so wide, with north up: a path, and a point inside, of each."""
    boxes = [shape.bounds for shape in shapes.values()]
    west, east = min(box[0] for box in boxes), max(box[2] for box in boxes)
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    # Degrees of longitude are shorter than those of latitude, by the cosine.
    across = math.cos(math.radians((south + north) / 2))
    scale = width / ((east - west) * across)

    def placed(longitude: float, latitude: float) -> tuple[float, float]:
        return _near((longitude - west) * across * scale), _near((north - latitude) * scale)

    def rings(shape: BaseGeometry) -> Iterator[str]:
        for part in getattr(shape, "geoms", [shape]):
            for ring in (part.exterior, *part.interiors):
                places = dict.fromkeys(placed(*corner[:2]) for corner in ring.coords)
                if len(places) > 2:
                    yield "M" + " ".join(f"{x:g},{y:g}" for x, y in places) + "z"

    return {
        "width": width,
        "height": int(round_half_up((north - south) * scale, 0)),
        "paths": {key: "".join(rings(shape.simplify(0.6 / scale))) for key, shape in shapes.items()},
        "points": {key: placed(*shape.representative_point().coords[0]) for key, shape in shapes.items()},
    }


def _near(at: float) -> float:
    """Return a place in a drawing with as many digits as can be seen."""
    return float(round_half_up(at, 1))
