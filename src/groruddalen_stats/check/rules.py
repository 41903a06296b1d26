"""Rules that find where the print contradicts itself, its headings or its history.

Every rule is generic: what is a part of what, and what is a share of what, comes from the catalogue. A rule yields
:class:`Finding` objects, and :class:`Held` for what it tested and found right; it knows nothing of the ledger.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from groruddalen_stats.ages import ages
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.config.deviations import Strength
from groruddalen_stats.config.models import Place
from groruddalen_stats.numbers import round_half_up

Rule = Callable[[Print, KnownFigures], Iterable["Finding | Held"]]

# The usual limit for an outlier measured in robust standard deviations (Iglewicz and Hoaglin 1993).
OUTLIER = 3.5
_MAD = 1.4826
# Populations and households never move quite evenly; a spread below this is taken for this.
_LEAST_SPREAD = 0.002
# Shares are compared with a hair's breadth of slack, so that 12.25 against 12.2 and 12.3 is decided by rounding alone.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a finding's sentence, with the decimals it is shown with."""

    value: float
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A word in a finding's sentence that the catalogue has in both languages: a series or a source."""

    kind: Literal["series", "source"]
    key: str


SentencePart = Amount | Name | str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule found something.

    Attributes:
        rule: which rule; :func:`find` says it.
        says: which of the rule's sentences.
        cells: the cells that may be wrong.
        strength: ``strong`` when the print cannot be right, ``medium`` when it is very unlikely, ``weak`` when it may
            be.
        parts: what is put into the sentence.
        candidates: for cells of which one must be wrong, the value each would need.
        others: further cells that the test rests on, and that may be what is wrong instead.
        entries: of the ledger that answer for it; none for an open question.
    """

    rule: str
    says: str
    cells: tuple[Place, ...]
    strength: Strength
    parts: dict[str, SentencePart] = field(default_factory=dict)
    candidates: dict[Place, Amount] = field(default_factory=dict)
    others: tuple[Place, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Printed numbers that a rule held against each other, and that agree."""

    cells: tuple[Place, ...]
    rule: str = ""


def _held(cells: Iterable[PrintedCell]) -> Held:
    return Held(tuple(cell.place for cell in cells))


def _found(
    cells: Iterable[Place],
    *,
    rule: str = "",
    says: str = "found",
    strength: Strength = "strong",
    candidates: dict[Place, Amount] | None = None,
    others: Iterable[PrintedCell] = (),
    **parts: SentencePart | float,
) -> Finding:
    shown = {key: Amount(part) if isinstance(part, int | float) else part for key, part in parts.items()}
    return Finding(rule, says, tuple(cells), strength, shown, candidates or {}, tuple(cell.place for cell in others))


def _shown(cell: PrintedCell) -> Amount:
    return Amount(cell.number, cell.decimals)


def _dashed(age: str) -> str:
    return age.replace("-", "–")


# ---- sums and means ---------------------------------------------------------------------------------------------


def sum_columns(tables: Print, _: KnownFigures) -> Iterator[Finding | Held]:
    """Find a sum column that is not the sum of the printed numbers, and shares too far from 100 in all."""
    for cell in tables.numbers:
        parts = [tables.by_place[Place(cell.object, cell.row, column)] for column in cell.sum_of]
        if not parts or any(part.value is None for part in parts):
            continue
        yield _sum(cell, parts)
        total = math.fsum(part.number for part in parts)
        if cell.unit == "percent" and abs(total - 100) > math.fsum(part.half for part in parts) + _SLACK:
            shown = Amount(total, max(part.decimals for part in parts))
            yield _found([part.place for part in parts], says="hundred", printed=_shown(cell), sum=shown)


