"""Texts that only print are filled in without Jinja, and nobody can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError, nodes

from channels.content.layout import wraps_of
from channels.content.printing import INNER
from channels.content.rewrite import Manner, Place, rewrite
from channels.content.sandbox import Sandbox
from channels.content.stage import Scope
from channels.content.straight import filled, straight
from channels.content.writing import Budget, Formats, Writer
from dsl.message import Template
from tests.channels.content.samples import KINDS, person

WRAPS = wraps_of({}, [Template("", "", KINDS)])
FORMATS = Formats()

words = st.text("ab <>&\"'/:.\n\u00a0é\x1f{", max_size=12)
names = st.sampled_from(
    [
        *["first_name"] * 6,
        *["tags", "points", "birthday", "last_seen_at", "nobody", "unsubscribe_link"],
        *["trigger.cart_id", "trigger.value", "trigger.items", "trigger.nothing.further"],
        *["profile.first_name", "first_name.length", "trigger", "'said'", "7"],
    ]
)
filters = st.sampled_from(
    [
        *["upper", "default('friend')", "default('a', true)", "trim", "replace('A', 'b')"],
        *["first", "join(', ')", "truncate(3)", "round(1)", "length"],
    ]
)
printed = st.builds(
    lambda name, used: "{{ " + " | ".join([name, *used]) + " }}",
    names,
    st.lists(filters, max_size=2),
)
texts = st.lists(words.map(lambda each: each.replace("{", "")) | printed, max_size=5).map("".join)
manners = st.sampled_from(["text", "line", "html", "raw", "link", "parameter"])
people = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(
            ["Ada", "A<b>&'\"", "https://shop.example/?a=1&b", "", "\x07\n"]
        ),
        "tags": st.lists(st.sampled_from(["a", "<b>", ""]), max_size=2),
        "points": st.integers(-9, 10**6),
        "birthday": st.just("2001-02-03"),
        "nobody": st.just("java" + "script:alert(1)"),
    },
)


def by_jinja(tree: nodes.Template, environment: Sandbox) -> Callable[[dict[str, Any]], str]:
    tree.set_environment(environment)
    return environment.from_string(tree).render


def said(fill: Callable[[dict[str, Any]], str], attributes: dict[str, Any], budget: int) -> str:
    """The text, or what is wrong with it."""
    scope = Scope(
        person(attributes=attributes), {}, {}, WRAPS, lambda _: "https://shop.example/u/1", ""
    )
    try:
        return fill({"scope": scope, "use": None, "writer": Writer(FORMATS, "de", Budget(budget))})
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"


ADA = {"first_name": "A<b>&"}


@settings(max_examples=300)
@example(text="<b>{{ first_name }}", manner="text", html=True, attributes=ADA, budget=900)
@example(text="<b>{{ first_name }}", manner="raw", html=False, attributes=ADA, budget=900)
@given(
    text=texts,
    manner=manners,
    html=st.booleans(),
    attributes=people,
    budget=st.sampled_from([9, 90, 900, 900]),
)
def test_both_ways_say_the_same(
    text: str, manner: Manner, html: bool, attributes: dict[str, Any], budget: int
) -> None:
    """Character by character, or with the same error."""
    environment = Sandbox(html=html, inner=INNER)
    ours, theirs = (
        nodes.Template(rewrite(text, environment, Place("scope"), manner)) for _ in range(2)
    )
    quick = straight(ours, environment)

    assert quick is not None
    assert said(quick, attributes, budget) == said(
        by_jinja(theirs, environment), attributes, budget
    )


@pytest.mark.parametrize(
    "text",
    [
        "{% if points > 3 %}many{% endif %}",
        "{% for tag in tags %}{{ tag }}{% endfor %}",
        "{% set a = 1 %}{{ a }}",
        "{{ points + 1 }}",
        "{{ tags[:1] }}",
        "{{ 'a' if points else 'b' }}",
        "{{ points > 3 }}",
    ],
)
def test_whatever_does_more_than_print_is_left_to_jinja(text: str) -> None:
    environment = Sandbox(html=False, inner=INNER)
    tree = nodes.Template(rewrite(text, environment, Place("scope"), "text"))

    assert straight(tree, environment) is None
    attributes = {"points": 5, "tags": ["a"], "first_name": "Ada"}
    assert said(filled(tree, environment), attributes, 90) in {"many", "a", "1", "6", "yes"}
