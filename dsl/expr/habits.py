"""What people say where the language says it otherwise, and how it does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from dsl.expr.spot import Mistake, Spot, lost

__all__ = ["habits", "numbers", "periods", "unfinished"]

_CURRENCY_NAMES: Mapping[str, str] = MappingProxyType(
    {"euro": "EUR", "euros": "EUR", "dollar": "USD", "dollars": "USD", "pounds": "GBP"}
)
_LIMITS = (("at", "least"), ("at", "most"), ("more", "than"), ("fewer", "than"))
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OFTEN: Mapping[str, str] = MappingProxyType(
    {"once": "exactly 1 time", "twice": "exactly 2 times", "often": "at least 3 times"}
)
_UNITS: Mapping[str, str] = MappingProxyType(
    {"d": "days", "h": "hours", "m": "minutes", "min": "minutes", "w": "weeks", "s": "seconds"}
)
_PERIODS: Mapping[str, str] = MappingProxyType(
    {"hour": "60 minutes", "day": "24 hours", "week": "7 days", "month": "30 days"}
)
_SIGNS = frozenset("+-*/")
_QUESTION = re.compile(
    r"\b(?:(?:count|number|sum|total|average)\s+of|lowest|highest|first|last)\s+[^\W\d]",
    re.IGNORECASE,
)
_LONGEST_ASKED = 80
_AGGREGATES = frozenset({"sum", "count", "number", "total", "average"})


def unfinished(words: tuple[str, ...]) -> str | None:
    """What is missing after a number or a length that ends too early."""
    *_, how, than, count = ("", "", "", *words)
    if count.isdigit() and (how, than) in _LIMITS:
        return f"Write: {how} {than} {count} times"
    if how == "within" and than.isdigit() and "did" in words:
        return f"Write: in the last {than} {count}"
    return None


def periods(spot: Spot) -> Mistake | None:
    """``in the last month``: 30 days, or since the first of the month?"""
    unit = spot.word.removesuffix("s")
    if spot.before[-3:] == ("in", "the", "last") and unit in (*_PERIODS, "year", "quarter"):
        exact = _PERIODS.get(unit, "365 days" if unit == "year" else "90 days")
        calendar = f", or: this {unit}" if unit in ("week", "month", "year") else ""
        message = f'"in the last {unit}" can be read in two ways.'
        if unit == "day":
            calendar = ", or: today"
        return Mistake("E05", spot.at, spot.end, message, f"Write: in the last {exact}{calendar}")
    return None


def numbers(spot: Spot) -> Mistake | None:
    """Numbers, lengths and times in forms of their own."""
    word = spot.word
    if word in _COUNTED:
        hint = f"Write it in digits: {_COUNTED.index(word) + 1}"
        return Mistake("E05", spot.at, spot.end, "Numbers are written in digits.", hint)
    if word in _OFTEN:
        return Mistake("E05", spot.at, spot.end, lost(word), f"Write: {_OFTEN[word]}")
    short = re.fullmatch(r"(\d+)([a-z]+)", word)
    if short and short[2] in ("am", "pm"):
        hour = int(short[1][:2]) % 12 + 12 * (short[2] == "pm")
        return Mistake(
            "E05", spot.at, spot.end, "Times are written with 24 hours.", f"Write: {hour:02}:00"
        )
    if short and short[2] in _UNITS:
        hint = f"Write: {short[1][:9]} {_UNITS[short[2]]}"
        return Mistake("E05", spot.at, spot.end, "Units are written in full.", hint)
    clock = re.compile(r"\d+:\d+|:\d+").match(spot.text, spot.at)
    if clock:
        first = spot.at
        while first and spot.text[first - 1].isdigit():
            first -= 1
        message = f'"{spot.text[first : clock.end()][:20]}" is not a time of day.'
        return Mistake("E05", first, clock.end(), message, "Times go from 00:00 to 23:59.")
    return None


def habits(spot: Spot) -> Mistake | None:
    """Words that other languages have here."""
    last = spot.before[-1] if spot.before else ""
    message = lost(spot.text[spot.at : min(spot.end, spot.at + 40)])

    def write(hint: str) -> Mistake:
        return Mistake("E05", spot.at, spot.end, message, hint)

    hint = _everyday(spot, last)
    if hint is not None:
        return write(hint)
    if spot.word in _SIGNS and (asked := _asked(spot)):
        return write(f"To calculate with it, put it in brackets: ({asked}) {spot.word} ...")
    if last == "in" and spot.before[-2:-1] == ("is",):
        return write('Write: is one of ("DE", "AT"), or: is "DE"')
    if last in _AGGREGATES and spot.word[:1].isalpha():
        return write(f"Write: {last} of {spot.text[spot.at : spot.end]}")
    if spot.word in ("unless", "except"):
        return write('Write "if not ..." or "and not ...".')
    if spot.word == "but":
        return write('Write "and".')
    if spot.word == ".":
        return write("Between two names stands one dot.")
    if spot.start == "rule" and spot.before[:1] == ("in",):
        return write("Say first what happened: did purchase in the last 30 days")
    if last.isdigit() and re.fullmatch(r"[a-z]{3}", spot.word):
        return write(f"If it is a currency, write it in capitals: {last} {spot.word.upper()}")
    return None


def _asked(spot: Spot) -> str:
    """The question about the history that ends here, if it is short enough to be repeated."""
    begun = [found.start() for found in _QUESTION.finditer(spot.text, 0, spot.at)]
    asked = " ".join(spot.text[begun[-1] : spot.at].split()) if begun else ""
    return asked if len(asked) <= _LONGEST_ASKED else ""


def _everyday(spot: Spot, last: str) -> str | None:
    """How the language says what people say."""
    rest = spot.text[spot.end :].lower().split()
    if (spot.word == "in" and rest[:1] == ["last"]) or spot.before[-2:] == ("in", "last"):
        return "Write: in the last 30 days"
    if spot.word.isdigit() and rest[:1] in (["time"], ["times"]) and "did" in spot.before:
        return f"Write: at least {spot.word} times, or: exactly {spot.word} times"
    if last in ("contains", "contain") and spot.word in ("any", "all", "one", "none"):
        return 'For a list write: has any of ("a", "b")'
    if spot.before[-2:] == ("any", "of") and "contains" in spot.before:
        return 'For a list write: has any of ("a", "b")'
    if "than" in (spot.word, last) or spot.word in ("more", "less", "greater", "fewer"):
        return "Write: > or <"
    if spot.word == "@":
        return 'A text stands in quotation marks: "@example.com"'
    if last.isdigit() and spot.word in _CURRENCY_NAMES:
        return f"Write: {last} {_CURRENCY_NAMES[spot.word]}"
    return None
