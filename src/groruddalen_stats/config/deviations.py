"""The ledger, config/ledger/: what in the print differs, why, and which sources stand beside it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from graphlib import CycleError, TopologicalSorter
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from groruddalen_stats.config.load import Strict, fault_at, load_model, read_rows
from groruddalen_stats.config.models import Key, Place, Text
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean

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

Mistake = Literal["digit_grouping", "spacing", "words_in_cell", "writing_style"]
"""How a printed cell may be wrongly written."""

Strength = Literal["weak", "medium", "strong"]
"""How sure a finding is: the print cannot be right, is very unlikely to be, or may be."""


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


def _place(listed: object) -> object:
    return Place(*listed) if isinstance(listed, list) and len(listed) == len(Place._fields) else listed


CellText = Annotated[Place, BeforeValidator(_place)]
"""A cell in a file: ``[tabell_01, bjerke, "2006"]``."""


class Block(Strict):
    """Cells of one object: every named row crossed with every named column."""

    object: Key
    rows: list[str] = Field(min_length=1)
    columns: list[str] = Field(min_length=1)

    @property
    def places(self) -> list[Place]:
        return [Place(self.object, row, column) for row, column in product(self.rows, self.columns)]


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
    cell: CellText | None = None

    @model_validator(mode="after")
    def _of_cell(self) -> Self:
        if (self.tell in {"giving", "giving_best"}) != (self.cell is not None):
            raise ValueError("'giving' and 'giving_best' need a 'cell', and nothing else has one")
        return self


class Figure(Strict):
    """A number in an explanation, computed when the check runs: exactly one of the first seven keys says from what.

    Attributes:
        value: a figure of a series; ``region`` and ``year`` are needed.
        printed: the number of a printed cell.
        hits: how many printed cells a formula gives exactly.
        tried: how many printed cells a formula has figures for.
        search: what a search tells.
        operation: what is done with the figures named in ``of``.
        scale: what the result is multiplied with.
    """

    value: Quantity | None = None
    printed: CellText | None = None
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


class Deviation(_Explained):
    """Printed numbers that differ from the rebuilt ones; config/ledger/deviations.csv has both numbers of each.

    Attributes:
        formulas: what the printed numbers may have been computed from. One formula must give a printed number
            exactly; several span an interval that must hold it.
    """

    formulas: list[Formula] = Field(default_factory=list)


class Doubt(_Explained):
    """Something wrong or doubtful in the print that no rebuilt number shows.

    Attributes:
        rules: the rules that find it.
        cells: its cells; those that are only written strangely stand in config/ledger/writing.csv instead.
    """

    rules: list[Key] = Field(min_length=1)
    cells: list[Block] = Field(default_factory=list)


class Expected(Strict):
    """A row of config/ledger/deviations.csv: the printed and the rebuilt number of one cell.

    Another digit in either is something new.
    """

    deviation: Key
    object: Key
    row: str
    column: str
    printed: Number
    rebuilt: Number

    @property
    def place(self) -> Place:
        return Place(self.object, self.row, self.column)


class Writing(Strict):
    """A row of config/ledger/writing.csv: one printed cell that is written otherwise than it must be.

    Attributes:
        finding: the entry that explains it.
        rule: the kind of mistake.
        says: which of the rule's sentences it is told with; the rows of one table with the same ``usual`` share it.
        printed: the cell as it stands in the print.
        usual: what it must be, or how the others are written.
    """

    finding: Key
    rule: Mistake
    says: Key
    strength: Strength
    object: Key
    row: str
    column: str
    printed: str
    usual: str

    @property
    def place(self) -> Place:
        return Place(self.object, self.row, self.column)


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


class Sentence(Strict):
    """A row of config/ledger/rules.csv: a sentence that a rule says; ``label`` is what the rule is called."""

    rule: Key
    says: Key
    nb: str
    en: str


class UnknownTruth(Strict):
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


class LedgerEntries(Strict):
    """config/ledger/entries.yaml."""

    deviations: dict[Key, Deviation]
    findings: dict[Key, Doubt]
    searches: dict[Key, Search] = Field(default_factory=dict)
    unknown_values: dict[Key, UnknownTruth] = Field(default_factory=dict)

    @property
    def entries(self) -> dict[str, Deviation | Doubt]:
        """Return deviations and findings together, deviations first."""
        return {**self.deviations, **self.findings}


class Ledger(LedgerEntries):
    """All of config/ledger/.

    Attributes:
        expected: the rows of deviations.csv, by line.
        writing: the rows of writing.csv, by line.
        rules: what each rule says, from rules.csv; ``label`` is its name.
        corroborations: printed numbers beside figures that are close to them, from config/identities.yaml.
    """

    expected: dict[int, Expected]
    writing: dict[int, Writing]
    rules: dict[Key, dict[Key, Text]]
    corroborations: dict[Key, Corroboration]

    def places(self, name: str) -> list[Place]:
        """Return the cells that an entry says are wrong or doubtful."""
        entry = self.entries[name]
        if isinstance(entry, Deviation):
            return [row.place for row in self.expected.values() if row.deviation == name]
        blocks = [place for block in entry.cells for place in block.places]
        return [*blocks, *(row.place for row in self.writing.values() if row.finding == name)]

    def named(self, name: str) -> set[Place]:
        """Return all cells that findings of an entry's rules may name."""
        return {*self.places(name), *(place for block in self.entries[name].also for place in block.places)}


