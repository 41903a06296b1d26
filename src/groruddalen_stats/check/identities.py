"""Contradictions between the figures of data/raw, also where no printed number speaks of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.model import Cell, Origin
from groruddalen_stats.appendix.text import inputs_text, origin_text
from groruddalen_stats.config.identities import Identities, Identity, Jumps, KeyColumn
from groruddalen_stats.errors import Fault

__all__ = ["breaches", "impossible"]

_FILE = "config/identities.yaml"
_Row = tuple[Any, ...]
_Groups = dict[tuple[str, ...], list[_Row]]
_KEYS: list[KeyColumn] = ["source", "series", "region", "period", "sex", "age", "background", "detail"]
_SERIES, _VALUE = 1, 8
_ORIGIN = ["snapshot", "first", "last", "cells", "column"]
_TOTALS: dict[KeyColumn, str] = {"sex": "both", "age": "all", "background": "all"}
_MANY = 3


def breaches(rules: Identities, observations: pd.DataFrame, independent: Collection[str]) -> list[Fault]:
    """Return one fault per identity that does not hold, and one per jump.

    Args:
        rules: config/identities.yaml.
        observations: all observations.
        independent: the sources that count; not the report itself, since the check weighs it.
    """
    counts = observations["source"].isin(independent) & observations["value"].notna()
    kept = observations[counts].drop_duplicates(_KEYS, keep="last")
    # Plain tuples: each of dozens of rules asks for few of them, for which pandas takes longer to get ready.
    figures = _Figures(list(zip(*(kept[name].tolist() for name in [*_KEYS, "value", *_ORIGIN]), strict=True)))
    faults = [fault for name, rule in rules.identities.items() if (fault := _differs(name, rule, figures)) is not None]
    return faults if rules.jumps is None else [*faults, *_jumps(rules.jumps, figures)]


def impossible(cells: Iterable[Cell], edition: str) -> list[Fault]:
    """Return one fault per computed share of one edition that is below 0 or above 100 per cent."""
    return [
        Fault(
            f"{cell.number:.4g} per cent ({inputs_text(cell)})",
            where=f"edition {edition}, {'/'.join(cell.place)}",
            remedy="correct the raw file that has the part or the whole",
            about=tuple(origin_text(origin) for part in cell.parts for origin in part.origins),
        )
        for cell in cells
        if cell.unit == "percent" and cell.denominator and cell.known and not 0 <= cell.number <= 100
    ]


class _Figures:
    """The figures that are held against each other, each with its keys, its number and where it stands."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.rows = rows
        self._of_series = defaultdict[str, list[_Row]](list)
        for row in rows:
            self._of_series[row[_SERIES]].append(row)

    def chosen(self, wanted: Mapping[KeyColumn, str | list[str]]) -> list[_Row]:
        """Return the figures with all the wanted keys."""
        named = wanted.get("series")
        rows = self.rows if named is None else [row for key in _listed(named) for row in self._of_series[key]]
        for key, words in wanted.items():
            at, listed = _KEYS.index(key), set(_listed(words))
            rows = [row for row in rows if row[at] in listed]
        return list(rows)


def _differs(name: str, rule: Identity, figures: _Figures) -> Fault | None:
    left, right = (_side(side, rule.by, figures) for side in (rule.left, rule.right))
    wrong = sorted(
        key for key in left.keys() & right.keys() if abs(_sum(left[key]) - _sum(right[key])) > rule.within + 1e-6
    )
    if not wrong:
        return None
    told = [
        f"{'/'.join(key)} {_sum(left[key]):.10g} against {_sum(right[key]):.10g} "
        f"({_origin(left[key][0])} and {_origin(right[key][0])})"
        for key in wrong[:_MANY]
    ]
    more = f" and {len(wrong) - _MANY} more" if len(wrong) > _MANY else ""
    return Fault(
        f"not so: {rule.says}: {'; '.join(told)}{more}",
        where=f"{_FILE} identities.{name}",
        remedy="correct the raw file that is wrong, or say with 'within' and 'because' how far official figures differ",
        about=tuple(_origin(row) for side in (left, right) for key in wrong for row in side[key]),
    )


def _sum(rows: Iterable[_Row]) -> float:
    return math.fsum(row[_VALUE] for row in rows)


def _origin(row: _Row) -> str:
    """Return where a figure stands."""
    return origin_text(Origin(*row[_VALUE + 1 :]))


def _side(chosen: Mapping[KeyColumn, str | list[str]], by: Sequence[KeyColumn], figures: _Figures) -> _Groups:
    """Return the figures that one side adds up for each combination."""
    places = [_KEYS.index(key) for key in by]
    groups: _Groups = defaultdict(list)
    for row in figures.chosen(chosen):
        groups[tuple([row[at] for at in places])].append(row)
    for part, whole in _TOTALS.items():
        if part not in chosen and part not in by:
            # Where a source has the total beside its parts, the total is what counts.
            at = _KEYS.index(part)
            for key, rows in groups.items():
                groups[key] = [row for row in rows if row[at] == whole] or rows
    several = {_KEYS.index(key): len(_listed(words)) for key, words in chosen.items() if key not in by}
    several = {at: count for at, count in several.items() if count > 1}
    return {
        key: rows for key, rows in groups.items() if all(len({r[at] for r in rows}) == n for at, n in several.items())
    }


def _listed(words: str | list[str]) -> list[str]:
    return words if isinstance(words, list) else [words]


def _jumps(rule: Jumps, figures: _Figures) -> Iterator[Fault]:
    whole = [key for key in _KEYS if key not in ("period", "age")]
    years: dict[tuple[str, ...], dict[int, _Total]] = {}
    for row in figures.rows:
        source, series, region, period, sex, age, background, detail, value = row[: _VALUE + 1]
        if len(period) == 4 and period.isdecimal():
            key = (source, series, region, sex, background, detail)
            total = years.setdefault(key, {}).setdefault(int(period), _Total(row))
            total.value += value
            total.ages.add(age)
    for series, totals in years.items():
        changes = [
            (year, abs(math.log(after.value / before.value)))
            for year, after in sorted(totals.items())
            if (before := totals.get(year - 1)) is not None
            and after.ages == before.ages
            and before.value > 0
            and after.value > 0
        ]
        for year, size in changes:
            others = [other for at, other in changes if abs(at - year) > 1]
            at = {**dict(zip(whole, series, strict=True)), "period": str(year)}
            known = any(all(at[key] in _listed(words) for key, words in one.items()) for one in rule.known)
            if len(others) >= rule.years and size > rule.times * max(others) and not known:
                before, after = totals[year - 1], totals[year]
                yield Fault(
                    f"{', '.join(part for part in series if part not in ('both', 'all', ''))}: {before.value:.10g} in "
                    f"{year - 1} and {after.value:.10g} in {year}, more than {rule.times:g} times any other change",
                    where=_origin(after.first),
                    remedy=f"correct the raw file, or raise 'times' in {_FILE}",
                    about=(_origin(after.first), _origin(before.first)),
                )


@dataclass(slots=True)
class _Total:
    """What a series has in all in one year, of which ages, and the first figure of it."""

    first: _Row
    value: float = 0.0
    ages: set[str] = field(default_factory=set)
