"""The send pipeline: whether, when and on which channel a message may go out (section 4.5).

Asks and answers; reserves nothing. Each gate of a channel is tried in the order of the
specification, so that the reason recorded is always the first one that applies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, assert_never

from channels.content import Built, Missing, Occasion
from dsl.calendar import Duration, Instant, add
from dsl.expr.context import Context
from dsl.machine import (
    Blocked,
    Cap,
    Choice,
    Machine,
    NextChannel,
    Send,
    Skip,
    WaitUpTo,
)
from engine.core.caps import first_full
from engine.core.ids import delivery_id
from engine.core.lanes import lane_of
from engine.core.lawful import FREE, Bounds
from engine.core.preferences import withheld_by
from engine.core.split import globally_held_out
from engine.core.standing import Standing
from engine.core.terms import Terms

__all__ = [
    "NOBODY",
    "Allowed",
    "Dropped",
    "NotYet",
    "PassedOver",
    "Question",
    "Verdict",
    "arbitrate",
    "expiry",
]

Reason: TypeAlias = Literal[
    "expired",
    "rule",
    "unreachable",
    "consent",
    "content",
    "window",
    "quiet",
    "capped",
    "holdout",
]


_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between
NOBODY = "no address in use, or not reachable"


class PassedOver(NamedTuple):
    """One channel that was not used, and why. ``detail`` is for people."""

    channel: str
    reason: Reason
    detail: str


class Allowed(NamedTuple):
    """Go: on this channel, with these texts, as the delivery of that name, in that lane."""

    delivery: str
    channel: str
    address: str
    built: Built
    lane: str


class NotYet(NamedTuple):
    """Rest until then, and ask again. ``until`` None: until something changes."""

    channel: str
    reason: Reason
    until: Instant | None
    detail: str


class Dropped(NamedTuple):
    """Give it up; the reason is that of the first channel."""

    reason: Reason
    detail: str


Verdict: TypeAlias = Allowed | NotYet | Dropped


class _Held(NamedTuple):
    """A gate that time can open. ``until`` None: nobody knows when."""

    reason: Literal["unreachable", "quiet", "capped"]
    until: Instant | None
    detail: str
    blocked: Blocked
    ends: tuple[Terms, Bounds] | None = None  # it is silence on these terms that ends then


class Question(NamedTuple):
    """One arrival at a send."""

    machine: Machine
    step: Send
    standing: Standing
    context: Context
    run: str
    rounds: str
    reached: Instant
    values: Mapping[str, Any]


def expiry(step: Send, context: Context, reached: Instant) -> Instant | None:
    """The instant from which the message is of no use any more."""
    if step.expires is None:
        return None
    length = step.expires.value(context)
    return None if length is None else _after(reached, length, context)


def arbitrate(question: Question, choices: Sequence[Choice]) -> tuple[Verdict, list[PassedOver]]:
    """The verdict on a send over ``choices`` in their order, and every channel passed over."""
    step, context = question.step, question.context
    expires = None if step.expires is None else expiry(step, context, question.reached)
    passed: list[PassedOver] = []
    if expires is not None and context.now >= expires:
        return Dropped("expired", "too late to be useful"), passed
    if question.standing.program.policy.holdout and _withheld(question):
        return Dropped("holdout", "in the company's holdout"), passed
    for choice in choices:
        found = _try(question, choice, expires)
        match found:
            case Allowed() | NotYet():
                return found, passed
            case PassedOver():
                passed.append(found)
            case Dropped():  # "skip": no further channel is tried
                passed.append(PassedOver(choice.channel, found.reason, found.detail))
                break
            case _ as unreachable:
                assert_never(unreachable)
    first = passed[0] if passed else PassedOver("", "unreachable", "no channel")
    return Dropped(first.reason, first.detail), passed


def _withheld(question: Question) -> bool:
    """A send that does not ignore the holdout, in a journey that does."""
    policy = question.standing.program.policy
    journey = policy.categories[question.machine.category]
    return (
        "holdout" in journey.ignores
        and "holdout" not in policy.categories[question.step.category].ignores
        and globally_held_out(policy, question.standing.profile.unit, question.context.now)
    )


def _try(
    question: Question, choice: Choice, expires: Instant | None
) -> Allowed | NotYet | PassedOver | Dropped:
    """One channel through all the gates."""
    machine, step, standing, context, run, rounds, _, values = question
    program, profile, channel = standing.program, standing.profile, choice.channel
    if choice.when is not None and not choice.when.holds(context):
        return PassedOver(channel, "rule", f"not: {choice.when.text}")
    terms = program.terms.get((step.category, channel))
    if terms is None or not terms.reach.reachable(profile, context):
        return _held(question, channel, expires, _unreachable(question, NOBODY))
    laws, address = terms.laws, profile.addresses[channel]
    bounds = FREE if laws is None else laws.bounds(address, profile.attributes)
    if bounds.never:
        return _held(question, channel, expires, _unreachable(question, bounds.never))
    if not terms.consented(profile, context):
        return PassedOver(channel, "consent", terms.refusal)
    named = delivery_id(run, step.id, rounds, channel)
    occasion = _new(Occasion, (machine.journey, step.category))
    content = program.content_of(machine)
    built = content.build(step.message, channel, context, values, named, occasion)
    if isinstance(built, Missing):
        return PassedOver(channel, "content", f"missing: {built.what}")
    known = built.unfinished is None or built.parts  # else it is judged when it is handed over
    free = terms.reach.window is not None and known and "template" not in built.parts
    if free and not standing.window_open(channel, context):
        return PassedOver(channel, "window", "the free-text window is closed")
    held = _quiet(question, terms, bounds) if terms.quiet or bounds.silences else None
    if held is None and profile.contacts:
        held = _capped(question, terms, bounds.limits)
    if held is None and terms.heeds and profile.preferences.said:
        held = _withheld_by_person(question)
    if held is not None:
        return _held(question, channel, expires, held)
    lane = (
        terms.lane
        if built.unfinished is None
        else lane_of(channel, step.category, built.unfinished)
    )
    return _new(Allowed, (named, channel, address, built, lane))


def _held(
    question: Question, channel: str, expires: Instant | None, held: _Held
) -> NotYet | PassedOver | Dropped:
    """What the step wants done about a gate that is closed for now."""
    match held.blocked:
        case Skip():
            return Dropped(held.reason, held.detail)
        case NextChannel():
            return PassedOver(channel, held.reason, held.detail)
        case WaitUpTo(limit):
            bounds = [] if expires is None else [expires]
            if limit is not None:
                bounds.append(_after(question.reached, limit, question.context))
            last = min(bounds, default=None)
            if held.until is None:  # rest until something changes or the time is up
                if last is None or question.context.now >= last:
                    return PassedOver(channel, held.reason, held.detail)
                return NotYet(channel, held.reason, last, held.detail)
            in_limit = limit is None or held.until <= bounds[-1]
            if in_limit and (expires is None or held.until < expires):
                until = held.until
                if held.ends is not None:
                    until = question.standing.freed(*held.ends, until, min(bounds, default=None))
                return NotYet(channel, held.reason, until, held.detail)
            return PassedOver(channel, held.reason, held.detail)
        case _ as unreachable:
            assert_never(unreachable)


def _unreachable(question: Question, why: str) -> _Held:
    blocked = question.step.blocking.unreachable or NextChannel()
    return _Held("unreachable", None, why, blocked)


def _quiet(question: Question, terms: Terms, bounds: Bounds) -> _Held | None:
    now = question.context.now
    silent = question.standing.silent(terms, bounds, now)
    if silent.until == now:
        return None
    blocked = question.step.blocking.quiet or NextChannel()
    if silent.until is None and isinstance(blocked, WaitUpTo):
        blocked = NextChannel()  # it never ends, so waiting is no answer
    words = silent.words(question.context.zone)
    return _Held("quiet", silent.until, words, blocked, (terms, bounds))


def _capped(question: Question, terms: Terms, limits: Sequence[Cap]) -> _Held | None:
    """The journey's own caps always hold; the policy's not for a category that ignores them; the
    limits of law for whatever needs consent.
    """
    machine, context = question.machine, question.context
    contacts, full = question.standing.profile.contacts, None
    named = (terms.reach.channel, question.step.category, context.now, context.zone)
    if machine.caps:
        own = [contact for contact in contacts if contact.journey == machine.journey]
        full = first_full(machine.caps, own, *named)
    if full is None:
        full = first_full(terms.caps, contacts, *named)
    if full is None and limits and terms.laws is not None:
        full = first_full(limits, terms.laws.counted(contacts), *named)
    if full is None:
        return None
    blocked = question.step.blocking.capped or NextChannel()
    return _Held("capped", full.free, f"{full.cap.text}, {full.cap.place}", blocked)


def _withheld_by_person(question: Question) -> _Held | None:
    """Their own limit and pause are caps, so the step says what is to be done about them."""
    standing, context = question.standing, question.context
    profile, categories = standing.profile, standing.program.policy.categories
    found = withheld_by(
        profile.preferences, profile.contacts, categories, context.now, context.zone
    )
    if found is None:
        return None
    blocked = question.step.blocking.capped or NextChannel()
    return _Held("capped", found.until, found.detail, blocked)


def _after(start: Instant, length: Duration, context: Context) -> Instant:
    return add(start, length, context.zone, context.holidays)
