"""The last look before a message leaves: consent, guards, the free-text window, quiet hours, caps and
expiry as they stand now (language reference, 4.4 "What is checked when").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dsl.calendar import MINUTE, Instant
from dsl.machine import Calendar, Cap, Machine
from engine.core.caps import first_full
from engine.core.effects import Delivery
from engine.core.ejecting import TAKEN_OUT, ejected
from engine.core.obeying import ANSWERS
from engine.core.preferences import withheld_by
from engine.core.run import Run
from engine.core.standing import Standing
from engine.core.suppression import is_suppressed
from engine.core.terms import Terms

__all__ = ["Drop", "Go", "Later", "Ruling", "judge"]


_PAUSE = 5 * MINUTE  # how often a message of a paused journey is looked at


@dataclass(frozen=True, slots=True)
class Go:
    """Hand it over."""


@dataclass(frozen=True, slots=True)
class Later:
    """Keep the slot and ask again then. ``reason`` is one of the same list, and empty if there is
    nothing to tell the person's story: whoever paused the journey knows.
    """

    until: Instant
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Never hand it over; free the slot. ``reason`` is one of the closed list of section 4.5."""

    reason: str
    detail: str = ""


Ruling: TypeAlias = Go | Later | Drop


def judge(delivery: Delivery, run: Run | None, standing: Standing, now: Instant) -> Ruling:
    """Whether ``delivery`` may be handed over at ``now``. The message itself does not count."""
    standing.handing = delivery.id
    program = standing.program
    if delivery.expires is not None and now >= delivery.expires:
        return Drop("expired", "too late to be useful")
    if delivery.category == ANSWERS:
        return Go()  # somebody asked for it, just now
    by = ejected(standing, delivery.run)
    if by is not None:
        return Drop(TAKEN_OUT, by)
    machine = program.project.machines.get(delivery.journey)
    if run is not None:
        machine = program.machine_of(run)
    if machine is not None and machine.status == "paused":
        return Later(now + _PAUSE)
    stopped = _guarded(machine, run, standing, now)
    if stopped is not None:
        return stopped
    terms = program.terms.get((delivery.category, delivery.channel))
    if terms is None:
        return Drop("unreachable", "the policy no longer has this channel or category")
    context = standing.context(now, run)
    if standing.profile.addresses.get(delivery.channel) != delivery.address:
        return Drop("unreachable", "the address has changed")
    if is_suppressed(standing.profile, delivery.channel, delivery.address):
        return Drop("unreachable", "the address is suppressed")
    if not terms.consented(standing.profile, context):
        return Drop("consent", terms.refusal)
    free = terms.reach.window is not None and "template" not in delivery.parts
    if free and delivery.unfinished is None and not standing.window_open(delivery.channel, context):
        return Drop("window", "the free-text window has closed")
    ruling = _lawful(delivery, standing, terms, now) or _period(
        delivery, machine, standing, now, terms.periods
    )
    if isinstance(ruling, Go) and terms.heeds and standing.profile.preferences.said:
        return _as_they_wish(delivery, standing, now)
    return ruling


def _lawful(
    delivery: Delivery, standing: Standing, terms: Terms, now: Instant
) -> Drop | Later | None:
    """The company's quiet hours, and what the laws say."""
    bounds = standing.bounds(terms)
    if bounds.never:
        return Drop("unreachable", bounds.never)
    if terms.quiet or bounds.silences:
        silent = standing.silent(terms, bounds, now)
        if silent.until != now:
            words = silent.words(standing.context(now).zone)
            if silent.until is None or _too_late(delivery, silent.until):
                return Drop("quiet", f"{words}; it expires before")
            until = standing.freed(terms, bounds, silent.until, delivery.expires)
            return Later(until, "quiet", words)
    return _limited(delivery, standing, terms, bounds.limits, now)


def _limited(
    delivery: Delivery, standing: Standing, terms: Terms, limits: Sequence[Cap], now: Instant
) -> Drop | Later | None:
    """A limit of law, by what has really gone out: they may have moved since it was decided."""
    if not limits or terms.laws is None:
        return None
    sent = [
        contact
        for contact in terms.laws.counted(standing.profile.contacts)
        if contact.sent is not None and contact.delivery != delivery.id
    ]
    zone = standing.context(now).zone
    full = first_full(limits, sent, delivery.channel, delivery.category, now, zone)
    if full is None:
        return None
    words = f"{full.cap.text}, {full.cap.place}"
    if _too_late(delivery, full.free):
        return Drop("capped", words)
    return Later(full.free, "capped", words)


def _too_late(delivery: Delivery, until: Instant) -> bool:
    return delivery.expires is not None and until >= delivery.expires


def _guarded(
    machine: Machine | None, run: Run | None, standing: Standing, now: Instant
) -> Drop | None:
    """Guards at hand-over. A run that has gone on and ended is judged as it would be inside."""
    if machine is None or machine.status == "ended":
        return Drop("ended", "the journey has ended")
    if run is None:
        return None
    if run.outcome in ("goal", "exclude if", "exit if", "ended", TAKEN_OUT):
        return Drop(run.outcome, "the run has left")
    context = standing.context(now, run)
    if machine.goal is not None and machine.goal.holds(context):
        return Drop("goal", machine.goal.text)
    for rule in machine.exclude:
        if rule.holds(context):
            return Drop("exclude if", f"{rule.text}, {rule.place}")
    for rule in machine.exits:
        if rule.holds(context):
            return Drop("exit if", f"{rule.text}, {rule.place}")
    return None


def _period(
    delivery: Delivery,
    machine: Machine | None,
    standing: Standing,
    now: Instant,
    company: Sequence[Cap],
) -> Ruling:
    """A calendar cap is judged for the period of the hand-over (section 6, decision 12): a message
    that slipped past midnight counts there, so it must fit there.
    """
    mine = [cap for cap in machine.caps if isinstance(cap.period, Calendar)] if machine else ()
    if not mine and not company:
        return Go()
    others = [c for c in standing.profile.contacts if c.delivery != delivery.id]
    own = [contact for contact in others if contact.journey == delivery.journey]
    named = (delivery.channel, delivery.category, now, standing.context(now).zone)
    full = first_full(mine, own, *named) or first_full(company, others, *named)
    if full is None:
        return Go()
    return Drop("capped", f"{full.cap.text}, {full.cap.place}")


def _as_they_wish(delivery: Delivery, standing: Standing, now: Instant) -> Ruling:
    """The person may have set a limit since the decision, so that more is decided than may go: then
    what was decided first goes first.
    """
    contacts = standing.profile.contacts
    own = next((n for n, each in enumerate(contacts) if each.delivery == delivery.id), None)
    before = contacts[:own] if own is not None else contacts
    gone = () if own is None else (each for each in contacts[own + 1 :] if each.sent is not None)
    found = withheld_by(
        standing.profile.preferences,
        (*before, *gone),
        standing.program.policy.categories,
        now,
        standing.context(now).zone,
    )
    return Go() if found is None else Drop("capped", found.detail)
