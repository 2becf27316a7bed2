"""Holding a segment against its rule for everybody, against the same written by hand in SQL.

    python -m benchmarks.segments [--people N] [--postgres]

Everybody has ten events. The segment has three conditions: two attributes, and a window of thirty
days. By hand, its rows are asked for and written as somebody would who knows the tables: thirty days
are so many microseconds, whatever the clocks of the recipient do. Both write the same rows in a
transaction of their own on the same store, in turns. What counts is the time of the process, and on
PostgreSQL that of the server's processes as well.

Then time goes by for a smaller crowd: how many people were looked at, of how many the answer is
another one.
"""

# ruff: noqa: S608 - statements are put together from constants of this module

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from benchmarks.line import Line
from benchmarks.server import database, own_server, process_of
from benchmarks.serving import cpu_seconds
from dsl.calendar import DAY, HOUR, Instant
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from engine.core.program import Program
from engine.core.signals import EventArrived, ProfileChanged
from engine.deploy import program_without_texts
from engine.runner import Runner
from engine.store import codec, open_store
from engine.store.memory import MemoryStore
from engine.store.postgres.shards import shard_of
from engine.store.postgres.store import PostgresStore
from engine.store.protocol import Store
from engine.store.sql.statements import ADD_ARRIVAL
from engine.store.sql.store import SqlStore

__all__ = ["Took", "lines", "measure"]

NOW: Instant = 1_772_442_000_000_000
SLOWEST = 2.0
EVENTS = 10
_CHUNK = 20_000
_RULE = 'tier is "gold" and visits > 3 and did purchase in the last 30 days'
_FILES = {
    "plan.yaml": """
tracking plan: shop
profile: {tier: one of bronze / gold, visits: whole number, country: text, first_name: text}
events:
  purchase: {has: {order_id: code, total: money EUR}}
""",
    "policy.yaml": """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels: {push: }
categories: {service: {consent: not needed}}
""",
    "segments.yaml": f"segments: {{vip: {{who: '{_RULE}'}}}}\n",
    "journey.yaml": """
journey: greeting
category: service
trigger: {enters segment: vip}
steps: [{stop: done}]
""",
}
_SQLITE_MEMBER = """
    json_extract(cast(document as text), '$[0].tier') = 'gold'
    and json_extract(cast(document as text), '$[0].visits') > 3
    and exists (
        select 1 from log l where l.person = people.number and l.kind = 'event'
        and l.name = 'purchase' and l.occurred > ? and l.occurred <= ?
    )
"""
_SQLITE_BY_HAND = f"""
    update people set document = cast(json_set(cast(document as text), '$[4].hand', json(
        case when {_SQLITE_MEMBER} then 'true' else 'false' end
    )) as blob) where document is not null
"""
_POSTGRES_MEMBER = """
    convert_from(p.document, 'UTF8')::json -> 0 ->> 'tier' = 'gold'
    and (convert_from(p.document, 'UTF8')::json -> 0 ->> 'visits')::int8 > 3
    and exists (
        select 1 from log l where l.person = p.number and l.kind = 'event'
        and l.name = 'purchase' and l.occurred > ? and l.occurred <= ?
    )
"""
_POSTGRES_BY_HAND = f"""
    update people p set document = convert_to(jsonb_set(
        convert_from(p.document, 'UTF8')::jsonb, '{{4,hand}}', to_jsonb({_POSTGRES_MEMBER})
    )::text, 'UTF8') where p.document is not null
"""
_FORGET_SQLITE = """
    update people set document = cast(
        json_remove(cast(document as text), '$[4].vip', '$[4].hand') as blob
    )
"""
_FORGET_POSTGRES = """
    update people set document = convert_to(jsonb_set(
        convert_from(document, 'UTF8')::jsonb, '{4}', '{}'
    )::text, 'UTF8')
"""


class Took(NamedTuple):
    """Seconds of one pair, ours and by hand: to write who is in it, and to look again."""

    written: float
    written_by_hand: float
    looked: float
    looked_by_hand: float
    members: int


