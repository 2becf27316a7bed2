"""The last look: everything about the people of claimed deliveries as it is known now, and whether
each may still be handed over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, assert_never

from dsl.calendar import MINUTE, SECOND, Instant
from dsl.machine import ConsentNotNeeded
from engine.core.approvals import objection
from engine.core.bars import destination_of
from engine.core.effects import Delivery
from engine.core.ejecting import TAKEN_OUT
from engine.core.handover import Drop, Go, Later, judge
from engine.core.knowing import SAID, as_said, consented
from engine.core.numbers import Said, number_in
from engine.core.obeying import ANSWERS, NUMBERED, unheard, withdrawal
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.run import Run
from engine.core.standing import Standing
from engine.dispatcher.approvals import Approvals
from engine.dispatcher.verdicts import Verdict, barred, final, put_back, put_off
from engine.store.protocol import PersonView, Store

__all__ = ["Looked", "look"]

_JOINED_BY = SECOND  # what is left of somebody is just on its way to the person they have gone into
_ASIDE_AGAIN = 5 * MINUTE  # somebody who is set aside: whether they have been released


class Looked(NamedTuple):
    """Who may go, and what becomes of the others."""

    going: list[Delivery]
    verdicts: list[Verdict]


def look(
    store: Store,
    program: Program,
    channels: Collection[str],
    claimed: Sequence[Delivery],
    now: Instant,
) -> Looked:
    """Looks at everybody in a few statements. ``channels`` are those that somebody carries."""
    people = {delivery.person: None for delivery in claimed}
    needed = program.history_needed({delivery.journey for delivery in claimed}, ())
    views = store.people(list(people), dict.fromkeys([*needed, *SAID, TAKEN_OUT]))
    places = {each.id: _place_of(each) for each in claimed}
    said = store.numbers.said({place for place in places.values() if place is not None})
    goes = {
        each.id: places[each.id] or destination_of(each.channel, each.address) for each in claimed
    }
    bars = store.bars.read({*goes.values()})
    approvals = Approvals(store.gates).of(claimed)
    looked = Looked([], [])
    standing = Standing(program, Profile(""), {}, {})  # of one after the other
    for delivery in claimed:
        told = said.get(places[delivery.id] or ("", ""))
        bar = bars.get(goes[delivery.id])
        ruling = _judge(delivery, views.get(delivery.person), told, standing, channels, now)
        match ruling:
            case Go() if why := objection(
                delivery, approvals, needs_consent=_needs_consent(program, delivery)
            ):
                text = f"unreachable: {why}"
                looked.verdicts.append(final(delivery, "stopped", text, now))
            case Go():
                if bar is None or not bar.since or delivery.category == ANSWERS:
                    looked.going.append(delivery)  # whoever has just written can be written to
                else:
                    looked.verdicts.append(barred(delivery, bar, now))
            case Later(until, "", _):
                looked.verdicts.append(put_back(delivery, until, delivery.attempts))
            case Later(until, reason, detail):
                looked.verdicts.append(put_off(delivery, until, f"{reason}: {detail}", now))
            case Drop(reason, detail):
                text = f"{reason}: {detail}" if detail else reason
                looked.verdicts.append(final(delivery, "stopped", text, now))
            case _ as unreachable:
                assert_never(unreachable)
    standing.part()
    return looked


def _judge(
    delivery: Delivery,
    view: PersonView | None,
    said: Said | None,
    standing: Standing,
    channels: Collection[str],
    now: Instant,
) -> Go | Later | Drop:
    if view is None:
        return Drop("ended", "the person is not known any more")
    if not view.readable:
        return Later(now + _ASIDE_AGAIN)  # whether they agree is not known
    if delivery.channel not in channels:
        return Drop("unreachable", f"no adapter for {delivery.channel}")
    if view.profile.identity.merged:
        return Later(now + _JOINED_BY)
    runs: dict[str, Run] = {run.id: run for run in view.runs}
    live = {name: run for name, run in runs.items() if run.status == "live"}
    profile = _told(as_said(view.profile, view.history), delivery, said, now)
    standing.turn_to(profile, live, view.history)
    ruling = judge(delivery, runs.get(delivery.run), standing, now)
    if view.aside is not None and isinstance(ruling, Go):
        return Later(now + _ASIDE_AGAIN)  # what they may have withdrawn since is not known yet
    return ruling


def _needs_consent(program: Program, delivery: Delivery) -> bool:
    category = program.policy.categories.get(delivery.category)
    return category is not None and not isinstance(category.consent, ConsentNotNeeded)


def _place_of(delivery: Delivery) -> tuple[str, str] | None:
    """The number that a message goes to, if it is one that may have said STOP."""
    number = number_in(delivery.address) if delivery.channel in NUMBERED else None
    return None if number is None else (delivery.channel, number)


def _told(profile: Profile, delivery: Delivery, said: Said | None, now: Instant) -> Profile:
    """The profile with the STOP of a number that was said while nobody was known to have it."""
    if said is None or not unheard(profile.consents, delivery.channel, said):
        return profile
    return consented(profile, withdrawal(delivery.channel, delivery.address, said.stopped, now))
