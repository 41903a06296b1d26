"""Turns config/deviations.yaml into the ledger: what in the print differs, why, and which sources stand beside it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from graphlib import CycleError, TopologicalSorter
from itertools import product
from string import Formatter
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from groruddalen_stats.config.load import Strict
from groruddalen_stats.config.models import Key, Text

Place = tuple[str, str, str]
"""Object, row and column of one cell."""

Kind = Literal[
    "misprint",
    "copy_error",
    "wrong_series",
    "source_revised",
    "definition_differs",
    "rounding",
    "inconsistent_print",
    "geography",
    "unknown",
]

Explanation = Literal["reproduced", "consistent", "registered"]
"""How far a difference is explained: computed exactly, within what its formulas span, or only written down."""


TEXTS = [
    "title",
    "headline",
    "differences_note",
    "not_comparable_note",
    "badge",
    "badge_message",
    "badge_faults",
    *get_args(Explanation),
    "finding",
    "searches",
    "search_note",
    "ages",
    "exact",
    "last_digit",
    "deviates",
    "not_checkable",
    "not_comparable",
    "object",
    "table",
    "figure",
    "row",
    "column",
    "cell",
    "published",
    "rebuilt",
    "result",
    "basis",
    "deviation",
    "total",
    "overview",
    "audit",
    "found_by",
    "evidence",
    "touches",
    "open_questions",
    "no_open_questions",
    "corroborations",
    "corroborations_note",
    "other",
    "difference",
    "supports",
    "contradicts",
    "unknown_values",
    "unknown_note",
    "low",
    "high",
    "would_be",
    "inference",
    "dating",
    "dating_note",
    "counted_year",
    "base_years",
    "hits",
    "tried",
    "stated",
    "all_values",
    "candidates",
    "severity",
    "weak",
    "medium",
    "strong",
    "source",
    "recomputed",
    "transcribed",
    "prose",
    "missing",
]
"""The texts that the check's files need."""


def _number(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"'{text}' is not a number written like 24606 or 13.1") from None
    if not value.is_finite():
        raise ValueError(f"'{text}' is not a finite number")
    return text


Number = Annotated[str, AfterValidator(_number)]
"""A number as text, so that its decimals are kept: ``"13.0"`` is printed with one."""


def _path(text: str) -> str:
    if len(text.split("/")) != 3:
        raise ValueError(f"'{text}' is not a cell written like tabell_01/bjerke/2006")
    return text


Path = Annotated[str, AfterValidator(_path)]
"""A cell as text: object, row and column with slashes between."""


class Block(Strict):
    """Cells of one object: every named row crossed with every named column."""

    object: Key
    rows: list[str] = Field(min_length=1)
    columns: list[str] = Field(min_length=1)

    @property
    def places(self) -> list[Place]:
        return [(self.object, row, column) for row, column in product(self.rows, self.columns)]


class Quantity(Strict):
    """A figure of a series; what it leaves open, the cell that it is asked for says.

    Attributes:
        sources: the sources it may come from; by default all that are independent of the report.
        plus: a region whose figure is added, such as one that the report may have counted in two places.
        mean: the mean of the year and the next one is meant.
    """

    series: Key
    sources: list[Key] | None = None
    region: str | None = None
    plus: str | None = None
    year: int | None = None
    mean: bool = False
    sex: Literal["both", "women", "men"] | None = None
    age: str | None = None
    background: str | None = None
    detail: str | None = None


class Formula(Strict):
    """What a printed number may have been computed from, instead of what its heading says."""

    numerator: Quantity
    denominator: Quantity | None = None


class Tested(Strict):
    """Printed cells and the formula that they are held against."""

    printed: Block
    formula: Formula


class Told(Strict):
    """One number that a search tells.

    Attributes:
        name: key of the search.
        tell: how many combinations were ``tried`` on how many ``cells``; how many cells the ``stated``, the best of
            the ``others`` and an ``average`` combination give; how many combinations are ``giving`` the number of one
            cell, and how many cells the best of these gives, ``giving_best``.
        cell: the cell, for ``giving`` and ``giving_best``.
    """

    name: Key
    tell: Literal["tried", "cells", "stated", "others", "average", "giving", "giving_best"]
    cell: Path | None = None

    @model_validator(mode="after")
    def _of_cell(self) -> Self:
        if self.tell.startswith("giving") != (self.cell is not None):
            raise ValueError("'giving' and 'giving_best' need a 'cell', and nothing else has one")
        return self


