"""What a compiled rule may look at: one person, at one instant, in one place of one journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.kinds import Kind

__all__ = ["Context", "Facts", "Happened", "NoFacts", "StepRecord", "Wording"]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Happened(NamedTuple):
    """An event of a person's history. ``properties`` are values at rest.

    ``number`` is the ingest number, unique and ascending in the order of arrival.
    """

    name: str
    occurred: Instant
    received: Instant
    number: int
    properties: Mapping[str, Any]


class StepRecord(NamedTuple):
    """What is remembered of a step that was reached.

    ``values`` are the properties of the event a wait matched, or the answer of a web service;
    ``channel`` and ``time`` belong to a send, ``path`` to a split, ``round`` to a loop.
    """

    values: Mapping[str, Any] | None = None
    time: Instant | None = None
    channel: str | None = None
    path: str | None = None
    round: int | None = None
    skipped: str | None = None  # the reason a send was dropped for
    snapshot: int | None = None  # by which a split that learns has given its path,
    probability: float | None = None  # and with which probability
    rounds: str | None = None  # the rounds around a send when it went out, if it stands in a loop
    formerly: tuple[str, ...] = ()  # ids that the step had in earlier versions of the journey


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A text with ``{{ }}`` that is the value of something: ``with: {title: "Hi {{ name }}"}``.

    ``kinds`` are those of the names it uses. ``variables`` are read from ``Context.variables``,
    and ``steps`` are the names of steps with what each is remembered by; all other names are as
    in a message.
    """

    text: str
    place: str
    kinds: Mapping[str, Kind] = field(default_factory=_nothing)
    variables: frozenset[str] = frozenset()
    steps: Mapping[str, str] = field(default_factory=_nothing)


class Facts(Protocol):
    """What a rule asks about a person beyond attributes and events."""

    def reachable(self, channel: str, context: Context) -> bool:
        """Whether a message could be delivered on ``channel``."""
        ...

    def window_open(self, channel: str, context: Context) -> bool:
        """Whether free text is allowed on ``channel`` now (WhatsApp's 24 hours)."""
        ...

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        """Whether consent for ``category`` stands on ``channel``, or on any channel."""
        ...

    def in_segment(self, segment: str, context: Context) -> bool:
        """Whether the person is a member of ``segment`` now."""
        ...

    def in_journey(self, journey: str, context: Context) -> bool:
        """Whether the person has a live run of ``journey`` that is not held out."""
        ...

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        """Whether a message was decided for the person in [start, end).

        Open reservations count, whatever their age.
        """
        ...

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        """Whether the message of ``step`` was ``what`` (sent, delivered, opened, clicked,
        answered, bounced, skipped), no later than ``within``.
        """
        ...

    def said(self, wording: Wording, context: Context) -> str | None:
        """A text filled in for the person, in their language and zone; None if a value that it
        prints is missing.
        """
        ...

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        """The moment in [start, end) at which the person is most likely to look at a message."""
        ...


class NoFacts:
    """Nobody is reachable, subscribed or a member of anything, and nothing is said. For rules that
    ask none of it.
    """

    def reachable(self, channel: str, context: Context) -> bool:
        return False

    def window_open(self, channel: str, context: Context) -> bool:
        return False

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        return False

    def in_segment(self, segment: str, context: Context) -> bool:
        return False

    def in_journey(self, journey: str, context: Context) -> bool:
        return False

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return False

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        return False

    def said(self, wording: Wording, context: Context) -> str | None:
        return None

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        return start


@dataclass(slots=True)
class Context:
    """The one argument of every compiled rule and formula.

    Built once per person and input, then moved along by the core (steps, variables, arrival), so
    it is mutable on purpose; nothing outside the core keeps one. ``history`` holds, per event
    name, what happened in the order of (occurred, number).
    """

    now: Instant
    zone: ZoneInfo
    attributes: Mapping[str, Any] = field(default_factory=_nothing)
    history: Mapping[str, Sequence[Happened]] = field(default_factory=_nothing)
    trigger: Happened | None = None
    entry: Instant | None = None  # the moment of entering
    variables: Mapping[str, Any] = field(
        default_factory=_nothing
    )  # let, loop items, inputs of messages and modules
    steps: Mapping[str, StepRecord] = field(default_factory=_nothing)
    facts: Facts = field(default_factory=NoFacts)
    holidays: Set[date] = frozenset()
    language: str = "en"
    candidate: Happened | None = None  # the event under test, for the rules of compile_where

    def another(self) -> Context:
        """Another one to be moved along by itself. Spelled out: looking ahead makes many."""
        return Context(
            self.now,
            self.zone,
            self.attributes,
            self.history,
            self.trigger,
            self.entry,
            self.variables,
            self.steps,
            self.facts,
            self.holidays,
            self.language,
            self.candidate,
        )
