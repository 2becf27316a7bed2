"""The compiled form: pure data that the engine runs and the channels render.

A journey becomes a *machine*: a flat table of instructions whose targets are indexes into it
(language reference, section 4.2). Instructions with an ``id`` are the states a run can rest in.
What a machine is made of is offered here whole: rules (``dsl.rules``), splits (``dsl.splits``),
the policy (``dsl.policy``) and fingerprints (``dsl.fingerprint``) among it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from dsl.editing import Removed, names_since
from dsl.entering import (
    After,
    AnyTime,
    ApiTrigger,
    DateTrigger,
    EventTrigger,
    JourneyTrigger,
    Never,
    ReEnter,
    ScheduleTrigger,
    SegmentTrigger,
    Trigger,
)
from dsl.fingerprint import canonical, fingerprint
from dsl.plan import TrackingPlan
from dsl.policy import (
    Arbitration,
    Blocked,
    Blocking,
    Calendar,
    Cap,
    Category,
    ChannelPolicy,
    Consent,
    ConsentNotNeeded,
    ConsentRequired,
    ConsentRule,
    Ignorable,
    NextChannel,
    Policy,
    QuietSpan,
    Rolling,
    Segment,
    Service,
    Skip,
    WaitUpTo,
)
from dsl.rules import Formula, Moment, Reads, Rule
from dsl.splits import Learning, Path, Split

__all__ = [
    "After",
    "Again",
    "AnyTime",
    "ApiTrigger",
    "Arbitration",
    "Blocked",
    "Blocking",
    "Branch",
    "Calendar",
    "Call",
    "Cap",
    "Case",
    "Category",
    "ChannelPolicy",
    "Choice",
    "Consent",
    "ConsentNotNeeded",
    "ConsentRequired",
    "ConsentRule",
    "DateTrigger",
    "Emit",
    "End",
    "Escalation",
    "EventTrigger",
    "Formula",
    "Ignorable",
    "Instruction",
    "JourneyTrigger",
    "Jump",
    "Learning",
    "Let",
    "Listen",
    "ListenFor",
    "Loop",
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
    "Removed",
    "Rolling",
    "Rounds",
    "Rule",
    "ScheduleTrigger",
    "Segment",
    "SegmentTrigger",
    "Send",
    "Service",
    "SetProfile",
    "Skip",
    "Split",
    "StartJourney",
    "State",
    "Stop",
    "Timer",
    "Trigger",
    "Until",
    "WaitUpTo",
    "canonical",
    "fingerprint",
]


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
class Escalation:
    """The next channel follows ``after`` so much time, unless one of ``events`` has come."""

    after: Formula
    events: frozenset[str]


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
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """``webhook``: asks a web service, and rests until it has answered or will not.

    ``at_most`` None leaves it to the service how long that may take; ``failed`` None means that
    people leave if there is no answer.
    """

    id: str
    service: str
    values: tuple[tuple[str, Formula], ...]
    at_most: Formula | None
    then: int
    failed: int | None


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
class Let:
    """``let`` in the middle of a journey, and the inputs of a fragment: variables, computed now."""

    values: tuple[tuple[str, Formula], ...]
    then: int
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """``repeat``: before the first round. ``holds`` is its ``while``."""

    id: str
    times: int
    holds: Rule | None
    then: int  # the first step of a round
    otherwise: int  # behind the loop


@dataclass(frozen=True, slots=True)
class Again:
    """``repeat``: after a round. ``until`` is asked first, then the limit, then ``while``."""

    loop: str
    times: int
    holds: Rule | None
    until: Rule | None
    then: int  # the first step of a round
    otherwise: int  # behind the loop


@dataclass(frozen=True, slots=True)
class StartJourney:
    """``start journey`` and ``go to journey``, which also ``leaves`` this one."""

    journey: str
    values: tuple[tuple[str, Formula], ...]
    leaves: bool
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


State: TypeAlias = Timer | Until | Listen | Send | Call
Instruction: TypeAlias = (
    State
    | Branch
    | Split
    | SetProfile
    | Emit
    | Let
    | Loop
    | Again
    | StartJourney
    | Stop
    | Jump
    | End
)


@dataclass(frozen=True, slots=True)
class Rounds:
    """The instructions of a loop: from ``start`` up to and not including ``end``, which is its
    ``Again``. ``holds`` guards them all: where it turns false, people go on at ``leave``.
    """

    loop: str
    start: int
    end: int
    holds: Rule | None
    leave: int


@dataclass(frozen=True, slots=True)
class Machine:
    """One version of one journey. Begins at instruction 0."""

    journey: str
    title: str
    category: str
    priority: int
    status: Literal["draft", "live", "paused", "ended"]
    triggers: tuple[Trigger, ...]
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
    loops: tuple[Rounds, ...] = ()  # the outer ones before those inside them
    on_goal: int | None = None  # where the steps begin that are gone through at the goal
    on_exit: int | None = None
    rollout: Decimal = Decimal(1)  # the share of the eligible that is let in
    inside: Literal["move", "stay"] = "move"  # what people do who are inside an earlier version
    renamed: tuple[tuple[str, str], ...] = ()  # ids of earlier versions, and their new ones
    removed: tuple[Removed, ...] = ()

    def names_since(self, former: Machine | None) -> dict[str, str]:
        """As ``names_since`` of ``dsl.editing`` says."""
        known = [getattr(step, "id", None) for step in self.code]
        return names_since(self.renamed, () if former is None else former.renamed, known)


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
