"""How the memory store is."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock

from dsl.calendar import Instant
from engine.store.pulse import Backlog
from engine.store.shelves import Shelves

__all__ = ["MemoryPulse"]


class MemoryPulse:
    """Looks at the shelves, behind the lock of the store."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves

    def clock(self) -> Instant | None:
        """There is nobody to have it in common with."""
        return None

    def latest(self) -> Instant | None:
        with self._lock:
            known = (self._shelves.received, self._shelves.decided)
            return max([at for at in known if at is not None], default=None)

    def backlog(self) -> Backlog:
        with self._lock:
            waiting = self._shelves.in_reach()
            return Backlog(len(waiting), min(waiting, default=None))

    def waited(self) -> Mapping[str, float]:
        """Nobody else is at work in it."""
        return {}

    def bring_forward(self, now: Instant) -> int:
        with self._lock:
            return self._shelves.bring_forward(now)
