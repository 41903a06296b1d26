"""Turns config/claims.yaml into typed claims: what the report's text says about its numbers, machine-checkable."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from groruddalen_stats.config.load import Strict, fault_at, load_model
from groruddalen_stats.config.models import Key, Text
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean
from groruddalen_stats.numbers import Language

ADDRESS = r"^(text|(tabell|figur)_\d\d[ab]?)(/([a-z0-9_]+|\{row\})){2}$"
APPENDIX = "appendix"  # the chapter of what the appendix itself says
TEXT_ONLY = "text"  # the object of numbers that stand in the running text and in no table or figure

Address = Annotated[str, StringConstraints(pattern=ADDRESS)]
ObjectId = Annotated[str, StringConstraints(pattern=r"^(tabell|figur)_\d\d[ab]?$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
Number = Annotated[str, StringConstraints(pattern=r"^-?\d+(\.\d+)?$")]
Direction = Literal["higher", "lower", "level", "at_least"]
Degree = Literal["any", "slightly", "somewhat", "considerably"]
Place = Literal["highest", "second_highest", "second_lowest", "lowest"]


class Word(Strict):
    """What one kind of wording means everywhere.

    Attributes:
        terms: the report's own words that are read this way.
        meaning: the definition, shown to readers.
        limit: the number in the definition, if it has one.
    """

    terms: list[str]
    meaning: Text
    limit: float | None = None


class Words(Strict):
    """The one definition of every vague word; no claim has a tolerance of its own."""

    value: Word
    about: Word
    just_over: Word
    over: Word
    times: Word
    almost: Word
    level: Word
    slightly: Word
    somewhat: Word
    considerably: Word
    steadily: Word
    slowly: Word
    most: Word
    many: Word

    @model_validator(mode="after")
    def _limits(self) -> Self:
        needed = (
            "about",
            "times",
            "almost",
            "slightly",
            "somewhat",
            "considerably",
            "slowly",
            "most",
            "many",
        )
        missing = [name for name in needed if getattr(self, name).limit is None]
        if missing:
            raise ValueError(f"limit is missing for {', '.join(missing)}")
        return self


class Labels(Strict):
    """Words and sentences the verdicts are shown with; ``{...}`` is filled in."""

    value: Text
    about: Text
    just_over: Text
    over: Text
    times: Text
    almost: Text
    implies_at_least: Text
    between: Text
    highest: Text
    second_highest: Text
    second_lowest: Text
    lowest: Text
    higher: Text
    lower: Text
    level: Text
    at_least: Text
    any: Text
    slightly: Text
    somewhat: Text
    considerably: Text
    most: Text
    many: Text
    rising: Text
    falling: Text
    not_falling: Text
    slowly: Text
    widest: Text
    not_stated: Text
    place: Text
    place_appendix: Text
    from_text: Text
    fails_for: Text
    open_for: Text
    contradicted_by: Text
    wrong_reference: Text


class Measure(Strict):
    """A quantity that claims speak of: ``(constant + sum - minus) x times / per x scale`` over cells of one row.

    Attributes:
        label: what it is called.
        shown_in: the objects that show it, the best reference first.
        sum, minus, times, per: addresses ``object/row/column``; ``{row}`` is the claim's row.
        decimals: the decimals the report states it with; comparisons and ranks are made at these.
    """

    label: Text
    shown_in: list[ObjectId] = Field(min_length=1)
    sum: list[Address] = Field(default_factory=list)
    minus: list[Address] = Field(default_factory=list)
    times: list[Address] = Field(default_factory=list)
    per: list[Address] = Field(default_factory=list)
    constant: float = 0.0
    scale: float = 1.0
    decimals: int = Field(ge=0, le=3)

    @property
    def cell(self) -> str | None:
        """The address of the only cell, when the measure is one cell as it stands."""
        plain = len(self.sum) == 1 and not (self.minus or self.times or self.per or self.constant)
        return self.sum[0] if plain and self.scale == 1 else None


class NumberIs(Strict):
    """A measure of one row equals, is about, is just over or is over the stated number."""

    form: Literal["value", "about", "just_over", "over"]
    measure: Key
    row: RowId
    stated: Number


class ImpliesAtLeast(Strict):
    """What is said can only be true if the measure is at least ``stated``; reaching it proves nothing."""

    form: Literal["implies_at_least"]
    measure: Key
    row: RowId
    stated: Number


class Difference(Strict):
    """One row less another, in the measure's own unit (percentage points for shares)."""

    form: Literal["difference"]
    measure: Key
    row: RowId
    against: RowId
    stated: Number
    word: Literal["value", "about", "just_over"] = "value"


