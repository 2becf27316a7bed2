"""Providers in a process of their own: a mail server and a push service that misbehave.

``python -m tests.soak.provider FOLDER SEED`` prints where they listen. Everything that reaches them
is a line in FOLDER/tally, written before anybody is answered; nothing is recognised as repeated. As
long as there is no file FOLDER/calm, some are answered late or never, some are taken and then hung
up on, and some are hung up on and not taken.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import orjson
from aiohttp import web
from aiosmtpd.smtp import SMTP

__all__ = ["Handed", "Tally", "handed"]

Fate: TypeAlias = Literal["answered", "late", "busy", "cut", "silent", "dropped"]

_FATES: Final[dict[Fate, float]] = {
    "answered": 0.93,
    "late": 0.03,
    "busy": 0.01,  # not taken, and said so
    "cut": 0.01,  # taken, and hung up
    "silent": 0.005,  # taken, and never answered
    "dropped": 0.015,  # not taken, and hung up
}
_LATE = 1.5  # seconds, at most
_TAKEN = frozenset({"answered", "late", "cut", "silent"})


class Handed(NamedTuple):
    """One call of a provider."""

    id: str  # of the delivery
    to: str
    what: str  # email or push
    fate: Fate

    @property
    def is_taken(self) -> bool:
        """Whether a recipient has it."""
        return self.fate in _TAKEN

    @property
    def is_answered(self) -> bool:
        """Whether the caller can know."""
        return self.fate in ("answered", "late", "busy")


def handed(folder: Path) -> Iterator[Handed]:
    """All calls so far."""
    path = folder / "tally"
    for line in path.read_bytes().splitlines() if path.exists() else ():
        yield Handed(*orjson.loads(line))


class Tally(NamedTuple):
    """What recipients have got, by delivery."""

    taken: Counter[str]
    unanswered: frozenset[str]  # deliveries of which a provider kept its answer to itself
    recipients: dict[str, Counter[str]]  # of email and push

    @classmethod
    def of(cls, folder: Path) -> Tally:
        """As it stands."""
        calls = list(handed(folder))
        taken = [each for each in calls if each.is_taken]
        return cls(
            Counter(each.id for each in taken),
            frozenset(each.id for each in calls if not each.is_answered),
            {
                what: Counter(each.to for each in taken if each.what == what)
                for what in ("email", "push")
            },
        )


class _Desk:
    """Decides what becomes of a call and writes it down."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = Random(seed)
        self._file = os.open(folder / "tally", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def receive(self, name: str, to: str, what: str) -> Fate:
        """The fate of a call; those that are late or silent come back late or never."""
        (fate,) = self._random.choices(list(_FATES), list(_FATES.values()))
        if (self._folder / "calm").exists():
            fate = "answered"
        os.write(self._file, orjson.dumps((name, to, what, fate)) + b"\n")
        if fate == "late":
            await asyncio.sleep(self._random.uniform(0, _LATE))
        if fate == "silent":
            await asyncio.Event().wait()
        return fate

    async def push(self, request: web.Request) -> web.StreamResponse:
        """A push, as JSON."""
        body = orjson.loads(await request.read())
        fate = await self.receive(body["id"], body["to"], "push")
        if fate == "busy":
            return web.Response(status=503)
        if fate in ("cut", "dropped"):
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"id": f"p-{body['id']}"})

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """A letter. Its Message-ID begins with our delivery's id."""
        head = envelope.content.split(b"\r\n\r\n", 1)[0].decode()
        (line,) = [each for each in head.split("\r\n") if each.lower().startswith("message-id:")]
        name = line.partition("<")[2].partition("@")[0]
        fate = await self.receive(name, envelope.rcpt_tos[0], "email")
        if fate == "busy":
            return "451 busy"
        if fate in ("cut", "dropped"):
            server.transport.abort()
        return "250 OK"


async def _serve(folder: Path, seed: int) -> None:
    desk = _Desk(folder, seed)
    app = web.Application()
    app.router.add_post("/push", desk.push)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(desk), "127.0.0.1", 0)
    ports = [each.getsockname()[1] for each in (*site._server.sockets, *mail.sockets)]  # type: ignore[union-attr]
    print(*ports, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
