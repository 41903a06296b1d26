"""The numbers that explanations name, what gives printed shares, and how far an entry explains a printed number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.check.ledger import LEDGER
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.config.deviations import Explanation, Figure, Formula, Ledger, Quantity, Search
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.numbers import Language, display_number, round_half_up


class Trial(NamedTuple):
    """One combination of years and ages, and the printed numbers that it gives exactly.

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


def search(name: str, entry: Search, tables: Print, known: KnownFigures) -> SearchOutcome:
    """Return what every combination of an entry gives; one without all its figures is not a trial."""
    cells = [tables.by_place[place] for place in entry.places]
    tried = (_trial(cells, *given, known) for given in product(entry.years, entry.ages, entry.dates))
    ranked = sorted(filter(None, tried), key=lambda t: (-len(t.hits), t.apart, t.year, t.age, t.dates))
    return SearchOutcome(name, tuple(entry.places), tuple(ranked))


def _trial(cells: list[PrintedCell], year: int, age: str, dates: tuple[int, ...], known: KnownFigures) -> Trial | None:
    shares: list[tuple[PrintedCell, float]] = []
    for cell in cells:
        top = known.value(cell.numerator[0].of_year(year))
        below = known.total(cell.denominator[0].of_year(date)._replace(age=age) for date in dates)
        if top is None or not below:
            return None
        shares.append((cell, top / (below / len(dates)) * cell.scale))
    hits = tuple(cell.place for cell, share in shares if cell.gives(share))
    apart = math.fsum(abs(cell.number - share) for cell, share in shares) / len(shares)
    below_stated = cells[0].denominator[0]
    stated = (year, age, dates) == (cells[0].numerator[0].year, below_stated.age, below_stated.years)
    return Trial(year, age, dates, hits, apart, stated)


@dataclass(frozen=True)
class Figures:
    """The numbers of explanations, from the print, the sources and the searches of one run."""

    ledger: Ledger
    tables: Print
    known: KnownFigures

    @cached_property
    def outcomes(self) -> dict[str, SearchOutcome]:
        """What the searches of the ledger came to."""
        return {name: search(name, entry, self.tables, self.known) for name, entry in self.ledger.searches.items()}

    def explanation(self, name: str, place: Place) -> Explanation:
        """Return how far an entry explains the printed number of a cell.

        One formula that gives the number reproduces it. Several formulas are consistent with it when the smallest
        and the largest of their numbers have it between them. Everything else is only registered.
        """
        cell = self.tables.by_place[place]
        formulas = [self.ledger.formulas[key] for key in self.ledger.entries[name].formulas]
        values = [value for f in formulas if (value := self.formula(f, cell)) is not None]
        if not values or len(values) < len(formulas):
            return "registered"
        if len(values) == 1:
            return "reproduced" if cell.gives(values[0]) else "registered"
        low, high = (round_half_up(edge, cell.decimals) for edge in (min(values), max(values)))
        return "consistent" if low <= round_half_up(cell.number, cell.decimals) <= high else "registered"

    def formula(self, formula: Formula, cell: PrintedCell) -> float | None:
        """Return what a formula gives for a cell; ``None`` when a figure is missing."""
        top = self._value(formula.numerator, cell, cell.numerator)
        if top is None or formula.denominator is None:
            return top
        below = self._value(formula.denominator, cell, cell.denominator)
        return None if not below else top / below * cell.scale

    def _value(self, asked: Quantity, cell: PrintedCell | None, stated: Sequence[Term]) -> float | None:
        own = next(iter(stated), None)
        region = asked.region or (cell.region if cell else None) or ""
        year = asked.year or (own.year if own else cell.year if cell else 0)
        term = Term(
            asked.series or "",
            region,
            year,
            asked.sex or (own.sex if own else "both"),
            asked.age or (own.age if own else "all"),
            asked.background or (own.background if own else "all"),
            (own.detail if own else "") if asked.detail is None else asked.detail,
            asked.mean,
        )
        terms = [term] if asked.plus is None else [term, term._replace(region=asked.plus)]
        return self.known.total(terms, asked.sources or None)

    def texts(self, name: str, language: Language) -> tuple[str, str]:
        """Return reason and evidence of an entry, with their numbers put in.

        Raises:
            ConfigError: when a figure cannot be computed.
        """
        found: dict[str, float] = {}
        figures = self.ledger.figures[name]
        for key, figure in figures.items():
            value = self._figure(figure, found)
            if value is None:
                where = f"{LEDGER}/figures.csv {name} {key}"
                raise ConfigError("the figure has no value", where=where, remedy="name a series or a cell that has one")
            found[key] = value * figure.scale
        shown = {key: display_number(value, figures[key].decimals, language) for key, value in found.items()}
        reason, evidence = (said[language].format(**shown) for said in self.ledger.entries[name].texts)
        return reason, evidence

    def _figure(self, figure: Figure, found: dict[str, float]) -> float | None:
        of, places = [found[name] for name in figure.of if name in found], figure.places
        match figure.how:
            case "value":
                return self._value(figure, None, ())
            case "printed":
                row = self.tables.by_place.get(places[0])
                return None if row is None else row.value
            case "hits" | "tried":
                cells = [self.tables.by_place[place] for place in places]
                values = [(cell, self.formula(self.ledger.formulas[figure.of[0]], cell)) for cell in cells]
                return sum(value is not None and (figure.how == "tried" or cell.gives(value)) for cell, value in values)
            case "add":
                return math.fsum(of)
            case "subtract":
                return of[0] - math.fsum(of[1:])
            case "apart":
                return abs(of[0] - math.fsum(of[1:]))
            case "divide":
                return None if 0 in of[1:] else of[0] / math.prod(of[1:])
        outcome = self.outcomes[figure.of[0]]
        giving = [trial for trial in outcome.trials if places and places[0] in trial.hits]
        match figure.how:
            case "cells":
                return len(outcome.cells)
            case "average":
                return outcome.average
            case "stated":
                return _most(trial for trial in outcome.trials if trial.stated)
            case "others":
                return _most(trial for trial in outcome.trials if not trial.stated)
            case "giving_best":
                return _most(giving)
        return len(giving if places else outcome.trials)


def _most(trials: Iterable[Trial]) -> int | None:
    return max((len(trial.hits) for trial in trials), default=None)
