"""Public holidays as data files say them: ``07-04``, ``easter + 1``, ``last Monday of May``."""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["DAYS", "easter", "holiday"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_WHICH = ("first", "second", "third", "fourth")
_FIXED = re.compile(r"(\d\d)-(\d\d)")
_MOVING = re.compile(r"easter(?: ([+-]) (\d{1,2}))?")
_WEEKDAY = re.compile(r"(first|second|third|fourth|last) (\w+day) of (\w+)")


def holiday(words: str, year: int) -> date:
    """The day in that year. Raises ``ValueError`` for words that say none."""
    text = words.strip().lower()
    if fixed := _FIXED.fullmatch(text):
        return date(year, int(fixed[1]), int(fixed[2]))
    if moving := _MOVING.fullmatch(text):
        days = int(moving[2] or 0)
        return easter(year) + timedelta(days=-days if moving[1] == "-" else days)
    if named := _WEEKDAY.fullmatch(text):
        return _weekday(named[1], DAYS.index(named[2]), _MONTHS.index(named[3]) + 1, year)
    raise ValueError(f"no holiday: {words}")


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus of 1876)."""
    golden, century, of_century = year % 19, year // 100, year % 100
    leaps, shift = century // 4, century % 4
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * shift + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _weekday(which: str, weekday: int, month: int, year: int) -> date:
    if which == "last":
        after = date(year + month // 12, month % 12 + 1, 1)
        back = (after.weekday() - weekday - 1) % 7 + 1
        return after - timedelta(days=back)
    start = date(year, month, 1)
    days = (weekday - start.weekday()) % 7 + 7 * _WHICH.index(which)
    return start + timedelta(days=days)
