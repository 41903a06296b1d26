"""Which years, ages and dates give printed shares, out of every combination tried."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.config import deviations as config
from groruddalen_stats.config.models import Place


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination and the printed numbers that it gives exactly.

    Attributes:
        year: year of the numerator.
        age: age of the denominator.
        dates: years of the denominator, whose mean is meant.
        hits: the cells it gives.
        apart: how far it is from the printed numbers on average.
        stated: it is the formula of the catalogue.
    """

    year: int
    age: str
    dates: tuple[int, ...]
    hits: tuple[Place, ...]
    apart: float
    stated: bool


@dataclass(frozen=True)
class SearchOutcome:
    """All trials of one search, the best first."""

    name: str
    cells: tuple[Place, ...]
    trials: tuple[Trial, ...]

    @cached_property
    def average(self) -> float:
        """Return how many cells a combination gives on average: what a hit is worth."""
        return math.fsum(len(trial.hits) for trial in self.trials) / len(self.trials)

    def giving(self, place: Place) -> tuple[Trial, ...]:
        """Return the combinations that give the number of one cell."""
        return tuple(trial for trial in self.trials if place in trial.hits)


def search(name: str, entry: config.Search, tables: Print, known: KnownFigures) -> SearchOutcome:
    """Return what every combination of an entry gives; one without all its figures is not a trial."""
    cells = [tables.by_place[place] for place in entry.places]
    trials = [
        trial
        for year, age, dates in product(entry.years, entry.ages, entry.dates)
        if (trial := _trial(cells, year, age, tuple(dates), known)) is not None
    ]
    ranked = sorted(trials, key=lambda t: (-len(t.hits), t.apart, t.year, t.age, t.dates))
    return SearchOutcome(name, tuple(entry.places), tuple(ranked))


def _trial(cells: list[PrintedCell], year: int, age: str, dates: tuple[int, ...], known: KnownFigures) -> Trial | None:
    shares = list(_shares(cells, year, age, dates, known))
    if None in shares:
        return None
    pairs = [(cell, share) for cell, share in zip(cells, shares, strict=True) if share is not None]
    first = cells[0]
    return Trial(
        year=year,
        age=age,
        dates=dates,
        hits=tuple(cell.place for cell, share in pairs if cell.gives(share)),
        apart=math.fsum(abs(cell.number - share) for cell, share in pairs) / len(pairs),
        stated=(year, age, dates) == (first.numerator[0].year, first.denominator[0].age, first.denominator[0].years),
    )


def _shares(
    cells: list[PrintedCell], year: int, age: str, dates: tuple[int, ...], known: KnownFigures
) -> Iterator[float | None]:
    for cell in cells:
        top = known.value(cell.numerator[0].of_year(year))
        below = [known.value(cell.denominator[0].of_year(date)._replace(age=age)) for date in dates]
        counts = [count for count in below if count]
        if top is None or len(counts) < len(dates):
            yield None
        else:
            yield top / (math.fsum(counts) / len(counts)) * cell.scale
