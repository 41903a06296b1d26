"""The types that travel from raw files to readers: observation, value and cell, each with where it came from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar

from groruddalen_stats.appendix.layout import Spec
from groruddalen_stats.config.models import Place, Sex
from groruddalen_stats.indicators import total


class Basis(StrEnum):
    """What a number rests on, strongest first; of several the weakest counts."""

    SOURCE = "source"
    RECOMPUTED = "recomputed"
    TRANSCRIBED = "transcribed"
    PROSE = "prose"
    MISSING = "missing"


COMPUTED = frozenset({Basis.SOURCE, Basis.RECOMPUTED})
"""Bases of numbers that are more than a repetition of the report."""
OF_REPORT = frozenset({Basis.TRANSCRIBED, Basis.PROSE})


class FlagKind(StrEnum):
    """What a reader must know of a number, or of one that it is made of."""

    KNOWN_WRONG = "known_wrong"
    UNDATED = "undated"
    APPROXIMATE = "approximate"
    CAVEAT = "caveat"
    BORDER = "border"


class Flag(NamedTuple):
    """A flag, and the id of the finding, the note or the border break that it is about."""

    kind: FlagKind
    about: str = ""


class Origin(NamedTuple):
    """The raw figure behind a value.

    Attributes:
        snapshot: the raw file, below data/raw; empty for another cell of the same object.
        first: its line in a CSV file; in a JSON-stat answer the flat index of the first figure added up.
        last: the same of the last one.
        cells: how many were added up.
        column: its column; empty in an answer.
        row: its row, for a cell that is named by row and column.
    """

    snapshot: str
    first: int = 0
    last: int = 0
    cells: int = 1
    column: str = ""
    row: str = ""


class Observation(NamedTuple):
    """One figure of a raw file, without the parts of its key that the index of observations has."""

    sex: Sex
    age: str
    background: str
    detail: str
    number: float
    status: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Value:
    """A number for one region and date, and how it came about.

    Attributes:
        number: NaN where the source has a sign instead.
        sign: the sign of the source, such as ``:``, where there is no number.
        sources: the sources used; the report's own tables are sources too.
        origins: the raw figures added up.
        flags: what a reader must know of any number it is made of.
        rests_on: what the numbers it is made of rest on: sources, printed numbers, the report's text.
    """

    number: float
    basis: Basis
    sign: str = ""
    sources: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    flags: tuple[Flag, ...] = ()
    rests_on: tuple[Basis, ...] = ()

    def about(self, *kinds: FlagKind) -> tuple[str, ...]:
        """Return what the flags of these kinds are about."""
        return tuple(flag.about for flag in self.flags if flag.kind in kinds)


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no value: a key of the reasons that readers are given."""

    reason: str


class Way(StrEnum):
    """How a cell got its number."""

    FORMULA = "formula"
    PUBLISHED = "published"
    REMAINDER = "remainder"


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of one object: what it is, its value or why it is missing, and what that was computed from.

    Attributes:
        spec: what it is, also when nobody has it.
        decimals: how many are shown.
        numerator: what is counted, for a number that was computed.
        denominator: what it is divided by, or the value of the base year.
    """

    place: Place
    spec: Spec
    unit: str
    decimals: int
    value: Value | None = None
    missing: Missing | None = None
    numerator: Value | None = None
    denominator: Value | None = None
    way: Way = Way.FORMULA

    @property
    def number(self) -> float:
        """The number; NaN where it is missing or a sign."""
        return self.value.number if self.value else math.nan

    @property
    def known(self) -> bool:
        return math.isfinite(self.number)

    @property
    def basis(self) -> Basis:
        return self.value.basis if self.value else Basis.MISSING

    @property
    def flags(self) -> tuple[Flag, ...]:
        return self.value.flags if self.value else ()

    def about(self, *kinds: FlagKind) -> tuple[str, ...]:
        """Return what the flags of these kinds are about."""
        return self.value.about(*kinds) if self.value else ()

    @property
    def doubts(self) -> tuple[Flag, ...]:
        """Flags for which the number itself, not its meaning, is in doubt."""
        return tuple(flag for flag in self.flags if flag.kind in {FlagKind.KNOWN_WRONG, FlagKind.UNDATED})

    @property
    def approximate(self) -> str:
        """``about`` or ``over`` where the number is only known so, else nothing."""
        return next(iter(self.about(FlagKind.APPROXIMATE)), "")

    @property
    def printed(self) -> bool:
        """Whether any number of the report is behind it."""
        return self.value is not None and not OF_REPORT.isdisjoint(self.value.rests_on)

    @property
    def parts(self) -> tuple[Value, ...]:
        """The values whose raw figures stand behind the cell: numerator and denominator, else its own."""
        used = (self.numerator, self.denominator) if self.numerator else (self.value,)
        return tuple(value for value in used if value is not None)


def merged(values: Sequence[Value], number: float) -> Value:
    """Return a value made of others: the weakest basis, and all sources, origins and flags of them."""
    return Value(
        number=number,
        basis=Basis.SOURCE if all(value.basis == Basis.SOURCE for value in values) else Basis.RECOMPUTED,
        sign=next((value.sign for value in values if value.sign), ""),
        sources=_all(value.sources for value in values),
        origins=_all(value.origins for value in values),
        flags=_all(value.flags for value in values),
        rests_on=_all(value.rests_on for value in values),
    )


def add(values: Sequence[Value]) -> Value:
    """Return the sum of values; a part without a number leaves the sum without one and passes its sign on."""
    return values[0] if len(values) == 1 else merged(values, total(value.number for value in values))


T = TypeVar("T")


def _all(groups: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
