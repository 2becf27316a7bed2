"""Evaluated values as they are kept: the way back of the table in ``dsl.kinds``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dsl.calendar import Duration
from dsl.kinds import Kind, Money

__all__ = ["at_rest"]

_ONE = Decimal(1)


def at_rest(value: Any, kind: Kind) -> Any:
    """``value`` of ``kind`` as plain JSON data. Missing values stay None."""
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, Decimal):
        if isinstance(kind, Money):
            return int(value.quantize(_ONE, ROUND_HALF_UP))
        return int(value) if value == value.to_integral_value() else str(value.normalize())
    return _plain(value)


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M")
        case Duration(months, days, working_days, micros):
            return [months, days, working_days, micros]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return str(value)
        case _:
            return value
