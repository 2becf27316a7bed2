"""The customers of the Online Retail orders are erased, all of them, while a daemon works: nothing of
anybody can be found in any cell of any table, nor in the bytes of the file.

A few of them in a file every day, and all 4,372, in a database as well, with ``make erasures``.
"""

from __future__ import annotations

import gzip
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from sqlalchemy import URL

from engine.store import open_store
from engine.store.protocol import Store
from tests.postgres import address_of

pytestmark = pytest.mark.slow

HOUSE = Path(__file__).parents[2]
SHOP = HOUSE / "examples" / "online_retail"
_ASKED = os.environ.get("WAYLINE_TEST_ERASURES")
PEOPLE = int(_ASKED or "20")
KEY = "a-key-that-is-nowhere-in-the-store"
PATIENCE = 600.0
OTHERS = [f"other-{number}" for number in range(50)]
SIZE = 400_000  # of a batch, in bytes
TOKEN = re.compile(r"[\w@.-]+")
THEIRS = re.compile(rb"customer\d{5}@example\.net|made-up-\w[\w-]*|or-\d{6}-\d{5}")
"""What stands in the bytes of a file because of somebody, and of nothing else."""


def _calls(people: set[str]) -> Iterator[dict[str, Any]]:
    """What these people are and did, as if it were today: so journeys begin by it."""
    for name in ("people-made-up", "orders"):
        with gzip.open(SHOP / "data" / f"{name}.jsonl.gz") as file:
            for line in file:
                call = orjson.loads(line)
                if call["userId"] in people:
                    del call["timestamp"]
                    yield call


def _chosen() -> list[str]:
    with gzip.open(SHOP / "data" / "orders.jsonl.gz") as file:
        found = dict.fromkeys(orjson.loads(line)["userId"] for line in file)
    return list(found)[:PEOPLE]


def _known_by(calls: Iterable[dict[str, Any]]) -> set[str]:
    """Every text by which somebody could be known again."""
    found: set[str] = set()
    for call in calls:
        found |= {call["userId"], call["messageId"]}
        found.add(call.get("traits", {}).get("email", ""))
        found.add(call.get("context", {}).get("device", {}).get("token", ""))
        found.add(call.get("properties", {}).get("order_id", ""))
    return found - {""}


class _Served:
    """A daemon on a store."""

    def __init__(self, store: str, folder: Path) -> None:
        command = [sys.executable, "-c", "from engine.cli import main; main()", "serve"]
        command += ["--store", store, "--port", "0", "--dev", str(SHOP)]
        command += ["--config", str(SHOP / "wayline.toml")]
        settings = {"PYTHONPATH": str(HOUSE), "WAYLINE_SUPPRESSION_KEYS": KEY}
        with (folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **settings},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", line):
                self.port = int(found[1])
                break
        else:
            raise AssertionError((folder / "errors").read_text())
        self._reader = threading.Thread(target=self._process.stdout.read)
        self._reader.start()

    def ask(self, method: str, path: str, body: bytes | None = None) -> int:
        """One request, until there is room for it; the status."""
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            with closing(connection):
                headers = {"content-type": "application/json"}
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
            if answer.status not in (429, 503):
                return answer.status
            time.sleep(0.2)

    def stop(self) -> None:
        """Lets it end."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        self._reader.join(60)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def _served(store: str, folder: Path) -> Iterator[_Served]:
    served = _Served(store, folder)
    try:
        yield served
    finally:
        served.stop()


def _tell(served: _Served, calls: Iterable[dict[str, Any]]) -> None:
    """By batches."""
    batch: list[bytes] = []
    for call in calls:
        batch.append(orjson.dumps(call))
        if sum(map(len, batch)) > SIZE:
            assert served.ask("POST", "/v1/batch", _batch(batch)) == 200
            batch = []
    assert not batch or served.ask("POST", "/v1/batch", _batch(batch)) == 200


def _batch(calls: Sequence[bytes]) -> bytes:
    return b'{"batch": [' + b",".join(calls) + b"]}"


def _work(served: _Served, over: threading.Event) -> None:
    """Others go on living meanwhile."""
    number = 0
    while not over.wait(0.02):
        number += 1
        who = OTHERS[number % len(OTHERS)]
        call = {"type": "identify", "userId": who, "traits": {"email": f"{who}@shop.example"}}
        assert served.ask("POST", "/v1/batch", _batch([orjson.dumps(call)])) == 200


def _until(done: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def _lived_and_erased(url: str, folder: Path) -> tuple[Store, set[str], dict[str, set[str]]]:
    """Everybody lives, and is erased while the daemon works; the store is tidied while it does."""
    people = _chosen()
    known = _known_by(_calls(set(people)))
    with _served(url, folder) as served:
        store = open_store(url)
        _tell(served, _calls(set(people)))
        _until(lambda: not store.pulse.backlog().arrivals, "everything is processed")
        lived = _tables(url, known)
        over = threading.Event()
        with ThreadPoolExecutor(5) as threads:
            working = threads.submit(_work, served, over)
            told = threads.map(lambda who: served.ask("DELETE", f"/v1/people/{who}"), people)
            assert set(told) == {200}
            _until(lambda: not store.people(people, ()), "everybody is forgotten")
            _until(lambda: len(store.people(OTHERS, ())) > 10, "others live")
            over.set()
            working.result()
        store.tidy()
    return store, known, lived


def _tables(url: str, known: set[str]) -> dict[str, set[str]]:
    """By table, what of all these texts stands in any cell."""
    found: dict[str, set[str]] = {}
    for table, rows in _rows(url):
        for row in rows:
            for cell in row:
                if isinstance(cell, str | bytes | memoryview):
                    text = cell if isinstance(cell, str) else bytes(cell).decode("latin-1")
                    found.setdefault(table, set()).update(known & {*TOKEN.findall(text)})
    found.pop("deployments", None)  # the project's own files, which speak of two customers
    return {table: texts for table, texts in found.items() if texts}


def _rows(url: str) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            for (name,) in db.execute("select name from sqlite_master where type = 'table'"):
                yield name, db.execute(f'select * from "{name}"').fetchall()
        return
    with psycopg.connect(url) as pg:
        tables = pg.execute("select tablename::text from pg_tables where schemaname = 'public'")
        for (name,) in tables.fetchall():
            yield name, pg.execute(f'select * from "{name}"').fetchall()


def test_nothing_of_anybody_is_left_in_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    began = time.monotonic()
    store, known, lived = _lived_and_erased(url, tmp_path)
    print(
        f"{PEOPLE:,} people, {len(known):,} texts, {time.monotonic() - began:.0f} s; in {[*lived]}"
    )

    with closing(store):
        assert {"people", "log", "consents", "standings", "closed_runs"} <= {*lived}
        assert _tables(url, known) == {}
        for file in sorted(tmp_path.glob("wayline.db*")):
            assert THEIRS.findall(file.read_bytes()) == [], file.name
        assert len(store.people(OTHERS, ())) > 10
        assert store.bars.count() == 0  # nobody was suppressed, and what was said is not counted
        store.bars.under([KEY.encode()])
        place = ("email", f"customer{_chosen()[0]}@example.net")
        assert store.bars.read([place])[place].forgotten > 0


@pytest.mark.skipif(_ASKED is None, reason="make erasures")
def test_nothing_of_anybody_is_left_in_a_database(postgres: URL, tmp_path: Path) -> None:
    postgres_url = address_of(postgres)
    store, known, lived = _lived_and_erased(postgres_url, tmp_path)

    with closing(store):
        assert {"people", "log", "consents"} <= {*lived}
        assert _tables(postgres_url, known) == {}
