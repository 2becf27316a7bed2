"""Every sentence of the corpus has one reading, and every other text one answer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark

from dsl.diagnostics import Diagnostic
from dsl.expr import tree
from dsl.expr.parse import START_SYMBOLS, StartSymbol, grammar, parse
from dsl.source import Text

DATA = Path(__file__).parent / "data"


def corpus(name: str) -> list[tuple[StartSymbol, str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split(" | ", 1) for line in lines if line and not line.startswith("#")]
    known = {start: start for start in START_SYMBOLS}
    return [(known[start], text) for start, text in pairs]  # type: ignore[index]  # read from a file


def read(text: str, start: StartSymbol = "rule") -> tuple[object, list[Diagnostic]]:
    found: list[Diagnostic] = []
    return parse(Text.of(text), start, found), found


@pytest.mark.parametrize(("start", "text"), corpus("expressions.txt"))
def test_what_the_language_has_is_read(start: StartSymbol, text: str) -> None:
    result, found = read(text, start)

    assert found == []
    assert result is not None


@pytest.mark.parametrize(("start", "text"), corpus("must_fail.txt"))
def test_what_can_be_misread_is_refused_with_one_sentence(start: StartSymbol, text: str) -> None:
    result, found = read(text, start)

    assert result is None
    assert len(found) == 1
    assert found[0].message.endswith(".")
    assert found[0].hint


def test_the_grammar_has_no_conflict() -> None:
    pytest.importorskip("interegular", reason="lark's strict mode needs it")

    Lark(grammar(), parser="lalr", lexer="contextual", start=list(START_SYMBOLS), strict=True)


@pytest.mark.parametrize(("start", "text"), corpus("expressions.txt"))
def test_every_node_knows_where_it_stands(start: StartSymbol, text: str) -> None:
    """Children lie inside their parents, and no node is empty."""
    result, _ = read(text, start)
    open_nodes = [result] if isinstance(result, tree.Node) else []
    while open_nodes:
        node = open_nodes.pop()
        assert 0 <= node.start < node.end <= len(text)
        for child in tree.children(node):
            assert node.start <= child.start
            assert child.end <= node.end
            open_nodes.append(child)


@pytest.mark.parametrize("text", ["x is 1", "x is 1 ", " x is 1", "x\n  is 1", "X is 1"])
def test_blanks_and_line_breaks_mean_nothing(text: str) -> None:
    assert read(text)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "attempts < 3 AND is_member",
        "attempts is 3 NOT IN (1, 2)",
        "attempts >= 3 HAS",
    ],
)
def test_a_number_before_a_word_in_capitals_is_no_amount(text: str) -> None:
    found = read(text)[1]

    assert [one.code for one in found] in ([], ["E05"])
    assert read("attempts < 3 AND is_member")[1] == []


NESTED = {
    "10,000 brackets": "(" * 10_000 + "x" + ")" * 10_000,
    "brackets within the length": "(" * 3000 + "x" + ")" * 3000,
    "open brackets only": "(" * 9000,
    "10,000 times not": "not " * 2_400 + "x",
    "minus minus minus": "-" * 9_000 + "1 > 2",
    "a long sum": "1 + " * 2_400 + "1 > 2",
    "a long chain of defaults": "x or else " * 900 + "1 > 2",
    "if in if": "if x then y else " * 500 + "z",
    "a megabyte": "x is 1 and " * 100_000 + "y",
    "a megabyte of quotes": '"' * 1_000_000,
    "a megabyte of blanks": " " * 1_000_000,
    "durations": "1 day " * 1_500,
    "one long name": "x" * 9_990,
    "one long number": "1" * 9_990 + " > 1",
    "half words": "is not one " * 800,
    "dots": "x." * 4_000,
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_no_text_is_too_much(text: str) -> None:
    """Whatever is written is answered without an exception, and in a time that grows with its
    length: with the square of it, each of these would take many minutes.
    """
    begin = time.thread_time()
    result, found = read(text)
    took = time.thread_time() - begin

    assert (result is None) == (len(found) == 1)
    assert took < 30


@given(st.text(max_size=200), st.sampled_from(START_SYMBOLS))
def test_any_text_is_read_or_explained(text: str, start: StartSymbol) -> None:
    result, found = read(text, start)

    assert (result is None) == (len(found) == 1)


WORDS = st.sampled_from(  # each is a word of the language, or nearly
    [
        "a",
        "b.c",
        '"x"',
        "3",
        "2.5",
        "5",
        "EUR",
        "and",
        "or",
        "not",
        "is",
        "in",
        "where",
        "did",
        "last",
        "sum",
        "of",
        "(",
        ")",
        ",",
        "+",
        "-",
        "in",
        "the",
        "last",
        "3",
        "days",
        "since",
        "before",
        "between",
        "within",
        "after",
        "today",
        "if",
        "then",
        "else",
        "has",
        "known",
        "missing",
        "2026-02-31",
        "09:00",
    ]
)


@given(st.lists(WORDS, max_size=25), st.sampled_from(START_SYMBOLS))
def test_any_sequence_of_words_is_read_or_explained(words: list[str], start: StartSymbol) -> None:
    result, found = read(" ".join(words), start)

    assert (result is None) == (len(found) == 1)
    for one in found:
        assert one.span.width >= 1
