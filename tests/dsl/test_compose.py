"""YAML's own mistakes, in everyday words; and what the language does not use of YAML."""

from __future__ import annotations

import time

import pytest

from dsl.compose import DEEPEST, LARGEST, compose
from dsl.diagnostics import Diagnostic
from dsl.render import render
from dsl.source import Source, Text
from dsl.yaml import Items, Map, Node


def read(text: str) -> tuple[Node | None, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return compose(Source("file.yaml", text), found), found


def places(text: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each finding."""
    return [(one.code, one.span.line, one.span.column) for one in read(text)[1]]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\n\tb: 2", "Y01", 2, 1),
        ("a:\tb", "Y01", 1, 3),
        ("a: {{ x }} b", "Y02", 1, 4),
        ("a: {{ x }}", "Y02", 1, 4),
        ("a:\n  - {{ x }}", "Y02", 2, 5),
        ('a: "gold" is tier', "Y03", 1, 4),
        ("a: 'it's'", "Y03", 1, 4),
        ("a: Hello: world", "Y04", 1, 9),
        ("a: - b", "Y05", 1, 4),
        ("a: > b", "Y05", 1, 4),
        ("a: | b", "Y05", 1, 4),
        ("a: *", "Y05", 1, 4),
        ("a: @b", "Y05", 1, 4),
        ("a: %b", "Y05", 1, 4),
        ("a: `b`", "Y05", 1, 4),
        ("a: 1\nb: 2\na: 3", "Y06", 3, 1),
        ("eligible if: a\nEligible_If: b", "Y06", 2, 1),
        ("a: [1, 2", "Y07", 1, 4),
        ("a: {b: 1", "Y07", 1, 4),
        ("a: 1]\nb: [1]]", "Y07", 2, 7),
        ('a: "b\nc: 1', "Y07", 1, 4),
        ("a: ]", "Y07", 1, 4),
        ("a: &x 1\nb: *x", "Y08", 1, 4),
        ("b: *x", "Y08", 1, 4),
        ("a: !!int 1", "Y08", 1, 4),
        ("<<: {a: 1}\nb: 2", "Y08", 1, 1),
        ("a: 1\n---\nb: 2", "Y08", 2, 1),
        ("%YAML 1.1\n---\na: 1", "Y08", 2, 1),
        ("? [a, b]\n: 1", "Y08", 1, 3),
        ("a:\n  - b: 1\n   c: 2", "Y09", 3, 4),
        ("a:\n    b: 1\n  c: 2", "Y09", 3, 3),
        ("a: 1\n  b: 2", "Y09", 2, 3),
        ("a: 1\nb\nc: 2", "Y10", 2, 1),
        ("a: 1\nb: \x00", "Y11", 2, 4),
        ('a: "\\ud800"', "Y11", 1, 4),
        ('a: "\\U99999999"', "Y13", 1, 5),
        ('a: "\\q"', "Y13", 1, 5),
    ],
)
def test_a_mistake_is_named_where_it_stands(text: str, code: str, line: int, column: int) -> None:
    assert places(text) == [(code, line, column)]


def test_no_value_has_a_type() -> None:
    node, found = read("n: NO\na: 22:30\nb: 1.10\nc: 08\nd: 1_000\ne: 2026-03-01\nf: ~\non: yes")

    assert found == []
    assert isinstance(node, Map)
    written = {str(entry.key): entry.value for entry in node}
    assert written == {
        "n": "NO",
        "a": "22:30",
        "b": "1.10",
        "c": "08",
        "d": "1_000",
        "e": "2026-03-01",
        "f": "~",
        "on": "yes",
    }


def test_keys_are_the_same_without_case_and_joiners() -> None:
    node, _ = read("Eligible-If: x")

    assert isinstance(node, Map)
    assert node.get("eligible if") == "x"
    assert node.get("eligible_if") == "x"
    assert node.get("eligible") is None


def test_after_a_key_written_twice_the_first_one_counts() -> None:
    node, found = read("a: 1\na: 2\nb: 3")

    assert isinstance(node, Map)
    assert [(str(entry.key), entry.value) for entry in node] == [("a", "1"), ("b", "3")]
    assert found[0].hint == "The first one is in line 1. Keep one of them."


def test_texts_maps_and_lists_know_where_they_begin() -> None:
    node, _ = read("a:\n  - b: 1\n  - [x, y]\n")

    assert isinstance(node, Map)
    items = node.get("a")
    assert isinstance(items, Items)
    first, second = items
    assert isinstance(second, Items)
    assert (items.span().line, items.span().column) == (2, 3)
    assert (first.span().line, first.span().column) == (2, 5)
    assert (second.span().line, second.span().column) == (3, 5)


def test_an_empty_file_is_nothing() -> None:
    assert read("") == (None, [])
    assert read("# only a comment\n") == (None, [])


def test_a_value_may_be_left_out() -> None:
    node, found = read("a:\nb: 1")

    assert found == []
    assert isinstance(node, Map)
    assert node.get("a") == Text("")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{"])
def test_ten_thousand_levels_are_refused_at_once(opening: str) -> None:
    start = time.thread_time()

    node, found = read("a: " + opening * 10_000 if opening != "- " else "- " * 10_000)

    assert node is None
    assert [one.code for one in found] == ["Y12"]
    assert time.thread_time() - start < 20


def test_levels_up_to_the_limit_are_read() -> None:
    depth = DEEPEST - 1

    node, found = read("a: " + "[" * depth + "]" * depth)

    assert found == []
    assert node is not None


def test_a_file_of_five_million_characters_is_refused_at_once() -> None:
    node, found = read("a: 1\n" * 1_000_000)

    assert node is None
    assert [one.code for one in found] == ["Y12"]
    assert f"up to {LARGEST // 1_000_000} million" in str(found[0].hint)


@pytest.mark.parametrize(
    "text",
    ["!" * 1_900_000, "- a\n" * 400_000, f"a: [{'a, ' * 400_000}]", "a: " + "x: " * 400_000],
)
@pytest.mark.slow
def test_no_text_makes_the_reader_hang(text: str) -> None:
    start = time.thread_time()

    _, found = read(text)

    assert [one.code for one in found] == ["Y12"]
    assert time.thread_time() - start < 30


@pytest.mark.slow
def test_a_file_of_one_million_characters_is_read() -> None:
    text = "".join(f"key_{number}: some words in a value\n" for number in range(32_000))

    node, found = read(text)

    assert len(text) > 1_000_000
    assert found == []
    assert isinstance(node, Map)
    assert len(node) == 32_000


def test_a_finding_in_a_very_long_line_shows_only_its_surroundings() -> None:
    text = "a: " + "x" * 100_000 + ": y"

    shown = render(read(text)[1], {"file.yaml": text})

    assert len(shown) < 1_000
    assert "Y04" in shown
