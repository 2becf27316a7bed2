"""What does not stand in the tracking plan, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from threading import RLock

from dsl.calendar import DAY, Instant
from engine.core.signals import Arrival
from engine.core.strays import KEPT_FOR, MOST_KEPT, MOST_OF_A_NAME, Oddity, Seen, Stray
from engine.store.heard import Appended
from engine.store.shelves import Shelves
from engine.store.strays import Kept, bounded, day_of

__all__ = ["MemoryStrays"]


class MemoryStrays:
    """Dictionaries, behind the lock of the store."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves
        self._seen: dict[tuple[Instant, Oddity], Seen] = {}
        self._kept: dict[int, Stray] = {}
        self._last = 0

    def keep(self, odd: Mapping[Oddity, Seen], strays: Sequence[Stray], now: Instant) -> int:
        with self._lock:
            self._forget(now - KEPT_FOR)
            day = day_of(now)
            known = {oddity for at, oddity in self._seen if at == day}
            for oddity, seen in bounded(odd, known).items():
                before = self._seen.get((day, oddity))
                self._seen[day, oddity] = seen if before is None else before.plus(seen)
            return sum(self._put(stray) for stray in strays)

    def seen(self, since: Instant) -> dict[tuple[Instant, Oddity], Seen]:
        with self._lock:
            return {key: seen for key, seen in self._seen.items() if key[0] + DAY > since}

    def kept(self, after: int, limit: int) -> list[Kept]:
        with self._lock:
            found = [Kept(*each) for each in self._kept.items() if each[0] > after]
        return found[:limit]

    def count(self) -> int:
        return len(self._kept)

    def settle(self, gone: Sequence[int], arrivals: Sequence[Arrival]) -> Appended:
        with self._lock:
            for number in gone:
                self._kept.pop(number, None)
            repeats = frozenset(
                place for place, each in enumerate(arrivals) if not self._shelves.receive(each)
            )
        return Appended(len(arrivals) - len(repeats), len(repeats), repeats)

    def of(self, people: Collection[str]) -> list[Stray]:
        """The calls of some people."""
        return [each for each in self._kept.values() if each.person in people]

    def erase(self, person: str) -> None:
        """Lets go of the calls of a person."""
        self._kept = {n: each for n, each in self._kept.items() if each.person != person}

    def _forget(self, until: Instant) -> None:
        self._seen = {key: seen for key, seen in self._seen.items() if key[0] + DAY > until}
        self._kept = {n: each for n, each in self._kept.items() if each.received > until}

    def _put(self, stray: Stray) -> bool:
        names = Counter(each.event for each in self._kept.values())
        if len(self._kept) >= MOST_KEPT or names[stray.event] >= MOST_OF_A_NAME:
            return False
        if any(each.id == stray.id for each in self._kept.values()):
            return False
        self._last += 1
        self._kept[self._last] = stray
        return True
