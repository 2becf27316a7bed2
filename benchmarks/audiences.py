"""Audiences: asking an SQLite store for everybody of whom a rule is true, by one statement over the
store's own rows, and person by person.

    python -m benchmarks.audiences [--people N]

Attributes and events are looked into as they lie in their rows. Tables of single columns beside
them would be asked faster; they would have to be written with every batch, and every person's step
would pay for a question that is asked now and then.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from channels.content.library import Library
from dsl.calendar import DAY, Instant
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from dsl.machine import Rule
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Store
from engine.store.sql.store import SqlStore

__all__ = ["Line", "run"]

NOW: Instant = 1_772_442_000_000_000
CHUNK = 1000

FILES = {
    "plan.yaml": """
tracking plan: shop
profile: {tier: one of bronze / gold, country: text, visits: whole number, first_name: text}
events:
  purchase: {did: buy, has: {cart_id: text, total: money EUR}}
""",
    "policy.yaml": """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels: {email: }
categories: {news: {consent: required}}
""",
    "segments.yaml": """
segments:
  attribute: {who: tier is "gold"}
  event: {who: did buy in the last 30 days}
  sums: {who: sum of purchase.total in the last 365 days >= 100 EUR}
  silent: {who: not messaged in the last 7 days}
  mail: {who: email is reachable and subscribed to news on email}
  together: {who: tier is "gold" and visits > 3 and did buy in the last 30 days}
""",
}


class Line(NamedTuple):
    """One segment: how many people are in it, and the microseconds each person took."""

    segment: str
    members: int
    at_once: float
    one_by_one: float


def program() -> Program:
    """A shop with segments of every sort."""
    made = compile_project(FILES)
    assert made.project is not None
    return Program.of(made.project, Library({}, ("en",), lambda _: ""))


def arrivals(people: int) -> Iterator[Arrival]:
    """People with up to eight purchases in the last year or so."""
    chance = random.Random(1)  # noqa: S311 - people, not secrets
    for number in range(people):
        name = f"u{number}"
        attributes = {
            "tier": chance.choice(("bronze", "gold")),
            "country": chance.choice(("DE", "AT", "US")),
            "visits": chance.randint(0, 9),
            "first_name": "Ada",
        }
        address = {"email": f"{name}@shop.example"}
        yield ProfileChanged(f"p{name}", name, NOW, 0, attributes, address)
        agreed = Happened("consent_granted", NOW, NOW, 0, {"category": "news"})
        yield EventArrived(f"c{name}", name, agreed)
        for purchase in range(chance.randint(0, 8)):
            at = NOW - chance.randint(0, 400) * DAY
            bought = Happened("purchase", at, NOW, 0, {"total": chance.randint(100, 9000)})
            yield EventArrived(f"{name}.{purchase}", name, bought)


def fill(store: Store, program: Program, people: int) -> None:
    """Everybody, through the runner."""
    waiting = list(arrivals(people))
    for start in range(0, len(waiting), CHUNK):
        store.append(waiting[start : start + CHUNK])
    runner = Runner(store, program)
    while runner.run_once(NOW, CHUNK).people:
        pass


def ask(store: Store, rule: Rule, program: Program, *, at_once: bool) -> tuple[set[str], float]:
    """The audience, and the seconds it took."""
    start = time.perf_counter()
    if at_once:
        found = set(store.audience(rule, program, NOW))
    else:
        assert isinstance(store, SqlStore)
        found = set(SqlStore.audience(store, rule, program, NOW))
    return found, time.perf_counter() - start


def run(people: int) -> Iterator[Line]:
    """Every segment, asked both ways; both must give the same people."""
    shop = program()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'wayline.db'}")
        fill(store, shop, people)
        for name, segment in shop.project.segments.items():
            found, at_once = ask(store, segment.who, shop, at_once=True)
            same, one_by_one = ask(store, segment.who, shop, at_once=False)
            assert found == same, name
            each = 1_000_000 / people
            yield Line(name, len(found), at_once * each, one_by_one * each)
        store.close()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    people = parser.parse_args().people
    print(f"{'segment':12}{'members':>9}{'at once':>12}{'one by one':>12}   µs per person")
    for line in run(people):
        print(f"{line.segment:12}{line.members:9}{line.at_once:12.1f}{line.one_by_one:12.1f}")


if __name__ == "__main__":
    main()
