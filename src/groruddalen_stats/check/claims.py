"""Turns the claims of the report's text into verdicts against its printed tables and against the rebuilt values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby, pairwise, product
from typing import Literal

import pandas as pd

from groruddalen_stats.appendix.model import COMPUTED, Basis, Cell
from groruddalen_stats.config.claims import (
    APPENDIX,
    TEXT_ONLY,
    Between,
    Check,
    Claim,
    Claims,
    Degree,
    Difference,
    Direction,
    ImpliesAtLeast,
    NumberIs,
    Order,
    Rank,
    Ratio,
    Reference,
    ShareOf,
    Trend,
    Versus,
    WidestGap,
    Words,
    decimals_of,
)
from groruddalen_stats.numbers import Language, display_number, round_half_up

__all__ = ["COLUMNS", "Lookup", "Verdict", "evaluate", "printed_lookup", "rebuilt_lookup"]

Lookup = Callable[[str, str, str], float | None]
Verdict = Literal[
    "holds",
    "partly",
    "does_not_hold",
    "holds_only_for_print",
    "holds_only_rebuilt",
    "contradicted",
    "wrong_reference",
    "not_checkable",
]
Truth = bool | None
Pair = tuple[str, str, str]  # measure, row, other row

COLUMNS = [
    "claim",
    "chapter",
    "place",
    "object",
    "cited",
    "statement_nb",
    "statement_en",
    "form",
    "verdict_print",
    "verdict_rebuilt",
    "verdict",
    "stated",
    "printed",
    "rebuilt",
    "note",
]

_NOISE = 1e-9  # binary noise: far below any printed digit


def printed_lookup(published: pd.DataFrame) -> Lookup:
    """Return the printed tables as a lookup, from the columns ``object``, ``row``, ``column`` and ``value``."""
    known = published[published["value"].notna()]
    keys = zip(known["object"], known["row"], known["column"].astype(str), strict=True)
    return _lookup(zip(keys, known["value"].tolist(), strict=True))


def rebuilt_lookup(cells: Iterable[Cell]) -> Lookup:
    """Return the rebuilt cells as a lookup.

    Only cells of basis ``source`` or ``recomputed`` count, and of these none that rests on a number of the report's
    text or on one that is known to be wrong: neither can check the report.
    """
    return _lookup(
        (cell.place, cell.number)
        for cell in cells
        if cell.value
        and cell.known
        and cell.basis in COMPUTED
        and not cell.doubts
        and Basis.PROSE not in cell.value.rests_on
    )


def _lookup(numbers: Iterable[tuple[tuple[str, str, str], float]]) -> Lookup:
    values = dict(numbers)

    def get(object_id: str, row: str, column: str) -> float | None:
        return values.get((object_id, row, column))

    return get


def evaluate(
    claims: Claims,
    printed: Lookup,
    rebuilt: Lookup,
    language: Language = "nb",
    names: Callable[[str], str] = str,
) -> pd.DataFrame:
    """Return one verdict per claim, in the order of the file.

    Args:
        claims: config/claims.yaml.
        printed: the report's printed tables; figures are not asked for, since the report prints no numbers for them.
        rebuilt: the rebuilt cells that do not come from the report itself.
        language: of the columns ``stated``, ``printed``, ``rebuilt`` and ``note``.
        names: gives the shown name of a row or object id.

    Returns:
        the columns of :data:`COLUMNS`, all strings. ``verdict_print`` weighs the claim against the printed tables
        and, for figures printed without numbers, against what *other* passages state; ``verdict_rebuilt`` against
        the rebuilt values.
    """
    stated = _Stated(claims, printed)
    rows = [_Judge(claims, stated, rebuilt, name, language, names).row() for name in claims.claims]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


# ---- ranges: a printed number is a point, a worded one ("about four") is a range ---------------------------------


@dataclass(frozen=True)
class _Range:
    lo: float
    hi: float

    @property
    def point(self) -> bool:
        return self.lo == self.hi

    def __add__(self, other: _Range) -> _Range:
        return _Range(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: _Range) -> _Range:
        return _Range(self.lo - other.hi, self.hi - other.lo)

    def __mul__(self, other: _Range) -> _Range:
        corners = [a * b for a, b in product((self.lo, self.hi), (other.lo, other.hi))]
        return _Range(min(corners), max(corners))

    def over(self, other: _Range) -> _Range | None:
        if other.lo <= 0 <= other.hi:
            return None
        corners = [a / b for a, b in product((self.lo, self.hi), (other.lo, other.hi))]
        return _Range(min(corners), max(corners))


def _at(value: float) -> _Range:
    return _Range(value, value)


def _inside(value: _Range, lo: float, hi: float) -> Truth:
    """Return whether all (True), none (False) or only some (None) of ``value`` lies in ``[lo, hi]``."""
    slack = _NOISE * max(1.0, abs(value.lo), abs(value.hi))
    if value.lo >= lo - slack and value.hi <= hi + slack:
        return True
    if value.hi < lo - slack or value.lo > hi + slack:
        return False
    return None


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def _signs(one: _Range | None, other: _Range | None, decimals: int) -> set[int]:
    """Return how ``one`` may compare with ``other`` at the printed decimals: any of -1, 0, 1."""
    if one is None or other is None:
        return {-1, 0, 1}
    if one.point and other.point:
        a, b = round_half_up(one.lo, decimals), round_half_up(other.lo, decimals)
        return {(a > b) - (a < b)}
    if one.hi < other.lo:
        return {-1}
    if one.lo > other.hi:
        return {1}
    return {-1, 0, 1}


# ---- words -------------------------------------------------------------------------------------------------------


def _number(number: str) -> tuple[float, float]:
    """Return a stated number and half a unit of its last digit."""
    return float(number), 0.5 * 10.0 ** -decimals_of(number)


def _limit(limit: float | None) -> float:
    if limit is None:  # the configuration model has made sure of it
        raise AssertionError("a word without its limit")
    return limit


def _span(word: str, number: str, words: Words) -> _Range:
    """Return the numbers that a stated number with its word allows."""
    stated, half = _number(number)
    about = max(_limit(words.about.limit) * abs(stated), half)
    if word == "about":
        return _Range(stated - about, stated + about)
    if word == "just_over":
        return _Range(stated, stated + about)
    if word in ("over", "implies_at_least"):
        return _Range(stated, math.inf)
    if word == "almost":
        return _Range(stated * (1 - _limit(words.almost.limit)), stated)
    if word == "times":
        return _Range(stated * (1 - _limit(words.times.limit)), stated * (1 + _limit(words.times.limit)))
    return _Range(stated - half, stated + half)


def _matches(value: _Range | None, word: str, number: str, words: Words) -> Truth:
    if value is None:
        return None
    if word == "value" and value.point:
        return round_half_up(value.lo, decimals_of(number)) == Decimal(number)
    stated, _ = _number(number)
    if word in ("over", "almost") and value.point and math.isclose(value.lo, stated, rel_tol=_NOISE):
        return False  # the stated number itself is neither over nor almost itself
    span = _span(word, number, words)
    return _inside(value, span.lo, span.hi)


def _compares(
    one: _Range | None, other: _Range | None, is_: Direction, how: Degree, decimals: int, words: Words
) -> Truth:
    signs = _signs(one, other, decimals)
    away = None if one is None or other is None else _apart(one, other)
    if is_ == "level":
        if signs == {0}:
            return True
        return None if away is None else _inside(away, 0, _limit(words.about.limit))
    wanted = {"higher": {1}, "lower": {-1}, "at_least": {0, 1}}[is_]
    truth: Truth = True if signs <= wanted else (None if signs & wanted else False)
    if how == "any":
        return truth
    return _all([truth, None if away is None else _reaches(away, how, words)])


def _apart(one: _Range, other: _Range) -> _Range | None:
    """Return how far apart two positive numbers are, in parts of the smaller: the same from either end."""
    if one.lo <= 0 or other.lo <= 0:
        return None
    ratios = [max(a, b) / min(a, b) - 1 for a, b in product((one.lo, one.hi), (other.lo, other.hi))]
    overlap = one.lo <= other.hi and other.lo <= one.hi
    return _Range(0 if overlap else min(ratios), max(ratios))


def _reaches(away: _Range, how: Degree, words: Words) -> Truth:
    if how == "considerably":
        small = _inside(away, -math.inf, _limit(words.considerably.limit))
        return None if small is None else not small
    word = words.slightly if how == "slightly" else words.somewhat
    return _inside(away, -math.inf, _limit(word.limit))


# ---- what the text states, as evidence for other claims ----------------------------------------------------------


@dataclass(frozen=True)
class _Evidence:
    span: _Range
    claim: str
    exact: bool = False
    digits: int = 0
    base: str = ""


class _Stated:
    """The numbers and relations that claims state of cells no table prints."""

    def __init__(self, claims: Claims, printed: Lookup) -> None:
        self._claims = claims
        self._printed = printed
        self.cells: dict[str, list[_Evidence]] = {}
        self.relations: dict[Pair, list[tuple[int, str]]] = {}
        for name, claim in claims.claims.items():
            for cell, evidence in self._numbers(name, claim.check):
                self.cells.setdefault(cell, []).append(evidence)
            for measure, one, other, sign in _relations(claim.check):
                self.relations.setdefault((measure, one, other), []).append((sign, name))
                self.relations.setdefault((measure, other, one), []).append((-sign, name))

    def _numbers(self, name: str, check: Check) -> Iterator[tuple[str, _Evidence]]:
        words = self._claims.words
        if isinstance(check, NumberIs) and (cell := self._cell(check.measure, check.row)):
            exact = check.form == "value"
            span = _at(float(check.stated)) if exact else _span(check.form, check.stated, words)
            yield cell, _Evidence(span, claim=name, exact=exact, digits=decimals_of(check.stated))
        elif isinstance(check, Difference) and (cell := self._cell(check.measure, check.row)):
            base = self._cell(check.measure, check.against)
            yield cell, _Evidence(_span(check.word, check.stated, words), claim=name, base=base)
        elif isinstance(check, Between):
            low, high = _span("value", check.low, words).lo, _span("value", check.high, words).hi
            for row in check.rows:
                if cell := self._cell(check.measure, row):
                    yield cell, _Evidence(_Range(low, high), claim=name)

    def _cell(self, measure: str, row: str) -> str:
        cell = self._claims.measures[measure].cell
        return "" if cell is None else cell.replace("{row}", row)

    def get(self, cell: str, asking: str, used: dict[str, bool]) -> _Range | None:
        """Return a cell as the tables print it, or else as claims other than ``asking`` state it.

        ``used`` collects those claims, and whether each states a plain number. Worded statements that exclude each
        other leave everything between them open.
        """
        object_id, row, column = cell.split("/")
        if object_id.startswith("tabell"):
            value = self._printed(object_id, row, column)
            return None if value is None else _at(value)
        others = [e for e in self.cells.get(cell, []) if e.claim != asking]
        exact = max((e for e in others if e.exact), key=lambda e: e.digits, default=None)
        if exact is not None:
            used[exact.claim] = True
            own = next((e for e in self.cells[cell] if e.claim == asking and e.exact), exact)
            # A number stated more roughly elsewhere ("31") says no more of a finer one ("31.2") than its rounding.
            rough = 0.5 * 10.0**-exact.digits if exact.digits < own.digits else 0.0
            return _Range(exact.span.lo - rough, exact.span.hi + rough)
        spans: list[_Range] = []
        for evidence in others:
            base = self.get(evidence.base, asking, used) if evidence.base else _at(0)
            if base is not None:
                spans.append(base + evidence.span)
                used[evidence.claim] = False
        if not spans:
            return None
        lo, hi = max(span.lo for span in spans), min(span.hi for span in spans)
        return _Range(lo, hi) if lo < hi else _Range(min(s.lo for s in spans), max(s.hi for s in spans))


def _relations(check: Check) -> Iterator[tuple[str, str, str, int]]:
    if isinstance(check, Versus) and check.than is None and check.is_ in ("higher", "lower"):
        sign = 1 if check.is_ == "higher" else -1
        for measure, row, other in product(check.measures, check.rows, check.against):
            yield measure, row, other, sign
    elif isinstance(check, Rank) and check.place in ("highest", "lowest"):
        sign = 1 if check.place == "highest" else -1
        for other in check.among:
            if other != check.row:
                yield check.measure, check.row, other, sign
    elif isinstance(check, Order):
        for row, other in pairwise(check.rows):
            yield check.measure, row, other, 1


# ---- one claim on one side ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    label: str
    value: _Range | None
    decimals: int
    group: str = ""


@dataclass
class _Outcome:
    truth: Truth
    shown: list[_Shown] = field(default_factory=list)
    parts: list[tuple[str, Truth]] = field(default_factory=list)  # of a claim that says the same of several
    open_pairs: list[tuple[Pair, int]] = field(default_factory=list)


@dataclass
class _Side:
    """A check worked out with one way of reading cells."""

    claims: Claims
    get: Callable[[str], _Range | None]
    language: Language
    names: Callable[[str], str]

    def work_out(self, check: Check) -> _Outcome:
        words = self.claims.words
        match check:
            case NumberIs() | ImpliesAtLeast():
                value = self._value(check.measure, check.row)
                truth = _matches(value, check.form, check.stated, words)
                return _Outcome(truth, [_Shown("", value, self._digits(check.measure, check.stated))])
            case Difference():
                one, other = self._value(check.measure, check.row), self._value(check.measure, check.against)
                gap = None if one is None or other is None else one - other
                shown = [_Shown("", gap, self._digits(check.measure, check.stated))]
                return _Outcome(_matches(gap, check.word, check.stated, words), shown)
            case Ratio():
                return self._ratio(check)
            case Between():
                return self._between(check)
            case Rank():
                return self._rank(check)
            case Order():
                return self._pairs([(check.measure, *pair, 1) for pair in pairwise(check.rows)], check.rows)
            case Versus():
                return self._versus(check)
            case ShareOf():
                return self._share_of(check)
            case Trend():
                return self._trend(check)
            case WidestGap():
                return self._widest_gap(check)
            case Reference():
                right = check.refers_to in self.claims.measures[check.measure].shown_in
                return _Outcome(right)

    def _value(self, name: str, row: str) -> _Range | None:
        measure = self.claims.measures[name]
        parts = [self._cells(cells, row) for cells in (measure.sum, measure.minus, measure.times, measure.per)]
        if any(part is None for part in parts):
            return None
        plus, minus, times, per = (part or [] for part in parts)
        total = _at(measure.constant)
        for cell in plus:
            total += cell
        for cell in minus:
            total -= cell
        for cell in times:
            total *= cell
        for cell in per:
            quotient = total.over(cell)
            if quotient is None:
                return None
            total = quotient
        return total * _at(measure.scale)

    def _cells(self, addresses: Sequence[str], row: str) -> list[_Range] | None:
        found = [self.get(address.replace("{row}", row)) for address in addresses]
        return None if any(cell is None for cell in found) else [cell for cell in found if cell is not None]

    def _digits(self, measure: str, stated: str) -> int:
        found = self.claims.measures[measure]
        return max(found.decimals + bool(found.per), decimals_of(stated))  # a quotient is shown with one more

    def _decimals(self, measure: str) -> int:
        return self.claims.measures[measure].decimals

    def _label(self, measure: str) -> str:
        return self.claims.measures[measure].label[self.language]

    def _ratio(self, check: Ratio) -> _Outcome:
        outcome = _Outcome(None)
        one = self._value(check.measure, check.row)
        for row in check.against:
            other = self._value(check.measure, row)
            times = None if one is None or other is None else one.over(other)
            name = self.names(row) if len(check.against) > 1 else ""
            outcome.shown.append(_Shown(name, times, decimals_of(check.stated) + 2))
            outcome.parts.append((name, _matches(times, check.word, check.stated, self.claims.words)))
        outcome.truth = _all(truth for _, truth in outcome.parts)
        return outcome

    def _between(self, check: Between) -> _Outcome:
        low, high = Decimal(check.low), Decimal(check.high)
        decimals = max(decimals_of(check.low), decimals_of(check.high))
        half = 0.5 * 10.0**-decimals
        outcome = _Outcome(None)
        for row in check.rows:
            value = self._value(check.measure, row)
            if value is None:
                truth: Truth = None
            elif value.point:
                truth = low <= round_half_up(value.lo, decimals) <= high
            else:
                truth = _inside(value, float(low) - half, float(high) + half)
            outcome.shown.append(_Shown(self.names(row), value, max(self._decimals(check.measure), decimals + 1)))
            outcome.parts.append((self.names(row), truth))
        outcome.truth = _all(truth for _, truth in outcome.parts)
        return outcome

    def _rank(self, check: Rank) -> _Outcome:
        decimals = self._decimals(check.measure)
        values = {row: self._value(check.measure, row) for row in check.among}
        outward = 1 if check.place in ("highest", "second_highest") else -1
        before = 1 if check.place.startswith("second") else 0
        own = values[check.row]
        # A row is further out when it beats ours in the direction the place is counted from.
        others = {row: _signs(values[row], own, decimals) for row in check.among if row != check.row}
        surely_further = sum(signs == {outward} for signs in others.values())
        maybe_further = sum(outward in signs for signs in others.values())
        surely_as_far = sum(signs <= {outward, 0} for signs in others.values())
        maybe_as_far = sum(bool(signs & {outward, 0}) for signs in others.values())
        if surely_further > before or maybe_as_far < before:
            truth: Truth = False
        elif maybe_further <= before and surely_as_far >= before:
            truth = True
        else:
            truth = None
        pairs = []
        if not before:
            pairs = [((check.measure, check.row, row), outward) for row, signs in others.items() if signs == {-1, 0, 1}]
        shown = [_Shown(self.names(row), value, decimals) for row, value in values.items()]
        return _Outcome(truth, shown, open_pairs=pairs)

    def _pairs(self, pairs: Iterable[tuple[str, str, str, int]], rows: Iterable[str]) -> _Outcome:
        outcome = _Outcome(None)
        measure = ""
        for measure, row, other, sign in pairs:
            signs = _signs(self._value(measure, row), self._value(measure, other), self._decimals(measure))
            truth: Truth = True if signs == {sign} else (None if sign in signs else False)
            outcome.parts.append((f"{self.names(row)} – {self.names(other)}", truth))
            if truth is None:
                outcome.open_pairs.append(((measure, row, other), sign))
        outcome.truth = _all(truth for _, truth in outcome.parts)
        outcome.shown = [_Shown(self.names(row), self._value(measure, row), self._decimals(measure)) for row in rows]
        return outcome

    def _versus(self, check: Versus) -> _Outcome:
        outcome = _Outcome(None)
        several = len(check.measures) > 1 or check.than is not None
        shown: dict[tuple[str, str], _Shown] = {}
        for measure, row in product(check.measures, check.rows):
            than = check.than or measure
            decimals = min(self._decimals(measure), self._decimals(than))
            for other in check.against or [row]:
                one, two = self._value(measure, row), self._value(than, other)
                truth = _compares(one, two, check.is_, check.how, decimals, self.claims.words)
                for name, place, value in ((measure, row, one), (than, other, two)):
                    group = self._label(name) if several else ""
                    shown[name, place] = _Shown(self.names(place), value, self._decimals(name), group)
                part = self.names(row)
                if len(check.against) > 1:
                    part += f" \N{EN DASH} {self.names(other)}"
                if len(check.measures) > 1:
                    part += f" ({self._label(measure)})"
                outcome.parts.append((part, truth))
                if truth is None and check.than is None and check.is_ in ("higher", "lower"):
                    sign = 1 if check.is_ == "higher" else -1
                    outcome.open_pairs.append(((measure, row, other), sign))
        outcome.truth = _all(truth for _, truth in outcome.parts)
        outcome.shown = sorted(shown.values(), key=lambda item: [s.group for s in shown.values()].index(item.group))
        return outcome

    def _share_of(self, check: ShareOf) -> _Outcome:
        decimals, words = self._decimals(check.measure), self.claims.words
        outcome = _Outcome(None)
        for row in check.among:
            one = self._value(check.measure, row)
            truths = [
                _compares(one, self._value(check.measure, other), check.is_, check.how, decimals, words)
                for other in check.against
            ]
            outcome.parts.append((self.names(row), _all(truths)))
        surely = sum(truth is True for _, truth in outcome.parts) / len(check.among)
        maybe = sum(truth is not False for _, truth in outcome.parts) / len(check.among)
        word = words.most if check.share == "most" else words.many
        limit = _limit(word.limit)

        def enough(share: float) -> bool:
            return share > limit if check.share == "most" else share >= limit

        outcome.truth = True if enough(surely) else (None if enough(maybe) else False)
        outcome.shown = [
            _Shown(self.names(row), self._value(check.measure, row), decimals) for row in [*check.among, *check.against]
        ]
        return outcome

    def _trend(self, check: Trend) -> _Outcome:
        outcome = _Outcome(None)
        tolerance = _limit(self.claims.words.about.limit)
        for row in check.rows:
            values = [self.get(f"{check.object}/{row}/{column}") for column in check.columns]
            steps: list[Truth] = []
            for (_, one), (column, two) in pairwise(zip(check.columns, values, strict=True)):
                quotient = None if one is None or two is None else two.over(one)
                if quotient is None:
                    step: Truth = None
                elif check.direction == "level":
                    step = _inside(quotient, 1 - tolerance, 1 + tolerance)
                elif check.direction == "rising":
                    step = True if quotient.lo > 1 else (False if quotient.hi <= 1 else None)
                else:
                    step = True if quotient.hi < 1 else (False if quotient.lo >= 1 else None)
                    if check.direction == "not_falling" and step is not None:
                        step = not step
                steps.append(step)
                if step is False:
                    outcome.parts.append((f"{self.names(row)} {column}", False))
            if check.slowly:
                steps.append(self._slow(values, len(check.columns) - 1))
            if _all(steps) is not False:
                outcome.parts.append((self.names(row), _all(steps)))
            elif not any(part.startswith(f"{self.names(row)} ") for part, _ in outcome.parts):
                outcome.parts.append((self.names(row), False))
            group = self.names(row) if len(check.rows) > 1 else ""
            decimals = 1 if check.object.startswith("figur") else 0
            outcome.shown += [
                _Shown(column, value, decimals, group) for column, value in zip(check.columns, values, strict=True)
            ]
        outcome.truth = _all(truth for _, truth in outcome.parts)
        return outcome

    def _slow(self, values: Sequence[_Range | None], steps: int) -> Truth:
        first, last = values[0], values[-1]
        if first is None or last is None or first.lo <= 0:
            return None
        limit = _limit(self.claims.words.slowly.limit)
        change = _Range((last.lo / first.hi) ** (1 / steps) - 1, (last.hi / first.lo) ** (1 / steps) - 1)
        return _inside(change, -limit, limit)

    def _widest_gap(self, check: WidestGap) -> _Outcome:
        gaps: dict[str, _Range | None] = {}
        for measure in check.measures:
            one, other = self._value(measure, check.row), self._value(measure, check.against)
            gap = None if one is None or other is None else one - other
            gaps[measure] = _Range(-gap.hi, -gap.lo) if gap is not None and gap.hi < 0 else gap
        truths: list[Truth] = []
        for wide, narrow in product(check.widest, check.measures):
            if narrow not in check.widest:
                signs = _signs(gaps[wide], gaps[narrow], self._decimals(wide))
                truths.append(True if signs == {1} else (None if 1 in signs else False))
        shown = [_Shown(self._label(name), gap, self._decimals(name)) for name, gap in gaps.items()]
        return _Outcome(_all(truths), shown)


# ---- one claim ---------------------------------------------------------------------------------------------------


@dataclass
class _Judge:
    claims: Claims
    stated: _Stated
    rebuilt: Lookup
    name: str
    language: Language
    names: Callable[[str], str]

    def row(self) -> dict[str, str]:
        claim = self.claims.claims[self.name]
        used: dict[str, bool] = {}
        on_print = self._side(lambda cell: self.stated.get(cell, self.name, used)).work_out(claim.check)
        on_rebuilt = self._side(self._rebuilt).work_out(claim.check)
        notes = [claim.note[self.language]] if claim.note else []
        if isinstance(claim.check, Reference):
            print_verdict: Verdict = "holds" if on_print.truth else "wrong_reference"
            rebuilt_verdict: Verdict = "not_checkable"
            if not on_print.truth:
                notes.append(
                    self._say(
                        "wrong_reference",
                        cited=_within(self.names(claim.check.refers_to)),
                        object=_within(self.names(self.claims.objects(claim)[0])),
                    )
                )
        else:
            print_verdict, against = self._weigh(claim, on_print, used)
            rebuilt_verdict = _verdict(claim.check, on_rebuilt)
            if print_verdict == rebuilt_verdict == "not_checkable":
                rebuilt_verdict, on_rebuilt, used = self._mixed(claim, on_rebuilt)
            elif print_verdict == "not_checkable":
                used = {}
            notes += self._notes(on_print, on_rebuilt, print_verdict, rebuilt_verdict, used, against)
        return {
            "claim": self.name,
            "chapter": ", ".join(dict.fromkeys(map(self.claims.chapter, claim.lines))),
            "place": self._places(claim.lines),
            "object": self.claims.object_of(claim),
            "cited": ", ".join(claim.cited),
            "statement_nb": claim.statement.nb,
            "statement_en": claim.statement.en,
            "form": claim.check.form,
            "verdict_print": print_verdict,
            "verdict_rebuilt": rebuilt_verdict,
            "verdict": _together(print_verdict, rebuilt_verdict),
            "stated": self._stated_text(claim.check),
            "printed": self._shown(on_print),
            "rebuilt": self._shown(on_rebuilt),
            "note": " ".join(notes),
        }

    def _side(self, get: Callable[[str], _Range | None]) -> _Side:
        return _Side(self.claims, get, self.language, self.names)

    def _rebuilt(self, cell: str) -> _Range | None:
        object_id, row, column = cell.split("/")
        value = None if object_id == TEXT_ONLY else self.rebuilt(object_id, row, column)
        return None if value is None else _at(value)

    def _weigh(self, claim: Claim, outcome: _Outcome, used: dict[str, bool]) -> tuple[Verdict, list[str]]:
        """Return the verdict against the print, and the claims that contradict this one."""
        if outcome.truth is None:
            opposed = self._opposed(outcome)
            in_appendix = [name for name in opposed if self._in_appendix(name)]
            if in_appendix and not self._in_appendix(self.name):
                # What the appendix says of its own figure outranks what a chapter says of it.
                return "does_not_hold", in_appendix
            if opposed and self._in_appendix(self.name) == bool(in_appendix):
                return "contradicted", opposed
            return "not_checkable", []
        if self._restates(claim.check, used):
            # Two passages that say the same are one source; two that differ cannot both be right.
            worded = [name for name, exact in used.items() if not exact]
            return ("not_checkable", []) if outcome.truth else ("contradicted", worded or list(used))
        return _verdict(claim.check, outcome), []

    def _opposed(self, outcome: _Outcome) -> list[str]:
        return list(
            dict.fromkeys(
                other
                for pair, sign in outcome.open_pairs
                for stated, other in self.stated.relations.get(pair, [])
                if stated == -sign and other != self.name
            )
        )

    def _in_appendix(self, name: str) -> bool:
        return all(self.claims.chapter(line) == APPENDIX for line in self.claims.claims[name].lines)

    def _restates(self, check: Check, used: dict[str, bool]) -> bool:
        if isinstance(check, NumberIs):
            return bool(used) and self.claims.measures[check.measure].cell is not None
        return isinstance(check, Difference) and not all(used.values())

    def _mixed(self, claim: Claim, before: _Outcome) -> tuple[Verdict, _Outcome, dict[str, bool]]:
        """Weigh a claim neither side decides with rebuilt cells, completed by the report's own.

        Returns the verdict, the outcome to show, and the claims whose numbers it rests on.
        """
        used: dict[str, bool] = {}
        rebuilt: set[str] = set()

        def get(cell: str) -> _Range | None:
            value = self._rebuilt(cell)
            if value is not None:
                rebuilt.add(cell)
                return value
            return self.stated.get(cell, self.name, used)

        outcome = self._side(get).work_out(claim.check)
        if not rebuilt or outcome.truth is None or self._restates(claim.check, used):
            return "not_checkable", before, {}
        return _verdict(claim.check, outcome), outcome, used

    # ---- how it is shown

    def _say(self, key: str, **values: str) -> str:
        text: str = getattr(self.claims.labels, key)[self.language]
        return text.format(**values)

    def _notes(
        self,
        on_print: _Outcome,
        on_rebuilt: _Outcome,
        print_verdict: Verdict,
        rebuilt_verdict: Verdict,
        used: dict[str, bool],
        against: Sequence[str],
    ) -> Iterator[str]:
        if against:
            yield self._say("contradicted_by", places=self._places_of(against))
        elif used:
            yield self._say("from_text", places=self._places_of(used))
        on_print_only = print_verdict == "partly" or rebuilt_verdict in ("not_checkable", "holds")
        outcome = on_print if on_print_only else on_rebuilt
        failing = [part for part, truth in outcome.parts if truth is False]
        if failing and len(outcome.parts) > 1 and {"does_not_hold", "partly"} & {print_verdict, rebuilt_verdict}:
            yield self._say("fails_for", parts=", ".join(failing))
        unknown = [part for part, truth in on_print.parts if truth is None]
        settled = len(unknown) < len(on_print.parts)
        if unknown and settled and print_verdict == rebuilt_verdict == "not_checkable":
            yield self._say("open_for", parts=", ".join(unknown))

    def _places_of(self, names: Iterable[str]) -> str:
        return self._places(sorted({self.claims.claims[name].lines[0] for name in names}))

    def _places(self, lines: Iterable[int]) -> str:
        return "; ".join(dict.fromkeys(self.claims.place(line, self.language) for line in lines))

    def _shown(self, outcome: _Outcome) -> str:
        missing = self._say("not_stated")
        groups: list[str] = []
        for group, items in groupby(outcome.shown, key=lambda item: item.group):
            found = list(items)
            if any(item.value is not None for item in found):
                numbers = (
                    (item.label, missing if item.value is None else self._range(item.value, item.decimals))
                    for item in found
                )
                listed = "; ".join(f"{label} {number}".strip() for label, number in numbers)
                groups.append(f"{group}: {listed}" if group else listed)
        return " / ".join(groups)

    def _range(self, value: _Range, decimals: int) -> str:
        low = None if math.isinf(value.lo) else display_number(value.lo, decimals, self.language)
        high = None if math.isinf(value.hi) else display_number(value.hi, decimals, self.language)
        if low is None or high is None:
            return f">{low}" if high is None else f"<{high}"
        return low if low == high else f"{low}\N{EN DASH}{high}"

    def _stated_text(self, check: Check) -> str:
        match check:
            case NumberIs() | ImpliesAtLeast():
                return self._worded(check.form, check.stated)
            case Difference():
                return self._worded(check.word, check.stated)
            case Ratio():
                times = f"{self._stated_number(check.stated)} {self._say('times')}"
                return f"{self._say('almost')} {times}" if check.word == "almost" else times
            case Between():
                return self._say("between", low=self._stated_number(check.low), high=self._stated_number(check.high))
            case Rank():
                return self._say(check.place)
            case Order():
                return " > ".join(map(self.names, check.rows))
            case Versus():
                return self._degree(check.how, check.is_)
            case ShareOf():
                return f"{self._say(check.share)}: {self._degree(check.how, check.is_)}"
            case Trend():
                direction = self._say(check.direction)
                return f"{self._say('slowly')} {direction}" if check.slowly else direction
            case WidestGap():
                names = [self.claims.measures[name].label[self.language] for name in check.widest]
                return self._say("widest", measures=", ".join(names))
            case Reference():
                return self.names(check.refers_to)

    def _degree(self, how: Degree, is_: Direction) -> str:
        return f"{self._say(how)} {self._say(is_)}".strip()

    def _worded(self, word: str, number: str) -> str:
        return f"{self._say(word)} {self._stated_number(number)}".strip()

    def _stated_number(self, number: str) -> str:
        return display_number(float(number), decimals_of(number), self.language)


def _within(name: str) -> str:
    """Return the name of an object as it stands within a sentence."""
    return name[:1].lower() + name[1:]


def _verdict(check: Check, outcome: _Outcome) -> Verdict:
    if outcome.truth is None or (isinstance(check, ImpliesAtLeast) and outcome.truth):
        return "not_checkable"
    if outcome.truth:
        return "holds"
    # "Most" is said of all together; any other claim of several may be true of some.
    partly = not isinstance(check, ShareOf) and any(truth is True for _, truth in outcome.parts)
    return "partly" if partly else "does_not_hold"


def _together(on_print: Verdict, on_rebuilt: Verdict) -> Verdict:
    """Return one verdict of two; a side that cannot tell leaves it to the other."""
    if on_rebuilt in ("not_checkable", on_print):
        return on_print
    if on_print == "holds":
        return "holds_only_for_print"
    if on_rebuilt == "holds" and on_print in ("does_not_hold", "partly"):
        return "holds_only_rebuilt"
    return "partly" if {on_print, on_rebuilt} == {"does_not_hold", "partly"} else on_rebuilt
