"""Durable user-steps per second on PostgreSQL: the real runner against the floor with COPY, with one
worker and with several processes on one database.

The journey, the people and what counts as a step are those of ``steps``. Each worker is a process
that puts its share of the events into the store and advances whoever is due, as ``wayline serve``
does. ``cpu`` is what the workers' own processes used for each step; the server's is not in it. Lock
wait is the share of the workers' time in which the server had them wait for a lock, by looking
every few milliseconds.

    python -m benchmarks.steps_postgres [--users N] [--pairs N] [--workers 1 2] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import psycopg

from benchmarks import floor_postgres, steps
from benchmarks.floor import DAY, HOUR, START
from benchmarks.server import database, server, settle
from benchmarks.steps import BATCH, STEPS_EACH
from dsl.calendar import Instant
from engine.runner import Runner
from engine.store import open_store

__all__ = ["Compared", "Measured", "compare", "main", "run"]

_MOMENTS = (START + HOUR, START + 3 * HOUR, START + 2 * DAY)
_LOOK = 0.005  # seconds between two looks at who waits
_WAITING = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
"""


class Measured(NamedTuple):
    """One turn of the engine."""

    steps_per_second: float
    cpu_per_step: float
    lock_wait: float  # share of the workers' time


class Compared(NamedTuple):
    """Medians of some turns: the floor's steps per second, and the engine by number of workers."""

    floor: float
    engines: Mapping[int, Measured]

    def ratio(self, workers: int) -> float:
        """The engine's share of the floor's speed."""
        return self.engines[workers].steps_per_second / self.floor

    def growth(self, workers: int) -> float:
        """How many times the CPU of one worker that many need for a step."""
        return self.engines[workers].cpu_per_step / self.engines[1].cpu_per_step


def compare(users: int, pairs: int, workers: Sequence[int]) -> Compared:
    """Measures floor and engine in turns, each time in a new database on one server."""
    floors: list[float] = []
    engines: dict[int, list[Measured]] = {count: [] for count in workers}
    with server() as address:
        for _ in range(pairs):
            with database(address, "wayline_floor") as place:
                floors.append(floor_postgres.run(users, place))
            for count, measured in engines.items():
                with database(address, "wayline_steps") as place:
                    measured.append(run(users, place, count))
    return Compared(
        statistics.median(floors),
        {
            count: Measured(*(statistics.median(each) for each in zip(*turns, strict=True)))
            for count, turns in engines.items()
        },
    )


def run(users: int, address: str, workers: int) -> Measured:
    """Takes everybody through the journey, in an empty database."""
    steps.prepare_store(address, steps.program(), users)
    settle(address)
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(workers + 1), context.Barrier(workers + 1)
    used = context.Queue()
    crew = [
        context.Process(target=_work, args=(address, users, place, workers, ready, go, used))
        for place in range(workers)
    ]
    for each in crew:
        each.start()
    ready.wait()
    with _watched(address) as looks:
        began = time.perf_counter()
        for _ in range(len(_MOMENTS) + 1):
            go.wait()  # the events come in, and then moment after moment
            go.wait()  # all have done what was due then
        seconds = time.perf_counter() - began
    cpu = sum(used.get() for _ in crew)
    for each in crew:
        each.join()
    with closing(open_store(address)) as store:
        assert store.next_wake() is not None
    count = STEPS_EACH * users
    return Measured(count / seconds, cpu / count, statistics.fmean(looks) / workers)


@contextmanager
def _watched(address: str) -> Iterator[list[int]]:
    """How many were waiting for a lock, each time somebody looked."""
    looks: list[int] = []
    over = Event()

    def look() -> None:
        with psycopg.connect(address, autocommit=True) as db:
            while True:
                looks.extend(count for (count,) in db.execute(_WAITING))
                if over.wait(_LOOK):
                    return

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield looks
    finally:
        over.set()
        watcher.join()


def _work(
    address: str, users: int, place: int, workers: int, ready: Any, go: Any, used: Any
) -> None:
    """A worker in a process of its own."""
    program = steps.program()
    arrivals = list(steps.events(users))
    shares = range(place * BATCH, users, workers * BATCH)
    with closing(open_store(address)) as store:
        runner = Runner(store, program)
        ready.wait()
        cpu = time.process_time()
        go.wait()
        for start in shares:
            store.append(arrivals[start : start + BATCH])
        go.wait()
        for now in _MOMENTS:
            go.wait()
            _until_nothing_is_due(runner, now)
            go.wait()
        used.put(time.process_time() - cpu)


def _until_nothing_is_due(runner: Runner, now: Instant) -> None:
    while runner.run_once(now, BATCH).people:
        pass


def main() -> None:
    """Measures and prints; with ``--profile`` shows where the engine's time goes instead."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps_postgres")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--profile", type=Path, help="write a cProfile of one worker's turn")
    options = parser.parse_args()
    if options.profile is not None:
        with server() as address:
            _write_profile(options.profile, address, options.users)
        return
    compared = compare(options.users, options.pairs, options.workers)
    print(f"floor {compared.floor:,.0f}/s")
    for workers, engine in compared.engines.items():
        print(
            f"engine, {workers} workers: {engine.steps_per_second:,.0f}/s,"
            f" ratio {compared.ratio(workers):.2f}, cpu {engine.cpu_per_step * 1e6:.0f} µs per"
            f" step, lock wait {engine.lock_wait:.1%}"
        )


def _write_profile(to: Path, address: str, users: int) -> None:
    with database(address, "wayline_steps") as place:
        steps.prepare_store(place, steps.program(), users)
        with closing(open_store(place)) as store:
            runner = Runner(store, steps.program())
            arrivals = list(steps.events(users))
            watch = cProfile.Profile()
            watch.enable()
            for start in range(0, users, BATCH):
                store.append(arrivals[start : start + BATCH])
            for now in _MOMENTS:
                _until_nothing_is_due(runner, now)
            watch.disable()
    watch.dump_stats(to)


if __name__ == "__main__":
    main()
