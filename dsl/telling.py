"""Values as others are told them: plain JSON that means something without our tables.

The way out that mirrors the way in (``dsl.values``): an amount is a number of its currency's units
and not of cents, a moment is ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_never

from dsl.calendar import SECOND, to_datetime
from dsl.currencies import minor_units
from dsl.kinds import (
    Code,
    Date,
    Instant,
    Kind,
    Length,
    ListOf,
    Money,
    Number,
    OneOf,
    Record,
    Text,
    TimeOfDay,
    Whole,
    YesNo,
)

__all__ = ["told"]


def told(value: Any, kind: Kind) -> Any:
    """A value at rest of ``kind``, as JSON for others. Missing stays None."""
    if value is None:
        return None
    match kind:
        case Money(currency):
            return _number(Decimal(value).scaleb(-minor_units(currency)))
        case Number():
            return _number(Decimal(value))
        case Instant():
            return to_datetime(value).isoformat().replace("+00:00", "Z")
        case Length():
            return _length(*value)
        case ListOf(item):
            return [told(each, item) for each in value]
        case Record():
            return _record(value, kind)
        case Text() | Code() | OneOf() | Whole() | YesNo() | Date() | TimeOfDay():
            return value
        case _ as unreachable:
            assert_never(unreachable)


def _record(value: Mapping[str, Any], kind: Record) -> dict[str, Any]:
    fields = dict(kind.fields)
    return {
        name: told(each, fields[name]) if name in fields else each for name, each in value.items()
    }


def _number(number: Decimal) -> int | float | str:
    """A JSON number, if one can hold it exactly as people would write it; else its digits."""
    if number == number.to_integral_value():
        return int(number) if abs(number) < 2**53 else f"{number:f}"
    near = float(number)
    return near if Decimal(repr(near)) == number else f"{number:f}"


def _length(months: int, days: int, working_days: int, micros: int) -> str:
    """ISO 8601. It knows no working days; they are told as days."""
    seconds = Decimal(micros) / SECOND
    date = f"{months}M" * bool(months) + f"{days + working_days}D" * bool(days + working_days)
    time = f"T{seconds.normalize():f}S" if seconds or not date else ""
    return f"P{date}{time}"
