"""The compiled form: pure data that the engine runs and the channels render.

A journey becomes a *machine*: a flat table of instructions whose targets are indexes into it
(language reference, section 4.2). Instructions with an ``id`` are the states a run can rest in.
Rules and formulas carry the text they came from, where it stands, what they read, and a compiled
callable; equality, JSON and fingerprints look at the text only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from dsl.calendar import Duration, Instant
from dsl.expr.context import Context
from dsl.kinds import Kind
from dsl.plan import TrackingPlan

__all__ = [
    "After",
    "AnyTime",
    "Arbitration",
    "Blocked",
    "Blocking",
    "Branch",
    "Calendar",
    "Cap",
    "Case",
    "Category",
    "ChannelPolicy",
    "Choice",
    "Consent",
    "ConsentNotNeeded",
    "ConsentRequired",
    "ConsentRule",
    "Emit",
    "End",
    "EventTrigger",
    "Formula",
    "Instruction",
    "Jump",
    "Listen",
    "ListenFor",
    "Machine",
    "Moment",
    "Never",
    "NextChannel",
    "Path",
    "Policy",
    "Project",
    "QuietSpan",
    "ReEnter",
    "Reads",
    "Rolling",
    "Rule",
    "Segment",
    "Send",
    "SetProfile",
    "Skip",
    "Split",
    "State",
    "Stop",
    "Timer",
    "Until",
    "WaitUpTo",
    "canonical",
    "fingerprint",
]


# ------------------------------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True)
class Reads:
    """What a rule looks at, so that a runtime loads exactly that and asks only when it matters."""

    attributes: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()  # names of events whose history is read
    segments: frozenset[str] = frozenset()
    journeys: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()  # reachability or the free-text window
    steps: frozenset[str] = frozenset()
    messages: bool = False  # "messaged ..." and "was ...": the message log
    consent: bool = False
    trigger: bool = False
    clock: bool = False  # may change by itself as time passes

    def __or__(self, other: Reads) -> Reads:
        return Reads(
            self.attributes | other.attributes,
            self.events | other.events,
            self.segments | other.segments,
            self.journeys | other.journeys,
            self.channels | other.channels,
            self.steps | other.steps,
            self.messages or other.messages,
            self.consent or other.consent,
            self.trigger or other.trigger,
            self.clock or other.clock,
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Yes or no, for every person. ``place`` is ``file:line``, for decisions.

    ``meaning`` is the typed tree it was compiled from.
    """

    text: str
    place: str
    reads: Reads = field(compare=False, repr=False)
    holds: Callable[[Context], bool] = field(compare=False, repr=False)
    meaning: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """A value of one kind, or None if it is missing."""

    text: str
    place: str
    kind: Kind
    reads: Reads = field(compare=False, repr=False)
    value: Callable[[Context], Any] = field(compare=False, repr=False)
    meaning: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """The first instant, at or after the one given, that the text describes; None if missing.

    A fixed moment (``renewal_date - 14 days``) ignores the instant given and may be in the past.
    """

    text: str
    place: str
    reads: Reads = field(compare=False, repr=False)
    when: Callable[[Context, Instant], Instant | None] = field(compare=False, repr=False)
    meaning: object = field(default=None, compare=False, repr=False)


# ------------------------------------------------------------------------------ shared parts


@dataclass(frozen=True, slots=True)
class Skip:
    """Give the message up."""


@dataclass(frozen=True, slots=True)
class NextChannel:
    """Try the next channel."""


@dataclass(frozen=True, slots=True)
class WaitUpTo:
    """Rest until it is allowed, at most ``limit`` after reaching the step (None: no limit)."""

    limit: Duration | None


Blocked: TypeAlias = Skip | NextChannel | WaitUpTo


