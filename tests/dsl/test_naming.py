"""What may be a name: everything that a rule does not need for itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

import dsl.expr
from dsl.compile.naming import RESERVED, check_free, check_name, check_root
from dsl.diagnostics import Diagnostic
from dsl.expr import tree
from dsl.expr.parse import StartSymbol, parse
from dsl.kinds import Number
from dsl.plan import Event, Field, TrackingPlan
from dsl.source import Text
from tests.dsl.projects import complaints

GRAMMAR = Path(dsl.expr.__file__).with_name("grammar.lark").read_text(encoding="utf-8").lower()
WORDS = sorted({word for word in re.findall(r"[a-z]{2,}", GRAMMAR) if word not in RESERVED})


PLACES: Mapping[StartSymbol, tuple[str, ...]] = {
    "rule": (
        # An attribute or a variable, on every side of every sign.
        *("{0}", "not {0}", "({0})", "{0}.x is known", "{0} is known", "{0} is missing"),
        *("{0} is 1", "{0} is not 1", "{0} is exactly {0}", "{0} > {0} and {0} < {0}"),
        *("{0} is before {0}", "{0} is after {0}", "{0} contains {0}", "{0} has {0} or {0}"),
        *("x is between {0} and {0}", "{0} in (1, {0})", "x is one of {0}", "x has any of {0}"),
        *("if {0} then {0} else {0}", "{0} or else {0} > 1", "-{0} * 2 - {0} / {0} < 3 + {0}"),
        *("age({0}) > 3", "time since {0} > 3 days", "{0} is within the next 3 days"),
        *("did e where {0} > 3 today", "did e where a > {0}", "did e where ({0} is 1)"),
        *("did e since {0}", "did e before {0}", "did e between {0} and {0} and {0}"),
        *("did e within 3 days after {0}", "messaged since {0}", "any of {0} where {0} > 3"),
        # An event.
        *("did {0}", "did not {0}", "did {0} since entry", "did {0} at least 3 times today"),
        *("did {0} where a > 3", "did e followed by {0}", "did e not followed by {0} within 1 day"),
        *("count of {0} > 3", "sum of {0}.a > 3", "last {0}.a is 3", "first {0}.a is known"),
        *("unique {0}.a has 3", "highest {0}.a > 3", "{0} in the last 3 days > 3", "{0} >= 3"),
        *("{0} where a > 3 > 5", "all of {0} where a > 3", "{0} since entry > 1"),
        # A segment, a journey, a category, a channel, a step.
        *("in segment {0}", "entered segment {0} today", "left segment {0}", "in journey {0}"),
        *("subscribed to {0} on {0}", "messaged on {0} about {0} by {0} this week"),
        *("{0} is reachable", "{0} window is open", "{0} was sent", "{0} was not opened"),
        "{0} was clicked within 2 days",
    ),
    "value": ("{0}", "{0} or else 3", "{0} + {0}", 'title({0} or else "x")'),
    "moment": ("last {0}.a + 3 days", "{0}.a", "{0}.a - 3 days at 09:00"),
    "length": ("{0}", "{0} or else 3 days"),
    "channel_choice": ("{0}", "{0} if {0} > 3"),
    "cap": ("3 per 7 days on {0} about {0}",),
}


def shape(node: object, name: str) -> object:
    """A tree without its places, and with ``name`` replaced."""
    match node:
        case tree.Word(text=text):
            return "its name" if text == name else text
        case tuple():
            return tuple(shape(each, name) for each in node)
        case _ if is_dataclass(node):
            parts = [part.name for part in fields(node) if part.name not in ("start", "end")]
            return type(node).__name__, *(shape(getattr(node, part), name) for part in parts)
        case _:
            return node


@cache
def meant(name: str, start: StartSymbol, place: str) -> object:
    """What a sentence says with ``name`` in it."""
    found: list[Diagnostic] = []
    said = parse(Text.of(place.format(name)), start, found)
    assert found == [], (name, place)
    return shape(said, name)


VALUES = (
    *("{0} is {0}", "{0} is not {0}", "tier is {0}", "did e where ({0} is {0})"),
    *("if a is {0} then b is {0} else c", "did e where a is {0}"),
)
"""Where an attribute, an event or a variable follows "is"."""

MOMENTS = ("{0}", "{0} at 09:00", "{0} - 3 days at 09:00", "last e.a + {0}")
"""Where an attribute or a variable can be a moment."""


@pytest.mark.parametrize("word", WORDS)
def test_an_attribute_that_is_allowed_means_the_same_as_any_other(word: str) -> None:
    if found_by(check_root, word) == []:
        for place in VALUES:
            assert meant(word, "rule", place) == meant("zzz", "rule", place), place
        for place in MOMENTS:
            assert meant(word, "moment", place) == meant("zzz", "moment", place), place


@pytest.mark.parametrize("word", WORDS)
def test_an_attribute_that_is_not_allowed_would_mean_something_else(word: str) -> None:
    if found_by(check_root, word) == []:
        return
    other: list[object] = []
    both: Mapping[StartSymbol, tuple[str, ...]] = {"rule": VALUES, "moment": MOMENTS}
    for start, places in both.items():
        for place in places:
            said = parse(Text.of(place.format(word)), start, [])
            other += [place] * (said is None or shape(said, word) != meant("zzz", start, place))
    assert other


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_is_not_reserved_means_the_same_as_any_other_name(word: str) -> None:
    for start, places in PLACES.items():
        for place in places:
            assert meant(word, start, place) == meant("zzz", start, place), place


def found_by(check: object, name: str) -> list[str]:
    found: list[Diagnostic] = []
    assert callable(check)
    check(Text.of(name), "an attribute", found)
    return [one.code for one in found]


@pytest.mark.parametrize("name", ["first_name", "größe", "_x", "tier2", "profile_"])
def test_letters_digits_and_underscores_make_a_name(name: str) -> None:
    assert found_by(check_root, name) == []


@pytest.mark.parametrize("name", ["", "2tier", "first name", "first-name", "a.b", "x" * 101])
def test_nothing_else_does(name: str) -> None:
    assert found_by(check_name, name) == ["S13"]


@pytest.mark.parametrize("name", ["first", "Trigger", "profile", "now"])
def test_words_of_the_language_are_no_names(name: str) -> None:
    assert found_by(check_name, name) == []
    assert found_by(check_root, name) == ["S13"]


def test_attributes_and_events_are_not_hidden_by_other_names() -> None:
    plan = TrackingPlan(
        "shop",
        {"tier": Field("tier", Number())},
        {"purchase": Event("purchase", "Order Completed", "purchases", "buy")},
    )
    found: list[Diagnostic] = []

    free = [
        check_free(Text.of(name), "a step", plan, found)
        for name in ("tier", "purchase", "purchases", "buy", "hello")
    ]

    assert free == [False, False, False, False, True]
    assert [one.code for one in found] == ["N18"] * 4


def test_inputs_of_fragments_are_asked_for_by_their_names() -> None:
    fragment = "fragment: ask\ninputs: {before: whole number}\nsteps: [{stop: done}]\n"

    assert [one[:3] for one in complaints(ask=fragment)] == [("S13", 2, 10)]


@pytest.mark.parametrize("word", ["Friday", "before", "known"])
def test_a_step_may_have_a_name_that_no_value_may_have(word: str) -> None:
    found: list[Diagnostic] = []

    assert check_root(Text.of(word), "a step", found)
    assert not check_root(Text.of(word), "an attribute", found)
    assert not check_root(Text.of(word), "an event", found)
    assert not check_root(Text.of(word), "a variable", found)
