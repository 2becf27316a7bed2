"""From grammar to tree: one method for each alternative of the grammar.

The parser calls them as it reduces, innermost first, so building never recurses. A word that the
grammar allows and the calendar does not (31 February) raises ``Refused``, which ``parse`` turns
into a diagnostic; nothing else is raised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal, TypeAlias, cast

from lark import Token, Transformer

from dsl.expr import history, tree
from dsl.expr.words import (
    clock_of,
    date_of,
    length_of,
    moment_of,
    money_of,
    number_of,
    spoken,
    whole_of,
)

__all__ = ["BuildTree", "end", "start", "words"]

Part: TypeAlias = tree.Node | Token
Parts: TypeAlias = list[Part]

_JOINT = re.compile(r"\s+and\s+", re.IGNORECASE)
_SIGNS = {"EQ": "is", "NE": "is not", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}


def start(part: Part) -> int:
    """Where a node or a token begins."""
    return part.start if isinstance(part, tree.Node) else int(part.start_pos or 0)


def end(part: Part) -> int:
    """Where a node or a token ends."""
    return part.end if isinstance(part, tree.Node) else int(part.end_pos or 0)


def _ends(parts: Sequence[Part]) -> tuple[int, int]:
    return start(parts[0]), end(parts[-1])


def _nodes(parts: Parts) -> list[tree.Node]:
    return [part for part in parts if isinstance(part, tree.Node)]


def words(parts: Parts) -> list[Token]:
    """The tokens among the parts."""
    return [part for part in parts if isinstance(part, Token)]


def _find(parts: Parts, sort: type[Any]) -> Any:
    return next((part for part in parts if isinstance(part, sort)), None)


def named_after(parts: Parts, keyword: str) -> tree.Word | None:
    """The name that follows ``keyword``, if the keyword is there."""
    for here, following in pairwise(parts):
        if isinstance(here, Token) and here.type == keyword:
            return word(following)
    return None


def word(part: Part) -> tree.Word:
    """A name, or a quoted name."""
    assert isinstance(part, Token)
    text = part[1:-1] if part.type == "STRING" else str(part)
    return tree.Word(*_ends([part]), text)


def length(part: Part) -> tree.Length:
    """``2 hours``."""
    assert isinstance(part, Token)
    return tree.Length(*_ends([part]), length_of(part))


def length_in(parts: Parts) -> tree.Length | None:
    """The duration among the parts, if there is one."""
    found = next((part for part in words(parts) if part.type == "DURATION"), None)
    return None if found is None else length(found)


def _apart(both: Token) -> tuple[Token, Token]:
    """Two lengths with ``and`` between them, each where it stands."""
    joint = _JOINT.search(both)
    assert joint is not None
    begin = both.start_pos or 0
    low, high = str(both)[: joint.start()], str(both)[joint.end() :]
    return (
        Token("DURATION", low, begin, end_pos=begin + len(low)),
        Token("DURATION", high, begin + joint.end(), end_pos=both.end_pos),
    )


class BuildTree(Transformer[Token, tree.Node]):
    """Values, tests and history. ``BuildForms`` adds the small languages."""

    # -- logic

    def rule(self, parts: Parts) -> Any:
        return parts[0]

    value = length = rule

    def if_else(self, parts: Parts) -> tree.Node:
        condition, then, otherwise = _nodes(parts)
        return tree.IfElse(*_ends(parts), condition, then, otherwise)

    def and_(self, parts: Parts) -> tree.Node:
        return tree.And(*_ends(parts), tuple(_nodes(parts)))

    def or_(self, parts: Parts) -> tree.Node:
        return tree.Or(*_ends(parts), tuple(_nodes(parts)))

    def not_(self, parts: Parts) -> tree.Node:
        return tree.Not(*_ends(parts), _nodes(parts)[0])

    def group(self, parts: Parts) -> tree.Node:
        first, last = _ends(parts)
        return replace(_nodes(parts)[0], start=first, end=last)

    # -- tests

    def cmp(self, parts: Parts) -> tree.Node:
        (token,) = words(parts)
        return tree.Sign(*_ends(parts), _SIGNS.get(token.type) or spoken(token))

    def one_of(self, parts: Parts) -> Any:
        if isinstance(parts[0], Token):
            return parts[0]
        value, token, items = parts
        assert isinstance(value, tree.Node)
        assert isinstance(token, Token)
        assert isinstance(items, tree.Listed)
        negated = token.type in ("IS_NONE_OF", "NOT_IN")
        sign = tree.Sign(*_ends([token]), spoken(token))
        return tree.OneOf(*_ends(parts), value, sign, negated, items)

    def has_list(self, parts: Parts) -> Any:
        if isinstance(parts[0], Token):
            return parts[0]
        value, token, items = parts
        assert isinstance(value, tree.Node)
        assert isinstance(token, Token)
        assert isinstance(items, tree.Listed)
        how = cast('Literal["any", "all", "none"]', spoken(token).split()[1])
        sign = tree.Sign(*_ends([token]), spoken(token))
        return tree.HasList(*_ends(parts), value, sign, how, items)

    def within_op(self, parts: Parts) -> Any:
        return parts[0]

    postfix = within_op

    def compare(self, parts: Parts) -> tree.Node:
        left, sign, right = _nodes(parts)
        assert isinstance(sign, tree.Sign)
        return tree.Compare(*_ends(parts), left, sign, right)

    def between(self, parts: Parts) -> tree.Node:
        value, low, high = _nodes(parts)
        return tree.Between(*_ends(parts), value, low, high)

    def between_lengths(self, parts: Parts) -> tree.Node:
        (value,), both = _nodes(parts), words(parts)[-1]
        low, high = (length(part) for part in _apart(both))
        return tree.Between(*_ends(parts), value, low, high)

    def within_now(self, parts: Parts) -> tree.Node:
        value, token, distance = parts
        assert isinstance(value, tree.Node)
        assert isinstance(token, Token)
        return tree.Near(*_ends(parts), value, token.type == "IS_WITHIN_NEXT", length(distance))

    def presence(self, parts: Parts) -> tree.Node:
        value, token = parts
        assert isinstance(value, tree.Node)
        assert isinstance(token, Token)
        sort = token.type
        negated = sort in ("IS_MISSING", "IS_NOT_REACHABLE", "WINDOW_IS_CLOSED")
        what: Literal["known", "reachable", "window"] = (
            "reachable" if "REACHABLE" in sort else "window" if "WINDOW" in sort else "known"
        )
        return tree.Presence(*_ends(parts), value, what, negated)

    def list_arg(self, parts: Parts) -> tree.Node:
        return tree.Listed(*_ends(parts), tuple(_nodes(parts)))

    def list_path(self, parts: Parts) -> tree.Node:
        (path,) = parts
        assert isinstance(path, tree.Path)
        return tree.Listed(*_ends(parts), path)

    # -- membership

    def in_segment(self, parts: Parts) -> tree.Node:
        return tree.InSegment(*_ends(parts), word(parts[1]))

    def in_journey(self, parts: Parts) -> tree.Node:
        return tree.InJourney(*_ends(parts), word(parts[1]))

    def subscribed(self, parts: Parts) -> tree.Node:
        return tree.Subscribed(*_ends(parts), word(parts[1]), named_after(parts, "ON"))

    def entered_segment(self, parts: Parts) -> tree.Node:
        entered = words(parts)[0].type == "ENTERED_SEGMENT"
        return history.SegmentChange(*_ends(parts), entered, word(parts[1]), _window(parts))

    left_segment = entered_segment

    def step_outcome(self, parts: Parts) -> tree.Node:
        path, said = parts[:2]
        assert isinstance(path, tree.Path)
        assert isinstance(said, Token)
        *_, what = spoken(said).split()
        negated = " not " in spoken(said)
        return tree.Outcome(*_ends(parts), path, what, negated, length_in(parts))

    # -- history

    def did(self, parts: Parts) -> tree.Node:
        return history.Did(
            *_ends(parts),
            any(token.type == "NOT" for token in words(parts)),
            _find(parts, history.Selection),
            _find(parts, history.Times),
            _window(parts),
            _find(parts, history.Followed),
        )

    def messaged(self, parts: Parts) -> tree.Node:
        channel, category, journey = (named_after(parts, key) for key in ("ON", "ABOUT", "BY"))
        return history.Messaged(*_ends(parts), channel, category, journey, _window(parts))

    def followed(self, parts: Parts) -> tree.Node:
        negated = words(parts)[0].type == "NOT_FOLLOWED_BY"
        selection = _find(parts, history.Selection)
        return history.Followed(*_ends(parts), negated, selection, length_in(parts))

    def selection(self, parts: Parts) -> tree.Node:
        return history.Selection(*_ends(parts), word(parts[0]), _find(parts, history.Where))

    def where(self, parts: Parts) -> tree.Node:
        return history.Where(*_ends(parts), _nodes(parts)[0], bracketed=False)

    def where_group(self, parts: Parts) -> tree.Node:
        return history.Where(*_ends(parts), _nodes(parts)[0], bracketed=True)

    def times(self, parts: Parts) -> tree.Node:
        how, count = words(parts)[:2]
        said = cast(
            'Literal["at least", "at most", "exactly", "more than", "fewer than"]', spoken(how)
        )
        return history.Times(*_ends(parts), said, whole_of(count))

    def w_last(self, parts: Parts) -> tree.Node:
        return history.Last(*_ends(parts), length(parts[1]))

    def w_since(self, parts: Parts) -> tree.Node:
        return history.Since(*_ends(parts), _nodes(parts)[0])

    def w_before(self, parts: Parts) -> tree.Node:
        return history.Before(*_ends(parts), _nodes(parts)[0])

    def w_between(self, parts: Parts) -> tree.Node:
        low, high = _nodes(parts)
        return history.Range(*_ends(parts), low, high)

    def w_after(self, parts: Parts) -> tree.Node:
        return history.WithinAfter(*_ends(parts), length(parts[1]), _nodes(parts)[0])

    def w_today(self, parts: Parts) -> tree.Node:
        said = spoken(words(parts)[0]).removeprefix("this ")
        name = cast('Literal["today", "yesterday", "week", "month", "year"]', said)
        return history.Period(*_ends(parts), name)

    w_yesterday = w_period = w_today

    def w_ever(self, parts: Parts) -> tree.Node:
        return history.Ever(*_ends(parts))

    # -- values

    def or_else(self, parts: Parts) -> tree.Node:
        value, default = _nodes(parts)
        return tree.OrElse(*_ends(parts), value, default)

    def add(self, parts: Parts) -> tree.Node:
        left, sign, right = parts
        assert isinstance(left, tree.Node)
        assert isinstance(right, tree.Node)
        said = cast('Literal["+", "-", "*", "/"]', str(sign))
        return tree.Arithmetic(*_ends(parts), said, left, right)

    sub = mul = div = add

    def negative(self, parts: Parts) -> tree.Node:
        return tree.Negative(*_ends(parts), _nodes(parts)[0])

    def agg_op(self, parts: Parts) -> Any:
        return parts[0]

    pick_op = agg_op

    def agg(self, parts: Parts) -> tree.Node:
        said = spoken(words(parts)[0]).split()[0]
        how = cast("history.AggregateName", {"number": "count", "total": "sum"}.get(said, said))
        return history.Aggregate(
            *_ends(parts), how, _find(parts, tree.Path), _find(parts, history.Where), _window(parts)
        )

    def pick(self, parts: Parts) -> tree.Node:
        last = words(parts)[0].type == "LAST"
        path, where = _find(parts, tree.Path), _find(parts, history.Where)
        return history.Pick(*_ends(parts), last, path, where, _window(parts))

    def counted(self, parts: Parts) -> tree.Node:
        path, where = _find(parts, tree.Path), _find(parts, history.Where)
        return history.Aggregate(*_ends(parts), "count", path, where, _window(parts))

    def time_since(self, parts: Parts) -> tree.Node:
        return tree.Elapsed(*_ends(parts), words(parts)[0].type == "TIME_UNTIL", _nodes(parts)[0])

    time_until = time_since

    def call(self, parts: Parts) -> tree.Node:
        return tree.Call(*_ends(parts), word(parts[0]), tuple(_nodes(parts)))

    def path(self, parts: Parts) -> tree.Node:
        return tree.Path(*_ends(parts), tuple(word(part) for part in parts))

    def number(self, parts: Parts) -> tree.Node:
        return tree.Number(*_ends(parts), number_of(words(parts)[0]))

    def money(self, parts: Parts) -> tree.Node:
        amount, currency = money_of(words(parts)[0])
        return tree.Money(*_ends(parts), amount, currency)

    def text(self, parts: Parts) -> tree.Node:
        return tree.Text(*_ends(parts), str(words(parts)[0])[1:-1])

    def duration(self, parts: Parts) -> tree.Node:
        return length(parts[0])

    def datetime(self, parts: Parts) -> tree.Node:
        return tree.Moment(*_ends(parts), moment_of(words(parts)[0]))

    def date(self, parts: Parts) -> tree.Node:
        return tree.Date(*_ends(parts), date_of(words(parts)[0]))

    def time(self, parts: Parts) -> tree.Node:
        return tree.Time(*_ends(parts), clock_of(words(parts)[0]))

    def boolean(self, parts: Parts) -> tree.Node:
        return tree.Flag(*_ends(parts), words(parts)[0].type == "YES")

    def now(self, parts: Parts) -> tree.Node:
        return tree.Now(*_ends(parts))

    def today(self, parts: Parts) -> tree.Node:
        offset = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[words(parts)[0].type]
        return tree.Day(*_ends(parts), offset)

    tomorrow = yesterday = today


def _window(parts: Parts) -> history.Window | None:
    return next((part for part in parts if isinstance(part, history.Window)), None)
