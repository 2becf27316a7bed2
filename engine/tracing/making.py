"""From what was done to spans. Pure; and without a word of whom it was done for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, assert_never

from channels.outcome import Accepted, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import SECOND, Instant
from engine.core.changes import Changes
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.run import Run
from engine.core.signals import EventArrived, ReceiptArrived
from engine.store.protocol import Person
from engine.tracing.span import (
    Happening,
    Place,
    Span,
    Value,
    made,
    place_of_event,
    place_of_run,
    place_of_send,
)

__all__ = ["Seen", "of_batch", "of_call", "of_event", "of_hand_over"]


class Seen(NamedTuple):
    """One batch, as it was written: whom it was about, the deliveries there were, what changed."""

    people: Mapping[str, Person]
    deliveries: Mapping[str, Delivery]
    changes: Changes


def of_event(event: EventArrived, began: Instant, ended: Instant, caller: Place | None) -> Span:
    """An event that came in and is durable. ``caller`` is the span of whoever sent it."""
    return Span(
        f"event {event.event.name}",
        place_of_event(event.id),
        None,
        began,
        ended,
        {"wayline.event": event.event.name},
        links=() if caller is None else (caller,),
    )


def of_batch(
    seen: Seen, now: Instant, ended: Instant, wanted: Callable[[str], bool]
) -> Iterator[Span]:
    """What a batch did for the runs whose traces are ``wanted``."""
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for decision in seen.changes.decisions:
        if decision.run and wanted(decision.run):
            decisions[decision.run].append(decision)
    for run in {run.id: run for run in seen.changes.runs if wanted(run.id)}.values():
        yield _of_run(run, seen.people.get(run.person), decisions[run.id], now, ended)
    for delivery in seen.changes.deliveries:
        if delivery.id not in seen.deliveries and wanted(delivery.run):
            yield _of_send(delivery, now, ended)
    for person in seen.people.values():
        for arrival in person.pending:
            if isinstance(arrival, ReceiptArrived):
                concerned = seen.deliveries.get(arrival.delivery)
                if concerned is not None and wanted(concerned.run):
                    yield _of_receipt(arrival, concerned, ended)


def of_hand_over(delivery: Delivery, outcome: Outcome, began: Instant, ended: Instant) -> Span:
    """One call of a provider."""
    what, failed = _told(outcome)
    send = place_of_send(delivery.run, delivery.id)
    return Span(
        f"hand over {delivery.channel}",
        made(send, "hand over", str(delivery.attempts), str(began)),
        send,
        began,
        ended,
        {
            **_of_message(delivery),
            "wayline.outcome": what,
            "wayline.attempt": delivery.attempts + 1,
            "wayline.waited_seconds": _seconds(began - delivery.due),
        },
        failed=failed,
    )


def of_call(call: CallWebhook, failed: str, began: Instant, ended: Instant) -> Span:
    """One question to a web service; ``failed`` is empty if it was answered."""
    parent = place_of_run(call.run)
    return Span(
        f"call {call.service}",
        made(parent, "call", call.id, str(call.attempts), str(began)),
        parent,
        began,
        ended,
        {
            "wayline.journey": call.journey,
            "wayline.step": call.step,
            "wayline.service": call.service,
            "wayline.attempt": call.attempts + 1,
        },
        failed=failed,
    )


def _of_run(
    run: Run, person: Person | None, decisions: list[Decision], now: Instant, ended: Instant
) -> Span:
    root = place_of_run(run.id)
    before = next((each for each in person.runs if each.id == run.id), None) if person else None
    attributes: dict[str, Value] = {
        "wayline.journey": run.journey,
        "wayline.version": run.version,
        "wayline.state": run.state,
        "wayline.status": run.status,
    }
    if run.outcome:
        attributes["wayline.left_because"] = run.outcome
    happenings = [_happening(decision) for decision in decisions]
    if before is None:
        cause = _cause(run, person)
        return Span(
            f"enter {run.journey}",
            root,
            None,
            now,
            ended,
            attributes,
            happenings,
            () if cause is None else (place_of_event(cause.id),),
        )
    if before.due is not None and before.due <= now:
        attributes["wayline.late_seconds"] = _seconds(now - before.due)
    place = made(root, "advance", before.state, run.state, str(now))
    return Span(f"advance {run.journey}", place, root, now, ended, attributes, happenings)


def _cause(run: Run, person: Person | None) -> EventArrived | None:
    """The event in this batch that started the run."""
    if person is None or run.trigger is None:
        return None
    for arrival in person.pending:
        if isinstance(arrival, EventArrived) and arrival.event.number == run.trigger.number:
            return arrival
    return None


def _of_send(delivery: Delivery, now: Instant, ended: Instant) -> Span:
    place = place_of_send(delivery.run, delivery.id)
    name = f"send {delivery.message}"
    return Span(name, place, place_of_run(delivery.run), now, ended, _of_message(delivery))


def _of_receipt(receipt: ReceiptArrived, delivery: Delivery, ended: Instant) -> Span:
    send = place_of_send(delivery.run, delivery.id)
    attributes = _of_message(delivery)
    if receipt.failure:
        attributes["wayline.failure"] = receipt.failure
    return Span(
        f"receipt {receipt.what}",
        made(send, "receipt", receipt.id),
        send,
        receipt.received,
        ended,
        attributes,
        failed=receipt.failure,
    )


def _of_message(delivery: Delivery) -> dict[str, Value]:
    return {
        "wayline.journey": delivery.journey,
        "wayline.step": delivery.step,
        "wayline.message": delivery.message,
        "wayline.channel": delivery.channel,
        "wayline.category": delivery.category,
        "wayline.delivery": delivery.id,
    }


def _happening(decision: Decision) -> Happening:
    """Its detail stays out: that is written for people, and may be about one."""
    said = {"reason": decision.reason, "step": decision.step, "channel": decision.channel}
    told = {f"wayline.{name}": value for name, value in said.items() if value}
    return Happening(decision.at, decision.what, told)


def _told(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Accepted():
            return "accepted", ""
        case Rejected():
            return "refused", outcome.failure.value
        case RateLimited():
            return "rate limited", "rate limited"
        case Unknown():
            return "unknown", "unknown"
        case _ as unreachable:
            assert_never(unreachable)


def _seconds(span: Instant) -> float:
    return max(0, span) / SECOND
