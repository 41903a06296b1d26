"""The cells of an appendix: each from the best source that has its parts, else from the report, else why it is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from groruddalen_stats.appendix.find import QUALIFIERS, Find, Observations, Span
from groruddalen_stats.appendix.hidden import protected
from groruddalen_stats.appendix.layout import Layout, Spec, layout, same_statistic
from groruddalen_stats.appendix.model import (
    OF_REPORT,
    Basis,
    Cell,
    Flag,
    FlagKind,
    Missing,
    Origin,
    Value,
    Way,
    add,
    merged,
)
from groruddalen_stats.appendix.terms import BASED, Term, terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Indicator, Place
from groruddalen_stats.indicators import change, share, total
from groruddalen_stats.numbers import round_half_up

PROSE_FILE = "published/prose.csv"


class Transcript(NamedTuple):
    """A printed cell: its text as printed, and the number and decimals it stands for (NaN for a dash)."""

    text: str
    value: float
    decimals: float


class Compute:
    """Computes the cells of one run."""

    def __init__(
        self, catalogue: Catalogue, observations: Observations, published: pd.DataFrame, prose: pd.DataFrame
    ) -> None:
        self.catalogue = catalogue
        self.find = finder(catalogue, observations)
        self.published = {
            Place(row.object, row.row, row.column): Transcript(str(row.printed), float(row.value), float(row.decimals))
            for row in _rows_of(published)
        }
        self.prose = {Place(row.object, row.row, row.column): row for row in _rows_of(prose)}

    def cells(self, *names: str) -> list[Cell]:
        """Return the cells of the named objects, of all by default, in the order of the appendix."""
        sections = self.catalogue.appendix.sections
        chosen = [key for section in sections for key in section.objects if not names or key in names]
        return protected([cell for key in chosen for cell in self._object(key)], self.catalogue)

    def of(self, spec: Spec) -> Cell | None:
        """Return what sources give for a statistic that stands in no object, such as that of another year."""
        indicator = self._indicator(spec)
        cell = Cell(Place("", "", ""), spec, indicator.unit, indicator.decimals)
        span = (min(spec.year, spec.base or spec.year), spec.year)
        found = self._computed(cell, span, ())
        return found if isinstance(found, Cell) else self._published(cell, span)

    def _object(self, name: str) -> list[Cell]:
        plan = layout(name, self.catalogue)
        printed = layout(name, self.catalogue, self.catalogue.print_edition)
        built: dict[tuple[str, str], Cell] = {}
        # Sums and remainders of a row need its other cells first.
        for at, spec in sorted(plan.cells.items(), key=lambda item: bool(item[1].sum_of or item[1].remainder_of)):
            cell = Cell(Place(name, *at), spec, self._indicator(spec).unit, self._indicator(spec).decimals)
            built[at] = self._filled(cell, _span(plan, at[0]), same_statistic(spec, printed.cells.get(at)), built)
        return [built[at] for at in plan.cells]

    def _indicator(self, spec: Spec) -> Indicator:
        return self.catalogue.indicators.indicators[spec.indicator]

    def _filled(self, cell: Cell, span: Span, in_print: bool, built: Mapping[tuple[str, str], Cell]) -> Cell:
        """Return a cell with the first number that there is for it, or with the reason that there is none."""
        parts = [built[cell.place.row, column] for column in (*cell.spec.sum_of, *cell.spec.remainder_of)]
        computed = self._computed(cell, span, parts)
        if isinstance(computed, Cell):
            return computed
        reason = computed.reason
        fallbacks: list[Callable[[], Cell | None]] = [lambda: self._published(cell, span)]
        if in_print:
            fallbacks += [lambda: self._transcribed(cell), lambda: self._stated(cell)]
            reason = self.catalogue.appendix.objects[cell.place.object].missing if reason == "no_source" else reason
        fallbacks.append(lambda: _remainder(cell, parts) if cell.spec.remainder_of else None)
        found = next((made for fallback in fallbacks if (made := fallback()) is not None), None)
        return found or replace(cell, missing=Missing(reason))

    def _computed(self, cell: Cell, span: Span, parts: Sequence[Cell]) -> Cell | Missing:
        spec, indicator = cell.spec, self._indicator(cell.spec)
        if indicator.formula == "sum_displayed":
            return _sum_displayed(cell, parts)
        terms = terms_of(spec, self.catalogue.indicators)
        if not terms.numerator:
            return Missing("no_source")
        top = self._sum(terms.numerator, spec.year, span)
        bottom: Value | Missing | None = None
        if indicator.formula in BASED:
            base_year = spec.year if spec.base is None else spec.base
            top = _ratio(top, self._sum(terms.denominator, spec.year, span))
            bottom = _ratio(self._sum(terms.base[0], base_year, span), self._sum(terms.base[1], base_year, span))
        elif terms.denominator:
            bottom = self._sum(terms.denominator, spec.year, span)
        if top is None or isinstance(top, Missing):
            return top or Missing("no_source")
        if isinstance(bottom, Missing):
            return bottom
        number = _formula(indicator, top.number, math.nan if bottom is None else bottom.number)
        value = replace(top if bottom is None else merged([top, bottom], number), number=number)
        if math.isnan(number) and not value.sign:
            return Missing("no_source")  # nothing to divide by
        # The object's own printed or stated number is no computation.
        own = {f"published/{cell.place.object}.csv", PROSE_FILE}
        repeats = indicator.formula == "value" and len(value.origins) == 1 and value.origins[0].snapshot in own
        if not repeats:
            value = _no_repetition(value)
        decimals = indicator.decimals if spec.decimals is None else spec.decimals
        value = self._with_caveats(value, span)
        return replace(cell, decimals=decimals, value=value, numerator=top, denominator=bottom)

    def _published(self, cell: Cell, span: Span) -> Cell | None:
        """Return a publisher's own figure for what cannot be computed from counts."""
        term = terms_of(cell.spec, self.catalogue.indicators).published
        found = None if term is None else self._value(term, cell.spec.year, span)
        if not isinstance(found, Value):
            return None
        decimals = cell.decimals if cell.spec.decimals is None else cell.spec.decimals
        value = self._with_caveats(_no_repetition(found), span)
        return replace(cell, decimals=decimals, value=value, way=Way.PUBLISHED)

    def _value(self, term: Term, year: int, span: Span) -> Value | Missing:
        # A term of another year than its cell belongs to a series that is shifted as much.
        shift = term.year - year
        return self.find(term, span=(span[0] + shift, span[1] + shift + term.mean))

    def _sum(self, terms: tuple[Term, ...], year: int, span: Span) -> Value | Missing | None:
        parts: list[Value] = []
        for term in terms:
            part = self._value(term, year, span)
            if isinstance(part, Missing):
                return part
            parts.append(part)
        return add(parts) if parts else None

    def _with_caveats(self, value: Value, span: Span) -> Value:
        """Return a value with the caveats of its sources, and of their breaks inside the years of its row."""
        sources = [self.catalogue.sources.sources[name] for name in value.sources]
        notes = [source.caveat for source in sources if source.caveat]
        notes += [gap.note for source in sources for gap in source.breaks if span[0] < gap.year <= span[1]]
        caveats = (Flag(FlagKind.CAVEAT, note) for note in notes)
        return replace(value, flags=tuple(dict.fromkeys([*value.flags, *caveats])))

    def _transcribed(self, cell: Cell) -> Cell | None:
        printed = self.published.get(cell.place)
        if printed is None:
            return None
        sign = math.isnan(printed.value)
        wrong = self.catalogue.known_wrong.get(cell.place)
        value = Value(
            number=printed.value,
            basis=Basis.TRANSCRIBED,
            sign=printed.text if sign else "",
            origins=(Origin(f"published/{cell.place.object}.csv", row=cell.place.row, column=cell.place.column),),
            flags=(Flag(FlagKind.KNOWN_WRONG, wrong),) if wrong else (),
            rests_on=(Basis.TRANSCRIBED,),
        )
        return replace(cell, decimals=0 if sign else int(printed.decimals), value=value)

    def _stated(self, cell: Cell) -> Cell | None:
        stated = self.prose.get(cell.place)
        if stated is None or math.isnan(stated.value):
            return None
        if stated.unit != cell.unit and not self.catalogue.indicators.units[stated.unit].difference:
            return None
        number, decimals = stated.value, int(stated.decimals)
        if stated.base:
            base = self.prose[Place(cell.place.object, *stated.base)]
            number += base.value
            # A difference said to be about so much lends no decimals to the sum.
            if stated.qualifier == "exact":
                decimals = max(decimals, int(base.decimals))
        flags = {"undated": Flag(FlagKind.UNDATED)}
        flags |= {word: Flag(FlagKind.APPROXIMATE, word) for word in QUALIFIERS}
        value = Value(
            number=number,
            basis=Basis.PROSE,
            origins=(Origin(PROSE_FILE, row=f"{cell.place.object}/{cell.place.row}", column=cell.place.column),),
            flags=(flags[stated.qualifier],) if stated.qualifier in flags else (),
            rests_on=(Basis.PROSE,),
        )
        return replace(cell, decimals=decimals, value=value)