class Ratio(Strict):
    """One row over each of the others: "twice" unless it is said to be almost so."""

    form: Literal["ratio"]
    measure: Key
    row: RowId
    against: list[RowId] = Field(min_length=1)
    stated: Number
    word: Literal["times", "almost"] = "times"


class Between(Strict):
    """Every row lies from ``low`` to ``high``, at the decimals these are stated with."""

    form: Literal["between"]
    measure: Key
    rows: list[RowId] = Field(min_length=1)
    low: Number
    high: Number


class Rank(Strict):
    """One row has a place among the named rows; a shared place counts."""

    form: Literal["rank"]
    measure: Key
    row: RowId
    among: list[RowId] = Field(min_length=2)
    place: Place

    @model_validator(mode="after")
    def _is_among(self) -> Self:
        if self.row not in self.among:
            raise ValueError(f"row '{self.row}' must be one of among")
        return self


class Order(Strict):
    """The rows stand from highest to lowest, each strictly above the next."""

    form: Literal["order"]
    measure: Key
    rows: list[RowId] = Field(min_length=2)


class Versus(Strict):
    """Every row is higher than, lower than or level with every row of ``against`` (or itself, in ``than``)."""

    form: Literal["versus"]
    measures: list[Key] = Field(min_length=1)
    rows: list[RowId] = Field(min_length=1)
    against: list[RowId] = Field(default_factory=list)
    than: Key | None = None
    is_: Direction = Field(alias="is")
    how: Degree = "any"

    @model_validator(mode="after")
    def _compares_something(self) -> Self:
        if not self.against and self.than is None:
            raise ValueError("needs 'against' (other rows) or 'than' (another measure)")
        if self.how != "any" and self.is_ not in ("higher", "lower"):
            raise ValueError("'how' needs 'is: higher' or 'is: lower'")
        return self


class ShareOf(Strict):
    """Most or many of the rows compare as stated with every row of ``against``."""

    form: Literal["share_of"]
    measure: Key
    among: list[RowId] = Field(min_length=2)
    against: list[RowId] = Field(min_length=1)
    is_: Direction = Field(alias="is")
    how: Degree = "any"
    share: Literal["most", "many"]


class Trend(Strict):
    """Every row rises, falls, does not fall or stays level from each column to the next."""

    form: Literal["trend"]
    object: ObjectId
    rows: list[RowId] = Field(min_length=1)
    columns: list[RowId] = Field(min_length=2)
    direction: Literal["rising", "falling", "not_falling", "level"]
    slowly: bool = False


class WidestGap(Strict):
    """The distance between two rows is wider in each measure of ``widest`` than in every other measure."""

    form: Literal["widest_gap"]
    measures: list[Key] = Field(min_length=2)
    row: RowId
    against: RowId
    widest: list[Key] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_among(self) -> Self:
        if not set(self.widest) < set(self.measures):
            raise ValueError("widest must be some, not all, of measures")
        return self


class Reference(Strict):
    """The text refers to ``refers_to`` for the measure."""

    form: Literal["reference"]
    measure: Key
    refers_to: ObjectId


Check = Annotated[
    NumberIs
    | ImpliesAtLeast
    | Difference
    | Ratio
    | Between
    | Rank
    | Order
    | Versus
    | ShareOf
    | Trend
    | WidestGap
    | Reference,
    Field(discriminator="form"),
]


class Claim(Strict):
    """One statement of the report.

    Attributes:
        lines: lines of the report's text it stands on, one per place it is repeated.
        rows: numbers of the inventory rows it covers; empty where a row is already covered by a sister claim.
        cited: the objects the text refers to there, as the text has them.
        statement: the statement in our own words.
        note: what a reader should know about the verdict.
    """

    lines: list[int] = Field(min_length=1)
    rows: list[int] = Field(default_factory=list)
    cited: list[ObjectId] = Field(default_factory=list)
    statement: Text
    check: Check
    note: Text | None = None


class NotExecutable(Strict):
    """Statements no form can hold, with the reason."""

    lines: list[int] = Field(min_length=1)
    rows: list[int] = Field(default_factory=list)
    statement: Text
    reason: Text


