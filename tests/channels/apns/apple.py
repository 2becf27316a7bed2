"""An APNs on this machine: HTTP/2 over TLS, by a library of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import h2.config
import h2.connection
import h2.events
import h2.exceptions

__all__ = ["Answer", "Apple", "Asked", "apple"]


@dataclass(slots=True)
class Asked:
    """A request as it came."""

    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said; ``hangs_up`` instead of saying it."""

    status: int
    body: bytes = b""
    hangs_up: bool = False


Says: TypeAlias = Callable[[Asked], Answer]


class Apple:
    """Listens on a port of its own, which it keeps when it is stopped and started again."""

    def __init__(self, context: ssl.SSLContext, says: Says) -> None:
        context.set_alpn_protocols(["h2"])
        self._context = context
        self._says = says
        self._server: asyncio.Server | None = None
        self._port = 0
        self._open: set[_Connection] = set()

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """If it is not up already."""
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._says, self._open), "127.0.0.1", self._port, ssl=self._context
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for each in list(self._open):
                each.drop()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), 5)
            self._server = None


class _Connection(asyncio.Protocol):
    def __init__(self, says: Says, connections: set[_Connection]) -> None:
        self._says = says
        self._connections = connections
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._h2 = h2.connection.H2Connection(config)
        self._asked: dict[int, Asked] = {}
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(self)
        self._h2.initiate_connection()
        transport.write(self._h2.data_to_send())

    def connection_lost(self, _error: Exception | None) -> None:
        self._connections.discard(self)

    def drop(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._transport.abort()
            return
        for event in events:
            match event:
                case h2.events.RequestReceived(stream_id=stream, headers=headers):
                    assert stream is not None
                    assert headers is not None
                    self._asked[stream] = Asked({str(k): str(v) for k, v in headers})
                case h2.events.DataReceived(stream_id=stream, data=part):
                    assert stream is not None
                    self._asked[stream].body += part or b""
                    length = event.flow_controlled_length or 0
                    self._h2.acknowledge_received_data(length, stream)
                case h2.events.StreamEnded(stream_id=stream):
                    assert stream is not None
                    if not self._answer(stream):
                        self._transport.abort()
                        return
                case _:
                    pass
        self._transport.write(self._h2.data_to_send())

    def _answer(self, stream: int) -> bool:
        asked = self._asked.pop(stream)
        answer = self._says(asked)
        if answer.hangs_up:
            return False
        headers = [(":status", str(answer.status)), ("apns-id", asked.headers.get("apns-id", "-"))]
        self._h2.send_headers(stream, headers, end_stream=not answer.body)
        if answer.body:
            self._h2.send_data(stream, answer.body, end_stream=True)
        return True


@asynccontextmanager
async def apple(context: ssl.SSLContext, says: Says) -> AsyncIterator[Apple]:
    """Up until the end."""
    server = Apple(context, says)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
