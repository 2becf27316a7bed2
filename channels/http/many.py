"""Many messages in one request, for providers that take them so and answer for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from channels.adapter import Capabilities
from channels.http.adapter import Authority, Dialect, HttpAdapter, Wire
from channels.http.transport import Request, Response
from channels.message import Message
from channels.outcome import Outcome, Rejected
from channels.receipts import Receiver

__all__ = ["ManyDialect", "ManyHttpAdapter"]


class ManyDialect(Dialect, Protocol):
    """A dialect in which many messages can be said at once. Pure, as all of them."""

    @property
    def capabilities(self) -> Capabilities:
        """What can be said to it; ``many`` at a time."""
        ...

    @property
    def most_bytes(self) -> int:
        """How many bytes one request may have."""
        ...

    def entry(self, message: Message) -> bytes | Rejected:
        """The message as it stands among others, or why it never can be sent."""
        ...

    def enveloped(self, entries: Sequence[bytes]) -> Request:
        """All of them in one request."""
        ...

    def outcomes(self, messages: Sequence[Message], response: Response) -> list[Outcome] | None:
        """What the answer means for each of them; None if the provider did not look at any, for a
        reason that may lie in only one of them.
        """
        ...


class ManyHttpAdapter(HttpAdapter):
    """Hands messages over one by one, or many at a time."""

    def __init__(
        self,
        dialect: ManyDialect,
        transport: Wire,
        seconds: float,
        authority: Authority | None = None,
        receiver: Receiver | None = None,
    ) -> None:
        super().__init__(dialect, transport, seconds, authority, receiver)
        self._speaks = dialect

    async def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """As few calls as may be, one after the other."""
        for message in messages:
            self._check(message)
        found: dict[int, Outcome] = {}
        waiting: list[tuple[int, bytes]] = []
        size = 0
        for place, message in enumerate(messages):
            entry = self._speaks.entry(message)
            if isinstance(entry, Rejected):
                found[place] = entry
                continue
            full = len(waiting) >= self.capabilities.many
            if waiting and (full or size + len(entry) > self._speaks.most_bytes):
                found |= await self._send_these(messages, waiting)
                waiting, size = [], 0
            waiting.append((place, entry))
            size += len(entry) + 1  # with what divides it from the next
        if waiting:
            found |= await self._send_these(messages, waiting)
        return [found[place] for place in range(len(messages))]

    async def _send_these(
        self, messages: Sequence[Message], waiting: Sequence[tuple[int, bytes]]
    ) -> dict[int, Outcome]:
        """The outcome of each, by its place."""
        places = [place for place, _ in waiting]
        these = [messages[place] for place in places]
        request = self._speaks.enveloped([entry for _, entry in waiting])
        response = await self._call(request, these[0].at)
        if not isinstance(response, Response):
            return dict.fromkeys(places, response)
        outcomes = self._speaks.outcomes(these, response)
        if outcomes is None:  # nothing was taken: who it is about is found out one by one
            outcomes = [await self.send(each) for each in these]
        return dict(zip(places, outcomes, strict=True))
