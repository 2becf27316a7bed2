"""Kinds in everyday words, as messages say them."""

from __future__ import annotations

from typing import assert_never

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

__all__ = ["say"]


def say(kind: Kind) -> str:
    """``money EUR``, ``list of text``, ``yes/no``..."""
    match kind:
        case Number():
            return "number"
        case Whole():
            return "whole number"
        case Money(currency):
            return f"money {currency}"
        case Text():
            return "text"
        case Code():
            return "code"
        case OneOf(values):
            return f"one of {' / '.join(values)}"
        case YesNo():
            return "yes/no"
        case Date():
            return "date"
        case TimeOfDay():
            return "time of day"
        case Instant():
            return "date and time"
        case Length():
            return "duration"
        case ListOf(item):
            return f"list of {say(item)}"
        case Record():
            return "record"
        case _:
            assert_never(kind)
