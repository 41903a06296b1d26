"""The claims of the report's text weighed against its printed tables and against the rebuilt values."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise, product

import pandas as pd

from groruddalen_stats.appendix.model import COMPUTED, Basis, Cell
from groruddalen_stats.check.compare import named
from groruddalen_stats.config.claims import (
    APPENDIX,
    Claim,
    Claims,
    Form,
    Verdict,
    Word,
    decimals_of,
)
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import Fault
from groruddalen_stats.numbers import Language, display_number, round_half_up

__all__ = [
    "COLUMNS",
    "NumberByPlace",
    "Verdict",
    "cells_read",
    "evaluate",
    "printed_lookup",
    "rebuilt_lookup",
    "unexpected",
]

NumberByPlace = Mapping[Place, float]
Truth = bool | None
Pair = tuple[str, str, str]  # measure, region, other region

COLUMNS = [
    *("claim", "chapter", "place", "object", "cited", "statement_nb", "statement_en", "form"),
    *("verdict_print", "verdict_rebuilt", "verdict", "stated", "printed", "rebuilt", "note"),
]

_NOISE = 1e-9  # binary noise: far below any printed digit
_DASH = " \N{EN DASH} "

_STATING = (Form.VALUE, Form.ABOUT, Form.JUST_OVER, Form.OVER)  # forms that state a number of one region


def printed_lookup(published: pd.DataFrame) -> NumberByPlace:
    """Return the numbers of the printed tables, from the columns ``object``, ``row``, ``column`` and ``value``."""
    known = published[published["value"].notna()]
    keys = map(Place, known["object"], known["row"], known["column"].astype(str))
    return dict(zip(keys, known["value"].tolist(), strict=True))


def rebuilt_lookup(cells: Iterable[Cell]) -> NumberByPlace:
    """Return the numbers of the rebuilt cells that can check the report.

    Only cells of basis ``source`` or ``recomputed`` count, and of these none that rests on a number of the report's
    text or on one that is known to be wrong.
    """
    return {
        cell.place: cell.number
        for cell in cells
        if cell.value
        and cell.known
        and cell.basis in COMPUTED
        and not cell.doubts
        and Basis.PROSE not in cell.value.rests_on
    }


def evaluate(
    claims: Claims,
    printed: NumberByPlace,
    rebuilt: NumberByPlace,
    language: Language = "nb",
    names: Callable[[str], str] = str,
    only: Collection[str] | None = None,
) -> pd.DataFrame:
    """Return one verdict per claim, in the order of the file.

    Args:
        claims: what the report says.
        printed: the report's printed tables.
        rebuilt: the rebuilt cells that do not come from the report itself.
        language: of the columns ``stated``, ``printed``, ``rebuilt`` and ``note``.
        names: gives the shown name of a region or object id.
        only: the claims that are wanted; all by default.

    Returns:
        the columns of :data:`COLUMNS`, all strings. ``verdict_print`` weighs the claim against the printed tables
        and, for figures printed without numbers, against what *other* passages state; ``verdict_rebuilt`` against
        the rebuilt values.
    """
    stated = _StatedNumbers(claims, printed)
    wanted = [claim for name, claim in claims.claims.items() if only is None or name in only]
    rows = [_Judge(claims, stated, rebuilt, claim, language, names).row() for claim in wanted]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def cells_read(
    claims: Claims, printed: NumberByPlace, only: Iterable[str] | None = None
) -> dict[str, tuple[Place, ...]]:
    """Return the printed cells that claims are weighed against, by default all claims."""
    stated, found = _StatedNumbers(claims, printed), {}
    for name in claims.claims if only is None else only:
        claim = claims.claims[name]
        read: dict[Place, None] = {}

        def get(cell: Place, read: dict[Place, None] = read, name: str = name) -> _Interval | None:
            read.update({cell: None} if cell in printed else {})
            return stated.get(cell, name, {})

        _Reading(claims, get, "en", str).work_out(claim)
        found[name] = tuple(read)
    return found


def unexpected(claims: Claims, verdicts: pd.DataFrame, printed: NumberByPlace) -> list[Fault]:
    """Return one fault per claim whose verdict against the print is not the expected one."""
    found = [
        (name, verdict)
        for name, verdict in zip(verdicts["claim"], verdicts["verdict_print"], strict=True)
        if verdict != claims.claims[name].expected
    ]
    read = cells_read(claims, printed, [name for name, _ in found]) if found else {}
    return [
        Fault(
            f"{name}: expected: '{claim.expected}', but the verdict is '{verdict}'",
            claims.where[name],
            "correct one",
            tuple(map(named, read[name])),
        )
        for name, verdict in found
        for claim in [claims.claims[name]]
    ]


# ---- ranges: a printed number is a point, a worded one ("about four") is a range ---------------------------------


@dataclass(frozen=True)
class _Interval:
    lo: float
    hi: float

    @property
    def point(self) -> bool:
        return self.lo == self.hi

    def __add__(self, other: _Interval) -> _Interval:
        return _Interval(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: _Interval) -> _Interval:
        return _Interval(self.lo - other.hi, self.hi - other.lo)

    def over(self, other: _Interval) -> _Interval | None:
        if other.lo <= 0 <= other.hi:
            return None
        corners = [a / b for a, b in product((self.lo, self.hi), (other.lo, other.hi))]
        return _Interval(min(corners), max(corners))


def _at(value: float) -> _Interval:
    return _Interval(value, value)


def _less(one: _Interval | None, other: _Interval | None) -> _Interval | None:
    return None if one is None or other is None else one - other


def _over(one: _Interval | None, other: _Interval | None) -> _Interval | None:
    return None if one is None or other is None else one.over(other)


def _inside(value: _Interval, lo: float, hi: float) -> Truth:
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


def _signs(one: _Interval | None, other: _Interval | None, decimals: int) -> set[int]:
    """Return how ``one`` may compare with ``other`` at the printed decimals: any of -1, 0, 1."""
    if one is None or other is None:
        return {-1, 0, 1}
    if one.point and other.point:
        a, b = round_half_up(one.lo, decimals), round_half_up(other.lo, decimals)
        return {(a > b) - (a < b)}
    if one.hi < other.lo:
        return {-1}
    return {1} if one.lo > other.hi else {-1, 0, 1}


def _among(signs: set[int], wanted: set[int]) -> Truth:
    """Return whether all, none or only some of the possible signs are wanted."""
    return True if signs <= wanted else (None if signs & wanted else False)


def _apart(one: _Interval | None, other: _Interval | None) -> _Interval | None:
    """Return how far apart two positive numbers are, in parts of the smaller: the same from either end."""
    if one is None or other is None or one.lo <= 0 or other.lo <= 0:
        return None
    ratios = [max(a, b) / min(a, b) - 1 for a, b in product((one.lo, one.hi), (other.lo, other.hi))]
    overlap = one.lo <= other.hi and other.lo <= one.hi
    return _Interval(0 if overlap else min(ratios), max(ratios))


# ---- words -------------------------------------------------------------------------------------------------------


def _span(claim: Claim, claims: Claims) -> _Interval:
    """Return the numbers that the stated number, or the two it lies between, allow."""
    stated, high = float(claim.stated[0]), float(claim.stated[-1])
    half, highest = (0.5 * 10.0 ** -decimals_of(claim.stated[end]) for end in (0, -1))
    if claim.form is Form.BETWEEN:
        return _Interval(stated - half, high + highest)
    word = claim.words[0]
    about = max(claims.limit(Word.ABOUT) * abs(stated), half)
    match word:
        case Word.ABOUT:
            return _Interval(stated - about, stated + about)
        case Word.JUST_OVER:
            return _Interval(stated, stated + about)
        case Word.OVER | Word.IMPLIES_AT_LEAST:
            return _Interval(stated, math.inf)
        case Word.ALMOST:
            return _Interval(stated * (1 - claims.limit(word)), stated)
        case Word.TIMES:
            return _Interval(stated * (1 - claims.limit(word)), stated * (1 + claims.limit(word)))
    return _Interval(stated - half, stated + half)


def _matches(value: _Interval | None, claim: Claim, claims: Claims) -> Truth:
    if value is None:
        return None
    low, high = claim.stated[0], claim.stated[-1]
    word = claim.words[0]
    if word is Word.VALUE and value.point:
        return low <= round_half_up(value.lo, max(decimals_of(low), decimals_of(high))) <= high
    if word in (Word.OVER, Word.ALMOST) and value.point and math.isclose(value.lo, low, rel_tol=_NOISE):
        return False  # the stated number itself is neither over nor almost itself
    span = _span(claim, claims)
    return _inside(value, span.lo, span.hi)


def _compares(one: _Interval | None, other: _Interval | None, claim: Claim, claims: Claims) -> Truth:
    """Return whether one number is to another as the claim says."""
    direction = claim.words[-1]
    signs, away = _signs(one, other, claim.decimals or 0), _apart(one, other)
    if direction is Word.LEVEL:
        return True if signs == {0} else None if away is None else _inside(away, 0, claims.limit(Word.ABOUT))
    truth = _among(signs, {Word.HIGHER: {1}, Word.LOWER: {-1}, Word.AT_LEAST: {0, 1}}[direction])
    if claim.degree is Word.ANY:
        return truth
    near = None if away is None else _inside(away, -math.inf, claims.limit(claim.degree))
    return _all([truth, near if near is None or claim.degree is not Word.CONSIDERABLY else not near])


_SIGNS = {Word.HIGHER: 1, Word.HIGHEST: 1, Word.LOWER: -1, Word.LOWEST: -1}


def _sign(claim: Claim) -> int:
    """Return whether the claim says that its region is above (1) or below (-1) others; 0 where it says neither."""
    says_so = claim.form in (Form.ORDER, Form.RANK, Form.VERSUS) and not claim.than
    return _SIGNS.get(claim.words[-1], 0) if says_so else 0


def _pairs(claim: Claim) -> list[Pair]:
    """Return what the claim compares: measure, region and other region."""
    if claim.form is Form.ORDER:
        return [(claim.measure[0], *pair) for pair in pairwise(claim.rows)]
    pairs = product(claim.measure, claim.rows, claim.against)
    return [pair for pair in pairs if claim.form is not Form.RANK or pair[1] != pair[2]]


# ---- what the text states, as evidence for other claims ----------------------------------------------------------


@dataclass(frozen=True)
class _Evidence:
    span: _Interval
    claim: str
    exact: bool = False
    digits: int = 0
    base: Place | None = None


class _StatedNumbers:
    """The numbers and relations that claims state of cells no table prints."""

    def __init__(self, claims: Claims, printed: NumberByPlace) -> None:
        self._claims = claims
        self._printed = printed
        self._tables = {place[0] for place in printed}
        self._cells: dict[Place, list[_Evidence]] = {}
        self.relations: dict[Pair, list[tuple[int, str]]] = {}
        for name, claim in claims.claims.items():
            for cell, evidence in self._numbers(name, claim):
                self._cells.setdefault(cell, []).append(evidence)
            if sign := _sign(claim):
                for measure, one, other in _pairs(claim):
                    self.relations.setdefault((measure, one, other), []).append((sign, name))
                    self.relations.setdefault((measure, other, one), []).append((-sign, name))

    def _numbers(self, name: str, claim: Claim) -> Iterator[tuple[Place, _Evidence]]:
        if claim.form not in (*_STATING, Form.DIFFERENCE, Form.BETWEEN):
            return
        address = self._claims.measures[claim.measure[0]].cell
        if address is None:
            return
        exact = claim.form is Form.VALUE
        span = _at(float(claim.stated[0])) if exact else _span(claim, self._claims)
        base = address.at(claim.against[0]) if claim.form is Form.DIFFERENCE else None
        for row in claim.rows:
            yield address.at(row), _Evidence(span, name, exact, decimals_of(claim.stated[0]), base)

    def get(self, cell: Place, asking: str, used: dict[str, bool]) -> _Interval | None:
        """Return a cell as the tables print it, or else as claims other than ``asking`` state it.

        ``used`` collects those claims, and whether each states a plain number. Worded statements that exclude each
        other leave everything between them open.
        """
        if cell[0] in self._tables:
            value = self._printed.get(cell)
            return None if value is None else _at(value)
        others = [e for e in self._cells.get(cell, []) if e.claim != asking]
        exact = max((e for e in others if e.exact), key=lambda e: e.digits, default=None)
        if exact is not None:
            used[exact.claim] = True
            own = next((e for e in self._cells[cell] if e.claim == asking and e.exact), exact)
            # A number stated more roughly elsewhere ("31") says no more of a finer one ("31.2") than its rounding.
            rough = 0.5 * 10.0**-exact.digits if exact.digits < own.digits else 0.0
            return _Interval(exact.span.lo - rough, exact.span.hi + rough)
        spans: list[_Interval] = []
        for evidence in others:
            base = self.get(evidence.base, asking, used) if evidence.base else _at(0)
            if base is not None:
                spans.append(base + evidence.span)
                used[evidence.claim] = False
        if not spans:
            return None
        lo, hi = max(span.lo for span in spans), min(span.hi for span in spans)
        return _Interval(lo, hi) if lo < hi else _Interval(min(s.lo for s in spans), max(s.hi for s in spans))


# ---- one claim on one side ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    label: str
    value: _Interval | None
    group: str = ""


@dataclass
class _Weighed:
    """What one side says: the parts of a claim that says the same of several, and the numbers it was weighed with."""

    shown: list[_Shown] = field(default_factory=list)
    parts: list[tuple[str, Truth]] = field(default_factory=list)
    open_pairs: list[Pair] = field(default_factory=list)
    whole: Callable[[list[Truth]], Truth] = _all

    @property
    def truth(self) -> Truth:
        return self.whole([truth for _, truth in self.parts])


@dataclass
class _Reading:
    """Claims worked out with one way of reading cells."""

    claims: Claims
    get: Callable[[Place], _Interval | None]
    language: Language
    names: Callable[[str], str]

    def work_out(self, claim: Claim) -> _Weighed:
        match claim.form:
            case Form.RANK:
                return self._rank(claim)
            case Form.VERSUS | Form.ORDER:
                return self._versus(claim)
            case Form.SHARE_OF:
                return self._share_of(claim)
            case Form.TREND:
                return self._trend(claim)
            case Form.WIDEST_GAP:
                return self._widest_gap(claim)
            case Form.REFERENCE:
                return _Weighed(parts=[("", self.claims.object_of(claim) in claim.cited)])
        return self._number(claim)

    def _value(self, name: str, row: str) -> _Interval | None:
        measure = self.claims.measures[name]
        cells = {address: self.get(address.at(row)) for address in measure.cells}
        total: _Interval | None = _at(measure.constant)
        for address in measure.plus:
            cell = cells[address]
            total = None if total is None or cell is None else total + cell
        for address in measure.minus:
            total = _less(total, cells[address])
        for address in measure.per:
            total = _over(total, cells[address])
        return None if total is None else _Interval(total.lo * measure.scale, total.hi * measure.scale)

    def _label(self, measure: str) -> str:
        return self.claims.measures[measure].text("label")[self.language]

    def _number(self, claim: Claim) -> _Weighed:
        measure, several = claim.measure[0], len(claim.against) > 1
        values = {row: self._value(measure, row) for row in (*claim.rows, *claim.against)}
        first = values[claim.rows[0]]
        match claim.form:
            case Form.RATIO:
                found = [(self.names(row) if several else "", _over(first, values[row])) for row in claim.against]
            case Form.DIFFERENCE:
                found = [("", _less(first, values[claim.against[0]]))]
            case Form.BETWEEN:
                found = [(self.names(row), values[row]) for row in claim.rows]
            case _:
                found = [("", first)]
        parts = [(name, _matches(value, claim, self.claims)) for name, value in found]
        return _Weighed([_Shown(name, value) for name, value in found], parts)

    def _rank(self, claim: Claim) -> _Weighed:
        measure, place = claim.measure[0], claim.words[0]
        values = {row: self._value(measure, row) for row in claim.against}
        outward = 1 if place in (Word.HIGHEST, Word.SECOND_HIGHEST) else -1
        before = 1 if place in (Word.SECOND_HIGHEST, Word.SECOND_LOWEST) else 0
        # A region is further out when it beats ours in the direction the place is counted from.
        signs = {pair: _signs(values[pair[2]], values[pair[1]], claim.decimals or 0) for pair in _pairs(claim)}
        further = [_among(found, {outward}) for found in signs.values()]
        as_far = [_among(found, {outward, 0}) for found in signs.values()]
        truth: Truth = None
        if further.count(True) > before or len(as_far) - as_far.count(False) < before:
            truth = False
        elif len(further) - further.count(False) <= before <= as_far.count(True):
            truth = True
        unknown = [pair for pair, found in signs.items() if len(found) > 1] if not before else []
        return _Weighed([_Shown(self.names(row), value) for row, value in values.items()], [("", truth)], unknown)

    def _versus(self, claim: Claim) -> _Weighed:
        outcome = _Weighed()
        several = len(claim.measure) > 1 or bool(claim.than)
        shown: dict[tuple[str, str], _Shown] = {}
        pairs = _pairs(claim) or [(measure, row, row) for measure, row in product(claim.measure, claim.rows)]
        for measure, row, other in pairs:
            than = claim.than[0] if claim.than else measure
            one, two = self._value(measure, row), self._value(than, other)
            truth = _compares(one, two, claim, self.claims)
            for name, region, value in ((measure, row, one), (than, other, two)):
                group = self._label(name) if several else ""
                shown[name, region] = _Shown(self.names(region), value, group)
            part = self.names(row)
            if claim.form is Form.ORDER or len(claim.against) > 1:
                part += f"{_DASH}{self.names(other)}"
            if len(claim.measure) > 1:
                part += f" ({self._label(measure)})"
            outcome.parts.append((part, truth))
            if truth is None and _sign(claim):
                outcome.open_pairs.append((measure, row, other))
        groups = list(dict.fromkeys(item.group for item in shown.values()))
        outcome.shown = sorted(shown.values(), key=lambda item: groups.index(item.group))
        return outcome

    def _share_of(self, claim: Claim) -> _Weighed:
        values = {row: self._value(claim.measure[0], row) for row in (*claim.rows, *claim.against)}
        share = claim.words[0]

        def enough(number: int) -> bool:
            part, limit = number / len(claim.rows), self.claims.limit(share)
            return part > limit if share is Word.MOST else part >= limit

        def whole(truths: list[Truth]) -> Truth:
            if enough(truths.count(True)):
                return True
            return None if enough(len(truths) - truths.count(False)) else False

        parts = [
            (
                self.names(row),
                _all(_compares(values[row], values[other], claim, self.claims) for other in claim.against),
            )
            for row in claim.rows
        ]
        return _Weighed([_Shown(self.names(row), value) for row, value in values.items()], parts, whole=whole)

    def _trend(self, claim: Claim) -> _Weighed:
        outcome = _Weighed()
        columns = [self.claims.measures[name].cells[0].column for name in claim.measure]
        for row in claim.rows:
            name = self.names(row)
            values = [self._value(measure, row) for measure in claim.measure]
            steps = [self._step(one, two, claim.words[-1]) for one, two in pairwise(values)]
            failing = [column for column, step in zip(columns[1:], steps, strict=True) if step is False]
            if claim.degree is Word.SLOWLY:
                steps.append(self._slow(values[0], values[-1], len(columns) - 1))
            outcome.parts += [(f"{name} {column}", False) for column in failing] or [(name, _all(steps))]
            group = name if len(claim.rows) > 1 else ""
            outcome.shown += [_Shown(column, value, group) for column, value in zip(columns, values, strict=True)]
        return outcome

    def _step(self, one: _Interval | None, two: _Interval | None, trend: Word) -> Truth:
        quotient = _over(two, one)
        if quotient is None:
            return None
        if trend is Word.LEVEL:
            return _inside(quotient, 1 - self.claims.limit(Word.ABOUT), 1 + self.claims.limit(Word.ABOUT))
        if trend is Word.RISING:
            return True if quotient.lo > 1 else (False if quotient.hi <= 1 else None)
        falls = True if quotient.hi < 1 else (False if quotient.lo >= 1 else None)
        return falls if falls is None or trend is Word.FALLING else not falls

    def _slow(self, first: _Interval | None, last: _Interval | None, steps: int) -> Truth:
        if first is None or last is None or first.lo <= 0:
            return None
        limit = self.claims.limit(Word.SLOWLY)
        change = _Interval((last.lo / first.hi) ** (1 / steps) - 1, (last.hi / first.lo) ** (1 / steps) - 1)
        return _inside(change, -limit, limit)

    def _widest_gap(self, claim: Claim) -> _Weighed:
        gaps: dict[str, _Interval | None] = {}
        for measure in self.claims.measures:
            if measure in (*claim.measure, *claim.than):
                gap = _less(self._value(measure, claim.rows[0]), self._value(measure, claim.against[0]))
                gaps[measure] = _Interval(-gap.hi, -gap.lo) if gap is not None and gap.hi < 0 else gap
        compared = product(claim.measure, claim.than)
        truths = [_among(_signs(gaps[wide], gaps[narrow], claim.decimals or 0), {1}) for wide, narrow in compared]
        return _Weighed([_Shown(self._label(name), gap) for name, gap in gaps.items()], [("", _all(truths))])


# ---- one claim ---------------------------------------------------------------------------------------------------


@dataclass
class _Judge:
    claims: Claims
    stated: _StatedNumbers
    rebuilt: NumberByPlace
    claim: Claim
    language: Language
    names: Callable[[str], str]

    def row(self) -> dict[str, str]:
        claim = self.claim
        used: dict[str, bool] = {}
        on_print = self._side(lambda cell: self.stated.get(cell, claim.claim, used)).work_out(claim)
        on_rebuilt = self._side(self._rebuilt).work_out(claim)
        notes = [claim.text("note")[self.language]] if claim.note_nb else []
        if claim.form is Form.REFERENCE:
            print_verdict = Verdict.HOLDS if on_print.truth else Verdict.WRONG_REFERENCE
            rebuilt_verdict = Verdict.NOT_CHECKABLE
            if not on_print.truth:
                cited, shown = (_within(self.names(key)) for key in (claim.cited[0], self.claims.object_of(claim)))
                notes.append(self._say("wrong_reference", cited=cited, object=shown))
        else:
            print_verdict, against = self._weigh(on_print, used)
            rebuilt_verdict = _verdict(claim, on_rebuilt)
            if print_verdict == rebuilt_verdict == Verdict.NOT_CHECKABLE:
                rebuilt_verdict, on_rebuilt, used = self._mixed(on_rebuilt)
            elif print_verdict == Verdict.NOT_CHECKABLE:
                used = {}
            notes += self._notes(on_print, on_rebuilt, print_verdict, rebuilt_verdict, used, against)
        return {
            "claim": claim.claim,
            "chapter": ", ".join(dict.fromkeys(map(self.claims.chapter, claim.lines))),
            "place": self._places(claim.lines),
            "object": self.claims.object_of(claim),
            "cited": ", ".join(claim.cited),
            "statement_nb": claim.statement_nb,
            "statement_en": claim.statement_en,
            "form": claim.form,
            "verdict_print": print_verdict,
            "verdict_rebuilt": rebuilt_verdict,
            "verdict": _together(print_verdict, rebuilt_verdict),
            "stated": self._stated_text(),
            "printed": self._shown(on_print),
            "rebuilt": self._shown(on_rebuilt),
            "note": " ".join(notes),
        }

    def _side(self, get: Callable[[Place], _Interval | None]) -> _Reading:
        return _Reading(self.claims, get, self.language, self.names)

    def _rebuilt(self, cell: Place) -> _Interval | None:
        value = self.rebuilt.get(cell)
        return None if value is None else _at(value)

    def _weigh(self, outcome: _Weighed, used: dict[str, bool]) -> tuple[Verdict, list[str]]:
        """Return the verdict against the print, and the claims that contradict this one."""
        if outcome.truth is None:
            opposed = self._opposed(outcome)
            in_appendix = [name for name in opposed if self._in_appendix(self.claims.claims[name])]
            if in_appendix and not self._in_appendix(self.claim):
                # What the appendix says of its own figure outranks what a chapter says of it.
                return Verdict.DOES_NOT_HOLD, in_appendix
            if opposed and self._in_appendix(self.claim) == bool(in_appendix):
                return Verdict.CONTRADICTED, opposed
            return Verdict.NOT_CHECKABLE, []
        if self._restates(used):
            # Two passages that say the same are one source; two that differ cannot both be right.
            worded = [name for name, exact in used.items() if not exact]
            return (Verdict.NOT_CHECKABLE, []) if outcome.truth else (Verdict.CONTRADICTED, worded or list(used))
        return _verdict(self.claim, outcome), []

    def _opposed(self, outcome: _Weighed) -> list[str]:
        said = (entry for pair in outcome.open_pairs for entry in self.stated.relations.get(pair, []))
        return list(dict.fromkeys(name for sign, name in said if sign == -_sign(self.claim)))

    def _in_appendix(self, claim: Claim) -> bool:
        return all(self.claims.chapter(line) == APPENDIX for line in claim.lines)

    def _restates(self, used: dict[str, bool]) -> bool:
        if self.claim.form in _STATING:
            return bool(used) and self.claims.measures[self.claim.measure[0]].cell is not None
        return self.claim.form is Form.DIFFERENCE and not all(used.values())

    def _mixed(self, before: _Weighed) -> tuple[Verdict, _Weighed, dict[str, bool]]:
        """Weigh a claim neither side decides with rebuilt cells, completed by the report's own.

        Returns the verdict, the outcome to show, and the claims whose numbers it rests on.
        """
        used: dict[str, bool] = {}
        rebuilt: set[Place] = set()

        def get(cell: Place) -> _Interval | None:
            value = self._rebuilt(cell)
            if value is not None:
                rebuilt.add(cell)
                return value
            return self.stated.get(cell, self.claim.claim, used)

        outcome = self._side(get).work_out(self.claim)
        if not rebuilt or outcome.truth is None or self._restates(used):
            return Verdict.NOT_CHECKABLE, before, {}
        return _verdict(self.claim, outcome), outcome, used

    # ---- how it is shown

    def _say(self, key: str, **values: str) -> str:
        return self.claims.say(key, self.language, **values)

    def _notes(
        self,
        on_print: _Weighed,
        on_rebuilt: _Weighed,
        print_verdict: Verdict,
        rebuilt_verdict: Verdict,
        used: dict[str, bool],
        against: Sequence[str],
    ) -> Iterator[str]:
        if against:
            yield self._say("contradicted_by", places=self._places_of(against))
        elif used:
            yield self._say("from_text", places=self._places_of(used))
        verdicts = {print_verdict, rebuilt_verdict}
        on_print_only = print_verdict == Verdict.PARTLY or rebuilt_verdict in (Verdict.NOT_CHECKABLE, Verdict.HOLDS)
        outcome = on_print if on_print_only else on_rebuilt
        failing = [part for part, truth in outcome.parts if truth is False]
        if failing and len(outcome.parts) > 1 and {Verdict.DOES_NOT_HOLD, Verdict.PARTLY} & verdicts:
            yield self._say("fails_for", parts=", ".join(failing))
        unknown = [part for part, truth in on_print.parts if truth is None]
        if unknown and len(unknown) < len(on_print.parts) and verdicts == {Verdict.NOT_CHECKABLE}:
            yield self._say("open_for", parts=", ".join(unknown))

    def _places_of(self, names: Iterable[str]) -> str:
        return self._places(sorted({self.claims.claims[name].lines[0] for name in names}))

    def _places(self, lines: Iterable[int]) -> str:
        return "; ".join(dict.fromkeys(self.claims.place(line, self.language) for line in lines))

    def _shown(self, outcome: _Weighed) -> str:
        groups: list[str] = []
        for group, items in groupby(outcome.shown, key=lambda item: item.group):
            found = list(items)
            if any(item.value is not None for item in found):
                listed = "; ".join(f"{item.label} {self._range(item.value)}".strip() for item in found)
                groups.append(f"{group}: {listed}" if group else listed)
        return " / ".join(groups)

    def _range(self, value: _Interval | None) -> str:
        if value is None:
            return self._say("not_stated")
        low, high = (
            None if math.isinf(end) else display_number(end, self.claim.decimals or 0, self.language)
            for end in (value.lo, value.hi)
        )
        if low is None or high is None:
            return f">{low}" if high is None else f"<{high}"
        return low if low == high else f"{low}\N{EN DASH}{high}"

    def _stated_text(self) -> str:
        claim = self.claim
        numbers = [display_number(number, decimals_of(number), self.language) for number in claim.stated]
        said = [*map(self._say, claim.words), *numbers]
        match claim.form:
            case Form.RATIO:
                said = [*map(self._say, claim.word), *numbers, self._say(Word.TIMES)]
            case Form.BETWEEN:
                said = [self._say("between", low=numbers[0], high=numbers[1])]
            case Form.ORDER:
                said = [" > ".join(map(self.names, claim.rows))]
            case Form.SHARE_OF:
                said[0] += ":"
            case Form.WIDEST_GAP:
                labels = [self.claims.measures[name].text("label")[self.language] for name in claim.measure]
                said = [self._say("widest", measures=", ".join(labels))]
            case Form.REFERENCE:
                said = [self.names(claim.cited[0])]
        return " ".join(filter(None, said))


def _within(name: str) -> str:
    """Return the name of an object as it stands within a sentence."""
    return name[:1].lower() + name[1:]


def _verdict(claim: Claim, outcome: _Weighed) -> Verdict:
    if outcome.truth is None or (claim.form is Form.IMPLIES_AT_LEAST and outcome.truth):
        return Verdict.NOT_CHECKABLE
    if outcome.truth:
        return Verdict.HOLDS
    # "Most" is said of all together; any other claim of several may be true of some.
    partly = claim.form is not Form.SHARE_OF and any(truth is True for _, truth in outcome.parts)
    return Verdict.PARTLY if partly else Verdict.DOES_NOT_HOLD


def _together(on_print: Verdict, on_rebuilt: Verdict) -> Verdict:
    """Return one verdict of two; a side that cannot tell leaves it to the other."""
    if on_rebuilt in (Verdict.NOT_CHECKABLE, on_print):
        return on_print
    if on_print == Verdict.HOLDS:
        return Verdict.HOLDS_ONLY_FOR_PRINT
    if on_rebuilt == Verdict.HOLDS and on_print in (Verdict.DOES_NOT_HOLD, Verdict.PARTLY):
        return Verdict.HOLDS_ONLY_REBUILT
    return Verdict.PARTLY if {on_print, on_rebuilt} == {Verdict.DOES_NOT_HOLD, Verdict.PARTLY} else on_rebuilt
