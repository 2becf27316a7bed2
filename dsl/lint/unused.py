"""W146: variables that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.sheets import Desk
from dsl.source import Text
from dsl.yaml import Items, Map, Node

__all__ = ["unused_variables"]

_WORD = re.compile(r"[^\W\d]\w*")


def unused_variables(desk: Desk) -> Iterator[Diagnostic]:
    """Variables whose name stands in no value of their journey."""
    for sheet in desk.journeys.values():
        tables = [sheet.node.get("let"), *(step.node.get("let") for step in sheet.parts.steps)]
        names = [entry.key for table in tables if isinstance(table, Map) for entry in table]
        if not names:
            continue
        used = {word for text in _values(sheet.node) for word in _WORD.findall(text)}
        for name in names:
            if name not in used:
                yield warning("W146", name.span(), f'"{name}" is never used.')


def _values(node: Node) -> Iterator[Text]:
    match node:
        case Map():
            for entry in node:
                yield from _values(entry.value)
        case Items():
            for item in node:
                yield from _values(item)
        case _:
            yield node
