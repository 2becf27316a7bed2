"""Until when a rule looks at what a person does: the end of what a split learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from dsl import kinds
from dsl.expr import typed_value as tv
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Value

__all__ = ["ends_of"]

_SETTLED = (
    tv.StepPart,
    tv.TimeOf,
    tv.Entry,
    tv.Constant,
    tv.WallTime,
    tv.Arithmetic,
    tv.DayStart,
    tv.DayOf,
)


def ends_of(test: Test) -> tuple[Value, ...] | None:
    """The instants at which the windows of a rule end. None, if it asks about no event, or about
    one without a window whose end is known when the window begins.
    """
    ends: list[Value] = []
    for part in _parts(test):
        if not isinstance(part, tv.Events):
            continue
        match part.window:
            case tv.WithinAfter(length=length, moment=moment) if _stays(moment):
                constant = tv.Constant(kinds.Length(), length)
                ends.append(tv.Arithmetic(kinds.Instant(), "+", moment, constant))
            case tv.Range(high=high) if _stays(high):
                ends.append(high)
            case _:
                return None
    return tuple(dict.fromkeys(ends)) or None


def _stays(value: Value) -> bool:
    """Whether a value stays what it is once it is known: it hangs on nothing but the run."""
    return all(_is_settled(part) for part in _parts(value) if isinstance(part, Value))


def _is_settled(part: Value) -> bool:
    if isinstance(part, tv.Stored):
        return part.root in {"trigger", "step"}
    return isinstance(part, _SETTLED)


def _parts(tree: Any) -> Iterator[Any]:
    """Everything in a typed tree."""
    if is_dataclass(tree):
        yield tree
        for each in fields(tree):
            yield from _parts(getattr(tree, each.name))
    elif isinstance(tree, tuple):
        for item in tree:
            yield from _parts(item)