def read_ledger(folder: Path, corroborations: dict[str, Corroboration]) -> Ledger:
    """Return the ledger of a folder, config/ledger/, with the printed numbers of config/identities.yaml.

    Raises:
        ConfigError: when a file is damaged or names what the others do not have; each fault has its file and line.
    """
    entries = load_model(LedgerEntries, path := folder / "entries.yaml")
    cell = ("object", "row", "column")
    expected, faults = read_rows(Expected, folder / "deviations.csv", cell)
    writing, more = read_rows(Writing, listed := folder / "writing.csv", cell)
    sentences, wrong = read_rows(Sentence, folder / "rules.csv", ("rule", "says"))
    if faults := [*faults, *more, *wrong]:
        raise ConfigError(faults=faults)
    rules: dict[str, dict[str, Text]] = {said.rule: {} for said in sentences.values()}
    for said in sentences.values():
        rules[said.rule][said.says] = Text(nb=said.nb, en=said.en)
    ledger = Ledger(**dict(entries), expected=expected, writing=writing, rules=rules, corroborations=corroborations)
    faults = [
        Fault(f"the rule '{said.rule}' has no label", f"{folder / 'rules.csv'}:{line}", "say what it is called")
        for line, said in sentences.items()
        if "label" not in rules[said.rule]
    ]
    for name, entry in entries.entries.items():
        here = ("deviations" if name in entries.deviations else "findings", name)
        if not ledger.places(name):
            faults.append(fault_at(path, here, "the entry names no cell", "give it cells, or delete it"))
        for rule in entry.rules:
            if rule not in rules:
                what = f"the entry names the rule '{rule}', which has no sentence in rules.csv"
                faults.append(fault_at(path, here, what, did_you_mean(rule, rules)))
        for key, figure in entry.figures.items():
            if figure.search is not None and figure.search.name not in entries.searches:
                what = f"the figure '{key}' names the search '{figure.search.name}', which is not there"
                remedy = did_you_mean(figure.search.name, entries.searches)
                faults.append(fault_at(path, (*here, "figures", key), what, remedy))
    for line, pair in expected.items():
        if pair.deviation not in entries.deviations:
            remedy = did_you_mean(pair.deviation, entries.deviations)
            faults.append(Fault(f"unknown entry '{pair.deviation}'", f"{folder / 'deviations.csv'}:{line}", remedy))
    for line, row in writing.items():
        if row.finding not in entries.findings:
            remedy = did_you_mean(row.finding, entries.findings)
            faults.append(Fault(f"unknown entry '{row.finding}'", f"{listed}:{line}", remedy))
        if row.says not in rules.get(row.rule, {}):
            what = f"the rule '{row.rule}' has no sentence '{row.says}'"
            faults.append(Fault(what, f"{listed}:{line}", "write it in rules.csv, in both languages"))
    if faults:
        raise ConfigError(faults=faults)
    return ledger
