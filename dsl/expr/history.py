"""The part of the syntax tree that asks about a person's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dsl.expr import tree

__all__ = [
    "Aggregate",
    "AggregateName",
    "Before",
    "Did",
    "Ever",
    "Followed",
    "Last",
    "Messaged",
    "Period",
    "Pick",
    "Range",
    "SegmentChange",
    "Selection",
    "Since",
    "Times",
    "Where",
    "Window",
    "WithinAfter",
]


@dataclass(frozen=True, slots=True)
class Last(tree.Node):
    """``in the last 30 days``."""

    length: tree.Length


@dataclass(frozen=True, slots=True)
class Since(tree.Node):
    """``since x``."""

    moment: tree.Node


@dataclass(frozen=True, slots=True)
class Before(tree.Node):
    """``before x``."""

    moment: tree.Node


@dataclass(frozen=True, slots=True)
class Range(tree.Node):
    """``between a and b``."""

    low: tree.Node
    high: tree.Node


@dataclass(frozen=True, slots=True)
class WithinAfter(tree.Node):
    """``within 3 days after x``."""

    length: tree.Length
    moment: tree.Node


@dataclass(frozen=True, slots=True)
class Period(tree.Node):
    """``today``, ``yesterday``, ``this week``, ``this month``, ``this year``."""

    name: Literal["today", "yesterday", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Ever(tree.Node):
    """``ever``."""


Window: TypeAlias = Last | Since | Before | Range | WithinAfter | Period | Ever


@dataclass(frozen=True, slots=True)
class SegmentChange(tree.Node):
    """``entered segment x`` or ``left segment x``."""

    entered: bool
    segment: tree.Word
    window: Window | None


@dataclass(frozen=True, slots=True)
class Where(tree.Node):
    """``where ...``; ``bracketed`` if the author put brackets around it."""

    test: tree.Node
    bracketed: bool


@dataclass(frozen=True, slots=True)
class Selection(tree.Node):
    """An event with the properties asked for."""

    event: tree.Word
    where: Where | None


@dataclass(frozen=True, slots=True)
class Times(tree.Node):
    """``at least 3 times``."""

    how: Literal["at least", "at most", "exactly", "more than", "fewer than"]
    count: int


@dataclass(frozen=True, slots=True)
class Followed(tree.Node):
    """``followed by x within 2 days``, or ``not followed by``."""

    negated: bool
    selection: Selection
    within: tree.Length | None


@dataclass(frozen=True, slots=True)
class Did(tree.Node):
    """``did purchase ...`` or ``did not purchase ...``."""

    negated: bool
    selection: Selection
    times: Times | None
    window: Window | None
    followed: Followed | None


@dataclass(frozen=True, slots=True)
class Messaged(tree.Node):
    """``messaged on push about promotional in the last 7 days``."""

    channel: tree.Word | None
    category: tree.Word | None
    journey: tree.Word | None
    window: Window | None


AggregateName: TypeAlias = Literal[
    "count", "sum", "average", "lowest", "highest", "unique", "any", "all", "none"
]


@dataclass(frozen=True, slots=True)
class Aggregate(tree.Node):
    """``sum of purchase.total ...``; a bare ``purchases where ...`` is a count."""

    how: AggregateName
    path: tree.Path
    where: Where | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Pick(tree.Node):
    """``first purchase.total ...`` or ``last ...``."""

    last: bool
    path: tree.Path
    where: Where | None
    window: Window | None
