"""Durable user-steps per second on PostgreSQL: the real runner against the floor with COPY, with one
worker and with several processes on one database.

The journey, the people and what counts as a step are those of ``steps``. ``cpu`` is what the
workers' own processes used for each step; the server's is not in it.

    python -m benchmarks.steps_postgres [--users N] [--pairs N] [--workers 1 2] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import statistics
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks import floor_postgres, steps
from benchmarks.floor import DAY, HOUR, START
from benchmarks.server import database, server
from benchmarks.steps import BATCH, STEPS_EACH
from dsl.calendar import Instant
from engine.runner import Runner
from engine.store import open_store

__all__ = ["Measured", "main", "run"]

_MOMENTS = (START + HOUR, START + 3 * HOUR, START + 2 * DAY)


class Measured(NamedTuple):
    """One turn of the engine."""

    steps_per_second: float
    cpu_per_step: float


def run(users: int, address: str, workers: int) -> Measured:
    """Takes everybody through the journey, in an empty database."""
    steps.prepare_store(address, steps.program(), users)
    with psycopg.connect(address, autocommit=True) as db:
        db.execute("vacuum analyze")
        db.execute("checkpoint")
    arrivals = list(steps.events(users))
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(workers + 1), context.Barrier(workers + 1)
    used = context.Queue()
    crew = [context.Process(target=_work, args=(address, ready, go, used)) for _ in range(workers)]
    for each in crew:
        each.start()
    with closing(open_store(address)) as store:
        ready.wait()
        began, cpu = time.perf_counter(), time.process_time()
        for place in range(0, users, BATCH):
            store.append(arrivals[place : place + BATCH])
        for _ in _MOMENTS:
            go.wait()  # at the next moment
            go.wait()  # all have done what was due then
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        left = store.next_wake()
    cpu += sum(used.get() for _ in crew)
    for each in crew:
        each.join()
    assert left is not None
    count = STEPS_EACH * users
    return Measured(count / seconds, cpu / count)


def _work(address: str, ready: object, go: object, used: object) -> None:
    """A worker in a process of its own."""
    program = steps.program()
    with closing(open_store(address)) as store:
        runner = Runner(store, program)
        ready.wait()  # type: ignore[attr-defined]
        cpu = time.process_time()
        for now in _MOMENTS:
            go.wait()  # type: ignore[attr-defined]
            _until_nothing_is_due(runner, now)
            go.wait()  # type: ignore[attr-defined]
        used.put(time.process_time() - cpu)  # type: ignore[attr-defined]


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
    with server() as address:
        if options.profile is not None:
            _write_profile(options.profile, address, options.users)
            return
        floors = []
        engines: dict[int, list[Measured]] = {workers: [] for workers in options.workers}
        for _ in range(options.pairs):
            with database(address, "wayline_floor") as place:
                floors.append(floor_postgres.run(options.users, place))
            for workers, measured in engines.items():
                with database(address, "wayline_steps") as place:
                    measured.append(run(options.users, place, workers))
        floor = statistics.median(floors)
        print(f"floor {floor:,.0f}/s")
        for workers, measured in engines.items():
            speed = statistics.median(each.steps_per_second for each in measured)
            cpu = statistics.median(each.cpu_per_step for each in measured)
            print(
                f"engine, {workers} workers: {speed:,.0f}/s, ratio {speed / floor:.2f}, "
                f"cpu {cpu * 1e6:.0f} µs per step"
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
