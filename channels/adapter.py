"""The port: what carries a message through SMTP, Twilio, FCM and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from channels.limits import Limit
from channels.message import Message
from channels.outcome import Outcome
from dsl.calendar import Instant

__all__ = ["Adapter", "Capabilities", "SendsMany"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do, and how much its provider takes.

    ``concurrency`` is how many calls it takes at a time, and ``seconds`` how long one may last: who
    has not answered by then is cut off, and nobody knows whether the message was taken. Adapters
    of one ``account`` share its limit. Operators can set other limits. ``many`` is how many messages
    are handed over in one call when many wait, by an adapter that ``SendsMany``. ``domain`` is what
    people see messages come from, where receivers judge senders by that.
    """

    channels: frozenset[str]
    concurrency: int = 8
    deduplicates: bool = False  # the provider drops a second message with the same id
    limits: tuple[Limit, ...] = ()
    account: str = ""
    seconds: float = 60.0
    many: int = 1
    domain: str = ""


class Adapter(Protocol):
    """Carries messages of one or more channels.

    ``send`` returns an outcome for everything the world may answer and raises only for bugs.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    async def send(self, message: Message) -> Outcome:
        """Hands one message to the provider."""
        ...

    async def probe(self, now: Instant) -> str:
        """What stands in the way of sending, in one sentence; empty if nothing does. Goes as far
        towards the provider as it can without handing a message over.
        """
        ...

    async def close(self) -> None:
        """Ends connections in good order."""
        ...


@runtime_checkable
class SendsMany(Protocol):
    """An adapter whose provider takes many messages in one call, and answers for each of them."""

    async def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """An outcome for each message, in their order. If the answer is lost, it is ``Unknown`` for
        all that were in the call.
        """
        ...
