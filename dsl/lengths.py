"""Lengths of time as people write them (``2 hours 30 minutes``) and as programs do (``PT2H30M``).

Only hours, minutes and seconds may have a fraction: half a calendar day has no fixed length.
"""

from __future__ import annotations

import re
from decimal import Decimal

from dsl.calendar import HOUR, MINUTE, SECOND, Duration

__all__ = ["read_length"]

_PART = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)\s+(working\s+day|second|minute|hour|day|week|month|year)s?\b"
    r"(?:\s+and\b)?\s*",
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_ISO_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_EXACT = {"hour": HOUR, "minute": MINUTE, "second": SECOND}
_CALENDAR = {
    "year": Duration(months=12),
    "month": Duration(months=1),
    "week": Duration(days=7),
    "day": Duration(days=1),
    "working day": Duration(working_days=1),
}
_LONGEST_TEXT = 200
_LONGEST = Duration(months=12_000, days=366_000, working_days=260_000, micros=366_000 * 24 * HOUR)


def read_length(text: str) -> Duration | None:
    """The length of time in ``text``; None if it is none, or is longer than a thousand years."""
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        return None
    iso = _ISO.fullmatch(text)
    parts = _iso_parts(iso) if iso else _word_parts(text)
    if not parts:
        return None
    total = Duration()
    for count, unit in parts:
        length = _one(Decimal(count), unit)
        if length is None:
            return None
        total += length
    return total if _reasonable(total) else None


def _iso_parts(found: re.Match[str]) -> list[tuple[str, str]]:
    return [(n, unit) for n, unit in zip(found.groups(), _ISO_UNITS, strict=True) if n is not None]


def _word_parts(text: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            return []
        parts.append((found[1], " ".join(found[2].lower().split())))
        position = found.end()
    return [] if text.lower().endswith("and") else parts


def _one(count: Decimal, unit: str) -> Duration | None:
    if unit in _EXACT:
        return Duration(micros=int(count * _EXACT[unit]))
    if count != count.to_integral_value():
        return None
    return _CALENDAR[unit].times(int(count))


def _reasonable(length: Duration) -> bool:
    return (
        length.months <= _LONGEST.months
        and length.days <= _LONGEST.days
        and length.working_days <= _LONGEST.working_days
        and length.micros <= _LONGEST.micros
    )
