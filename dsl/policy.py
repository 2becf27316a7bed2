"""The policy, compiled: channels, categories, quiet hours, caps and what to do when one is met.
Company rules; they hold for every journey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from dsl.approved import Approved
from dsl.calendar import Duration, Instant
from dsl.kinds import Kind
from dsl.rules import Rule

__all__ = [
    "CUSTOMER_CHANNELS",
    "EVERY",
    "EXISTING_CUSTOMER",
    "Arbitration",
    "Area",
    "Blocked",
    "Blocking",
    "Calendar",
    "Cap",
    "Category",
    "ChannelPolicy",
    "Consent",
    "ConsentNotNeeded",
    "ConsentRequired",
    "ConsentRule",
    "Ignorable",
    "Keep",
    "Law",
    "Laws",
    "Measured",
    "NextChannel",
    "Policy",
    "QuietSpan",
    "Replies",
    "Rolling",
    "Segment",
    "Service",
    "Skip",
    "Tags",
    "WaitUpTo",
]


EVERY: Final = "*"
"""In the place of a category or channel, where somebody speaks of consent: all of them. Of the
categories, those that need consent.
"""

EXISTING_CUSTOMER: Final = "existing customer"
"""A basis other than consent: somebody who bought, and was told that they can object."""

CUSTOMER_CHANNELS: Final = ("email", "sms")
"""The channels on which the law knows of existing customers."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Give the message up."""


@dataclass(frozen=True, slots=True)
class NextChannel:
    """Try the next channel."""


@dataclass(frozen=True, slots=True)
class WaitUpTo:
    """Rest until it is allowed, at most ``limit`` after reaching the step (None: no limit)."""

    limit: Duration | None


Blocked: TypeAlias = Skip | NextChannel | WaitUpTo


@dataclass(frozen=True, slots=True)
class Blocking:
    """What to do when a message may not go out now. None: the next level up decides."""

    capped: Blocked | None = None
    quiet: Blocked | None = None
    unreachable: Blocked | None = None

    def over(self, outer: Blocking) -> Blocking:
        """This, with the gaps filled from ``outer``."""
        return Blocking(
            self.capped or outer.capped,
            self.quiet or outer.quiet,
            self.unreachable or outer.unreachable,
        )


@dataclass(frozen=True, slots=True)
class Rolling:
    """The last so much time: "per 7 days", "per 24 hours"."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Calendar:
    """A period of the calendar in the recipient's zone. Weeks begin on Monday."""

    unit: Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``count`` messages per period, on one channel or all, about one category or all."""

    count: int
    period: Rolling | Calendar
    channel: str | None
    category: str | None
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class ConsentRequired:
    """Granted in the ledger for the category and channel, and not withdrawn there."""


@dataclass(frozen=True, slots=True)
class ConsentNotNeeded:
    """Order status, appointments, security."""


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Consent kept as an attribute. An opt-out in the ledger overrides it."""

    rule: Rule


Consent: TypeAlias = ConsentRequired | ConsentNotNeeded | ConsentRule
Ignorable: TypeAlias = Literal["frequency caps", "quiet hours", "holdout", "arbitration"]


Measured: TypeAlias = Literal["clicks", "opens"]


