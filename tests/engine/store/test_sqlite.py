"""What is true of SQLite beyond what every store promises."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.core.knowing import number_of
from engine.core.profile import Profile
from engine.core.signals import ProfileChanged, ReceiptArrived
from engine.store import open_store
from engine.store.protocol import (
    Appended,
    Changes,
    Settlement,
    Store,
    StoreError,
    StoreUnavailableError,
)
from engine.store.sql import forgetting, statements
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.tables import SCHEMA
from engine.store.testing.samples import (
    commit,
    delivery,
    due,
    event,
    process,
    run,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wayline.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


def test_everything_is_there_after_a_restart(store: Store, path: Path) -> None:
    store.append([event("e1")])
    commit(store, Changes([Profile("ada", {"n": 1})], [run("r1", due=30)], [delivery("d1")]))
    store.close()

    again = open_store(f"sqlite:///{path}")

    assert [arrival.id for arrival in process(again, 10)] == ["e1"]
    assert again.people(["ada"], [])["ada"].runs == [run("r1", due=30)]
    assert again.append([event("e1")]) == Appended(0, 1)
    assert [each.id for each in again.claim(10, 5, 20)] == ["d1"]
    again.close()


def test_commits_survive_a_power_cut_and_readers_do_not_wait(store: Store, path: Path) -> None:
    database = SqliteDatabase(path)
    try:
        with database.reading() as session:
            assert session.one("pragma journal_mode") == "wal"
            assert session.one("pragma synchronous") == 2
        with database.writing() as session:
            assert session.one("pragma synchronous") == 2
    finally:
        database.close()


def test_an_open_batch_keeps_no_reader_waiting(store: Store) -> None:
    commit(store, Changes(profiles=[Profile("ada", {"n": 1})]))
    with ThreadPoolExecutor(1) as thread, store.batch() as batch:
        batch.due(10, 10)
        seen = thread.submit(store.people, ["ada"], []).result(timeout=30)
        batch.commit(Changes(profiles=[Profile("ada", {"n": 2})]))

    assert seen["ada"].profile.attributes == {"n": 1}
    assert store.people(["ada"], [])["ada"].profile.attributes == {"n": 2}


def test_writing_inside_ones_own_batch_is_refused_instead_of_waiting_for_ever(
    store: Store,
) -> None:
    with store.batch(), pytest.raises(RuntimeError, match="transaction open already"):
        store.append([event("e1")])

    assert store.append([event("e1")]) == Appended(1, 0)


def test_text_that_no_database_holds_is_refused_whole(store: Store) -> None:
    lone = ProfileChanged("p1", "ada", 10, -1, {"name": "\ud800"}, {})
    commit(store, Changes(deliveries=[delivery("d1")]))

    with pytest.raises((TypeError, UnicodeEncodeError)):
        store.append([event("e1"), lone])
    told = ReceiptArrived("r1", "ada", 10, -1, "d1", "accepted", "\ud800", 10)
    with pytest.raises((TypeError, UnicodeEncodeError)):
        store.settle([Settlement("d1", "accepted", 1, 1)], [told])

    assert due(store, 10) == []
    assert store.deliveries(["d1"])["d1"].status == "queued"


def test_two_stores_on_one_file_share_it(store: Store, path: Path) -> None:
    other = open_store(f"sqlite:///{path}")
    try:

        def send(sender: tuple[str, Store]) -> int:
            name, mine = sender
            return sum(mine.append([event(f"{name}/{number}")]).accepted for number in range(60))

        with ThreadPoolExecutor(2) as threads:
            sent = list(threads.map(send, [("a", store), ("b", other)]))

        assert sent == [60, 60]
        assert len(process(store, 10)) == 120
        assert process(other, 10) == []
    finally:
        other.close()


def test_many_may_open_a_new_file_at_once(path: Path) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(open_store, [f"sqlite:///{path}"] * 6))
    for number, each in enumerate(stores):
        each.append([event(f"e{number}")])

    assert len(process(stores[0], 10)) == 6
    for each in stores:
        each.close()


def test_a_full_disk_is_said_in_one_sentence_and_leaves_nothing_half_written(
    store: Store, path: Path
) -> None:
    commit(store, Changes(profiles=[Profile("ada", {"n": 1})]))
    full = [event(f"e{number}", properties={"text": "x" * 1000}) for number in range(500)]
    database = store._database  # type: ignore[attr-defined]
    with database.writing() as session:
        pages = session.one("pragma page_count")
        session.rows(f"pragma max_page_count = {pages + 3}")

    with pytest.raises(StoreUnavailableError, match="disk is full") as told:
        store.append(full)
    with pytest.raises(StoreUnavailableError, match="disk is full"):
        commit(store, Changes(profiles=[Profile("ada", {"n": "x" * 500_000})]))

    assert "\n" not in str(told.value)
    assert store.people(["ada"], [])["ada"].profile.attributes == {"n": 1}
    with database.writing() as session:
        session.rows("pragma max_page_count = 1000000")
    assert store.append(full) == Appended(500, 0)


WRITER = """
import sys
from engine.store import open_store
from engine.store.testing.samples import event
store = open_store("sqlite:///" + sys.argv[1])
for number in range(int(sys.argv[2])):
    store.append([event(f"{sys.argv[3]}/{number}")])
