"""The shipped tables of the parser: those of this grammar, and nothing but a saving of time."""

from __future__ import annotations

from pathlib import Path

import lark
import pytest

from dsl.expr import tables
from dsl.expr.build_forms import BuildForms
from dsl.expr.parse import START_SYMBOLS, grammar, parse
from dsl.expr.tables import FILE, are_of, parser_from, read_tables, tables_for, written
from dsl.source import Text

SHIPPED = Path(tables.__file__).with_name(FILE)
GRAMMAR = grammar()
RULE = 'did purchase where total > 20 EUR in the last 30 days or country is "DE"'
TREE = parse(Text.of(RULE), "rule", [])


def test_what_is_shipped_is_of_this_grammar() -> None:
    assert are_of(read_tables(SHIPPED.read_bytes()), GRAMMAR, START_SYMBOLS), (
        "make docs writes the tables again"
    )


def test_what_is_written_can_be_read() -> None:
    made = tables_for(GRAMMAR, START_SYMBOLS)

    assert are_of(made, GRAMMAR, START_SYMBOLS)
    assert not are_of(made, GRAMMAR + "\n", START_SYMBOLS)
    assert not are_of(made, GRAMMAR, START_SYMBOLS[1:])
    assert read_tables(written(made)).keys() == made.keys()


@pytest.mark.parametrize("start", START_SYMBOLS)
def test_they_read_every_language_as_the_grammar_does(start: str) -> None:
    shipped = parser_from(GRAMMAR, START_SYMBOLS, BuildForms())
    fresh = parser_from(GRAMMAR + "\n", START_SYMBOLS, BuildForms())  # no tables are of this text

    texts = [line.partition("|") for line in _corpus() if line.partition("|")[0].strip() == start]
    assert texts
    for _, _, text in texts:
        assert shipped.parse(text.strip(), start=start) == fresh.parse(text.strip(), start=start)


@pytest.mark.parametrize(
    "file", [b"", b"torn", b"\0", written({"of": "another grammar"}), b"x\x9c[]"]
)
def test_tables_that_are_not_of_this_grammar_are_not_used(
    file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_shipped", lambda: file)

    assert parser_from(GRAMMAR, START_SYMBOLS, BuildForms()).parse(RULE, start="rule") == TREE


def test_another_version_of_the_library_does_not_read_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lark, "__version__", "0.0.0")
    monkeypatch.setattr(lark.Lark, "_load_from_dict", lambda *_, **__: pytest.fail("read"))

    assert parser_from(GRAMMAR, START_SYMBOLS, BuildForms()).parse(RULE, start="rule") == TREE


def _corpus() -> list[str]:
    data = Path(__file__).parent / "data" / "expressions.txt"
    return [line for line in data.read_text(encoding="utf-8").splitlines() if "|" in line]
