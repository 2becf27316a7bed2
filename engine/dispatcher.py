"""The dispatcher: claims deliveries, looks once more, hands them to adapters, writes what came
back. What a provider says enters by the same door as every other event: as a receipt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, assert_never

from channels.adapter import Adapter
from channels.content import Missing, Unfinished
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.services import ScriptedServices, Services
from dsl.calendar import MINUTE, SECOND, Instant
from engine.backoff import backoff
from engine.core.effects import Delivery, DeliveryStatus
from engine.core.handover import Drop, Go, Later, judge
from engine.core.ids import receipt_id
from engine.core.program import Program
from engine.core.run import Run
from engine.core.signals import ReceiptArrived
from engine.core.standing import Standing
from engine.finishing import Finisher
from engine.leases import LEASE
from engine.offload import Offload, directly
from engine.store.protocol import PersonView, Settlement, Store
from engine.tracing import NoTracer, Tracer

__all__ = ["Dispatched", "Dispatcher"]

_ASIDE_AGAIN = 5 * MINUTE  # somebody who is set aside: whether they have been released
_EVER: Instant = 2**62  # after the end of every lease
_MOST_ATTEMPTS = 6
_FIRST_BACKOFF = 10 * SECOND
_LONGEST_BACKOFF = 60 * MINUTE


class Dispatched(NamedTuple):
    """What one round did."""

    accepted: int
    refused: int
    stopped: int
    put_back: int  # later: quiet hours, rate limits, retries
    unknown: int
    more: bool
    finished: int = 0  # unfinished messages that can be handed over now
    answered: int = 0  # what web services were asked for them
    failed: int = 0


class _Verdict(NamedTuple):
    """What becomes of one claimed delivery."""

    settlement: Settlement
    receipt: ReceiptArrived | None
    answered: int = 0
    failed: int = 0


class Dispatcher:
    """Hands deliveries over. Any number may run: a claim belongs to one of them."""

    def __init__(
        self,
        store: Store,
        program: Program,
        adapters: Mapping[str, Adapter],
        *,
        services: Services | None = None,
        headers: Callable[[Delivery], Mapping[str, str]] = lambda _: {},
        offload: Offload = directly,
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._program = program
        self._adapters = adapters
        self._finisher = Finisher(ScriptedServices() if services is None else services)
        self._headers = headers
        self._offload = offload
        self._tracer = tracer or NoTracer()
        concurrency = {id(a): a.capabilities.concurrency for a in adapters.values()}
        self._most = max(1, sum(concurrency.values()))
        self._gates = {
            channel: asyncio.Semaphore(adapter.capabilities.concurrency)
            for channel, adapter in adapters.items()
        }

    def deploy(self, program: Program) -> None:
        """Takes another program from the next round on."""
        self._program = program

    async def run_once(self, now: Instant, leased: Instant | None = None) -> Dispatched:
        """One round: what was lost, then what is due by ``now``, at most as many calls as the
        adapters take at a time. Leases have ended by ``leased``, which is earlier than now for a
        while when a clock was set forward.
        """
        lost = await self._offload(self._store.lost, now if leased is None else leased)
        verdicts = [self._recover(delivery, now) for delivery in lost]
        claimed = await self._offload(self._store.claim, now, self._most, now + LEASE)
        if claimed:
            people = {delivery.person: None for delivery in claimed}
            events = self._program.history_needed({d.journey for d in claimed}, ())
            views = await self._offload(self._store.people, list(people), events)
            ruled, calls = self._rule(claimed, views, now)
            await self._write(verdicts + ruled)
            verdicts += ruled
            verdicts += await self._hand_over(calls, now)
        else:
            await self._write(verdicts)
        return _count(verdicts, more=len(claimed) >= self._most)

    async def recover(self, now: Instant) -> Dispatched:
        """Settles every call that is still out, whatever its lease: for a process that begins
        alone with its store, when nobody waits for those answers any more.
        """
        lost = await self._offload(self._store.lost, _EVER)
        verdicts = [self._recover(delivery, now) for delivery in lost]
        await self._write(verdicts)
        return _count(verdicts, more=False)

    async def _write(self, verdicts: Sequence[_Verdict]) -> None:
        if verdicts:
            receipts = [v.receipt for v in verdicts if v.receipt is not None]
            await self._offload(self._store.settle, [v.settlement for v in verdicts], receipts)

    def _rule(
        self, claimed: Sequence[Delivery], views: Mapping[str, PersonView], now: Instant
    ) -> tuple[list[_Verdict], list[Delivery]]:
        """What the last look says: verdicts on those that stay here, and those to hand over."""
        verdicts: list[_Verdict] = []
        calls: list[Delivery] = []
        for delivery in claimed:
            ruling = self._judge(delivery, views.get(delivery.person), now)
            match ruling:
                case Go():
                    calls.append(delivery)
                case Later(until):
                    verdicts.append(_put_back(delivery, until, delivery.attempts))
                case Drop(reason, detail):
                    text = f"{reason}: {detail}" if detail else reason
                    verdicts.append(_final(delivery, "stopped", text, now))
                case _ as unreachable:
                    assert_never(unreachable)
        return verdicts, calls

    async def _hand_over(self, calls: Sequence[Delivery], now: Instant) -> list[_Verdict]:
        """Calls the adapters, and the services that unfinished messages wait for; what is finished
        is handed over in the next round, after another last look. What has come back is written while the others are still out, so
        that a slow answer leaves no quick one open to being lost.
        """
        verdicts: list[_Verdict] = []
        out = [asyncio.ensure_future(self._send(each, now)) for each in calls]
        while out:
            done, _ = await asyncio.wait(out, return_when=asyncio.FIRST_COMPLETED)
            back = [call.result() for call in out if call in done]  # in the order of the claim
            out = [call for call in out if call not in done]
            await self._write(back)
            verdicts += back
        return verdicts

    def _judge(
        self, delivery: Delivery, view: PersonView | None, now: Instant
    ) -> Go | Later | Drop:
        if view is None:
            return Drop("ended", "the person is not known any more")
        if not view.readable:
            return Later(now + _ASIDE_AGAIN)  # whether they agree is not known
        if delivery.channel not in self._adapters:
            return Drop("unreachable", f"no adapter for {delivery.channel}")
        runs: dict[str, Run] = {run.id: run for run in view.runs}
        live = {name: run for name, run in runs.items() if run.status == "live"}
        standing = Standing(self._program, view.profile, live, view.history)
        ruling = judge(delivery, runs.get(delivery.run), standing, now)
        if view.aside is not None and isinstance(ruling, Go):
            return Later(now + _ASIDE_AGAIN)  # what they may have withdrawn since is not known yet
        return ruling

    async def _send(self, delivery: Delivery, now: Instant) -> _Verdict:
        if delivery.unfinished is not None:
            return await self._finish(delivery, delivery.unfinished, now)
        return self._settle(delivery, await self._call(delivery, now), now)

    async def _finish(self, delivery: Delivery, unfinished: Unfinished, now: Instant) -> _Verdict:
        """Asks what the message waits for. It is written down before anything is handed over, so
        that whatever is still unfinished has certainly not left.
        """
        done = await self._finisher.finish(delivery, unfinished, self._program, now)
        if isinstance(done.built, Missing):
            reason = f"content: {done.built.what}"
            verdict = _refused(delivery, FailureClass.PERMANENT_CONTENT, reason, now)
        else:
            verdict = _again(delivery, delivery.due, done.built.parts)
        return verdict._replace(answered=done.answered, failed=done.failed)

    async def _call(self, delivery: Delivery, now: Instant) -> Outcome:
        message = Message(
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
        async with self._gates[delivery.channel]:
            began = self._tracer.began()
            outcome = await self._adapters[delivery.channel].send(message)
        self._tracer.handed_over(delivery, outcome, began)
        return outcome

    def _settle(self, delivery: Delivery, outcome: Outcome, now: Instant) -> _Verdict:
        attempts = delivery.attempts + 1
        match outcome:
            case Accepted(provider_id):
                settled = _final(delivery, "accepted", "", now)
                return settled._replace(
                    settlement=settled.settlement._replace(provider_id=provider_id)
                )
            case RateLimited(_, after, _):
                due = now + max(1, round(after * SECOND))
                return _put_back(delivery, due, delivery.attempts)
            case Rejected(failure, code, reason):
                again = failure in (FailureClass.TRANSIENT, FailureClass.PERMANENT_CONFIG)
                due = now + backoff(delivery.id, attempts, _FIRST_BACKOFF, _LONGEST_BACKOFF)
                if again and attempts < _MOST_ATTEMPTS and _in_time(delivery, due):
                    return _put_back(delivery, due, attempts)
                return _refused(delivery, failure, f"{code} {reason}".strip(), now)
            case Unknown(reason):
                return self._lost(delivery._replace(attempts=attempts), reason, now)
            case _ as unreachable:
                assert_never(unreachable)

    def _recover(self, delivery: Delivery, now: Instant) -> _Verdict:
        """The process died, or was cut off, between the call and its answer. What is unfinished
        was not handed over.
        """
        if delivery.unfinished is not None:
            return _again(delivery, now, None)
        counted = delivery._replace(attempts=delivery.attempts + 1)
        return self._lost(counted, "the answer was lost", now)

    def _lost(self, delivery: Delivery, reason: str, now: Instant) -> _Verdict:
        """It may have been taken. Only an adapter that drops repetitions, or a category that says
        so, lets it be tried again, and then once. If its provider has spoken of it, it was.
        """
        if delivery.proven:
            return _final(delivery._replace(attempts=delivery.attempts - 1), "accepted", "", now)
        adapter = self._adapters.get(delivery.channel)
        category = self._program.policy.categories.get(delivery.category)
        safe = adapter is not None and adapter.capabilities.deduplicates
        wanted = category is not None and category.when_unknown == "retry once"
        if (safe or wanted) and delivery.attempts <= 1:
            return _put_back(delivery, now, delivery.attempts)
        return _final(delivery, "unknown", reason, now)


def _final(delivery: Delivery, status: DeliveryStatus, reason: str, now: Instant) -> _Verdict:
    attempts = delivery.attempts + (status in ("accepted", "refused"))
    receipt = ReceiptArrived(
        id=receipt_id(delivery.id, status, attempts),
        person=delivery.person,
        received=now,
        number=0,
        delivery=delivery.id,
        what=status,
        reason=reason,
        occurred=now,
    )
    settlement = Settlement(delivery.id, status, delivery.due, attempts, lease=delivery.lease)
    return _Verdict(settlement, receipt)


def _refused(delivery: Delivery, failure: FailureClass, reason: str, now: Instant) -> _Verdict:
    verdict = _final(delivery, "refused", reason, now)
    assert verdict.receipt is not None
    return verdict._replace(receipt=verdict.receipt._replace(failure=failure.value))


def _put_back(delivery: Delivery, due: Instant, attempts: int) -> _Verdict:
    return _Verdict(Settlement(delivery.id, "queued", due, attempts, lease=delivery.lease), None)


def _again(delivery: Delivery, due: Instant, parts: Mapping[str, str] | None) -> _Verdict:
    """Back to be claimed again, with its texts if there are any now. It counts for this claim only:
    somebody else may have finished the message, and handed it over, while we were waiting.
    """
    back = _put_back(delivery, due, delivery.attempts)
    return back._replace(settlement=back.settlement._replace(parts=parts))


def _in_time(delivery: Delivery, due: Instant) -> bool:
    return delivery.expires is None or due < delivery.expires


def _count(verdicts: Sequence[_Verdict], *, more: bool) -> Dispatched:
    statuses = [verdict.settlement.status for verdict in verdicts]
    finished = sum(verdict.settlement.parts is not None for verdict in verdicts)
    return Dispatched(
        accepted=statuses.count("accepted"),
        refused=statuses.count("refused"),
        stopped=statuses.count("stopped"),
        put_back=statuses.count("queued") - finished,
        unknown=statuses.count("unknown"),
        more=more or finished > 0,
        finished=finished,
        answered=sum(verdict.answered for verdict in verdicts),
        failed=sum(verdict.failed for verdict in verdicts),
    )
