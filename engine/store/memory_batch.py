"""A batch of the memory store.

It collects and writes at its end, so nothing needs to be copied to be able to go back: the fixed
cost of a batch is a few microseconds, however many people there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from threading import RLock
from types import TracebackType
from typing import Self

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.bars import Bar, Destination
from engine.core.effects import Delivery
from engine.core.identity import Union
from engine.core.learning import Snapshot
from engine.core.merging import Behind
from engine.core.numbers import Said
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.run import Run
from engine.store import memory_merging as merging
from engine.store.kept import Alarm
from engine.store.memory_bars import MemoryBars
from engine.store.memory_deeds import MemoryDeeds
from engine.store.memory_learnt import MemoryLearnt
from engine.store.memory_numbers import MemoryNumbers
from engine.store.memory_strays import MemoryStrays
from engine.store.protocol import (
    Changes,
    Deployment,
    EdgeCount,
    Person,
)
from engine.store.shelves import Shelves

__all__ = ["MemoryBatch"]

_BY_ENTRY = attrgetter("entered", "id")


class MemoryBatch:
    """One transaction: it holds the store's lock until it is left."""

    def __init__(
        self,
        lock: RLock,
        shelves: Shelves,
        edges: Counter[EdgeCount],
        learnt: MemoryLearnt,
        deployments: Sequence[Deployment],
        numbers: MemoryNumbers,
        bars: MemoryBars,
        others: Sequence[MemoryDeeds | MemoryStrays],  # that know of people
    ) -> None:
        self._lock = lock
        self._deployments = deployments
        self._round: int | None = None  # as far as it will have gone
        self._visited = False
        self._shelves = shelves
        self._edges = edges
        self._learnt = learnt
        self._numbers = numbers
        self._bars = bars
        self._others = others
        self._taken: list[Alarm] = []
        self._loaded: set[str] = set()
        self._reserved = 0
        self._open = False

    def __enter__(self) -> Self:
        self._lock.acquire()
        self._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        self._shelves.put_back(self._taken)
        self._lock.release()

    def due(self, now: Instant, limit: int) -> list[str]:
        self._shelves.put_back(self._taken)
        people, self._taken = self._shelves.take_alarms(now, limit)
        return people

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        return {name: self._person(name, now) for name in people}

    def unreadable(self) -> Mapping[str, Exception]:
        return {}

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        names = tuple(events)
        known = self._shelves.people
        return {
            person: known[person].past(names) if person in known else {name: [] for name in names}
            for person in people
        }

    def closed_runs(self, people: Sequence[str], journeys: Iterable[str]) -> dict[str, list[Run]]:
        names = tuple(journeys)
        closed: dict[str, list[Run]] = {}
        for person in people:
            kept = self._shelves.people.get(person)
            runs = [
                run
                for name in names
                for run in (kept.latest.get(name, {}).values() if kept else ())
            ]
            runs.sort(key=_BY_ENTRY)
            closed[person] = runs
        return closed

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        known = self._shelves.deliveries
        found = {name: known[name] for name in ids if name in known}
        self._loaded.update(found)
        return found

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        return self._learnt.snapshots(subjects, now)

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        return self._numbers.said(places)

    def bars(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        return self._bars.read(destinations)

    def origins(self, people: Sequence[str]) -> dict[str, dict[str, Origin]]:
        known = {name: self._shelves.people.get(name) for name in people}
        return {name: {**kept.origins} for name, kept in known.items() if kept and kept.origins}

    def hold(self, people: Collection[str]) -> None:
        """Nobody else is here."""

    def unions(
        self, names: Collection[str], since: Instant, *, alone: bool = False
    ) -> dict[str, Union]:
        del alone  # nobody else is here
        return merging.unions(self._shelves, names, since)

    def behind(
        self, names: Collection[str], events: Iterable[str], journeys: Iterable[str]
    ) -> dict[str, Behind]:
        return merging.behind(self._shelves, names, events, journeys)

    def number(self) -> int:
        self._reserved += 1
        return self._shelves.last + self._reserved

    def current(self) -> int:
        return len(self._deployments)

    def visit(self, limit: int) -> list[str] | None:
        start = self._shelves.round
        if start is None:
            return None
        found = self._shelves.heard_from(start, limit)
        self._visited = True
        self._round = found[-1].heard + 1 if len(found) == limit else None
        return [kept.profile.id for kept in found if kept.aside is None]

    def released(self, people: Sequence[str]) -> set[str]:
        return self._shelves.released.keys() & set(people)

    def commit(self, changes: Changes) -> None:
        if not self._open:
            raise RuntimeError("this batch has ended; a new one is needed")
        self._open = False
        shelves = self._shelves
        if self._visited:
            shelves.round = self._round
        for person, number in changes.erased.items():
            names = [each.person for each in merging.names_of(shelves, person, number)]
            for name in [person, *names]:
                self._learnt.erase(name)
                for other in self._others:
                    other.erase(name)
                shelves.erase(name, number)
        for person, name in changes.joined:
            merging.join(shelves, self._learnt, person, name)
        for profile in changes.profiles:
            shelves.put_profile(profile)
        for run in changes.runs:
            shelves.put_run(run)
        for name, delivery in {each.id: each for each in changes.deliveries}.items():
            if name in self._loaded or name not in shelves.deliveries:
                shelves.put_delivery(delivery)
        for call in changes.calls:
            shelves.person(call.person)
            shelves.calls.put(call)
        for decision in changes.decisions:
            shelves.decide(decision)
        for made in changes.events:
            shelves.record(made)
        for number in changes.processed:
            shelves.process(number)
        for edge, count in changes.edges.items():
            self._edges[edge] += count
        for assignment in changes.assignments:
            self._learnt.assign(assignment)
        for counted, count in changes.counts.items():
            self._learnt.count(counted, count)
        for person, origins in changes.origins.items():
            shelves.person(person).origins.update(origins)
        self._bars.tell(list(changes.bars.items()))
        for aside in changes.aside:
            shelves.set_aside(aside)
        for merge in changes.merges:
            merging.close(shelves, merge)
        for handed in changes.handed:
            merging.hand_on(shelves, handed)

    def _person(self, name: str, now: Instant) -> Person:
        kept = self._shelves.people.get(name)
        if kept is None:
            return Person(Profile(name), known=False)
        runs = list(kept.runs.values())
        if len(runs) > 1:
            runs.sort(key=_BY_ENTRY)
        return Person(kept.profile, runs, kept.waiting(now), kept.known, kept.heard)
