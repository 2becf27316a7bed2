"""Scores in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock

from dsl.calendar import Instant
from dsl.scoring import Score, places_of_bounds
from engine.store.kept import Kept
from engine.store.memory_learnt import MemoryLearnt
from engine.store.scores import Bounds
from engine.store.shelves import Shelves

__all__ = ["MemoryScores"]


class MemoryScores:
    """Behind the lock of its store."""

    def __init__(self, lock: RLock, shelves: Shelves, learnt: MemoryLearnt) -> None:
        self._lock = lock
        self._shelves = shelves
        self._learnt = learnt

    def bounds(self, score: Score, now: Instant) -> Bounds | None:
        found = self._learnt.snapshots([score.subject], now).get(score.subject)
        if found is None:
            return None
        return Bounds(found.number, found.at, tuple(found.values["bounds"]))

    def first(self, score: Score) -> Bounds | None:
        found = self._learnt.first(score.subject)
        if found is None:
            return None
        return Bounds(found.number, found.at, tuple(found.values["bounds"]))

    def divide(self, score: Score) -> tuple[int, ...]:
        with self._lock:
            values = sorted(value for _, value in self._valued(score))
        return tuple(values[place] for place in places_of_bounds(len(values)))

    def keep(self, at: Instant, bounds: Mapping[str, Sequence[int]]) -> None:
        self._learnt.put(at, {subject: {"bounds": each} for subject, each in bounds.items()})

    def wake(self, score: Score, bounds: Sequence[int], now: Instant) -> int:
        count = 0
        with self._lock:
            for kept, value in self._valued(score):
                profile = kept.profile
                if score.of(value, bounds, now) != profile.attributes.get(score.name):
                    count += 1
                    if profile.wake is None or profile.wake > now:
                        self._shelves.put_profile(profile._replace(wake=now))
        return count

    def _valued(self, score: Score) -> list[tuple[Kept, int]]:
        """Everybody who has a value."""
        return [
            (kept, value)
            for kept in self._shelves.people.values()
            if kept.known and isinstance(value := kept.profile.attributes.get(score.attribute), int)
        ]
