"""What is known against addresses, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from threading import RLock

from engine.core.bars import NO_BAR, Bar, Destination
from engine.core.signals import Arrival
from engine.store.shelves import Shelves

__all__ = ["MemoryBars"]


class MemoryBars:
    """A dictionary, behind the lock of the store. It goes with the process, so it has no keys."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves
        self._bars: dict[Destination, Bar] = {}

    def under(self, keys: Sequence[bytes]) -> None:
        """Nobody else can look in here."""

    def lost(self) -> int:
        return 0

    def read(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        with self._lock:
            return {each: self._bars[each] for each in destinations if each in self._bars}

    def tell(
        self, bars: Sequence[tuple[Destination, Bar]], arrivals: Sequence[Arrival] = ()
    ) -> None:
        with self._lock:
            for destination, bar in bars:
                known = self._bars.get(destination, NO_BAR)
                self._bars[destination] = known.joined(bar)
            for each in arrivals:
                self._shelves.receive(each)

    def count(self) -> int:
        with self._lock:
            return sum(each.since > 0 for each in self._bars.values())
