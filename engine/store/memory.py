"""The store in memory: for the simulator and for tests. It forgets everything at the end.

A batch collects and writes at its end, so nothing needs to be copied to be able to go back: the
fixed cost of a batch is a few microseconds, however many people there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from secrets import token_bytes
from threading import RLock
from types import TracebackType
from typing import Self

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.machine import Rule
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.learning import Snapshot
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.run import Run
from engine.core.signals import Arrival, ReceiptArrived
from engine.store.audience import members
from engine.store.memory_gates import MemoryGates
from engine.store.memory_learnt import MemoryLearnt
from engine.store.protocol import (
    Appended,
    Aside,
    Batch,
    CallSettlement,
    Changes,
    Deployed,
    Deployment,
    EdgeCount,
    Person,
    PersonView,
    Portion,
    Residence,
    Settlement,
)
from engine.store.shelves import Alarm, Shelves
from engine.store.whereabouts import residence_of

__all__ = ["MemoryStore"]

_BY_ENTRY = attrgetter("entered", "id")


class MemoryStore:
    """Dictionaries and heaps behind one lock."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._shelves = Shelves()
        self._edges: Counter[EdgeCount] = Counter()
        self.learnt = MemoryLearnt(self._lock)
        self.gates = MemoryGates(self._lock)
        self._deployments: list[Deployment] = []
        self._secret = token_bytes(32)

    @property
    def is_shared(self) -> bool:
        return False

    def listen(self, told: Callable[[], None]) -> None:
        """There is nobody else."""

    def secret(self) -> bytes:
        return self._secret

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        with self._lock:
            repeats = frozenset(
                place
                for place, arrival in enumerate(arrivals)
                if not self._shelves.receive(arrival)
            )
        return Appended(len(arrivals) - len(repeats), len(repeats), repeats)

    def batch(self) -> AbstractContextManager[Batch]:
        return _MemoryBatch(self._lock, self._shelves, self._edges, self.learnt, self._deployments)

    def next_wake(self) -> Instant | None:
        with self._lock:
            return self._shelves.next_wake()

    def lanes(self, now: Instant) -> list[str]:
        with self._lock:
            return self._shelves.queued.due(now)

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        with self._lock:
            (claimed,) = self.claim_from(now, [Portion(limit, tuple(self.lanes(now)))], lease)
        return claimed

    def claim_from(
        self, now: Instant, portions: Sequence[Portion], lease: Instant
    ) -> list[list[Delivery]]:
        taken: list[list[Delivery]] = []
        with self._lock:
            for limit, first, then, most in portions:
                claimed = self._shelves.queued.take(first, now, limit)
                claimed += self._shelves.queued.take(then, now, min(most, limit - len(claimed)))
                claimed = [each._replace(status="calling", lease=lease) for each in claimed]
                for delivery in claimed:
                    self._shelves.put_delivery(delivery)
                taken.append(claimed)
        return taken

    def lost(self, now: Instant) -> list[Delivery]:
        with self._lock:
            return self._shelves.overdue(now)

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        with self._lock:
            for settlement in settlements:
                delivery = self._shelves.deliveries.get(settlement.delivery)
                if delivery is not None and settlement.lease in (None, delivery.lease):
                    settled = delivery._replace(
                        status=settlement.status,
                        due=settlement.due,
                        attempts=settlement.attempts,
                        provider_id=settlement.provider_id or delivery.provider_id,
                        lease=None,
                        lane=settlement.lane or delivery.lane,
                    )
                    if settlement.parts is not None:
                        settled = settled._replace(parts=settlement.parts, unfinished=None)
                    self._shelves.put_delivery(settled)
            known = self._shelves.deliveries
            self.append(
                [
                    each
                    for each in receipts
                    if not isinstance(each, ReceiptArrived) or each.delivery in known
                ]
            )

    def services(self, now: Instant) -> list[str]:
        with self._lock:
            return self._shelves.calls.due(now)

    def claim_calls(
        self, now: Instant, limit: int, lease: Instant, service: str | None = None
    ) -> list[CallWebhook]:
        with self._lock:
            return self._shelves.calls.claim(now, limit, lease, service)

    def settle_calls(self, settlements: Sequence[CallSettlement]) -> None:
        with self._lock:
            calls = self._shelves.calls
            for call, attempts, due, answer in settlements:
                if answer is None:
                    calls.put_back(call, due, attempts)
                elif calls.remove(call):
                    self._shelves.receive(answer)

    def reopen_calls(self, now: Instant) -> None:
        with self._lock:
            self._shelves.calls.reopen(now)

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        names = tuple(events)
        with self._lock:
            found = {name: self._shelves.people.get(name) for name in ids}
            return {
                name: PersonView(
                    kept.profile,
                    sorted([*kept.runs.values(), *kept.closed.values()], key=_BY_ENTRY),
                    kept.past(names),
                    kept.aside,
                )
                for name, kept in found.items()
                if kept is not None
            }

    def audience(self, rule: Rule, program: Program, now: Instant) -> Iterator[str]:
        with self._lock:
            ids = [name for name, kept in self._shelves.people.items() if kept.known]
        yield from members(self.people(ids, program.read_by(rule)), rule, program, now)

    def audience_size(self, rule: Rule, program: Program, now: Instant) -> int:
        return sum(1 for _ in self.audience(rule, program, now))

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        with self._lock:
            known = self._shelves.deliveries
            return {name: known[name] for name in ids if name in known}

    def decisions(self, person: str) -> list[Decision]:
        with self._lock:
            kept = self._shelves.people.get(person)
            return kept.decisions[:] if kept else []

    def deliveries_of(self, person: str) -> list[Delivery]:
        with self._lock:
            kept = self._shelves.people.get(person)
            return [self._shelves.deliveries[name] for name in kept.deliveries] if kept else []

    def edges(self) -> dict[EdgeCount, int]:
        with self._lock:
            return dict(self._edges)

    def wake_everyone(self, at: Instant) -> None:
        with self._lock:
            for kept in self._shelves.people.values():
                if kept.known:
                    self._shelves.put_profile(kept.profile._replace(wake=at))

    def deploy(
        self,
        deployment: Deployment,
        *,
        onto: int | None = None,
        empty: Collection[Residence] = (),
        visit: bool = False,
    ) -> Deployed:
        with self._lock:
            number = len(self._deployments)
            if onto not in (None, number):
                return "overtaken"
            if empty and not self.residents().keys().isdisjoint(empty):
                return "occupied"
            files = dict(deployment.files)
            self._deployments.append(deployment._replace(number=number + 1, files=files))
            if visit:
                self._shelves.round = 0
            self.release(deployment.deployed)
            return "deployed"

    def deployed(self) -> Deployment | None:
        with self._lock:
            return self._deployments[-1] if self._deployments else None

    def deployments(self) -> list[Deployment]:
        with self._lock:
            return [each._replace(files={}) for each in self._deployments]

    def deployment(self, number: int) -> Deployment | None:
        with self._lock:
            known = 0 < number <= len(self._deployments)
            return self._deployments[number - 1] if known else None

    def visiting(self) -> bool:
        return self._shelves.round is not None

    def set_aside(self) -> list[Aside]:
        with self._lock:
            found = [each.aside for each in self._shelves.people.values() if each.aside is not None]
        return sorted(found, key=attrgetter("since", "person"))

    def release(self, at: Instant, people: Collection[str] | None = None) -> int:
        with self._lock:
            known = self._shelves.people
            wanted = list(known) if people is None else dict.fromkeys(people)
            found = [kept for name in wanted if (kept := known.get(name)) and kept.aside]
            for kept in found:
                self._shelves.release(kept, at)
        return len(found)

    def residents(self) -> dict[Residence, int]:
        found: Counter[Residence] = Counter()
        with self._lock:
            for kept in self._shelves.people.values():
                found.update({residence_of(run): 1 for run in kept.runs.values()})
        return dict(found)

    def tidy(self) -> None:
        """Nothing to tidy."""

    def close(self) -> None:
        """Nothing to give back."""


class _MemoryBatch:
    """One transaction: it holds the store's lock until it is left."""

    def __init__(
        self,
        lock: RLock,
        shelves: Shelves,
        edges: Counter[EdgeCount],
        learnt: MemoryLearnt,
        deployments: Sequence[Deployment],
    ) -> None:
        self._lock = lock
        self._deployments = deployments
        self._round: int | None = None  # as far as it will have gone
        self._visited = False
        self._shelves = shelves
        self._edges = edges
        self._learnt = learnt
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
            self._learnt.erase(person)
            shelves.erase(person, number)
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
            shelves.person(decision.person).decisions.append(decision)
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
        for aside in changes.aside:
            shelves.set_aside(aside)

    def _person(self, name: str, now: Instant) -> Person:
        kept = self._shelves.people.get(name)
        if kept is None:
            return Person(Profile(name), known=False)
        runs = list(kept.runs.values())
        if len(runs) > 1:
            runs.sort(key=_BY_ENTRY)
        return Person(kept.profile, runs, kept.waiting(now), kept.known)
