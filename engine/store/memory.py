"""The store in memory: for the simulator and for tests. It forgets everything at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from secrets import token_bytes
from threading import RLock

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.changes import Merge
from engine.core.consent import Entry
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.store.audience import members
from engine.store.dossier import Dossier, Filed
from engine.store.memory_bars import MemoryBars
from engine.store.memory_batch import MemoryBatch
from engine.store.memory_deeds import MemoryDeeds
from engine.store.memory_gates import MemoryGates
from engine.store.memory_hooks import MemoryHooks
from engine.store.memory_imports import MemoryImports
from engine.store.memory_keys import MemoryKeys
from engine.store.memory_learnt import MemoryLearnt
from engine.store.memory_memberships import MemoryMemberships
from engine.store.memory_merging import names_of
from engine.store.memory_numbers import MemoryNumbers
from engine.store.memory_pages import MemoryPages
from engine.store.memory_pulse import MemoryPulse
from engine.store.memory_scores import MemoryScores
from engine.store.memory_strays import MemoryStrays
from engine.store.protocol import (
    Appended,
    Aside,
    Batch,
    CallSettlement,
    Deployed,
    Deployment,
    EdgeCount,
    PersonView,
    Portion,
    Residence,
    Settlement,
)
from engine.store.settlements import kept_of
from engine.store.shelves import Shelves
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
        self.old = None  # it goes with the process
        self.gates = MemoryGates(self._lock)
        self.bars = MemoryBars(self._lock, self._shelves)
        self.deeds = MemoryDeeds(self._lock, self._shelves)
        self.numbers = MemoryNumbers(self._lock, self._shelves)
        self.strays = MemoryStrays(self._lock, self._shelves)
        self.imports = MemoryImports(self._lock, self._shelves, self.numbers, self.bars)
        self.keys = MemoryKeys(self._lock)
        self.hooks = MemoryHooks(self._lock, self._shelves)
        self.pulse = MemoryPulse(self._lock, self._shelves)
        self.pages = MemoryPages(self._lock, self._shelves)
        scores = MemoryScores(self._lock, self._shelves, self.learnt)
        self.memberships = MemoryMemberships(self._lock, self._shelves, self.people, scores)
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
        return MemoryBatch(
            self._lock,
            self._shelves,
            self._edges,
            self.learnt,
            self._deployments,
            self.numbers,
            self.bars,
            (self.deeds, self.strays),
        )

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

    def renew(self, until: Instant, calls_until: Instant, *, everybody: bool = False) -> None:
        """There is nobody else."""
        with self._lock:
            self._shelves.renew(until, calls_until)

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
                        settled = settled._replace(
                            parts=settlement.parts, links=settlement.links, unfinished=None
                        )
                    self._shelves.put_delivery(settled)
            self.append(kept_of(receipts, self._shelves.deliveries))

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
            return [each for _, each in kept.decisions] if kept else []

    def deliveries_of(self, person: str) -> list[Delivery]:
        with self._lock:
            kept = self._shelves.people.get(person)
            return [self._shelves.deliveries[name] for name in kept.deliveries] if kept else []

    def dossier(self, person: str) -> Dossier | None:
        """Of what was processed and is no event, nothing is kept here."""
        with self._lock:
            view = self.people([person], ()).get(person)
            if view is None:
                return None
            kept = self._shelves.people[person]
            return Dossier(
                view,
                [Filed(*each) for each in kept.filed()],
                self.deliveries_of(person),
                self.decisions(person),
                self._shelves.calls.of(person),
                self.learnt.of(person),
                kept.aside,
                consents=kept.ledger(),
                origins={**kept.origins},
                names=(names := self.names(person)),
                strays=self.strays.of({person, *(each.person for each in names)}),
            )

    def names(self, person: str) -> list[Merge]:
        with self._lock:
            return sorted(names_of(self._shelves, person), key=attrgetter("at", "person"))

    def consents(self, person: str) -> list[Entry]:
        with self._lock:
            kept = self._shelves.people.get(person)
            return kept.ledger() if kept else []

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

    def suppressed(self) -> Iterator[Profile]:
        with self._lock:
            known = [each.profile for each in self._shelves.people.values()]
        bare = (each._replace(contacts=(), wake=None, woken=None) for each in known)
        return (each for each in bare if each.suppressed)

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
