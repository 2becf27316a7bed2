"""What becomes of a claimed delivery: what is written down of it, and the receipt that tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from channels.content import Built
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import MINUTE, SECOND, Instant
from dsl.sms import measure
from engine.core.backoff import backoff
from engine.core.bars import Bar
from engine.core.effects import Delivery, DeliveryStatus
from engine.core.ids import receipt_id
from engine.core.lanes import Lane, lane_of
from engine.core.signals import EventArrived, ReceiptArrived
from engine.core.suppression import SOFT
from engine.dispatcher.withdrawals import withdrawn
from engine.store.protocol import Settlement

__all__ = [
    "Dispatched",
    "Route",
    "Verdict",
    "count",
    "final",
    "finished",
    "lost",
    "put_back",
    "put_off",
    "refused",
    "settle",
]

_MOST_ATTEMPTS = (
    12  # with the pauses between them, about six hours: providers are down for one or two
)
_FIRST_BACKOFF = 10 * SECOND
_LONGEST_BACKOFF = 60 * MINUTE
_LONG = MINUTE  # whoever is told to wait longer tries another adapter


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
    next: Instant | None = None  # when there may be more to do of what has to wait
    sms_parts: int = 0  # of text messages that were accepted; each is paid for


class Verdict(NamedTuple):
    """What becomes of one claimed delivery."""

    settlement: Settlement
    receipt: ReceiptArrived | None
    answered: int = 0
    failed: int = 0
    withdrawn: EventArrived | None = None  # what the person has told the provider
    sms_parts: int = 0  # of a text message that was accepted


class Route(NamedTuple):
    """The adapter that was asked: its place among ``of`` adapters of the channel; and whether what
    it may have taken can be handed to it once more.
    """

    place: int
    of: int
    again: bool
    name: str = ""  # of the adapter


def settle(delivery: Delivery, outcome: Outcome, route: Route, now: Instant) -> Verdict:
    """What an answer means. Whatever was certainly not taken may go by another adapter at once;
    what may have been taken never does.
    """
    attempts = delivery.attempts + 1
    match outcome:
        case Accepted(provider_id):
            return final(delivery, "accepted", "", now, provider_id, _parts(delivery))
        case RateLimited(_, after, _):
            due = now + max(1, round(after * SECOND))
            if due - now > _LONG and route.place + 1 < route.of:
                return _by(delivery, route.place + 1, now, delivery.attempts)
            return put_back(delivery, due, delivery.attempts, _home(delivery))
        case Rejected(failure):
            again = failure in (FailureClass.TRANSIENT, FailureClass.PERMANENT_CONFIG)
            if again and attempts < _MOST_ATTEMPTS * route.of:
                if route.place + 1 < route.of:
                    return _by(delivery, route.place + 1, now, attempts)
                rounds = -(-attempts // route.of)
                due = now + backoff(delivery.id, rounds, _FIRST_BACKOFF, _LONGEST_BACKOFF)
                if _in_time(delivery, due):
                    return put_back(delivery, due, attempts, _home(delivery))
            return _refused_by(delivery, outcome, route, now)
        case Unknown(reason):
            return lost(delivery._replace(attempts=attempts), reason, route, now)
        case _ as unreachable:
            assert_never(unreachable)


def _parts(delivery: Delivery) -> int:
    """How many messages a text message is for the network."""
    return measure(delivery.parts.get("text", "")).parts if delivery.channel == "sms" else 0


def lost(delivery: Delivery, reason: str, route: Route, now: Instant) -> Verdict:
    """It may have been taken. Only an adapter that drops repetitions, or a category that says so,
    lets it be tried again, and then once, by the same adapter. If its provider has spoken of it, it
    was.
    """
    if delivery.proven:
        return final(delivery._replace(attempts=delivery.attempts - 1), "accepted", "", now)
    if route.again and delivery.attempts <= 1:
        if route.of == 1:
            return put_back(delivery, now, delivery.attempts)
        return _by(delivery, route.place, now, delivery.attempts)
    return final(delivery, "unknown", reason, now)


def final(
    delivery: Delivery,
    status: DeliveryStatus,
    reason: str,
    now: Instant,
    provider_id: str = "",
    sms_parts: int = 0,
) -> Verdict:
    """This is what became of it for good."""
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
    settlement = Settlement(
        delivery.id, status, delivery.due, attempts, provider_id, lease=delivery.lease
    )
    return Verdict(settlement, receipt, sms_parts=sms_parts)


def barred(delivery: Delivery, bar: Bar, now: Instant) -> Verdict:
    """Nothing goes to its address, because of what became of messages to somebody else."""
    why = f"unreachable: the address is suppressed ({bar.cause})"
    verdict = final(delivery, "stopped", why, now)
    assert verdict.receipt is not None
    failure = FailureClass.PERMANENT_RECIPIENT.value
    return verdict._replace(receipt=verdict.receipt._replace(failure=failure, rule=bar.rule))


def refused(delivery: Delivery, failure: FailureClass, reason: str, now: Instant) -> Verdict:
    """Nobody takes it."""
    verdict = final(delivery, "refused", reason, now)
    assert verdict.receipt is not None
    return verdict._replace(receipt=verdict.receipt._replace(failure=failure.value))


def _refused_by(delivery: Delivery, outcome: Rejected, route: Route, now: Instant) -> Verdict:
    """The provider does not take it, by which line of its table; and maybe because the person has
    told it to be left alone.
    """
    reason = f"{outcome.code} {outcome.reason}".strip()
    verdict = refused(delivery, outcome.failure, reason, now)
    assert verdict.receipt is not None
    rule = ", by ".join(filter(None, (outcome.rule or outcome.code, route.name)))
    receipt = verdict.receipt._replace(rule=rule)
    if outcome.failure is FailureClass.TRANSIENT and outcome.alone:
        receipt = receipt._replace(failure=SOFT)  # as if it had come back later
    told = outcome.withdrawal
    return verdict._replace(
        receipt=receipt, withdrawn=None if told is None else withdrawn(told, delivery, receipt)
    )


def put_back(delivery: Delivery, due: Instant, attempts: int, lane: str = "") -> Verdict:
    """Back to be claimed again at ``due``, in the lane it was in or in another."""
    lane = "" if lane == delivery.lane else lane
    return Verdict(
        Settlement(delivery.id, "queued", due, attempts, lease=delivery.lease, lane=lane), None
    )


def put_off(delivery: Delivery, until: Instant, reason: str, now: Instant) -> Verdict:
    """Back until it is allowed, which the person's story tells, once however often it is looked at:
    until another moment is another word.
    """
    receipt = ReceiptArrived(
        id=receipt_id(delivery.id, f"waits/{until}", delivery.attempts),
        person=delivery.person,
        received=now,
        number=0,
        delivery=delivery.id,
        what="waits",
        reason=reason,
        occurred=now,
    )
    return put_back(delivery, until, delivery.attempts)._replace(receipt=receipt)


def finished(delivery: Delivery, due: Instant, built: Built | None) -> Verdict:
    """Back to be claimed again, with its texts if there are any now. It counts for this claim only:
    somebody else may have finished the message, and handed it over, while we were waiting.
    """
    if built is None:
        return put_back(delivery, due, delivery.attempts)
    lane = lane_of(delivery.channel, delivery.category)
    back = put_back(delivery, due, delivery.attempts, lane)
    return back._replace(settlement=back.settlement._replace(parts=built.parts, links=built.links))


def count(verdicts: Sequence[Verdict], *, more: bool) -> Dispatched:
    """The sums."""
    statuses = [verdict.settlement.status for verdict in verdicts]
    done = sum(verdict.settlement.parts is not None for verdict in verdicts)
    return Dispatched(
        accepted=statuses.count("accepted"),
        refused=statuses.count("refused"),
        stopped=statuses.count("stopped"),
        put_back=statuses.count("queued") - done,
        unknown=statuses.count("unknown"),
        more=more or done > 0,
        finished=done,
        answered=sum(verdict.answered for verdict in verdicts),
        failed=sum(verdict.failed for verdict in verdicts),
        sms_parts=sum(verdict.sms_parts for verdict in verdicts),
    )


def _by(delivery: Delivery, place: int, due: Instant, attempts: int) -> Verdict:
    """Back to be claimed for one certain adapter of the channel."""
    lane = Lane(delivery.channel, delivery.category, place)
    return put_back(delivery, due, attempts, str(lane))


def _home(delivery: Delivery) -> str:
    """The lane of a delivery that any adapter of its channel may carry."""
    return lane_of(delivery.channel, delivery.category, delivery.unfinished)


def _in_time(delivery: Delivery, due: Instant) -> bool:
    return delivery.expires is None or due < delivery.expires
