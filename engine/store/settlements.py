"""What is claimed from a store, and what it is told of it afterwards."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

from channels.content import Destination
from dsl.calendar import Instant
from engine.core.effects import DeliveryStatus
from engine.core.signals import Arrival, CallAnswered, ReceiptArrived

__all__ = ["CallSettlement", "Portion", "Settlement", "kept_of"]


class Portion(NamedTuple):
    """What is claimed for one way out: up to ``limit`` deliveries of the lanes ``first``, and with
    what is left of that up to ``most`` of the lanes ``then``.
    """

    limit: int
    first: tuple[str, ...]
    then: tuple[str, ...] = ()
    most: int = 0


class Settlement(NamedTuple):
    """The new standing of a claimed delivery; its lease ends. ``queued`` with a later ``due`` puts
    it back. An empty ``provider_id`` keeps the one known so far. With a ``lease``, it counts only
    while the delivery is out on that very claim: whoever comes late changes nothing.
    ``parts`` are the texts of a message that was unfinished: they take the place of those it had,
    and it is finished; its ``links`` with them. With a ``lane`` it queues there from now on.
    """

    delivery: str
    status: DeliveryStatus
    due: Instant
    attempts: int
    provider_id: str = ""
    lease: Instant | None = None
    parts: Mapping[str, str] | None = None
    lane: str = ""
    links: tuple[Destination, ...] = ()


class CallSettlement(NamedTuple):
    """What became of a claimed call; its lease ends. With an ``answer`` it is over, without one
    it is to be asked again at ``due``.
    """

    call: str
    attempts: int
    due: Instant
    answer: CallAnswered | None = None


def kept_of(told: Sequence[Arrival], kept: Container[str]) -> list[Arrival]:
    """Of receipts, and of what came with them, all but what is about people who were forgotten:
    those none of whose deliveries is among those that are ``kept``.
    """
    known = {
        each.person for each in told if isinstance(each, ReceiptArrived) and each.delivery in kept
    }
    return [
        each
        for each in told
        if (each.delivery in kept if isinstance(each, ReceiptArrived) else each.person in known)
    ]
