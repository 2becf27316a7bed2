"""A store and the processes that work on it until one dies; then the next one does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from channels.adapter import Adapter
from channels.services import Services
from dsl.calendar import Instant
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.store.protocol import Store
from tests.engine.grounds import Ground, PostgresGround
from tests.engine.seams import Desk, Died, Outcomes, Provider, Seams

__all__ = ["SharedWorld", "World"]

_PATIENCE = 1000
_GLANCE = 0.002  # seconds, between two looks at whether somebody waits for a lock
_T = TypeVar("_T")


class _Worker:
    """A process: whatever works on a store."""

    def __init__(
        self,
        store: Store,
        program: Program,
        adapters: Mapping[str, Adapter],
        services: Services,
        clock: Callable[[], Instant],
    ) -> None:
        self.store = store
        self._clock = clock
        self._runner = Runner(store, program)
        self._dispatcher = Dispatcher(store, program, adapters)
        self._caller = Caller(store, program, services, clock)

    def recover(self) -> None:
        """What a process does first that is alone with its store."""
        asyncio.run(self._dispatcher.recover(self._clock()))
        asyncio.run(self._caller.recover(self._clock()))

    def turn(self, limit: int) -> bool:
        """One batch, one round of hand-overs and one of calls. Whether there was anything to do."""
        now = self._clock()
        ran = self._runner.run_once(now, limit)
        sent = asyncio.run(self._dispatcher.run_once(now))
        called = asyncio.run(self._caller.run_once(now))
        return bool(ran.people or any(sent[:5]) or any(called[:3]))


class World:
    """One process at a time works on the store. It begins by settling what the one before it had
    out, if the ground says that it is alone; else that comes back with the ends of leases.
    """

    batch = 1000

    def __init__(self, ground: Ground, program: Program, provider: Provider, seams: Seams) -> None:
        self.now: Instant = 0
        self.out: set[str] = set()  # deliveries that were claimed and not settled when it died
        self._ground = ground
        self._program = program
        self._provider = provider
        self._desk = Desk()
        self._seams = provider.seams = self._desk.seams = seams
        self._worker: _Worker | None = None
        self._insist(self._begin)

    def _begin(self) -> None:
        if self._worker is None:
            self._worker = self.engage(self._ground)
            if self._ground.is_alone:
                self._worker.recover()

    def engage(self, ground: Ground) -> _Worker:
        """A process of its own."""
        adapters = dict.fromkeys(self._program.policy.channels, self._provider)
        return _Worker(ground.open(), self._program, adapters, self._desk, lambda: self.now)

    def _insist(self, act: Callable[[], _T]) -> _T:
        """Does it, and if the process dies over it, again in the next one."""
        while True:
            try:
                self._begin()
                return act()
            except Died:
                self._seams.revive()
                worker, self._worker = self._worker, None
                self.out = self._ground.bury(None if worker is None else worker.store)
                self.mourn()

    def mourn(self) -> None:
        """What the others do once the dead one is out of their way."""

    @property
    def _store(self) -> Store:
        assert self._worker is not None
        return self._worker.store

    def tell(self, at: Instant, arrivals: Sequence[Arrival]) -> None:
        """Time goes on to ``at``, and then this is told, until it is answered."""
        self.until(at)
        self._insist(lambda: self._store.append(arrivals))
        self._insist(self._settle)

    def until(self, end: Instant) -> None:
        """Everything due by then, each thing at its own instant."""
        self._insist(self._settle)
        while True:
            wake = self._insist(self._next_wake)
            if wake is None or wake > end:
                break
            self.now = max(self.now, wake)
            self._insist(self._settle)
        self.now = end

    def _next_wake(self) -> Instant | None:
        return self._store.next_wake()

    def _settle(self) -> None:
        for _ in range(_PATIENCE):
            if not self.turn():
                return
        raise AssertionError("there is always something more to do")

    def turn(self) -> bool:
        """One round of everybody. Whether there was anything to do."""
        assert self._worker is not None
        return self._worker.turn(self.batch)

    def end(self, people: Sequence[str]) -> Outcomes:
        """What became of everybody; the store is closed."""
        return self._insist(lambda: self._told(people))

    def _told(self, people: Sequence[str]) -> Outcomes:
        store = self._store
        deliveries = [each for who in people for each in store.deliveries_of(who)]
        views = store.people(people, ())
        told = Outcomes(
            delivered=dict(self._provider.delivered),
            statuses={each.id: each.status for each in deliveries},
            sends={each.id: (each.category, each.run, each.step) for each in deliveries},
            decisions={who: store.decisions(who) for who in people},
            runs={who: views[who].runs for who in people},
            contacts={who: views[who].profile.contacts for who in people},
            edges=store.edges(),
            asked=frozenset(self._desk.asked),
            places={each.id: (each.person, each.journey, each.channel) for each in deliveries},
            out=frozenset(self.out),
        )
        store.close()
        return told


class SharedWorld(World):
    """Two processes work on the store by turns, person by person. The first dies: it stops in the
    middle, holding whatever it holds; the other goes on until it is done or must wait; then the
    first one is gone for good.
    """

    batch = 1

    def __init__(
        self, ground: PostgresGround, program: Program, provider: Provider, seams: Seams
    ) -> None:
        self._shared = ground
        self._thread = ThreadPoolExecutor(1)
        self._busy: Future[bool] | None = None
        self._other: _Worker | None = None
        super().__init__(ground, program, provider, seams)
        self._other = self._thread.submit(self.engage, ground).result()
        seams.meanwhile = self._go_on

    def turn(self) -> bool:
        assert self._other is not None
        mine = super().turn()
        theirs = self._thread.submit(self._other.turn, self.batch).result()
        return mine or theirs

    def _go_on(self) -> None:
        assert self._other is not None
        self._busy = self._thread.submit(self._other.turn, self.batch)
        with self._shared.waiting() as waits:
            while not wait([self._busy], _GLANCE).done and not waits():
                pass

    def mourn(self) -> None:
        if self._busy is not None:
            self._busy.result()
            self._busy = None

    def _told(self, people: Sequence[str]) -> Outcomes:
        told = super()._told(people)
        assert self._other is not None
        self._other.store.close()
        self._thread.shutdown()
        return told
