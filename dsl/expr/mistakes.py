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

from dsl.expr.habits import habits, numbers, periods, unfinished
from dsl.expr.spot import PIECE, Mistake, Spot, lost, same_level, unclosed

__all__ = ["Mistake", "explain", "too_deep"]


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


def too_deep(text: str, limit: int) -> int | None:
    """Where brackets begin to be nested deeper than ``limit``, or None."""
    if text.count("(") <= limit:
        return None
    depth = 0
    for piece in PIECE.finditer(text):
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
    spot = Spot(text, at, text[at:end].lower(), end, same_level(text[:at]), start)
    for look in _LOOKS:
        mistake = look(spot)
        if mistake is not None:
            return mistake
    shown = text[at : min(end, at + 40)]
    return Mistake("E05", at, end, lost(shown), _EXAMPLES[start])


def _early(text: str, start: str) -> Mistake:
    end = len(text.rstrip(_BLANKS))
    opened = unclosed(text)
    if not end:
        return Mistake("E06", 0, 1, f"There is no {_CALLED[start]} here.", _EXAMPLES[start])
    if opened is not None:
        hint = 'For every "(" there must be a ")".'
        return Mistake("E08", opened, opened + 1, "This bracket is never closed.", hint)
    hint = unfinished(same_level(text)) or "Something is missing after the last word."
    return Mistake("E06", end, end + 1, f"The {_CALLED[start]} stops too early.", hint)


# ------------------------------------------------------------------- one look at each mistake


def _quotes(spot: Spot) -> Mistake | None:
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


def _signs(spot: Spot) -> Mistake | None:
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
    if spot.word == ")" and unclosed(spot.text[: spot.at]) is None:
        hint = 'For every ")" there must be a "(" before it.'
        return Mistake("E08", spot.at, spot.end, "This bracket was never opened.", hint)
    return None


def _mixed(spot: Spot) -> Mistake | None:
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


def _compared(spot: Spot) -> Mistake | None:
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


_LOOKS: tuple[Callable[[Spot], Mistake | None], ...] = (
    _quotes,
    _signs,
    _mixed,
    _compared,
    periods,
    numbers,
    habits,
)
