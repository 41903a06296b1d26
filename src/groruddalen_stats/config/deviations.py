"""The ledger, config/ledger/: what in the print differs, why, and which sources stand beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from groruddalen_stats.config.load import OneOf, read_rows, unknown_in_rows
from groruddalen_stats.config.models import Key, Place, Text
from groruddalen_stats.config.rows import Keys, Listed, Numbers, Row
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean, told

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

_Written = Literal["digit_grouping", "spacing", "words_in_cell", "writing_style"]
Mistake = Literal[_Written, "rounded_counts", "region_names", "year_gap"]
"""What may be wrong with how the print writes or names something, which no rule looks for."""

Strength = Literal["weak", "medium", "strong"]
"""How sure a finding is: the print cannot be right, is very unlikely to be, or may be."""


EntryName = Annotated[Key, OneOf("entry")]
ObjectName = Annotated[Key, OneOf("object")]
RegionName = Annotated[str, OneOf("region")]
SourceNames = Annotated[Keys, OneOf("source")]

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


def typed_number(text: str) -> str:
    """Return the first number in a text that is typed and not computed; nothing when there is none."""
    match = re.search(r"\d[\d., ]*", _NAMES.sub("", text))
    return match.group().rstrip("., ") if match else ""


class Entry(Row):
    """A row of entries.csv: why printed numbers differ, or what is wrong or doubtful in the print.

    Attributes:
        severity: 1 misleads a reader most, 9 is a matter of form.
        numbers_hold: the numbers are right and only their form or name is not, so that nothing computed from them
            is touched.
        known_wrong: the printed numbers cannot be right; every number computed from one says so.
        rules: the rules that must find it.
        formulas: what the printed numbers may have been computed from. One formula must give a printed number
            exactly; several span an interval that must hold it.
        reason_nb, reason_en, evidence_nb, evidence_en: plain words; a number in them is a figure's name in braces.
    """

    entry: Key
    kind: Kind
    severity: int = Field(ge=1, le=9)
    numbers_hold: bool = False
    known_wrong: bool = False
    rules: Annotated[Keys, OneOf("rule")] = ()
    formulas: Annotated[Keys, OneOf("formula")] = ()
    reason_nb: str
    reason_en: str
    evidence_nb: str
    evidence_en: str

    @property
    def texts(self) -> tuple[Text, Text]:
        """Reason and evidence."""
        return self.text("reason"), self.text("evidence")

    @property
    def named(self) -> set[str]:
        """The figures that its texts name."""
        texts = [text for said in self.texts for text in (said.nb, said.en)]
        return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}

    @model_validator(mode="after")
    def _computed(self) -> Self:
        for said in self.texts:
            if loose := typed_number(said.nb) or typed_number(said.en):
                raise ValueError(f"the number '{loose}' is typed into a text; compute it in figures.csv")
        return self


class Block(Row):
    """Cells of one object: every named row crossed with every named column."""

    object: ObjectName
    rows: Listed = Field(min_length=1)
    columns: Listed = Field(min_length=1)

    @property
    def places(self) -> list[Place]:
        return [Place(self.object, row, column) for row, column in product(self.rows, self.columns)]


class CellsOfEntry(Block):
    """A row of cells.csv: cells that an entry is about, where no other file has them.

    Attributes:
        also: the entry's rules name them too, and they are not said to be wrong.
    """

    entry: EntryName
    also: bool = False


class Quantity(Row):
    """A figure of a series; what it leaves open, the cell that it is asked for says.

    Attributes:
        sources: the sources it may come from; by default all that are independent of the report.
        plus: a region whose figure is added, such as one that the report may have counted in two places.
        mean: the mean of the year and the next one is meant.
        detail: ``-`` for none.
    """

    series: Key | None = None
    sources: SourceNames = ()
    region: RegionName | None = None
    plus: str | None = None
    year: int | None = None
    mean: bool = False
    sex: Literal["both", "women", "men"] | None = None
    age: str | None = None
    background: str | None = None
    detail: Annotated[str, BeforeValidator(lambda text: "" if text == "-" else text)] | None = None


class FormulaPart(Quantity):
    """A row of formulas.csv: one side of a formula."""

    formula: Key
    part: Literal["numerator", "denominator"]


class Formula(NamedTuple):
    """What a printed number may have been computed from, instead of what its heading says."""

    numerator: Quantity
    denominator: Quantity | None = None


Tested = Literal["hits", "tried"]
Operation = Literal["add", "subtract", "divide", "apart"]
Searched = Literal["combinations", "cells", "stated", "others", "average", "giving", "giving_best"]
_MANY = 99


class Figure(Quantity, Block):
    """A row of figures.csv: a number in an explanation, computed when the check runs.

    Attributes:
        how: a ``value`` of a series; the number of a ``printed`` cell; how many cells a formula gives exactly (``hits``)
            or has figures for (``tried``); an operation on other figures; or what a search tells: how many
            ``combinations`` were tried on how many ``cells``, how many cells the ``stated``, the best of the ``others``
            and an ``average`` combination give, how many combinations are ``giving`` the number of one cell, and how
            many cells the best of these gives (``giving_best``).
        of: the figures above it, the formula or the search that is meant.
        scale: what the result is multiplied with.
    """

    entry: EntryName
    figure: Key
    how: Literal["value", "printed", Tested, Operation, Searched]
    of: Keys = ()
    object: ObjectName = ""
    rows: Listed = ()
    columns: Listed = ()
    scale: float = 1.0
    decimals: int = Field(default=0, ge=0, le=3)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        # How many cells and names each takes, at least and at most.
        cells = (
            (1, 1)
            if self.how in {"printed", "giving", "giving_best"}
            else (1, _MANY)
            if self.how in get_args(Tested)
            else (0, 0)
        )
        of = (0, 0) if self.how in {"value", "printed"} else (2, _MANY) if self.how in get_args(Operation) else (1, 1)
        for what, number, (least, most) in (("cells", len(self.places), cells), ("of", len(self.of), of)):
            if not least <= number <= most:
                raise ValueError(f"'{self.how}' takes {least}{' or more' if most > least else ''} in '{what}'")
        if self.how == "value" and None in (self.series, self.region, self.year):
            raise ValueError("'value' needs 'series', 'region' and 'year'")
        return self


class Writing(Block):
    """A row of writing.csv: printed cells that are written otherwise than they must be.

    Attributes:
        printed: how each stands in the print, verbatim or with ``#`` for every digit.
    """

    entry: EntryName
    printed: str


class Expected(Row):
    """A row of deviations.csv: the printed and the rebuilt number of one cell; another digit in either is new."""

    entry: EntryName
    object: ObjectName
    row: str
    column: str
    printed: Decimal
    rebuilt: Decimal

    @property
    def place(self) -> Place:
        return Place(self.object, self.row, self.column)


class Noted(Row):
    """A row of noted.csv: what a reader of the print found in an object, in the place of a rule."""

    entry: EntryName
    object: ObjectName
    rule: Mistake
    strength: Strength
    nb: str
    en: str


class Sentence(Row):
    """A row of rules.csv: a sentence that a rule says; ``label`` is what the rule is called."""

    rule: Key
    says: Key
    nb: str
    en: str


class Corroboration(Block):
    """A row of independent.csv: printed cells beside a figure that is close to them and not the same statistic.

    Attributes:
        add_rows: compare the sum of the rows, column by column, instead of each cell.
        region, year: of the figure; by default those of the cell's row and column.
        within: the largest difference that still supports the print; a larger one is a finding.
    """

    name: Key
    label_nb: str
    label_en: str
    add_rows: bool = False
    series: Key
    sources: SourceNames = Field(min_length=1)
    region: RegionName | None = None
    year: int | None = None
    sex: Literal["both", "women", "men"] = "both"
    age: str = "all"
    detail: str = ""
    decimals: int = Field(ge=0, le=3)
    within: float = Field(ge=0)


class UnknownTruth(Row):
    """A row of unknown.csv: a printed row whose true values are unknown, and the years whose growth bounds them."""

    name: Key
    object: ObjectName
    row: str
    columns: Listed = Field(min_length=1)
    history: Listed = Field(min_length=3)


def _dates(text: object) -> object:
    return tuple(tuple(date.split("-")) for date in text.split()) if isinstance(text, str) else text


class Search(Block):
    """A row of searches.csv: printed shares, and what is tried in every combination to give them.

    Attributes:
        object, rows, columns: the shares; each keeps its series, region and sex.
        years: years of the numerator.
        ages: ages of the denominator.
        dates: years of the denominator; ``2010-2011`` stands for the mean of both.
    """

    search: Key
    years: Numbers = Field(min_length=1)
    ages: Listed = Field(min_length=1)
    dates: Annotated[tuple[tuple[int, ...], ...], BeforeValidator(_dates)] = Field(min_length=1)


@dataclass(frozen=True)
class Ledger:
    """All of config/ledger/.

    Attributes:
        entries: by name; those with rows in ``expected`` explain deviations, the others what no rebuilt number shows.
        cells: the rows of cells.csv.
        figures: what the texts of each entry name, each after those that it is computed from.
        formulas: by name.
        expected: the rows of deviations.csv, by line.
        writing: the rows of writing.csv, by line.
        noted: the rows of noted.csv.
        rules: what each rule says; ``label`` is its name.
        searches: by name.
        corroborations: printed numbers beside figures that are close to them.
        unknown_values: by name.
    """

    entries: Mapping[str, Entry]
    cells: Collection[CellsOfEntry]
    figures: Mapping[str, Mapping[str, Figure]]
    formulas: Mapping[str, Formula]
    expected: Mapping[int, Expected]
    writing: Mapping[int, Writing]
    noted: Collection[Noted]
    rules: Mapping[str, Mapping[str, Text]]
    searches: Mapping[str, Search]
    corroborations: Mapping[str, Corroboration]
    unknown_values: Mapping[str, UnknownTruth]

    @cached_property
    def deviations(self) -> frozenset[str]:
        """The entries that explain printed numbers that differ."""
        return frozenset(row.entry for row in self.expected.values())

    def places(self, name: str) -> list[Place]:
        """Return the cells that an entry says are wrong or doubtful."""
        expected = [row.place for row in self.expected.values() if row.entry == name]
        blocks = [row.places for row in self.cells if row.entry == name and not row.also]
        blocks += [row.places for row in self.writing.values() if row.entry == name]
        return [*expected, *(place for places in blocks for place in places)]

    def named(self, name: str) -> set[Place]:
        """Return all cells that findings of an entry's rules may name."""
        also = (place for row in self.cells if row.entry == name and row.also for place in row.places)
        return {*self.places(name), *also}