def _no_repetition(value: Value) -> Value:
    """Return a value whose basis is ``recomputed`` where any number of the report is in it."""
    return value if OF_REPORT.isdisjoint(value.rests_on) else replace(value, basis=Basis.RECOMPUTED)


def _ratio(top: Value | Missing | None, bottom: Value | Missing | None) -> Value | Missing | None:
    """Return one value over another, as in a price over a price index; the first alone without a second."""
    if isinstance(top, Value) and isinstance(bottom, Value):
        return merged([top, bottom], share(top.number, bottom.number, 1.0))
    return bottom if isinstance(bottom, Missing) and isinstance(top, Value) else top


def _formula(indicator: Indicator, top: float, bottom: float) -> float:
    if indicator.formula in {"share", "rate", "index"}:
        return share(top, bottom, indicator.scale)
    if indicator.formula == "change":
        return change(top, bottom)
    return top


def _sum_displayed(cell: Cell, parts: Sequence[Cell]) -> Cell | Missing:
    if not all(part.known for part in parts):
        return Missing("no_source")
    rounded: list[Decimal] = [round_half_up(part.number, part.decimals) for part in parts]
    return replace(cell, value=_from_cells(parts, total(rounded)))


def _remainder(cell: Cell, parts: Sequence[Cell]) -> Cell | None:
    if not all(part.known for part in parts):
        return None
    about = any(part.approximate for part in parts)
    decimals = [part.decimals for part in parts]
    value = _from_cells(parts, 100.0 - total(part.number for part in parts))
    if about:
        value = replace(value, flags=(*value.flags, Flag(FlagKind.APPROXIMATE, "about")))
    return replace(cell, decimals=min(decimals) if about else max(decimals), value=value, way=Way.REMAINDER)