@dataclass(frozen=True, slots=True)
class Blocking:
    """What to do when a message may not go out now. None: the next level up decides."""

    capped: Blocked | None = None
    quiet: Blocked | None = None
    unreachable: Blocked | None = None

    def over(self, outer: Blocking) -> Blocking:
        """This, with the gaps filled from ``outer``."""
        return Blocking(
            self.capped or outer.capped,
            self.quiet or outer.quiet,
            self.unreachable or outer.unreachable,
        )


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last so much time: "per 7 days", "per 24 hours"."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Calendar:
    """A period of the calendar in the recipient's zone. Weeks begin on Monday."""

    unit: Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``count`` messages per period, on one channel or all, about one category or all."""

    count: int
    period: Rolling | Calendar
    channel: str | None
    category: str | None
    text: str
    place: str


# ------------------------------------------------------------------------------- the journey


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """Starts on an event. ``accept_older`` overrides the policy's limit for late events."""

    event: str
    where: Rule | None
    accept_older: Duration | None
    place: str


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


@dataclass(frozen=True, slots=True)
class Timer:
    """``wait``: rests for a length, then goes on."""

    id: str
    length: Formula
    then: int


@dataclass(frozen=True, slots=True)
class Until:
    """``wait until``: rests until a moment comes or a rule holds.

    With a rule, ``at_most`` bounds the wait and ``otherwise`` is where it then goes. With a
    moment that is already over on arrival, or missing, ``past`` is where it goes (None: it stops).
    """

    id: str
    target: Moment | Rule
    after: Formula | None
    at_most: Formula | None
    then: int
    otherwise: int
    past: int | None


@dataclass(frozen=True, slots=True)
class ListenFor:
    """One entry of ``wait for``. ``restart`` begins the wait again instead of going on."""

    event: str
    where: Rule | None
    then: int
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    """``wait for``: rests until one of the events comes, first matching entry first."""

    id: str
    entries: tuple[ListenFor, ...]
    at_most: Formula
    otherwise: int
    looking_back: Formula | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One channel of a send, with the rule under which it may be used."""

    channel: str
    when: Rule | None


@dataclass(frozen=True, slots=True)
class Send:
    """``send``: one message on the first channel allowed, or on every one (``every``)."""

    id: str
    message: str
    choices: tuple[Choice, ...]
    every: bool
    values: tuple[tuple[str, Formula], ...]
    category: str
    expires: Formula | None
    blocking: Blocking  # already joined: step, then journey, then policy
    then: int
    place: str


@dataclass(frozen=True, slots=True)
class Case:
    """One way through a branch."""

    when: Rule
    then: int


@dataclass(frozen=True, slots=True)
class Branch:
    """``if`` and ``choose``: the first case that holds."""

    cases: tuple[Case, ...]
    otherwise: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """One path of a split; ``share`` of 1, all shares together are 1."""

    name: str
    share: Decimal
    then: int


@dataclass(frozen=True, slots=True)
class Split:
    """``split``: a path by hash of (scope, person), recorded under ``id``."""

    id: str
    paths: tuple[Path, ...]
    scope: str
    every_time: bool = False  # "reassign: every time"


@dataclass(frozen=True, slots=True)
class SetProfile:
    """``set profile``: attributes by name, checked against the tracking plan."""

    values: tuple[tuple[str, Formula], ...]
    then: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """``emit``: an event of the person, processed as an input of its own."""

    event: str
    values: tuple[tuple[str, Formula], ...]
    then: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """``stop``: leaves, in the author's words."""

    reason: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """Goes on elsewhere: the end of a branch."""

    to: int


@dataclass(frozen=True, slots=True)
class End:
    """The end of the list of steps."""


State: TypeAlias = Timer | Until | Listen | Send
Instruction: TypeAlias = State | Branch | Split | SetProfile | Emit | Stop | Jump | End


