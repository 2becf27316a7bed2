"""What providers say comes back as signals: slots are settled or freed, history is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsl.calendar import MINUTE, Instant
from dsl.expr.context import Happened
from dsl.machine import Send
from engine.core.arbitrate import Question
from engine.core.best_time import SEEN
from engine.core.decision import Decision, What
from engine.core.effects import Delivery
from engine.core.ejecting import TAKEN_OUT
from engine.core.ids import receipt_id
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.send import ask
from engine.core.signals import EventArrived, ReceiptArrived
from engine.core.standing import Standing
from engine.core.suppression import Suppressed

__all__ = [
    "LATER_FAILURES",
    "PROOFS_OF_READING",
    "fail_over",
    "goes_back",
    "history_of",
    "is_proof",
    "settle",
    "story_of",
    "suppression_story",
    "taken",
]

_FAIL_OVER_WITHIN = 10 * MINUTE
_GUARDS = frozenset({"goal", "exclude if", "exit if", "ended", TAKEN_OUT})
_OF_A_CHANNEL = frozenset({"capped", "consent", "quiet", "unreachable", "window"})
_EVENTS = {
    "accepted": ("message_sent",),
    "refused": ("message_failed",),
    "delivered": ("message_delivered",),
    "opened": ("message_opened",),
    "clicked": ("message_clicked",),
    "replied": ("message_replied",),
    "failed": ("message_failed",),
    "bounced": ("message_failed", "message_bounced"),
    "complained": ("message_complained",),
    "unsubscribed": ("message_unsubscribed",),
}
_PROOFS = frozenset(
    {"delivered", "opened", "clicked", "replied", "failed", "bounced", "complained"}
)
LATER_FAILURES = ("failed", "bounced")
PROOFS_OF_READING = ("message_opened", "message_clicked", "message_replied")
_STORIES: dict[str, What] = {
    "accepted": "handed over",
    "refused": "refused",
    "unknown": "unknown",
    "stopped": "stopped",
    "waits": "waits",
}


def is_proof(receipt: ReceiptArrived) -> bool:
    """Whether the provider speaks of a message that it must have taken, or it could not do so."""
    return receipt.what in _PROOFS


def taken(delivery: Delivery, receipt: ReceiptArrived) -> ReceiptArrived:
    """The answer of a provider that was lost, as a later word of it proves it."""
    return receipt._replace(
        id=receipt_id(delivery.id, "accepted", delivery.attempts), what="accepted", reason=""
    )


def settle(profile: Profile, receipt: ReceiptArrived) -> Profile:
    """The profile with the slot settled (accepted; unknown counts as sent, to be safe) or freed
    (refused or stopped for good).
    """
    match receipt.what:
        case "accepted" | "unknown":
            contacts = tuple(
                contact._replace(sent=receipt.occurred)
                if contact.delivery == receipt.delivery and contact.sent is None
                else contact
                for contact in profile.contacts
            )
        case "refused" | "stopped":
            contacts = tuple(c for c in profile.contacts if c.delivery != receipt.delivery)
        case _:
            return profile
    return profile.contacted(contacts)


def history_of(
    receipt: ReceiptArrived, delivery: Delivery, number: Callable[[], int]
) -> list[EventArrived]:
    """The events that a receipt is in the person's history, with numbers of their own. What bounces
    has failed, too.
    """
    return [_event(name, receipt, delivery, number()) for name in _EVENTS.get(receipt.what, ())]


def _event(name: str, receipt: ReceiptArrived, delivery: Delivery, number: int) -> EventArrived:
    properties: dict[str, Any] = {
        "channel": delivery.channel,
        "category": delivery.category,
        "journey": delivery.journey,
        "step": delivery.step,
        "message": delivery.message,
    }
    if name in ("message_failed", "message_bounced"):
        properties["reason"] = receipt.reason
    if name == "message_bounced":
        properties["hard"] = receipt.failure == "permanent_recipient"
    if name in SEEN:
        properties["by"] = receipt.by or "unverified"
    if name == "message_clicked" and receipt.reason:
        properties["link"] = receipt.reason
    if name == "message_replied":
        properties["text"] = receipt.reason
    happened = Happened(name, receipt.occurred, receipt.received, number, properties)
    return EventArrived(receipt_id(receipt.id, name, 0), receipt.person, happened)


def story_of(receipt: ReceiptArrived, delivery: Delivery, now: Instant) -> Decision | None:
    """The line of the person's story that a receipt adds."""
    what = _STORIES.get(receipt.what)
    if what is None:
        return None
    reason, detail = receipt.reason or delivery.message, ""
    if what == "waits":  # as it is told of what waits before it is decided
        reason, _, detail = reason.partition(": ")
    return Decision(
        receipt.person,
        now,
        what,
        reason,
        delivery.journey,
        delivery.run,
        delivery.step,
        delivery.channel,
        detail,
    )


