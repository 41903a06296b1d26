"""Areas side by side: the rank of each number, how alike two areas are, and what may be said of one.

A sentence is a claim: a form with the areas and years that it names. What is true of the numbers as readers see them is
worked out in one place, and only what is among it is written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from groruddalen_stats.numbers import round_half_up

Said = TypeVar("Said")
Named = TypeVar("Named")

FEW = 3
"""How many areas a sentence names at most, and how many are shown as the most alike."""


def ranked(numbers: Mapping[Named, Decimal]) -> dict[Named, int]:
    """Return the rank of each number as it is shown, the largest first; equal numbers have the same."""
    return {key: 1 + sum(other > number for other in numbers.values()) for key, number in numbers.items()}


@dataclass(frozen=True)
class Indicator:
    """The numbers of one indicator: of every area and of its whole, by year.

    Attributes:
        year: the year in which the areas are compared.
        key: object and column.
        lag: how many years before is the year that it is measured against, if any.
    """

    own: Mapping[str, Mapping[int, float]]
    year: int
    decimals: int
    unit: str = ""
    whole: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    key: str = ""
    lag: int | None = None
    sources: tuple[str, ...] = ()

    @cached_property
    def numbers(self) -> dict[str, Decimal]:
        """The number of each area as it is shown, in the year that they are compared."""
        return {area: years[self.year] for area, years in self.shown.items() if self.year in years}

    @cached_property
    def ranks(self) -> dict[str, int]:
        return ranked(self.numbers)

    @cached_property
    def counts(self) -> bool:
        """Whether it says how many, so that areas of other sizes are not held against it."""
        return self.unit in {"persons", "households", "dwellings"}

    @cached_property
    def shown(self) -> Mapping[str, Mapping[int, Decimal]]:
        """The numbers of each area as they are shown, by year."""
        return {
            area: {year: round_half_up(number, self.decimals) for year, number in years.items()}
            for area, years in self.own.items()
        }

    def at(self, area: str, year: int) -> Decimal | None:
        """Return an area's number of a year as it is shown."""
        return self.shown.get(area, {}).get(year)

    def of_whole(self, area: str, year: int) -> Decimal | None:
        """Return the number of what an area is part of."""
        number = self.whole.get(area, {}).get(year)
        return None if number is None else round_half_up(number, self.decimals)

    def years(self, area: str) -> list[int]:
        """Return the years up to the compared one that an area has a number of."""
        return sorted(year for year in self.own.get(area, {}) if year <= self.year)

    @cached_property
    def standard(self) -> dict[str, float]:
        """Each area's distance from the mean of the areas in standard deviations; empty where they are all equal."""
        found = {area: years[self.year] for area, years in self.own.items() if self.year in years}
        if len(found) < 2:
            return {}
        mean = math.fsum(found.values()) / len(found)
        deviation = math.sqrt(math.fsum((number - mean) ** 2 for number in found.values()) / len(found))
        return {area: (number - mean) / deviation for area, number in found.items()} if deviation else {}


def gathered(columns: Sequence[str], profiles: Mapping[str, Mapping[str, Any]]) -> dict[str, Indicator]:
    """Return the indicators that any area has, by key.

    They are compared in the newest year of which three quarters have figures, as many as have any in the year that most
    have. Where areas have different statistics in a column, that of most counts.

    Args:
        columns: keys of the columns, in their order.
        profiles: what each area's profile.json says.
    """
    found: dict[str, Indicator] = {}
    for at, key in enumerate(columns):
        of_area = {area: profile["columns"][at] for area, profile in profiles.items()}
        told = {area: column for area, column in of_area.items() if column and column["own"]}
        kinds = Counter(_kind(column) for column in told.values())
        if not kinds:
            continue
        kind, _ = kinds.most_common(1)[0]
        told = {area: column for area, column in told.items() if _kind(column) == kind}
        own = {area: _by_year(column["own"]) for area, column in told.items()}
        having = Counter(year for years in own.values() for year in years)
        year = max(year for year, count in having.items() if 4 * count >= 3 * max(having.values()))
        one = next(iter(told.values()))
        whole = {area: _by_year(column["whole"]) for area, column in told.items()}
        sources = tuple(dict.fromkeys(name for column in told.values() for name in column["sources"]))
        found[key] = Indicator(own, year, one["decimals"], one["unit"], whole, key, one["lag"], sources)
    return found


def _kind(column: Mapping[str, Any]) -> str:
    return repr((column["same"], column["unit"], column["decimals"], column["lag"]))


def _by_year(numbers: Mapping[str, float]) -> dict[int, float]:
    return {int(year): number for year, number in numbers.items()}


# ---- likeness ---------------------------------------------------------------------------------------------------


def distances(area: str, indicators: Sequence[Indicator]) -> list[tuple[str, Decimal]]:
    """Return every other area with its distance from one, the most alike first.

    The distance is the mean over the indicators of how far two areas are apart in standard deviations of all areas, of
    the indicators that both have; areas that lack more than a quarter of those that the one has are left out.
    """
    own = {one.key: one.standard[area] for one in indicators if area in one.standard}
    found = []
    for other in dict.fromkeys(name for one in indicators for name in one.standard):
        apart = [
            abs(own[one.key] - one.standard[other]) for one in indicators if one.key in own and other in one.standard
        ]
        if other != area and own and 4 * len(apart) >= 3 * len(own):
            found.append((other, round_half_up(math.fsum(apart) / len(apart), 2)))
    return sorted(found, key=lambda pair: pair[1])


