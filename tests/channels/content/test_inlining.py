"""Styles of hand-written HTML come to where they are needed, and nothing else changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.content import Built
from channels.content.inlining import inlined
from dsl.message import EmailForm, Html
from tests.channels.content.samples import build, message, text

SHEET = "<style>.sale { color: red; } p { margin: 0 }</style>"


def test_a_style_sheet_is_moved_to_its_elements() -> None:
    assert inlined(f'{SHEET}<p class="sale">{{{{ total }}}}</p>') == (
        '<p class="sale" style="margin: 0;color: red;">{{ total }}</p>'
    )


def test_what_an_author_says_at_an_element_goes_before_a_sheet() -> None:
    made = inlined('<style>h1 { color: red }</style><h1 style="color: blue">Hi</h1>')

    assert re.search(r'style="[^"]*color: blue', made)
    assert "red" not in made


def test_headings_look_as_ours_do_without_a_word() -> None:
    assert 'style="font-size: 26px;' in inlined("<h1>Sale</h1>")
    assert inlined("<p>Sale</p>") == "<p>Sale</p>"


def test_rules_for_some_screens_stay_what_they_are() -> None:
    sheet = "<style>@media (max-width: 480px) { .a { width: 100% !important; } } .a { width: 50% }</style>"
    made = inlined(f'{sheet}<div class="a">x</div>')

    assert made == (
        "<style>@media (max-width: 480px) { .a { width: 100% !important; } }</style>"
        '<div class="a" style="width: 50%;">x</div>'
    )


def test_decisions_and_loops_keep_their_places_in_a_table() -> None:
    html = (
        "<style>td { padding: 4px }</style><table>{% for i in items %}<tr><td>{{ i.name }}</td>"
        "{% if i.price %}<td><a href=\"https://shop.example/?a={{ i.id }}&b='x'\">x</a></td>{% endif %}"
        "</tr>{% endfor %}</table>"
    )
    made = inlined(html)

    assert re.findall(r"\{[{%].*?[}%]\}", made) == re.findall(r"\{[{%].*?[}%]\}", html)
    assert made.count('style="padding: 4px;"') == 2
    assert re.search(r"<table>\{% for i in items %\}<tr><td", made)
    assert re.search(r"\{% endif %\}</tr>\{% endfor %\}</table>", made)
    assert "href=\"https://shop.example/?a={{ i.id }}&amp;b='x'\"" in made


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Half",
        "</div><h1>The other half</h1>",
        "<h1 {% if a %}class='b'{% endif %}>x</h1>",
        "<{{ tag }}><h1>x</h1>",
        "<style>h1 { color: {{ colour }} }</style><h1>x</h1>",
        "{% if a %}<h1>{% else %}<h1 class='b'>{% endif %}x</h1>",
    ],
)
def test_html_that_is_no_whole_by_itself_is_left_as_it_is(html: str) -> None:
    """It may begin in one block and end in another."""
    assert inlined(html) == html


@given(
    st.lists(
        st.sampled_from(
            ["<h1>", "</h1>", "{{ a }}", "{% if a %}", "{% endif %}", "<b>", "</b>", "x", "&amp;",
             "<br>", '<a href="{{ a }}">', "</a>", "<!-- c -->", "wl0lw", "<style>b{color:red}</style>"]
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
@settings(max_examples=150)
def test_what_jinja_says_is_never_lost_or_moved(html: str) -> None:
    told = r"\{[{%].*?[}%]\}"

    assert re.findall(told, inlined(html)) == re.findall(told, html)


def test_a_letter_has_its_styles_at_its_elements() -> None:
    block = Html(text("<style>.a { color: red }</style><h1 class='a'>Hi {{ first_name }}</h1>"))
    built = build(message({"email": EmailForm(text("a"), None, (block,))}), "email")
    assert isinstance(built, Built)

    assert re.search(r'<h1 class="a" style="[^"]*color: red[^"]*">Hi Ada</h1>', built.parts["html"])
    assert "Hi Ada" in built.parts["text"]
    assert "color" not in built.parts["text"]
