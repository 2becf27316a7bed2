"""The floor on PostgreSQL: the same step as in ``floor``, by hand, with COPY and nothing else.

Read a run that is due with its person's 400-byte profile, evaluate one rule, update the run, insert
one delivery and one decision; 5,000 steps to a transaction, every commit synced. The rows go in by
COPY, those that change by way of a temporary table and ``update … from``, which is the fastest that
psycopg and PostgreSQL do together.

    python -m benchmarks.floor_postgres [USERS]
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import psycopg

from benchmarks.floor import (
    BATCH,
    BIG_SPENDER,
    DAY,
    FILLER,
    HOUR,
    ROUNDS,
    START,
    profile_document,
)
from benchmarks.server import database, server

__all__ = ["run"]

_DUE = """
    select runs."user", runs.state, profiles.document
    from runs join profiles on profiles."user" = runs."user"
    where runs.due <= %s order by runs.due limit %s
"""
_STAGE = """
    create temp table next (state bigint, due bigint, "user" text) on commit delete rows
"""
_UPDATE = """
    update runs set state = next.state, due = next.due from next where runs."user" = next."user"
"""
_NEXT = "copy next from stdin (format binary)"
_DELIVERIES = 'copy deliveries ("user", channel, body, status, due) from stdin (format binary)'
_DECISIONS = 'copy decisions ("user", at, what, reason, journey, step) from stdin (format binary)'


def run(users: int, address: str, rounds: int = ROUNDS) -> float:
    """Durable steps per second of ``users`` people in a new database."""
    with psycopg.connect(address, autocommit=True) as db:
        _fill(db, users)
        db.execute("vacuum analyze")
        db.execute("checkpoint")
        for kind in ("seqscan", "hashjoin", "mergejoin"):  # as anybody would who wants speed
            db.execute(f"set enable_{kind} = off")
        db.execute(_STAGE)
        started = time.perf_counter()
        steps = 0
        for round_ in range(1, rounds + 1):
            while done := _batch(db, START + round_ * DAY):
                steps += done
        return steps / (time.perf_counter() - started)


def _fill(db: psycopg.Connection[Any], users: int) -> None:
    schema = Path(__file__).with_name("floor_schema.sql").read_text()
    schema = schema.replace("user text", '"user" text').replace(" blob ", " bytea ")
    schema = schema.replace("id integer primary key", "id bigserial primary key")
    schema = schema.replace("integer", "bigint")
    db.execute(schema)
    offsets = [1 + number * (DAY - HOUR) // users for number in range(users)]
    random.Random(1).shuffle(offsets)  # noqa: S311 - the same shuffle each time, no secret
    _copy(
        db,
        "copy profiles from stdin (format binary)",
        ["text", "bytea"],
        [(f"customer-{number:06d}", profile_document(number)) for number in range(users)],
    )
    _copy(
        db,
        "copy runs from stdin (format binary)",
        ["text", "text", "int8", "int8"],
        [
            (f"customer-{number:06d}", "welcome", 0, START + offset)
            for number, offset in enumerate(offsets)
        ],
    )


def _copy(
    db: psycopg.Connection[Any], statement: str, kinds: list[str], rows: list[tuple[Any, ...]]
) -> None:
    with db.cursor().copy(statement) as copy:
        copy.set_types(kinds)
        for row in rows:
            copy.write_row(row)


def _batch(db: psycopg.Connection[Any], now: int) -> int:
    """One transaction: up to 5,000 steps that are due by ``now``. How many there were."""
    db.execute("begin")
    due = db.cursor(binary=True).execute(_DUE, (now, BATCH)).fetchall()
    runs: list[tuple[Any, ...]] = []
    deliveries: list[tuple[Any, ...]] = []
    decisions: list[tuple[Any, ...]] = []
    next_due = now
    for user, state, document in due:
        next_due += 1_000_000
        profile = orjson.loads(document)
        if (
            profile["lifetime_value"] > BIG_SPENDER
            and profile["country"].strip().casefold() == "de"
        ):
            body = f"Hello {profile['first_name']}! {FILLER}"
            runs.append((state + 1, next_due, user))
            deliveries.append((user, "email", body, "queued", now))
            decisions.append((user, now, "sent", "", "welcome", "hello"))
        else:
            runs.append((state + 1, None, user))
    _copy(db, _NEXT, ["int8", "int8", "text"], runs)
    db.execute(_UPDATE)
    _copy(db, _DELIVERIES, ["text", "text", "text", "text", "int8"], deliveries)
    _copy(db, _DECISIONS, ["text", "int8", "text", "text", "text", "text"], decisions)
    db.execute("commit")
    return len(due)


def main() -> None:
    """Measures once, and prints what was measured."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with server() as address, database(address, "wayline_floor") as place:
        sys.stdout.write(f"floor on PostgreSQL: {run(users, place):,.0f} durable steps/s\n")


if __name__ == "__main__":
    main()
