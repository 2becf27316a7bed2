"""Values as almost everybody writes them are read on a shorter way, to the same end."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from dsl.currencies import minor_units
from dsl.kinds import Kind, Money, Whole
from dsl.values import _READERS, Mismatch, at_rest

_AMOUNTS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-2e9, max_value=2e9),
    st.decimals(-2_000_000_000, 2_000_000_000, places=2).map(float),
    st.decimals(-10_000, 10_000, places=3).map(float),
    st.sampled_from([1e9, 999_999_999.99, -999_999_999.99, 0.005, -0.0, 4.35, 1.115]),
)


@given(_AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_read_by_its_digits_however_quickly(amount: float, currency: str) -> None:
    written = Decimal(repr(amount)) * 10 ** minor_units(currency)
    expected = int(written.to_integral_value(ROUND_HALF_UP))

    assert at_rest(Money(currency), amount) == expected


@given(st.integers(-(2**70), 2**70))
def test_a_whole_number_is_itself_or_too_large(number: int) -> None:
    read = at_rest(Whole(), number)

    assert read == number if abs(number) < 2**63 else isinstance(read, Mismatch)


def test_every_kind_can_be_read() -> None:
    assert set(_READERS) == set(get_args(Kind))
