"""People: what is known of them, what they did, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from engine.api.v1.cursor import Paged
from engine.api.v1.operation import Input, Shape

__all__ = [
    "Accepted",
    "AttributeChange",
    "Consent",
    "ConsentPosition",
    "ConsentQuery",
    "ConsentWord",
    "Consents",
    "Contact",
    "Erasure",
    "Event",
    "EventPage",
    "EventQuery",
    "ExportedPerson",
    "NewConsent",
    "Origin",
    "Origins",
    "PeoplePage",
    "PeopleQuery",
    "Person",
    "PersonName",
    "Preferences",
    "Suppression",
    "SuppressionPage",
]


class PersonName(Shape):
    """A person, by name."""

    id: str


class PeopleQuery(Paged):
    """Everybody, or who is found by what they are known by."""

    email: str | None = Field(
        None,
        min_length=1,
        max_length=320,
        description="Only people who have this e-mail address, however it is written.",
    )
    phone: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        description="Only people who have this telephone number, with its country.",
    )
    address: str | None = Field(
        None,
        min_length=1,
        max_length=320,
        description="Only people who have this e-mail address or telephone number.",
    )

    @property
    def is_of_address(self) -> bool:
        """Whether those who have an address are asked for."""
        return (self.email, self.phone, self.address) != (None, None, None)


class PeoplePage(Shape):
    """People in the order in which they were first heard of. Whoever has gone into another is left
    out, so a page may be short though more follow.
    """

    items: list[PersonName]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class Consent(Shape):
    """The last word of a person about one category on one channel; null is all of them."""

    category: str | None
    channel: str | None
    granted: bool
    at: datetime
    basis: str


class Suppression(Shape):
    """An address that is not written to any more, since when and why."""

    person: str
    channel: str = Field(description="Empty for those of older versions: any.")
    address: str
    since: datetime | None
    cause: str
    rule: str


class SuppressionPage(Shape):
    """Addresses that are not written to any more. A page may be short though more follow."""

    items: list[Suppression]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class Preferences(Shape):
    """How much a person wants to hear."""

    at_most_per_week: int | None
    paused_until: datetime | None
    said: datetime


class Contact(Shape):
    """A message that counts against limits: decided, and handed over once it has been sent."""

    delivery: str
    channel: str
    category: str
    journey: str
    decided: datetime
    sent: datetime | None


class Person(Shape):
    """All that is presently known of a person. Values are as they are kept: amounts in the smallest
    unit of their currency, moments written out.
    """

    id: str
    attributes: dict[str, Any]
    addresses: dict[str, str]
    reachable: list[str] = Field(description="Channels on which they can be written to now.")
    time_zone: str
    language: str
    consents: list[Consent]
    suppressions: list[Suppression]
    preferences: Preferences | None
    last_contacts: list[Contact]
    set_aside: str | None = Field(description="Why nothing is done for them, if that is so.")
    names: list[str] = Field(description="Other names of theirs: whoever has gone into them.")


class AttributeChange(Input):
    """Attributes to be set; null takes one away. What is not named stays."""

    attributes: dict[str, Any] = Field(min_length=1, max_length=500)


class Accepted(Shape):
    """It is durable, and will be done. ``repeated``: it had been said before, and is done once."""

    success: bool = True
    id: str
    repeated: bool


class EventQuery(Paged):
    """What a person did."""

    name: str | None = Field(
        None, max_length=200, description="Only events of this name, as the tracking plan has it."
    )


class Event(Shape):
    """Something a person did, or that happened to them."""

    id: str
    name: str
    occurred: datetime
    received: datetime
    properties: dict[str, Any]


class EventPage(Shape):
    """What a person did, the last that arrived first."""

    items: list[Event]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class ConsentQuery(Input):
    """As of when."""

    at: str | None = Field(
        None,
        max_length=40,
        description="What had been said by then: 2026-05-03 (its end), or 2026-05-03T09:00Z.",
    )
    known_at: str | None = Field(
        None, max_length=40, description="As far as it was known then; now, if it is not given."
    )


class ConsentWord(Shape):
    """One word of the ledger, and what proves it; null is every category or channel."""

    id: str
    person: str
    word: Literal["granted", "withdrawn", "pending"]
    category: str | None
    channel: str | None
    occurred: datetime
    received: datetime
    method: str
    source: str
    wording: str
    basis: str
    actor: str
    sale: str
    counts: bool = Field(description="Whether it changes what may be sent.")


class ConsentPosition(Shape):
    """What follows for a category on a channel; ``may`` is null where a rule of the policy says."""

    category: str
    channel: str
    may: bool | None
    why: str
    stands: str
    word: str | None = Field(description="The id of the word on which it rests.")


class Consents(Shape):
    """The ledger of a person, and what follows from it."""

    person: str
    time_zone: str
    at: datetime
    known_at: datetime
    words: list[ConsentWord]
    texts: dict[str, dict[str, str]] = Field(
        description="What was agreed to, by `wording` and language; that is empty where the text is the"
        " same in all."
    )
    later: int = Field(description="How many words were said or heard later.")
    follows: list[ConsentPosition]


class NewConsent(Input):
    """A word of a person about being written to, with what proves it."""

    word: Literal["granted", "withdrawn", "requested"]
    category: str = Field(
        min_length=1, max_length=100, description="A category of the policy, or * for every one."
    )
    channel: str | None = Field(None, min_length=1, max_length=20, description="None: every one.")
    occurred: datetime | None = Field(None, description="When it was said; now, if not given.")
    method: str | None = Field(None, max_length=100, description="form, paper, telephone, api, ...")
    source: str | None = Field(None, max_length=500, description="The form, page or number.")
    wording: str | None = Field(None, max_length=100, description="Which version of the text.")
    actor: str | None = Field(None, max_length=200, description="Who took it down.")
    basis: str | None = Field(None, max_length=100, description="existing customer, for example.")
    sale: str | None = Field(None, max_length=200, description="The sale, for existing customers.")


class Erasure(Shape):
    """How far forgetting a person is: ``waiting`` until it is done, ``nobody`` when nothing is known
    of anybody of this name (any more), ``known`` when nobody has asked for it.
    """

    person: str
    state: Literal["waiting", "nobody", "known"]


class Origin(Shape):
    """Where something that is known of a person comes from, and when it was last set."""

    at: datetime | None = Field(description="Null of what is computed from events all the time.")
    origin: str = Field(description="told, observed, partner or computed.")


class Origins(Shape):
    """Where all that is known comes from; also of what has been taken away since."""

    attributes: dict[str, Origin]
    addresses: dict[str, Origin] = Field(description="By channel.")


class ExportedPerson(Shape):
    """All that is known of a person, for them to have. Moments are in UTC, amounts in the smallest
    unit; what a project calls something stays as it is kept. ``version`` goes up when something
    changes or goes, and not when something is added.
    """

    form: str = Field(description='"wayline person"')
    version: int
    exported: datetime
    person: str
    profile: dict[str, Any]
    origins: Origins
    set_aside: dict[str, Any] | None = Field(description="Since when and why nothing is done.")
    story: dict[str, Any] | None = Field(description="In words; null while nothing is deployed.")
    consent_texts: dict[str, dict[str, str]] = Field(
        description="What they agreed to, by `wording` and language."
    )
    names: list[dict[str, Any]] = Field(description="Other names that have gone into this one.")
    consents: list[dict[str, Any]] = Field(description="Every word about being written to.")
    arrivals: list[dict[str, Any]] = Field(description="All that arrived of them.")
    runs: list[dict[str, Any]]
    deliveries: list[dict[str, Any]] = Field(description="Messages, with what they said.")
    decisions: list[dict[str, Any]]
    calls: list[dict[str, Any]] = Field(description="Questions to web services that are open.")
    assignments: list[dict[str, Any]] = Field(description="What splits gave them.")
    kept_aside: list[dict[str, Any]] = Field(
        description="Calls about them that do not fit the tracking plan."
    )
