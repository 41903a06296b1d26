"""The arithmetic of indicators: shares, rates, indices, changes and sums. Pure functions, no tables."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal


def share(numerator: float, denominator: float, scale: float = 100.0) -> float:
    """Return ``numerator / denominator * scale``; NaN when the denominator is 0 or either is missing.

    A rate per 1000 households is a share with ``scale`` 1000, an index one of the value of the base year.
    """
    if not denominator:
        return math.nan
    return numerator / denominator * scale


def change(value: float, base: float) -> float:
    """Return the change from ``base`` to ``value`` in per cent; NaN when the base is 0 or either is missing."""
    return share(value - base, base, 100.0)


def total(parts: Iterable[float | Decimal]) -> float:
    """Return the sum of all parts; NaN when any is missing. Decimals are added exactly."""
    listed = list(parts)
    if all(isinstance(part, Decimal) for part in listed):
        return float(sum(listed, Decimal(0)))
    return math.fsum(float(part) for part in listed)
