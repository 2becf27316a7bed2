"""Nothing that was ever known of a forgotten person can be found again: not in any table, and not
in the bytes of the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from dsl.expr.context import Happened, StepRecord
from engine.core.aside import Aside
from engine.core.changes import Merge
from engine.core.decision import Decision
from engine.core.deeds import Deed
from engine.core.effects import CallWebhook
from engine.core.learning import Assignment
from engine.core.origins import Origin
from engine.core.profile import Contact, Profile
from engine.core.signals import (
    Arrival,
    CallAnswered,
    Erased,
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
)
from engine.core.strays import Stray
from engine.store import open_store
from engine.store.protocol import CallSettlement, Changes, Settlement, Store
from engine.store.sql.tables import metadata_of_schema
from engine.store.testing.samples import (
    NUMBERLESS,
    call,
    commit,
    delivery,
    event,
    process,
    run,
    unfinished,
)

MARK = "zq7xkeepsake"
"""Stands in everything that is known of the person, and in nothing else."""

NUMBER = "+493077712345432"
"""The person's, and nobody else's: an index knows people by their numbers."""

MARKS = (MARK, NUMBER)
ME = f"{MARK}-id"


def _arrivals(when: int) -> list[Arrival]:
    what = {MARK: MARK}
    name = f"{MARK} {when}"
    return [
        EventArrived(f"{name} e", ME, Happened("order", when, when, NUMBERLESS, what)),
        ProfileChanged(f"{name} p", ME, when, NUMBERLESS, what, {"email": f"{MARK}@shop.example"}),
        ReceiptArrived(f"{name} r", ME, when, NUMBERLESS, f"{MARK} d1", "opened", MARK, when),
        StartAsked(f"{name} s", ME, when, NUMBERLESS, "welcome", what),
        CallAnswered(f"{name} a", ME, when, NUMBERLESS, f"{MARK} c1", what),
    ]


def _call(name: str) -> CallWebhook:
    return call(f"{MARK} {name}", ME, due=10, values={MARK: MARK})


def _wander(store: Store, person: str, mark: str) -> None:
    """Standings that are written again and again, longer and shorter, here and there."""
    trigger = Happened("order", 1, 1, 1, {mark: mark * 20})
    for step in range(30):
        inside = run(
            f"{mark} open",
            person,
            due=100 + step * 7 % 11,
            state="hello",
            trigger=trigger,
            variables={mark: mark * (step % 5 * 40)},
            steps={"hello": StepRecord(values={mark: mark})},
        )
        contact = Contact(f"{mark} d1", step, None, "email", "promotional", "welcome")
        addresses = {"email": mark, **({"sms": NUMBER} if person == ME else {})}
        profile = Profile(person, {mark: mark * step}, addresses, contacts=(contact,))
        commit(store, Changes(profiles=[profile], runs=[inside]), [person])


def _live(store: Store) -> None:
    """A life with something in every table and queue, among those of many others."""
    others = [f"other {number}" for number in range(40)]
    for when in (1, 2):
        store.append([event(f"{name} {when}", name) for name in others])
        store.append(_arrivals(when))
        process(store, 5)
    for name in others:
        commit(store, Changes([Profile(name, {"n": 1})], [run(name, name, due=60)]), [name])
    _wander(store, ME, MARK)
    for name in others[::2]:
        _wander(store, name, name)
    closed = run(f"{MARK} shut", ME, status="closed", outcome="end", left=5, variables={MARK: MARK})
    texts = {"subject": MARK, "text": MARK * 400}
    sent = delivery(f"{MARK} d1", ME, parts=texts, address=f"{MARK}@shop.example")
    half = delivery(f"{MARK} d2", ME, unfinished=unfinished(values={"x": MARK}), address=MARK)
    queued = delivery(f"{MARK} d3", ME, due=500, parts=texts, address=MARK)
    said = Happened("consent_granted", 3, 3, 901, {"category": "news", "source": MARK})
    learnt = Assignment(MARK, ME, "welcome", MARK, "split", "s", MARK, 1, 0.5, 5, 900)
    commit(
        store,
        Changes(
            runs=[closed],
            deliveries=[sent, half, queued],
            calls=[_call("c1"), _call("c2")],
            decisions=[Decision(ME, at, "sent", MARK, detail=MARK * 9) for at in range(50)],
            events=[EventArrived(f"{MARK} made", ME, Happened("made", 3, 3, 900, {MARK: MARK}))],
            assignments=[learnt],
            consents=[EventArrived(f"{MARK} said", ME, said)],
            origins={ME: {MARK: Origin(3, "partner")}},
        ),
        [ME],
    )
    store.claim(20, 1, 99)
    store.settle([Settlement(f"{MARK} d1", "accepted", 20, 1, f"{MARK} provider")], [])
    store.claim(20, 1, 99)  # the one that is unfinished is being handed over
    store.claim_calls(20, 1, 99)  # and one question is out
    store.numbers.hear("sms", NUMBER, [ME], lambda said: (said._replace(stopped=3), []))
    twins = f"{MARK} device", f"email:{MARK}@shop.example"
    for twin in twins:
        store.append([event(f"{twin} seen", twin, properties={MARK: MARK})])
        commit(store, Changes(merges=[Merge(twin, ME, 5, MARK)]), [twin])
    odd = {"type": "track", "userId": ME, "event": MARK}
    strays = [Stray(f"{MARK} {name}", name, MARK, 3, odd) for name in (ME, *twins)]
    store.strays.keep({}, strays, 3)
    store.append(_arrivals(3))  # and this is not processed yet
    commit(store, Changes(aside=[Aside(ME, 4, f"{MARK} raised")]), [ME])
    store.deeds.add([Deed(5, "key shop", "get_person", ME), Deed(6, "operator bob", "keys list")])


def _erase(store: Store) -> None:
    store.append([Erased("wish", ME, 30, NUMBERLESS)])
    with store.batch() as batch:
        (wish,) = [each for each in batch.load([ME], 99)[ME].pending if isinstance(each, Erased)]
        batch.commit(Changes(processed=[wish.number], erased={ME: wish.number}))
    answer = CallAnswered(f"{MARK} late", ME, 40, NUMBERLESS, f"{MARK} c1", {MARK: MARK})
    receipt = ReceiptArrived(f"{MARK} x", ME, 40, NUMBERLESS, f"{MARK} d2", "accepted", MARK, 40)
    store.settle([Settlement(f"{MARK} d2", "accepted", 40, 1, MARK, 99, {"t": MARK})], [receipt])
    store.settle_calls([CallSettlement(f"{MARK} c1", 1, 40, answer)])


def _found(cells: dict[str, list[object]]) -> list[str]:
    return [table for table, values in cells.items() if any(_knows(_text(v)) for v in values)]


def _knows(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _cells_of_sqlite(path: Path) -> dict[str, list[object]]:
    with closing(sqlite3.connect(path)) as db:
        tables = [n for (n,) in db.execute("select name from sqlite_master where type = 'table'")]
        return {
            table: [value for row in db.execute(f"select * from {table}") for value in row]
            for table in tables
        }


def _cells_of_postgres(url: str) -> dict[str, list[object]]:
    with psycopg.connect(url) as db:
        found = db.execute("select tablename::text from pg_tables where schemaname = 'public'")
        return {
            str(table): [value for row in db.execute(f"select * from {table}") for value in row]
            for (table,) in found.fetchall()
        }


PERSONAL = {
    name
    for name, table in metadata_of_schema().tables.items()
    if "person" in table.columns or name in {"people", "contents", "deeds"}
}
NOBODYS = {"edges", "deployments", "meta", "gates", "said", "counts", "snapshots", "keys"} | {
    "hooks",
    "hook_words",  # that somebody was forgotten, until those who wanted to hear of it have
    "oddities",  # how often what came wrong; of what may be personal, no example is kept
}
"""The tables in which nothing of a person stands: figures, settings, and names that tell nothing."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wayline.db"


