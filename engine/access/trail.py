"""The audit log as those write it who hand something out: what is written down is durable before
anything of it leaves, and what cannot be written down does not leave.
"""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from engine.clock import SystemClock
from engine.config import Settings
from engine.core.deeds import Deed
from engine.core.keys import Key
from engine.store.protocol import Store

__all__ = ["BY_LINK", "OPERATOR", "Trail", "called", "operator", "said_operator", "witness"]

BY_LINK = "person by link"
"""Who presses a button in a message of theirs."""

OPERATOR = "wayline-operator"
"""The header by which our own commands say who gives them. What counts is the key; this is beside."""

_LONGEST_NAME = 80


class Trail:
    """Writes down deeds of many at once: while some are written, others come together. From the
    event loop only.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Deed, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, deed: Deed) -> None:
        """Returns when it is durable. Raises what the store raises; then it is not written down."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await done  # whoever hangs up is written down all the same

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._together(group)
        finally:
            self._writing = None

    async def _together(self, group: Sequence[tuple[Deed, asyncio.Future[None]]]) -> None:
        try:
            await asyncio.to_thread(self._store.deeds.add, [deed for deed, _ in group])
        except Exception as error:  # noqa: BLE001 - told to everybody who waits for it
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
        else:
            for _, done in group:
                if not done.done():
                    done.set_result(None)


def witness(
    store: Store,
    settings: Settings,
    what: str,
    whom: str = "",
    **about: object,
) -> None:
    """Writes down what an operator does, before they do it. Raises what the store raises; then it
    must not be done.
    """
    store.bars.under(settings.hidden_under)
    now = SystemClock().now()
    store.deeds.add([Deed(now, operator(), what, whom, about)])


def operator() -> str:
    """Whoever runs this process, as the audit log calls them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        name = str(os.getuid())
    return f"operator {name}"


def called(key: Key) -> str:
    """Whoever asks with a key, as the audit log calls them."""
    return f"key {key.name}" if key.hash else "anybody"


def said_operator(headers: Mapping[str, str]) -> str:
    """Who says that they have given a command; nothing, where none of ours asks."""
    said = unquote(headers.get(OPERATOR, ""))[:_LONGEST_NAME]
    return said if said.isprintable() else ""
