"""The way in: arrivals are made durable one request at a time, off the event loop.

One writer thread, so that requests queue here in order instead of fighting for the database; when
too much is waiting, the sender is told to come back rather than being kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.core.signals import Arrival
from engine.store.protocol import Appended, Store

__all__ = ["Inbox", "InboxFullError"]


class InboxFullError(Exception):
    """More is waiting to be written than may wait."""


class Inbox:
    """Appends to the store and wakes the runner. ``most`` bounds the arrivals that may wait."""

    def __init__(self, store: Store, wake: Callable[[], None], most: int = 50_000) -> None:
        self._store = store
        self._wake = wake
        self._most = most
        self._waiting = 0
        self._writer = ThreadPoolExecutor(1, "wayline-inbox")

    async def add(self, arrivals: Sequence[Arrival]) -> Appended:
        """Returns when the arrivals are durable. Raises ``InboxFullError`` and whatever the store
        raises; then nothing of this call was taken.
        """
        if self._waiting + len(arrivals) > self._most:
            raise InboxFullError
        self._waiting += len(arrivals)
        written = asyncio.get_running_loop().run_in_executor(
            self._writer, self._store.append, arrivals
        )
        try:
            # A sender that hangs up cancels its request; what is being written is still counted.
            appended = await asyncio.shield(written)
        finally:
            self._waiting -= len(arrivals)
            self._wake()
        return appended

    def close(self) -> None:
        """Waits for what is being written."""
        self._writer.shutdown(wait=True)
