"""Numbers while a rule is evaluated: 28 digits, and nothing that can fail.

Integers stay integers; everything else is a Decimal. A division by zero is a missing value.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any, TypeAlias

from dsl.calendar import DAY, Duration
from dsl.numerals import DIGITS, read_decimal

__all__ = [
    "ceil",
    "floor",
    "half_up",
    "in_days",
    "length_key",
    "minus",
    "number",
    "over",
    "plus",
    "repeated",
    "times",
]

Numeric: TypeAlias = int | Decimal

_EXACT_ENOUGH = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=[])
_WIDE = Context(prec=4 * DIGITS, traps=[])
_DAYS_OF_A_YEAR = Decimal("365.2425")


def number(raw: Any) -> Numeric | None:
    """A number at rest (an int, or a decimal as text); None if it is anything else."""
    if raw.__class__ is int:
        return raw
    if raw.__class__ is str or raw.__class__ is Decimal:
        return read_decimal(raw)
    return None


def plus(one: Numeric, other: Numeric) -> Numeric:
    """The sum."""
    if one.__class__ is int and other.__class__ is int:
        return one + other
    return _EXACT_ENOUGH.add(one, other)


def minus(one: Numeric, other: Numeric) -> Numeric:
    """The difference."""
    if one.__class__ is int and other.__class__ is int:
        return one - other
    return _EXACT_ENOUGH.subtract(one, other)


def times(one: Numeric, other: Numeric) -> Numeric:
    """The product."""
    if one.__class__ is int and other.__class__ is int:
        return one * other
    return _EXACT_ENOUGH.multiply(one, other)


def over(one: Numeric, other: Numeric) -> Numeric | None:
    """The quotient; None if ``other`` is 0."""
    if other == 0:
        return None
    return _EXACT_ENOUGH.divide(Decimal(one), Decimal(other))


def half_up(value: Numeric, digits: int) -> Numeric:
    """Rounded to so many digits after the point (negative: before it), as people round."""
    return _to(value, digits, ROUND_HALF_UP)


def floor(value: Numeric, digits: int = 0) -> Numeric:
    """Rounded down."""
    return _to(value, digits, ROUND_FLOOR)


def ceil(value: Numeric, digits: int = 0) -> Numeric:
    """Rounded up."""
    return _to(value, digits, ROUND_CEILING)


def _to(value: Numeric, digits: int, rounding: str) -> Numeric:
    if value.__class__ is int and digits >= 0:
        return value
    scaled = Decimal(value).scaleb(digits, _WIDE)
    whole = scaled.to_integral_value(rounding=rounding, context=_WIDE)
    result = whole.scaleb(-digits, _WIDE)
    if not result.is_finite():
        return value
    return int(result) if digits <= 0 else result


def in_days(length: Duration) -> Numeric:
    """A length in days; a month counts as the twelfth part of a mean year."""
    days = length.days + length.working_days
    if not length.months and not length.micros % DAY:
        return days + length.micros // DAY
    exact = _EXACT_ENOUGH.divide(Decimal(length.micros), Decimal(DAY))
    months = _EXACT_ENOUGH.divide(_DAYS_OF_A_YEAR * length.months, Decimal(12))
    return _EXACT_ENOUGH.add(_EXACT_ENOUGH.add(exact, months), Decimal(days))


def length_key(length: Duration) -> Numeric:
    """What lengths are ordered by."""
    return in_days(length)


def repeated(length: Duration, factor: Numeric) -> Duration | None:
    """``length`` so many times. Part of a day is hours and minutes; part of a month is missing."""
    if factor == int(factor):
        return length.times(int(factor))
    if length.months or length.working_days:
        return None
    part = factor - int(factor)
    micros = Decimal(length.days * DAY) * part + Decimal(length.micros) * factor
    return Duration(days=length.days * int(factor), micros=int(micros))
