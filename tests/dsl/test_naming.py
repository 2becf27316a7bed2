"""What may be a name: everything that a rule does not need for itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dsl.expr
from dsl.compile.naming import RESERVED, check_free, check_name, check_root
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.expr.scope import Scope
from dsl.kinds import Number
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan
from dsl.source import Text

GRAMMAR = Path(dsl.expr.__file__).with_name("grammar.lark").read_text(encoding="utf-8").lower()
WORDS = sorted({word for word in re.findall(r"[a-z]{2,}", GRAMMAR) if word not in RESERVED})


def errors(rule: str, plan: TrackingPlan) -> list[str]:
    found: list[Diagnostic] = []
    compile_rule(Text.of(rule), Scope(plan), found)
    return [one.message for one in found if one.stops]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_is_not_reserved_can_be_an_attribute_and_an_event(word: str) -> None:
    number = Field(word, Number())
    attribute = TrackingPlan("shop", {word: number}, BUILT_IN_EVENTS)
    happened = Event(word, word, properties={"x": Field("x", Number())})
    event = TrackingPlan("shop", {}, {**BUILT_IN_EVENTS, word: happened})

    for rule in (f"{word} > 3", f"not {word} > 3", f"({word} + 1) > 2", f"{word} is known"):
        assert errors(rule, attribute) == []
    for rule in (f"did {word}", f"count of {word} > 1", f"last {word}.x > 3", f"{word} > 3"):
        assert errors(rule, event) == []


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
