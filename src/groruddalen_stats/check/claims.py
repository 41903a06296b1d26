"""The claims of the report's text weighed against its printed tables and against the rebuilt values."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, pairwise, product
from typing import NamedTuple

import pandas as pd

from groruddalen_stats.appendix.model import COMPUTED, Basis, Cell
from groruddalen_stats.check.compare import named
from groruddalen_stats.config.claims import APPENDIX, Claim, Claims, Form, Verdict, Word, decimals_of
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import Fault
from groruddalen_stats.numbers import Language, display_number, round_half_up

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
    judge = _Judge(claims, _StatedNumbers(claims, printed), rebuilt, language, names)
    rows = [judge.row(claim) for name, claim in claims.claims.items() if only is None or name in only]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="str")


def cells_read(claims: Claims, printed: NumberByPlace) -> dict[str, tuple[Place, ...]]:
    """Return the printed cells that each claim is weighed against."""
    return {
        name: tuple(cell for cell in dict.fromkeys(claims.cells_of(claim)) if cell in printed)
        for name, claim in claims.claims.items()
    }


def unexpected(claims: Claims, verdicts: pd.DataFrame, printed: NumberByPlace) -> list[Fault]:
    """Return one fault per claim whose verdict against the print is not the expected one."""
    return [
        Fault(
            f"{name}: expected: '{claim.expected}', but the verdict is '{verdict}'",
            claims.where[name],
            "correct one",
            tuple(named(cell) for cell in dict.fromkeys(claims.cells_of(claim)) if cell in printed),
        )
        for name, verdict in zip(verdicts["claim"], verdicts["verdict_print"], strict=True)
        if verdict != (claim := claims.claims[name]).expected
    ]


# ---- ranges ------------------------------------------------------------------------------------------------------


class _Range(NamedTuple):
    """What a number may be: a point where it is printed, more where it is only worded, all where nobody knows it."""

    lo: float = -math.inf
    hi: float = math.inf

    @property
    def known(self) -> bool:
        return self != _Range()

    @property
    def point(self) -> bool:
        return self.lo == self.hi

    def plus(self, other: _Range) -> _Range:
        return _Range(self.lo + other.lo, self.hi + other.hi)

    def minus(self, other: _Range) -> _Range:
        return _Range(self.lo - other.hi, self.hi - other.lo)

    def over(self, other: _Range) -> _Range:
        if not self.known or other.lo <= 0 <= other.hi:
            return _Range()
        corners = [a / b for a, b in product(self, other)]
        return _Range(min(corners), max(corners))

    def inside(self, lo: float, hi: float) -> Truth:
        """Return whether all (True), none (False) or only some (None) of it lies in ``[lo, hi]``."""
        low, high = lo - _NOISE * max(1.0, abs(lo)), hi + _NOISE * max(1.0, abs(hi))
        if low <= self.lo and self.hi <= high:
            return True
        return False if self.hi < low or self.lo > high else None

    def signs(self, other: _Range, decimals: int | None) -> set[int]:
        """Return how it may compare with another at the printed decimals: any of -1, 0, 1."""
        if self.point and other.point:
            one, two = (round_half_up(value.lo, decimals or 0) for value in (self, other))
            return {(one > two) - (one < two)}
        return {-1} if self.hi < other.lo else {1} if self.lo > other.hi else {-1, 0, 1}

    def apart(self, other: _Range) -> _Range:
        """Return how far it is from another, in parts of the smaller: the same from either end."""
        if self.lo <= 0 or other.lo <= 0:
            return _Range()
        ratios = [max(a, b) / min(a, b) - 1 for a, b in product(self, other)]
        overlap = self.lo <= other.hi and other.lo <= self.hi
        return _Range(0 if overlap else min(ratios), max(ratios))


def _at(value: float | None) -> _Range:
    return _Range() if value is None else _Range(value, value)


def _all(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return False if False in found else None if None in found else True


def _among(signs: set[int], wanted: set[int]) -> Truth:
    """Return whether all, none or only some of the possible signs are wanted."""
    return True if signs <= wanted else (None if signs & wanted else False)


# ---- words -------------------------------------------------------------------------------------------------------


def _span(claim: Claim, claims: Claims) -> _Range:
    """Return the numbers that the stated number, or the two it lies between, allow."""
    stated, high = float(claim.stated[0]), float(claim.stated[-1])
    half, highest = (0.5 * 10.0 ** -decimals_of(claim.stated[end]) for end in (0, -1))
    word, about = claim.words[0], max(claims.limit(Word.ABOUT) * abs(stated), half)
    match word:
        case Word.ABOUT:
            return _Range(stated - about, stated + about)
        case Word.JUST_OVER:
            return _Range(stated, stated + about)
        case Word.OVER | Word.IMPLIES_AT_LEAST:
            return _Range(stated, math.inf)
        case Word.ALMOST:
            return _Range(stated * (1 - claims.limit(word)), stated)
        case Word.TIMES:
            return _Range(stated * (1 - claims.limit(word)), stated * (1 + claims.limit(word)))
    return _Range(stated - half, high + highest)


def _matches(value: _Range, claim: Claim, claims: Claims) -> Truth:
    low, high, word = claim.stated[0], claim.stated[-1], claim.words[0]
    if word is Word.VALUE and value.point:
        return low <= round_half_up(value.lo, max(decimals_of(low), decimals_of(high))) <= high
    if word in (Word.OVER, Word.ALMOST) and value.point and math.isclose(value.lo, low, rel_tol=_NOISE):
        return False  # the stated number itself is neither over nor almost itself
    return value.inside(*_span(claim, claims))


_WANTED = {
    Word.HIGHER: {1},
    Word.LOWER: {-1},
    Word.AT_LEAST: {0, 1},
    Word.RISING: {1},
    Word.FALLING: {-1},
    Word.NOT_FALLING: {0, 1},
}


def _compares(one: _Range, other: _Range, claim: Claim, claims: Claims) -> Truth:
    """Return whether one number is to another as the claim says."""
    signs, away = one.signs(other, claim.decimals), one.apart(other)
    if claim.words[-1] is Word.LEVEL:
        return True if signs == {0} else away.inside(0, claims.limit(Word.ABOUT))
    truth = _among(signs, _WANTED[claim.words[-1]])
    if claim.degree in (Word.ANY, Word.SLOWLY):
        return truth
    near = away.inside(-math.inf, claims.limit(claim.degree))
    return _all([truth, near if near is None or claim.degree is not Word.CONSIDERABLY else not near])


_SIGNS = {Word.HIGHER: 1, Word.HIGHEST: 1, Word.LOWER: -1, Word.LOWEST: -1}


def _sign(claim: Claim) -> int:
    """Return whether the claim says that its region is above (1) or below (-1) others; 0 where it says neither."""
    says_so = claim.form in (Form.ORDER, Form.RANK, Form.VERSUS) and not claim.than
    return _SIGNS.get(claim.words[-1], 0) if says_so else 0


def _pairs(claim: Claim) -> list[Pair]:
    """Return what the claim compares: measure, region and other region, which is the same one of another measure."""
    if claim.form is Form.ORDER:
        return [(claim.measure[0], *pair) for pair in pairwise(claim.rows)]
    if not claim.against:
        return [(measure, row, row) for measure, row in product(claim.measure, claim.rows)]
    pairs = product(claim.measure, claim.rows, claim.against)
    return [pair for pair in pairs if claim.form is not Form.RANK or pair[1] != pair[2]]


# ---- what the text states, as evidence for other claims ----------------------------------------------------------


class _Evidence(NamedTuple):
    """What a claim states of a cell, or of how far it is from another, ``base``; ``digits`` only of a plain number."""

    claim: str
    span: _Range
    digits: int | None
    base: Place | None


class _StatedNumbers:
    """The numbers and relations that claims state of cells no table prints."""

    def __init__(self, claims: Claims, printed: NumberByPlace) -> None:
        self._printed = printed
        self._tables = {place[0] for place in printed}
        self._cells: dict[Place, list[_Evidence]] = {}
        self.relations: dict[Pair, list[tuple[int, str]]] = {}
        for name, claim in claims.claims.items():
            address = claims.measures[claim.measure[0]].cell
            if address and claim.form in (*_STATING, Form.DIFFERENCE, Form.BETWEEN):
                exact = claim.form is Form.VALUE
                span = _at(float(claim.stated[0])) if exact else _span(claim, claims)
                base = address.at(claim.against[0]) if claim.form is Form.DIFFERENCE else None
                stated = _Evidence(name, span, decimals_of(claim.stated[0]) if exact else None, base)
                for row in claim.rows:
                    self._cells.setdefault(address.at(row), []).append(stated)
            if sign := _sign(claim):
                for measure, one, other in _pairs(claim):
                    self.relations.setdefault((measure, one, other), []).append((sign, name))
                    self.relations.setdefault((measure, other, one), []).append((-sign, name))

    def get(self, cell: Place, asking: str, used: dict[str, bool]) -> _Range:
        """Return a cell as the tables print it, or else as claims other than ``asking`` state it.

        ``used`` collects those claims, and whether each states a plain number. Worded statements that exclude each
        other leave everything between them open.
        """
        if cell[0] in self._tables:
            return _at(self._printed.get(cell))
        said = self._cells.get(cell, [])
        others = [one for one in said if one.claim != asking]
        plain = [(one.digits, one) for one in others if one.digits is not None]
        if plain:
            digits, finest = max(plain, key=lambda one: one[0])
            used[finest.claim] = True
            own = next((one.digits for one in said if one.claim == asking and one.digits is not None), digits)
            # A number stated more roughly elsewhere ("31") says no more of a finer one ("31.2") than its rounding.
            rough = 0.5 * 10.0**-digits if digits < own else 0.0
            return finest.span.plus(_Range(-rough, rough))
        spans: list[_Range] = []
        for one in others:
            base = self.get(one.base, asking, used) if one.base else _at(0)
            if base.known:
                spans.append(base.plus(one.span))
                used[one.claim] = False
        if not spans:
            return _Range()
        lo, hi = max(span.lo for span in spans), min(span.hi for span in spans)
        return _Range(lo, hi) if lo < hi else _Range(min(span.lo for span in spans), max(span.hi for span in spans))


# ---- one claim ---------------------------------------------------------------------------------------------------


class _Shown(NamedTuple):
    label: str
    value: _Range
    group: str = ""


@dataclass
class _Outcome:
    """What one side says: the parts of a claim that says the same of several, and the numbers it was weighed with."""

    shown: list[_Shown] = field(default_factory=list)
    parts: list[tuple[str, Truth]] = field(default_factory=list)
    open_pairs: list[Pair] = field(default_factory=list)
    share: Callable[[float], bool] | None = None

    @property
    def truth(self) -> Truth:
        truths = [truth for _, truth in self.parts]
        if self.share is None:
            return _all(truths)
        if self.share(truths.count(True) / len(truths)):
            return True
        return None if self.share(1 - truths.count(False) / len(truths)) else False


@dataclass(frozen=True)
class _Judge:
    claims: Claims
    stated: _StatedNumbers
    rebuilt: NumberByPlace
    language: Language
    names: Callable[[str], str]

    def row(self, claim: Claim) -> dict[str, str]:
        used: dict[str, bool] = {}
        on_print = self._outcome(claim, lambda cell: self.stated.get(cell, claim.claim, used))
        on_rebuilt = self._outcome(claim, lambda cell: _at(self.rebuilt.get(cell)))
        print_verdict, against = self._weigh(claim, on_print, used)
        rebuilt_verdict = _verdict(claim, on_rebuilt)
        if claim.form is Form.REFERENCE:
            rebuilt_verdict = Verdict.NOT_CHECKABLE
        elif print_verdict == rebuilt_verdict == Verdict.NOT_CHECKABLE:
            rebuilt_verdict, on_rebuilt, used = self._mixed(claim, on_rebuilt)
        elif print_verdict == Verdict.NOT_CHECKABLE:
            used = {}
        notes = [claim.text("note")[self.language]] if claim.note_nb else []
        notes += self._notes(claim, on_print, on_rebuilt, print_verdict, rebuilt_verdict, used, against)
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
            "stated": self._stated_text(claim),
            "printed": self._shown(on_print, claim),
            "rebuilt": self._shown(on_rebuilt, claim),
            "note": " ".join(notes),
        }

    # ---- what the numbers say

    def _outcome(self, claim: Claim, get: Callable[[Place], _Range]) -> _Outcome:
        value = partial(self._value, get)
        match claim.form:
            case Form.RANK:
                return self._rank(claim, value)
            case Form.VERSUS | Form.ORDER | Form.SHARE_OF:
                return self._versus(claim, value)
            case Form.TREND:
                return self._trend(claim, value)
            case Form.WIDEST_GAP:
                return self._widest_gap(claim, value)
            case Form.REFERENCE:
                return _Outcome(parts=[("", self.claims.object_of(claim) in claim.cited)])
        return self._number(claim, value)

    def _value(self, get: Callable[[Place], _Range], name: str, row: str) -> _Range:
        measure = self.claims.measures[name]
        total = _at(measure.constant)
        for addresses, add in ((measure.plus, _Range.plus), (measure.minus, _Range.minus), (measure.per, _Range.over)):
            for address in addresses:
                total = add(total, get(address.at(row)))
        return _Range(total.lo * measure.scale, total.hi * measure.scale)

    def _label(self, measure: str) -> str:
        return self.claims.measures[measure].text("label")[self.language]

    def _number(self, claim: Claim, value: Callable[[str, str], _Range]) -> _Outcome:
        measure, several = claim.measure[0], len(claim.against) > 1
        first = value(measure, claim.rows[0])
        match claim.form:
            case Form.RATIO:
                found = [
                    _Shown(self.names(row) if several else "", first.over(value(measure, row))) for row in claim.against
                ]
            case Form.DIFFERENCE:
                found = [_Shown("", first.minus(value(measure, claim.against[0])))]
            case Form.BETWEEN:
                found = [_Shown(self.names(row), value(measure, row)) for row in claim.rows]
            case _:
                found = [_Shown("", first)]
        return _Outcome(found, [(one.label, _matches(one.value, claim, self.claims)) for one in found])

    def _rank(self, claim: Claim, value: Callable[[str, str], _Range]) -> _Outcome:
        place = claim.words[0]
        values = {row: value(claim.measure[0], row) for row in claim.against}
        outward = 1 if place in (Word.HIGHEST, Word.SECOND_HIGHEST) else -1
        before = 1 if place in (Word.SECOND_HIGHEST, Word.SECOND_LOWEST) else 0
        # A region is further out when it beats ours in the direction the place is counted from.
        signs = {pair: values[pair[2]].signs(values[pair[1]], claim.decimals) for pair in _pairs(claim)}
        further = [_among(found, {outward}) for found in signs.values()]
        as_far = [_among(found, {outward, 0}) for found in signs.values()]
        truth: Truth = None
        if further.count(True) > before or len(as_far) - as_far.count(False) < before:
            truth = False
        elif len(further) - further.count(False) <= before <= as_far.count(True):
            truth = True
        unknown = [pair for pair, found in signs.items() if len(found) > 1] if not before else []
        return _Outcome([_Shown(self.names(row), found) for row, found in values.items()], [("", truth)], unknown)

    def _versus(self, claim: Claim, value: Callable[[str, str], _Range]) -> _Outcome:
        shown: dict[tuple[str, str], _Shown] = {}
        parts: dict[str, list[Truth]] = {}
        open_pairs: list[Pair] = []

        def show(measure: str, row: str) -> _Range:
            group = self._label(measure) if len(claim.measure) > 1 or claim.than else ""
            shown[measure, row] = _Shown(self.names(row), value(measure, row), group)
            return shown[measure, row].value

        if claim.form is Form.SHARE_OF:
            for row in (*claim.rows, *claim.against):
                show(claim.measure[0], row)
        for measure, row, other in _pairs(claim):
            than = claim.than[0] if claim.than else measure
            truth = _compares(show(measure, row), show(than, other), claim, self.claims)
            part = self.names(row)
            if claim.form is Form.ORDER or (claim.form is Form.VERSUS and len(claim.against) > 1):
                part += f"{_DASH}{self.names(other)}"
            if len(claim.measure) > 1:
                part += f" ({self._label(measure)})"
            parts.setdefault(part, []).append(truth)
            if truth is None and _sign(claim):
                open_pairs.append((measure, row, other))
        groups = list(dict.fromkeys(one.group for one in shown.values()))
        listed = sorted(shown.values(), key=lambda one: groups.index(one.group))
        found = _Outcome(listed, [(part, _all(truths)) for part, truths in parts.items()], open_pairs)
        if claim.form is Form.SHARE_OF:
            limit = self.claims.limit(claim.words[0])
            found.share = limit.__lt__ if claim.words[0] is Word.MOST else limit.__le__
        return found

    def _trend(self, claim: Claim, value: Callable[[str, str], _Range]) -> _Outcome:
        outcome = _Outcome()
        columns = [self.claims.measures[name].cells[0].column for name in claim.measure]
        for row in claim.rows:
            name = self.names(row)
            values = [value(measure, row) for measure in claim.measure]
            steps = [_compares(two, one, claim, self.claims) for one, two in pairwise(values)]
            failing = [column for column, step in zip(columns[1:], steps, strict=True) if step is False]
            if claim.degree is Word.SLOWLY:
                limit, years = self.claims.limit(Word.SLOWLY), len(steps)
                steps.append(values[-1].over(values[0]).inside((1 - limit) ** years, (1 + limit) ** years))
            outcome.parts += [(f"{name} {column}", False) for column in failing] or [(name, _all(steps))]
            group = name if len(claim.rows) > 1 else ""
            outcome.shown += [_Shown(column, found, group) for column, found in zip(columns, values, strict=True)]
        return outcome

    def _widest_gap(self, claim: Claim, value: Callable[[str, str], _Range]) -> _Outcome:
        gaps: dict[str, _Range] = {}
        for measure in self.claims.measures:
            if measure in (*claim.measure, *claim.than):
                gap = value(measure, claim.rows[0]).minus(value(measure, claim.against[0]))
                gaps[measure] = _Range(-gap.hi, -gap.lo) if gap.hi < 0 else gap
        compared = product(claim.measure, claim.than)
        truths = [_among(gaps[wide].signs(gaps[narrow], claim.decimals), {1}) for wide, narrow in compared]
        return _Outcome([_Shown(self._label(name), gap) for name, gap in gaps.items()], [("", _all(truths))])

    # ---- what that makes of the claim

    def _weigh(self, claim: Claim, outcome: _Outcome, used: dict[str, bool]) -> tuple[Verdict, list[str]]:
        """Return the verdict against the print, and the claims that contradict this one."""
        if outcome.truth is None:
            said = (entry for pair in outcome.open_pairs for entry in self.stated.relations.get(pair, []))
            opposed = list(dict.fromkeys(name for sign, name in said if sign == -_sign(claim)))
            in_appendix = [name for name in opposed if self._in_appendix(self.claims.claims[name])]
            if in_appendix and not self._in_appendix(claim):
                # What the appendix says of its own figure outranks what a chapter says of it.
                return Verdict.DOES_NOT_HOLD, in_appendix
            if opposed and self._in_appendix(claim) == bool(in_appendix):
                return Verdict.CONTRADICTED, opposed
            return Verdict.NOT_CHECKABLE, []
        if self._restates(claim, used):
            # Two passages that say the same are one source; two that differ cannot both be right.
            worded = [name for name, exact in used.items() if not exact]
            return (Verdict.NOT_CHECKABLE, []) if outcome.truth else (Verdict.CONTRADICTED, worded or list(used))
        return _verdict(claim, outcome), []

    def _in_appendix(self, claim: Claim) -> bool:
        return all(self.claims.chapter(line) == APPENDIX for line in claim.lines)

    def _restates(self, claim: Claim, used: dict[str, bool]) -> bool:
        if claim.form in _STATING:
            return bool(used) and self.claims.measures[claim.measure[0]].cell is not None
        return claim.form is Form.DIFFERENCE and not all(used.values())

    def _mixed(self, claim: Claim, before: _Outcome) -> tuple[Verdict, _Outcome, dict[str, bool]]:
        """Weigh a claim neither side decides with rebuilt cells, completed by the report's own.

        Returns the verdict, the outcome to show, and the claims whose numbers it rests on.
        """
        used: dict[str, bool] = {}
        rebuilt: set[Place] = set()

        def get(cell: Place) -> _Range:
            if cell in self.rebuilt:
                rebuilt.add(cell)
                return _at(self.rebuilt[cell])
            return self.stated.get(cell, claim.claim, used)

        outcome = self._outcome(claim, get)
        if not rebuilt or outcome.truth is None or self._restates(claim, used):
            return Verdict.NOT_CHECKABLE, before, {}
        return _verdict(claim, outcome), outcome, used

    # ---- how it is shown

    def _say(self, key: str, **values: str) -> str:
        return self.claims.say(key, self.language, **values)

    def _notes(
        self,
        claim: Claim,
        on_print: _Outcome,
        on_rebuilt: _Outcome,
        print_verdict: Verdict,
        rebuilt_verdict: Verdict,
        used: dict[str, bool],
        against: Sequence[str],
    ) -> Iterator[str]:
        if print_verdict == Verdict.WRONG_REFERENCE:
            cited, shown = map(self.names, (claim.cited[0], self.claims.object_of(claim)))
            # Within a sentence.
            cited, shown = (f"{name[:1].lower()}{name[1:]}" for name in (cited, shown))
            yield self._say("wrong_reference", cited=cited, object=shown)
        elif against:
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

    def _shown(self, outcome: _Outcome, claim: Claim) -> str:
        groups: list[str] = []
        for group, items in groupby(outcome.shown, key=lambda one: one.group):
            found = list(items)
            if any(one.value.known for one in found):
                listed = "; ".join(f"{one.label} {self._range(one.value, claim)}".strip() for one in found)
                groups.append(f"{group}: {listed}" if group else listed)
        return " / ".join(groups)

    def _range(self, value: _Range, claim: Claim) -> str:
        low, high = (
            "" if math.isinf(end) else display_number(end, claim.decimals or 0, self.language) for end in value
        )
        if low and high:
            return low if low == high else f"{low}\N{EN DASH}{high}"
        return f">{low}" if low else f"<{high}" if high else self._say("not_stated")

    def _stated_text(self, claim: Claim) -> str:
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
                said = [self._say("widest", measures=", ".join(map(self._label, claim.measure)))]
            case Form.REFERENCE:
                said = [self.names(claim.cited[0])]
        return " ".join(filter(None, said))


def _verdict(claim: Claim, outcome: _Outcome) -> Verdict:
    if outcome.truth is None or (claim.form is Form.IMPLIES_AT_LEAST and outcome.truth):
        return Verdict.NOT_CHECKABLE
    if outcome.truth:
        return Verdict.HOLDS
    if claim.form is Form.REFERENCE:
        return Verdict.WRONG_REFERENCE
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
