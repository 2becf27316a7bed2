"""What somebody wrote: whom it is from, and which message it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from channels.replies import Reply
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.ids import reply_id
from engine.core.numbers import number_in
from engine.core.profile import Profile
from engine.core.signals import EventArrived

__all__ = ["Answer", "Writer", "about", "got", "happened_at", "writer_of", "written"]

_OUT = frozenset({"calling", "accepted", "unknown"})  # somebody may have got it
_LONGEST = 4096  # characters; no provider lets anybody write more


class Writer(NamedTuple):
    """Who may have written, and what they have got at that number, in the order it was decided."""

    profile: Profile
    deliveries: Sequence[Delivery] = ()


class Answer(NamedTuple):
    """Whom it is from, and what it answers."""

    person: str
    delivery: Delivery | None


def got(deliveries: Sequence[Delivery], channel: str, number: str) -> list[Delivery]:
    """Those that may have come to a number on a channel."""
    return [
        each
        for each in deliveries
        if each.journey  # what answers STOP is no message that anybody answers
        and each.channel == channel
        and each.status in _OUT
        and number_in(each.address) == number
    ]


def writer_of(writers: Sequence[Writer], quoted: str) -> Answer | None:
    """Of all who have the number, the one who got the message that is quoted, or else the last one;
    if nobody got any, the first of them. None if there is nobody.
    """
    sent = [each for writer in writers for each in writer.deliveries]
    meant = [each for each in sent if quoted and each.provider_id == quoted]
    last = max(meant or sent, key=lambda each: (each.decided, each.id), default=None)
    if last is not None:
        return Answer(last.person, last)
    return Answer(writers[0].profile.id, None) if writers else None


def written(reply: Reply, answer: Answer, now: Instant) -> EventArrived:
    """The reply in the history of whoever wrote. Told again, it has the same id."""
    values: dict[str, Any] = {"channel": reply.channel, "text": reply.text[:_LONGEST]}
    if reply.button:
        values["button"] = reply.button[:_LONGEST]
    if answer.delivery is not None:
        values |= about(answer.delivery)
    at = happened_at(reply.occurred, now)
    happened = Happened("message_replied", at, now, 0, values)
    return EventArrived(reply_id(reply.channel, reply.key, answer.person), answer.person, happened)


def happened_at(said: Instant, now: Instant) -> Instant:
    """When it was: as the provider says, if it says so and it is over."""
    return said if 0 < said <= now else now


def about(delivery: Delivery) -> Mapping[str, str]:
    """What a reply says of the message it answers."""
    return {
        "category": delivery.category,
        "journey": delivery.journey,
        "step": delivery.step,
        "message": delivery.message,
    }
