"""What an indicator asks for in one cell: terms, each a series of one region and year, narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from groruddalen_stats.appendix.layout import Spec
from groruddalen_stats.config.models import Indicator, Indicators, Sex, TermRule


class Term(NamedTuple):
    """One quantity: a series of a region in a year, narrowed by sex, age, background and detail.

    Attributes:
        mean: the mean of the year and the next one is meant.
    """

    series: str
    region: str
    year: int
    sex: Sex = "both"
    age: str = "all"
    background: str = "all"
    detail: str = ""
    mean: bool = False

    @property
    def years(self) -> tuple[int, ...]:
        """The year, or the two years whose mean is meant."""
        return (self.year, self.year + 1) if self.mean else (self.year,)

    def of_year(self, year: int) -> Term:
        """Return the same quantity of one year."""
        return self._replace(year=year, mean=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a number counts, what it is divided by, and what the ratio is multiplied with.

    Attributes:
        published: the publisher's own figure for the same.
        base: the numerator and the denominator of the base year of an index or a change; empty for other formulas.
    """

    numerator: tuple[Term, ...] = ()
    denominator: tuple[Term, ...] = ()
    scale: float = 1.0
    published: Term | None = None
    base: tuple[tuple[Term, ...], tuple[Term, ...]] = ((), ())

    def all(self) -> tuple[Term, ...]:
        """Return every term, those of the base year included."""
        return (*self.numerator, *self.denominator, *self.base[0], *self.base[1])


BASED = frozenset({"index", "change"})
"""Formulas that hold a year against a base year."""


def terms_of(spec: Spec, indicators: Indicators) -> Terms:
    """Return the terms of a cell; none for a cell without a region and for formulas without terms."""
    return indicators.remembered(spec, lambda: _terms_of(spec, indicators))


def _terms_of(spec: Spec, indicators: Indicators) -> Terms:
    indicator = indicators.indicators[spec.indicator]
    if spec.region is None:
        return Terms()
    base: tuple[tuple[Term, ...], tuple[Term, ...]] = ((), ())
    if indicator.formula in BASED:
        base = _sides(indicator, spec, spec.year if spec.base is None else spec.base)
    numerator, denominator = _sides(indicator, spec, spec.year)
    published = None if indicator.published is None else term_of(indicator.published, spec, spec.year)
    return Terms(numerator, denominator, indicator.scale, published, base)


def _sides(indicator: Indicator, spec: Spec, year: int) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    def side(rules: Sequence[TermRule]) -> tuple[Term, ...]:
        return tuple(term_of(rule, spec, year) for rule in rules if (rule.first or year) <= year <= (rule.last or year))

    return side(indicator.numerator), side(indicator.denominator)


def term_of(rule: TermRule, spec: Spec, year: int) -> Term:
    """Return one term of a formula for a cell and a year; what the rule leaves open the cell says."""
    detail = rule.detail or spec.detail
    return Term(
        series=rule.series or spec.series,
        region=rule.region or spec.region or "",
        year=year + (rule.date == "next_year"),
        sex=rule.sex or spec.sex or "both",
        age=rule.age or spec.age or "all",
        background=rule.background or spec.background or "all",
        detail="" if detail == "all" else detail,
        mean=rule.date == "mean",
    )