class Figure(Strict):
    """A number in an explanation, computed when the check runs: exactly one of the first seven keys says from what.

    Attributes:
        value: a figure of a series; ``region`` and ``year`` are needed.
        printed: the number of a printed cell, ``table/row/column``.
        hits: how many printed cells a formula gives exactly.
        tried: how many printed cells a formula has figures for.
        search: what a search tells.
        operation: what is done with the figures named in ``of``.
        scale: what the result is multiplied with.
    """

    value: Quantity | None = None
    printed: Path | None = None
    hits: Tested | None = None
    tried: Tested | None = None
    search: Told | None = None
    operation: Literal["add", "subtract", "divide", "apart"] | None = None
    of: list[Key] = Field(default_factory=list)
    scale: float = 1.0
    decimals: int = Field(default=0, ge=0, le=3)

    @model_validator(mode="after")
    def _one(self) -> Self:
        ways = (self.value, self.printed, self.hits, self.tried, self.search, self.operation)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("a figure needs one of: value, printed, hits, tried, search, operation")
        if (self.operation is not None) != (len(self.of) >= 2):
            raise ValueError("'operation' needs two or more figures in 'of', and nothing else has 'of'")
        if self.value is not None and (self.value.region is None or self.value.year is None):
            raise ValueError("'value' needs 'region' and 'year'")
        return self


# Digits that name something instead of counting it: dates, years, ages, tables and figures, rates per 1000.
_NAMES = re.compile(
    r"\{\w*\}"
    r"|\bv\.\d+\.\d+"
    r"|\b\d{1,2}–\d{2}\b"
    r"|\b\d{1,2} (?:år|and over)\b"
    r"|\b\d{1,2}\.? (?:januar|desember|January|December)\b"
    r"|\b(?:19|20)\d\d\b"
    r"|\bper 1000\b"
)


def loose_digits(text: str) -> str:
    """Return the first number in a text that is typed and not computed; nothing when there is none."""
    match = re.search(r"\d[\d., ]*", _NAMES.sub("", text))
    return match.group().rstrip("., ") if match else ""


class _Explained(Strict):
    """What every entry of the ledger says.

    Attributes:
        severity: 1 misleads a reader most, 9 is a matter of form.
        rules: the rules that must find it.
        numbers_hold: the numbers are right and only their form or name is not, so that nothing computed from them
            is touched.
        known_wrong: the printed numbers cannot be right; every number computed from one says so.
        also: cells beside the entry's own that those rules name; they are not said to be wrong.
        figures: the numbers that reason and evidence name in braces; no other number may stand there.
    """

    kind: Kind = Field(alias="class")
    severity: int = Field(ge=1, le=9)
    reason: Text
    evidence: Text
    figures: dict[Key, Figure] = Field(default_factory=dict)
    rules: list[Key] = Field(default_factory=list)
    numbers_hold: bool = False
    known_wrong: bool = False
    also: list[Block] = Field(default_factory=list)

    @model_validator(mode="after")
    def _computed(self) -> Self:
        for text in (self.reason.nb, self.reason.en, self.evidence.nb, self.evidence.en):
            if loose := loose_digits(text):
                raise ValueError(f"the number '{loose}' is typed into a text; compute it under 'figures'")
            for _, name, _, _ in Formatter().parse(text):
                if name is not None and name not in self.figures:
                    raise ValueError(f"the text names the figure '{name}', which is not under 'figures'")
        for name, figure in self.figures.items():
            for of in figure.of:
                if of not in self.figures:
                    raise ValueError(f"the figure '{name}' needs '{of}', which is not under 'figures'")
        try:
            self.in_order()
        except CycleError as error:
            raise ValueError(f"the figures {', '.join(error.args[1])} need each other") from None
        return self

    def in_order(self) -> dict[str, Figure]:
        """Return the figures with each after those that it is computed from."""
        order = TopologicalSorter({name: figure.of for name, figure in self.figures.items()}).static_order()
        return {name: self.figures[name] for name in order}

    @property
    def places(self) -> list[Place]:
        """Return the cells that the entry says are wrong or doubtful."""
        raise NotImplementedError

    @property
    def named(self) -> set[Place]:
        """Return all cells that findings of the entry's rules may name."""
        return {*self.places, *(place for block in self.also for place in block.places)}


