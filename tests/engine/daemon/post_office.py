"""A mail server that remembers every letter, and can keep its answers to itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any, Literal, NamedTuple

from aiosmtpd.controller import Controller

__all__ = ["Letter", "PostOffice"]

PATIENCE = 30.0


class Letter(NamedTuple):
    """One message that was taken."""

    to: str
    subject: str
    message_id: str
    headers: dict[str, str]
    text: str
    html: str


class PostOffice:
    """``hold`` says from when on callers wait for ever: ``before`` a message is taken (then it
    certainly is not), or ``after`` it was taken and before the caller is told.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._changed = threading.Condition()
        self._letters: list[Letter] = []
        self._held = 0
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self.hold: Literal["nothing", "before", "after"] = "nothing"
        self._controller = Controller(self, hostname="127.0.0.1", port=port)

    @property
    def letters(self) -> list[Letter]:
        """All that were taken so far."""
        with self._changed:
            return list(self._letters)

    @property
    def held(self) -> int:
        """How many callers have been kept waiting."""
        with self._changed:
            return self._held

    def count(self, subject: str) -> int:
        """How many letters of that subject were taken."""
        with self._changed:
            return sum(letter.subject == subject for letter in self._letters)

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    def release(self) -> None:
        """Answers all who wait, and does not keep anybody waiting any more."""
        with self._changed:
            self.hold = "nothing"
            waiting, self._waiting = self._waiting, []
        for loop, released in waiting:
            loop.call_soon_threadsafe(released.set)

    def wait_until(self, true: Callable[[], bool]) -> None:
        """Until something about letters or callers is true."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), (
                f"{len(self._letters)} letters, {self._held} held"
            )

    def wait_for(self, count: int) -> list[Letter]:
        """Until at least so many letters were taken."""
        self.wait_until(lambda: len(self._letters) >= count)
        return self.letters

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.hold == "before":
            await self._keep_waiting()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        body, page = message.get_body(("plain",)), message.get_body(("html",))
        letter = Letter(
            to=envelope.rcpt_tos[0],
            subject=str(message["subject"]),
            message_id=str(message["message-id"]),
            headers={name.lower(): str(value) for name, value in message.items()},
            text="" if body is None else body.get_content(),
            html="" if page is None else page.get_content(),
        )
        with self._changed:
            self._letters.append(letter)
            self._changed.notify_all()
        if self.hold == "after":
            await self._keep_waiting()
        return "250 OK"

    async def _keep_waiting(self) -> None:
        with self._changed:
            self._held += 1
            self._changed.notify_all()
            released = asyncio.Event()
            self._waiting.append((asyncio.get_running_loop(), released))
        await released.wait()  # or until the caller hangs up
