"""Turns quantities, printed tables and stated numbers into the cells of the 25 objects, each with its basis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from groruddalen_stats.appendix.formulas import formula_text, term_text
from groruddalen_stats.appendix.layout import Layout, Spec, layout, same_statistic
from groruddalen_stats.appendix.quantities import (
    QUALIFIERS,
    UNDATED,
    Missing,
    Quantities,
    Quantity,
    add,
    origins_text,
)
from groruddalen_stats.appendix.terms import BASED, Term, terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Indicator
from groruddalen_stats.indicators import change, index, share, total
from groruddalen_stats.numbers import round_half_up
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
    """One value of one object before it is written as text.

    Attributes:
        qualifier: ``about`` or ``over`` when the number is only known so.
        kinds: the kinds of the sources that the number rests on.
        flags: what a reader must know of the numbers it is made of, see :class:`Quantity`.
        sign: what stands where a source or the report has a sign and no number.
    """

    value: float
    decimals: int
    unit: str
    basis: str
    formula: str
    numerator: float = math.nan
    denominator: float = math.nan
    inputs: str = ""
    qualifier: str = ""
    kinds: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sign: str = ""


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
        self.quantities = Quantities(catalogue, observations, wrong_counts(catalogue))
        self.published = {
            (row.object, row.row, row.column): Printed(str(row.printed), float(row.value), float(row.decimals))
            for row in _rows_of(published)
        }
        self.prose = {
            (row.object, row.row, row.column): Stated(
                float(row.value), float(row.decimals), row.unit, row.qualifier, row.base, int(row.line)
            )
            for row in _rows_of(prose)
        }

    def table(self, *names: str) -> pd.DataFrame:
        """Return the cells of the named objects, of all by default, in the cell contract and the appendix' order."""
        rows = [
            row
            for section in self.catalogue.appendix.sections
            for key in section.objects
            if not names or key in names
            for row in self._rows(key)
        ]
        return CELLS.enforce(pd.DataFrame(rows, columns=list(CELLS.columns)))

    def _rows(self, object_id: str) -> list[dict[str, object]]:
        plan = layout(object_id, self.catalogue)
        printed = layout(object_id, self.catalogue, self.catalogue.print_edition)
        built: dict[tuple[str, str], Cell] = {}
        # Sums and remainders of a row need its other cells first.
        for place, spec in sorted(plan.cells.items(), key=lambda item: bool(item[1].sum_of or item[1].remainder_of)):
            built[place] = self._cell(object_id, place, spec, plan, printed, built)
        return [self._record(object_id, *place, built[place]) for place in plan.cells]

    def _record(self, object_id: str, row: str, column: str, cell: Cell) -> dict[str, object]:
        return {
            "object": object_id,
            "row": row,
            "column": column,
            "value": cell.value,
            "decimals": cell.decimals,
            "sign": cell.sign,
            "unit": cell.unit,
            "basis": cell.basis,
            "formula": cell.formula,
            "numerator": cell.numerator,
            "denominator": cell.denominator,
            "inputs": cell.inputs,
            "qualifier": cell.qualifier,
            "kinds": " ".join(sorted(cell.kinds)),
            "flags": " ".join(cell.flags),
            "note": " ".join(cell.notes),
        }

    def _cell(
        self,
        object_id: str,
        place: tuple[str, str],
        spec: Spec,
        plan: Layout,
        printed: Layout,
        built: Mapping[tuple[str, str], Cell],
    ) -> Cell:
        indicator = self.catalogue.indicators.indicators[spec.indicator]
        notes = (*(("ours",) if spec.ours else ()), *spec.notes)
        formula = formula_text(spec, self.catalogue.indicators)
        span = _span(plan, place)
        result = self._computed(object_id, place[0], spec, span, built)
        if isinstance(result, Missing):
            result = self._ready_made(spec, span) or result
        if isinstance(result, Cell):
            return replace(result, formula=result.formula or formula, notes=(*notes, *result.notes))
        in_print = same_statistic(spec, printed.cells.get(place))
        fallback = self._transcribed(object_id, place, indicator) if in_print else None
        if fallback is None and in_print:
            fallback = self._stated(object_id, place, indicator)
        if fallback is None and spec.remainder_of:
            fallback = self._remainder(place[0], spec, indicator, built)
        if fallback is not None:
            return replace(fallback, formula=fallback.formula or formula, notes=(*notes, *fallback.notes))
        reason = result.reason
        if reason == "no_source" and in_print:
            reason = self.catalogue.appendix.objects[object_id].missing
        return Cell(
            value=math.nan,
            decimals=indicator.decimals,
            unit=indicator.unit,
            basis="missing",
            formula=formula,
            notes=(*notes, f"reason_{reason}"),
        )

    def _computed(
        self,
        object_id: str,
        row: str,
        spec: Spec,
        span: tuple[int, int],
        built: Mapping[tuple[str, str], Cell],
    ) -> Cell | Missing:
        indicator = self.catalogue.indicators.indicators[spec.indicator]
        if indicator.formula == "sum_displayed":
            return self._sum_displayed(row, spec, indicator, built)
        terms = terms_of(spec, self.catalogue.indicators)
        if not terms.numerator:
            return Missing("no_source")
        top = self._sum(terms.numerator, spec.year, span)
        bottom: Quantity | Missing | None = None
        if indicator.formula in BASED:
            base_year = spec.year if spec.base is None else spec.base
            top = self._ratio(top, self._sum(terms.denominator, spec.year, span))
            bottom = self._ratio(self._sum(terms.base[0], base_year, span), self._sum(terms.base[1], base_year, span))
        elif terms.denominator:
            bottom = self._sum(terms.denominator, spec.year, span)
        if top is None or isinstance(top, Missing):
            return top or Missing("no_source")
        if isinstance(bottom, Missing):
            return bottom
        used = [top] if bottom is None else [top, bottom]
        value = _formula(indicator, top.value, math.nan if bottom is None else bottom.value)
        together = add(used)
        if math.isnan(value) and not together.sign:
            return Missing("no_source")  # nothing to divide by
        # The object's own printed or stated number is no computation.
        own = {f"published/{object_id}.csv", "published/prose.csv"}
        repeats = indicator.formula == "value" and len(together.origins) == 1
        identity = repeats and together.origins[0].partition("#")[0] in own
        return self._made(spec, indicator, used, value, span, basis=_basis(together, identity=identity))

    def _ready_made(self, spec: Spec, span: tuple[int, int]) -> Cell | None:
        """Return a publisher's own figure for what cannot be computed from counts."""
        indicators = self.catalogue.indicators
        term = terms_of(spec, indicators).published
        ready = None if term is None else self._quantity(term, spec.year, span)
        if term is None or not isinstance(ready, Quantity):
            return None
        indicator = indicators.indicators[spec.indicator]
        made = self._made(spec, indicator, [ready], ready.value, span, basis=_basis(ready, identity=False))
        return replace(made, formula=f"published({term_text(term)})", numerator=math.nan)

    def _made(
        self,
        spec: Spec,
        indicator: Indicator,
        used: list[Quantity],
        value: float,
        span: tuple[int, int],
        *,
        basis: str,
    ) -> Cell:
        together = add(used)
        return Cell(
            value=value,
            decimals=indicator.decimals if spec.decimals is None else spec.decimals,
            unit=indicator.unit,
            basis=basis,
            formula="",
            numerator=used[0].value,
            denominator=used[1].value if len(used) > 1 else math.nan,
            inputs=" | ".join(origins_text(part.origins) for part in used),
            qualifier=together.qualifiers[0] if together.qualifiers else "",
            kinds=together.kinds,
            flags=together.flags,
            notes=self._notes(together, span),
            sign=together.sign,
        )

    def _quantity(self, term: Term, year: int, span: tuple[int, int]) -> Quantity | Missing:
        # A term of another year than its cell belongs to a series that is shifted as much.
        shift = term.year - year
        return self.quantities.get(term, span=(span[0] + shift, span[1] + shift + term.mean))

    def _sum(self, terms: tuple[Term, ...], year: int, span: tuple[int, int]) -> Quantity | Missing | None:
        parts: list[Quantity] = []
        for term in terms:
            part = self._quantity(term, year, span)
            if isinstance(part, Missing):
                return part
            parts.append(part)
        return add(parts) if parts else None

    def _ratio(self, top: Quantity | Missing | None, bottom: Quantity | Missing | None) -> Quantity | Missing | None:
        """Return one quantity over another, as in a price over a price index; the first alone without a second."""
        if isinstance(top, Quantity) and isinstance(bottom, Quantity):
            return replace(add([top, bottom]), value=share(top.value, bottom.value, 1.0))
        return bottom if isinstance(bottom, Missing) and isinstance(top, Quantity) else top

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
            formula="",
            inputs=" ".join(f"{row}/{column}" for column in spec.sum_of),
            **_joined(parts),
        )

    def _remainder(
        self, row: str, spec: Spec, indicator: Indicator, built: Mapping[tuple[str, str], Cell]
    ) -> Cell | None:
        parts = [built[row, column] for column in spec.remainder_of]
        if any(math.isnan(part.value) for part in parts):
            return None
        about = any(part.qualifier for part in parts)
        decimals = [part.decimals for part in parts]
        return Cell(
            value=100.0 - total(part.value for part in parts),
            decimals=min(decimals) if about else max(decimals),
            unit=indicator.unit,
            formula=f"remainder(100 - {' - '.join(spec.remainder_of)})",
            inputs=" ".join(f"{row}/{column}" for column in spec.remainder_of),
            qualifier="about" if about else "",
            **_joined(parts),
        )

    def _transcribed(self, object_id: str, place: tuple[str, str], indicator: Indicator) -> Cell | None:
        printed = self.published.get((object_id, *place))
        if printed is None:
            return None
        sign = math.isnan(printed.value)
        wrong = self.catalogue.known_wrong.get((object_id, *place))
        return Cell(
            value=printed.value,
            decimals=0 if sign else int(printed.decimals),
            unit=indicator.unit,
            basis="transcribed",
            formula="",
            inputs=f"published/{object_id}.csv#{place[0]}/{place[1]}",
            kinds=frozenset({"published"}),
            flags=(wrong,) if wrong else (),
            sign=printed.text if sign else "",
        )

    def _stated(self, object_id: str, place: tuple[str, str], indicator: Indicator) -> Cell | None:
        stated = self.prose.get((object_id, *place))
        if stated is None or math.isnan(stated.value):
            return None
        units = self.catalogue.indicators.units
        if stated.unit != indicator.unit and not units[stated.unit].difference:
            return None
        value, decimals = stated.value, int(stated.decimals)
        if stated.base:
            row, _, column = stated.base.partition("/")
            base = self.prose[object_id, row, column]
            value += base.value
            # A difference said to be about so much lends no decimals to the sum.
            if stated.qualifier == "exact":
                decimals = max(decimals, int(base.decimals))
        return Cell(
            value,
            decimals,
            indicator.unit,
            "prose",
            "",
            inputs=f"published/prose.csv#{object_id}/{place[0]}/{place[1]}",
            qualifier=stated.qualifier if stated.qualifier in QUALIFIERS else "",
            kinds=frozenset({"prose"}),
            flags=(UNDATED,) if stated.qualifier == UNDATED else (),
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


_STRENGTH = ("source", "recomputed", "transcribed", "prose", "missing")


def _rows_of(table: pd.DataFrame) -> Iterator[Any]:
    # A typed row is built from each of these at once; pandas itself types every field as anything at all.
    return iter(table.itertuples(index=False))


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
    if not quantity.kinds & {"published", "prose"}:
        return "source"
    if identity:
        return "prose" if "prose" in quantity.kinds else "transcribed"
    return "recomputed"


def _joined(cells: list[Cell]) -> dict[str, Any]:
    """Return what a cell that is made of others has from them: the weakest basis, and all kinds and flags."""
    worst = max(_STRENGTH.index(cell.basis) for cell in cells)
    return {
        "basis": "source" if _STRENGTH[worst] == "source" else "recomputed",
        "kinds": frozenset().union(*(cell.kinds for cell in cells)),
        "flags": tuple(dict.fromkeys(flag for cell in cells for flag in cell.flags)),
    }


def _formula(indicator: Indicator, top: float, bottom: float) -> float:
    if indicator.formula in {"share", "rate"}:
        return share(top, bottom, indicator.scale)
    if indicator.formula == "index":
        return index(top, bottom, indicator.scale)
    if indicator.formula == "change":
        return change(top, bottom)
    return top


def build(
    catalogue: Catalogue, observations: pd.DataFrame, published: pd.DataFrame, prose: pd.DataFrame
) -> pd.DataFrame:
    """Return the cells of the edition that the catalogue runs; see :class:`Builder`."""
    return Builder(catalogue, observations, published, prose).table()
