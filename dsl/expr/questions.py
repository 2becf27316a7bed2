"""The questions about facts that a rule may come to ask: every one of them, as code of its own.

A rule stops at the first test that decides it, so running it does not ask all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

from dsl.expr import typed_test as tt
from dsl.expr.context import Context
from dsl.expr.emit import Program
from dsl.expr.emit_rows import Emitter

__all__ = ["questions_in"]

_QUESTIONS = (
    tt.InJourney,
    tt.InSegment,
    tt.Messaged,
    tt.Reachable,
    tt.Subscribed,
    tt.WindowOpen,
)


def questions_in(meaning: object, place: str) -> Iterator[Callable[[Context], bool]]:
    """Each question in a typed tree, asked by itself."""
    for test in _questions(meaning):
        program = Program()
        body = Emitter(program)
        body.define("rule", "c", [f"return {body.test(test)}"], [])
        yield program.compile("rule", place)


def _questions(node: object) -> Iterator[tt.Test]:
    if isinstance(node, _QUESTIONS):
        yield node
    elif isinstance(node, tuple | list):
        for item in node:
            yield from _questions(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _questions(getattr(node, field.name))
