"""Turns quantities, printed tables and stated numbers into the cells of the 25 objects, each with its basis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from groruddalen_stats.appendix.layout import Layout, Spec, layout, same_statistic
from groruddalen_stats.appendix.quantities import (
    QUALIFIERS,
    Missing,
    Quantities,
    Quantity,
    add,
    origins_text,
    qualifier_of,
)
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Indicator, Term
from groruddalen_stats.indicators import change, index, share, total
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.tidy.contracts import CELLS

Place = tuple[str, str, str]


class Printed(NamedTuple):
    """A printed cell: its text as printed, and the number and decimals it stands for (NaN for a dash)."""

    text: str
    value: float
    decimals: float


class Stated(NamedTuple):
    """A number from the report's text; ``base`` names the stated number it is a difference from."""

    value: float
    decimals: float
    unit: str
    qualifier: str
    base: str
    line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of one object before it is written as text."""

    value: float
    decimals: int
    unit: str
    basis: str
    formula: str
    numerator: float = math.nan
    denominator: float = math.nan
    inputs: str = ""
    notes: tuple[str, ...] = ()
    shown: str | None = None


class Builder:
    """Computes cells from the best source that has them.

    Attributes:
        catalogue: the project's configuration.
        quantities: the observations.
        published: printed cells by object, row and column.
        prose: numbers stated in the report's text by object, row and column.
    """

    def __init__(
        self, catalogue: Catalogue, observations: pd.DataFrame, published: pd.DataFrame, prose: pd.DataFrame
    ) -> None:
        self.catalogue = catalogue
        self.quantities = Quantities(catalogue, observations)
        self.published = {
            (row.object, row.row, row.column): Printed(
                str(row.printed), float(row.value), float(row.decimals)
            )
            for row in _rows_of(published)
        }
        self.prose = {
            (row.object, row.row, row.column): Stated(
                float(row.value), float(row.decimals), row.unit, row.qualifier, row.base, int(row.line)
            )
            for row in _rows_of(prose)
        }

    def table(self) -> pd.DataFrame:
        """Return the cells of all objects of the edition, in the cell contract and the order of the appendix."""
        rows = [
            row
            for section in self.catalogue.appendix.sections
            for key in section.objects
            for row in self._rows(key)
        ]
        return CELLS.enforce(pd.DataFrame(rows, columns=list(CELLS.columns)))

    def _rows(self, object_id: str) -> list[dict[str, object]]:
        plan = layout(object_id, self.catalogue)
        printed = layout(object_id, self.catalogue, self.catalogue.print_edition)
        built: dict[tuple[str, str], Cell] = {}
        rows = []
        for row in plan.rows:
            # Sums and remainders of a row need its other cells first.
            columns = sorted(
                plan.columns,
                key=lambda column: bool(
                    plan.cells[row.id, column.id].sum_of or plan.cells[row.id, column.id].remainder_of
                ),
            )
            for column in columns:
                place = (row.id, column.id)
                built[place] = self._cell(object_id, place, plan, printed, built)
            for column in plan.columns:
                cell = built[row.id, column.id]
                rows.append(self._record(object_id, row.id, column.id, cell))
        return rows

    def _record(self, object_id: str, row: str, column: str, cell: Cell) -> dict[str, object]:
        return {
            "object": object_id,
            "row": row,
            "column": column,
            "value": cell.value,
            "decimals": cell.decimals,
            "display": cell.shown if cell.shown is not None else self._display(cell),
            "unit": cell.unit,
            "basis": cell.basis,
            "formula": cell.formula,
            "numerator": cell.numerator,
            "denominator": cell.denominator,
            "inputs": cell.inputs,
            "note": " ".join(cell.notes),
        }

    def _display(self, cell: Cell) -> str:
        language = self.catalogue.run.language
        words = self.catalogue.labels.words
        if cell.basis == "missing":
            return words["missing"][language]
        text = display_number(cell.value, cell.decimals, language)
        qualifier = qualifier_of(cell.formula)
        return words[qualifier][language].replace("{value}", text) if qualifier else text

    def _cell(
        self,
        object_id: str,
        place: tuple[str, str],
        plan: Layout,
        printed: Layout,
        built: Mapping[tuple[str, str], Cell],
    ) -> Cell:
        spec = plan.cells[place]
        indicator = self.catalogue.indicators.indicators[spec.indicator]
        span = _span(plan, place)
        notes = (*(("ours",) if spec.ours else ()), *spec.notes)
        result = self._computed(object_id, place[0], spec, indicator, span, built)
        if isinstance(result, Cell):
            return _with(result, notes)
        in_print = same_statistic(spec, printed.cells.get(place))
        fallback = self._transcribed(object_id, place, indicator) if in_print else None
        if fallback is None and in_print:
            fallback = self._stated(object_id, place, indicator)
        if fallback is None and spec.remainder_of:
            fallback = self._remainder(place[0], spec, indicator, built)
        if fallback is not None:
            return _with(fallback, notes)
        reason = result.reason
        if reason == "no_source" and in_print:
            reason = self.catalogue.appendix.objects[object_id].missing
        return Cell(
            value=math.nan,
            decimals=indicator.decimals,
            unit=indicator.unit,
            basis="missing",
            formula=indicator.formula,
            notes=(*notes, f"reason_{reason}"),
        )

    def _computed(
        self,
        object_id: str,
        row: str,
        spec: Spec,
        indicator: Indicator,
        span: tuple[int, int],
        built: Mapping[tuple[str, str], Cell],
    ) -> Cell | Missing:
        if indicator.formula == "stated":
            return Missing("no_source")
        if indicator.formula == "sum_displayed":
            return self._sum_displayed(row, spec, indicator, built)
        region = spec.region
        assert region is not None
        top = self._terms(indicator.numerator, region, spec.year, spec.detail, span)
        if isinstance(top, Missing):
            return top
        bottom: Quantity | Missing | None = None
        if indicator.denominator:
            bottom = self._terms(indicator.denominator, region, spec.year, "", span)
        elif indicator.formula in {"index", "change"}:
            base = spec.base if spec.base is not None else spec.year
            bottom = self._terms(indicator.numerator, region, base, spec.detail, span)
        if isinstance(bottom, Missing):
            return bottom
        used = [top] if bottom is None else [top, bottom]
        together = add(used)
        value = _formula(indicator, top.value, math.nan if bottom is None else bottom.value)
        if math.isnan(value) and not together.sign:
            return Missing("no_source")  # nothing to divide by
        qualifier = f":{together.qualifiers[0]}" if together.qualifiers else ""
        decimals = indicator.decimals if spec.decimals is None else spec.decimals
        own_print = (
            together.origins[0].startswith(f"published/{object_id}.csv#") and len(together.origins) == 1
        )
        basis = _basis(together, identity=indicator.formula == "value" and own_print)
        return Cell(
            value=value,
            decimals=decimals,
            unit=indicator.unit,
            basis=basis,
            formula=_formula_text(indicator, spec) + qualifier,
            numerator=top.value,
            denominator=math.nan if bottom is None else bottom.value,
            inputs=" | ".join(origins_text(part.origins) for part in used),
            notes=self._notes(together, span),
            shown=together.sign or None,
        )

    def _terms(
        self, terms: list[Term], region: str, year: int, detail: str, span: tuple[int, int]
    ) -> Quantity | Missing:
        parts: list[Quantity] = []
        for term in terms:
            part = self.quantities.get(term, region, year, detail=detail, span=span)
            if isinstance(part, Missing):
                return part
            parts.append(part)
        return add(parts)

    def _notes(self, quantity: Quantity, span: tuple[int, int]) -> tuple[str, ...]:
        sources = [self.catalogue.sources.sources[name] for name in quantity.sources]
        caveats = [source.caveat for source in sources]
        caveats += [gap.note for source in sources for gap in source.breaks if span[0] < gap.year <= span[1]]
        return (
            *(f"caveat_{key}" for key in dict.fromkeys(caveats) if key),
            *(f"break_{key}" for key in quantity.breaks),
        )

    def _sum_displayed(
        self, row: str, spec: Spec, indicator: Indicator, built: Mapping[tuple[str, str], Cell]
    ) -> Cell | Missing:
        parts = [built[row, column] for column in spec.sum_of]
        if any(part.basis == "missing" or math.isnan(part.value) for part in parts):
            return Missing("no_source")
        rounded: list[Decimal] = [round_half_up(part.value, part.decimals) for part in parts]
        return Cell(
            value=total(rounded),
            decimals=indicator.decimals,
            unit=indicator.unit,
            basis=_weakest(parts),
            formula=f"sum_displayed({' + '.join(spec.sum_of)})",
            inputs=" ".join(f"{row}/{column}" for column in spec.sum_of),
        )

    def _remainder(
        self, row: str, spec: Spec, indicator: Indicator, built: Mapping[tuple[str, str], Cell]
    ) -> Cell | None:
        parts = [built[row, column] for column in spec.remainder_of]
        if any(math.isnan(part.value) for part in parts):
            return None
        qualifier = any(qualifier_of(part.formula) for part in parts)
        return Cell(
            value=100.0 - total(part.value for part in parts),
            decimals=max(part.decimals for part in parts)
            if not qualifier
            else min(part.decimals for part in parts),
            unit=indicator.unit,
            basis=_weakest(parts),
            formula=f"remainder(100 - {' - '.join(spec.remainder_of)}){':about' if qualifier else ''}",
            inputs=" ".join(f"{row}/{column}" for column in spec.remainder_of),
        )

    def _transcribed(self, object_id: str, place: tuple[str, str], indicator: Indicator) -> Cell | None:
        printed = self.published.get((object_id, *place))
        if printed is None:
            return None
        origin = f"published/{object_id}.csv#{place[0]}/{place[1]}"
        if math.isnan(printed.value):
            return Cell(
                math.nan, 0, indicator.unit, "transcribed", "printed", inputs=origin, shown=printed.text
            )
        return Cell(
            printed.value, int(printed.decimals), indicator.unit, "transcribed", "printed", inputs=origin
        )

    def _stated(self, object_id: str, place: tuple[str, str], indicator: Indicator) -> Cell | None:
        stated = self.prose.get((object_id, *place))
        if stated is None or math.isnan(stated.value) or stated.unit not in _ADDABLE | {indicator.unit}:
            return None
        value, decimals, lines = stated.value, int(stated.decimals), [stated.line]
        if stated.base:
            row, _, column = stated.base.partition("/")
            base = self.prose[object_id, row, column]
            value += base.value
            lines.append(base.line)
            # A difference said to be about so much lends no decimals to the sum.
            if stated.qualifier == "exact":
                decimals = max(decimals, int(base.decimals))
        qualifier = f":{stated.qualifier}" if stated.qualifier in QUALIFIERS else ""
        return Cell(
            value,
            decimals,
            indicator.unit,
            "prose",
            f"stated{qualifier}",
            inputs=f"published/prose.csv#{object_id}/{place[0]}/{place[1]} (lines {', '.join(map(str, lines))})",
        )


_ADDABLE = frozenset({"percent_change", "percentage_points"})
_STRENGTH = ("source", "recomputed", "transcribed", "prose", "missing")


def _rows_of(table: pd.DataFrame) -> Iterator[Any]:
    # A typed row is built from each of these at once; pandas itself types every field as anything at all.
    return iter(table.itertuples(index=False))


def _with(cell: Cell, notes: tuple[str, ...]) -> Cell:
    return replace(cell, notes=(*notes, *cell.notes))


def _span(plan: Layout, place: tuple[str, str]) -> tuple[int, int]:
    years = [
        year
        for (row, _), spec in plan.cells.items()
        if row == place[0]
        for year in (spec.year, spec.base)
        if year is not None
    ]
    return min(years), max(years)


def _basis(quantity: Quantity, *, identity: bool) -> str:
    if "prose" in quantity.kinds:
        return "prose"
    if "published" in quantity.kinds:
        return "transcribed" if identity else "recomputed"
    return "source"


def _weakest(cells: list[Cell]) -> str:
    worst = max(_STRENGTH.index(cell.basis) for cell in cells)
    return "recomputed" if _STRENGTH[worst] == "transcribed" else _STRENGTH[worst]


def _formula(indicator: Indicator, top: float, bottom: float) -> float:
    if indicator.formula in {"share", "rate"}:
        return share(top, bottom, indicator.scale)
    if indicator.formula == "index":
        return index(top, bottom, indicator.scale)
    if indicator.formula == "change":
        return change(top, bottom)
    return top


def _formula_text(indicator: Indicator, spec: Spec) -> str:
    top = " + ".join(_term_text(term, spec.year, spec.detail) for term in indicator.numerator)
    if indicator.denominator:
        bottom = " + ".join(_term_text(term, spec.year, "") for term in indicator.denominator)
        return f"{indicator.formula}(({top}) / ({bottom}) * {indicator.scale:g})"
    if indicator.formula in {"index", "change"}:
        bottom = " + ".join(
            _term_text(term, spec.base or spec.year, spec.detail) for term in indicator.numerator
        )
        return f"{indicator.formula}(({top}) / ({bottom}))"
    return f"{indicator.formula}({top})"


def _term_text(term: Term, year: int, detail: str) -> str:
    narrowed = [
        term.sex if term.sex != "both" else "",
        term.age if term.age != "all" else "",
        term.background if term.background != "all" else "",
        term.detail or detail,
        str(year + term.period_offset),
    ]
    return f"{term.series}[{', '.join(word for word in narrowed if word)}]"


def build(
    catalogue: Catalogue, observations: pd.DataFrame, published: pd.DataFrame, prose: pd.DataFrame
) -> pd.DataFrame:
    """Return the cells of the edition that the catalogue runs; see :class:`Builder`."""
    return Builder(catalogue, observations, published, prose).table()
