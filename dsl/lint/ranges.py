"""What a rule says about one value, read from its syntax tree: at least, at most, or exactly.

Only comparisons of a name with something written are understood; of everything else nothing is
claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from dsl.expr import tree
from dsl.source import Text

__all__ = ["Limit", "cannot_both", "catches", "limits", "said_of"]

Point: TypeAlias = Decimal | date | str | bool

_LOW = frozenset({">", ">=", "is after", "is on or after"})
_HIGH = frozenset({"<", "<=", "is before", "is on or before"})
_OPEN = frozenset({">", "<", "is after", "is before"})


@dataclass(frozen=True, slots=True)
class Limit:
    """``name`` is above, below or exactly ``point``."""

    name: str
    side: str  # "low", "high" or "is"
    point: Point
    kind: str  # of the point: two of different kinds are never compared
    open: bool
    sign: str
    said: str


def limits(node: tree.Node, text: Text) -> Iterator[Limit]:
    """What the parts of an ``and`` say about single values."""
    if isinstance(node, tree.And):
        for part in node.parts:
            yield from limits(part, text)
        return
    found = _limit(node, text)
    if found is not None:
        yield found


def _limit(node: tree.Node, text: Text) -> Limit | None:
    if not isinstance(node, tree.Compare) or not isinstance(node.left, tree.Path):
        return None
    sign = node.sign.text
    side = "low" if sign in _LOW else "high" if sign in _HIGH else "is" if sign == "is" else None
    known = _point(node.right)
    if side is None or known is None:
        return None
    kind, point = known
    name = ".".join(word.text for word in node.left.parts)
    said = text[node.right.start : node.right.end]
    return Limit(name, side, point, kind, sign in _OPEN, sign, said)


def _point(node: tree.Node) -> tuple[str, Point] | None:
    match node:
        case tree.Number(value=value):
            return "number", Decimal(value)
        case tree.Money(amount=amount, currency=currency):
            return currency, amount
        case tree.Date(value=value):
            return "date", value
        case tree.Text(value=value):
            return "text", value.casefold().strip()
        case tree.Flag(value=flag):
            return "yes/no", flag
        case _:
            return None


def cannot_both(one: Limit, other: Limit) -> bool:
    """Whether no value is both."""
    if one.name != other.name or one.kind != other.kind:
        return False
    if one.side == other.side == "is":
        return one.point != other.point
    if {one.side, other.side} == {"low", "high"}:
        low, high = (one, other) if one.side == "low" else (other, one)
        return _above(low.point, high.point) or (
            low.point == high.point and (low.open or high.open)
        )
    if "is" in (one.side, other.side) and one.side != other.side:
        exact, bound = (one, other) if one.side == "is" else (other, one)
        if exact.point == bound.point:
            return bound.open
        return _above(bound.point, exact.point) == (bound.side == "low")
    return False


def said_of(limit: Limit) -> str:
    """``above 100``, ``below 50``, ``"gold"``."""
    words = {
        "low": "above" if limit.open else "at least",
        "high": "below" if limit.open else "at most",
    }
    point = limit.said.rsplit(" ", 1)[0] if limit.kind.isupper() else limit.said
    return f"{words[limit.side]} {point}" if limit.side in words else point


def catches(outer: tree.Node, inner: tree.Node, one: Text, other: Text) -> bool:
    """Whether everybody for whom ``inner`` holds is somebody for whom ``outer`` does."""
    if _words(outer, one) == _words(inner, other):
        return True
    if isinstance(outer, tree.And):
        return all(catches(part, inner, one, other) for part in outer.parts)
    if isinstance(inner, tree.Or):
        return all(catches(outer, part, one, other) for part in inner.parts)
    if isinstance(outer, tree.Or):
        return any(catches(part, inner, one, other) for part in outer.parts)
    if isinstance(inner, tree.And):
        return any(catches(outer, part, one, other) for part in inner.parts)
    wide, narrow = _limit(outer, one), _limit(inner, other)
    return wide is not None and narrow is not None and _within(narrow, wide)


def _within(narrow: Limit, wide: Limit) -> bool:
    """Whether whatever is ``narrow`` is ``wide``."""
    if narrow.name != wide.name or narrow.kind != wide.kind or wide.side == "is":
        return narrow == wide
    if narrow.side not in ("is", wide.side):
        return False
    if narrow.point == wide.point:
        return not wide.open or (narrow.open and narrow.side == wide.side)
    return _above(narrow.point, wide.point) == (wide.side == "low")


def _words(node: tree.Node, text: Text) -> str:
    return " ".join(text[node.start : node.end].split())


def _above(one: Point, other: Point) -> bool:
    """Whether two points of one kind stand in this order."""
    match one, other:
        case Decimal(), Decimal():
            return one > other
        case date(), date():
            return one > other
        case _:
            return False
