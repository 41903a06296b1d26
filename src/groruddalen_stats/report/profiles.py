"""Areas side by side: the rank of each number, how alike two areas are, and what may be said of one.

A sentence is a claim: a form with the areas and years that it names. What is true of the numbers as readers see them is
worked out in one place, and nothing else is written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from groruddalen_stats.numbers import round_half_up

Key = TypeVar("Key")

FEW = 3
"""How many areas a sentence names at most, and how many are shown as the most alike."""


def ranked(numbers: Mapping[Key, Decimal]) -> dict[Key, int]:
    """Return the rank of each number as it is shown, the largest first; equal numbers have the same."""
    return {key: 1 + sum(other > number for other in numbers.values()) for key, number in numbers.items()}


@dataclass(frozen=True)
class AreaNumbers:
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


def gathered(columns: Sequence[str], profiles: Mapping[str, Mapping[str, Any]]) -> dict[str, AreaNumbers]:
    """Return the indicators that any area has, by key.

    They are compared in the newest year of which three quarters have figures, as many as have any in the year that most
    have. Where areas have different statistics in a column, that of most counts.

    Args:
        columns: keys of the columns, in their order.
        profiles: what each area's profile.json says.
    """
    found: dict[str, AreaNumbers] = {}
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
        found[key] = AreaNumbers(own, year, one["decimals"], one["unit"], whole, key, one["lag"], sources)
    return found


def _kind(column: Mapping[str, Any]) -> str:
    return repr((column["same"], column["unit"], column["decimals"], column["lag"]))


def _by_year(numbers: Mapping[str, float]) -> dict[int, float]:
    return {int(year): number for year, number in numbers.items()}


# ---- likeness ---------------------------------------------------------------------------------------------------


def distances(area: str, indicators: Sequence[AreaNumbers]) -> list[tuple[str, Decimal]]:
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


def nearest(area: str, indicators: Sequence[AreaNumbers]) -> list[tuple[str, Decimal]]:
    """Return the most alike areas, with all that are as near as the last of them."""
    found = distances(area, indicators)
    return [pair for pair in found if pair[1] <= found[min(FEW, len(found)) - 1][1]] if found else []


# ---- claims -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """What is true of an area's number; the words of ``claim_<form>`` say it.

    Attributes:
        others: the areas that it names, in the order of the set.
        years: the years that it names, by the word for each.
    """

    form: str
    others: tuple[str, ...] = ()
    years: Mapping[str, int] = field(default_factory=dict)


def shown(claim: Statement, one: AreaNumbers, area: str) -> dict[str, Decimal | int]:
    """Return the numbers that the sentence of a claim about an area shows."""
    found: dict[str, Decimal | int | None] = {
        "number": one.numbers[area],
        "rank": one.ranks[area],
        "above": one.ranks[area] - 1,
        "count": len(one.numbers),
        "whole": one.of_whole(area, one.year),
        **{name: one.at(area, year) for name, year in claim.years.items()},
    }
    if claim.form == "share_of_whole":
        found["share"] = round_half_up(100 * one.own[area][one.year] / one.whole[area][one.year], 1)
    return {name: value for name, value in found.items() if value is not None}


def said_of(one: AreaNumbers, area: str) -> list[Statement]:
    """Return what is said of an area's number: its place, what it is beside the whole, and where it has come from.

    Of each kind the first claim that is true.
    """
    return [next(iter(kind)) for kind in _true(one, area) if kind]


def holding(one: AreaNumbers, form: str) -> list[str]:
    """Return the areas of which a form of claim that names nobody else holds."""
    return [area for area in one.own if any(Statement(form) in kind for kind in _true(one, area))]


def _true(one: AreaNumbers, area: str) -> tuple[list[Statement], ...]:
    """Return what is true of an area's number, by kind, what says most first."""
    number = one.numbers.get(area)
    if number is None:
        return ()
    return _place(one, area, number), _beside(one, area, number), _change(one, area), _turn(one, area)


def _place(one: AreaNumbers, area: str, number: Decimal) -> list[Statement]:
    others = {key: other for key, other in one.numbers.items() if key != area}
    level, higher, lower = (
        tuple(key for key, other in others.items() if _sign(other, number) == sign) for sign in (0, 1, -1)
    )
    if not others or len(level) > FEW:
        return []
    tie = "_with" if level else ""
    ends = [Statement(f"{form}{tie}", level) for form, beyond in (("highest", higher), ("lowest", lower)) if not beyond]
    few = [Statement(f"only_{form}", beyond) for form, beyond in (("higher", higher), ("lower", lower))]
    return [*ends, *(one for one in few if 0 < len(one.others) <= FEW and not level), Statement(f"rank{tie}", level)]


def _beside(one: AreaNumbers, area: str, number: Decimal) -> list[Statement]:
    whole = one.of_whole(area, one.year)
    if whole is None:
        return []
    if one.counts:
        return [Statement("share_of_whole")] if 0 < number <= whole else []
    return [Statement(("like_whole", "above_whole", "below_whole")[_sign(number, whole)])]


def _change(one: AreaNumbers, area: str) -> list[Statement]:
    years = one.years(area)
    if len(years) < 2 or years[-1] != one.year:
        return []
    first, last = (one.shown[area][year] for year in (years[0], years[-1]))
    form = ("unchanged", "rose", "fell")[_sign(last, first)]
    return [Statement(form, years={"first": years[0], "last": years[-1]})]


def _turn(one: AreaNumbers, area: str) -> list[Statement]:
    numbers = {year: one.shown[area][year] for year in one.years(area)}
    # A highest or lowest number at either end is what the change says already.
    inner = list(numbers)[1:-1]
    than = {turn: {_sign(numbers[turn], numbers[year]) for year in numbers if year != turn} for turn in inner}
    forms = {turn: "peak" if signs == {1} else "trough" for turn, signs in than.items() if signs in ({1}, {-1})}
    return [Statement(form, years={"turn": turn}) for turn, form in forms.items()]


def _sign(one: Decimal, other: Decimal) -> int:
    return (one > other) - (one < other)