@pytest.fixture
def file_store(path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


def test_no_table_of_a_file_knows_somebody_forgotten(file_store: Store, path: Path) -> None:
    _live(file_store)
    before = _cells_of_sqlite(path)
    assert {*_found(before)} == PERSONAL - {"inbox"}  # which has numbers only
    (number,) = _rows(path, "select number from people where id = ?", ME)

    _erase(file_store)

    assert _found(_cells_of_sqlite(path)) == []
    for table in PERSONAL - {"people", "contents", "deeds"}:
        assert _rows(path, f"select 1 from {table} where person = ?", number[0]) == []


def test_every_table_is_known_to_be_of_people_or_of_nobody() -> None:
    """A new table fails here: let ``erase`` know it, or say that nothing of a person is in it."""
    assert {*metadata_of_schema().tables} == PERSONAL | NOBODYS


def _rows(path: Path, sql: str, value: object) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, (value,)).fetchall()


def test_no_table_of_a_database_knows_somebody_forgotten(postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        _live(store)
        assert {*_found(_cells_of_postgres(postgres_url))} == PERSONAL - {"inbox"}

        _erase(store)

        assert _found(_cells_of_postgres(postgres_url)) == []


def test_the_bytes_of_the_file_know_nothing_either_once_it_is_tidied(
    file_store: Store, path: Path
) -> None:
    _live(file_store)
    assert MARK.encode() in path.with_name("wayline.db-wal").read_bytes() + path.read_bytes()

    _erase(file_store)
    file_store.tidy()

    for file in path.parent.iterdir():
        assert not _knows(_text(file.read_bytes())), file.name


def test_free_pages_are_given_back(file_store: Store, path: Path) -> None:
    long = "x" * 3_000
    with file_store.batch() as batch:
        decisions = [Decision("ada", at, "sent", long) for at in range(1_500)]
        batch.commit(Changes([Profile("ada")], decisions=decisions))
    file_store.append([Erased("wish", "ada", 30, NUMBERLESS)])
    file_store.tidy()
    before = path.stat().st_size

    with file_store.batch() as batch:
        (wish,) = batch.load(["ada"], 99)["ada"].pending
        assert isinstance(wish, Erased)
        batch.commit(Changes(processed=[wish.number], erased={"ada": wish.number}))
    file_store.tidy()

    assert path.stat().st_size < before / 10