def region_totals(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find a region that is not the sum of its parts, or whose share is not their weighted mean."""
    rows: dict[tuple[str, str], dict[str, PrintedCell]] = defaultdict(dict)
    for cell in tables.numbers:
        if cell.region is not None and cell.row == cell.region:
            rows[cell.object, cell.column][cell.region] = cell
    for by_region in rows.values():
        for region, whole in by_region.items():
            members = known.catalogue.regions.members(region)
            parts = [by_region[member] for member in members if member in by_region]
            if len(members) < 2 or len(parts) < len(members):
                continue
            yield _sum(whole, parts) if whole.is_count else _mean(whole, parts, known)


def _sum(whole: PrintedCell, parts: Sequence[PrintedCell]) -> Finding | Held:
    total, decimals = math.fsum(part.number for part in parts), max(part.decimals for part in parts)
    if round_half_up(total, decimals) == round_half_up(whole.number, decimals):
        return _held([whole, *parts])
    apart = Amount(whole.number - total, decimals)
    return _found(
        [whole.place], says="sum", others=parts, printed=_shown(whole), sum=Amount(total, decimals), apart=apart
    )


def _weighted(parts: Sequence[PrintedCell], known: KnownFigures) -> list[tuple[PrintedCell, float]]:
    """Return shares with what each is a share of; none unless all of that is known."""
    weights = [known.total(part.denominator) for part in parts]
    found = [(part, weight) for part, weight in zip(parts, weights, strict=True) if weight]
    return found if len(found) == len(parts) else []


def _mean(whole: PrintedCell, parts: Sequence[PrintedCell], known: KnownFigures) -> Finding | Held:
    """Find a share outside what the weighted mean of its parts can be, given their rounding."""
    low, high = min(part.number - part.half for part in parts), max(part.number + part.half for part in parts)
    says = "between"
    if shares := _weighted(parts, known):
        total = math.fsum(weight for _, weight in shares)
        mean = math.fsum(part.number * weight for part, weight in shares) / total
        slack = math.fsum(part.half * weight for part, weight in shares) / total
        low, high, says = mean - slack, mean + slack, "mean"
    if low - _SLACK <= whole.number + whole.half and whole.number - whole.half <= high + _SLACK:
        return _held([whole, *parts])
    places = (whole.place, *(part.place for part in parts))
    lowest, highest = (Amount(edge, whole.decimals + 1) for edge in (low, high))
    return _found(places, says=says, printed=_shown(whole), low=lowest, high=highest)


def sexes(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find a share of all that the shares of women and men cannot give."""
    for both, parts in _split(tables, lambda term: term._replace(sex="both"), lambda term: term.sex):
        if {term.sex for part in parts for term in part.numerator} == {"women", "men"}:
            yield _mean(both, parts, known)


def age_sums(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find a count that the shares by age, times the population by age, cannot give.

    The cells that may be wrong are the shares that alone could be corrected to something between 0 and 100, and the
    count, unless an independent source has the same count or the printed share of all ages agrees with it.
    """
    for whole, parts in _split(tables, lambda term: term._replace(age="all"), lambda term: term.age):
        counts = tables.counts.get(whole.numerator[0]._replace(detail=""), [])
        count = next((cell for cell in counts if cell.object == whole.object), None)
        shares, everyone = _weighted(parts, known), known.total(whole.denominator)
        if count is None or everyone is None or not shares:
            yield _mean(whole, parts, known)
            continue
        if math.fsum(weight for _, weight in shares) != everyone:
            continue
        implied = math.fsum(part.number / part.scale * weight for part, weight in shares)
        slack = math.fsum(part.half / part.scale * weight for part, weight in shares)
        apart = count.number - implied
        if abs(apart) <= slack + count.half:
            yield _held([count, *parts])
            continue
        candidates = {
            part.place: Amount(needed, part.decimals)
            for part, weight in shares
            if 0 <= (needed := part.number + apart / weight * part.scale) <= part.scale
        }
        agrees = whole.gives(count.number / everyone * whole.scale)
        if known.value(count.numerator[0]) != count.number and not agrees:
            candidates[count.place] = Amount(implied)
        suspects = tuple(candidates) or tuple(part.place for part in parts)
        yield _found(
            suspects, candidates=candidates, printed=count.number, implied=implied, apart=abs(apart), slack=slack
        )


def _split(
    tables: Print, whole_of: Callable[[Term], Term], value_of: Callable[[Term], str]
) -> Iterator[tuple[PrintedCell, list[PrintedCell]]]:
    """Yield each share of a whole with the shares of the groups that it is printed divided into."""
    for name in tables.tables:
        for _, cells in tables.lines(name):
            shares = [cell for cell in cells if cell.is_share and len(cell.numerator) == 1]
            for whole in shares:
                term = whole.numerator[0]
                if whole_of(term) != term:
                    continue
                parts = [
                    cell
                    for cell in shares
                    if whole_of(cell.numerator[0]) == term and value_of(cell.numerator[0]) != value_of(term)
                ]
                if parts:
                    yield whole, parts


# ---- counts and shares ------------------------------------------------------------------------------------------


def count_shares(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find a share that its own printed count, divided by the population, does not give.

    The years beside the stated one are tried as denominators too, so that a share of another year's population is
    told apart from a wrong number.
    """
    for cell in tables.numbers:
        if not (cell.is_share and cell.numerator):
            continue
        if not (counted := _counted(tables, cell.numerator, cell.object)):
            continue
        count = math.fsum(part.number for part in counted)
        bases: dict[int, float] = {}
        for offset in (0, -1, 1):
            divided = [term._replace(year=term.year + offset) for term in cell.denominator]
            base = math.fsum(part.number for part in _printed_parts(tables, divided, cell.object)) or known.total(
                divided
            )
            if base:
                bases[offset] = base
        shares = {offset: count / base * cell.scale for offset, base in bases.items()}
        if 0 not in shares:
            continue
        beside = [*counted, *_printed_parts(tables, cell.denominator, cell.object)]
        if cell.gives(shares[0]):
            yield _held([cell, *beside])
            continue
        other = next((offset for offset, share in shares.items() if cell.gives(share)), None)
        yield _found(
            [cell.place],
            says="found" if other is None else "other_year",
            strength="strong" if other is None else "medium",
            others=beside,
            printed=_shown(cell),
            count=count,
            base=bases[0],
            share=Amount(shares[0], cell.decimals),
            year=str(cell.denominator[0].year + (other or 0)),
        )


def _counted(tables: Print, terms: Sequence[Term], name: str) -> list[PrintedCell]:
    """Return where each of several counts is printed, best in a certain table; none unless every one is printed."""
    found = [tables.counts.get(term._replace(detail=""), []) for term in terms]
    return [next((cell for cell in cells if cell.object == name), cells[0]) for cells in found] if all(found) else []


def _printed_parts(tables: Print, terms: Sequence[Term], name: str) -> list[PrintedCell]:
    """Return the cells of a table that have all of several counts; none unless it has every one."""
    cells = [cell for term in terms for cell in tables.counts.get(term, []) if cell.object == name]
    return cells if len(cells) == len(terms) else []


def same_quantity(tables: Print, _: KnownFigures) -> Iterator[Finding | Held]:
    """Find one quantity that is printed in two places with two values."""
    found: dict[object, list[PrintedCell]] = defaultdict(list)
    for cell in tables.numbers:
        if cell.numerator:
            found[cell.numerator, cell.denominator, cell.scale].append(cell)
    for first, *others in found.values():
        for other in others:
            decimals = min(first.decimals, other.decimals)
            if round_half_up(first.number, decimals) != round_half_up(other.number, decimals):
                yield _found([first.place, other.place], one=_shown(first), other=_shown(other))
            else:
                yield _held([first, other])


def possible_range(tables: Print, _: KnownFigures) -> Iterator[Finding]:
    """Find a share below 0 or above the whole."""
    for cell in tables.numbers:
        top = {"percent": 100.0}.get(cell.unit, cell.scale if cell.is_share else math.inf)
        if not 0 <= cell.number <= top:
            yield _found([cell.place], printed=_shown(cell), top=top)


def subgroups(tables: Print, _: KnownFigures) -> Iterator[Finding | Held]:
    """Find a group that is larger than the group it belongs to, or whose part of it cannot be right.

    A background is a part of all backgrounds. Where both are printed by age, the group's part of the whole must lie
    between its smallest and its largest part at any age.
    """
    at: dict[tuple[object, ...], dict[str, PrintedCell]] = defaultdict(dict)
    for cell in tables.numbers:
        if len(cell.numerator) == 1:
            term = cell.numerator[0]
            key = (term._replace(background="all"), cell.denominator, cell.scale)
            at[key].setdefault(term.background, cell)
    ratios: dict[tuple[str, str], dict[str, tuple[float, PrintedCell, PrintedCell]]] = defaultdict(dict)
    for by_background in at.values():
        whole = by_background.get("all")
        for background, part in by_background.items():
            if whole is None or background == "all":
                continue
            if part.number - part.half > whole.number + whole.half:
                yield _found([part.place, whole.place], says="larger", part=_shown(part), whole=_shown(whole))
            else:
                yield _held([part, whole])
            if part.is_share and whole.number > whole.half:
                term = part.numerator[0]
                ratios[term.region, background][term.age] = (part.number / whole.number, part, whole)
    for by_age in ratios.values():
        groups = {age: entry for age, entry in by_age.items() if age != "all"}
        if "all" not in by_age or len(groups) < 2:
            continue
        low = min((p.number - p.half) / (w.number + w.half) for _, p, w in groups.values())
        high = max((p.number + p.half) / (w.number - w.half) for _, p, w in groups.values())
        overall, part, whole = by_age["all"]
        edge = part.half / whole.number
        numbers = [cell for _, *pair in by_age.values() for cell in pair]
        if low - edge <= overall <= high + edge:
            yield _held(numbers)
        else:
            places = tuple(entry[1].place for entry in groups.values())
            yield _found(
                places,
                says="impossible",
                others=[cell for cell in numbers if cell.place not in places],
                overall=Amount(overall * 100, 1),
                low=Amount(low * 100, 1),
                high=Amount(high * 100, 1),
            )


def nested_ages(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find a share that gives fewer persons than another table counts in a narrower age interval."""
    for narrow in tables.numbers:
        if not narrow.is_share or len(narrow.numerator) < 2:
            continue
        if not (counted := _counted(tables, narrow.numerator, narrow.object)):
            continue
        count = math.fsum(cell.number for cell in counted)
        term = narrow.numerator[0]._replace(background="all")
        for wide in tables.numbers:
            if not (wide.is_share and len(wide.numerator) == 1 and len(wide.denominator) == 1):
                continue
            other = wide.numerator[0]
            if other._replace(age=term.age, detail="") != term._replace(detail="") or not _within(term.age, other.age):
                continue
            base = known.total(wide.denominator)
            if base is None:
                continue
            if count <= (wide.number + wide.half) / wide.scale * base:
                yield _held([wide, *counted])
                continue
            yield _found(
                [wide.place],
                others=counted,
                count=count,
                narrow=_dashed(term.age),
                wide=_dashed(other.age),
                printed=_shown(wide),
                persons=wide.number / wide.scale * base,
                needed=Amount(count / base * wide.scale, wide.decimals),
            )


def _within(narrow: str, wide: str) -> bool:
    (first, last), (lowest, highest) = ages(narrow), ages(wide)
    return narrow != wide and lowest <= first and last <= highest


def labels(tables: Print, known: KnownFigures) -> Iterator[Finding | Held]:
    """Find printed parts whose sum is exactly an independent count under another heading, or nearly one under theirs.

    A sum that equals a count for other ages shows what the numbers really are; a sum that lies within one per cent
    of the population of the stated ages, without being it, shows that one of the parts is not what it says.
    """
    for cell in tables.numbers:
        for terms in (cell.numerator, cell.denominator):
            parts = _counted(tables, terms, cell.object)
            if len(parts) < 2:
                continue
            places = tuple(part.place for part in parts)
            total = math.fsum(part.number for part in parts)
            stated = terms[0]
            counts = list(_counts_beside(known, stated))
            exact = [term for term, value in counts if value == total]
            if any(term.age == stated.age for term in exact):
                yield _held(parts)
                continue
            said = partial(_found, places, sum=total, stated=_dashed(stated.age))
            near = [(abs(v - total), t, v) for t, v in counts if t.age == stated.age and abs(v - total) < 0.01 * total]
            if exact:
                ages_of, series = _dashed(exact[0].age), Name("series", exact[0].series)
                yield said(says="other_ages", strength="strong", ages=ages_of, series=series)
            elif near:
                _, term, value = min(near, key=lambda entry: entry[0])
                yield said(
                    says="not_equal",
                    strength="medium",
                    known=Amount(value),
                    apart=Amount(total - value),
                    year=str(term.year),
                    series=Name("series", term.series),
                )


def _counts_beside(known: KnownFigures, stated: Term) -> Iterator[tuple[Term, float]]:
    """Yield every independent count of a region in the stated year and the next, also for the stated ages."""
    kinds = {*known.kinds_of_count, *(kind._replace(age=stated.age) for kind in known.kinds_of_count)}
    for kind in sorted(kinds, key=lambda term: (term.series, term.age, term.sex, term.detail)):
        if kind.series not in known.catalogue.indicators.series or kind.sex != stated.sex:
            continue
        for year in (stated.year, stated.year + 1):
            term = kind._replace(region=stated.region, year=year)
            value = known.value(term)
            if value is not None:
                yield term, value


# ---- rows through time ------------------------------------------------------------------------------------------


def repeated_runs(tables: Print, _: KnownFigures) -> Iterator[Finding]:
    """Find two or more neighbouring counts that stand a second time in the same order, in the table."""
    for group in tables.yearly.values():
        seen: dict[tuple[float, float], PrintedCell] = {}
        run: list[tuple[PrintedCell, PrintedCell, PrintedCell]] = []
        for _row, cells in group:
            for one, two in pairwise(cells):
                key = (one.number, two.number)
                if min(key) < 1000:
                    continue
                first = seen.setdefault(key, one)
                if first is not one:
                    run.append((first, one, two))
        for first, one, two in run:
            yield _found([one.place, two.place], one=one.number, two=two.number, first=first.column, again=one.column)


def jumps(tables: Print, _: KnownFigures) -> Iterator[Finding | Held]:
    """Find a yearly growth far outside the row's own history.

    Far is seven robust standard deviations of how the table's rows depart from their usual growth: a row may grow
    unevenly, but not out of all proportion.
    """
    for group in tables.yearly.values():
        growth = {row: _growth(cells) for row, cells in group}
        pooled = [g - median(list(row.values())) for row in growth.values() for g in row.values()]
        spread = max(_MAD * median([abs(g) for g in pooled]), _LEAST_SPREAD)
        for row, cells in group:
            usual = median(list(growth[row].values()))
            for before, cell in pairwise(cells):
                step = growth[row][cell.year]
                if abs(step - usual) / spread <= 2 * OUTLIER:
                    yield _held([before, cell])
                    continue
                others = [g for year, g in growth[row].items() if year != cell.year]
                yield _found(
                    [cell.place],
                    others=[before],
                    growth=Amount(step * 100, 1),
                    low=Amount(min(others) * 100, 1),
                    high=Amount(max(others) * 100, 1),
                    year=str(cell.year),
                )


def _growth(cells: Sequence[PrintedCell]) -> dict[int, float]:
    return {
        after.year: (after.number / before.number) ** (1 / (after.year - before.year)) - 1
        for before, after in pairwise(cells)
    }


def paired_rows(tables: Print, _: KnownFigures) -> Iterator[Finding | Held]:
    """Find a year in which two tables' numbers for a region do not move together as they do in other years.

    The steps of the ratio of the two numbers, less what all regions share in the year, are compared with the steps of
    all rows. A step that is taken back in the next year points at the year between; one that stays, at its own year.
    """
    for one, two in pairwise(tables.yearly.values()):
        rows_one, rows_two = dict(one), dict(two)
        ratios: dict[str, dict[int, float]] = {}
        for row, cells in rows_one.items():
            base = {cell.year: cell.number for cell in rows_two.get(row, [])}
            shared = {c.year: c.number / base[c.year] for c in cells if base.get(c.year)}
            if len(shared) > 2:
                ratios[row] = shared
        if len(ratios) < 3:
            continue
        steps = {
            row: {(a, b): math.log(ratio[b] / ratio[a]) for a, b in pairwise(sorted(ratio))}
            for row, ratio in ratios.items()
        }
        common = {pair: median([r[pair] for r in steps.values() if pair in r]) for r in steps.values() for pair in r}
        own = {row: {pair: step - common[pair] for pair, step in r.items()} for row, r in steps.items()}
        spread = max(_MAD * median([abs(step) for r in own.values() for step in r.values()]), _LEAST_SPREAD)
        for row, by_pair in own.items():
            taken_back: set[tuple[int, int]] = set()
            for pair, after in [*pairwise(by_pair), (list(by_pair)[-1], None)]:
                z = by_pair[pair] / spread
                back = by_pair[after] / spread if after else 0.0
                spike = z * back < 0 and abs(z) + abs(back) > 2 * OUTLIER and min(abs(z), abs(back)) > OUTLIER / 2
                year = pair[1]
                cells = [c for rows in (rows_one, rows_two) for c in rows[row] if c.year in pair]
                if pair in taken_back or not (spike or abs(z) > 2 * OUTLIER):
                    yield _held(cells)
                    continue
                if spike and after:
                    taken_back.add(after)
                yield _found(
                    [cell.place for cell in cells if cell.year == year],
                    others=[] if spike else [cell for cell in cells if cell.year != year],
                    says="spike" if spike else "shift",
                    strength="medium",
                    ratio=Amount(ratios[row][year], 3),
                    before=Amount(ratios[row][pair[0]], 3),
                    after=Amount(ratios[row][after[1]], 3) if after else "",
                    times=Amount(abs(z), 1),
                    year=str(year),
                )


# ---- headings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """Which cells of a column a formula gives exactly, of those it can be tried on.

    Attributes:
        numerator: what is counted; the region is left open.
        years: the years whose mean is the denominator: one year, or two for a population in the middle of a year.
        own: the numerator is the series that the catalogue states for the column.
        stated: the formula is, years and all, the one that the catalogue states.
        hits: cells the formula gives.
        tried: cells it has figures for.
    """

    numerator: Term
    years: tuple[int, ...]
    own: bool
    stated: bool
    hits: tuple[Place, ...]
    tried: tuple[Place, ...]


def fits(cells: Sequence[PrintedCell], tables: Print, known: KnownFigures, *, own_only: bool = False) -> list[Fit]:
    """Return how well every count among the sources, over every plausible denominator, gives a column of shares.

    Numerators are all counts of the column's regions in the stated year and the years beside it; denominators are
    the stated one from the year before to two years after, and the means of two years in a row. Best first; the
    formula nearest to the stated one comes first among equals. One of another series that gives no cell is left out.

    Args:
        cells: a column of shares of one denominator.
        tables: the print.
        known: the sources.
        own_only: try the years of the stated series only.
    """
    first = cells[0]
    single = [(year,) for year in range(first.year - 1, first.year + 3)]
    spans: list[tuple[int, ...]] = [*single, *((a, b) for (a,), (b,) in pairwise(single))]
    bases = tuple(
        tuple(_mean_base(tables, known, cell.denominator[0], span) or math.nan for cell in cells) for span in spans
    )
    key = (tuple(cells), bases, own_only)
    # Asked again for every print of an experiment, in which most columns stand as they did.
    if key not in known.fits:
        known.fits[key] = _fits(cells, spans, bases, known, own_only=own_only)
    return known.fits[key]


def _fits(
    cells: Sequence[PrintedCell],
    spans: Sequence[tuple[int, ...]],
    bases: Sequence[Sequence[float]],
    known: KnownFigures,
    *,
    own_only: bool,
) -> list[Fit]:
    first = cells[0]
    base = first.denominator[0]
    stated = first.numerator[0] if first.numerator else None
    sex = stated.sex if stated else "both"
    regions = tuple(cell.denominator[0].region for cell in cells)
    counts: dict[Term, list[float | None]] = {}
    for year in range(first.year - 1, first.year + 2):
        if stated is not None:
            # The stated series keeps what each cell says of it, such as how Oslo is counted.
            own = [known.value(cell.numerator[0]._replace(year=year)) for cell in cells]
            counts[stated._replace(region="", year=year, detail="")] = own
        for kind in () if own_only else known.kinds_of_count:
            if kind.sex == sex and (stated is None or kind.series != stated.series) and known.has(kind.series, year):
                counts[kind._replace(year=year)] = known.values(kind._replace(year=year), regions)
    tops = [(n, v) for n, v in counts.items() if sum(value is not None for value in v) >= 4]
    # Formulas by numerator, span and cell, all at once: there are tens of thousands, and nearly all give nothing.
    values = np.array([[math.nan if value is None else value for value in v] for _, v in tops]).reshape(-1, len(cells))
    shares = values[:, None, :] / np.array(bases) * np.array([cell.scale for cell in cells])
    usable = ~np.isnan(shares)
    apart = np.abs(shares - np.array([cell.number for cell in cells]))
    near = usable & (apart <= np.array([10.0**-cell.decimals for cell in cells]))
    as_stated = (stated.year if stated else None, base.years)
    found: list[Fit] = []
    for at, (numerator, _) in enumerate(tops):
        own_series = stated is not None and numerator.series == stated.series
        for span_at, span in enumerate(spans):
            hits = [cells[c].place for c in near[at, span_at].nonzero()[0] if cells[c].gives(shares[at, span_at, c])]
            if hits or own_series:
                found.append(
                    Fit(
                        numerator=numerator,
                        years=span,
                        own=own_series,
                        stated=own_series and (numerator.year, span) == as_stated,
                        hits=tuple(hits),
                        tried=tuple(cells[c].place for c in usable[at, span_at].nonzero()[0]),
                    )
                )

    def order(fit: Fit) -> tuple[object, ...]:
        away = abs(fit.numerator.year - first.year), max(abs(year - base.year) for year in fit.years)
        last = fit.numerator.series, fit.numerator.age, fit.numerator.detail, fit.years
        return (-len(fit.hits), not fit.own, *away, *last)

    return sorted(found, key=order)


def _mean_base(tables: Print, known: KnownFigures, term: Term, years: Sequence[int]) -> float | None:
    found = []
    for year in years:
        of_year = term.of_year(year)
        printed = tables.counts.get(of_year, [])
        value = known.value(of_year) or (printed[0].number if printed else None)
        if value is None:
            return None
        found.append(value)
    return math.fsum(found) / len(found)


def columns_of_shares(tables: Print) -> Iterator[list[PrintedCell]]:
    """Yield the columns of at least four shares whose denominator the catalogue knows."""
    columns: dict[tuple[str, str], list[PrintedCell]] = defaultdict(list)
    for cell in tables.numbers:
        if len(cell.denominator) == 1 and len(cell.numerator) <= 1:
            columns[cell.object, cell.column].append(cell)
    yield from (cells for cells in columns.values() if len(cells) >= 4)


def headings(tables: Print, known: KnownFigures) -> Iterator[Finding]:
    """Find a column of shares that another series or another year fits better than what its heading says.

    All counts among the sources are tried. A column is named when another formula gives at least four of its cells,
    at least four in five of those it can be tried on, and at least two more than the stated formula does; ``strong``
    when it gives at least three more.
    """
    for cells in columns_of_shares(tables):
        ranked = fits(cells, tables, known)
        if not ranked:
            continue
        best = ranked[0]
        stated_hits = max((len(fit.hits) for fit in ranked if fit.stated), default=0)
        hits = len(best.hits)
        if hits < max(4, 0.8 * len(best.tried), stated_hits + 2):
            continue
        own_years = "other_year" if len(best.years) == 1 else "mean_of_years"
        yield _found(
            best.tried,
            says=own_years if best.own else "other_series",
            strength="strong" if hits > stated_hits + 2 else "medium",
            hits=hits,
            tried=len(best.tried),
            stated_hits=stated_hits,
            series=Name("series", best.numerator.series),
            year=str(best.numerator.year),
            base=Name("series", cells[0].denominator[0].series),
            base_year=str(best.years[0]),
            next_year=str(best.years[-1]),
        )


_RULES: tuple[tuple[Rule, str], ...] = (
    (headings, ""),
    (nested_ages, "other_table"),
    (labels, "sum"),
    (repeated_runs, ""),
    (jumps, "years"),
    (paired_rows, "years"),
    (age_sums, "share"),
    (subgroups, "other_table"),
    (count_shares, "share"),
    (sexes, "share"),
    (region_totals, "sum"),
    (sum_columns, "sum"),
    (same_quantity, "other_table"),
    (possible_range, ""),
)
RULES = {rule.__name__: rule for rule, _ in _RULES}
AGAINST = {rule.__name__: kind for rule, kind in _RULES if kind}
"""What a rule holds a printed number against, of those that do."""


def find(tables: Print, known: KnownFigures, names: Iterable[str] = RULES) -> list[Finding | Held]:
    """Return what the rules tell, by default all of them, in their order."""
    return [replace(told, rule=name) for name in names for told in RULES[name](tables, known)]
