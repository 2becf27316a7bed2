"""Bringing in many people at once, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import RLock

from dsl.calendar import Instant
from engine.core.past import newcomer
from engine.core.signals import Arrival
from engine.store.imports import Brought, apart, counted, destinations_of, numbers_among
from engine.store.memory_bars import MemoryBars
from engine.store.memory_numbers import MemoryNumbers
from engine.store.shelves import Shelves

__all__ = ["MemoryImports"]


class MemoryImports:
    """A dictionary of marks, behind the lock of the store."""

    def __init__(
        self, lock: RLock, shelves: Shelves, numbers: MemoryNumbers, bars: MemoryBars
    ) -> None:
        self._lock = lock
        self._shelves = shelves
        self._numbers = numbers
        self._bars = bars
        self._marks: dict[str, str] = {}

    def reached(self, name: str) -> str | None:
        return self._marks.get(name)

    def marks(self) -> Mapping[str, str]:
        with self._lock:
            return dict(self._marks)

    def bring(
        self,
        arrivals: Sequence[Arrival],
        name: str,
        mark: Callable[[Brought], str],
        wake: Instant | None = None,
    ) -> Brought:
        with self._lock:
            people, rest = apart(arrivals)
            written = repeated = new = 0
            for person, past in people.items():
                if person in self._shelves.people or self._is_told_of(past):
                    rest += past
                    continue
                taken = [each for each in past if self._shelves.file(each)]
                profile, origins = newcomer(person, taken)
                self._shelves.put_profile(profile._replace(wake=wake))
                self._shelves.person(person).origins.update(origins)
                new, written = new + 1, written + len(taken)
                repeated += len(past) - len(taken)
            there = {place for place, each in enumerate(rest) if not self._shelves.receive(each)}
            waiting, before = counted(rest, there)
            brought = Brought(new, written, waiting, repeated + before)
            self._marks[name] = mark(brought)
        return brought

    def _is_told_of(self, past: Sequence[Arrival]) -> bool:
        """Whether anything was said from an address of theirs, or is known against one."""
        found = destinations_of(past)
        return bool(self._numbers.said(numbers_among(found)) or self._bars.read(found))
