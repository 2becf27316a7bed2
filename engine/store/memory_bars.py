"""What is known against addresses, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from threading import RLock

from dsl.calendar import Instant
from engine.core.bars import NO_BAR, Bar, Destination, suppressions_of, untold
from engine.core.signals import Arrival
from engine.store.bars import Recalled
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

    def recall(
        self, channels: Collection[str], at: Instant, limit: int = 500, *, again: bool = False
    ) -> Recalled:
        """All of it at once: nothing is older than the process."""
        with self._lock:
            wanted: dict[Destination, Bar] = {}
            for kept in self._shelves.people.values():
                for place, bar in suppressions_of(kept.profile, channels, at).items():
                    wanted[place] = wanted.get(place, NO_BAR).joined(bar)
            fresh = untold(wanted, self._bars, at)
            self.tell([*fresh.items()])
        return Recalled(len(fresh))

    def count(self) -> int:
        with self._lock:
            return sum(each.since > 0 for each in self._bars.values())
