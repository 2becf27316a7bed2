"""``/v1/receipts/CHANNEL``: what the provider of a channel tells later of messages it took, and what
people wrote back.

The answer is given when it is durable. What is not genuine is refused and counted; what is about
messages we do not know, or cannot be read, is answered like everything else, or it would be sent
again for days.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from channels.receipts import Answered, Incoming, NotGenuine, Prepares, Receiver, Report
from dsl.calendar import Instant
from engine.api.body import read_bytes
from engine.api.problem import Problem
from engine.api.replies import Replies
from engine.clock import Clock
from engine.core.effects import Delivery
from engine.core.ids import receipt_id
from engine.core.signals import Arrival, ReceiptArrived
from engine.dispatcher.approvals import Approvals
from engine.dispatcher.reputation import Reputations
from engine.dispatcher.withdrawals import withdrawn
from engine.ingest.inbox import Inbox
from engine.metrics import Metrics
from engine.store.protocol import Store

__all__ = ["Reports", "arrivals_of", "receipt_of"]

_LARGEST = 1024 * 1024
_AGAIN = {"retry-after": "60"}


class Reports:
    """The endpoint. ``receivers`` are by channel."""

    def __init__(
        self,
        store: Store,
        inbox: Inbox,
        receivers: Mapping[str, Sequence[Receiver]],
        replies: Replies,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._replies = replies
        self._receivers = receivers
        self._reputations = Reputations(store.gates)
        self._approvals = Approvals(store.gates)
        self._metrics = metrics
        self._clock = clock

    async def take(self, request: Request) -> Response:
        """One request of a provider."""
        channel = request.path_params["channel"]
        receivers = self._receivers.get(channel)
        if not receivers:
            raise Problem(404, "There is nothing at this address.")
        incoming = Incoming(
            request.method,
            request.url.query,
            {name.lower(): value for name, value in request.headers.items()},
            await read_bytes(request, _LARGEST),
        )
        now = self._clock.now()
        for each in receivers:
            if isinstance(each, Prepares):
                await each.prepare(incoming, now)
        found = _read(receivers, incoming, now)
        if isinstance(found, NotGenuine):
            self._metrics.receipts.labels(channel, "not genuine").inc()
            if found.again:
                detail = f"This cannot be looked at now: {found.reason}. Send it again."
                raise Problem(503, detail, headers=_AGAIN)
            raise Problem(403, f"This was not taken: {found.reason}.")
        if found.reports:
            await self._add(channel, found.reports, now)
        if found.replies:
            await self._replies.take(found.replies, now)
        if found.approvals:
            await asyncio.to_thread(self._approvals.keep, found.approvals, now)
            self._metrics.receipts.labels(channel, "approval").inc(len(found.approvals))
        return Response(found.body, media_type=found.media)

    async def _add(self, channel: str, reports: Sequence[Report], now: Instant) -> None:
        names = list(dict.fromkeys(report.delivery for report in reports))
        deliveries = await asyncio.to_thread(self._store.deliveries, names)
        known = [
            each for each in reports if _is_about(each, deliveries.get(each.delivery), channel)
        ]
        arrivals = [a for each in known for a in arrivals_of(each, deliveries[each.delivery], now)]
        if arrivals:
            appended = await self._inbox.add(arrivals)
            new = {a.id for place, a in enumerate(arrivals) if place not in appended.repeats}
            await self._count([each for each in known if _name(each) in new], now)
        for report in known:
            self._metrics.receipts.labels(channel, report.what).inc()
        if len(known) < len(reports):
            self._metrics.receipts.labels(channel, "about nothing of ours").inc(
                len(reports) - len(known)
            )

    async def _count(self, reports: Sequence[Report], now: Instant) -> None:
        """What receivers judge a domain by. What bounced was counted when it was handed over."""
        bounced = Counter(each.domain for each in reports if each.what == "bounced")
        complained = Counter(each.domain for each in reports if each.what == "complained")
        if any(bounced) or any(complained):
            fewer = {domain: -n for domain, n in bounced.items()}
            await asyncio.to_thread(self._reputations.count, fewer, complained, now)


def _read(receivers: Sequence[Receiver], incoming: Incoming, now: Instant) -> Answered | NotGenuine:
    """As the first that believes it reads it: where a channel has several providers, all of them
    come to the same address. If none does, what the first says of it that may yet believe it, or
    the first of all.
    """
    heard = [each.read(incoming, now) for each in receivers]
    believed = (found for found in heard if isinstance(found, Answered))
    later = (found for found in heard if isinstance(found, NotGenuine) and found.again)
    return next(believed, None) or next(later, heard[0])


def arrivals_of(report: Report, delivery: Delivery, now: Instant) -> Iterator[Arrival]:
    """Everything that a report is in the person's history: also what they have said no to."""
    receipt = receipt_of(report, delivery, now)
    yield receipt
    if report.withdrawal is not None:
        yield withdrawn(report.withdrawal, delivery, receipt)


def receipt_of(report: Report, delivery: Delivery, now: Instant) -> ReceiptArrived:
    """What is told, as a signal. Told again, it has the same id."""
    return ReceiptArrived(
        id=_name(report),
        person=delivery.person,
        received=now,
        number=0,
        delivery=delivery.id,
        what=report.what,
        reason=report.reason,
        occurred=_occurred(report, delivery, now),
        failure="" if report.failure is None else report.failure.value,
        by=report.by if report.what in ("opened", "clicked") else "",
        rule=report.rule,
    )


def _occurred(report: Report, delivery: Delivery, now: Instant) -> Instant:
    """When it was, as far as it can have been then: nobody said no to a message before there was
    one, and a clock that says so would put the no before the consent that it takes back.
    """
    if not 0 < report.occurred <= now:
        return now
    return max(report.occurred, min(delivery.decided, now))


def _name(report: Report) -> str:
    return receipt_id(report.delivery, f"{report.what}/{report.key}", 0)


def _is_about(report: Report, delivery: Delivery | None, channel: str) -> bool:
    """Whether it is a message of that channel: nobody speaks of what others have carried; nor of
    another recipient than ours.
    """
    if delivery is None or delivery.channel != channel:
        return False
    return not report.address or report.address.lower() == delivery.address.lower()
