"""Durable user-steps per second: the real runner on SQLite against the floor.

A hundred thousand people with a 400-byte profile each. An event comes in for everybody and is
made durable; each enters a journey and waits; wakes, is checked by the floor's rule, is sent a
message and waits again; wakes and is sent another. From rest to rest is one *step*, so everyone
takes three: into the journey, over the check to the first message, to the second message. Waiting
times are so long that nobody takes two steps in one batch.

All of it is the code that runs in production: the store's inbox, the batch runner, the core with
consent, reachability and a cap to be judged and reserved, the message rendered, the decision kept.
Time stands in for the clock. Profiles are there before; everything after the first event counts,
the arrival of the events included, and a last checkpoint, as in the floor.

Both sides use WAL and ``synchronous=FULL`` and are measured in turns, pair by pair, in one run.
The floor's step reads the run with its profile, evaluates the rule and writes a run, a delivery and
a decision, and nothing else.

    python -m benchmarks.steps [--users N] [--pairs N] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks import floor
from benchmarks.floor import DAY, FILLER, HOUR, START, FloorResult, bytes_written, profile_document
from channels.content.library import Library
from dsl.calendar import MINUTE
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.runner import Runner
from engine.store import open_store

__all__ = [
    "EngineResult",
    "Pair",
    "events",
    "main",
    "pairs",
    "people",
    "person",
    "prepare",
    "prepare_store",
    "program",
    "run",
]

BATCH = 5_000
STEPS_EACH = 3

FILES = {
    "tracking_plan.yaml": """\
tracking plan: measured
profile:
  first_name: text, personal
  email: text, personal
  country: text
  language: text
  lifetime_value: money EUR
  orders: whole number
  newsletter: yes/no
  note: text
events:
  signed_up:
    from: Signed Up
    has: {source: text}
""",
    "policy.yaml": """\
policy: measured
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  sms:
    reachable when: yes
categories:
  promotional:
    consent: newsletter is yes
frequency caps:
  - 4 per 7 days
""",
    "journeys/welcome.yaml": """\
journey: welcome
title: Welcome
category: promotional
status: live
trigger:
  event: signed_up
steps:
  - id: settle_in
    wait: 1 hour
  - if: lifetime_value > 500 EUR and country is "DE"
    then:
      - id: hello
        send: hello
        to: sms
  - id: next_day
    wait: 1 day
  - id: again
    send: hello
    to: sms
""",
    "messages/hello.yaml": f"""\
message: hello
sms:
  text: "Hello {{{{ first_name }}}}! {FILLER}"
""",
}


class EngineResult(NamedTuple):
    """What one measurement of the engine showed. ``phases`` are people per second."""

    steps: int
    seconds: float
    bytes_written: int
    deliveries: int
    phases: Mapping[str, float]

    @property
    def steps_per_second(self) -> float:
        """Durable steps per second, the arrival of the events included."""
        return self.steps / self.seconds

    @property
    def bytes_per_step(self) -> float:
        """Bytes handed to the operating system for each step."""
        return self.bytes_written / self.steps


class Pair(NamedTuple):
    """One turn each."""

    engine: EngineResult
    floor: FloorResult

    @property
    def ratio(self) -> float:
        """The engine's share of the floor's speed."""
        return self.engine.steps_per_second / self.floor.steps_per_second


def program() -> Program:
    """The journey that is measured, compiled from the texts above."""
    compiled = compile_project(FILES)
    if compiled.project is None:
        raise SystemExit("\n".join(map(str, compiled.diagnostics)))
    project = compiled.project
    library = Library(project.messages, project.policy.languages, _no_link)
    return Program.of(project, library)


def _no_link(delivery: str) -> str:
    return f"https://shop.example/u/{delivery}"


def pairs(users: int, count: int) -> Iterator[Pair]:
    """Measures engine and floor in turns, each time in new databases."""
    measured = program()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        prepare(room / "people.db", measured, users)
        for number in range(count):
            engine = _engine_turn(room, measured, users)
            yield Pair(engine, floor.run(users, room / f"floor-{number}.db"))


def _engine_turn(room: Path, measured: Program, users: int) -> EngineResult:
    path = room / "engine.db"
    shutil.copyfile(room / "people.db", path)
    try:
        return run(path, measured, users)
    finally:
        for file in room.glob("engine.db*"):
            file.unlink()


def run(path: Path, measured: Program, users: int) -> EngineResult:
    """Takes everyone in a prepared database through the journey."""
    arrivals = list(events(users))
    phases: dict[str, float] = {}
    deliveries = 0
    with closing(open_store(f"sqlite:///{path}")) as store:
        runner = Runner(store, measured)
        written = bytes_written(path)
        started = time.perf_counter()
        for place in range(0, users, BATCH):
            store.append(arrivals[place : place + BATCH])
        phases["the event comes in"] = users / (time.perf_counter() - started)
        for name, now in (
            ("enter and wait", START + HOUR),
            ("wake, check, send, wait", START + 3 * HOUR),
            ("wake and send", START + 2 * DAY),
        ):
            since = time.perf_counter()
            while (ran := runner.run_once(now, BATCH)).people:
                deliveries += ran.deliveries
            phases[name] = users / (time.perf_counter() - since)
    # Closing the store ends with the last checkpoint, so nothing is left uncounted.
    seconds = time.perf_counter() - started
    return EngineResult(
        STEPS_EACH * users, seconds, bytes_written(path) - written, deliveries, phases
    )


def prepare(path: Path, measured: Program, users: int) -> None:
    """A database with everybody's profile in it, as identify calls would have left it."""
    prepare_store(f"sqlite:///{path}", measured, users)