class Pair(Strict):
    """The printed and the rebuilt number of a cell; another digit in either is something new."""

    printed: Number
    rebuilt: Number


class Deviation(_Explained):
    """Printed numbers that differ from the rebuilt ones, each with both numbers.

    Attributes:
        formulas: what the printed numbers may have been computed from. One formula must give a printed number
            exactly; several span an interval that must hold it.
    """

    object: Key
    cells: dict[str, dict[str, Pair]] = Field(min_length=1)
    formulas: list[Formula] = Field(default_factory=list)

    @property
    def pairs(self) -> dict[Place, Pair]:
        return {
            (self.object, row, column): pair for row, columns in self.cells.items() for column, pair in columns.items()
        }

    @property
    def places(self) -> list[Place]:
        return list(self.pairs)


class Oddity(_Explained):
    """Something wrong or doubtful in the print that no rebuilt number shows, found by the rules it names."""

    cells: list[Block] = Field(min_length=1)
    rules: list[Key] = Field(min_length=1)

    @property
    def places(self) -> list[Place]:
        return [place for block in self.cells for place in block.places]


class Against(Strict):
    """The figure that stands beside printed cells: a series of named sources, narrowed as in an indicator."""

    series: Key
    sources: list[Key] = Field(min_length=1)
    region: str | None = None
    year: int | None = None
    sex: Literal["both", "women", "men"] = "both"
    age: str = "all"
    detail: str = ""


class Corroboration(Strict):
    """Printed cells beside an independent figure that is close to them but is not the same statistic.

    Attributes:
        printed: the cells; each is compared on its own.
        add_rows: compare the sum of the rows, column by column, instead of each cell.
        against: the other figure; without ``region`` that of the cell's row, without ``year`` that of the cell's column.
        within: the largest difference that still supports the print; a larger one is a finding.
    """

    label: Text
    printed: Block
    add_rows: bool = False
    against: Against
    decimals: int = Field(ge=0, le=3)
    within: float = Field(ge=0)


class RuleText(Strict):
    """What a rule is called and the sentence it says for each kind of thing it finds."""

    label: Text
    says: dict[str, Text] = Field(min_length=1)


class Range(Strict):
    """A printed row whose true values are unknown, and the years whose growth bounds them."""

    object: Key
    row: str
    columns: list[str] = Field(min_length=1)
    history: list[str] = Field(min_length=3)


class Search(Strict):
    """Printed shares, and the years, ages and dates that are tried in every combination to give them.

    Attributes:
        printed: the shares; each keeps its series, region and sex.
        years: years of the numerator.
        ages: ages of the denominator.
        dates: years of the denominator; two years stand for the mean of both.
    """

    printed: Block
    years: list[int] = Field(min_length=1)
    ages: list[str] = Field(min_length=1)
    dates: list[list[int]] = Field(min_length=1)


class Ledger(Strict):
    """config/deviations.yaml."""

    texts: dict[Key, Text]
    kinds: dict[Kind, Text]
    rules: dict[Key, RuleText]
    deviations: dict[Key, Deviation]
    findings: dict[Key, Oddity]
    corroborations: dict[Key, Corroboration]
    searches: dict[Key, Search] = Field(default_factory=dict)
    unknown_values: dict[Key, Range] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for key in TEXTS:
            if key not in self.texts:
                raise ValueError(f"the text '{key}' is missing under 'texts'")
        for kind in get_args(Kind):
            if kind not in self.kinds:
                raise ValueError(f"the class '{kind}' has no text under 'kinds'")
        for name, entry in {**self.deviations, **self.findings}.items():
            for rule in entry.rules:
                if rule not in self.rules:
                    raise ValueError(f"entry '{name}' names the rule '{rule}', which has no text under 'rules'")
            for key, figure in entry.figures.items():
                if figure.search is not None and figure.search.name not in self.searches:
                    raise ValueError(
                        f"figure '{key}' of '{name}' names the search '{figure.search.name}', which is not there"
                    )
        return self

    @property
    def entries(self) -> dict[str, Deviation | Oddity]:
        """Return deviations and findings together, deviations first."""
        return {**self.deviations, **self.findings}