def program() -> Program:
    """A shop with a journey for those who come into the segment."""
    made = compile_project(_FILES)
    assert made.project is not None, made.diagnostics
    return program_without_texts(made.project)


def fill(store: SqlStore, people: int) -> None:
    """Puts everybody into the tables, with events and standings."""
    chance = random.Random(1)  # noqa: S311 - people, not secrets
    nothing = codec.standing_document(codec.StandingDocument())
    shared = isinstance(store, PostgresStore)
    with store._database.writing() as session:  # noqa: SLF001 - nothing else gets this many in
        for start in range(1, people + 1, _CHUNK):
            some = range(start, min(start + _CHUNK, people + 1))
            session.many(*_people(chance, some, shared=shared))
            session.many(*_standings(some, nothing, shared=shared))
            session.many(ADD_ARRIVAL, _events(chance, some))
    if shared:
        store.tidy()
        with store._database.writing() as session:  # noqa: SLF001 - as the server does by and by
            session.execute("analyze")


def _people(
    chance: random.Random, some: Iterable[int], *, shared: bool
) -> tuple[str, list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    for number in some:
        told = {
            "tier": chance.choice(("bronze", "gold")),
            "visits": chance.randint(0, 9),
            "country": "DE",
            "first_name": "Ada",
        }
        address = {"push": f"token {number}"}
        document = orjson.dumps((told, address, {}, [], {}, (None, None, 0), {}, {}))
        rows.append((number, f"u{number}", document, *([shard_of(f"u{number}")] if shared else [])))
    columns = "number, id, document" + (", shard" if shared else "")
    return f"insert into people ({columns}) values ({_marks(rows)})", rows


def _standings(
    some: Iterable[int], nothing: bytes, *, shared: bool
) -> tuple[str, list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = [
        (number, shard_of(f"u{number}") if shared else number, nothing) for number in some
    ]
    columns = "person, shard, document" if shared else "person, place, document"
    return f"insert into standings ({columns}) values ({_marks(rows)})", rows


def _marks(rows: list[tuple[Any, ...]]) -> str:
    return ", ".join("?" * len(rows[0]))


def _events(chance: random.Random, some: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    for number in some:
        for time_ in range(EVENTS):
            at = NOW - chance.randrange(400 * 24) * HOUR
            document = b'{"order_id":"o-17","total":4990}'
            serial = number * EVENTS + time_
            yield serial, f"e{serial}", number, "event", "purchase", at, at, document


def turns(store: SqlStore, pairs: int, servers: Sequence[int] = ()) -> Iterator[Took]:
    """Ours and by hand, in turns; what was written is taken back in between. The time of
    ``servers``, which are processes, counts as well.
    """

    def timed(work: Callable[[], Any]) -> tuple[float, Any]:
        start = time.process_time() + cpu_seconds(servers)
        result = work()
        return time.process_time() + cpu_seconds(servers) - start, result

    shared, shop = isinstance(store, PostgresStore), program()
    member = _POSTGRES_MEMBER if shared else _SQLITE_MEMBER
    table = "people p" if shared else "people"
    look = f"select count(*) from {table} where document is not null and {member}"
    window = (NOW - 30 * DAY, NOW)

    def run(statement: str, values: tuple[int, ...] = ()) -> None:
        with store._database.writing() as session:  # noqa: SLF001 - as somebody would by hand
            if shared:
                session.execute("select set_config('enable_seqscan', 'on', true)")
                session.execute("select set_config('enable_hashjoin', 'on', true)")
            session.execute(statement, values)

    def ask() -> int:
        with store._database.reading() as session:  # noqa: SLF001 - as somebody would by hand
            if shared:
                session.execute("select set_config('enable_seqscan', 'on', true)")
                session.execute("select set_config('enable_hashjoin', 'on', true)")
            return int(session.one(look, window))

    for _ in range(pairs):
        run(_FORGET_POSTGRES if shared else _FORGET_SQLITE)
        if shared:
            store.tidy()
        by_hand = timed(lambda: run(_POSTGRES_BY_HAND if shared else _SQLITE_BY_HAND, window))
        if shared:
            store.tidy()
        ours = timed(lambda: store.memberships.rebuild(shop, ["vip"], NOW))
        (first,) = ours[1]
        looked = timed(lambda: store.memberships.rebuild(shop, ["vip"], NOW))
        asked = timed(ask)
        assert asked[1] == first.members, (asked[1], first)
        assert looked[1][0] == first._replace(first=0)
        yield Took(ours[0], by_hand[0], looked[0], asked[0], first.members)


def measure(people: int, pairs: int = 3, *, postgres: bool = False) -> list[Took]:
    """Fills a store and takes turns."""
    with ExitStack() as stack:
        servers: list[int] = []
        if postgres:
            address = stack.enter_context(database(stack.enter_context(own_server()), "segments"))
            servers.append(process_of(address))
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            address = f"sqlite:///{Path(folder) / 'wayline.db'}"
        store = open_store(address)
        stack.callback(store.close)
        assert isinstance(store, SqlStore)
        fill(store, people)
        return list(turns(store, pairs, servers))


def as_time_goes_by(people: int = 1_000, days: int = 30) -> tuple[int, int]:
    """How many people were looked at in a month in which nobody does anything, and how many came
    or went.
    """
    shop, store, chance = program(), MemoryStore(), random.Random(2)  # noqa: S311 - people
    arrivals: list[Any] = []
    for number in range(people):
        name = f"u{number}"
        told = {"tier": "gold", "visits": chance.randint(0, 9)}
        arrivals.append(ProfileChanged(f"p{number}", name, NOW, 0, told, {}))
        at = NOW - chance.randrange(60 * 24) * HOUR
        arrivals.append(EventArrived(f"e{number}", name, Happened("purchase", at, NOW, 0, {})))
    store.append(arrivals)
    runner = Runner(store, shop)
    while runner.run_once(NOW).people:
        pass
    before, looked, turned = _inside(store, shop, NOW), 0, 0
    for day in range(1, days + 1):
        now = NOW + day * DAY
        while count := runner.run_once(now).people:
            looked += count
        after = _inside(store, shop, now)
        turned += len(before ^ after)
        before = after
    return looked, turned


def _inside(store: Store, shop: Program, now: Instant) -> set[str]:
    return set(store.audience(shop.project.segments["vip"].who, shop, now))


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(q) a segment of three conditions, for everybody at once."""
    people = options.members
    yield Line("(q) a segment of three conditions, of so many people", f"{people:,}")
    yield Line("    and so many events", f"{people * EVENTS:,}")
    for postgres, name in ((False, "SQLite"), (True, "PostgreSQL")):
        took = measure(people, postgres=postgres)
        for what, ratio in (
            ("rebuilt", statistics.median(each.written / each.written_by_hand for each in took)),
            ("again", statistics.median(each.looked / each.looked_by_hand for each in took)),
        ):
            yield Line(
                f"    {what}, ours / SQL by hand, {name}",
                f"{ratio:.2f}",
                f"<= {SLOWEST:g}",
                ratio <= SLOWEST,
            )
        ours = statistics.median(each.written for each in took)
        by_hand = statistics.median(each.written_by_hand for each in took)
        yield Line(f"    ours / by hand, {name}, seconds of CPU", f"{ours:.1f} / {by_hand:.1f}")
    looked, turned = as_time_goes_by()
    yield Line(
        "    people looked at as time goes by / who came or went",
        f"{looked:,} / {turned:,}",
        "the same",
        looked == turned,
    )


def main() -> None:
    """Prints each pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    for each in measure(options.people, options.pairs, postgres=options.postgres):
        print(
            f"{each.members:,} in it; written {each.written:.2f} s, by hand"
            f" {each.written_by_hand:.2f} s, ratio {each.written / each.written_by_hand:.2f};"
            f" looked again {each.looked:.2f} s, by hand {each.looked_by_hand:.2f} s, ratio"
            f" {each.looked / each.looked_by_hand:.2f}"
        )
    looked, turned = as_time_goes_by()
    print(f"As time goes by {looked:,} people are looked at, and {turned:,} come or go.")


if __name__ == "__main__":
    main()