def _from_cells(parts: Sequence[Cell], number: float) -> Value:
    """Return a value made of other cells of the row."""
    made = merged([part.value for part in parts if part.value], number)
    origins = tuple(Origin("", row=part.place.row, column=part.place.column) for part in parts)
    doubts = tuple(dict.fromkeys(flag for part in parts for flag in part.doubts))
    return replace(made, origins=origins, flags=doubts)


def _rows_of(table: pd.DataFrame) -> Iterator[Any]:
    # A typed row is built from each of these at once; pandas itself types every field as anything at all.
    return iter(table.itertuples(index=False))


def _span(plan: Layout, row: str) -> Span:
    specs = [spec for at, spec in plan.cells.items() if at[0] == row]
    years = [year for spec in specs for year in (spec.year, spec.base) if year is not None]
    return min(years), max(years)


def finder(catalogue: Catalogue, observations: Observations) -> Find:
    """Return what finds the figures of a run among observations."""
    return Find(
        observations,
        catalogue.indicators.series,
        catalogue.sources.sources,
        catalogue.regions,
        catalogue.run.borders,
        wrong_counts(catalogue),
        0 if catalogue.is_print_area else catalogue.day.year,
    )


def wrong_counts(catalogue: Catalogue) -> dict[Term, str]:
    """Return the printed counts that are known to be wrong, each with the finding that says so."""
    found: dict[Term, str] = {}
    for (name, row, column), finding in catalogue.known_wrong.items():
        spec = layout(name, catalogue, catalogue.print_edition).cells.get((row, column))
        if spec is None or catalogue.indicators.indicators[spec.indicator].formula != "value":
            continue
        for term in terms_of(spec, catalogue.indicators).numerator:
            found[term] = finding
    return found
