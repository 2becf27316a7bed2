"""Scenarios, compiled: what is known at the beginning, a script, and what is expected of it
(language reference, section 3.7).

Examples are multiplied out and every time is an instant, so playing one needs no further reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType
from typing import Any, TypeAlias

from dsl.calendar import Instant

__all__ = [
    "NOT_SENT",
    "NOT_STARTED",
    "OUTCOMES",
    "Becomes",
    "Does",
    "ExpectCalled",
    "ExpectEmitted",
    "ExpectLeft",
    "ExpectNotStarted",
    "ExpectNothing",
    "ExpectSent",
    "Expectation",
    "Given",
    "Passes",
    "Past",
    "Pretend",
    "Scenario",
    "ScriptStep",
    "Starts",
]

NOT_STARTED = (
    "not live",
    "trigger",
    "too old",
    "no key",
    "already inside",
    "re-enter",
    "exclude if",
    "eligible if",
    "goal",
    "exit if",
    "rollout",
    "holdout",
)
"""Why nobody entered (section 4.3)."""

NOT_SENT = (
    "expired",
    "rule",
    "unreachable",
    "consent",
    "content",
    "window",
    "quiet",
    "capped",
    "holdout",
    "failed",
    "goal",
    "exclude if",
    "exit if",
    "ended",
)
"""Why a channel was not used (section 4.5)."""

OUTCOMES = (
    "goal",
    "exclude if",
    "exit if",
    "ended",
    "end",
    "past",
    "failed",
    "moved",
    "removed",
    "taken out",
    "merged",
    "restart",
)
"""How people leave (section 4.4), beside the words of an author's ``stop``."""


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Past:
    """Something that happened before the script begins."""

    event: str
    occurred: Instant
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pretend:
    """What would be drawn, learned or answered from outside.

    ``answers`` are by the id of a webhook step, or by the name of the service; so are those who
    give none, the ``failing``.
    """

    paths: Mapping[str, str] = field(default_factory=_nothing)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=_nothing)
    best_time: time | None = None
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """The person and the clock at the beginning. Values are at rest.

    ``reachable`` are the only channels on which the person can be reached; None leaves it to the
    policy's rules and to ``addresses``.
    """

    start: Instant
    zone: str
    person: str
    attributes: Mapping[str, Any]
    addresses: Mapping[str, str]
    reachable: tuple[str, ...] | None
    history: tuple[Past, ...]
    held_out: bool
    pretend: Pretend


@dataclass(frozen=True, slots=True)
class Does:
    """``event``: the person does something. A repeated ``id`` is the same event again."""

    line: int
    event: str
    occurred: Instant
    properties: Mapping[str, Any]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Becomes:
    """``profile``: attributes change (None removes one), and addresses with them."""

    line: int
    attributes: Mapping[str, Any]
    addresses: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Starts:
    """``start``: the journey is called, or started by the journey ``by``."""

    line: int
    properties: Mapping[str, Any]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Passes:
    """``pass`` and ``until``: time goes on up to and including ``to``."""

    line: int
    to: Instant


@dataclass(frozen=True, slots=True)
class ExpectSent:
    """``expect sent``. ``passed`` are channels that were not used, with the reason of each."""

    line: int
    message: str
    channel: str | None = None
    contains: tuple[str, ...] = ()
    passed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectLeft:
    """``expect left``"""

    line: int
    outcome: str


@dataclass(frozen=True, slots=True)
class ExpectEmitted:
    """``expect emitted``. Only the properties named in ``properties`` are compared."""

    line: int
    event: str
    properties: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class ExpectCalled:
    """``expect called``"""

    line: int
    service: str


@dataclass(frozen=True, slots=True)
class ExpectNotStarted:
    """``expect not started``"""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ExpectNothing:
    """``expect nothing``"""

    line: int


Expectation: TypeAlias = (
    ExpectSent | ExpectLeft | ExpectEmitted | ExpectCalled | ExpectNotStarted | ExpectNothing
)
ScriptStep: TypeAlias = Does | Becomes | Starts | Passes | Expectation


@dataclass(frozen=True, slots=True)
class Scenario:
    """One script for one person, of one example if there are several."""

    journey: str
    name: str
    path: str
    line: int
    given: Given
    script: tuple[ScriptStep, ...]
