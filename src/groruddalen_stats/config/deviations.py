"""Turns config/deviations.yaml into the ledger: what in the print differs, why, and which sources stand beside it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import product
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
]


TEXTS = [
    "title",
    "headline",
    "basis_note",
    "not_comparable_note",
    "badge",
    "badge_message",
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


class Block(Strict):
    """Cells of one object: every named row crossed with every named column."""

    object: Key
    rows: list[str] = Field(min_length=1)
    columns: list[str] = Field(min_length=1)

    @property
    def places(self) -> list[Place]:
        return [(self.object, row, column) for row, column in product(self.rows, self.columns)]


class _Explained(Strict):
    """What every entry of the ledger says.

    Attributes:
        severity: 1 misleads a reader most, 9 is a matter of form.
        rules: the rules that must find it.
        numbers_hold: the numbers are right and only their form or name is not, so that nothing computed from them
            is touched.
        known_wrong: the printed numbers cannot be right; every number computed from one says so.
        also: cells beside the entry's own that those rules name; they are not said to be wrong.
    """

    kind: Kind = Field(alias="class")
    severity: int = Field(ge=1, le=9)
    reason: Text
    evidence: Text
    rules: list[Key] = Field(default_factory=list)
    numbers_hold: bool = False
    known_wrong: bool = False
    also: list[Block] = Field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        """Return the cells that the entry says are wrong or doubtful."""
        raise NotImplementedError

    @property
    def named(self) -> set[Place]:
        """Return all cells that findings of the entry's rules may name."""
        return {*self.places, *(place for block in self.also for place in block.places)}


class Deviation(_Explained):
    """Printed numbers that differ from the rebuilt ones, with the rebuilt numbers they must differ to."""

    object: Key
    expect: dict[str, dict[str, Number]] = Field(min_length=1)

    @property
    def expected(self) -> dict[Place, str]:
        return {
            (self.object, row, column): value
            for row, columns in self.expect.items()
            for column, value in columns.items()
        }

    @property
    def places(self) -> list[Place]:
        return list(self.expected)


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


class Totals(Strict):
    """Control totals of one printed table, in units of each number's last printed digit."""

    rows: dict[str, int]
    columns: dict[str, int]


class Range(Strict):
    """A printed row whose true values are unknown, and the years whose growth bounds them."""

    object: Key
    row: str
    columns: list[str] = Field(min_length=1)
    history: list[str] = Field(min_length=3)


class Ledger(Strict):
    """config/deviations.yaml."""

    texts: dict[Key, Text]
    kinds: dict[Kind, Text]
    rules: dict[Key, RuleText]
    deviations: dict[Key, Deviation]
    findings: dict[Key, Oddity]
    corroborations: dict[Key, Corroboration]
    unknown_values: dict[Key, Range] = Field(default_factory=dict)
    control_totals: dict[Key, Totals]

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
                    raise ValueError(
                        f"entry '{name}' names the rule '{rule}', which has no text under 'rules'"
                    )
        return self

    @property
    def entries(self) -> dict[str, Deviation | Oddity]:
        """Return deviations and findings together, deviations first."""
        return {**self.deviations, **self.findings}