def nearest(area: str, indicators: Sequence[Indicator]) -> list[tuple[str, Decimal]]:
    """Return the most alike areas, with all that are as near as the last of them."""
    found = distances(area, indicators)
    return [pair for pair in found if pair[1] <= found[min(FEW, len(found)) - 1][1]] if found else []


# ---- claims -----------------------------------------------------------------------------------------------------


class Form(StrEnum):
    """What a claim says of an area's number; the words of ``claim_<form>`` say it."""

    HIGHEST = "highest"
    LOWEST = "lowest"
    HIGHEST_WITH = "highest_with"
    LOWEST_WITH = "lowest_with"
    ONLY_HIGHER = "only_higher"
    ONLY_LOWER = "only_lower"
    RANK = "rank"
    RANK_WITH = "rank_with"
    ABOVE_WHOLE = "above_whole"
    BELOW_WHOLE = "below_whole"
    LIKE_WHOLE = "like_whole"
    SHARE_OF_WHOLE = "share_of_whole"
    ROSE = "rose"
    FELL = "fell"
    UNCHANGED = "unchanged"
    PEAK = "peak"
    TROUGH = "trough"


@dataclass(frozen=True)
class Claim:
    """One sentence of an area's number.

    Attributes:
        others: the areas that it names, in the order of the set.
        years: the years that it names: the first and the last, or the one in which the number was highest or lowest.
    """

    form: Form
    indicator: Indicator
    area: str
    others: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    def holds(self) -> bool:
        """Return whether it is true of the numbers as they are shown."""
        return any(self in kind for kind in _true(self.indicator, self.area))

    def values(self) -> dict[str, Decimal | int]:
        """Return the numbers that its sentence shows."""
        one, area = self.indicator, self.area
        shown: dict[str, Decimal | int | None] = {
            "number": one.numbers[area],
            "rank": one.ranks[area],
            "above": one.ranks[area] - 1,
            "count": len(one.numbers),
            "whole": one.of_whole(area, one.year),
        }
        if self.form is Form.SHARE_OF_WHOLE:
            share = 100 * one.own[area][one.year] / one.whole[area][one.year]
            shown["share"] = round_half_up(share, 1)
        for name, year in zip(("first", "last") if len(self.years) == 2 else ("turn",), self.years, strict=False):
            shown[name] = one.at(area, year)
        return {name: value for name, value in shown.items() if value is not None}


def said_of(indicator: Indicator, area: str) -> list[Claim]:
    """Return what is said of an area's number: its place, what it is beside the whole, and where it has come from.

    Of each kind the first claim that is true.
    """
    first = (next(kind, None) for kind in _true(indicator, area))
    return [claim for claim in first if claim is not None]


def _true(one: Indicator, area: str) -> tuple[Iterator[Claim], ...]:
    """Return what is true of an area's number, by kind, what says most first."""
    number = one.numbers.get(area)
    if number is None:
        return ()
    return _place(one, area, number), _beside(one, area, number), _change(one, area), _turn(one, area)


def _place(one: Indicator, area: str, number: Decimal) -> Iterator[Claim]:
    others = {key: other for key, other in one.numbers.items() if key != area}
    level = tuple(key for key, other in others.items() if other == number)
    higher = tuple(key for key, other in others.items() if other > number)
    lower = tuple(key for key, other in others.items() if other < number)
    if not others or len(level) > FEW:
        return
    if not higher:
        yield Claim(Form.HIGHEST_WITH if level else Form.HIGHEST, one, area, level)
    if not lower:
        yield Claim(Form.LOWEST_WITH if level else Form.LOWEST, one, area, level)
    for form, named in ((Form.ONLY_HIGHER, higher), (Form.ONLY_LOWER, lower)):
        if 0 < len(named) <= FEW and not level:
            yield Claim(form, one, area, named)
    yield Claim(Form.RANK_WITH if level else Form.RANK, one, area, level)


def _beside(one: Indicator, area: str, number: Decimal) -> Iterator[Claim]:
    whole = one.of_whole(area, one.year)
    if whole is None:
        return
    if not one.counts:
        yield Claim(_as(number, whole, Form.ABOVE_WHOLE, Form.BELOW_WHOLE, Form.LIKE_WHOLE), one, area)
    elif 0 < number <= whole:
        yield Claim(Form.SHARE_OF_WHOLE, one, area)


def _change(one: Indicator, area: str) -> Iterator[Claim]:
    years = one.years(area)
    if len(years) > 1 and years[-1] == one.year:
        first, last = (one.shown[area][year] for year in (years[0], years[-1]))
        yield Claim(_as(last, first, Form.ROSE, Form.FELL, Form.UNCHANGED), one, area, years=(years[0], years[-1]))


def _turn(one: Indicator, area: str) -> Iterator[Claim]:
    numbers = {year: one.shown[area][year] for year in one.years(area)}
    # A highest or lowest number at either end is what the change says already.
    for turn in list(numbers)[1:-1]:
        than = {_as(numbers[turn], number, 1, -1, 0) for year, number in numbers.items() if year != turn}
        if than in ({1}, {-1}):
            yield Claim(Form.PEAK if than == {1} else Form.TROUGH, one, area, years=(turn,))


def _as(one: Decimal, other: Decimal, above: Said, below: Said, same: Said) -> Said:
    return above if one > other else below if one < other else same


def holding(one: Indicator, form: Form) -> list[str]:
    """Return the areas of which a form of claim that names nobody else holds."""
    return [area for area in one.own if Claim(form, one, area).holds()]
