"""What a condition in a text vouches for: behind ``{% if first_name %}`` the name is known."""

from __future__ import annotations

from typing import TypeAlias

from jinja2 import nodes

__all__ = ["Path", "known_if"]

Path: TypeAlias = tuple[str, ...]
"""``("trigger", "cart_id")``."""


def known_if(test: nodes.Expr) -> frozenset[Path]:
    """The paths that are certainly known where ``test`` holds."""
    match test:
        case nodes.Name() | nodes.Getattr():
            path = _path(test)
            return frozenset({path}) if path else frozenset()
        case nodes.Test(name="defined"):
            return known_if(test.node) if isinstance(test.node, nodes.Expr) else frozenset()
        case nodes.And():
            return known_if(test.left) | known_if(test.right)
        case nodes.Compare(ops=[nodes.Operand(op="eq" | "gt" | "gteq" | "lt" | "lteq")]):
            return known_if(test.expr)
        case nodes.Not(node=nodes.Test(name="undefined" | "none") as inner):
            return known_if(inner.node) if isinstance(inner.node, nodes.Expr) else frozenset()
        case nodes.Not(node=nodes.Not() as inner):
            return known_if(inner.node) if isinstance(inner.node, nodes.Expr) else frozenset()
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