class Heading(Strict):
    """A heading of the report under which something is claimed.

    Attributes:
        line: its line in the text that the claims were found in.
        number: of the chapter or section; empty within the appendix.
        title: as the report has it.
    """

    line: int
    number: Annotated[str, StringConstraints(pattern=r"^([1-7](\.[1-9])*)?$")]
    title: str


class Claims(Strict):
    """config/claims.yaml.

    Attributes:
        headings: the headings that claims stand under, in the order of the report.
        inventory: how many statements were found in the report; every one is covered exactly once.
        labels: words and sentences the verdicts are shown with.
    """

    headings: list[Heading] = Field(min_length=1)
    inventory: int
    labels: Labels
    words: Words
    measures: dict[Key, Measure]
    claims: dict[Key, Claim]
    not_executable: dict[Key, NotExecutable]

    def heading(self, line: int) -> Heading | None:
        """Return the heading that a line of the report's text stands under; None before the first."""
        return max((h for h in self.headings if h.line <= line), key=lambda h: h.line, default=None)

    def chapter(self, line: int) -> str:
        """Return the chapter that a line of the report's text stands in."""
        heading = self.heading(line)
        return "" if heading is None else heading.number[:1] or APPENDIX

    def place(self, line: int, language: Language) -> str:
        """Return where a line of the report's text stands, as a reader of the report finds it."""
        heading = self.heading(line)
        if heading is None:
            return ""
        label = self.labels.place if heading.number else self.labels.place_appendix
        return label[language].format(number=heading.number, title=heading.title)

    def objects(self, claim: Claim) -> list[str]:
        """Return the objects that show what the claim speaks of, the best reference first."""
        if isinstance(claim.check, Trend):
            return [claim.check.object]
        return self.measures[measures_of(claim.check)[0]].shown_in

    def object_of(self, claim: Claim) -> str:
        """Return the object the claim belongs to: the one it cites when that is right."""
        objects = self.objects(claim)
        return next((cited for cited in claim.cited if cited in objects), objects[0])


def measures_of(check: Check) -> list[str]:
    """Return the names of the measures a check reads."""
    if isinstance(check, Trend):
        return []
    if isinstance(check, Versus):
        return [*check.measures, *([check.than] if check.than else [])]
    if isinstance(check, WidestGap):
        return check.measures
    return [check.measure]


def load_claims(path: Path) -> Claims:
    """Return the claims of ``config/claims.yaml``.

    Raises:
        ConfigError: one fault per wrong key or value, unknown measure, line before the first heading, or inventory
            row that is covered twice or not at all.
    """
    claims = load_model(Claims, path)
    faults = [*_unknown_measures(claims, path), *_lines(claims, path), *_coverage(claims, path)]
    if faults:
        raise ConfigError(faults=faults)
    return claims


def _unknown_measures(claims: Claims, path: Path) -> list[Fault]:
    return [
        fault_at(
            path,
            ("claims", name, "check"),
            f"unknown measure '{measure}'",
            did_you_mean(measure, claims.measures),
        )
        for name, claim in claims.claims.items()
        for measure in measures_of(claim.check)
        if measure not in claims.measures
    ]


def _lines(claims: Claims, path: Path) -> list[Fault]:
    return [
        fault_at(path, ("claims", name, "lines"), f"line {line} is before the first heading", "correct it")
        for name, claim in claims.claims.items()
        for line in claim.lines
        if not claims.chapter(line)
    ]


def _coverage(claims: Claims, path: Path) -> list[Fault]:
    executable = (row for claim in claims.claims.values() for row in claim.rows)
    others = (row for entry in claims.not_executable.values() for row in entry.rows)
    covered = Counter([*executable, *others])
    wanted = range(1, claims.inventory + 1)
    missing = [row for row in wanted if row not in covered]
    wrong = sorted(row for row, times in covered.items() if times > 1 or row not in wanted)
    faults = []
    if missing:
        listed = ", ".join(map(str, missing))
        faults.append(fault_at(path, ("claims",), f"no claim covers the inventory rows {listed}", "add them"))
    if wrong:
        listed = ", ".join(map(str, wrong))
        faults.append(
            fault_at(path, ("claims",), f"inventory rows covered twice or not there: {listed}", "name each once")
        )
    return faults


def decimals_of(number: str) -> int:
    """Return how many decimals a stated number is written with."""
    return len(re.sub(r"^[^.]*\.?", "", number))
