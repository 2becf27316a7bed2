"""Texts that want more than to be read."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError, nodes

from channels.content import Built, Missing
from channels.content.filters import FILTERS, TESTS
from channels.content.printing import INNER
from channels.content.rewrite import Place, rewrite
from channels.content.sandbox import Sandbox, arithmetic
from dsl.message import (
    TEMPLATE_FILTERS,
    TEMPLATE_TESTS,
    Button,
    EmailForm,
    Html,
    SmsForm,
    TextBlock,
)
from tests.channels.content.samples import build, message, person, sms, text

REFUSED = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ first_name.__class__.__mro__ }}",
    "{{ first_name['__class__'] }}",
    "{{ trigger.__init__.__globals__ }}",
    "{{ first_name | attr('__class__') }}",
    "{{ first_name.upper() }}",
    "{{ first_name.format }}",
    "{{ '{0.__class__}'.format(first_name) }}",
    "{{ '%s' % first_name }}",
    "{{ trigger.items.append(1) }}",
    "{{ trigger.read('cart_id') }}",
    "{{ range(10) }}",
    "{{ lipsum() }}",
    "{{ cycler('a', 'b') }}",
    "{{ self }}",
    "{{ self.__init__ }}",
    "{{ caller() }}",
    "{{ use(0) }}",
    "{{ stage }}",
    "{{ writer }}",
    "{{ writer.budget }}",
    "{{ scope }}",
    "{{ 2 | use }}",
    "{{ ['a'] | map('upper') | first }}",
    "{{ trigger | tojson }}",
    "{{ trigger | pprint }}",
    "{% include 'secrets' %}",
    "{% import 'os' as os %}",
    "{% extends 'base' %}",
    "{% block a %}{% endblock %}",
    "{% macro a() %}{% endmacro %}",
    "{% call first_name() %}{% endcall %}",
    "{% filter upper %}a{% endfilter %}",
    "{% set a %}b{% endset %}",
    "{% set a.b = 1 %}",
    "{% for a, b in trigger.items %}{% endfor %}",
    "{% for a in trigger.items recursive %}{{ loop(a) }}{% endfor %}",
    "{% autoescape false %}{{ first_name }}{% endautoescape %}",
    "{{ loop }}",
    "{{ _private }}",
    "{{ [first_name][0].__class__ }}",
    "{{ {'a': 1} }}",
    "{{ first_name | upper(writer=1) }}",
    "{{ first_name | default(*tags) }}",
]


@pytest.mark.parametrize("words", REFUSED)
def test_nothing_but_reading_is_possible(words: str) -> None:
    assert sms(words).startswith("missing: ")


@pytest.mark.parametrize("words", REFUSED)
def test_the_run_time_refuses_by_itself(words: str) -> None:
    """Past the list of nodes, the environment still gives nothing away."""
    environment = Sandbox(html=False, inner=INNER)
    try:
        template = environment.from_string(words)
    except TemplateError:
        return

    class Person:
        name = "Ada"

    values: dict[str, Any] = {"first_name": "Ada", "trigger": Person(), "use": len, "tags": ("a",)}
    try:
        said = template.render(values)
    except (TemplateError, TypeError, LookupError, AttributeError):
        return

    assert "class" not in said
    assert "object at" not in said
    assert "built-in" not in said


def test_items_go_before_attributes() -> None:
    """In plain Jinja2 ``trigger.items`` is a method of dict."""
    assert sms("{{ trigger.items | length }} {{ (trigger.items | first).name }}") == "2 Tea <green>"


def test_values_of_a_record_can_have_the_names_of_its_methods() -> None:
    happened = person().trigger
    assert happened is not None
    odd = happened._replace(properties={"read": "a", "values": "b", "path": "c", "wraps": "d"})

    words = "{{ trigger.read }}{{ trigger.values }}{{ trigger.path }}{{ trigger.wraps }}"

    assert sms(words, person(trigger=odd)) == "abcd"


BOMBS = [
    "{{ 'x' * 10**9 }}",
    "{{ 'x' * 1000000000 }}",
    "{{ [1] * 1000000000 }}",
    "{{ 10 ** 10 ** 8 }}",
    "{{ ('x' | replace('x', 'y' * 1000)) }}",
    "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
    "{% set a = 9 %}" + "{% set a = a * a %}" * 60 + "{{ a }}",
    "{% set a = ['x', 'x'] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
    "{% set a = ['x', 'x'] %}" + "{% set a = [a, a] %}" * 60 + "{{ a | join }}",
    "{% set a = 'x' %}" + "{% set a = a | replace('x', 'xxxxxxxxxx') %}" * 20 + "{{ a }}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = [a, a, a, a] | join %}" * 20 + "{{ a }}",
    "{% set n = [1,2,3,4,5,6,7,8,9,10] %}"
    + "".join("{% for " + letter + " in n %}" for letter in "abcdefgh")
    + "x"
    + "{% endfor %}" * 8,
    "{% set n = [1,2,3,4,5,6,7,8,9,10] %}"
    + "".join("{% for " + letter + " in n %}" for letter in "abcdefgh")
    + "{% set y = 1 %}"
    + "{% endfor %}" * 8,
    "{% for a in trigger.items %}"
    + "x" * 19_000
    + "{% for b in [1,2,3,4,5,6,7,8,9] %}{% for c in [1,2,3] %}"
    + "y" * 15_000
    + "{% endfor %}{% endfor %}{% endfor %}",
    "{{ 1 | round(1000000000) }}",
]


@pytest.mark.parametrize("words", BOMBS, ids=range(len(BOMBS)))
def test_a_text_cannot_grow_without_end(words: str) -> None:
    tracemalloc.start()
    try:
        said = sms(words)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert said.startswith("missing: ")
    assert most < 20_000_000


def test_a_long_value_in_a_loop_pays_each_time() -> None:
    long = person(attributes={"first_name": "x" * 50_000})

    said = sms("{% for a in [1,2,3,4,5,6,7] %}{{ first_name }}{% endfor %}", long)

    assert said == "missing: a text cannot be rendered: the text grows too long"


def test_deep_nesting_is_refused_without_a_crash() -> None:
    said = sms("{% if 1 %}" * 60 + "x" + "{% endif %}" * 60)

    assert said == "missing: a text cannot be rendered: this text is nested too deeply"


def test_two_currencies_never_meet() -> None:
    assert "numbers and amounts" in sms("{{ trigger.value + first_name }}")


def test_dividing_by_zero_gives_a_missing_value() -> None:
    assert sms("{{ points / 0 }}") == "missing: a division by zero"
    assert sms("{{ (points / 0) | default('-') }}") == "-"


@pytest.mark.parametrize(
    "scheme",
    ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "vbscript:x", "java\tscript:x"],
)
def test_a_value_cannot_turn_a_link_into_a_script(scheme: str) -> None:
    button = Button(text("Go"), text("{{ first_name }}"))
    form = EmailForm(text("Hello"), None, (button,))

    built = build(message({"email": form}), "email", person(attributes={"first_name": scheme}))

    assert isinstance(built, Missing)


def test_a_value_within_a_link_stays_where_it_is() -> None:
    button = Button(
        text("Go"), text("https://shop.example/c/{{ trigger.cart_id }}?n={{ first_name }}")
    )
    form = EmailForm(text("Hello"), None, (button,))
    evil = person(attributes={"first_name": 'a"><b&c=d#e'})

    built = build(message({"email": form}), "email", evil)

    assert isinstance(built, Built)
    link = "https://shop.example/c/c%207/8%26x?n=a%22%3E%3Cb%26c%3Dd%23e"
    assert f'href="{link}"' in built.parts["html"]
    assert f"Go: {link}" in built.parts["text"]


def test_values_and_words_are_escaped_in_html_and_only_there() -> None:
    evil = person(attributes={"first_name": "<script>alert('x')</script>&"})
    form = EmailForm(
        text("{{ first_name }} < 1"),
        text("{{ first_name }}"),
        (TextBlock(text("5 < 6 & {{ first_name }}")), Html(text("<b>{{ first_name }}</b>"))),
    )

    built = build(message({"email": form}), "email", evil)

    assert isinstance(built, Built)
    html = built.parts["html"]
    assert "<script>" not in html
    assert "5 &lt; 6 &amp; &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;" in html
    assert "<b>&lt;script&gt;" in html
    assert built.parts["subject"] == "<script>alert('x')</script>& < 1"
    assert "5 < 6 & <script>alert('x')</script>&" in built.parts["text"]


def test_escaping_survives_filters_and_joining() -> None:
    evil = person(attributes={"first_name": "<b>", "tags": ["<i>", "<u>"]})
    words = "{{ first_name | upper }}{{ first_name ~ '<a>' }}{{ tags }}{{ tags | join('<hr>') }}"
    form = EmailForm(text("Hello"), None, (TextBlock(text(words)),))

    built = build(message({"email": form}), "email", evil)

    assert isinstance(built, Built)
    assert (
        "&lt;B&gt;&lt;b&gt;&lt;a&gt;&lt;i&gt;, &lt;u&gt;&lt;i&gt;&lt;hr&gt;&lt;u&gt;"
        in (built.parts["html"])
    )


def test_a_header_has_one_line() -> None:
    evil = person(attributes={"first_name": "Ada\r\nBcc: all@shop.example\n\n<p>"})
    form = EmailForm(text("Hello {{ first_name }}"), text("{{ first_name }}"), ())

    built = build(message({"email": form}), "email", evil)

    assert isinstance(built, Built)
    assert built.parts["subject"] == "Hello Ada Bcc: all@shop.example <p>"
    assert built.parts["preview"] == "Ada Bcc: all@shop.example <p>"


def test_values_cannot_contain_the_marks_between_parts() -> None:
    evil = person(attributes={"first_name": "a\x1db\x1ec\x00d\x7f"})
    form = EmailForm(text("{{ first_name }}"), None, (TextBlock(text("{{ first_name }}")),))

    built = build(message({"email": form}), "email", evil)

    assert isinstance(built, Built)
    assert built.parts["subject"] == "abcd"
    assert built.parts["text"] == "abcd\n"


def test_words_cannot_contain_the_marks_of_the_page() -> None:
    form = EmailForm(text("wlt0m"), None, (TextBlock(text("wlb0m wle0m wlt99m {{ first_name }}")),))

    built = build(message({"email": form}), "email")

    assert isinstance(built, Built)
    assert built.parts["text"] == "wlb0m wle0m wlt99m Ada\n"
    assert "wlb0m wle0m wlt99m Ada" in built.parts["html"]


def test_the_filters_are_those_the_compiler_lets_through() -> None:
    assert set(FILTERS) == TEMPLATE_FILTERS
    assert set(TESTS) == TEMPLATE_TESTS


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "if",
        "endif",
        "for",
        "in",
        "endfor",
        "set",
        "first_name",
        "trigger.items",
        "a",
        ".",
        "|",
        "[",
        "]",
        "(",
        ")",
        "'",
        "'",
        "0",
        "1",
        "~",
        "*",
        "**",
        "+",
        "-",
        "default",
        "upper",
        "first",
        "join",
        "__class__",
        ",",
        "=",
        "==",
        "not",
        "and",
        "or",
        "is",
        "defined",
        "loop.index",
        "else",
        "x",
    ]
)


@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_whatever_is_written_gives_a_text_or_says_what_is_wrong(words: str) -> None:
    made = message({"sms": SmsForm(text(words))})

    try:
        built = build(made, "sms")
    except TemplateError:
        return  # not a template; the compiler of messages says so

    assert isinstance(built, Built | Missing)


def every_node(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from every_node(child)


@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_what_is_let_through_calls_nothing_and_names_nothing_of_ours(words: str) -> None:
    environment = Sandbox(html=False, inner=INNER)
    try:
        made = rewrite(words, environment, Place("scope"), "text")
    except TemplateError:
        return

    for root in made:
        for node in every_node(root):
            assert not isinstance(node, nodes.Call | nodes.Include | nodes.Macro | nodes.Pow)
            if isinstance(node, nodes.Name):
                assert node.name in {"scope", "writer", "loop"} or node.name.startswith("own_")


@given(st.sampled_from("+-*/"), st.integers(), st.integers())
def test_arithmetic_is_that_of_numbers_or_refused(sign: str, left: int, right: int) -> None:
    try:
        value = arithmetic(sign, left, right)
    except TemplateError:
        return

    if sign != "/":
        assert value == {"+": left + right, "-": left - right, "*": left * right}[sign]
