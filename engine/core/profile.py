"""One person, as far as decisions need them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dsl.calendar import Instant

__all__ = ["Contact", "Identity", "Preferences", "Profile", "Trouble"]


_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between
_NOTHING: Mapping[str, Any] = {}  # never written to; a dict, because those are written fastest


class Contact(NamedTuple):
    """One slot of every cap: a message decided for a person.

    Open from the decision until the provider accepts (``sent`` is then the time of hand-over) or
    finally refuses (the contact is removed). Open ones count whatever their age.
    """

    delivery: str
    decided: Instant
    sent: Instant | None
    channel: str
    category: str
    journey: str


class Preferences(NamedTuple):
    """How much a person wants to hear: at most so many messages a week (None: they have said
    nothing about it), and none before an instant. ``said`` is when they said so; 0: never.
    """

    at_most: int | None = None
    paused_until: Instant | None = None
    said: Instant = 0


_NO_PREFERENCES = Preferences()


class Trouble(NamedTuple):
    """What is known against an address: when messages bounced softly; since when, why and by which
    rule it is suppressed (0: it is not), and when an operator last said that it is not to be.
    """

    soft: tuple[Instant, ...] = ()
    since: Instant = 0
    cause: str = ""
    rule: str = ""
    lifted: Instant = 0


class Identity(NamedTuple):
    """Who somebody is, apart from their key. ``merged`` is whom they have gone into: then nothing
    else is known under their name any more. ``unit`` is the name by which they are drawn (none: their
    own), which the store was the ``heard``-th to hear of. ``also`` are addresses beside those that are
    used, behind their channels, and when they were told.
    """

    merged: str = ""
    unit: str = ""
    heard: int = 0
    also: Mapping[str, Instant] = _NOTHING


_THEMSELVES = Identity()


class Profile(NamedTuple):
    """Attributes and addresses at rest, the consent ledger's present state, recent contacts.

    ``consents`` maps ``category/channel`` (or ``category/*``) to the instant of the grant, or to
    the negative instant of the withdrawal. ``suppressed`` are addresses that are not
    written to any more, behind their channel, and ``trouble`` is why. ``tallies`` is what computed
    attributes are said by.
    """

    id: str
    attributes: Mapping[str, Any] = _NOTHING
    addresses: Mapping[str, str] = _NOTHING
    consents: Mapping[str, int] = _NOTHING
    contacts: tuple[Contact, ...] = ()
    suppressed: frozenset[str] = frozenset()
    segments: Mapping[str, bool] = _NOTHING  # membership of those that start journeys
    wake: Instant | None = None  # when something of the person's own calendar is due
    woken: Instant | None = None  # until when the calendar has been looked through
    preferences: Preferences = _NO_PREFERENCES
    trouble: Mapping[str, Trouble] = _NOTHING
    tallies: Mapping[str, Any] = _NOTHING
    identity: Identity = _THEMSELVES

    @property
    def unit(self) -> str:
        """By which name they are drawn: the one that was used first."""
        return self.identity.unit or self.id

    def contacted(self, contacts: tuple[Contact, ...]) -> Profile:
        """The same person with other contacts. Spelled out, because every send comes by here."""
        values = (
            self.id,
            self.attributes,
            self.addresses,
            self.consents,
            contacts,
            self.suppressed,
            self.segments,
            self.wake,
            self.woken,
            self.preferences,
            self.trouble,
            self.tallies,
            self.identity,
        )
        return _new(Profile, values)
