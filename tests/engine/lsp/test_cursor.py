"""Where a cursor stands is known although the file around it cannot be parsed."""

from __future__ import annotations

import pytest

from dsl.source import Source
from engine.lsp.cursor import cursor_at
from tests.engine.lsp.desks import CURSOR

HEAD = "journey: a\ncategory: b\n"


def where(text: str) -> tuple[list[str | None], str | None, str]:
    index = text.index(CURSOR)
    found = cursor_at(Source("a", text.replace(CURSOR, "")), index)
    return [level.key for level in found.way], found.key, found.text


@pytest.mark.parametrize(
    ("text", "way", "key", "written"),
    [
        ("‸", [], None, ""),
        ("jour‸", [], None, "jour"),
        ("goal: did p‸", [], "goal", "did p"),
        ("goal:‸", [], "goal", ""),
        ("trigger:\n  ‸", ["trigger"], None, ""),
        ("trigger:\n  event: pur‸", ["trigger"], "event", "pur"),
        ("exit if:\n  - in seg‸", ["exit if", None], None, "in seg"),
        ("steps:\n  - ‸", ["steps", None], None, ""),
        ("steps:\n- ‸", ["steps", None], None, ""),
        ("steps:\n  -‸", ["steps", None], None, ""),
        ("steps:\n  - id: a\n    wa‸", ["steps", None], None, "wa"),
        ("steps:\n  - send: a\n    to first of:\n      - pu‸", ["steps", None, "to first of", None], None, "pu"),
        ("steps:\n  - if: x\n    then:\n    - id: y\n      ‸", ["steps", None, "then", None], None, ""),
        ("steps:\n  - split:\n      a 50%:\n        - ‸", ["steps", None, "split", "a 50%", None], None, ""),
        ("steps:\n  - {send: he‸", ["steps", None], "send", "he"),
        ("steps:\n  - {send: hello, t‸", ["steps", None], None, "t"),
        ("steps:\n  - send: a\n    with: {x: = fo‸", ["steps", None, "with"], "x", "= fo"),
        ("steps: [{send: a}, {wai‸", ["steps", None], None, "wai"),
        ("steps:\n  - send: a\n    to all of: [push, e‸", ["steps", None, "to all of", None], "", "e"),
        ("goal: did purchase\n  since e‸", [], "goal", "since e"),
        ("goal: >\n  did purchase\n  since e‸", [], "goal", "since e"),
        ("notes: |\n  steps:\n    - x\ngo‸", [], None, "go"),
        ('with: {a: "x, {y", b‸', ["with"], None, "b"),
        ("steps: # what happens\n  - ‸", ["steps", None], None, ""),
    ],
)  # fmt: skip
def test_the_way_to_a_cursor(
    text: str, way: list[str | None], key: str | None, written: str
) -> None:
    assert where(HEAD + text) == (way, key, written)


def test_the_keys_beside_a_cursor_are_those_of_its_own_map() -> None:
    text = "steps:\n  - id: a\n    ‸\n    to: email\n  - id: b\n    wait: 1 day\nnotes: x\n"
    found = cursor_at(Source("a", text.replace(CURSOR, "")), text.index(CURSOR))

    assert found.beside == {"id", "to"}
    assert found.way[0].beside == {"notes"}


def test_what_is_typed_is_not_a_key_beside_itself() -> None:
    text = "journey: a\nto‸: email\n"
    found = cursor_at(Source("a", text.replace(CURSOR, "")), text.index(CURSOR))

    assert (found.key, found.text) == (None, "to")
    assert found.beside == {"journey"}
