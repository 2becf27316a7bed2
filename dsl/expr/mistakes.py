"""What a rule that cannot be read gets wrong, in everyday words.

The parser only knows that a word does not fit; here the text around it is looked at for what
people really do: programmers' signs, missing brackets, numbers as words. Never a list of what
the grammar would have liked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["Mistake", "explain", "too_deep"]


class Mistake(NamedTuple):
    """One mistake, from ``start`` up to ``end`` of the text."""

    code: str
    start: int
    end: int
    message: str
    hint: str | None = None


class _Piece(NamedTuple):
    text: str
    start: int


class _Spot(NamedTuple):
    """The word that does not fit, and what stands before it on the same level of brackets."""

    text: str
    at: int
    word: str  # lower case
    end: int
    before: tuple[str, ...]  # lower case
    start: str


_PIECE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[^\W\d]\w*|\d+(?:[.:]\d+)*|[<>=!]+|&&|\|\||\S")
_WHOLE_WORD = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|\w+|[<>=!]+|&&|\|\||\{\{|\}\}|\S")

_CALLED: Mapping[str, str] = MappingProxyType(
    {
        "rule": "rule",
        "value": "formula",
        "moment": "moment",
        "length": "length of time",
        "schedule": "schedule",
        "channel_choice": "choice of a channel",
        "cap": "frequency cap",
        "reentry": "re-entry",
        "span": "span",
        "repeat": "number of rounds",
        "blocked": "instruction",
    }
)

_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "rule": 'For example: tier is "gold" and did purchase in the last 30 days',
        "value": 'For example: first_name or else "there"',
        "moment": "For example: tomorrow at 09:00, a weekday at 10:00, renewal_date - 14 days at 10:00",
        "length": "For example: 2 hours, 1 day 12 hours, 2 working days",
        "schedule": "For example: every Monday at 09:00, on the 1st day of every month at 10:00",
        "channel_choice": "For example: push if not messaged on push in the last 24 hours",
        "cap": "For example: 3 per 7 days, 1 per day on push",
        "reentry": "Possible: never, any time, after 30 days, after 90 days since leaving",
        "span": "For example: 21:00 to 08:00",
        "repeat": "For example: up to 3 times",
        "blocked": "Possible: wait, wait up to 2 days, next channel, skip",
    }
)

_BLANKS = " \t\f\r\n"  # what the grammar passes over
_TYPOGRAPHIC = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"
_CURRENCY_SIGNS: Mapping[str, str] = MappingProxyType(
    {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
)
_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "&&": 'Write "and" or "or".',
        "||": 'Write "and" or "or".',
        "&": 'Write "and".',
        "|": 'Write "or".',
        "!": 'Write "not".',
        "%": "Write a share as a number: 0.1 for 10%",
        "{{": "In a rule, names stand without {{ }}.",
        "}}": "In a rule, names stand without {{ }}.",
        "{": "In a rule, names stand without { }.",
        "}": "In a rule, names stand without { }.",
        "[": "Lists stand in round brackets: (1, 2, 3)",
        "]": "Lists stand in round brackets: (1, 2, 3)",
    }
)
_COMPARING = frozenset({"<", "<=", ">", ">=", "=", "==", "!=", "<>", "is", "contains", "has"})
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
_AGGREGATES = frozenset({"sum", "count", "number", "total", "average"})


def too_deep(text: str, limit: int) -> int | None:
    """Where brackets begin to be nested deeper than ``limit``, or None."""
    if text.count("(") <= limit:
        return None
    depth = 0
    for piece in _PIECE.finditer(text):
        depth += (piece[0] == "(") - (piece[0] == ")")
        if depth > limit:
            return piece.start()
    return None


def explain(text: str, at: int, start: str) -> Mistake:
    """The mistake at offset ``at``, where reading ``text`` as a ``start`` got stuck."""
    at += len(text[at:]) - len(text[at:].lstrip(_BLANKS))
    if not text[at:].strip(_BLANKS):
        return _early(text, start)
    found = _WHOLE_WORD.match(text, at)
    end = found.end() if found else at + 1
    spot = _Spot(text, at, text[at:end].lower(), end, _same_level(text[:at]), start)
    for look in _LOOKS:
        mistake = look(spot)
        if mistake is not None:
            return mistake
    shown = text[at : min(end, at + 40)]
    return Mistake("E05", at, end, _lost(shown), _EXAMPLES[start])


def _lost(word: str) -> str:
    shown = word if word.startswith(("'", '"')) else f'"{word}"'
    return f"I do not understand {shown} here."


def _early(text: str, start: str) -> Mistake:
    end = len(text.rstrip(_BLANKS))
    opened = _unclosed(text)
    if not end:
        return Mistake("E06", 0, 1, f"There is no {_CALLED[start]} here.", _EXAMPLES[start])
    if opened is not None:
        hint = 'For every "(" there must be a ")".'
        return Mistake("E08", opened, opened + 1, "This bracket is never closed.", hint)
    hint = "Something is missing after the last word."
    return Mistake("E06", end, end + 1, f"The {_CALLED[start]} stops too early.", hint)


def _pieces(text: str) -> list[_Piece]:
    return [_Piece(piece[0].lower(), piece.start()) for piece in _PIECE.finditer(text)]


def _unclosed(text: str) -> int | None:
    opened: list[int] = []
    for piece in _pieces(text):
        if piece.text == "(":
            opened.append(piece.start)
        elif piece.text == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _same_level(before: str) -> tuple[str, ...]:
    """The words before, back to the bracket that is open, without what stands in brackets."""
    levels: list[list[str]] = [[]]
    for piece in _pieces(before):
        if piece.text == "(":
            levels.append([])
        elif piece.text == ")":
            if len(levels) > 1:
                levels.pop()
            levels[-1].append("()")
        else:
            levels[-1].append(piece.text)
    return tuple(levels[-1])


# ------------------------------------------------------------------- one look at each mistake


def _quotes(spot: _Spot) -> Mistake | None:
    first = spot.text[spot.at]
    if first in _TYPOGRAPHIC:
        return Mistake(
            "E03",
            spot.at,
            spot.at + 1,
            "These are typographic quotation marks.",
            'Use straight ones: "..."  (fix with: wayline fmt)',
        )
    if first in "\"'" and first not in spot.text[spot.at + 1 :].split("\n", 1)[0]:
        hint = 'A text begins and ends with the same mark: "..."'
        return Mistake("E02", spot.at, len(spot.text), "There is no closing quotation mark.", hint)
    return None


def _signs(spot: _Spot) -> Mistake | None:
    first = spot.text[spot.at]
    if first.isspace() or first in "\u00a0\u2007\u202f\u200b\ufeff":
        hint = "Delete it and type an ordinary one."
        return Mistake("E04", spot.at, spot.at + 1, "There is a special blank here.", hint)
    if first in _CURRENCY_SIGNS:
        hint = f"Write the currency after the amount: 50 {_CURRENCY_SIGNS[first]}"
        return Mistake("E04", spot.at, spot.at + 1, f'"{first}" is not used here.', hint)
    digits = spot.before and spot.before[-1].isdigit()
    if first == "," and digits and spot.text[spot.at + 1 : spot.at + 2].isdigit():
        hint = "Write the digits without it: 1000"
        return Mistake("E04", spot.at, spot.at + 1, 'Numbers have no ",".', hint)
    if spot.word in _SIGNS:
        return Mistake(
            "E04", spot.at, spot.end, f'"{spot.word}" is not used here.', _SIGNS[spot.word]
        )
    if spot.word == ")" and _unclosed(spot.text[: spot.at]) is None:
        hint = 'For every ")" there must be a "(" before it.'
        return Mistake("E08", spot.at, spot.end, "This bracket was never opened.", hint)
    return None


def _mixed(spot: _Spot) -> Mistake | None:
    if spot.word not in ("and", "or"):
        return None
    other = "or" if spot.word == "and" else "and"
    between, joined = 0, False
    for word, after in pairwise((*spot.before, "")):
        if word in ("if", "then", "else"):
            joined = False
        elif word == "between":
            between += 1
        elif word == "and" and between:
            between -= 1
        elif word == other and after not in ("else", "before", "after"):
            joined = True
    if not joined:
        return None
    return Mistake(
        "E01",
        spot.at,
        spot.end,
        '"and" and "or" are mixed without brackets, so this can be read in two ways.',
        "Put brackets around the part that belongs together, for example: a and (b or c)",
    )


def _compared(spot: _Spot) -> Mistake | None:
    if spot.word not in _COMPARING:
        return None
    since: list[str] = []
    for word in reversed(spot.before):
        if word in ("and", "or", "not", "then", "else", "if"):
            if word == "and" and "between" in spot.before:
                continue
            break
        since.append(word)
    if "where" not in since and ("did" in since or spot.before[-2:] == ("did", "not")):
        return Mistake(
            "E07",
            spot.at,
            spot.end,
            '"did ..." is already yes or no and cannot be compared with a number.',
            "Write: did ... at least 3 times, or: count of ... >= 3",
        )
    if "messaged" in since or "subscribed" in since:
        name = "messaged" if "messaged" in since else "subscribed"
        message = f'"{name} ..." is already yes or no and cannot be compared.'
        return Mistake(
            "E07", spot.at, spot.end, message, f'Leave out what follows, or write "not {name} ...".'
        )
    if _COMPARING & set(since):
        return Mistake(
            "E05",
            spot.at,
            spot.end,
            "Two comparisons stand in a row.",
            'Write: x is between 10 and 20, or join them with "and": x > 10 and x < 20',
        )
    return None


def _periods(spot: _Spot) -> Mistake | None:
    unit = spot.word.removesuffix("s")
    if spot.before[-3:] == ("in", "the", "last") and unit in (*_PERIODS, "year", "quarter"):
        exact = _PERIODS.get(unit, "365 days" if unit == "year" else "90 days")
        calendar = f", or: this {unit}" if unit in ("week", "month", "year") else ""
        message = f'"in the last {unit}" can be read in two ways.'
        if unit == "day":
            calendar = ", or: today"
        return Mistake("E05", spot.at, spot.end, message, f"Write: in the last {exact}{calendar}")
    return None


def _numbers(spot: _Spot) -> Mistake | None:
    word = spot.word
    if word in _COUNTED:
        hint = f"Write it in digits: {_COUNTED.index(word) + 1}"
        return Mistake("E05", spot.at, spot.end, "Numbers are written in digits.", hint)
    if word in _OFTEN:
        return Mistake("E05", spot.at, spot.end, _lost(word), f"Write: {_OFTEN[word]}")
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


def _habits(spot: _Spot) -> Mistake | None:
    last = spot.before[-1] if spot.before else ""
    message = _lost(spot.text[spot.at : min(spot.end, spot.at + 40)])

    def write(hint: str) -> Mistake:
        return Mistake("E05", spot.at, spot.end, message, hint)

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


_LOOKS: tuple[Callable[[_Spot], Mistake | None], ...] = (
    _quotes,
    _signs,
    _mixed,
    _compared,
    _periods,
    _numbers,
    _habits,
)
