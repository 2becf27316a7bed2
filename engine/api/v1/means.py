"""What operations have at hand: the store by way of readers of their own, and the way in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from dsl.calendar import Instant
from engine.access.trail import Trail
from engine.api.front import Front
from engine.api.problem import Problem
from engine.clock import Clock
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.hooks import Hooks
from engine.ingest.inbox import Inbox
from engine.metrics import Metrics
from engine.pressure import Pressure
from engine.store.protocol import Appended, Store

__all__ = ["Deployed", "Means", "Readers"]

_T = TypeVar("_T")
_READERS = 4
_MOST_WAITING = 64
_AGAIN = {"retry-after": "1"}
_BEHIND = "More events are waiting than can be processed soon; send this again later."
_NO_PROJECT = "No project is deployed yet; ask again when one is."


class Readers:
    """Threads that read the store, so that nobody who asks holds up the event loop, and no number
    of them the engine: beyond a few, readers wait, and beyond many they are sent away.
    """

    def __init__(self, count: int = _READERS, most: int = _MOST_WAITING) -> None:
        self._threads = ThreadPoolExecutor(count, "wayline-reader")
        self._most = most
        self._waiting = 0

    async def __call__(self, function: Callable[..., _T], /, *arguments: object) -> _T:
        """What a function says, called in one of the threads."""
        if self._waiting >= self._most:
            raise Problem(503, "Too much is being asked at once; ask again.", headers=_AGAIN)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, function, *arguments)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Nobody asks any more."""
        self._threads.shutdown(wait=True, cancel_futures=True)


class Deployed(NamedTuple):
    """The deployed project as operations need it."""

    front: Front
    program: Program


class Means(NamedTuple):
    """One for the whole API."""

    store: Store
    read: Readers
    front: Callable[[], Front | None]
    inbox: Inbox
    pressure: Pressure
    metrics: Metrics
    clock: Clock
    trail: Trail
    hooks: Hooks | None = None

    @property
    def now(self) -> Instant:
        """What time it is."""
        return self.clock.now()

    @property
    def deployed(self) -> Deployed:
        """What runs; a problem, if nothing does."""
        front = self.front()
        if front is None or front.program is None:
            raise Problem(503, _NO_PROJECT, headers=_AGAIN)
        return Deployed(front, front.program)

    async def add(self, arrivals: Sequence[Arrival]) -> Appended:
        """Makes arrivals durable, if there is room for more."""
        count = len(arrivals)
        seconds = self.pressure.admit(count)
        if seconds is not None:
            self.metrics.events.labels("put off").inc(count)
            raise Problem(429, _BEHIND, headers={"retry-after": str(seconds)})
        try:
            appended = await self.inbox.add(arrivals)
        except Exception:
            self.pressure.give_back(count)
            raise
        self.metrics.events.labels("accepted").inc(appended.accepted)
        self.metrics.events.labels("repeated").inc(appended.repeated)
        return appended
