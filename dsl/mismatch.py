"""What is wrong with a value, in everyday words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from typing import Any, TypeAlias, assert_never

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
from dsl.numerals import TOO_LARGE, read_decimal

__all__ = ["Mismatch", "Step", "shortened", "wanted", "wrong"]

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value that is not of its kind. ``inside`` leads to the part that is wrong: names of
    fields, and numbers of entries from 1.
    """

    expected: str
    got: str
    inside: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return f"should be {self.expected}, but is {self.got}"


def wrong(kind: Kind, raw: Any) -> Mismatch:
    """The mismatch of a value that cannot be read as ``kind`` at all."""
    if isinstance(kind, OneOf) and isinstance(raw, str):
        return Mismatch(wanted(kind), f'"{shortened(raw)}"')
    return Mismatch(wanted(kind), _form(raw))


def shortened(text: str) -> str:
    """A short, printable form of somebody else's text."""
    printable = "".join(c if c.isprintable() else "?" for c in text[:41])
    return printable if len(text) <= 40 else printable[:40] + "…"


def _form(raw: Any) -> str:
    match raw:
        case bool():
            return "yes or no"
        case int():
            return "a number" if abs(raw) < TOO_LARGE else "too large"
        case float() | Decimal() if isnan(raw):
            return "not a number"
        case float() | Decimal():
            return "a number" if read_decimal(raw) is not None else "too large"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a record"
        case _:
            return "something else"


def wanted(kind: Kind) -> str:
    """What a value of ``kind`` should be, with an example where the form matters."""
    match kind:
        case Text() | Code():
            return "text"
        case Money(currency):
            return f"an amount in {currency}"
        case Whole():
            return "a whole number"
        case Number():
            return "a number"
        case YesNo():
            return "yes or no"
        case OneOf(values):
            return f"one of {' / '.join(values)}"
        case Instant():
            return "a date and time with a zone (2026-03-01T09:00:00Z)"
        case Date():
            return "a date (2026-03-01)"
        case TimeOfDay():
            return "a time of day (09:00)"
        case Length():
            return "a length of time (2 days)"
        case ListOf():
            return "a list"
        case Record():
            return "a record"
        case _:
            assert_never(kind)
