"""The way in: arrivals are made durable off the event loop, those of several requests at once.

One writer thread. While it writes, requests queue here in order, and all that have come meanwhile
are the next transaction: the more come, the less each costs. Nobody is kept waiting to make a
group larger. When too much is waiting, the sender is told to come back rather than being kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from engine.core.signals import Arrival
from engine.ingest.door import Door
from engine.store.protocol import Appended, Store, StoreUnavailableError

__all__ = ["Inbox", "InboxFullError"]

_GROUP = 2_000  # arrivals in one transaction; whoever else writes waits for it


class InboxFullError(Exception):
    """More is waiting to be written than may wait."""


class _Request(NamedTuple):
    """What is to be written together, and who waits for it."""

    arrivals: Sequence[Arrival]
    done: asyncio.Future[Appended]


class Inbox:
    """Appends to the store and wakes the runner. ``most`` bounds the arrivals that may wait; what
    becomes of them is told to the ``door``.
    """

    def __init__(
        self,
        store: Store,
        wake: Callable[[], None],
        most: int = 50_000,
        door: Door | None = None,
    ) -> None:
        self._door = door
        self._store = store
        self._wake = wake
        self._most = most
        self._waiting = 0
        self._queue: deque[_Request] = deque()
        self._writer = ThreadPoolExecutor(1, "wayline-inbox")
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    async def add(self, arrivals: Sequence[Arrival]) -> Appended:
        """Returns when the arrivals are durable. Raises ``InboxFullError`` and whatever the store
        raises; then nothing of this call was taken.
        """
        if self._closed:
            raise RuntimeError("this inbox has been closed")
        if self._waiting + len(arrivals) > self._most:
            raise InboxFullError
        self._waiting += len(arrivals)
        done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._queue.append(_Request(arrivals, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        # A sender that hangs up cancels its request; it is written all the same.
        return await done

    def close(self) -> None:
        """Waits for what is being written. What still waits has no sender any more, and no answer."""
        self._closed = True
        self._writer.shutdown(wait=True)

    async def _write(self) -> None:
        """Until nothing waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._queue and not self._closed:
                group = self._next()
                await loop.run_in_executor(self._writer, self._append, loop, group)
        finally:
            self._writing = None

    def _next(self) -> list[_Request]:
        """The requests of one transaction: all that wait, as far as they may be that many."""
        group = [self._queue.popleft()]
        size = len(group[0].arrivals)
        while self._queue and size + len(self._queue[0].arrivals) <= _GROUP:
            group.append(self._queue.popleft())
            size += len(group[-1].arrivals)
        return group

    # ------------------------------------------------------------------- in the writer's thread

    def _append(self, loop: asyncio.AbstractEventLoop, group: Sequence[_Request]) -> None:
        try:
            answers: list[Appended | Exception] = [*self._together(group)]
            if self._door is not None:
                self._door.taken()
        except StoreUnavailableError as error:
            answers = [error] * len(group)
            if self._door is not None:
                self._door.turned_away(error)
        except Exception as error:  # noqa: BLE001 - whoever sent it is told, and not the others
            answers = [error] if len(group) == 1 else [self._alone(each) for each in group]
        loop.call_soon_threadsafe(self._tell, group, answers)

    def _together(self, group: Sequence[_Request]) -> list[Appended]:
        if len(group) == 1:
            return [self._store.append(group[0].arrivals)]
        repeats = self._store.append([a for each in group for a in each.arrivals]).repeats
        answers, first = [], 0
        for each in group:
            size = len(each.arrivals)
            own = frozenset(p - first for p in repeats if first <= p < first + size)
            answers.append(Appended(size - len(own), len(own), own))
            first += size
        return answers

    def _alone(self, request: _Request) -> Appended | Exception:
        try:
            return self._store.append(request.arrivals)
        except Exception as error:  # noqa: BLE001 - as above
            return error

    # ------------------------------------------------------------------------ on the event loop

    def _tell(self, group: Sequence[_Request], answers: Sequence[Appended | Exception]) -> None:
        for each, answer in zip(group, answers, strict=True):
            self._waiting -= len(each.arrivals)
            if each.done.done():
                continue
            if isinstance(answer, Exception):
                each.done.set_exception(answer)
            else:
                each.done.set_result(answer)
        self._wake()
