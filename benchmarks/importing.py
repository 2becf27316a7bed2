"""Bringing in people from a file against a bare bulk insert of the very rows that come of it.

    python -m benchmarks.importing [--lines N] [--postgres]

The file is a table as a shop exports it: an id, six attributes, an e-mail address, and for every
tenth person a telephone number. It is brought in by what ``wayline import`` does, into an empty
store: read, checked against the tracking plan, and written down with where it comes from. Then the
rows of all tables are read from that store and put into another one, with the same indexes, from
memory, with nothing in between: by ``executemany`` into SQLite, by ``COPY`` into PostgreSQL, as many
people to a transaction as the import takes, every commit synced.

Both are processes of their own, so what each needs of memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from benchmarks.line import Line
from benchmarks.server import cpu_of, database, process_of, server
from dsl.calendar import Instant
from dsl.compiler import compile_project
from dsl.machine import Project
from engine.importing import Importer, Plan, Report, columns_of, head_of, survey
from engine.importing.importer import LINES
from engine.store import is_postgresql, open_store

__all__ = ["Side", "lines", "measure"]

NOW: Instant = 1_772_442_000_000_000
SLOWEST = 0.5
_TABLES = ("people", "log", "origins", "numbers")
_FILES = {
    "plan.yaml": """
tracking plan: shop
profile:
  first_name: text, personal
  country: code
  tier: one of silver / gold
  visits: whole number
  birthday: date
  newsletter: yes/no
events: {}
""",
    "policy.yaml": """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels: {email: {reachable when: yes}}
categories: {news: {consent: required}}
""",
}


class Side(NamedTuple):
    """What one of the two took: seconds on the wall, seconds of CPU (of the server, too), and
    megabytes at most.
    """

    seconds: float
    cpu: float
    megabytes: float


def shop() -> Project:
    """A shop in which nothing happens by itself."""
    made = compile_project(_FILES)
    assert made.project is not None
    return made.project


def write_file(path: Path, people: int) -> None:
    """The table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        names = ("id", "first_name", "email", "phone", "country", "tier", "visits")
        table.writerow((*names, "birthday", "newsletter"))
        for number in range(people):
            table.writerow(
                (
                    f"customer-{number:08}",
                    f"Ada {number}",
                    f"customer{number}@shop.example",
                    f"+49 30 9{number:07}" if number % 10 == 0 else "",
                    ("DE", "AT", "US")[number % 3],
                    ("silver", "gold")[number % 2],
                    number % 100,
                    f"19{50 + number % 50}-03-{1 + number % 28:02}",
                    ("yes", "no")[number % 2],
                )
            )


def bring_in(path: Path, address: str) -> Report:
    """What the command does between opening the store and telling of it."""
    project, store = shop(), open_store(address)
    meter = _Meter(address)
    found = survey(path)
    columns = columns_of(head_of(found), "people", {}, project.plan)
    importer = Importer(Plan(found, "people", columns), project)
    report = importer.run(store, Report(), lambda: NOW)
    store.close()
    meter.tell()
    return report


def insert(given: str, address: str) -> None:
    """The same rows, by hand."""
    store = open_store(address)  # makes the tables
    store.close()
    rows = _rows(given)
    meter = _Meter(address)
    (_copy if is_postgresql(address) else _executemany)(address, rows)
    meter.tell()


def _rows(address: str) -> list[dict[str, Any]]:
    """Per table its columns and rows, by the people they are about, as they were written."""
    if is_postgresql(address):
        with psycopg.connect(address) as db:
            return [_table(db.cursor(binary=True), name) for name in _TABLES]
    with closing(sqlite3.connect(address)) as file:
        return [_table(file.cursor(), name) for name in _TABLES]


