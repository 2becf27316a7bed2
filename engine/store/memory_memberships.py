"""Memberships in memory: everybody is asked one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from threading import RLock

from dsl.calendar import Instant
from engine.core.program import Program
from engine.core.tallying import is_behind
from engine.store.audience import members, members_then
from engine.store.memberships import Rebuilt
from engine.store.memory_scores import MemoryScores
from engine.store.protocol import PersonView
from engine.store.shelves import Shelves

__all__ = ["MemoryMemberships"]


class MemoryMemberships:
    """Behind the lock of its store. ``people`` loads them with events of some names."""

    def __init__(
        self,
        lock: RLock,
        shelves: Shelves,
        people: Callable[[list[str], Collection[str]], dict[str, PersonView]],
        scores: MemoryScores,
    ) -> None:
        self.scores = scores
        self._lock = lock
        self._shelves = shelves
        self._people = people

    def rebuild(self, program: Program, names: Collection[str], now: Instant) -> list[Rebuilt]:
        with self._lock:
            return [self._one(program, name, now) for name in names]

    def then(self, program: Program, segment: str, then: Instant) -> set[str]:
        rule = program.project.segments[segment].who
        events = program.read_by(rule)
        if program.computing is not None:
            events |= program.computing.events
        with self._lock:
            ids = [name for name, kept in self._shelves.people.items() if kept.known]
            views = self._people(ids, events)
            return set(members_then(views, rule, program, self.scores, then))

    def _one(self, program: Program, name: str, now: Instant) -> Rebuilt:
        rule = program.project.segments[name].who
        known = {each: kept for each, kept in self._shelves.people.items() if kept.known}
        inside = set(members(self._people(list(known), program.read_by(rule)), rule, program, now))
        if name not in program.tracked:
            return Rebuilt(name, len(inside))
        entered = left = first = 0
        for each, kept in known.items():
            profile, is_in = kept.profile, each in inside
            if is_behind(program.computing, profile):
                continue
            was = profile.segments.get(name)
            if was is None:
                first += 1
                segments = {**profile.segments, name: is_in}
                self._shelves.put_profile(profile._replace(segments=segments))
            elif was is not is_in:
                entered, left = entered + is_in, left + was
                if profile.wake is None or profile.wake > now:
                    self._shelves.put_profile(profile._replace(wake=now))
        return Rebuilt(name, len(inside), entered, left, first)
