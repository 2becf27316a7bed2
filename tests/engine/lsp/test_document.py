"""Editors count in units of UTF-16 from 0, files in characters from 1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from dsl.diagnostics import Span
from engine.lsp.document import Document

TEXT = 'title: Grüße\nnotes: "👋🏽 hello 🎉" and so on\nlast: ñ\n'


def test_an_umlaut_is_one_unit_and_an_emoji_two() -> None:
    document = Document.of("a.yaml", TEXT)
    column = TEXT.split("\n")[1].index("and") + 1

    assert document.position(1, 13) == types.Position(0, 12)
    assert document.position(2, column) == types.Position(1, column - 1 + 3)


def test_a_finding_behind_an_emoji_stands_where_the_editor_sees_it() -> None:
    document = Document.of("a.yaml", TEXT)
    column = TEXT.split("\n")[1].index("🎉") + 1

    shown = document.range(Span("a.yaml", 2, column, 1))

    assert shown.end.character - shown.start.character == 2
    assert document.index(shown.start) == TEXT.index("🎉")


def test_half_an_emoji_is_the_whole_one() -> None:
    document = Document.of("a.yaml", "🎉b")

    assert document.index(types.Position(0, 1)) == 0
    assert document.index(types.Position(0, 2)) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_are_lines_for_both(end: str) -> None:
    document = Document.of("a.yaml", f"a: 1{end}b: 2{end}c: 3")

    assert document.source.text[document.index(types.Position(2, 0))] == "c"
    assert document.whole() == types.Range(types.Position(0, 0), types.Position(2, 4))


def test_a_byte_order_mark_counts_for_the_editor_alone() -> None:
    document = Document.of("a.yaml", "\ufeffjourney: a\nx: 1")

    assert document.position(1, 1) == types.Position(0, 1)
    assert document.index(types.Position(0, 1)) == 0
    assert document.position(2, 1) == types.Position(1, 0)


@pytest.mark.parametrize("place", [(0, 99), (99, 0), (99, 99)])
def test_a_place_that_is_not_there_is_the_nearest_one(place: tuple[int, int]) -> None:
    document = Document.of("a.yaml", "abc")

    assert document.index(types.Position(*place)) == 3


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_there_and_back_is_the_same_place(text: str) -> None:
    document = Document.of("a.yaml", text)
    plain = document.source.text

    for index in range(len(plain) + 1):
        there = document.stretch(index, index).start
        assert document.index(there) == index
