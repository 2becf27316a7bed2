"""Text to tree, or one diagnostic in everyday words.

Any text is answered: length, brackets and depth are bounded before anything that takes time or
stack in proportion to them.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Any, Final, Literal, TypeAlias, get_args

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from dsl.diagnostics import Diagnostic, Severity
from dsl.expr import tree
from dsl.expr.build_forms import BuildForms
from dsl.expr.mistakes import Mistake, explain, too_deep
from dsl.expr.tables import parser_from
from dsl.expr.words import Refused
from dsl.source import Text

__all__ = ["START_SYMBOLS", "StartSymbol", "grammar", "parse"]

StartSymbol: TypeAlias = Literal[
    "rule",
    "value",
    "moment",
    "length",
    "schedule",
    "channel_choice",
    "cap",
    "reentry",
    "span",
    "repeat",
    "blocked",
]

START_SYMBOLS: Final[tuple[StartSymbol, ...]] = get_args(StartSymbol)

LONGEST = 10_000
DEEPEST = 40


def grammar() -> str:
    """The grammar as it stands beside this file."""
    text = pkgutil.get_data("dsl.expr", "grammar.lark")
    assert text is not None
    return text.decode()


@cache
def _parser() -> Lark:
    return parser_from(grammar(), START_SYMBOLS, BuildForms())


def parse(text: Text, start: StartSymbol, found: list[Diagnostic]) -> Any:
    """What ``text`` says as a ``start``: a tree, or the value of a small language; None if it
    could not be read, and then ``found`` has one more error.
    """
    result = _read(text, start)
    if isinstance(result, Mistake):
        span = text.span(result.start, result.end)
        found.append(Diagnostic(Severity.ERROR, result.code, span, result.message, result.hint))
        return None
    return result


def _read(text: str, start: StartSymbol) -> Any:
    if len(text) > LONGEST:
        return Mistake(
            "E10",
            0,
            1,
            f"This is longer than {LONGEST:,} characters.",
            "Split it: a segment can hold a part of it under a name.",
        )
    bracket = too_deep(text, DEEPEST)
    if bracket is not None:
        return _nested(bracket)
    try:
        result = _parser().parse(text, start=start)
    except Refused as refused:
        return Mistake("E09", refused.start, refused.end, refused.message, refused.hint)
    except UnexpectedToken as error:
        at = len(text.rstrip(" \t\f\r\n")) if error.token.type == "$END" else error.pos_in_stream
        return explain(text, at or 0, start)
    except UnexpectedCharacters as error:
        stuck: Any = error.pos_in_stream
        return explain(text, int(stuck), start)
    if isinstance(result, tree.Node) and tree.depth(result, DEEPEST + 1) > DEEPEST:
        return _nested(result.start)
    return result


def _nested(at: int) -> Mistake:
    return Mistake(
        "E10",
        at,
        at + 1,
        f"This is nested more than {DEEPEST} levels deep.",
        "Split it: a segment can hold a part of it under a name.",
    )
