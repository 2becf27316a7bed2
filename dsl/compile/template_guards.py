"""What a condition vouches for: behind ``{% if first_name %}`` the name is known.

A rule does the same: every comparison with a missing value is false, so where ``tier is "gold"``
holds, the tier is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from jinja2 import nodes

__all__ = ["Path", "known_if", "known_where"]

Path: TypeAlias = tuple[str, ...]
"""``("trigger", "cart_id")``."""

_PATH = r"([^\W\d]\w*(?:\.\w+)*)"
_COUNTED = re.compile(
    rf"count\s+of\s+{_PATH}\s*(?:>=\s*0*[1-9]\d*|>\s*\d+|is\s+0*[1-9]\d*)", re.IGNORECASE
)
_COMPARED = re.compile(
    rf"{_PATH}\s*(?:>=?|<=?|(?:is\s+(?!not\b|missing\b|none\b|reachable\b)|contains\b|has\s+(?!none\b)"
    r"|starts\s+with\b|ends\s+with\b|matches\b|in\s*\()).*",
    re.IGNORECASE | re.DOTALL,
)


def known_where(rule: str) -> Iterator[Path]:
    """The paths that are certainly known where ``rule`` holds; only what is plain to see."""
    if re.search(r"\b(or|if|between)\b|\(.*\band\b", rule, re.IGNORECASE | re.DOTALL):
        return
    for test in re.split(r"\band\b", rule, flags=re.IGNORECASE):
        named = _COUNTED.fullmatch(test.strip()) or _COMPARED.fullmatch(test.strip())
        if named is not None:
            yield tuple(named[1].split("."))


def known_if(test: nodes.Node) -> frozenset[Path]:
    """The paths that are certainly known where ``test`` holds."""
    match test:
        case nodes.Name() | nodes.Getattr():
            path = _path(test)
            return frozenset({path}) if path else frozenset()
        case nodes.Test(name="defined"):
            return known_if(test.node)
        case nodes.And():
            return known_if(test.left) | known_if(test.right)
        case nodes.Compare(ops=[nodes.Operand(op="eq" | "gt" | "gteq" | "lt" | "lteq")]):
            return known_if(test.expr)
        case nodes.Not(node=nodes.Test(name="undefined" | "none") as inner):
            return known_if(inner.node)
        case nodes.Not(node=nodes.Not() as inner):
            return known_if(inner.node)
        case _:
            return frozenset()


def _path(node: nodes.Node) -> Path:
    match node:
        case nodes.Name(name=name):
            return (name,)
        case nodes.Getattr(attr=name):
            base = _path(node.node)
            return (*base, name) if base else ()
        case _:
            return ()
