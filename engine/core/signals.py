"""What can happen to a person: the inputs of the core, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from channels.replies import Word
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.profile import Profile
from engine.core.run import Run

__all__ = [
    "Arrival",
    "CallAnswered",
    "Erased",
    "EventArrived",
    "Joined",
    "Left",
    "MergeAsked",
    "ProfileChanged",
    "ReceiptArrived",
    "Signal",
    "StartAsked",
    "TimerFired",
    "WordSaid",
]


class EventArrived(NamedTuple):
    """The person did something. ``id`` makes a repetition recognisable."""

    id: str
    person: str
    event: Happened


class ProfileChanged(NamedTuple):
    """Attributes (values at rest, None removes one) and addresses by channel. ``origin`` is where
    they come from (``engine.core.origins``); nothing means that the person has told them.
    """

    id: str
    person: str
    received: Instant
    number: int
    attributes: Mapping[str, Any]
    addresses: Mapping[str, str | None]
    origin: str = ""


class ReceiptArrived(NamedTuple):
    """What became of a delivery: ``what`` is accepted, refused, unknown or stopped at hand-over, or
    waits; later delivered, opened, clicked, replied, failed, bounced, complained or unsubscribed.
    ``reason`` is for people. ``by`` says who opened or clicked: human, machine, or unverified,
    which is also what nothing means. ``rule`` is the line of which table, as of when, gave a
    failure its class.
    """

    id: str
    person: str
    received: Instant
    number: int
    delivery: str
    what: str
    reason: str
    occurred: Instant
    failure: str = ""  # the class of a refusal: permanent_recipient suppresses the address
    by: str = ""
    rule: str = ""


class StartAsked(NamedTuple):
    """A journey is to start: by a call of the API (``by`` is empty), or by another journey."""

    id: str
    person: str
    received: Instant
    number: int
    journey: str
    properties: Mapping[str, Any]
    by: str = ""


class CallAnswered(NamedTuple):
    """What came of asking a web service: its answer (values at rest), or None and the reason."""

    id: str
    person: str
    received: Instant
    number: int
    call: str
    values: Mapping[str, Any] | None
    reason: str = ""


class WordSaid(NamedTuple):
    """Somebody wrote STOP, START or HELP, from ``address`` on a channel. ``answer``: they are to be
    answered (of several who have the number, one is). ``stopped`` is the STOP that START takes back.
    """

    id: str
    person: str
    received: Instant
    number: int
    occurred: Instant
    word: Word
    channel: str
    address: str
    answer: bool = False
    stopped: Instant = 0


class Erased(NamedTuple):
    """The person is to be forgotten: whatever was heard of them up to here."""

    id: str
    person: str
    received: Instant
    number: int


class MergeAsked(NamedTuple):
    """The person goes ``into`` another: they are one. ``by`` says who asks (``engine.core.identity``).
    From here on whatever arrives for the person is the other's.
    """

    id: str
    person: str
    received: Instant
    number: int
    into: str
    by: str = ""


class Left(NamedTuple):
    """What decisions need of somebody who has gone into another person. ``origins`` are those of
    attributes and addresses (``engine.core.origins``); ``heard`` is when the store first heard of
    them, as it counts; ``known``, whether anything was ever known of them.
    """

    profile: Profile
    runs: tuple[Run, ...] = ()
    origins: Mapping[str, tuple[Instant, str]] = {}
    heard: int = 0
    known: bool = True


class Joined(NamedTuple):
    """A merge, in the queue of the person whom ``name`` has gone into: with what is ``left`` of them.
    Where there is nothing left it was ``refused``, for a reason.
    """

    id: str
    person: str
    received: Instant
    number: int
    name: str
    by: str = ""
    left: Left | None = None
    refused: str = ""


Arrival: TypeAlias = (
    EventArrived
    | ProfileChanged
    | ReceiptArrived
    | StartAsked
    | Erased
    | CallAnswered
    | WordSaid
    | MergeAsked
    | Joined
)
"""What comes from outside and is kept in the log."""


class TimerFired(NamedTuple):
    """A run's timer is due."""

    person: str
    run: str
    due: Instant


Signal: TypeAlias = (
    EventArrived
    | ProfileChanged
    | ReceiptArrived
    | StartAsked
    | CallAnswered
    | WordSaid
    | Joined
    | TimerFired
)
"""What can happen to a run."""