def suppression_story(
    receipt: ReceiptArrived, delivery: Delivery, suppressed: Suppressed, now: Instant
) -> Decision:
    """The line that says why nothing more goes to an address."""
    return Decision(
        receipt.person,
        now,
        "suppressed",
        suppressed.cause,
        delivery.journey,
        delivery.run,
        delivery.step,
        delivery.channel,
        "; ".join(filter(None, (receipt.reason, suppressed.rule))),
    )


def goes_back(receipt: ReceiptArrived) -> bool:
    """Whether the send step is asked once more: what was certainly not taken may go by the next
    channel. What stands in the way of the person, and not of the channel, does so there too.
    """
    if receipt.what == "stopped":
        return receipt.reason.partition(":")[0] in _OF_A_CHANNEL
    return receipt.what in ("refused", *LATER_FAILURES)


def fail_over(passage: Passage, delivery: Delivery, receipt: ReceiptArrived) -> Run:
    """The next channel of ``to first of`` after a refusal soon after the hand-over.

    Goes through the whole pipeline with a slot of its own, beside the journey, which does not go
    back. Nothing if the run has left by a guard, or if there is no further channel.
    """
    machine, run, now = passage.machine, passage.run, passage.now
    index = machine.index.get(_name_now(run, delivery.step))
    step = None if index is None else machine.code[index]
    if not isinstance(step, Send) or step.every or step.escalation or run.outcome in _GUARDS:
        return run
    late = now - _handed_over(passage.standing, delivery) > _FAIL_OVER_WITHIN
    if receipt.what in LATER_FAILURES and (late or _was_read(passage.standing, delivery)):
        return run
    record = run.steps.get(step.id)
    if record is not None and record.channel != delivery.channel:
        return run  # it has gone on already: providers say so more than once
    names = [choice.channel for choice in step.choices]
    if delivery.channel not in names:
        return run
    rest = step.choices[names.index(delivery.channel) + 1 :]
    if not rest:
        return run
    question = Question(
        machine=machine,
        step=step,
        standing=passage.standing,
        context=passage.context,
        run=run.id,
        rounds=passage.rounds(index or 0),
        reached=delivery.decided,
        values=passage.values(step.values),
    )
    while rest:  # beside the journey nothing rests, so a channel that would wait is passed over
        wait = ask(passage, question, rest)
        if wait is None:
            break
        passage.decide("passed over", wait.reason, step.id, wait.channel, wait.detail)
        names = [choice.channel for choice in rest]
        rest = rest[names.index(wait.channel) + 1 :]
    return passage.result()


def _was_read(standing: Standing, delivery: Delivery) -> bool:
    """Whether the person has done something with the message: whatever fails after that, or is told
    after it, they have got it.
    """
    place = {name: getattr(delivery, name) for name in ("journey", "step", "channel", "message")}
    return any(
        happened.occurred >= delivery.decided
        and happened.properties.get("by") != "machine"
        and place.items() <= happened.properties.items()
        for name in PROOFS_OF_READING
        for happened in standing.history.get(name, ())
    )


def _name_now(run: Run, step: str) -> str:
    """The id that a step has now, which may have been renamed since."""
    return next((name for name, each in run.steps.items() if step in each.formerly), step)


def _handed_over(standing: Standing, delivery: Delivery) -> Instant:
    for contact in standing.profile.contacts:
        if contact.delivery == delivery.id and contact.sent is not None:
            return contact.sent
    return delivery.decided
