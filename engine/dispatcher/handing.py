"""Handing over: which messages leave together, the call itself, and what it says of the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from channels.adapter import SendsMany
from channels.message import Message
from channels.outcome import Accepted, Outcome, RateLimited, Unknown
from dsl.calendar import Instant
from engine.core.effects import Delivery
from engine.dispatcher.gatekeeper import Answered
from engine.dispatcher.ways import Way
from engine.tracing import Tracer

__all__ = ["Hands", "answers_of", "together"]


class Hands:
    """Makes messages of deliveries and hands them to their adapter. ``headers`` are what a message
    leaves with; ``is_cut_off`` tells whether the call that asks has lasted too long.
    """

    def __init__(
        self,
        headers: Callable[[Delivery], Mapping[str, str]],
        tracer: Tracer,
        is_cut_off: Callable[[], bool],
    ) -> None:
        self._headers = headers
        self._tracer = tracer
        self._is_cut_off = is_cut_off

    async def over(
        self, way: Way, deliveries: Sequence[Delivery], now: Instant
    ) -> Sequence[Outcome]:
        """One call, with an outcome for each."""
        messages = [self._message(each, now) for each in deliveries]
        began = self._tracer.began()
        try:
            outcomes = await _send(way, messages)
        except asyncio.CancelledError:
            if not self._is_cut_off():
                raise
            outcomes = [Unknown(f"no answer within {way.seconds:g} seconds")] * len(messages)
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            self._tracer.handed_over(delivery, outcome, began)
        return outcomes

    def _message(self, delivery: Delivery, now: Instant) -> Message:
        return Message(
            id=delivery.id,
            channel=delivery.channel,
            address=delivery.address,
            category=delivery.category,
            journey=delivery.journey,
            message=delivery.message,
            parts=delivery.parts,
            headers=self._headers(delivery),
            at=now,
        )


async def _send(way: Way, messages: Sequence[Message]) -> Sequence[Outcome]:
    assert way.adapter is not None
    if len(messages) > 1:
        assert isinstance(way.adapter, SendsMany)
        return await way.adapter.send_many(messages)
    return [await way.adapter.send(message) for message in messages]


def together(
    going: Sequence[tuple[Way, Delivery]], is_urgent: Callable[[str], bool]
) -> list[tuple[Way, list[Delivery]]]:
    """Those that leave in one call. Somebody's own business leaves alone: its fate is not to hang on
    that of others; and so does what is not finished.
    """
    calls: list[tuple[Way, list[Delivery]]] = []
    filling: dict[str, list[Delivery]] = {}
    for way, delivery in going:
        alone = way.many == 1 or delivery.unfinished is not None or is_urgent(delivery.category)
        if not alone and len(filling.get(way.name, ())) not in (0, way.many):
            filling[way.name].append(delivery)
            continue
        calls.append((way, [delivery]))
        if not alone:
            filling[way.name] = calls[-1][1]
    return calls


def answers_of(
    way: Way, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]
) -> list[Answered | None]:
    """What each answer says of the provider. What it says of a whole call it has said once, however
    many were in it.
    """
    said: set[object] = set()
    answers: list[Answered | None] = []
    for delivery, outcome in zip(deliveries, outcomes, strict=True):
        word: object = outcome
        if isinstance(outcome, Accepted):
            word = Accepted
        elif isinstance(outcome, RateLimited) and outcome.scope in ("recipient", "campaign"):
            word = delivery.id
        answers.append(None if word in said else Answered(way, delivery, outcome))
        said.add(word)
    return answers
