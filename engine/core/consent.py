"""The consent ledger: what people have said about being written to, word by word.

A word is about one category or about every one that needs consent (``*``), on one channel or on
all. It has two times: when it was said (``occurred``) and when we heard of it (``received``). So
the ledger answers what may be sent now, and what could be sent then, as it was known then.

One rule: of all words that cover a category and a channel, the one said last counts, and of two
said at one instant the withdrawal. The order in which they arrive never matters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from dsl.calendar import MINUTE, Instant
from dsl.expr.context import Happened
from dsl.policy import (
    CUSTOMER_CHANNELS,
    EVERY,
    EXISTING_CUSTOMER,
    Category,
    ConsentNotNeeded,
    ConsentRequired,
)
from engine.core.proof import NO_GRANTS

__all__ = [
    "BEFORE",
    "CONSENT_EVENTS",
    "DECIDING",
    "Coverage",
    "Entry",
    "Stance",
    "Word",
    "behind",
    "completed",
    "coverage_of",
    "entry_of",
    "place_of",
    "stance",
    "stand",
    "state_of",
    "with_word",
]

Word = Literal["granted", "withdrawn", "pending"]

CONSENT_EVENTS: Final[Mapping[str, Word]] = {
    "consent_granted": "granted",
    "consent_withdrawn": "withdrawn",
    "consent_requested": "pending",
}
"""The events that are words of the ledger. Who has only asked has not agreed to anything yet."""

DECIDING: Final = tuple(name for name, word in CONSENT_EVENTS.items() if word != "pending")
"""Those of them by which something may be sent or not."""

THEMSELVES: Final = "themselves"
"""In the place of who took a word down, of what people say with nobody between us and them."""
BEFORE: Final = "a time before the ledger was kept"
"""In the place of a source: nobody knows any more."""

_HANDING_OVER = 10 * MINUTE  # longer than any provider is waited for


class Entry(NamedTuple):
    """One word, and what proves it. Empty texts are what nobody said."""

    id: str
    person: str
    word: Word
    category: str
    channel: str
    occurred: Instant
    received: Instant
    method: str = ""
    source: str = ""
    wording: str = ""
    basis: str = "consent"
    actor: str = ""
    sale: str = ""

    @property
    def counts(self) -> bool:
        """Whether it changes what may be sent. A grant that was brought in from elsewhere needs to
        say from where; an existing customer needs a sale, a category, and e-mail or SMS.
        """
        if "/" in self.category or "/" in self.channel or self.word == "pending":
            return False
        if self.word == "withdrawn":
            return True
        if self.basis == EXISTING_CUSTOMER:
            return (
                bool(self.sale.strip() or self.source.strip())
                and self.category != EVERY
                and self.channel in (EVERY, *CUSTOMER_CHANNELS)
            )
        if self.method in NO_GRANTS:
            return False
        return self.method != "import" or bool(self.source.strip())

    @property
    def key(self) -> str:
        """Under which the present state keeps it."""
        key = f"{self.category}/{self.channel}"
        soft = self.word == "granted" and self.basis == EXISTING_CUSTOMER
        return f"{key}/{EXISTING_CUSTOMER}" if soft else key

    @property
    def said(self) -> int:
        """When, as the present state keeps it: a withdrawal is negative."""
        at = max(1, self.occurred)
        return -at if self.word == "withdrawn" else at


def entry_of(name: str, person: str, event: Happened) -> Entry | None:
    """The word that an event is, ``name`` being its id; None if it is none."""
    word = CONSENT_EVENTS.get(event.name)
    if word is None:
        return None
    told = event.properties.get
    return Entry(
        name,
        person,
        word,
        _text(told("category")),
        _text(told("channel")) or EVERY,
        event.occurred,
        event.received,
        _text(told("method")),
        _text(told("source")),
        _text(told("wording")),
        _text(told("basis")) or "consent",
        _text(told("actor")),
        _text(told("sale")),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


# ---------------------------------------------------------------------------- the present state


def with_word(consents: Mapping[str, int], entry: Entry) -> Mapping[str, int]:
    """The present state after one more word; itself if that changes nothing."""
    if not entry.counts:
        return consents
    known, said = consents.get(entry.key, 0), entry.said
    if (abs(known), known < 0) >= (abs(said), said < 0):
        return consents
    return {**consents, entry.key: said}


def state_of(entries: Iterable[Entry]) -> Mapping[str, int]:
    """The present state after all of these words, whatever their order."""
    consents: Mapping[str, int] = {}
    for entry in entries:
        consents = with_word(consents, entry)
    return consents


def place_of(key: str) -> tuple[str, str, str]:
    """Category, channel and basis of a key of the present state."""
    category, _, rest = key.partition("/")
    channel, _, basis = rest.partition("/")
    return category, channel, basis or "consent"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where the present state speaks of a category on a channel: under ``keys``, and of existing
    customers under ``customers``; any opt-out under one of ``opt_outs`` ends that.
    """

    keys: tuple[str, ...]
    customers: tuple[str, ...] = ()
    opt_outs: tuple[str, ...] = ()


