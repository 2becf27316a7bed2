"""What an input makes known of a person: attributes, addresses, consent, and its place in time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.consent import DECIDING, entry_of, with_word
from engine.core.identity import kind_of
from engine.core.origins import OBSERVED
from engine.core.preferences import PREFERENCES_SET, preferred
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived, ProfileChanged

__all__ = [
    "SAID",
    "as_said",
    "as_told",
    "believed",
    "changed",
    "consented",
    "missed_by",
    "number_of",
    "place",
    "received_at",
    "remember",
]

SAID = (*DECIDING, PREFERENCES_SET)
"""The events by which people say themselves what they want to get."""


def place(happened: Happened) -> tuple[Instant, int]:
    """History is in the order of occurring; of one instant, in the order of arriving."""
    return happened.occurred, happened.number


def received_at(arrival: Arrival) -> Instant:
    """When we heard of it."""
    return arrival.event.received if isinstance(arrival, EventArrived) else arrival.received


def number_of(arrival: Arrival) -> int:
    """Its number in the log."""
    return arrival.event.number if isinstance(arrival, EventArrived) else arrival.number


def changed(profile: Profile, change: ProfileChanged) -> Profile:
    """The person after an ``identify``: what is told replaces, nothing removes."""
    attributes = {**profile.attributes, **change.attributes}
    addresses = {**profile.addresses, **change.addresses}
    return profile._replace(
        attributes={key: value for key, value in attributes.items() if value is not None},
        addresses={key: value for key, value in addresses.items() if value},
    )


def believed(profile: Profile, change: ProfileChanged) -> ProfileChanged:
    """What is taken of a change: of somebody known, an address that was only observed fills in where
    there is none. Or whoever shares a device with them could have their messages sent elsewhere.
    """
    if change.origin != OBSERVED or kind_of(profile.id) in ("anonymous", "device"):
        return change
    known = profile.addresses
    own = {c: address for c, address in change.addresses.items() if address and c not in known}
    return change._replace(addresses=own)


def as_told(change: ProfileChanged, untold: Collection[str]) -> ProfileChanged:
    """The change without attributes that nobody sets."""
    if not any(name in untold for name in change.attributes):
        return change
    told = {name: each for name, each in change.attributes.items() if name not in untold}
    return change._replace(attributes=told)


def remember(history: dict[str, list[Happened]], event: Happened) -> None:
    """The event takes its place in history."""
    known = history.setdefault(event.name, [])
    known.append(event)
    if len(known) > 1 and place(known[-2]) > place(event):
        known.sort(key=place)


def consented(profile: Profile, event: Happened) -> Profile:
    """The person after a word of the consent ledger. The word that was said last counts."""
    entry = entry_of("", profile.id, event)
    consents = profile.consents if entry is None else with_word(profile.consents, entry)
    return profile if consents is profile.consents else profile._replace(consents=consents)


def as_said(profile: Profile, history: Mapping[str, Sequence[Happened]]) -> Profile:
    """The person with all that ``history`` has of their own words (``SAID``), also if nobody has
    processed it yet: from the moment that it is taken in, it counts.
    """
    for name in DECIDING:
        for event in history.get(name, ()):
            profile = consented(profile, event)
    for event in history.get(PREFERENCES_SET, ()):
        profile = preferred(profile, event)
    return profile


def missed_by(run: Run, history: Mapping[str, Sequence[Happened]]) -> list[EventArrived]:
    """What came while a run was frozen, in the order in which it came."""
    since = run.frozen or 0
    happened = [each for events in history.values() for each in events if each.received >= since]
    happened.sort(key=lambda each: (each.received, each.number))
    return [EventArrived("", run.person, each) for each in happened]
