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

__all__ = ["say", "say_one"]


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


def say_one(kind: Kind) -> str:
    """``a whole number``, ``text``, ``money EUR``: one value of the kind, in a sentence."""
    match kind:
        case Number() | Whole() | Code() | Date() | TimeOfDay() | Instant() | ListOf() | Record():
            return f"a {say(kind)}"
        case Length():
            return "a length of time"
        case YesNo():
            return "yes or no"
        case Text() | Money() | OneOf():
            return say(kind)
        case _:
            assert_never(kind)
