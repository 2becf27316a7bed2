"""Tests of the typed tree: yes or no for everybody, missing data included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dsl.calendar import Duration
from dsl.expr.typed_value import Events, Rows, Value, Window
from dsl.plan import membership_event

__all__ = [
    "All",
    "Among",
    "Any_",
    "Between",
    "Choose",
    "Compare",
    "Every",
    "Follow",
    "Has",
    "How",
    "InJourney",
    "InSegment",
    "Known",
    "Messaged",
    "Near",
    "Not",
    "Outcome",
    "Reachable",
    "SegmentChanged",
    "Some",
    "Span",
    "StepKnown",
    "Subscribed",
    "Test",
    "Truth",
    "WindowOpen",
    "Wording",
]


How: TypeAlias = Literal["plain", "folded", "length", "day"]
"""How two values are compared: as they are, as folded text, or as lengths of time; in lists also
as days, where the entries are moments and the value beside them is a date.
"""


@dataclass(frozen=True, slots=True)
class Compare:
    """No, if a side is missing."""

    sign: Literal["==", "<", "<=", ">", ">="]
    how: How
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Wording:
    """Tests of a text."""

    what: Literal["contains", "starts with", "ends with", "matches"]
    value: Value
    part: Value
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """``time since x >= 60 days``: calendar units are added to x, not averaged."""

    sign: Literal["==", "<", "<=", ">", ">="]
    until: bool
    moment: Value
    length: Value


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included."""

    how: How
    value: Value
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a value is in a list."""

    how: How
    value: Value
    items: tuple[Value, ...] | Value


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a list has any, or all, of some values."""

    how: How
    value: Value
    items: tuple[Value, ...] | Value
    every: bool


@dataclass(frozen=True, slots=True)
class Near:
    """[now, now + length) ahead, (now - length, now] behind."""

    ahead: bool
    moment: Value
    length: Duration


@dataclass(frozen=True, slots=True)
class Known:
    """Not missing."""

    value: Value


@dataclass(frozen=True, slots=True)
class StepKnown:
    """Whether a step was reached; a wait, whether its event came."""

    step: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """A yes/no value as a test; missing is no."""

    value: Value


@dataclass(frozen=True, slots=True)
class All:
    """``and``."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - "Any" means something else in every file
    """``or``."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Plain negation."""

    part: Test


@dataclass(frozen=True, slots=True)
class Choose:
    """``if a then b else c`` as a test."""

    condition: Test
    then: Test
    otherwise: Test


@dataclass(frozen=True, slots=True)
class Reachable:
    """``email is reachable``."""

    channel: str


@dataclass(frozen=True, slots=True)
class WindowOpen:
    """``whatsapp window is open``."""

    channel: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """``subscribed to x on y``."""

    category: str
    channel: str | None


@dataclass(frozen=True, slots=True)
class InSegment:
    """``in segment x``."""

    segment: str


@dataclass(frozen=True, slots=True)
class SegmentChanged:
    """``entered segment x in the last 7 days``, ``left segment x``."""

    segment: str
    entered: bool
    window: Window | None

    @property
    def kept(self) -> Some:
        """What it asks of the history, where comings and goings are events like others."""
        return Some(Events(membership_event(self.segment, entered=self.entered), None, self.window))


@dataclass(frozen=True, slots=True)
class InJourney:
    """``in journey x``."""

    journey: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``step was opened within 2 days``: counted from the send."""

    step: str
    what: str
    within: Duration | None


@dataclass(frozen=True, slots=True)
class Messaged:
    """``messaged on push about promotional in the last 24 hours``."""

    channel: str | None
    category: str | None
    journey: str | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class Some:
    """Whether there are rows: at least one, or as many as ``times`` says.

    With ``followed``, only those followed (or not followed) by another event count.
    """

    rows: Rows
    times: tuple[Literal["==", "<", "<=", ">", ">="], int] | None = None
    followed: Follow | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """``[not] followed by x within 2 days``."""

    negated: bool
    event: str
    where: Test | None
    within: Duration | None


@dataclass(frozen=True, slots=True)
class Every:
    """Whether there are rows, and ``test`` holds for each."""

    rows: Rows
    test: Test


Test: TypeAlias = (
    Compare
    | Wording
    | Span
    | Between
    | Among
    | Has
    | Near
    | Known
    | StepKnown
    | Truth
    | All
    | Any_
    | Not
    | Choose
    | Reachable
    | WindowOpen
    | Subscribed
    | InSegment
    | SegmentChanged
    | InJourney
    | Outcome
    | Messaged
    | Some
    | Every
)
