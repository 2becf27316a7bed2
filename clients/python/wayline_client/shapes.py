# Written by clients/python/generate.py from the OpenAPI document; do not edit.

"""What the API answers: JSON objects, and what is in them. Moments are texts (RFC 3339)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Accepted",
    "Condition",
    "Consent",
    "ConsentPosition",
    "ConsentWord",
    "Consents",
    "Contact",
    "Decision",
    "DecisionPage",
    "Deed",
    "DeedPage",
    "Delivery",
    "DeliveryPage",
    "Erasure",
    "Event",
    "EventPage",
    "ExportedPerson",
    "Journey",
    "JourneyList",
    "JourneySource",
    "MemberPage",
    "Membership",
    "Oddities",
    "OddityOfDay",
    "Origin",
    "Origins",
    "PeoplePage",
    "Person",
    "PersonName",
    "PersonSegment",
    "PersonSegments",
    "Place",
    "Preferences",
    "Problem",
    "Receipt",
    "ReceiptList",
    "Run",
    "RunPage",
    "RunStep",
    "Segment",
    "SegmentList",
    "SegmentSize",
    "Story",
    "StoryDay",
    "StoryLine",
    "Suppression",
    "SuppressionPage",
    "Trial",
    "Value",
    "Webhook",
    "WebhookList",
    "WebhookSecret",
    "_Wrong",
]


class Accepted(TypedDict):
    """It is durable, and will be done. ``repeated``: it had been said before, and is done once."""

    success: NotRequired[bool]
    id: str
    repeated: bool


class Condition(TypedDict):
    """A condition and whether it holds. ``join`` says how its parts belong together: all of
    them, any of them, not, or those of another segment; nothing, if it has none.
    """

    condition: str
    holds: bool
    join: Literal["", "all", "any", "not", "segment"]
    values: list[Value]
    parts: list[Condition]


class Consent(TypedDict):
    """The last word of a person about one category on one channel; null is all of them."""

    category: str | None
    channel: str | None
    granted: bool
    at: str
    basis: str


class ConsentPosition(TypedDict):
    """What follows for a category on a channel; ``may`` is null where a rule of the policy
    says.
    """

    category: str
    channel: str
    may: bool | None
    why: str
    stands: str
    word: str | None


class ConsentWord(TypedDict):
    """One word of the ledger, and what proves it; null is every category or channel."""

    id: str
    person: str
    word: Literal["granted", "withdrawn", "pending"]
    category: str | None
    channel: str | None
    occurred: str
    received: str
    method: str
    source: str
    wording: str
    basis: str
    actor: str
    sale: str
    counts: bool


class Consents(TypedDict):
    """The ledger of a person, and what follows from it."""

    person: str
    time_zone: str
    at: str
    known_at: str
    words: list[ConsentWord]
    texts: dict[str, dict[str, str]]
    later: int
    follows: list[ConsentPosition]


class Contact(TypedDict):
    """A message that counts against limits: decided, and handed over once it has been sent."""

    delivery: str
    channel: str
    category: str
    journey: str
    decided: str
    sent: str | None


class Decision(TypedDict):
    """Why: one line for every entry and every message, and for every one that was not."""

    at: str
    what: str
    reason: str
    words: str
    journey: str
    run: str
    step: str
    channel: str
    detail: str


class DecisionPage(TypedDict):
    """Decisions about a person, the last one first."""

    items: list[Decision]
    next: str | None


class Deed(TypedDict):
    """Something that was done with what is known of people."""

    at: str
    who: str
    what: str
    whom: str | None
    about: dict[str, Any]


class DeedPage(TypedDict):
    """The newest first."""

    items: list[Deed]
    next: str | None


class Delivery(TypedDict):
    """One message for one person on one channel, from the decision to the provider's answer."""

    id: str
    person: str
    journey: str
    run: str
    step: str
    channel: str
    category: str
    message: str
    address: str
    status: Literal["queued", "calling", "accepted", "refused", "unknown", "stopped"]
    decided: str
    due: str
    expires: str | None
    attempts: int
    provider_id: str
    parts: dict[str, str]


class DeliveryPage(TypedDict):
    """Deliveries of a person, the last that was decided first."""

    items: list[Delivery]
    next: str | None


class Erasure(TypedDict):
    """How far forgetting a person is: ``waiting`` until it is done, ``nobody`` when nothing is
    known of anybody of this name (any more), ``known`` when nobody has asked for it.
    """

    person: str
    state: Literal["waiting", "nobody", "known"]


class Event(TypedDict):
    """Something a person did, or that happened to them."""

    id: str
    name: str
    occurred: str
    received: str
    properties: dict[str, Any]


class EventPage(TypedDict):
    """What a person did, the last that arrived first."""

    items: list[Event]
    next: str | None


class ExportedPerson(TypedDict):
    """All that is known of a person, for them to have. Moments are in UTC, amounts in the
    smallest unit; what a project calls something stays as it is kept. ``version`` goes up
    when something changes or goes, and not when something is added.
    """

    form: str
    version: int
    exported: str
    person: str
    profile: dict[str, Any]
    origins: Origins
    set_aside: dict[str, Any] | None
    story: dict[str, Any] | None
    consent_texts: dict[str, dict[str, str]]
    names: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    arrivals: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    assignments: list[dict[str, Any]]
    kept_aside: list[dict[str, Any]]


class Journey(TypedDict):
    """A journey as it is deployed."""

    name: str
    title: str
    status: Literal["draft", "live", "paused", "ended"]
    category: str
    priority: int
    version: str
    starts: list[str]
    inputs: list[str]


class JourneyList(TypedDict):
    """All journeys that are deployed."""

    project: str
    version: str
    items: list[Journey]


