"""What a step costs amid ten thousand, a hundred thousand and a million live runs, and what a look
costs when nobody is due.

The journey of ``benchmarks.steps``. Everybody waits in it; the same few thousand people, anywhere
among them, are due, take the step with the rule and the one after it, through the production code.
All the others merely wait. *Idle* is one look of everything that looks: the runner, the alarm, the
dispatcher. CPU is that of this process and, on PostgreSQL, of the server; with looks, of those of
its processes that answer them: a look writes nothing, and what the server still has to do after the
steps is not its doing.

    python -m benchmarks.flat [--postgres] [--runs 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import NamedTuple

import orjson

from benchmarks import steps
from benchmarks.floor import DAY, HOUR, START, profile_document
from benchmarks.line import Line
from benchmarks.server import backends_of, database, own_server, process_of, settle
from benchmarks.serving import cpu_seconds
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core import ids
from engine.core.changes import Changes
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.run import Run
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Settlement, Store

__all__ = ["GOAL", "SIZES", "Measured", "lines", "run"]

GOAL = 1.5
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
DUE = 3_000  # people in each round; all rounds together are fewer than the smallest crowd
BATCH = 1_000  # as ``wayline serve`` takes them
LOOKS = 200
_FILL = 5_000
_FAR = START + 400 * DAY


class Measured(NamedTuple):
    """CPU in microseconds."""

    runs: int
    step: float
    look: float


def run(runs: int, *, postgres: bool = False) -> Measured:
    """Measures amid so many live runs, in a new store."""
    program = steps.program()
    with ExitStack() as stack:
        servers = []
        if postgres:
            address = stack.enter_context(own_server())
            place = stack.enter_context(database(address, "wayline_flat"))
            servers.append(process_of(address))
        else:
            place = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/events.db"
        with closing(open_store(place)) as store:
            _fill(store, program, runs)
            store.tidy()
        if postgres:
            settle(place)  # or what the server tidies up after so many rows is counted as ours
        store = stack.enter_context(closing(open_store(place)))
        runner = Runner(store, program)
        per_step = [_round(runner, number, servers) for number in range(ROUNDS)]
        _hand_over(store)
        store.next_wake()  # whoever answers is there now
        asked = backends_of(place) if postgres else []
        return Measured(runs, statistics.median(per_step), _looks(store, runner, asked))


def _fill(store: Store, program: Program, runs: int) -> None:
    """Everybody waits in the first step, as a runner would have left them."""
    (machine,) = program.project.machines.values()
    order = list(range(runs))
    random.Random(1).shuffle(order)  # noqa: S311 - the same order each time, no secret
    trigger = Happened("signed_up", START, START, 1, {"source": "shop"})
    for place in range(0, runs, _FILL):
        changes = Changes()
        for number in range(place, min(place + _FILL, runs)):
            name = steps.person(number)
            attributes = orjson.loads(profile_document(number))
            changes.profiles.append(Profile(name, attributes, {"sms": f"+49{number:010d}"}))
            due = _due(order[number])
            changes.runs.append(
                Run(
                    ids.run_id(name, machine.journey, name, str(number), START),
                    name,
                    machine.journey,
                    machine.version,
                    name,
                    START,
                    trigger,
                    due=due,
                    timer=due,
                    state="settle_in",
                    since=START,
                )
            )
        with store.batch() as batch:
            batch.commit(changes)


def _due(place: int) -> Instant:
    """The first are due in one of the rounds, all others in a year."""
    return _begin(place // DUE) + place % DUE if place < ROUNDS * DUE else _FAR + place


def _begin(number: int) -> Instant:
    return START + HOUR + 10 * number * DAY


def _round(runner: Runner, number: int, servers: Sequence[int]) -> float:
    taken = 0
    with _cpu(servers) as used:
        for now in (_begin(number) + HOUR, _begin(number) + 2 * DAY):
            while people := runner.run_once(now, BATCH).people:
                taken += people
    assert taken == 2 * DUE, taken
    return used[0] / taken * 1e6


def _hand_over(store: Store) -> None:
    """Whatever is queued by now, as a dispatcher would."""
    now = _begin(ROUNDS)
    while claimed := store.claim(now, 1_000, now + DAY):
        store.settle([Settlement(d.id, "accepted", d.due, 1, lease=d.lease) for d in claimed], [])


def _looks(store: Store, runner: Runner, servers: Sequence[int]) -> float:
    now = _begin(ROUNDS)
    with _cpu(servers) as used:
        for number in range(LOOKS):
            assert runner.run_once(now + number, BATCH).people == 0
            assert store.next_wake() is not None
            assert not store.lost(now + number)
            assert not store.claim(now + number, BATCH, _FAR)
    return used[0] / LOOKS * 1e6


@contextmanager
def _cpu(servers: Sequence[int]) -> Iterator[list[float]]:
    """Seconds of CPU of what is inside."""
    used = [0.0]
    before = time.process_time() + cpu_seconds(servers)
    yield used
    used[0] = time.process_time() + cpu_seconds(servers) - before


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(j) what a step costs amid many who wait."""
    measured = [run(runs) for runs in options.runs]
    yield from _compared("(j) CPU of a step", [each.step for each in measured], options.runs)
    yield from _compared(
        "    CPU of a look at nothing", [each.look for each in measured], options.runs
    )


def _compared(what: str, costs: Sequence[float], sizes: Sequence[int]) -> Iterator[Line]:
    ratio = max(costs) / min(costs)
    yield Line(
        f"{what} amid {_short(sizes[-1])} live runs / amid {_short(sizes[0])}",
        f"{costs[-1] / costs[0]:.2f}",
        f"<= {GOAL:g}",
        costs[-1] / costs[0] <= GOAL and ratio <= GOAL,
    )
    each = " / ".join(f"{cost:,.0f}" for cost in costs)
    amid = " / ".join(_short(size) for size in sizes)
    yield Line(f"    the same amid {amid}, µs", each)


def _short(size: int) -> str:
    return f"{size // 1000:,}k"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flat")
    parser.add_argument("--runs", type=int, nargs="+", default=SIZES)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    for runs in options.runs:
        took = run(runs, postgres=options.postgres)
        print(f"{took.runs:,} live runs: {took.step:.0f} µs a step, {took.look:.0f} µs a look")


if __name__ == "__main__":
    main()
