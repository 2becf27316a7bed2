"""Values under ``with``, ``let`` and ``set profile``: ``= formula``, a text with ``{{ }}``, or what is
simply written.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from dsl.compile.wordings import compile_wording
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_formula
from dsl.expr.context import Context
from dsl.expr.scope import Scope
from dsl.files.reading import error
from dsl.kinds import Code, Kind, OneOf
from dsl.kinds import Text as TextKind
from dsl.lengths import read_length
from dsl.machine import Formula, Reads
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.values import Mismatch, at_rest
from dsl.yaml import Node

__all__ = ["compile_value"]

_LITERAL = re.compile(
    r"-?\d+(\.\d+)?(\s*[A-Z]{3})?|\d{4}-\d\d-\d\d( \d\d:\d\d)?|\d\d?:\d\d"
    r"|(?i:yes|no|true|false)",
    re.ASCII,
)


def compile_value(
    node: Node, expect: Kind | None, scope: Scope, found: list[Diagnostic]
) -> Formula | None:
    """A value of the kind expected; without an expectation, of the kind it looks like."""
    if not isinstance(node, Text):
        found.append(error("S08", node.span(), "One value belongs here, not several."))
        return None
    if node.startswith("="):
        return compile_formula(node.part(1).trimmed(), scope, found, expect)
    if "{{" in node or "{%" in node:
        return compile_wording(node, expect, scope, found)
    if expect is None:
        typed = _LITERAL.fullmatch(node) or read_length(node) is not None
        plain = node.quoted or not typed
        return _text(node, TextKind()) if plain else compile_formula(node, scope, found)
    if isinstance(expect, OneOf) and node not in expect.values:
        hint = did_you_mean(node, expect.values) or f"Possible here: {', '.join(expect.values)}"
        message = f'"{node[:60]}" is not one of the values.'
        found.append(error("T03", node.span(), message, hint))
        return None
    if isinstance(expect, TextKind | Code | OneOf):
        return _text(node, expect)
    mismatch = at_rest(expect, str(node), zone=ZoneInfo("UTC"))
    if isinstance(mismatch, Mismatch):
        hint = 'A formula starts with "=".'
        found.append(error("T11", node.span(), f"This {mismatch}.", hint))
        return None
    return compile_formula(node, scope, found, expect)


def _text(node: Text, kind: Kind) -> Formula:
    words = str(node)

    def value(_: Context) -> str | None:
        return words or None

    return Formula(text=f'"{words}"', place=node.place, kind=kind, reads=Reads(), value=value)