class JourneySource(TypedDict):
    """A journey with where it is written, what it says, and who is in it."""

    name: str
    title: str
    status: Literal["draft", "live", "paused", "ended"]
    category: str
    priority: int
    version: str
    starts: list[str]
    inputs: list[str]
    file: str
    source: str
    explanation: str
    inside: list[Place]


class MemberPage(TypedDict):
    """Who is in a segment. Everybody is asked in turn, so a page may be short though more
    follow.
    """

    items: list[str]
    next: str | None


class Membership(TypedDict):
    """Whether somebody is in a segment, and why: each condition with what it was judged by."""

    segment: str
    person: str
    member: bool
    at: str
    why: Condition
    text: str


class Oddities(TypedDict):
    """Day by day, the most frequent first."""

    items: list[OddityOfDay]
    kept_aside: int


class OddityOfDay(TypedDict):
    """Something that was sent on a day and does not fit the tracking plan."""

    day: str
    event: str
    property: str | None
    what: str
    times: int
    example: str | None


class Origin(TypedDict):
    """Where something that is known of a person comes from, and when it was last set."""

    at: str | None
    origin: str


class Origins(TypedDict):
    """Where all that is known comes from; also of what has been taken away since."""

    attributes: dict[str, Origin]
    addresses: dict[str, Origin]


class PeoplePage(TypedDict):
    """People in the order in which they were first heard of. Whoever has gone into another is
    left out, so a page may be short though more follow.
    """

    items: list[PersonName]
    next: str | None


class Person(TypedDict):
    """All that is presently known of a person. Values are as they are kept: amounts in the
    smallest unit of their currency, moments written out.
    """

    id: str
    attributes: dict[str, Any]
    addresses: dict[str, str]
    reachable: list[str]
    time_zone: str
    language: str
    consents: list[Consent]
    suppressions: list[Suppression]
    preferences: Preferences | None
    last_contacts: list[Contact]
    set_aside: str | None
    names: list[str]


class PersonName(TypedDict):
    """A person, by name."""

    id: str


class PersonSegment(TypedDict):
    """Whether a person is in a segment."""

    name: str
    title: str
    member: bool


class PersonSegments(TypedDict):
    """All segments, and whether a person is in them."""

    person: str
    at: str
    items: list[PersonSegment]


class Place(TypedDict):
    """How many people rest in a step."""

    step: str
    version: str
    people: int


class Preferences(TypedDict):
    """How much a person wants to hear."""

    at_most_per_week: int | None
    paused_until: str | None
    said: str


class Problem(TypedDict):
    """Why a request is not done (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[_Wrong]]


class Receipt(TypedDict):
    """What was told about a delivery."""

    what: str
    reason: str
    occurred: str
    received: str
    failure: str
    by: str
    rule: str


class ReceiptList(TypedDict):
    """What was told about a delivery, in the order in which we heard it; at most the last 200."""

    delivery: str
    items: list[Receipt]


class Run(TypedDict):
    """One person's passage through one journey."""

    id: str
    person: str
    journey: str
    version: str
    key: str
    entered: str
    status: Literal["live", "watched", "closed"]
    held_out: bool
    step: str
    since: str | None
    due: str | None
    left: str | None
    outcome: str
    outcome_words: str
    converted: str | None
    trigger: str | None
    variables: dict[str, Any]
    steps: list[RunStep]


class RunPage(TypedDict):
    """Runs. A page of a journey's may be short though more follow."""

    items: list[Run]
    next: str | None


class RunStep(TypedDict):
    """What a run remembers of a step."""

    step: str
    at: str | None
    channel: str | None


class Segment(TypedDict):
    """A segment as it is deployed."""

    name: str
    title: str
    rule: str
    place: str


class SegmentList(TypedDict):
    """All segments that are deployed."""

    items: list[Segment]


class SegmentSize(TypedDict):
    """How many people are in a segment."""

    name: str
    people: int
    at: str


class Story(TypedDict):
    """A person's story: what `wayline why` tells."""

    person: str
    time_zone: str
    about: list[str]
    days: list[StoryDay]
    earlier: int
    text: str


class StoryDay(TypedDict):
    """A day on the person's clock."""

    day: str
    lines: list[StoryLine]


class StoryLine(TypedDict):
    """One thing that happened, in words."""

    at: str
    sort: Literal["did", "entered", "not entered", "sent", "not sent", "waits", "left"]
    journey: str
    text: str
    consent: dict[str, Any] | None


class Suppression(TypedDict):
    """An address that is not written to any more, since when and why."""

    person: str
    channel: str
    address: str
    since: str | None
    cause: str
    rule: str


class SuppressionPage(TypedDict):
    """Addresses that are not written to any more. A page may be short though more follow."""

    items: list[Suppression]
    next: str | None


class Trial(TypedDict):
    """What came of sending a message as a trial."""

    taken: bool
    reason: str


class Value(TypedDict):
    """Something that a condition was judged by."""

    name: str
    words: str
    value: Any


class Webhook(TypedDict):
    """Somebody who is told of what happens, and how that goes."""

    id: str
    url: str
    events: list[str]
    about: str
    created: str
    active: bool
    disabled: str
    failing_since: str | None
    reason: str
    next_attempt: str | None
    told: int
    last_taken: str | None
    settled: bool


class WebhookList(TypedDict):
    """All subscriptions, in the order in which they were made."""

    items: list[Webhook]


class WebhookSecret(TypedDict):
    """A subscription with the secret by which its messages are signed. It is shown this once."""

    id: str
    url: str
    events: list[str]
    about: str
    created: str
    active: bool
    disabled: str
    failing_since: str | None
    reason: str
    next_attempt: str | None
    told: int
    last_taken: str | None
    settled: bool
    secret: str


class _Wrong(TypedDict):
    """One thing that is wrong with a request."""

    at: str
    detail: str
