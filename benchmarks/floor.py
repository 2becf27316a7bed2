"""The floor: how fast durable user-steps can be, done by hand with sqlite3 and nothing else.

One step: read a run that is due with its person's 400-byte JSON profile, evaluate one rule,
update the run, insert one delivery and one decision. Batches of 5,000 steps, one transaction
each, in WAL mode with ``synchronous=FULL``, so every finished batch survives a power cut.

People have the text ids by which events name them. The page cache and the interval between
checkpoints are larger than SQLite's defaults, as anybody would set them who wants speed; none
of it weakens what a commit promises.

The engine is measured against this. It was written and committed before the engine's own store
and is not to be changed with it: a yardstick that moves measures nothing.

    python -m benchmarks.floor [USERS]

*Bytes written* are those that the process handed to the operating system's write calls while
the steps ran (``wchar`` in ``/proc/self/io``): the frames of the write-ahead log and the pages
that checkpoints copy from it into the database, with a last checkpoint at the end so that
nothing is left uncounted. Where ``/proc`` is missing, the growth of the files stands in for it.
*Bytes kept* are the growth of the database file after that last checkpoint.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import orjson

BATCH = 5_000
ROUNDS = 2
HOUR = 3_600_000_000
DAY = 24 * HOUR
START = 1_767_225_600_000_000  # 2026-01-01 UTC, in microseconds
PROFILE_BYTES = 400
BIG_SPENDER = 50_000  # 500 euros, in cents
FILLER = (
    "There is something new in the shop today, and delivery is on us until Sunday evening. " * 2
)

_DUE = """
    select runs.user, runs.state, profiles.document
    from runs join profiles on profiles.user = runs.user
    where runs.due <= ? order by runs.due limit ?
"""
_UPDATE = "update runs set state = ?, due = ? where user = ?"
_DELIVERY = "insert into deliveries (user, channel, body, status, due) values (?, ?, ?, ?, ?)"
_DECISION = (
    "insert into decisions (user, at, what, reason, journey, step) values (?, ?, ?, ?, ?, ?)"
)


class FloorResult(NamedTuple):
    """What one measurement showed."""

    steps: int
    seconds: float
    bytes_written: int
    bytes_kept: int

    @property
    def steps_per_second(self) -> float:
        """Durable steps per second."""
        return self.steps / self.seconds

    @property
    def bytes_per_step(self) -> float:
        """Bytes handed to the operating system for each step."""
        return self.bytes_written / self.steps


def run(users: int, path: Path, rounds: int = ROUNDS) -> FloorResult:
    """Takes ``users`` people through ``rounds`` steps each, in a new database at ``path``."""
    with closing(_connect(path)) as db:
        _fill(db, users)
        _checkpoint(db)
        kept, written = path.stat().st_size, bytes_written(path)
        started = time.perf_counter()
        steps = 0
        for round_ in range(1, rounds + 1):
            now = START + round_ * DAY
            while done := _batch(db, now):
                steps += done
        _checkpoint(db)
        seconds = time.perf_counter() - started
        return FloorResult(
            steps, seconds, bytes_written(path) - written, path.stat().st_size - kept
        )


def bytes_written(path: Path) -> int:
    """A growing count of the bytes written so far; only differences mean something."""
    try:
        counters = Path("/proc/self/io").read_text()
    except OSError:
        return sum(file.stat().st_size for file in path.parent.glob(path.name + "*"))
    return int(counters.partition("wchar:")[2].split()[0])


def profile_document(number: int) -> bytes:
    """A profile of 400 bytes that the rule is true for."""
    attributes = {
        "first_name": f"Ada {number}",
        "email": f"person{number}@example.com",
        "country": "DE",
        "language": "de",
        "lifetime_value": BIG_SPENDER + 1 + number,
        "orders": number % 40,
        "newsletter": True,
        "note": "",
    }
    attributes["note"] = "x" * (PROFILE_BYTES - len(orjson.dumps(attributes)))
    return orjson.dumps(attributes)


def _user(number: int) -> str:
    return f"customer-{number:06d}"


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma cache_size = -65536")
    db.execute("pragma wal_autocheckpoint = 10000")
    db.executescript(Path(__file__).with_name("floor_schema.sql").read_text())
    return db


def _fill(db: sqlite3.Connection, users: int) -> None:
    """Gives everyone a profile and a live run.

    People did not sign up in the order in which they wake, so due times are shuffled over one
    day, the same way each time.
    """
    offsets = [1 + number * (DAY - HOUR) // users for number in range(users)]
    random.Random(1).shuffle(offsets)  # noqa: S311 - the same shuffle each time, no secret
    db.execute("begin immediate")
    db.executemany(
        "insert into profiles values (?, ?)",
        ((_user(number), profile_document(number)) for number in range(users)),
    )
    db.executemany(
        "insert into runs values (?, 'welcome', 0, ?)",
        ((_user(number), START + offset) for number, offset in enumerate(offsets)),
    )
    db.execute("commit")


def _batch(db: sqlite3.Connection, now: int) -> int:
    """One transaction: up to 5,000 steps that are due by ``now``. How many there were."""
    db.execute("begin immediate")
    due = db.execute(_DUE, (now, BATCH)).fetchall()
    runs: list[tuple[int, int | None, str]] = []
    deliveries, decisions = [], []
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
    db.executemany(_UPDATE, runs)
    db.executemany(_DELIVERY, deliveries)
    db.executemany(_DECISION, decisions)
    db.execute("commit")
    return len(due)


def _checkpoint(db: sqlite3.Connection) -> None:
    db.execute("pragma wal_checkpoint(truncate)").fetchall()


def _report(result: FloorResult) -> Iterator[str]:
    yield f"floor: {result.steps:,} durable steps in {result.seconds:.2f} s"
    yield f"  {result.steps_per_second:,.0f} steps/s"
    yield f"  {result.bytes_per_step:,.0f} bytes written per step"
    yield f"  {result.bytes_kept / result.steps:,.0f} bytes kept per step"


def main() -> None:
    """Measures once, in a temporary folder, and prints what was measured."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        result = run(users, Path(folder) / "floor.db")
    sys.stdout.write("\n".join(_report(result)) + "\n")


if __name__ == "__main__":
    main()
