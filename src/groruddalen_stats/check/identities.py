"""Contradictions between the figures of data/raw, also where no printed number speaks of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from groruddalen_stats.appendix.model import Cell, Origin
from groruddalen_stats.appendix.text import inputs_text, origin_text
from groruddalen_stats.config.identities import Identities, Identity, Jumps, KeyColumn
from groruddalen_stats.errors import Fault

__all__ = ["breaches", "impossible"]

_FILE = "config/identities.yaml"
_KEYS = ["source", "series", "region", "period", "sex", "age", "background", "detail"]
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
    figures = observations[counts].drop_duplicates(_KEYS, keep="last").reset_index(drop=True)
    figures["at"] = figures.index
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


def _differs(name: str, rule: Identity, figures: pd.DataFrame) -> Fault | None:
    (left, left_rows), (right, right_rows) = (_side(side, rule.by, figures) for side in (rule.left, rule.right))
    both = left.add_suffix("_left").join(right.add_suffix("_right"), how="inner")
    wrong = both[(both["value_left"] - both["value_right"]).abs() > rule.within + 1e-6]
    if wrong.empty:
        return None
    told = [
        f"{'/'.join(map(str, key if isinstance(key, tuple) else (key,)))} {row['value_left']:.10g} against "
        f"{row['value_right']:.10g} ({_origin(figures, row['at_left'])} and {_origin(figures, row['at_right'])})"
        for key, row in wrong.head(_MANY).iterrows()
    ]
    more = f" and {len(wrong) - _MANY} more" if len(wrong) > _MANY else ""
    return Fault(
        f"not so: {rule.says}: {'; '.join(told)}{more}",
        where=f"{_FILE} identities.{name}",
        remedy="correct the raw file that is wrong, or say with 'within' and 'because' how far official figures differ",
        about=tuple(
            _origin(figures, at)
            for rows in (left_rows, right_rows)
            for at in rows.loc[pd.MultiIndex.from_frame(rows[list(rule.by)]).isin(_keys(wrong)), "at"]
        ),
    )


def _keys(table: pd.DataFrame) -> list[tuple[object, ...]]:
    return [key if isinstance(key, tuple) else (key,) for key in table.index]


def _origin(figures: pd.DataFrame, at: float) -> str:
    """Return where the figure in a row stands."""
    row = figures.iloc[int(at)]
    return origin_text(Origin(*(row[name] for name in ("snapshot", "first", "last", "cells", "column"))))


def _side(
    chosen: Mapping[KeyColumn, str | list[str]], by: Sequence[str], figures: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what one side adds up to for each combination, and the figures added."""
    rows = figures
    several: dict[KeyColumn, int] = {}
    for key, wanted in chosen.items():
        listed = _listed(wanted)
        several[key] = len(listed)
        rows = rows[rows[key].isin(listed)]
    for part, whole in _TOTALS.items():
        if part not in chosen and part not in by:
            # Where a source has the total beside its parts, the total is what counts.
            total_of = rows[part].eq(whole)
            rows = rows[total_of | ~total_of.groupby([rows[key] for key in by]).transform("any")]
    groups = rows.groupby(list(by), sort=True)
    total = pd.DataFrame({"value": groups["value"].sum(), "at": groups["at"].first()})
    for name, count in several.items():
        if count > 1 and name not in by:
            total = total[groups[name].nunique().eq(count)]
    return total, rows


def _listed(words: str | list[str]) -> list[str]:
    return words if isinstance(words, list) else [words]


def _jumps(rule: Jumps, figures: pd.DataFrame) -> Iterator[Fault]:
    whole = [key for key in _KEYS if key not in ("period", "age")]
    years: dict[tuple[str, ...], dict[int, _Total]] = {}
    columns = (figures[key].tolist() for key in [*whole, "period", "age", "value", "at"])
    for *key, period, age, value, at in zip(*columns, strict=True):
        if len(period) == 4 and period.isdecimal():
            total = years.setdefault(tuple(key), {}).setdefault(int(period), _Total(at))
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
                    where=_origin(figures, after.at),
                    remedy=f"correct the raw file, or raise 'times' in {_FILE}",
                    about=(_origin(figures, after.at), _origin(figures, before.at)),
                )


@dataclass(slots=True)
class _Total:
    """What a series has in all in one year, of which ages, and which row of the figures is the first of it."""

    at: int
    value: float = 0.0
    ages: set[str] = field(default_factory=set)
