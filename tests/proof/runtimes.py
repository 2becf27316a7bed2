"""The same life in every runtime: alone, with others, one by one, restarted again and again.

A runtime is told what arrives when, and lives on to the end. Nothing differs from the daemon but
what is plugged in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle
from typing import NamedTuple
from unittest.mock import patch

from channels.memory import MemoryAdapter
from channels.services import ScriptedServices
from dsl.calendar import Instant
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.simulate import replay as simulator
from engine.store.protocol import Store
from tests.proof.lives import END, START, Life, World, arrival_of, beginning

__all__ = ["Runtime", "Told", "live_on", "record", "simulated"]

_PATIENCE = 2000


class Told(NamedTuple):
    """What arrived, in groups of one instant each; and until when there was anything to see."""

    arrivals: Sequence[tuple[Instant, Sequence[Arrival]]]
    end: Instant


class Runtime:
    """A store and those who work on it. ``stores`` are the doors of several workers to one store:
    each has a runner, a dispatcher and a caller of its own. ``turns`` says, in turn, who goes
    next, ``together`` that all go at once. Before each round ``restart`` may give other doors.
    """

    def __init__(
        self,
        program: Program,
        world: World,
        stores: Sequence[Store],
        *,
        limit: int = 1000,
        turns: Sequence[int] = (0,),
        together: Callable[[Sequence[Callable[[], object]]], None] | None = None,
        restart: Callable[[], Sequence[Store] | None] = lambda: None,
    ) -> None:
        self.now: Instant = START
        self.stores = stores
        self._program = program
        self._limit = limit
        self._turns: Iterator[int] = cycle(turns)
        self._together = together
        self._restart = restart
        self._adapter = MemoryAdapter(answer=world.provider())
        self._services = ScriptedServices(world.desk())
        self._begin()

    @property
    def store(self) -> Store:
        return self.stores[0]

    def _begin(self) -> None:
        program = self._program
        adapters = dict.fromkeys(program.policy.channels, self._adapter)
        self._runners = [Runner(each, program) for each in self.stores]
        self._dispatchers = [
            Dispatcher(each, program, adapters, services=self._services) for each in self.stores
        ]
        self._callers = [
            Caller(each, program, self._services, lambda: self.now) for each in self.stores
        ]

    def tell(self, at: Instant, arrivals: Sequence[Arrival]) -> None:
        """Everything due before, and then this and what is due at the same instant."""
        self.until(at - 1)
        self.now = at
        next_door = self.stores[next(self._turns) % len(self.stores)]
        next_door.append(arrivals)
        self._settle()

    def finish(self, end: Instant) -> None:
        """Everything due by then."""
        self.until(end)
        self.now = end
        self._run()

    def until(self, end: Instant) -> None:
        while (wake := self.store.next_wake()) is not None and wake <= end:
            self.now = max(self.now, wake)
            self._settle()

    def _settle(self) -> None:
        for _ in range(_PATIENCE):
            if (doors := self._restart()) is not None:
                self.stores = doors
                self._begin()
            if self._run():
                continue
            wake = self.store.next_wake()
            if wake is None or wake > self.now:
                return
            which = next(self._turns) % len(self.stores)
            asyncio.run(self._dispatchers[which].run_once(self.now))
            asyncio.run(self._callers[which].run_once(self.now))
        raise AssertionError("there is always something more to do")

    def _run(self) -> bool:
        """One batch, or one of each; whether anybody may still be due."""
        if self._together is None:
            which = next(self._turns) % len(self.stores)
            return self._runners[which].run_once(self.now, self._limit).more
        ran: list[int] = []
        self._together(
            [
                lambda runner=each: ran.append(runner.run_once(self.now, self._limit).people)  # type: ignore[misc]
                for each in self._runners
            ]
        )
        return any(ran)


def at_once(acts: Sequence[Callable[[], object]]) -> None:
    """Each in a thread of its own."""
    with ThreadPoolExecutor(len(acts)) as threads:
        for each in [threads.submit(act) for act in acts]:
            each.result()


def record(runtime: Runtime, life: Life) -> Told:
    """Lives a life, and writes down what arrived."""
    told: list[tuple[Instant, Sequence[Arrival]]] = [(START, beginning(life.people))]
    runtime.tell(*told[0])
    at = START
    number = 0
    moves = list(life.moves)
    while moves:
        at += moves[0].after
        if moves[0].after:
            runtime.until(at - 1)  # what is answered to must have been said
        group = [moves.pop(0)]
        while moves and not moves[0].after:
            group.append(moves.pop(0))
        arrivals: list[Arrival] = []
        for move in group:
            number += 1
            sent = runtime.store.deliveries_of(move.person)
            before = [*chain.from_iterable(each for _, each in told), *arrivals]
            arrivals += arrival_of(move, number, at, sent, before)
        if arrivals:
            told.append((at, arrivals))
            runtime.tell(at, arrivals)
    end = at + END
    runtime.finish(end)
    return Told(told, end)


def live_on(runtime: Runtime, told: Told) -> None:
    """Lives through what has been recorded."""
    for at, arrivals in told.arrivals:
        runtime.tell(at, arrivals)
    runtime.finish(told.end)


def simulated(program: Program, world: World, told: Told) -> Store:
    """The simulator's own loop, in which the world answers as elsewhere."""
    provider, desk = world.provider(), world.desk()
    with (
        patch.object(
            simulator,
            "MemoryAdapter",
            lambda channels, concurrency: MemoryAdapter(channels, provider, concurrency),
        ),
        patch.object(simulator, "ScriptedServices", lambda: ScriptedServices(desk)),
    ):
        arrivals = [(at, each) for at, group in told.arrivals for each in group]
        return simulator.replay(program, arrivals, told.end).store
