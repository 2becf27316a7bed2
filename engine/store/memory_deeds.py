"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from secrets import token_bytes
from threading import RLock

from dsl.calendar import Instant
from engine.core.deeds import PERSON, Deed
from engine.store.shelves import Shelves

__all__ = ["MemoryDeeds"]


class MemoryDeeds:
    """A list, behind the lock of the store."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves
        self._secret = token_bytes(32)
        self._deeds: list[tuple[int, Deed]] = []
        self._last = 0

    def add(self, deeds: Sequence[Deed]) -> None:
        with self._lock:
            for deed in deeds:
                self._last += 1
                known = not deed.whom or deed.whom in self._shelves.people
                self._deeds.append((self._last, deed if known else self._hidden(deed)))

    def read(
        self, before: int | None = None, limit: int = 100, whom: str | None = None
    ) -> list[tuple[int, Deed]]:
        wanted = None if whom is None else {whom, self._name(whom)}
        with self._lock:
            found = [
                (number, deed)
                for number, deed in reversed(self._deeds)
                if (before is None or number < before) and (wanted is None or deed.whom in wanted)
            ]
        return found[:limit]

    def prune(self, until: Instant, limit: int = 1_000) -> int:
        with self._lock:
            old = {number for number, deed in self._deeds[:limit] if deed.at < until}
            self._deeds = [each for each in self._deeds if each[0] not in old]
        return len(old)

    def erase(self, person: str) -> None:
        """Nobody can tell any more that it was they."""
        self._deeds = [
            (number, self._hidden(deed) if deed.whom == person else deed)
            for number, deed in self._deeds
        ]

    def _hidden(self, deed: Deed) -> Deed:
        return deed._replace(whom=self._name(deed.whom))

    def _name(self, person: str) -> str:
        said = person.encode("utf-8", "surrogatepass")
        return PERSON + blake2b(said, digest_size=16, key=self._secret).hexdigest()
