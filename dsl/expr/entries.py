"""Entries of a list: compared as the same values are outside of lists."""

from __future__ import annotations

from typing import cast

from dsl import kinds
from dsl.expr import typed_value as tv
from dsl.expr.comparing import Pair
from dsl.expr.typed_test import How
from dsl.expr.typed_value import Value

__all__ = ["entry_of", "how_compared"]


def entry_of(listed: Value) -> Value:
    """What stands for any entry of a list while it is checked."""
    return tv.Stored(cast("kinds.ListOf", listed.kind).item, "row", "")


def how_compared(pair: Pair, *entries: Value) -> How:
    """How ``entries`` are read for the comparison: a moment beside a date as its day."""
    sides = (pair.left, pair.right)
    by_day = any(isinstance(side, tv.DayOf) and side.value in entries for side in sides)
    return "day" if by_day else pair.how
