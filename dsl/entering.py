"""How people get into a journey, compiled: what starts it, and whether they may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dsl.calendar import Duration
from dsl.expr.schedule import Schedule
from dsl.plan import Field
from dsl.rules import Moment, Rule

__all__ = [
    "After",
    "AnyTime",
    "ApiTrigger",
    "DateTrigger",
    "EventTrigger",
    "JourneyTrigger",
    "Never",
    "ReEnter",
    "ScheduleTrigger",
    "SegmentTrigger",
    "Trigger",
]


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Starts on an event. ``accept_older`` overrides the policy's limit for late events."""

    event: str
    where: Rule | None
    accept_older: Duration | None
    place: str


@dataclass(frozen=True, slots=True)
class ApiTrigger:
    """Starts on a call that names the journey and brings its inputs."""

    inputs: Mapping[str, Field]
    place: str


@dataclass(frozen=True, slots=True)
class JourneyTrigger:
    """Starts when another journey says so."""

    place: str


@dataclass(frozen=True, slots=True)
class SegmentTrigger:
    """Starts when a person becomes a member of a segment, or ceases to be one."""

    segment: str
    enters: bool
    place: str


@dataclass(frozen=True, slots=True)
class DateTrigger:
    """Starts at a date of the person, ``clock`` minutes into the local day. ``yearly`` comes back
    each year; 29 February is 28 February in other years.
    """

    date: Moment
    clock: int
    yearly: bool
    place: str


@dataclass(frozen=True, slots=True)
class ScheduleTrigger:
    """Starts at fixed times for those who are then in the segment ``audience``."""

    schedule: Schedule
    audience: str
    place: str


Trigger: TypeAlias = (
    EventTrigger | ApiTrigger | JourneyTrigger | SegmentTrigger | DateTrigger | ScheduleTrigger
)


@dataclass(frozen=True, slots=True)
class Never:
    """Once per key, for ever."""


@dataclass(frozen=True, slots=True)
class AnyTime:
    """As often as it is triggered."""


@dataclass(frozen=True, slots=True)
class After:
    """Not before so much time has passed since entering, or since leaving."""

    length: Duration
    since: Literal["entering", "leaving"]


ReEnter: TypeAlias = Never | AnyTime | After
