"""The digits a reader sees of an unrounded number: round half up once, then Norwegian or English form."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import groupby
from typing import Literal

Language = Literal["nb", "en"]

MINUS = "\N{MINUS SIGN}"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"

# A share computed in doubles is off by a few units in the last place: 12.25 may be stored as 12.249999999999998.
_NOISE = 4
_EXACT = Context(prec=800, rounding=ROUND_HALF_UP)


def round_half_up(value: float, decimals: int) -> Decimal:
    """Round ``value`` half away from zero to ``decimals`` places, as statistical offices print numbers.

    A double within four units in the last place of a half is that half, so that a share of exactly 12.25 rounds to
    12.3 whichever way its double happens to err.
    """
    if decimals < 0:
        raise ValueError(f"decimals must not be negative, got {decimals}")
    if not math.isfinite(value):
        raise ValueError(f"cannot round {value}")
    outwards = math.copysign(_NOISE * math.ulp(value), value)
    exact = _EXACT.add(Decimal(value), Decimal(outwards))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_EXACT)
    return abs(rounded) if rounded.is_zero() else rounded


def display_number(value: float | Decimal, decimals: int, language: Language = "nb") -> str:
    """Return ``value`` as printed in Norway (``12 345,6``) or in English (``12,345.6``).

    Thousands are grouped by a narrow no-break space (nb, as in Statistics Norway's tables) or a comma (en); a
    negative number has a true minus sign.
    """
    rounded = value if isinstance(value, Decimal) else round_half_up(value, decimals)
    digits = f"{abs(rounded):.{decimals}f}"
    whole, _, fraction = digits.partition(".")
    grouped = f"{int(whole):,}"
    if language == "nb":
        grouped = grouped.replace(",", THIN_SPACE)
    point = "," if language == "nb" else "."
    text = f"{grouped}{point}{fraction}" if fraction else grouped
    return f"{MINUS}{text}" if rounded < 0 else text


def runs_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of numbers that follow each other, in rising order."""
    for _, run in groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]
