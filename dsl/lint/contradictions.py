"""W104: a rule that nobody can fulfil."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from dsl.diagnostics import Diagnostic
from dsl.expr import tree
from dsl.files.reading import warning
from dsl.lint.ranges import cannot_both, limits, said_of
from dsl.lint.sheets import Desk
from dsl.source import Text

__all__ = ["contradictions"]


def contradictions(desk: Desk) -> Iterator[Diagnostic]:
    """Every ``and`` whose parts ask one value to be two things."""
    for text, node in desk.rules():
        for part in _every(node):
            if isinstance(part, tree.And) and (message := _message(part, text)):
                yield warning("W104", text.span(part.start, part.end), message)
                break


def _message(node: tree.And, text: Text) -> str | None:
    for one, other in combinations(limits(node, text), 2):
        if cannot_both(one, other):
            said = f"{said_of(one)} and {said_of(other)}"
            return f"This is never true: {one.name} cannot be {said}."
    return None


def _every(node: tree.Node) -> Iterator[tree.Node]:
    yield node
    for child in tree.children(node):
        yield from _every(child)
