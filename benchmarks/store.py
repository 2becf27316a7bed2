"""The store alone against the floor: what is left of the time for everything that decides.

Batches of 5,000 people who are due, loaded with profile and run; for each the run is moved on, the
profile gets a contact, one delivery and one decision are written. Nothing is decided and nothing
is rendered. The same people, rounds and shuffled due times as the floor, and the same settings.

    python -m benchmarks.store [USERS] [--profile FILE]
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from benchmarks import floor
from benchmarks.floor import BATCH, DAY, FILLER, HOUR, START, FloorResult, bytes_written
from dsl.calendar import Instant
from dsl.expr.context import Happened, StepRecord
from engine.core import ids
from engine.core.changes import Changes
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.store import open_store
from engine.store.protocol import Person, Store

ROUNDS = 2


def run(users: int, path: Path) -> FloorResult:
    """Takes ``users`` people through the rounds in a new store at ``path``."""
    with closing(open_store(f"sqlite:///{path}")) as store:
        _fill(store, users)
    kept, written = path.stat().st_size, bytes_written(path)
    gc.collect()
    gc.disable()  # as the runner does while it works: values at rest make no circles
    started = time.perf_counter()
    steps = 0
    with closing(open_store(f"sqlite:///{path}")) as store:
        for round_ in range(1, ROUNDS + 1):
            now = START + round_ * DAY
            while done := _batch(store, now):
                steps += done
    seconds = time.perf_counter() - started
    gc.enable()
    return FloorResult(steps, seconds, bytes_written(path) - written, path.stat().st_size - kept)


def _fill(store: Store, users: int) -> None:
    offsets = [1 + number * (DAY - HOUR) // users for number in range(users)]
    random.Random(1).shuffle(offsets)  # noqa: S311 - the same shuffle each time, no secret
    names = [f"customer-{number:06d}" for number in range(users)]
    trigger = Happened("order", START, START, 1, {"total": 1999})
    for start in range(0, users, BATCH):
        changes = Changes()
        for number in range(start, min(start + BATCH, users)):
            name = names[number]
            attributes = orjson.loads(floor.profile_document(number))
            addresses = {"email": attributes["email"]}
            changes.profiles.append(Profile(name, attributes, addresses))
            run_id = ids.run_id(name, "welcome", name, str(number), START)
            changes.runs.append(
                Run(
                    run_id,
                    name,
                    "welcome",
                    "0123456789ab",
                    name,
                    START,
                    trigger,
                    due=START + offsets[number],
                    state="start",
                )
            )
        with store.batch() as batch:
            batch.commit(changes)


def _batch(store: Store, now: Instant) -> int:
    with store.batch() as batch:
        people = batch.load(batch.due(now, BATCH), now)
        changes = Changes()
        for number, person in enumerate(people.values(), 1):
            _step(person, changes, now, now + number * 1_000_000)
        batch.commit(changes)
    return len(people)


def _step(person: Person, changes: Changes, now: Instant, due: Instant) -> None:
    profile, (run,) = person.profile, person.runs
    step = f"send{len(run.steps)}"
    name = ids.delivery_id(run.id, step, "", "email")
    contact = Contact(name, now, None, "email", "promotional", "welcome")
    changes.profiles.append(profile._replace(contacts=(*profile.contacts, contact)))
    changes.runs.append(
        run._replace(
            state=step,
            since=now,
            due=due,
            steps={**run.steps, step: StepRecord(None, now, "email")},
        )
    )
    changes.deliveries.append(
        Delivery(
            name,
            profile.id,
            "welcome",
            run.id,
            step,
            "email",
            "promotional",
            "hello",
            profile.addresses["email"],
            {"subject": "Hello!", "text": f"Hello {profile.attributes['first_name']}! {FILLER}"},
            now,
            now,
            None,
        )
    )
    changes.decisions.append(
        Decision(profile.id, now, "sent", "", "welcome", run.id, step, "email")
    )


def _report(name: str, result: FloorResult) -> Iterator[str]:
    yield f"{name}: {result.steps:,} durable steps in {result.seconds:.2f} s"
    yield f"  {result.steps_per_second:,.0f} steps/s"
    yield f"  {result.bytes_per_step:,.0f} bytes written per step"
    yield f"  {result.bytes_kept / result.steps:,.0f} bytes kept per step"


def main() -> None:
    """Measures floor and store once each and prints their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("users", type=int, nargs="?", default=100_000)
    parser.add_argument("--profile", type=Path, help="write a profile of the store here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        floor_result = floor.run(options.users, Path(folder) / "floor.db", ROUNDS)
        profiler = cProfile.Profile() if options.profile else None
        if profiler:
            profiler.enable()
        store_result = run(options.users, Path(folder) / "store.db")
        if profiler:
            profiler.disable()
            profiler.dump_stats(options.profile)
    lines = [*_report("floor", floor_result), *_report("store", store_result)]
    ratio = store_result.steps_per_second / floor_result.steps_per_second
    print("\n".join([*lines, f"store / floor: {ratio:.2f}"]))


if __name__ == "__main__":
    main()
