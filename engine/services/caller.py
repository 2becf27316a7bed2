"""The caller: claims questions to web services, asks, and writes down what was answered. An answer
enters by the same door as every other event.

A question whose answer was lost, because the process died or the connection did, is asked again
under the same name: that is what the services get an ``Idempotency-Key`` for.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from channels.services import Answer, NoAnswer, Question, Services
from dsl.calendar import MINUTE, SECOND, Instant
from engine.core.backoff import backoff
from engine.core.effects import CallWebhook
from engine.core.gates import Gate, shut
from engine.core.ids import answer_id
from engine.core.program import Program
from engine.core.signals import CallAnswered
from engine.leases import CALL_LEASE
from engine.services.answers import read_answer
from engine.store.offload import Offload, directly
from engine.store.protocol import CallSettlement, Store
from engine.tracing import NoTracer, Tracer

__all__ = ["Called", "Caller"]

_PAUSE = 5 * MINUTE  # how often the questions of a paused journey are looked at
_FIRST_BACKOFF = SECOND // 2
_LONGEST_BACKOFF = 10 * MINUTE


class Called(NamedTuple):
    """What one round did. ``more`` says that it took as many as it could."""

    answered: int
    failed: int
    put_back: int  # later: to be asked again, or paused
    more: bool


class Caller:
    """Asks web services, each of them at most ``most`` questions at a time, so that none that is slow
    is in the way of another. Any number may run: a claim belongs to one of them. ``clock`` tells
    when an answer came.
    """

    def __init__(
        self,
        store: Store,
        program: Program,
        services: Services,
        clock: Callable[[], Instant],
        *,
        offload: Offload = directly,
        most: int = 64,
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._program = program
        self._services = services
        self._clock = clock
        self._offload = offload
        self._tracer = tracer or NoTracer()
        self._most = most
        self._asking: Counter[str] = Counter()  # how many are out, by web service
        self._out: set[str] = set()  # whose answers are awaited here

    def deploy(self, program: Program) -> None:
        """Takes another program from the next round on."""
        self._program = program

    async def run_once(self, now: Instant) -> Called:
        """One round: what is due by ``now``. Each answer is written while others are still out."""
        claimed: list[CallWebhook] = []
        more = False
        services = await self._offload(self._willing, now)
        for service in services:
            wanted = self._most - self._asking[service]
            if wanted <= 0:
                continue
            self._asking[service] += wanted
            found: list[CallWebhook] = []
            try:
                found = await self._offload(
                    self._store.claim_calls, now, wanted, now + CALL_LEASE, service
                )
                more = more or len(found) == wanted
                # A clock that was set forward ends leases of what we are still asking.
                found = [call for call in found if call.id not in self._out]
                self._out.update([call.id for call in found])
            finally:
                self._asking[service] -= wanted - len(found)
            claimed += found
        lanes = {call.id: call.service for call in claimed}
        settled: list[CallSettlement] = []
        out = {asyncio.ensure_future(self._ask(each, now)): each for each in claimed}
        while out:
            done, _ = await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            back = [call.result() for call in out if call in done]  # in the order of the claim
            answered = [out.pop(call).id for call in done]
            self._asking.subtract(lanes[name] for name in answered)
            await self._offload(self._store.settle_calls, back)
            self._out.difference_update(answered)
            settled += back
        return _count(settled, more=more)

    def _willing(self, now: Instant) -> list[str]:
        """Web services of which a question is due, but for those that want to be left alone."""
        services = self._store.services(now)
        if not services:
            return []
        gates = self._store.gates.read([_gate(service) for service in services])
        return [service for service in services if gates[_gate(service)].shut <= now]

    async def _leave_alone(self, service: str, until: Instant) -> None:
        """Nobody asks it before then."""

        def change(gates: Mapping[str, Gate]) -> Mapping[str, Gate]:
            return {name: shut(gate, until) for name, gate in gates.items()}

        await self._offload(self._store.gates.turn, [_gate(service)], change)

    async def recover(self, now: Instant) -> None:
        """Lets every question be asked again whose answer is still out: for a process that begins
        alone with its store.
        """
        await self._offload(self._store.reopen_calls, now)

    async def _ask(self, call: CallWebhook, now: Instant) -> CallSettlement:
        policy = self._program.policy
        machine = self._program.project.machines.get(call.journey)
        if machine is None or machine.status == "ended":
            return _failed(call, "the journey has ended", now)
        if machine.status == "paused":
            return CallSettlement(call.id, call.attempts, now + _PAUSE)
        service = policy.services.get(call.service)
        if service is None:
            return _failed(call, "the policy no longer has it", now)
        seconds = min(service.gives_up_after.micros, call.until - now) / SECOND
        if seconds <= 0:
            return _failed(call, "it gave no answer in time", now)
        began = self._tracer.began()
        reply = await self._services.ask(Question(call.id, service, call.values), seconds)
        failed = reply.reason if isinstance(reply, NoAnswer) else ""
        self._tracer.called(call, failed, began)
        then = max(now, self._clock())
        match reply:
            case Answer(said):
                values = read_answer(service, said, self._program.zone)
                return _settled(
                    call, CallAnswered(answer_id(call.id), call.person, then, 0, call.id, values)
                )
            case NoAnswer(reason, again, after):
                due = then + backoff(call.id, call.attempts + 1, _FIRST_BACKOFF, _LONGEST_BACKOFF)
                if after is not None:
                    until = then + round(after * SECOND)
                    await self._leave_alone(call.service, until)
                    due = max(due, until)
                if again and due < call.until:
                    return CallSettlement(call.id, call.attempts + 1, due)
                return _failed(call, reason, then)


def _gate(service: str) -> str:
    return f"service/{service}"


def _failed(call: CallWebhook, reason: str, now: Instant) -> CallSettlement:
    return _settled(
        call, CallAnswered(answer_id(call.id), call.person, now, 0, call.id, None, reason)
    )


def _settled(call: CallWebhook, answer: CallAnswered) -> CallSettlement:
    return CallSettlement(call.id, call.attempts + 1, answer.received, answer)


def _count(settled: Sequence[CallSettlement], *, more: bool) -> Called:
    answers = [each.answer for each in settled if each.answer is not None]
    answered = sum(answer.values is not None for answer in answers)
    return Called(answered, len(answers) - answered, len(settled) - len(answers), more)
