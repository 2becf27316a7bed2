"""Journeys, the runs through them, and segments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.api.v1.cursor import Paged
from engine.api.v1.operation import Input, Shape

__all__ = [
    "Condition",
    "Journey",
    "JourneyList",
    "JourneyRunsQuery",
    "JourneySource",
    "MemberPage",
    "Membership",
    "NewRun",
    "PersonSegment",
    "PersonSegments",
    "Place",
    "Run",
    "RunPage",
    "RunStep",
    "Segment",
    "SegmentList",
    "SegmentSize",
    "Value",
]


class Journey(Shape):
    """A journey as it is deployed."""

    name: str
    title: str
    status: Literal["draft", "live", "paused", "ended"]
    category: str
    priority: int
    version: str
    starts: list[str] = Field(description="The sorts of what lets people in: event, api, ...")
    inputs: list[str] = Field(description="What a call that starts it may or must give.")


class JourneyList(Shape):
    """All journeys that are deployed."""

    project: str
    version: str
    items: list[Journey]


class Place(Shape):
    """How many people rest in a step."""

    step: str
    version: str
    people: int


class JourneySource(Journey):
    """A journey with where it is written, what it says, and who is in it."""

    file: str
    source: str
    explanation: str = Field(description="What the machine understood, in words.")
    inside: list[Place]


class RunStep(Shape):
    """What a run remembers of a step."""

    step: str
    at: datetime | None
    channel: str | None


class Run(Shape):
    """One person's passage through one journey."""

    id: str
    person: str
    journey: str
    version: str
    key: str
    entered: datetime
    status: Literal["live", "watched", "closed"]
    held_out: bool
    step: str = Field(description="Where it rests; empty before its first rest.")
    since: datetime | None
    due: datetime | None
    left: datetime | None
    outcome: str = Field(description="How it left; empty while it has not.")
    outcome_words: str
    converted: datetime | None
    trigger: str | None = Field(description="The event by which it began.")
    variables: dict[str, Any]
    steps: list[RunStep]


class RunPage(Shape):
    """Runs. A page of a journey's may be short though more follow."""

    items: list[Run]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class JourneyRunsQuery(Paged):
    """Runs of a journey."""

    status: Literal["live", "watched", "closed"] | None = Field(
        None, description="Only runs that are live, measured on after leaving, or over."
    )


class NewRun(Input):
    """Who is to enter a journey that starts on a call, and its inputs."""

    person: str = Field(min_length=1, max_length=256)
    inputs: dict[str, Any] = Field(default_factory=dict, max_length=200)


class Segment(Shape):
    """A segment as it is deployed."""

    name: str
    title: str
    rule: str
    place: str = Field(description="File and line.")


class SegmentList(Shape):
    """All segments that are deployed."""

    items: list[Segment]


class SegmentSize(Shape):
    """How many people are in a segment."""

    name: str
    people: int
    at: datetime


class MemberPage(Shape):
    """Who is in a segment. Everybody is asked in turn, so a page may be short though more follow."""

    items: list[str]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class Value(Shape):
    """Something that a condition was judged by."""

    name: str
    words: str
    value: Any


class Condition(Shape):
    """A condition and whether it holds. ``join`` says how its parts belong together: all of them,
    any of them, not, or those of another segment; nothing, if it has none.
    """

    condition: str
    holds: bool
    join: Literal["", "all", "any", "not", "segment"]
    values: list[Value]
    parts: list[Condition]


class Membership(Shape):
    """Whether somebody is in a segment, and why: each condition with what it was judged by."""

    segment: str
    person: str
    member: bool
    at: datetime
    why: Condition
    text: str = Field(description="The same in words, a line for each condition.")


class PersonSegment(Shape):
    """Whether a person is in a segment."""

    name: str
    title: str
    member: bool


class PersonSegments(Shape):
    """All segments, and whether a person is in them."""

    person: str
    at: datetime
    items: list[PersonSegment]
