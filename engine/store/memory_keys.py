"""Keys in memory."""

from __future__ import annotations

from operator import attrgetter
from threading import RLock

from engine.core.keys import Key
from engine.store.keys import Keep

__all__ = ["MemoryKeys"]

_IN_ORDER = attrgetter("created", "hash")


class MemoryKeys:
    """A dictionary, behind the lock of the store."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._keys: dict[str, Key] = {}

    def known(self) -> list[Key]:
        with self._lock:
            return sorted(self._keys.values(), key=_IN_ORDER)

    def turn(self, change: Keep) -> None:
        with self._lock:
            self._keys.update({key.hash: key for key in change(self.known())})
