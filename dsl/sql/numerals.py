"""Numbers and lengths of time as SQL values, and back.

A whole number of up to 64 bits is an INTEGER. Any other number is TEXT: ``i`` and its digits if it
is whole, else a decimal as Python writes it. So an exact number never becomes a floating one. A
length is the JSON list it is at rest.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from json import loads
from typing import TypeAlias

from dsl.calendar import Duration

__all__ = ["Numeral", "length_text", "numeral", "read_length", "read_numeral"]

Numeral: TypeAlias = int | str

_LEAST, _MOST = -(2**63), 2**63 - 1


def numeral(value: int | Decimal) -> Numeral:
    """A number as an SQL value."""
    if isinstance(value, Decimal):
        return str(value)
    return value if _LEAST <= value <= _MOST else f"i{value}"


def read_numeral(raw: Numeral) -> int | Decimal:
    """The number ``numeral`` wrote."""
    if isinstance(raw, int):
        return raw
    return int(raw[1:]) if raw.startswith("i") else Decimal(raw)


def length_text(length: Duration) -> str:
    """A length as an SQL value."""
    return f"[{length.months},{length.days},{length.working_days},{length.micros}]"


@lru_cache(maxsize=1024)
def read_length(text: str) -> Duration:
    """The length ``length_text`` wrote."""
    return Duration(*loads(text))