def coverage_of(category: Category, channel: str) -> Coverage:
    """What is said about everything that needs consent does not touch what needs none."""
    name = category.name
    own = (f"{name}/{channel}", f"{name}/{EVERY}")
    if isinstance(category.consent, ConsentNotNeeded):
        return Coverage(own)
    keys = (*own, f"{EVERY}/{channel}", f"{EVERY}/{EVERY}")
    may = category.existing_customers and isinstance(category.consent, ConsentRequired)
    if not may or channel not in CUSTOMER_CHANNELS:
        return Coverage(keys)
    customers = tuple(f"{each}/{EXISTING_CUSTOMER}" for each in own)
    return Coverage(keys, customers, (f"{name}/", f"{EVERY}/"))


def stand(consents: Mapping[str, int], coverage: Coverage) -> int:
    """What counts: the instant of a grant, the negative one of a withdrawal, or 0."""
    found = last = 0
    for key in coverage.keys:
        said = consents.get(key)
        if said is not None:
            at = said if said > 0 else -said
            if at > last or (at == last and said < 0):
                found, last = said, at
    if found or not coverage.customers:
        return found
    since = max(consents.get(key, 0) for key in coverage.customers)
    if since and any(
        said < 0 and key.startswith(coverage.opt_outs) for key, said in consents.items()
    ):
        return 0
    return since


def is_withdrawn(consents: Mapping[str, int], coverages: Collection[Coverage]) -> bool:
    """Whether a withdrawal is what counts in all of these places."""
    return bool(coverages) and all(stand(consents, each) < 0 for each in coverages)


def episode_of(consents: Mapping[str, int]) -> int:
    """When somebody last agreed to anything: until they do so again, the same no is said once."""
    return max((at for at in consents.values() if at > 0), default=0)


# --------------------------------------------------------------------------------- looking back


def completed(
    entries: Sequence[Entry], person: str, consents: Mapping[str, int]
) -> Sequence[Entry]:
    """The ledger of a person with what only their present state remembers: words from before a
    ledger was kept, whose events are gone. What proved them is not known any more.
    """
    known = {(each.key, each.said) for each in entries if each.counts}
    lost: list[Entry] = []
    for key, said in consents.items():
        if (key, said) not in known:
            category, channel, basis = place_of(key)
            word: Word = "granted" if said > 0 else "withdrawn"
            at = abs(said)
            entry = Entry("", person, word, category, channel, at, at, source=BEFORE, basis=basis)
            lost.append(entry)
    return [*lost, *entries]


class Stance(NamedTuple):
    """What is so of a category on a channel, and the word that made it so."""

    what: Literal["granted", "existing customer", "withdrawn", "pending", "none"]
    entry: Entry | None = None

    @property
    def agrees(self) -> bool:
        """Whether a message that needs consent may go."""
        return self.what in ("granted", "existing customer")


def stance(
    entries: Iterable[Entry],
    category: Category,
    channel: str,
    valid_at: Instant,
    known_at: Instant,
) -> Stance:
    """What was so at ``valid_at``, as it was known at ``known_at``."""
    visible = [each for each in entries if each.occurred <= valid_at and each.received <= known_at]
    coverage = coverage_of(category, channel)
    said = stand(state_of(visible), coverage)
    asked = _newest(
        each for each in visible if each.word == "pending" and each.key in coverage.keys
    )
    if said <= 0 and asked is not None and asked.occurred > -said:
        return Stance("pending", asked)
    keys = (*coverage.keys, *coverage.customers)
    words = [each for each in visible if each.counts and each.key in keys and each.said == said]
    if words:
        entry = min(words, key=lambda each: (keys.index(each.key), each.received, each.id))
        if said < 0:
            return Stance("withdrawn", entry)
        return Stance("existing customer" if entry.key in coverage.customers else "granted", entry)
    if any(each.counts and each.key in coverage.customers for each in visible):
        against = (each for each in visible if each.word == "withdrawn" and each.counts)
        return Stance(
            "withdrawn", _newest(each for each in against if each.key.startswith(coverage.opt_outs))
        )
    return Stance("none")


def behind(entries: Sequence[Entry], category: Category, channel: str, at: Instant) -> Stance:
    """On what a message rested that was handed over ``at``. What came in while the provider was
    being asked could not be known any more.
    """
    found = stance(entries, category, channel, at, at)
    if found.what == "withdrawn" and found.entry is not None:
        before = found.entry.received - 1
        if before >= at - _HANDING_OVER:
            return stance(entries, category, channel, before, before)
    return found


def _newest(entries: Iterable[Entry]) -> Entry | None:
    """The one that was said last."""
    return max(entries, key=lambda each: (each.occurred, each.id), default=None)
