"""A crowd in a store: people with a profile each and three live runs, waiting.

Written by batches of the store itself, as a runner would have left them; so a store of a million
people is there in minutes, and what is measured on it begins with a crowd that merely waits.

    python -m benchmarks.crowd sqlite:///crowd.db --people 1000000
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from contextlib import closing

import orjson

from benchmarks.floor import FILLER, profile_document
from dsl.calendar import DAY, HOUR, SECOND, Instant
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from dsl.machine import Machine, Project
from engine.clock import SystemClock
from engine.core import ids
from engine.core.changes import Changes
from engine.core.profile import Profile
from engine.core.run import Run
from engine.store import open_store
from engine.store.protocol import Store

__all__ = ["FILES", "JOURNEYS", "fill", "person"]

BATCH = 5_000
JOURNEYS = ("welcome", "nurture", "care")

_JOURNEY = """\
journey: {name}
category: promotional
status: live
trigger:
  event: {event}
{more}steps:
  - id: settle_in
    wait: 20 days
  - if: lifetime_value > 500 EUR and country is "DE"
    then:
      - id: hello
        send: hello
        to: sms
  - id: rest
    wait: 30 days
  - id: again
    send: hello
    to: sms
"""

FILES = {
    "tracking_plan.yaml": """\
tracking plan: crowd
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
  viewed:
    from: Product Viewed
    has: {product: code}
  purchase:
    from: Order Completed
    has: {order_id: "code, required", total: "money EUR, required"}
""",
    "policy.yaml": """\
policy: crowd
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
    "segments.yaml": """\
segments:
  buyers: {who: count of purchase in the last 30 days > 0}
  spenders: {who: lifetime_value > 500 EUR and orders > 10}
""",
    "journeys/welcome.yaml": _JOURNEY.format(name="welcome", event="signed_up", more=""),
    "journeys/nurture.yaml": _JOURNEY.format(name="nurture", event="viewed", more=""),
    "journeys/care.yaml": _JOURNEY.format(
        name="care", event="purchase", more="one per: trigger.order_id\nre-enter: any time\n"
    ),
    "messages/hello.yaml": f"""\
message: hello
sms:
  text: "Hello {{{{ first_name }}}}! {FILLER}"
""",
}


def person(number: int) -> str:
    """How somebody of the crowd is called."""
    return f"customer-{number:07d}"


def fill(store: Store, people: int, first_due: Instant, per_second: float) -> Iterator[int]:
    """Puts the crowd into an empty store; says after each batch how many are there.

    Timers are due from ``first_due`` on, ``per_second`` of them in each second, those of one person
    far from each other. The order of people has nothing to do with the order of their timers.
    """
    project = compile_project(FILES).project
    assert project is not None
    step = SECOND / per_second
    order = list(range(people))
    random.Random(1).shuffle(order)  # noqa: S311 - the same order each time, no secret
    for start in range(0, people, BATCH):
        changes = Changes()
        for number in range(start, min(start + BATCH, people)):
            attributes = orjson.loads(profile_document(number))
            attributes["country"] = "DE" if number % 10 == 0 else "AT"
            addresses = {"sms": f"+49{number:010d}"}
            changes.profiles.append(Profile(person(number), attributes, addresses))
            for lap, run in enumerate(_runs(project, number, first_due)):
                due = first_due + round(step * (order[number] + lap * people))
                changes.runs.append(run._replace(due=due, timer=due))
        with store.batch() as batch:
            batch.commit(changes)
        yield min(start + BATCH, people)


def _runs(project: Project, number: int, now: Instant) -> Iterator[Run]:
    for name in JOURNEYS:
        machine: Machine = project.machines[name]
        entered = now - 10 * DAY
        key = f"first-{number}" if name == "care" else person(number)
        trigger = Happened("purchase", entered, entered, 1, {"order_id": key, "total": 1999})
        yield Run(
            ids.run_id(person(number), name, key, str(number), entered),
            person(number),
            name,
            machine.version,
            key,
            entered,
            trigger if name == "care" else None,
            state="settle_in",
            since=entered,
        )


def main() -> None:
    """Makes a crowd, and says how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd")
    parser.add_argument("store", help="sqlite:///crowd.db or postgresql://...")
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--per-second", type=float, default=500.0, help="timers that are due")
    options = parser.parse_args()
    began = time.process_time()
    with closing(open_store(options.store)) as store:
        due = SystemClock().now() + HOUR
        for done in fill(store, options.people, due, options.per_second):
            if done % 100_000 == 0:
                print(f"{done:,} people, {time.process_time() - began:.0f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