"""


def test_a_busy_runner_lets_other_processes_write(store: Store, path: Path) -> None:
    """Without a line to stand in, the other process would find the database locked nearly each
    time it asks, for as long as there is much to do here.
    """
    command = [sys.executable, "-c", WRITER, str(path), "30", "other"]
    seen: list[int] = []  # how much of the other's was there at each batch, from the first on
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as other:
        while other.poll() is None or sum(seen) < 30:
            with store.batch() as batch:
                waiting = batch.load(["ada"], 10)["ada"].pending
                sum(range(400_000))  # the batch takes its time
                batch.commit(Changes(processed=[number_of(arrival) for arrival in waiting]))
            if waiting or seen:
                seen.append(len(waiting))

    while not seen[-1]:  # a process takes its time to end
        seen.pop()
    assert other.returncode == 0
    assert sum(seen) == 30
    assert len(seen) < 30 * 4


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("wayline.db", '"wayline.db" is not a store; write sqlite:///wayline.db'),
        ("", '"" is not a store'),
        ("sqlite:///", "is not a store"),
        ("sqlite:///:memory:", "memory:"),
        ("mysql://ada:s3cret@localhost/wayline", '"mysql://localhost/wayline" is not a store'),
        ("sqlite:////no/such/folder/wayline.db", "there is no folder /no/such/folder; create it"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(url: str, says: str) -> None:
    with pytest.raises(StoreError, match=re.escape(says)) as told:
        open_store(url)

    assert "\n" not in str(told.value)


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_text("journey: welcome\n" * 100)

    with pytest.raises(StoreError, match="cannot be opened: file is not a database"):
        open_store(f"sqlite:///{path}")

    assert path.read_text() == "journey: welcome\n" * 100


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}")


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("create table customers (id integer)")

    with pytest.raises(StoreError, match="database of another program"):
        open_store(f"sqlite:///{path}")


@pytest.mark.parametrize(("found", "says"), [(SCHEMA + 1, "newer"), (SCHEMA - 1, "older")])
def test_a_store_of_another_version_says_so(
    store: Store, path: Path, found: int, says: str
) -> None:
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("update meta set value = ?", (str(found),))

    with pytest.raises(StoreError, match=f"written by an? {says} Wayline"):
        open_store(f"sqlite:///{path}")


PARTS = {"LANES", "LAST_OF", "WAKES_OUTSIDE"}  # of others, or for any table
STATEMENTS = {
    name: statement
    for module in (statements, forgetting)
    for name in module.__all__
    if isinstance(statement := getattr(module, name), str) and name not in PARTS
}


# A whole table is what these are for; the inbox, the last of it and the edges are small.
WHOLE = {
    "ASSIGNMENTS_OF",
    "EDGES",
    "ADD_MISSING_STANDINGS",
    "WAKE_EVERYONE",
    "NEXT_WAKE",
}


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - WHOLE))
def test_no_statement_reads_a_whole_table(store: Store, path: Path, name: str) -> None:
    sql = STATEMENTS[name].format("?, ?")
    with sqlite3.connect(path) as db:
        plan = db.execute(f"explain query plan {sql}", (None,) * sql.count("?")).fetchall()
    scans = [
        step
        for *_, step in plan
        if step.startswith("SCAN")
        and not re.fullmatch(
            r"SCAN (chain|calls|deployments|CONSTANT ROW|\d+ CONSTANT ROWS?)", step
        )
    ]

    assert scans == []
    assert not any("TEMP B-TREE FOR ORDER BY" in step for *_, step in plan if "_DUE" in name)