_TABLES: dict[str, tuple[type[Row], tuple[str, ...]]] = {
    "entries": (Entry, ("entry",)),
    "cells": (CellsOfEntry, ("entry", "object", "rows", "columns")),
    "figures": (Figure, ("entry", "figure")),
    "formulas": (FormulaPart, ("formula", "part")),
    "deviations": (Expected, ("object", "row", "column")),
    "writing": (Writing, ("entry", "object", "rows", "columns")),
    "noted": (Noted, ("entry", "object", "en")),
    "rules": (Sentence, ("rule", "says")),
    "searches": (Search, ("search",)),
    "independent": (Corroboration, ("name",)),
    "unknown": (UnknownTruth, ("name",)),
}


def read_ledger(folder: Path, objects: Collection[str], sources: Collection[str], regions: Collection[str]) -> Ledger:
    """Return the ledger of a folder, config/ledger/, about these objects, sources and regions.

    Raises:
        ConfigError: when a file is damaged or names what there is not; each fault has its file and line.
    """
    tables: dict[str, dict[int, Any]] = {}
    faults: list[Fault] = []
    for name, (model, key) in _TABLES.items():
        tables[name], wrong = read_rows(model, folder / f"{name}.csv", key)
        faults += wrong
    if not faults or told():
        known = {"object": objects, "source": sources, "region": regions}
        faults = list(_faults(tables, known, folder))
    ConfigError.tell(faults)
    entries = {row.entry: row for row in tables["entries"].values()}
    figures: dict[str, dict[str, Figure]] = {name: {} for name in entries}
    for row in tables["figures"].values():
        figures[row.entry][row.figure] = row
    parts = {(row.formula, row.part): row for row in tables["formulas"].values()}
    rules: dict[str, dict[str, Text]] = {}
    for row in tables["rules"].values():
        rules.setdefault(row.rule, {})[row.says] = Text(nb=row.nb, en=row.en)
    return Ledger(
        entries=entries,
        cells=list(tables["cells"].values()),
        figures=figures,
        formulas={name: Formula(parts[name, "numerator"], parts.get((name, "denominator"))) for name, _ in parts},
        expected=tables["deviations"],
        writing=tables["writing"],
        noted=list(tables["noted"].values()),
        rules=rules,
        searches={row.search: row for row in tables["searches"].values()},
        corroborations={row.name: row for row in tables["independent"].values()},
        unknown_values={row.name: row for row in tables["unknown"].values()},
    )


