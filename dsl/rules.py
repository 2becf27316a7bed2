"""Compiled rules, formulas and moments: a callable, with the text it came from, where that stands,
and what it reads. Equality and fingerprints look at the text only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dsl.calendar import Duration, Instant
from dsl.expr.context import Context
from dsl.kinds import Kind

__all__ = [
    "Formula",
    "Moment",
    "Reads",
    "Rule",
]


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
    times: frozenset[str] = frozenset()  # channels whose best time is asked for; "" is all of them

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
            self.times | other.times,
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
    flips: Callable[[Context], Instant | None] | None = field(
        default=None, compare=False, repr=False
    )  # the next instant at which it may change by itself; None: it never does
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
    within: Duration | None = field(default=None, compare=False, repr=False)  # of arriving at it
