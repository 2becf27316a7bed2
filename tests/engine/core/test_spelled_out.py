"""Values that are put together past their own class (``_new``), because every step makes some: they
have all of its fields, also after somebody has added one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

HOUSE = Path(__file__).resolve().parents[3]


class SpelledOut(NamedTuple):
    """One such value: where it stands, of which class it is, and how many fields it is given."""

    place: str
    module: str
    kind: str
    fields: int


def spelled_out() -> Iterator[SpelledOut]:
    """All of them whose fields are written down one by one."""
    for room in ("engine", "channels"):
        for path in sorted((HOUSE / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "_new(" not in text:
                continue
            name = path.relative_to(HOUSE).with_suffix("").as_posix()
            for function in ast.walk(ast.parse(text)):
                if isinstance(function, ast.FunctionDef):
                    yield from _in_function(function, name)


def _in_function(function: ast.FunctionDef, module: str) -> Iterator[SpelledOut]:
    tuples = {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id="_new"), args=[ast.Name(id=kind), given]):
                values = tuples.get(given.id, given) if isinstance(given, ast.Name) else given
                if isinstance(values, ast.Tuple):
                    place = f"{module}.py:{node.lineno}"
                    yield SpelledOut(place, module.replace("/", "."), kind, len(values.elts))
            case _:
                pass


ALL = list(spelled_out())


def test_there_are_some() -> None:
    assert {"Run", "Profile", "Delivery", "Decision"} <= {each.kind for each in ALL}


@pytest.mark.parametrize("value", ALL, ids=[f"{each.place} {each.kind}" for each in ALL])
def test_a_value_that_is_spelled_out_has_all_its_fields(value: SpelledOut) -> None:
    kind = getattr(import_module(value.module), value.kind)

    assert value.fields == len(kind._fields)