def _table(cursor: Any, name: str) -> dict[str, Any]:
    cursor.execute(f"select * from {name}")  # noqa: S608 - one of our own
    columns = [each[0] for each in cursor.description]
    place = columns.index("number" if name == "people" else "person")
    parts: dict[int, list[Any]] = {}
    for row in cursor.fetchall():
        parts.setdefault((row[place] - 1) // LINES, []).append(row)
    return {"name": name, "columns": columns, "parts": parts}


def _executemany(address: str, tables: list[dict[str, Any]]) -> None:
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)) as db:
        db.execute("pragma synchronous = full")
        db.execute("pragma cache_size = -65536")
        db.execute("pragma wal_autocheckpoint = 10000")
        for part in sorted(tables[0]["parts"]):
            db.execute("begin immediate")
            for table in tables:
                marks = ", ".join("?" * len(table["columns"]))
                statement = f"insert into {table['name']} values ({marks})"  # noqa: S608 - ours
                db.executemany(statement, table["parts"].get(part, ()))
            db.execute("commit")


def _copy(address: str, tables: list[dict[str, Any]]) -> None:
    kinds = {"shard": "int2", "id": "text", "kind": "text", "name": "text", "document": "bytea"}
    with psycopg.connect(address, autocommit=True) as db:
        for part in sorted(tables[0]["parts"]):
            with db.transaction(), db.cursor(binary=True) as cursor:
                for table in tables:
                    columns = table["columns"]
                    into = f"copy {table['name']} ({', '.join(columns)}) from stdin (format binary)"
                    types = [
                        "text"
                        if (table["name"], each) == ("numbers", "number")
                        else kinds.get(each, "int8")
                        for each in columns
                    ]
                    with cursor.copy(into) as copy:
                        copy.set_types(types)
                        for row in table["parts"].get(part, ()):
                            copy.write_row(row)


def measure(people: int, make: Callable[[], tuple[str, str]]) -> tuple[Side, Side]:
    """Both sides, in stores at the two addresses that ``make`` gives."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_file(path, people)
        ours, bare = make()
        imported = _apart("import", str(path), ours)
        inserted = _apart("insert", ours.removeprefix("sqlite:///"), bare)
        return imported, inserted


def _apart(what: str, given: str, address: str) -> Side:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.importing", "--side", what, given, address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return Side(**json.loads(done.stdout))


class _Meter:
    """What is used from here on; by a server, too."""

    def __init__(self, address: str) -> None:
        self._server = process_of(address) if is_postgresql(address) else None
        self._began = time.perf_counter(), self._cpu()

    def tell(self) -> None:
        """Prints it."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        took = time.perf_counter() - self._began[0], self._cpu() - self._began[1]
        print(json.dumps({"seconds": took[0], "cpu": took[1], "megabytes": peak}))

    def _cpu(self) -> float:
        return time.process_time() + (0.0 if self._server is None else cpu_of(self._server))


def on_sqlite(people: int) -> tuple[Side, Side]:
    """Two files, gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        return measure(
            people, lambda: (f"sqlite:///{folder}/ours.db", f"sqlite:///{folder}/bare.db")
        )


def on_postgres(people: int) -> tuple[Side, Side]:
    """Two databases of one server, gone at the end."""
    with server() as at, database(at, "ours") as ours, database(at, "bare") as bare:
        return measure(people, lambda: (ours, bare))


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(p) people from a file, on both stores."""
    for name, run in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
        ours, bare = run(options.imported)
        ratio = bare.seconds / ours.seconds
        yield Line(
            f"(p) import of {options.imported:,} people / bare insert, {name}",
            f"{ratio:.2f}",
            f">= {SLOWEST}",
            ratio >= SLOWEST,
        )
        each = options.imported / ours.seconds, options.imported / bare.seconds
        yield Line("    import / insert, people per second", f"{each[0]:,.0f} / {each[1]:,.0f}")
        yield Line("    the same by seconds of CPU", f"{bare.cpu / ours.cpu:.2f}")
        yield Line("    import, MB at most", f"{ours.megabytes:.0f}")


def main() -> None:
    """Prints the lines, or is one of the two sides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--imported", "--lines", type=int, default=100_000)
    parser.add_argument("--side", nargs=3)
    options = parser.parse_args()
    if options.side is None:
        for line in lines(options):
            print(f"{line.what:<64}{line.measured:>18}  {line.target}")
        return
    what, given, address = options.side
    gc.set_threshold(50_000)  # as the command line does
    if what == "insert":
        insert(given, address)
        return
    bring_in(Path(given), address)


if __name__ == "__main__":
    main()
