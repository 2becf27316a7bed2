"""Names are found by looking at lines, and are those that parsing finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.diagnostics import Span
from dsl.source import Source
from engine.lsp.names import Names, _parsed, definitions_in, first_key
from tests.engine.lsp.desks import SHOP, YEAR

FILES = [path for project in (SHOP, YEAR) for path in sorted(project.rglob("*.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_tell_the_same_names_as_parsing(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))

    assert definitions_in(source) == tuple(_parsed(source))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("journey: a # why\n", ["a"]),
        ('\n# first\njourney: "a"\n', ["a"]),
        ("Journey : a\n", ["a"]),
        ("segments:\n  # none yet\n\n  a:\n    who: x\n  'b':\n    who: y\n", ["a", "b"]),
        ("segments:\n    a: {who: x}\n    b: {who: y}\nother: 1\n", ["a", "b"]),
        ("segments: {a: {who: x}, b: {who: y}}\n", ["a", "b"]),
        ("{segments: {a: {who: x}}}\n", ["a"]),
        ("modules:\n  a:\n    blocks:\n      - text: |\n          b:\n            c\n  d: {}\n", ["a", "d"]),
        ("segments:\n", []),
        ("nothing: of ours\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_are_found_however_they_are_written(text: str, names: list[str]) -> None:
    assert [one.name for one in definitions_in(Source("a", text))] == names


def test_names_of_a_broken_file_are_found_as_far_as_its_lines_say_them() -> None:
    source = Source("a", "segments:\n  a:\n    who: [x\n  b:\n    who: y\n")

    assert [one.name for one in definitions_in(source)] == ["a", "b"]


def test_a_place_is_where_the_name_stands() -> None:
    (one,) = definitions_in(Source("a", "# ü\nmessage:  'hello'\n"))

    assert one.span == Span("a", 2, 12, 5)


def test_the_first_key_says_what_a_file_is() -> None:
    assert first_key("--- \n# a\n tests_of: b") == "tests of"
    assert first_key("steps:\n") is None


def test_names_are_told_file_by_file() -> None:
    names = Names()
    names.tell("b", definitions_in(Source("b", "journey: x\n")))
    names.tell("a", definitions_in(Source("a", "journey: x\n")))
    first = names.place("journey", "x")
    names.tell("a", ())

    assert first is not None
    assert first.span.path == "a"
    assert [one.span.path for one in names.of("journey")["x"]] == ["b"]
    assert names.tell("b", definitions_in(Source("b", "\njourney: x\n"))) is False
    assert names.tell("b", definitions_in(Source("b", "journey: y\n"))) is True