@dataclass(frozen=True, slots=True)
class Tags:
    """What is added to the links of messages, for the figures of the shop: ``utm_source`` and so
    on. Each is one of the words ``channel``, ``category``, ``journey``, ``message`` and ``link``, or
    a text as it is, or empty: then it is left out.
    """

    source: str = "channel"
    medium: str = "category"
    campaign: str = "journey"
    content: str = "link"


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of message: what it needs and which limits it ignores. ``measures`` is what is measured
    of its messages: nothing, unless the policy says so.
    """

    name: str
    consent: Consent
    ignores: frozenset[Ignorable]
    when_unknown: Literal["hold", "retry once"]
    existing_customers: bool = False  # may go to those who bought and did not object
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)  # by language; "": in all

    def title(self, *languages: str) -> str:
        """What people call it, in the first of these languages that has a word for it."""
        for language in languages:
            for code in (language, language.partition("-")[0], ""):
                if title := self.titles.get(code):
                    return title
        known = next(iter(self.titles.values()), None)
        return known or self.name.replace("_", " ").capitalize()

    measures: frozenset[Measured] = frozenset()
    because: str = ""  # why it needs no consent, for whoever asks


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """A channel in use. ``free_text_window`` is WhatsApp's rule, None elsewhere; ``approved`` are
    the wordings that its provider has approved, by name, as far as they are declared.
    """

    name: str
    reachable: Rule | None
    free_text_window: Duration | None
    approved: Mapping[str, Approved] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class QuietSpan:
    """No messages from ``start`` to ``end`` (minutes of the local day, the end is exclusive).

    Over midnight when ``end <= start``; such a span belongs to the day it begins on. ``channels``
    None means all, ``days`` None means every day (0 is Monday), ``dates`` None means any date.
    """

    channels: frozenset[str] | None
    days: frozenset[int] | None
    start: int
    end: int
    place: str
    dates: frozenset[date] | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """One rule of a country or a state about messages that need consent. It says when nothing may
    be sent (``quiet``), how many a person may get in 24 hours (``limit``), or that nothing may be
    sent at all.
    """

    id: str
    country: str  # ISO 3166: "US"
    state: str  # "FL"; empty: it holds in the whole country
    called: str  # "Florida"
    says: str
    channels: frozenset[str]
    quiet: tuple[QuietSpan, ...]
    on_holidays: bool  # nothing on the holidays of the policy either
    limit: int | None
    never: bool


class Area(NamedTuple):
    """Where a number that begins so may be. ``zones`` empty: anywhere in the country."""

    country: str
    state: str  # empty: it does not say
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Laws:
    """The laws that the company keeps: those of ``countries``. ``version`` is the day and the hash
    of the data they are read from; ``state`` is the attribute that says in which state somebody
    lives. ``states`` are the codes of states by their names and codes in small letters.
    """

    countries: tuple[str, ...] = ()
    version: str = ""
    state: str = ""
    entries: tuple[Law, ...] = field(default=(), compare=False, repr=False)
    areas: Mapping[str, Area] = field(default_factory=dict, compare=False, repr=False)
    states: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arbitration:
    """Promotional sends of one person are collected, so that the most important goes first."""

    category: str
    collect: Duration


@dataclass(frozen=True, slots=True)
class Service:
    """A web service that may be asked. ``secret`` is the name of a secret, never the secret
    itself, and empty if it needs none; ``returns`` are the fields of its answer that are known.
    """

    name: str
    address: str
    secret: str
    gives_up_after: Duration  # exact: how long one answer may take
    returns: Mapping[str, Kind]
    good_for: Duration | None = None  # how long an answer to ``fetch`` serves for the same question


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what nobody needs any more is kept (None: for ever): what people did, the story of
    what was sent to them and why, what the messages said, and who read or changed what of whom.
    """

    events: Duration | None = None
    story: Duration | None = None
    texts: Duration | None = None
    audit: Duration | None = None


@dataclass(frozen=True, slots=True)
class Replies:
    """What is answered to people who write STOP, START or HELP: ``texts`` by word and language (""
    if it is the same in all). ``contact`` is where people find help. ``stop_ends_all`` lets STOP on
    one channel count for all of them (47 CFR 64.1200(a)(10), "revoke all", which the FCC has put off
    to 31 January 2027).
    """

    contact: str = ""
    stop_ends_all: bool = False
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """Company rules. They hold for every journey."""

    name: str
    zone: str
    languages: tuple[str, ...]
    currency: str
    holidays: frozenset[date]
    channels: Mapping[str, ChannelPolicy]
    categories: Mapping[str, Category]
    quiet: tuple[QuietSpan, ...]
    caps: tuple[Cap, ...]
    blocking: Blocking
    arbitration: Arbitration | None
    holdout: Decimal
    reshuffle: Duration | None
    accept_for_waits: Duration
    ignore_for_starts: Duration
    services: Mapping[str, Service] = field(default_factory=dict)
    keep: Keep = Keep()
    tags: Tags | None = None
    laws: Laws = Laws()
    replies: Replies = Replies()
    postal_address: str = ""
    consent_texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spread: Instant = 0  # over how long what waited for the end of quiet hours goes out


@dataclass(frozen=True, slots=True)
class Segment:
    """A named audience: the people for whom ``who`` holds."""

    name: str
    title: str
    who: Rule
