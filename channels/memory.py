"""An adapter that sends nothing: it keeps what it was given and answers as it was told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from channels.adapter import Capabilities
from channels.message import Message
from channels.outcome import Accepted, Outcome, Rejected
from dsl.calendar import Instant

__all__ = ["CHANNELS", "MemoryAdapter", "accept"]

CHANNELS = frozenset({"email", "push", "sms", "whatsapp"})


def accept(message: Message) -> Outcome:
    """Takes everything, under the delivery's own id."""
    return Accepted(message.id)


class MemoryAdapter:
    """``messages`` are all that were handed over, ``accepted`` those that were taken, in order.

    The answers of ``script`` come first; when they are used up, ``answer`` decides.
    """

    def __init__(
        self,
        channels: Iterable[str] = CHANNELS,
        answer: Callable[[Message], Outcome] = accept,
        concurrency: int = 8,
    ) -> None:
        self.messages: list[Message] = []
        self.accepted: list[Message] = []
        self._capabilities = Capabilities(frozenset(channels), concurrency)
        self._answer = answer
        self._script: deque[Outcome] = deque()
        self._closed = False

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def script(self, *outcomes: Outcome) -> None:
        """Answers the next messages with these, one each."""
        self._script.extend(outcomes)

    async def send(self, message: Message) -> Outcome:
        return self.send_now(message)

    def send_now(self, message: Message) -> Outcome:
        """As ``send``, without an event loop: for a simulation that has none."""
        if self._closed:
            raise RuntimeError("this adapter is closed")
        if message.channel not in self._capabilities.channels:
            raise ValueError(f"this adapter does not carry {message.channel!r}")
        self.messages.append(message)
        outcome = self._script.popleft() if self._script else self._answer(message)
        if isinstance(outcome, Accepted):
            self.accepted.append(message)
        return outcome

    async def probe(self, now: Instant) -> str:
        """What the script says next."""
        coming = self._script[0] if self._script else None
        return f"{coming.code} {coming.reason}." if isinstance(coming, Rejected) else ""

    async def close(self) -> None:
        self._closed = True
