"""Gates in memory."""

from __future__ import annotations

from collections.abc import Collection
from threading import RLock

from dsl.calendar import Instant
from engine.core.gates import Gate
from engine.store.gates import Change

__all__ = ["MemoryGates"]


class MemoryGates:
    """A dictionary, behind the lock of the store."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._gates: dict[str, Gate] = {}

    def read(self, names: Collection[str]) -> dict[str, Gate]:
        with self._lock:
            return {name: self._gates.get(name, Gate()) for name in names}

    def known(self, now: Instant) -> dict[str, Gate]:
        with self._lock:
            return {n: gate for n, gate in sorted(self._gates.items()) if gate.matters_until >= now}

    def turn(self, names: Collection[str], change: Change) -> None:
        with self._lock:
            self._gates.update(change(self.read(names)))

    def prune(self, now: Instant) -> None:
        with self._lock:
            self._gates = self.known(now)
