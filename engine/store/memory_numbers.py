"""Telephone numbers in memory."""

from __future__ import annotations

from collections.abc import Collection
from threading import RLock

from engine.core.numbers import Said
from engine.store.numbers import Tell
from engine.store.shelves import Shelves

__all__ = ["MemoryNumbers"]


class MemoryNumbers:
    """A dictionary, behind the lock of the store; whose a number is, is on the shelves."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves
        self._said: dict[tuple[str, str], Said] = {}

    def people(self, number: str) -> list[str]:
        with self._lock:
            return sorted(self._shelves.owners.get(number, ()))

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        with self._lock:
            return {place: self._said[place] for place in places if place in self._said}

    def hear(self, channel: str, number: str, people: Collection[str], tell: Tell) -> int:
        with self._lock:
            place = channel, number
            self._said[place], arrivals = tell(self._said.get(place, Said()))
            return sum(self._shelves.receive(each) for each in arrivals)
