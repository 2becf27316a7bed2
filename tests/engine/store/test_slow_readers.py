"""Whoever reads for long holds nobody up, and sees the store as it was when they began."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.store import open_store
from engine.store.protocol import Changes, Settlement, Store
from engine.store.sql.store import SqlStore
from engine.store.testing.samples import commit, delivery, due, event, process, run

PATIENCE = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'wayline.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


def work(store: Store, lap: int) -> None:
    """Everything that a daemon does: events come in, people are moved on, messages go out, and
    the house is kept.
    """
    names = [f"p{number}" for number in range(50)]
    store.append([event(f"e{lap}-{name}", name, lap) for name in names])
    process(store, lap)
    runs = [run(f"r{lap}-{name}", name, due=lap + 1) for name in names]
    commit(store, Changes(runs=runs, deliveries=[delivery(f"d{lap}", "p0", due=lap)]))
    assert due(store, lap + 1, limit=100) == names
    commit(store, Changes(runs=[each._replace(due=None) for each in runs]))
    (claimed,) = store.claim(lap, 10, lap + 100)
    store.settle([Settlement(claimed.id, "accepted", lap, 1)], [])
    store.tidy()
    assert store.pulse.backlog().arrivals == 0


def test_nothing_waits_for_a_reader_who_takes_long(store: Store) -> None:
    """What is done is counted, and not how fast: all of it, twice, while the reader is half-way."""
    assert isinstance(store, SqlStore)
    work(store, 10)
    reader = store.export()
    read = [next(reader)]
    done = threading.Event()

    def go_on() -> None:
        work(store, 20)
        work(store, 30)
        done.set()

    working = threading.Thread(target=go_on, daemon=True)
    working.start()
    assert done.wait(PATIENCE)
    read += list(reader)
    working.join()

    logs = [piece for piece in read if piece.table == "log"]
    assert sum(len(piece.rows) for piece in logs) == 50
    assert store.pulse.latest() == 30


def test_nor_does_the_process_of_another_reader(url: str) -> None:
    """Two that have opened the same store, as a daemon and ``wayline audience``."""
    store, other = open_store(url), open_store(url)
    try:
        assert isinstance(other, SqlStore)
        work(store, 10)
        with other._database.reading() as session:
            before = session.one("select count(*) from log")
            done = threading.Event()

            def go_on() -> None:
                work(store, 20)
                done.set()

            working = threading.Thread(target=go_on, daemon=True)
            working.start()

            assert done.wait(PATIENCE)
            assert session.one("select count(*) from log") == before == 50
            working.join()
    finally:
        other.close()
        store.close()
