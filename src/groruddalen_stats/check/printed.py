"""The printed cells, each with what it is: a count, or a share of what; and the figures to hold them against."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.find import Find
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Value
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Indicators, Place
from groruddalen_stats.errors import CheckError, Fault, did_you_mean
from groruddalen_stats.numbers import Language, round_half_up


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One printed cell and what it is.

    Attributes:
        numerator: what is counted; empty when the catalogue does not say.
        denominator: what it is divided by; empty for a count.
        scale: 100 for a per cent, 1000 for a rate per 1000.
        sum_of: columns of the same row that add up to this cell.
    """

    place: Place
    printed: str
    value: float | None
    decimals: int
    unit: str
    region: str | None
    year: int
    numerator: tuple[Term, ...] = ()
    denominator: tuple[Term, ...] = ()
    scale: float = 1.0
    sum_of: tuple[str, ...] = ()

    @property
    def object(self) -> str:
        return self.place[0]

    @property
    def row(self) -> str:
        return self.place[1]

    @property
    def column(self) -> str:
        return self.place[2]

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit: how far the true value may be from the printed one."""
        return 0.5 * 10.0**-self.decimals

    @property
    def is_count(self) -> bool:
        return bool(self.numerator) and not self.denominator and len(self.numerator) == 1

    @property
    def is_share(self) -> bool:
        return bool(self.denominator)

    @property
    def number(self) -> float:
        assert self.value is not None
        return self.value

    def gives(self, value: float) -> bool:
        """Return whether a value rounds to the printed number."""
        # Most candidates are nowhere near, and exact rounding is slow to ask of each.
        near = abs(value - self.number) <= 10.0**-self.decimals
        return near and round_half_up(value, self.decimals) == round_half_up(self.number, self.decimals)


@dataclass(frozen=True)
class Print:
    """All printed cells, by table."""

    cells: tuple[PrintedCell, ...]

    @cached_property
    def by_place(self) -> dict[Place, PrintedCell]:
        return {cell.place: cell for cell in self.cells}

    @cached_property
    def tables(self) -> dict[str, list[PrintedCell]]:
        """Return the cells of each table, in the order of the print."""
        found: dict[str, list[PrintedCell]] = {}
        for cell in self.cells:
            found.setdefault(cell.object, []).append(cell)
        return found

    @cached_property
    def numbers(self) -> list[PrintedCell]:
        """Return the cells with a number, without those that hold only a sign."""
        return [cell for cell in self.cells if cell.value is not None]

    @cached_property
    def counts(self) -> dict[Term, list[PrintedCell]]:
        """Return where each quantity is printed as a plain count."""
        found: dict[Term, list[PrintedCell]] = {}
        for cell in self.numbers:
            if cell.is_count:
                found.setdefault(cell.numerator[0]._replace(detail=""), []).append(cell)
        return found

    def lines(self, name: str) -> Iterator[tuple[str, list[PrintedCell]]]:
        """Yield each row of a table with its numbers, in the order of the print."""
        rows: dict[str, list[PrintedCell]] = {}
        for cell in self.tables[name]:
            if cell.value is not None:
                rows.setdefault(cell.row, []).append(cell)
        yield from rows.items()

    @cached_property
    def yearly(self) -> dict[str, list[tuple[str, list[PrintedCell]]]]:
        """Return the rows of positive counts with one column per year, by table, each in order of years."""
        found: dict[str, list[tuple[str, list[PrintedCell]]]] = {}
        for name in self.tables:
            for row, cells in self.lines(name):
                if len(cells) > 2 and all(c.column == f"{c.year}" and c.is_count and c.number > 0 for c in cells):
                    found.setdefault(name, []).append((row, sorted(cells, key=lambda cell: cell.year)))
        return found


def print_faults(catalogue: Catalogue, published: pd.DataFrame) -> Iterator[Fault]:
    """Yield where the transcribed tables and config/appendix.yaml do not name the same cells."""
    objects = catalogue.appendix.objects
    for name in dict.fromkeys([*published["object"], *(key for key, of in objects.items() if of.kind == "table")]):
        where = f"data/raw/published/{name}.csv"
        if name not in objects:
            yield Fault(f"unknown object '{name}'", where, did_you_mean(name, objects))
            continue
        plan = layout(name, catalogue, catalogue.print_edition)
        of_table = published[published["object"] == name]
        there = set(of_table[["row", "column"]].itertuples(index=False, name=None))
        lacking = [place for place, spec in plan.cells.items() if place not in there and not spec.ours]
        if lacking and not there:
            yield Fault("the table of the print is missing", where, "restore the file from the repository")
            continue
        rows, columns = {item.id for item in plan.rows}, {item.id for item in plan.columns}
        for row, column in sorted(there - set(plan.cells)):
            kind, key, known = ("column", column, columns) if row in rows else ("row", row, rows)
            yield Fault(f"{name} has no {kind} '{key}'", where, did_you_mean(key, known))
        for row, column in lacking:
            remedy = "restore its row, or say 'ours: true' where the report has no such number"
            yield Fault(f"{row}/{column} is in config/appendix.yaml and not in the print", where, remedy)


def read_print(published: pd.DataFrame, catalogue: Catalogue) -> Print:
    """Return the printed cells with what config/appendix.yaml and config/indicators.yaml say they are.

    Raises:
        CheckError: when the print and the catalogue do not name the same cells; one fault per cell.
    """
    if faults := list(print_faults(catalogue, published)):
        raise CheckError(faults=faults)
    plans = {name: layout(name, catalogue, catalogue.print_edition) for name in dict.fromkeys(published["object"])}
    cells = []
    for raw in published.to_dict("records"):
        place = Place(str(raw["object"]), str(raw["row"]), str(raw["column"]))
        spec = plans[place[0]].cells[place[1:]]
        terms = terms_of(spec, catalogue.indicators)
        cells.append(
            PrintedCell(
                place=place,
                printed=str(raw["printed"]),
                value=None if pd.isna(raw["value"]) else float(raw["value"]),
                decimals=0 if pd.isna(raw["decimals"]) else int(raw["decimals"]),
                unit=str(raw["unit"]),
                region=spec.region,
                year=spec.year,
                numerator=terms.numerator,
                denominator=terms.denominator,
                scale=terms.scale,
                sum_of=spec.sum_of,
            )
        )
    return Print(tuple(_by_printed_parts(cells, catalogue.indicators)))


def in_language(printed: str, language: Language) -> str:
    """Return a number as the report writes it, with the decimal sign of the reader's language."""
    return re.sub(r"(?<=\d),(?=\d)", ".", printed) if language == "en" else printed