def _faults(
    tables: Mapping[str, Mapping[int, Any]], known: Mapping[str, Collection[str]], folder: Path
) -> Iterator[Fault]:
    """Yield what names something that there is not, and entries that nothing is said of."""

    def fault(table: str, line: int, what: str, remedy: str) -> Fault:
        return Fault(what, f"{folder / table}.csv:{line}", remedy)

    there = {
        **known,
        "entry": {row.entry for row in tables["entries"].values()},
        "formula": {row.formula for row in tables["formulas"].values() if row.part == "numerator"},
        "search": {row.search for row in tables["searches"].values()},
        "rule": {row.rule for row in tables["rules"].values() if row.says == "label"},
    }
    for name, rows in tables.items():
        yield from unknown_in_rows(rows, folder / f"{name}.csv", **there)
    figures: dict[str, list[str]] = {}
    for line, row in tables["figures"].items():
        own = figures.setdefault(row.entry, [])
        kind = "figure" if row.how in get_args(Operation) else "formula" if row.how in get_args(Tested) else "search"
        for name in row.of:
            if name not in (among := own if kind == "figure" else there[kind]):
                needs = f"the figure '{row.figure}' needs '{name}', which does not stand before it"
                what = needs if kind == "figure" else f"unknown {kind} '{name}'"
                yield fault("figures", line, what, did_you_mean(name, among))
        own.append(row.figure)
    found = {row.entry for name in ("deviations", "noted") for row in tables[name].values()}
    of_cells = (row for name in ("deviations", "writing", "cells") for row in tables[name].values())
    about = {row.entry for row in of_cells if not getattr(row, "also", False)}
    for line, row in tables["entries"].items():
        if row.entry not in about:
            yield fault("entries", line, f"the entry '{row.entry}' names no cell", "give it cells, or delete it")
        if not row.rules and row.entry not in found:
            what = f"the entry '{row.entry}' names no rule that finds it"
            yield fault("entries", line, what, "name one, or delete it")
        for name in sorted(row.named - set(figures.get(row.entry, ()))):
            yield fault("entries", line, f"the text names the figure '{name}'", "compute it in figures.csv")
