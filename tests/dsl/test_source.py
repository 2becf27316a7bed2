"""Texts know where each of their characters stands, however YAML laid them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.compose import compose
from dsl.diagnostics import Diagnostic, Span
from dsl.source import Source, Text
from dsl.yaml import Map


def value_of(file: str) -> Text:
    found: list[Diagnostic] = []
    node = compose(Source("file.yaml", file), found)
    assert found == []
    assert isinstance(node, Map)
    value = node.entries[-1].value
    assert isinstance(value, Text)
    return value


def pointed_at(file: str, word: str) -> str:
    """What stands in the file where ``word`` of the value is said to stand."""
    value = value_of(file)
    start = value.index(word)
    span = value.span(start, start + len(word))
    return file.split("\n")[span.line - 1][span.column - 1 :][: span.width]


@pytest.mark.parametrize(
    "file",
    [
        "a: one needle two",
        "a: one\n   needle two",
        "a: one\n\n\n   two needle",
        "a: 'one needle'",
        "a: 'it''s\n   a needle'",
        'a: "one \\u00e4 \\" \\x41 needle"',
        'a: "one \\\n    needle two"',
        'a: "one\\tneedle"',
        "a: |\n  one\n    needle\n  two\n",
        "a: |2-  # comment\n   one\n  needle\n",
        "a: >\n  one\n  needle\n",
        "a: >-\n  one\n\n      deeper needle\n\n  end\n",
        "x: 1\n# comment\na:   needle   # comment\n",
        "a: {b: 1}\nc: needle",
    ],
)
def test_a_word_is_found_where_it_stands(file: str) -> None:
    assert pointed_at(file, "needle") == "needle"


def test_the_place_of_a_text_is_its_first_character() -> None:
    value = value_of("b: 1\na: |\n    needle\n")

    assert (value.line, value.column, value.place) == (3, 5, "file.yaml:3")


def test_a_span_ends_with_its_line() -> None:
    value = value_of("a: one two\n   three")

    assert value.span() == Span("file.yaml", 1, 4, 7)


def test_the_end_of_a_text_is_a_place_too() -> None:
    value = value_of("a: one two  # comment")

    assert value.span(len(value), len(value)) == Span("file.yaml", 1, 11, 1)


def test_a_part_keeps_its_place() -> None:
    value = value_of("a: >\n  one,\n   needle ,three\n")
    start = value.index("needle")

    part = value.part(start - 1, start + 8).trimmed()

    assert part == "needle ,"
    assert part.span(0, 6) == Span("file.yaml", 3, 4, 6)
    assert part.part(2).span(0, 2) == Span("file.yaml", 3, 6, 2)
    assert part.place == "file.yaml:3"


def test_a_text_by_itself_stands_on_one_line() -> None:
    text = Text.of("one two", "rule", 3, 5)

    assert text.span(4) == Span("rule", 3, 9, 3)
    assert text.part(4).span() == Span("rule", 3, 9, 3)


LETTERS = st.text("ab \n\t'\"\\:#-äß中", max_size=30)


@given(LETTERS, st.sampled_from(["'", '"', "|", ">", ""]))
def test_every_letter_of_any_value_points_at_itself(text: str, style: str) -> None:
    """Whatever is written: a letter of the value stands in the file where it is said to."""
    indented = "\n".join(f"  {line}" for line in text.split("\n"))
    match style:
        case "'" | '"':
            file = f"a: {style}{text}{style}\n"
        case "|" | ">":
            file = f"a: {style}\n{indented}\n"
        case _:
            file = f"a: x{text}\n"
    node = compose(Source("file.yaml", file), [])
    if not isinstance(node, Map) or not isinstance(value := node.entries[0].value, Text):
        return
    lines = file.split("\n")
    for offset, char in enumerate(value):
        span = value.span(offset, offset + 1)
        there = lines[span.line - 1][span.column - 1 : span.column] or "\n"
        if char in "abäß中x" and there != "\\":
            assert there == char
