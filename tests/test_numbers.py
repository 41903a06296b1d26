from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groruddalen_stats.numbers import MINUS, THIN_SPACE, display_number, round_half_up


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (12.25, 1, "12.3"),
        (0.125, 2, "0.13"),
        (2.5, 0, "3"),
        (-2.5, 0, "-3"),
        (1.005, 2, "1.01"),
        (4.35, 1, "4.4"),
        (2.675, 2, "2.68"),
        (99.95, 1, "100.0"),
        (-0.04, 1, "0.0"),
        (13.146, 1, "13.1"),
        (599230.0, 0, "599230"),
        (123456789012345.0, 0, "123456789012345"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: float, decimals: int, expected: str) -> None:
    assert str(round_half_up(value, decimals)) == expected


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_number_written_with_its_own_decimals_is_unchanged(units: int, decimals: int) -> None:
    exact = Decimal(units).scaleb(-decimals)
    assert round_half_up(float(exact), decimals) == exact


@given(st.integers(-(10**7), 10**7), st.integers(0, 3))
def test_a_half_of_the_last_digit_goes_away_from_zero(units: int, decimals: int) -> None:
    half = Decimal(units * 10 + 5).scaleb(-decimals - 1)
    assert round_half_up(float(half), decimals) == half.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 6))
def test_rounding_moves_by_at_most_half_a_unit_and_the_noise(value: float, decimals: int) -> None:
    half = Decimal(5).scaleb(-decimals - 1)
    assert abs(round_half_up(value, decimals) - Decimal(value)) <= half + Decimal(4 * math.ulp(value))


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [*((v, 1, "cannot round") for v in (math.nan, math.inf, -math.inf)), (1.0, -1, "decimals")],
)
def test_what_cannot_be_rounded_is_refused(value: float, decimals: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        round_half_up(value, decimals)


@pytest.mark.parametrize(
    ("value", "decimals", "nb", "en"),
    [
        (599230, 0, f"599{THIN_SPACE}230", "599,230"),
        (1234567.85, 1, f"1{THIN_SPACE}234{THIN_SPACE}567,9", "1,234,567.9"),
        (1004, 0, f"1{THIN_SPACE}004", "1,004"),
        (999, 0, "999", "999"),
        (3.29, 1, "3,3", "3.3"),
        (-4, 0, f"{MINUS}4", f"{MINUS}4"),
        (-0.01, 1, "0,0", "0.0"),
    ],
)
def test_numbers_are_written_as_in_the_language(value: float, decimals: int, nb: str, en: str) -> None:
    assert display_number(value, decimals, "nb") == nb
    assert display_number(value, decimals, "en") == en