def prepare_store(url: str, measured: Program, users: int) -> None:
    """The same, in an empty store anywhere."""
    with closing(open_store(url)) as store:
        identified = people(users)
        for place in range(0, users, BATCH):
            store.append(identified[place : place + BATCH])
        runner = Runner(store, measured)
        while runner.run_once(START - DAY, BATCH).people:
            pass


def people(users: int) -> list[Arrival]:
    """Everybody's profile, as identify calls tell of it."""
    return [_profile(number) for number in range(users)]


def _profile(number: int) -> Arrival:
    return ProfileChanged(
        id=f"identify-{number}",
        person=person(number),
        received=START - 2 * DAY,
        number=0,
        attributes=orjson.loads(profile_document(number)),
        addresses={"sms": f"+49{number:010d}"},
    )


def events(users: int) -> Iterator[Arrival]:
    """Everyone signs up within half an hour, in no order of theirs; the same order each time."""
    order = list(range(users))
    random.Random(1).shuffle(order)  # noqa: S311 - the same order each time, no secret
    for place, number in enumerate(order):
        at = START + 30 * MINUTE * place // users
        happened = Happened("signed_up", at, at, 0, {"source": "shop"})
        yield EventArrived(f"event-{number}", person(number), happened)


def person(number: int) -> str:
    """How somebody is called."""
    return f"customer-{number:06d}"


def main() -> None:
    """Measures and prints; with ``--profile`` shows where the engine's time goes instead."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--profile", type=Path, help="write a cProfile of one engine turn")
    options = parser.parse_args()
    if options.profile is not None:
        _write_profile(options.profile, options.users)
        return
    measured = list(pairs(options.users, options.pairs))
    for pair in measured:
        print(
            f"engine {pair.engine.steps_per_second:,.0f}/s, floor {pair.floor.steps_per_second:,.0f}/s, "
            f"ratio {pair.ratio:.2f}; bytes per step "
            f"{pair.engine.bytes_per_step:,.0f} and {pair.floor.bytes_per_step:,.0f}"
        )
        print(
            "  " + ", ".join(f"{name} {speed:,.0f}/s" for name, speed in pair.engine.phases.items())
        )
    print(f"median ratio {statistics.median(pair.ratio for pair in measured):.2f}")


def _write_profile(to: Path, users: int) -> None:
    measured = program()
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "people.db", measured, users)
        watch = cProfile.Profile()
        watch.enable()
        _engine_turn(Path(folder), measured, users)
        watch.disable()
    watch.dump_stats(to)


if __name__ == "__main__":
    main()