@dataclass(frozen=True, slots=True)
class Machine:
    """One version of one journey. Begins at instruction 0."""

    journey: str
    title: str
    category: str
    priority: int
    status: Literal["draft", "live", "paused", "ended"]
    triggers: tuple[EventTrigger, ...]
    key: Formula | None
    if_inside: Literal["ignore", "restart", "update", "allow"]
    re_enter: ReEnter
    eligible: tuple[Rule, ...]  # all
    exclude: tuple[Rule, ...]  # any
    exits: tuple[Rule, ...]  # any
    goal: Rule | None
    goal_within: Formula | None
    holdout: Decimal
    caps: tuple[Cap, ...]
    variables: tuple[tuple[str, Formula], ...]  # let, computed once at entry
    code: tuple[Instruction, ...]
    reads: Reads = field(compare=False, repr=False)
    index: Mapping[str, int] = field(compare=False, repr=False)  # state id -> instruction
    version: str = ""  # fingerprint of all of the above


# -------------------------------------------------------------------------------- the policy


@dataclass(frozen=True, slots=True)
class ConsentRequired:
    """Granted in the ledger for the category and channel, and not withdrawn there."""


@dataclass(frozen=True, slots=True)
class ConsentNotNeeded:
    """Order status, appointments, security."""


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Consent kept as an attribute. An opt-out in the ledger overrides it."""

    rule: Rule


Consent: TypeAlias = ConsentRequired | ConsentNotNeeded | ConsentRule
Ignorable: TypeAlias = Literal["frequency caps", "quiet hours", "holdout", "arbitration"]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of message: what it needs and which limits it ignores."""

    name: str
    consent: Consent
    ignores: frozenset[Ignorable]
    when_unknown: Literal["hold", "retry once"]


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """A channel in use. ``free_text_window`` is WhatsApp's rule, None elsewhere."""

    name: str
    reachable: Rule | None
    free_text_window: Duration | None


@dataclass(frozen=True, slots=True)
class QuietSpan:
    """No messages from ``start`` to ``end`` (minutes of the local day, the end is exclusive).

    Over midnight when ``end <= start``; such a span belongs to the day it begins on. ``channels``
    None means all, ``days`` None means every day (0 is Monday).
    """

    channels: frozenset[str] | None
    days: frozenset[int] | None
    start: int
    end: int
    place: str


@dataclass(frozen=True, slots=True)
class Arbitration:
    """Promotional sends of one person are collected, so that the most important goes first."""

    category: str
    collect: Duration


@dataclass(frozen=True, slots=True)
class Policy:
    """Company rules. They hold for every journey."""

    name: str
    zone: str
    languages: tuple[str, ...]
    currency: str
    holidays: frozenset[date]
    channels: Mapping[str, ChannelPolicy]
    categories: Mapping[str, Category]
    quiet: tuple[QuietSpan, ...]
    caps: tuple[Cap, ...]
    blocking: Blocking
    arbitration: Arbitration | None
    holdout: Decimal
    reshuffle: Duration | None
    accept_for_waits: Duration
    ignore_for_starts: Duration


@dataclass(frozen=True, slots=True)
class Segment:
    """A named audience: the people for whom ``who`` holds."""

    name: str
    title: str
    who: Rule


@dataclass(frozen=True, slots=True)
class Project:
    """Everything a runtime needs, compiled. ``messages`` are forms the channels render."""

    name: str
    version: str
    plan: TrackingPlan
    policy: Policy
    segments: Mapping[str, Segment]
    machines: Mapping[str, Machine]
    messages: Mapping[str, Any]


# ------------------------------------------------------------------------------- fingerprint


def canonical(value: Any) -> Any:
    """``value`` as plain JSON data: dataclasses by name and fields, callables left out."""
    if is_dataclass(value) and not isinstance(value, type):
        data = {"is": type(value).__name__}
        for part in fields(value):
            if part.compare:
                data[part.name] = canonical(getattr(value, part.name))
        return data
    if isinstance(value, Mapping | MappingProxyType):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [canonical(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted((canonical(item) for item in value), key=repr)
    if isinstance(value, Decimal | date):
        return str(value)
    return value


def fingerprint(value: Any) -> str:
    """Sixteen hex digits that change when the meaning of ``value`` may have changed."""
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
