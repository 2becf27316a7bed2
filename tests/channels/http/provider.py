"""A provider on this machine, spoken to over HTTP: it can be well, busy, down, or gone before it
has answered; or every call can have a fate of its own. What it says is up to whoever plays it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import orjson
from aiohttp import web

from channels.adapter import Adapter
from channels.testing import Arrived, Rig, Situation

__all__ = [
    "Fate",
    "Part",
    "Provider",
    "ProviderRig",
    "Received",
    "Said",
    "provider",
    "rigged",
    "said",
]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Fate(StrEnum):
    """What becomes of one call that hands something over."""

    ANSWERED = "answered"  # as the situation has it
    THROTTLED = "throttled"  # not taken, and said so
    CLOSED = "closed"  # not taken, and said so
    DROPPED = "dropped"  # not taken, and hung up
    BROKEN = "broken"  # taken, and then something went wrong
    CUT = "cut"  # taken, and hung up
    SILENT = "silent"  # taken, and never answered

    @property
    def is_taken(self) -> bool:
        """Whether a recipient has it."""
        return self in (Fate.ANSWERED, Fate.BROKEN, Fate.CUT, Fate.SILENT)

    @property
    def is_told(self) -> bool:
        """Whether the caller can know."""
        return self in (Fate.ANSWERED, Fate.THROTTLED, Fate.CLOSED)


class Part(Protocol):
    """Who a provider is: how it reads requests and what it says."""

    def mistakes(self, received: Received) -> Sequence[str]:
        """What its own contract has against a request."""
        ...

    def read(self, received: Received) -> Arrived | Sequence[Arrived] | None:
        """The message in it, or the messages; None for a request that hands nothing over."""
        ...

    def answer(self, received: Received, situation: Situation) -> Said:
        """What it says, being well, busy, or refusing the recipient."""
        ...


def said(status: int, body: object = None, **headers: str) -> Said:
    """An answer in JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = b"" if body is None else orjson.dumps(body)
    return Said(status, data, {"content-type": "application/json", **named})


class Provider:
    """One part, played on a port of its own."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.situation = Situation.WELL
        self.arrived: list[Arrived] = []
        self.received: list[Received] = []
        self.mistakes: list[str] = []
        self.script: Callable[[Received], Said] | None = None
        self.fate: Callable[[Sequence[Arrived]], Fate] = lambda _: Fate.ANSWERED
        self.looks_closely = True  # whether it has anything against requests; that takes a while

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def arrange(self, situation: Situation) -> bool:
        """Any situation can be arranged."""
        self.situation = situation
        if situation is Situation.DOWN:
            await self.stop()
        elif self._runner is None:
            await self.start()
        return True

    async def start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        received = Received(
            request.method,
            request.path,
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        self.received.append(received)
        if self.script is not None:
            return _response(self.script(received))
        if self.looks_closely:
            self.mistakes += self._part.mistakes(received)
        answer = self._part.answer(received, self.situation)
        read = self._part.read(received) if answer.status < 300 else None
        messages = [read] if isinstance(read, Arrived) else read or []
        if not messages:
            return _response(answer)
        fate = Fate.CUT if self.situation is Situation.ANSWER_LOST else self.fate(messages)
        if fate.is_taken:
            self.arrived += messages
        match fate:
            case Fate.ANSWERED:
                return _response(answer)
            case Fate.THROTTLED:
                return _response(self._part.answer(received, Situation.BUSY))
            case Fate.CLOSED:
                return _response(said(503))
            case Fate.BROKEN:
                return _response(said(500))
            case Fate.SILENT:
                await asyncio.Event().wait()
            case Fate.DROPPED | Fate.CUT:
                assert request.transport is not None
                request.transport.abort()
        return _response(answer)


def _response(said: Said) -> web.Response:
    return web.Response(status=said.status, body=said.body, headers=dict(said.headers))


@asynccontextmanager
async def provider(part: Part) -> AsyncIterator[Provider]:
    """Up and well; at the end it has nothing against what it was sent."""
    played = Provider(part)
    await played.start()
    try:
        yield played
    finally:
        await played.stop()
    assert played.mistakes == []


class ProviderRig:
    """An adapter, and its provider behind it."""

    def __init__(
        self,
        adapter: Adapter,
        played: Provider,
        channel: str,
        address: str,
        texts: Mapping[str, str],
    ) -> None:
        self.adapter = adapter
        self.channel = channel
        self.address = address
        self.texts = texts
        self._provider = played

    async def arrange(self, situation: Situation) -> bool:
        return await self._provider.arrange(situation)

    def arrived(self) -> Sequence[Arrived]:
        return list(self._provider.arrived)


@asynccontextmanager
async def rigged(
    part: Part,
    adapter: Callable[[str], Adapter],
    channel: str,
    address: str,
    texts: Mapping[str, str],
) -> AsyncIterator[Rig]:
    """A rig for the contract suite: ``adapter`` makes one for the provider's address."""
    async with provider(part) as played:
        made = adapter(played.address)
        try:
            yield ProviderRig(made, played, channel, address, texts)
        finally:
            await made.close()
