"""What the core asks for. The runner writes it down; others carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from channels.content import Destination, Unfinished
from dsl.calendar import Instant

__all__ = [
    "CallWebhook",
    "Delivery",
    "DeliveryStatus",
    "EmitEvent",
    "Emitted",
    "StartJourney",
]

DeliveryStatus = Literal["queued", "calling", "accepted", "refused", "unknown", "stopped"]


class Delivery(NamedTuple):
    """One message for one person on one channel, from the decision to the provider's answer.

    ``id`` is a hash of (run, step, round, channel), so no attempt can make a second one.
    ``parts`` are the rendered texts by name (subject, html, text; title, body, link; …). Of a
    message that is ``unfinished`` they are what it says if nobody answers, and empty if it cannot
    do without; it is never handed over before it is finished. ``links`` are where the links in them
    lead that lead there by way of us; they hold longer than the texts.
    """

    id: str
    person: str
    journey: str
    run: str
    step: str
    channel: str
    category: str
    message: str
    address: str
    parts: Mapping[str, str]
    decided: Instant
    due: Instant  # not to be handed over before
    expires: Instant | None
    status: DeliveryStatus = "queued"
    attempts: int = 0
    provider_id: str = ""
    lease: Instant | None = None
    version: str = ""  # of the journey, as it was decided
    unfinished: Unfinished | None = None
    lane: str = ""  # where it queues
    proven: bool = False  # the provider spoke of it before its answer was in
    links: tuple[Destination, ...] = ()


class CallWebhook(NamedTuple):
    """One question to a web service, until its answer is in.

    ``id`` is a hash of (run, step, round): asked again, it is the same question. ``values`` are
    plain JSON data. At ``until`` the run waits no longer.
    """

    id: str
    person: str
    journey: str
    run: str
    step: str
    service: str
    values: Mapping[str, Any]
    asked: Instant
    until: Instant
    due: Instant  # not to be asked before
    attempts: int = 0
    lease: Instant | None = None  # being asked just now, until then at most


class EmitEvent(NamedTuple):
    """An event of the person, processed as an input of its own."""

    id: str
    name: str
    properties: Mapping[str, Any]


class StartJourney(NamedTuple):
    """Start another journey for the person, with values for its inputs."""

    id: str
    journey: str
    values: Mapping[str, Any]


Emitted: TypeAlias = EmitEvent | StartJourney
"""What a run makes that is processed as an input of its own."""
