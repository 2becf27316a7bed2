"""Numbers as JSON and people write them, read without ever raising.

Ten to the 28th and beyond is not a number of the language; a cheap look at the size comes before
anything that takes time or memory in proportion to it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

__all__ = ["DIGITS", "TOO_LARGE", "read_decimal"]

DIGITS = 28
TOO_LARGE = 10**DIGITS

_LONGEST_NUMERAL = 80
_NUMERAL = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)", re.ASCII)


def read_decimal(raw: Any) -> Decimal | None:
    """The number in ``raw`` as written, or None."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < TOO_LARGE else None
    if isinstance(raw, float):  # by its shortest form: 139.12 is 139.12
        return Decimal(repr(raw)) if abs(raw) < TOO_LARGE else None
    if isinstance(raw, Decimal):
        small = raw.is_finite() and raw.adjusted() < DIGITS
        return raw if small else None
    if isinstance(raw, str) and len(raw) <= _LONGEST_NUMERAL and _NUMERAL.fullmatch(raw.strip()):
        number = Decimal(raw.strip())
        return number if number.copy_abs() < TOO_LARGE else None
    return None