def _by_printed_parts(cells: list[PrintedCell], indicators: Indicators) -> Iterator[PrintedCell]:
    """Put the backgrounds that a table prints in the place of their sum, which it does not print."""
    printed = {(cell.object, cell.numerator[0]) for cell in cells if cell.is_count}

    def parts(cell: PrintedCell, term: Term) -> tuple[Term, ...]:
        found = tuple(term._replace(background=name) for name in indicators.series[term.series].backgrounds)
        known = found and all((cell.object, part) in printed for part in found)
        return found if term.background == "all" and known else (term,)

    for cell in cells:
        sides = (cell.numerator, cell.denominator)
        top, bottom = (tuple(part for term in side for part in parts(cell, term)) for side in sides)
        yield replace(cell, numerator=top, denominator=bottom)


@dataclass(frozen=True)
class KnownFigures:
    """Figures that a printed number can be held against.

    Attributes:
        catalogue: the project's configuration.
        observations: all observations.
        find: finds what they add up to.
        fits: what the rule ``headings`` has tried on these figures.
    """

    catalogue: Catalogue
    observations: pd.DataFrame
    find: Find
    _memory: dict[tuple[Term, tuple[str, ...]], float | None] = field(default_factory=dict, repr=False, compare=False)
    _order: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    _columns: dict[tuple[Term, tuple[str, ...]], list[float | None]] = field(
        default_factory=dict, repr=False, compare=False
    )
    fits: dict[Any, list[Any]] = field(default_factory=dict, repr=False, compare=False)

    def changed(self, series: Iterable[str], observations: pd.DataFrame, find: Find) -> KnownFigures:
        """Return what is known where only the figures of some series are others than here."""
        other = KnownFigures(self.catalogue, observations, find)
        gone = set(series)
        other._memory.update({key: value for key, value in self._memory.items() if key[0].series not in gone})
        return other

    @cached_property
    def independent(self) -> tuple[str, ...]:
        """Return the sources that do not repeat the report, in alphabetical order."""
        kinds = self.catalogue.sources.sources
        return tuple(sorted(s for s in set(self.observations["source"]) if kinds[s].kind == "independent"))

    def _best_first(self, series: str) -> tuple[str, ...]:
        if series not in self._order:
            known = self.catalogue.indicators.series.get(series)
            ordered = [source for source in (known.sources if known else []) if source in self.independent]
            providers = self.find.among.providers
            every = dict.fromkeys([*ordered, *self.independent])
            self._order[series] = tuple(source for source in every if (series, source) in providers)
        return self._order[series]

    def value(self, term: Term, sources: Iterable[str] | None = None) -> float | None:
        """Return a figure, summed over the units of its region and the bands of its age; ``None`` when unknown.

        The first of ``sources`` (by default all that are independent of the report) that has the whole figure
        answers.
        """
        chosen = tuple(sources) if sources is not None else self._best_first(term.series)
        if (term, chosen) not in self._memory:
            found = self.find(term, chosen) if chosen else None
            known = isinstance(found, Value) and not math.isnan(found.number)
            self._memory[term, chosen] = found.number if known and isinstance(found, Value) else None
        return self._memory[term, chosen]

    def values(self, term: Term, regions: tuple[str, ...]) -> list[float | None]:
        """Return a figure of several regions; the columns of many tables ask for the same ones."""
        if (term, regions) not in self._columns:
            self._columns[term, regions] = [self.value(term._replace(region=region)) for region in regions]
        return self._columns[term, regions]

    def total(self, terms: Iterable[Term], sources: Iterable[str] | None = None) -> float | None:
        """Return the sum of several figures; ``None`` when any is unknown."""
        values = [self.value(term, sources) for term in terms]
        return None if not values or None in values else math.fsum(v for v in values if v is not None)

    @cached_property
    def _years(self) -> set[tuple[str, str]]:
        return set(self.observations[["series", "period"]].drop_duplicates().itertuples(index=False, name=None))

    def has(self, series: str, year: int) -> bool:
        """Return whether any source has any figure of a series in a year."""
        return (series, str(year)) in self._years

    @cached_property
    def kinds_of_count(self) -> tuple[Term, ...]:
        """Return every kind of count that independent sources have for Oslo or Akershus, with year 0 and no region."""
        rows = self.observations[self.observations["source"].isin(self.independent)]
        whole = rows["value"].notna() & rows["value"].mod(1).eq(0) & rows["background"].eq("all")
        columns = ["series", "sex", "age", "background", "detail"]
        kinds = rows[whole][columns].drop_duplicates().sort_values(columns)
        return tuple(Term(s, "", 0, x, a, b, d) for s, x, a, b, d in kinds.itertuples(index=False, name=None))
