"""Words of the language as values: numbers, amounts, lengths, days and times of day.

The lexer lets ``2026-02-31`` and a number of 5,000 digits through; here they are refused, with
the sentence the author sees.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from lark import Token

from dsl.calendar import Duration
from dsl.lengths import read_length
from dsl.numerals import read_decimal

__all__ = [
    "Refused",
    "clock_of",
    "date_of",
    "length_of",
    "moment_of",
    "money_of",
    "number_of",
    "spoken",
    "whole_of",
]

_LARGEST_COUNT = 1_000_000_000


class Refused(Exception):
    """A word that cannot be what it looks like."""

    def __init__(self, token: Token, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.start = int(token.start_pos or 0)
        self.end = int(token.end_pos or 0)
        self.message = message
        self.hint = hint


def spoken(token: Token) -> str:
    """The words of a token, in lower case with single blanks."""
    return " ".join(token.lower().split())


def number_of(token: Token) -> int | Decimal:
    """``3`` or ``0.9``."""
    number = read_decimal(str(token))
    if number is None:
        raise Refused(token, "This number is too large.", "A number has at most 28 digits.")
    return int(number) if token.type == "INT" else number


def whole_of(token: Token) -> int:
    """A count."""
    number = read_decimal(str(token))
    if number is None or number > _LARGEST_COUNT:
        raise Refused(token, "This count is too large.", "Up to 1000000000 is possible.")
    return int(number)


def money_of(token: Token) -> tuple[Decimal, str]:
    """``50 EUR``."""
    text, currency = token[:-3].strip(), str(token[-3:])
    amount = read_decimal(text)
    if amount is None or amount > _LARGEST_COUNT * 1000:
        raise Refused(token, "This amount is too large.")
    return amount, currency


def length_of(token: Token) -> Duration:
    """``2 hours 30 minutes``."""
    length = read_length(str(token))
    if length is None:
        raise Refused(
            token,
            f'"{spoken(token)[:40]}" is not a length of time.',
            "Only hours, minutes and seconds can have a fraction, "
            "and nothing lasts longer than a thousand years.",
        )
    return length


def date_of(token: Token) -> date:
    """``2026-03-01``."""
    try:
        return _reasonable(date.fromisoformat(token))
    except ValueError:
        raise Refused(token, f'There is no such day: "{token}".') from None


def moment_of(token: Token) -> datetime:
    """``2026-03-01 09:00``, with an offset or on the recipient's wall clock."""
    try:
        moment = datetime.fromisoformat(token)
        _reasonable(moment.date())
    except ValueError:
        raise Refused(token, f'There is no such moment: "{token}".') from None
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def clock_of(token: Token) -> time:
    """``09:00``."""
    hour, minute = token.split(":")
    return time(int(hour), int(minute))


def _reasonable(day: date) -> date:
    if not 1900 <= day.year <= 9998:  # room for every zone at both ends
        raise ValueError
    return day
