"""The way back: what providers tell later of messages they took.

Each provider signs in a way of its own. A receiver verifies what came, byte for byte as it came,
and reads it; pure, so that every word of it can be tested.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import orjson

from channels.agents import By
from channels.outcome import FailureClass, Withdrawal
from channels.replies import Reply, Wish
from dsl.calendar import Instant, from_datetime

__all__ = [
    "Answered",
    "Approval",
    "Incoming",
    "NotGenuine",
    "Prepares",
    "Receiver",
    "Receives",
    "Report",
    "What",
    "complaint",
    "followed",
    "is_one_of",
    "moment",
    "read_body",
    "reader",
    "unsubscribed",
]

_LONGEST_LINK = 2_000

What: TypeAlias = Literal[
    "delivered", "opened", "clicked", "failed", "bounced", "complained", "unsubscribed"
]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of a provider's as it came. ``query`` is what stands behind the question mark,
    ``headers`` have names in small letters.
    """

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one delivery. ``key`` is the provider's: told again, it is the same.
    ``occurred`` is 0 if the provider does not say when; ``by`` is who opened or clicked.
    ``rule`` is the line of which table gave a failure its class, as of when. With an ``address``,
    it is about that recipient and nobody else. ``domain`` is what the message came from, if that is
    judged by complaints.
    """

    delivery: str
    what: What
    key: str
    occurred: Instant = 0
    reason: str = ""
    failure: FailureClass | None = None
    by: By = "unverified"
    withdrawal: Withdrawal | None = None
    rule: str = field(default="", compare=False)
    address: str = ""
    domain: str = ""


class Approval(NamedTuple):
    """What the provider of a channel says now of a wording that it has approved, in a language by
    its own code: whether it may be used (None: nothing of that) and ``why`` not, or which
    ``category`` it is in now. ``occurred`` is 0 if it does not say when.
    """

    channel: str
    name: str
    language: str
    occurred: Instant
    usable: bool | None = None
    why: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was told, and what the provider wants to hear: ``body``, of the type ``media``."""

    reports: Sequence[Report] = field(default_factory=tuple)
    body: str = ""
    replies: Sequence[Reply | Wish] = field(default_factory=tuple)
    media: str = "text/plain"
    approvals: Sequence[Approval] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class NotGenuine:
    """It is not from the provider, or not for us; ``reason`` is for the operator. ``again``: that
    cannot be said now, so it has to be told again.
    """

    reason: str
    again: bool = False


def is_one_of(expected: Iterable[bytes], given: bytes) -> bool:
    """Whether it is among what was expected. All of them are compared, always, and each in the same
    time whatever is in it.
    """
    return any([hmac.compare_digest(each, given) for each in expected])  # noqa: C419 - see above


def read_body(incoming: Incoming) -> Any:
    """What the body says in JSON, or why it says nothing."""
    try:
        return orjson.loads(incoming.body)
    except orjson.JSONDecodeError:
        return NotGenuine("the body is not JSON")


def moment(said: object) -> Instant:
    """The instant that a provider writes as ISO 8601 has it; 0 if it says none."""
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return 0
    return from_datetime(found) if found is not None and found.tzinfo is not None else 0


def complaint(delivery: str, key: str, occurred: Instant, source: str, address: str = "") -> Report:
    """Somebody has called it spam: nothing more of this kind, and nothing at all to this address."""
    return Report(
        delivery,
        "complained",
        key,
        occurred,
        "a complaint",
        FailureClass.PERMANENT_RECIPIENT,
        withdrawal=Withdrawal("channel", "complaint", source),
        rule="a complaint",
        address=address,
    )


def unsubscribed(
    delivery: str, key: str, occurred: Instant, source: str, of: Literal["category", "channel"]
) -> Report:
    """Somebody has told the provider to be left alone."""
    withdrawal = Withdrawal(of, "one-click", source)
    return Report(delivery, "unsubscribed", key, occurred, withdrawal=withdrawal)


def followed(link: object) -> str:
    """Where the link of a click leads, as a provider tells it; empty if it does not."""
    return link[:_LONGEST_LINK] if isinstance(link, str) else ""


def reader(what: What) -> By:
    """Who reads in a messenger: only the app of whoever does tells that they did."""
    return "human" if what == "opened" else "unverified"


class Receiver(Protocol):
    """Reads what one provider sends."""

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """Everything in one request, or why none of it is to be believed."""
        ...


@runtime_checkable
class Prepares(Protocol):
    """A receiver that has to fetch something before it can verify a request."""

    async def prepare(self, incoming: Incoming, now: Instant) -> None:
        """Fetches it, and raises for nothing that may come."""
        ...


@runtime_checkable
class Receives(Protocol):
    """An adapter whose provider tells later what became of messages."""

    @property
    def receiver(self) -> Receiver | None:
        """None if nothing is set that its requests could be verified with."""
        ...
