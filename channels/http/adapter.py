"""What all adapters share whose providers are spoken to over HTTP: a dialect says what a message
looks like on the wire and what an answer means, and here is the wire.
"""

from __future__ import annotations

from typing import Protocol

from channels.adapter import Capabilities
from channels.http.transport import Lost, Request, Response
from channels.message import Message
from channels.outcome import FailureClass, Outcome, Rejected, Unknown
from channels.receipts import Receiver
from dsl.calendar import Instant

__all__ = ["Authority", "Dialect", "HttpAdapter", "Wire"]

_MOST_BYTES = 256 * 1024  # of an answer; providers' are far shorter
_NOT_LET_IN = 401


class Dialect(Protocol):
    """One provider's way of saying things. Pure: it never waits and never asks what time it is."""

    @property
    def capabilities(self) -> Capabilities:
        """What can be said to it."""
        ...

    def request(self, message: Message) -> Request | Rejected:
        """The message as it is sent, or why it never can be."""
        ...

    def outcome(self, message: Message, response: Response) -> Outcome:
        """What the provider's answer means for that message."""
        ...

    def knock(self) -> Request:
        """A request that hands nothing over and is answered well if we are let in."""
        ...

    def obstacle(self, response: Response) -> str:
        """What the answer to it says stands in the way, in one sentence; empty if nothing does."""
        ...


class Authority(Protocol):
    """Signs requests, where it takes more than what the dialect knows: a token that has to be
    fetched, the time.
    """

    async def sign(self, request: Request, now: Instant) -> Request | Outcome:
        """The request with what lets us in, or what stands in the way."""
        ...

    def refused(self) -> None:
        """What was signed was not accepted: it is not to be used again."""
        ...


class Wire(Protocol):
    """What carries requests: ``Transport`` over HTTP/1.1, ``TransportTwo`` over HTTP/2."""

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        """Sends the request, and reads up to ``most`` bytes of what comes back in time."""
        ...

    async def close(self) -> None:
        """Closes every connection."""
        ...


class HttpAdapter:
    """Hands messages over in one dialect. ``seconds`` is how long one call may take."""

    def __init__(
        self,
        dialect: Dialect,
        transport: Wire,
        seconds: float,
        authority: Authority | None = None,
        receiver: Receiver | None = None,
    ) -> None:
        self._dialect = dialect
        self._channels = dialect.capabilities.channels
        self._transport = transport
        self._seconds = seconds
        self._authority = authority
        self._receiver = receiver
        self._closed = False

    @property
    def receiver(self) -> Receiver | None:
        """What reads what the provider tells later; None if nothing is set to verify it with."""
        return self._receiver

    @property
    def capabilities(self) -> Capabilities:
        """Those of the dialect."""
        return self._dialect.capabilities

    async def send(self, message: Message) -> Outcome:
        """One call. What was lost on the way may have been taken, unless it never left."""
        self._check(message)
        request = self._dialect.request(message)
        if isinstance(request, Rejected):
            return request
        response = await self._call(request, message.at)
        if isinstance(response, Response):
            return self._dialect.outcome(message, response)
        return response

    async def probe(self, now: Instant) -> str:
        """As far as being let in."""
        response = await self._exchange(self._dialect.knock(), now)
        match response:
            case Response():
                return self._dialect.obstacle(response)
            case Lost(reason, _):
                return f"The provider does not answer: {reason}."
            case Rejected(_, code, reason):
                return f"The provider does not let us in ({code}): {reason}."
            case _:
                return f"The provider does not let us in: {response}."

    async def close(self) -> None:
        """Ends connections; calls that are out are lost, so they should be waited for before."""
        self._closed = True
        await self._transport.close()

    def _check(self, message: Message) -> None:
        if self._closed:
            raise RuntimeError("this adapter is closed")
        if message.channel not in self._channels:
            raise ValueError(f"this adapter does not carry {message.channel!r}")

    async def _call(self, request: Request, now: Instant) -> Response | Outcome:
        """The answer to a request that hands something over, or what it means that there is none."""
        response = await self._exchange(request, now)
        if not isinstance(response, Lost):
            return response
        if response.left:
            return Unknown(response.reason)
        return Rejected(FailureClass.TRANSIENT, "unreachable", response.reason)

    async def _exchange(self, request: Request, now: Instant) -> Response | Lost | Outcome:
        if self._authority is None:
            return await self._transport.exchange(request, self._seconds, _MOST_BYTES)
        signed = await self._authority.sign(request, now)
        if not isinstance(signed, Request):
            return signed
        response = await self._transport.exchange(signed, self._seconds, _MOST_BYTES)
        if isinstance(response, Response) and response.status == _NOT_LET_IN:
            # What let us in may have expired, or been taken back; nothing was taken by whoever
            # does not know who we are.
            self._authority.refused()
            signed = await self._authority.sign(request, now)
            if not isinstance(signed, Request):
                return signed
            response = await self._transport.exchange(signed, self._seconds, _MOST_BYTES)
        return response
