"""Finishing messages at the hand-over: asks what they wait for, and builds them with the answers.

A message never waits for long: a service that has not answered in time has not answered, and one
that has kept several people waiting is left alone for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from channels.content import Ask, Built, Missing, Stale, Unfinished
from channels.services import Answer, Question, Services
from dsl.calendar import SECOND, Instant
from engine.core.effects import Delivery
from engine.core.program import Program
from engine.services.answers import read_answer
from engine.services.remembered import Remembered

__all__ = ["Finished", "Finisher"]

_ROUNDS = 3  # an answer may show a module that asks something itself
_LONGEST = 30.0  # seconds for one question; all rounds together stay below a delivery's lease
_PATIENCE = 5  # questions in a row without an answer
_PAUSE = 10 * SECOND


class Finished(NamedTuple):
    """A message with what has been answered, and how many questions were and were not."""

    built: Built | Missing
    answered: int
    failed: int


class Finisher:
    """Asks all questions of a message at once. Any number of messages at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._remembered = Remembered()
        self._silent: dict[str, int] = {}  # questions in a row without an answer
        self._left_alone: dict[str, Instant] = {}  # until then

    async def finish(
        self, delivery: Delivery, unfinished: Unfinished, program: Program, now: Instant
    ) -> Finished:
        """The message with what has been answered; without, as it was decided."""
        decided, lacks = Built(delivery.parts, links=delivery.links), unfinished.lacks
        asked = answered = 0
        for _ in range(_ROUNDS):
            answers = await asyncio.gather(
                *(
                    self._ask(f"{delivery.id}/{ask.service}/{number}", ask, program, now)
                    for number, ask in enumerate(unfinished.asks, asked)
                )
            )
            asked += len(answers)
            answered += sum(answer is not None for answer in answers)
            built = _finished(program, unfinished, answers, delivery.id)
            if isinstance(built, Stale):
                break
            if isinstance(built, Missing):
                return Finished(Missing(f"missing: {built.what}"), answered, asked - answered)
            if built.unfinished is None:
                return Finished(built, answered, asked - answered)
            decided, unfinished = built, built.unfinished
            lacks = unfinished.lacks
        done = decided if decided.parts else Missing(f"missing: {lacks}")
        return Finished(done, answered, asked - answered)

    async def _ask(
        self, name: str, ask: Ask, program: Program, now: Instant
    ) -> Mapping[str, Any] | None:
        service = program.policy.services.get(ask.service)
        if service is None:
            return None
        known = self._remembered.find(service, ask.values, now)
        if known is not None:
            return read_answer(service, known, program.zone)
        if now < self._left_alone.get(ask.service, now):
            return None
        seconds = min(service.gives_up_after.micros / SECOND, _LONGEST)
        reply = await self._services.ask(Question(name, service, ask.values), seconds)
        if isinstance(reply, Answer):
            self._silent.pop(ask.service, None)
            self._remembered.keep(service, ask.values, reply.values, now)
            return read_answer(service, reply.values, program.zone)
        if reply.again:
            silent = self._silent[ask.service] = self._silent.get(ask.service, 0) + 1
            if silent >= _PATIENCE:
                self._left_alone[ask.service] = now + _PAUSE
        return None


def _finished(
    program: Program,
    unfinished: Unfinished,
    answers: Sequence[Mapping[str, Any] | None],
    delivery: str,
) -> Built | Missing | Stale:
    """By what is deployed, or by an earlier version in which people still are."""
    formers = dict.fromkeys(former.content for former in program.formers.values())
    built = program.content.finish(unfinished, answers, delivery)
    for content in formers:
        if not isinstance(built, Stale):
            break
        built = content.finish(unfinished, answers, delivery)
    return built
