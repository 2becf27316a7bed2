"""W105 and W153: ways that nobody takes, and draws that are not drawn again."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.expr.parse import parse
from dsl.expr.tree import Node as Tree
from dsl.files.reading import warning
from dsl.lint.ranges import catches
from dsl.lint.sheets import Desk, Sheet
from dsl.machine import Split
from dsl.source import Text
from dsl.yaml import Items, Map

__all__ = ["splits_in_loops", "unreached_branches"]


_MOST_ABOVE = 100
"""How many cases above one are held against it; nobody reads a longer list."""


def unreached_branches(desk: Desk) -> Iterator[Diagnostic]:
    """Cases of a ``choose`` that a case above takes everybody from."""
    for sheet in desk.journeys.values():
        for step in sheet.parts.steps:
            cases = step.node.get("choose")
            if step.kind == "choose" and isinstance(cases, Items):
                yield from _unreached(cases)


def _unreached(cases: Items) -> Iterator[Diagnostic]:
    above: list[tuple[Text, Tree]] = []
    for case in cases:
        when = case.get("when") if isinstance(case, Map) else None
        node = parse(when, "rule", []) if isinstance(when, Text) else None
        if not isinstance(when, Text) or node is None:
            continue
        near = above[-_MOST_ABOVE:]
        taken = next((text for text, one in near if catches(one, node, text, when)), None)
        if taken is not None:
            yield warning(
                "W105",
                when.span(),
                f"This branch is never reached: line {taken.line} already catches everybody in it.",
                "Put the narrower case first.",
            )
        above.append((when, node))


def splits_in_loops(desk: Desk) -> Iterator[Diagnostic]:
    """Splits inside a loop: the hash of a person is the same in every round."""
    for sheet in desk.journeys.values():
        yield from _splits(sheet)


def _splits(sheet: Sheet) -> Iterator[Diagnostic]:
    for loop in sheet.machine.loops:
        for step in sheet.machine.code[loop.start : loop.end]:
            place = sheet.written(step)
            if isinstance(step, Split) and place is not None:
                yield warning(
                    "W153",
                    place.verb.span(),
                    "The split is inside a loop: people get the same path in every round.",
                    f'Use round: "if: {loop.loop}.round is 2"',
                )
