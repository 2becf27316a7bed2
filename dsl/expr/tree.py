"""The syntax tree of the rule language: what the author wrote, before names and kinds.

Every node knows where it stands: ``start`` and ``end`` are offsets into the text of the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, TypeAlias

from dsl.calendar import Duration

__all__ = [
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Compare",
    "Comparison",
    "Date",
    "Day",
    "Elapsed",
    "Flag",
    "HasList",
    "IfElse",
    "InJourney",
    "InSegment",
    "Length",
    "Listed",
    "Moment",
    "Money",
    "Near",
    "Negative",
    "Node",
    "Not",
    "Now",
    "Number",
    "OneOf",
    "Or",
    "OrElse",
    "Outcome",
    "Path",
    "Presence",
    "Sign",
    "Subscribed",
    "Text",
    "Time",
    "Word",
    "children",
    "depth",
]


@dataclass(frozen=True, slots=True)
class Node:
    """Something the author wrote from ``start`` up to ``end``."""

    start: int
    end: int


# ------------------------------------------------------------------------------------ values


@dataclass(frozen=True, slots=True)
class Word(Node):
    """One name, or a quoted name."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Names joined by dots."""

    parts: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Number(Node):
    """``3`` or ``0.9``."""

    value: int | Decimal


@dataclass(frozen=True, slots=True)
class Money(Node):
    """``50 EUR``."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A quoted text, without its quotation marks."""

    value: str


@dataclass(frozen=True, slots=True)
class Length(Node):
    """``2 hours 30 minutes``."""

    value: Duration


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """``2026-03-01 09:00``: on the recipient's wall clock, unless it names an offset."""

    value: datetime


@dataclass(frozen=True, slots=True)
class Date(Node):
    """``2026-03-01``."""

    value: date


@dataclass(frozen=True, slots=True)
class Time(Node):
    """``09:00``."""

    value: time


@dataclass(frozen=True, slots=True)
class Flag(Node):
    """``yes`` or ``no``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Now(Node):
    """``now``."""


@dataclass(frozen=True, slots=True)
class Day(Node):
    """``yesterday`` (-1), ``today`` (0) or ``tomorrow`` (1)."""

    offset: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments."""

    name: Word
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-x``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``a + b`` and its kin."""

    sign: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OrElse(Node):
    """``a or else b``: b when a is missing."""

    value: Node
    default: Node


@dataclass(frozen=True, slots=True)
class IfElse(Node):
    """``if a then b else c``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Elapsed(Node):
    """``time since x`` or ``time until x``."""

    until: bool
    moment: Node


# ------------------------------------------------------------------------------------- tests


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite."""

    part: Node


Comparison: TypeAlias = Literal[
    "is", "is not", "is exactly", "is before", "is after", "is on or before", "is on or after",
    "<", "<=", ">", ">=",
    "contains", "does not contain", "starts with", "ends with", "matches", "has", "does not have",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """The words of a test, in their canonical form."""

    text: str


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``a is b`` and its kin; ``sign`` is a Comparison."""

    left: Node
    sign: Sign
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``a is between b and c``, both included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Listed(Node):
    """A list written in brackets, or the name of one."""

    items: tuple[Node, ...] | Path


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """``a is one of (...)``, or with ``negated`` the opposite."""

    value: Node
    sign: Sign
    negated: bool
    items: Listed


@dataclass(frozen=True, slots=True)
class HasList(Node):
    """``a has any of (...)``."""

    value: Node
    sign: Sign
    how: Literal["any", "all", "none"]
    items: Listed


@dataclass(frozen=True, slots=True)
class Near(Node):
    """``a is within the next 30 days``, or the last."""

    value: Node
    ahead: bool
    length: Length


@dataclass(frozen=True, slots=True)
class Presence(Node):
    """``a is known``, ``a is reachable``, ``a window is open`` and their opposites."""

    value: Node
    what: Literal["known", "reachable", "window"]
    negated: bool


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """``in segment x``."""

    segment: Word


@dataclass(frozen=True, slots=True)
class InJourney(Node):
    """``in journey x``."""

    journey: Word


@dataclass(frozen=True, slots=True)
class Subscribed(Node):
    """``subscribed to x on y``."""

    category: Word
    channel: Word | None


@dataclass(frozen=True, slots=True)
class Outcome(Node):
    """``step was opened within 2 days``."""

    step: Path
    what: str
    negated: bool
    within: Length | None


def children(node: Node) -> Iterator[Node]:
    """The nodes directly under ``node``."""
    for part in fields(node):
        value = getattr(node, part.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def depth(root: Node, limit: int) -> int:
    """How deep the tree is, counted up to ``limit``. Never recurses."""
    level, count = [root], 0
    while level and count < limit:
        count += 1
        level = [child for node in level for child in children(node)]
    return count
