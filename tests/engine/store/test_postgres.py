"""What is true of PostgreSQL beyond what every store promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from engine.core.profile import Profile
from engine.core.signals import ProfileChanged, ReceiptArrived
from engine.store import open_store
from engine.store.postgres import statements as own
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.shards import SHARDS, shard_of
from engine.store.postgres.values import copied_as, from_text, to_text
from engine.store.protocol import (
    Appended,
    Changes,
    Settlement,
    Store,
    StoreError,
    StoreUnavailableError,
)
from engine.store.sql import forgetting
from engine.store.sql import statements as common
from engine.store.sql.tables import SCHEMA
from engine.store.testing.samples import commit, delivery, due, event, process, run


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = open_store(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def other(store: Store, postgres_url: str) -> Iterator[Store]:
    """The store as another process sees it."""
    opened = open_store(postgres_url)
    yield opened
    opened.close()


def _cut(url: str) -> None:
    """Cuts every connection but our own, as a server that restarts does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_everything_is_there_after_a_restart(store: Store, postgres_url: str) -> None:
    store.append([event("e1")])
    commit(store, Changes([Profile("ada", {"n": 1})], [run("r1", due=30)], [delivery("d1")]))
    store.close()

    again = open_store(postgres_url)

    assert [arrival.id for arrival in process(again, 10)] == ["e1"]
    assert again.people(["ada"], [])["ada"].runs == [run("r1", due=30)]
    assert again.append([event("e1")]) == Appended(0, 1)
    assert [each.id for each in again.claim(10, 5, 20)] == ["d1"]
    again.close()


_TEXTS = st.text(st.sampled_from("\0\\0a"), max_size=8)
ODD = "\\0 and \0x"


@given(_TEXTS)
def test_text_comes_back_whatever_is_in_it(text: str) -> None:
    assert "\0" not in to_text(text)
    assert from_text(to_text(text)) == text


@given(st.lists(st.tuples(_TEXTS, st.integers(), _TEXTS | st.none()), min_size=1, max_size=4))
def test_a_column_is_copied_as_it_is_only_if_nothing_in_it_is_written_differently(
    rows: list[tuple[str, int, str | None]],
) -> None:
    kinds = copied_as(["text", "int8", "text"], rows)

    columns = [first for first, _, _ in rows], [last for _, _, last in rows]
    odd = [any(text is None or to_text(text) != text for text in column) for column in columns]
    assert kinds == ["text" if odd[0] else "varchar", "int8", "text" if odd[1] else "varchar"]


def test_many_arrivals_keep_their_texts_beside_one_that_is_written_differently(
    store: Store,
) -> None:
    names = [f"e{number}" for number in range(80)]
    store.append([event(name, name) for name in names])
    store.append([event(f"{name}x", name) for name in (*names, "\\0 and \0")])

    assert {each.id for each in process(store, 10)} == {*names, *[f"{n}x" for n in names], ODD}


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


def test_a_cut_connection_leaves_nothing_half_written_and_the_next_one_works(
    store: Store, postgres_url: str
) -> None:
    commit(store, Changes(profiles=[Profile("ada", {"n": 1})]))

    def work() -> None:
        with store.batch() as batch:
            batch.load(["ada"], 10)
            _cut(postgres_url)
            batch.commit(Changes(profiles=[Profile("ada", {"n": 2})], runs=[run("r1")]))

    with pytest.raises(StoreUnavailableError, match=r"^The store .* cannot be used: [^\n]*\.$"):
        work()

    assert store.people(["ada"], [])["ada"].profile.attributes == {"n": 1}
    assert store.append([event("e1")]) == Appended(1, 0)


def test_connections_that_were_cut_while_nobody_used_them_are_made_anew(
    store: Store, postgres_url: str
) -> None:
    store.append([event("e1")])
    for number in range(3):
        _cut(postgres_url)

        assert store.append([event(f"again {number}")]) == Appended(1, 0)


def test_an_id_that_somebody_else_appends_at_the_same_time_is_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For another person, so that no door keeps the two apart; who looked did not see it yet."""
    store.append([event("e2", person="bob")])
    monkeypatch.setattr(common, "IDS_IN_LOG", "select id from log where id in ({}) and false")

    appended = store.append([event("e1"), event("e2"), event("e1"), event("e3")])

    assert appended == Appended(2, 2)
    assert appended.repeats == {1, 2}
    assert [each.id for each in process(store, 10)] == ["e2", "e1", "e3"]


def test_housekeeping_changes_nothing(store: Store) -> None:
    store.append([event("e1")])

    store.tidy()

    assert [each.id for each in process(store, 10)] == ["e1"]


def test_many_may_open_a_new_database_at_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(open_store, [postgres_url] * 4))
    for number, each in enumerate(stores):
        each.append([event(f"e{number}")])

    assert len(process(stores[0], 10)) == 4
    for each in stores:
        each.close()


def test_another_programs_database_is_left_alone(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create table customers (id integer)")

    with pytest.raises(StoreError, match="database of another program"):
        open_store(postgres_url)


def test_a_store_of_a_newer_version_says_so(store: Store, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("update meta set value = %s where name = 'schema'", [str(SCHEMA + 1)])

    with pytest.raises(StoreError, match="written by a newer Wayline"):
        open_store(postgres_url)


def test_what_cannot_be_opened_is_said_in_one_sentence(postgres_url: str) -> None:
    nowhere = "postgresql://ada:s3cret@127.0.0.1:9/wayline"
    missing = make_conninfo(postgres_url, dbname="no_such_database")
    for url, says in (
        (nowhere, "The store wayline on 127.0.0.1 cannot be opened: "),
        ("postgresql://ada:s3cret@127.0.0.1/wayline?sslmoe=on", "cannot be read"),
        ("postgresql://?" + "&".join(missing.replace("'", "").split()), "no_such_database"),
    ):
        with pytest.raises(StoreError, match=re.escape(says)) as told:
            open_store(url)

        assert "\n" not in str(told.value)
        assert "s3cret" not in str(told.value)


def test_people_are_spread_evenly_and_for_ever() -> None:
    people = [f"person {number}" for number in range(64 * 100)]
    sizes = [0] * SHARDS
    for person in people:
        sizes[shard_of(person)] += 1

    assert min(sizes) > 50
    assert (shard_of("ada"), shard_of("Zoë")) == (40, 42)


PARTS = {"LANES", "WAKES_OUTSIDE"}  # of others, or for any table


def _statements() -> dict[str, str]:
    named = {
        f"{module.__name__.rpartition('.')[0][-8:]} {name}": getattr(module, name)
        for module in (common, forgetting, own)
        for name in module.__all__
        if isinstance(getattr(module, name), str) and name not in PARTS
    }
    ours = {name.rpartition(" ")[2] for name in named if name.startswith("postgres")}
    return {
        name: statement
        for name, statement in named.items()
        if own.told(statement)
        and (name.startswith("postgres") or name.rpartition(" ")[2] not in ours | SQLITES)
    }


SQLITES = {"MOVE_STANDING", "LAST_PLACE", "ADD_TO_INBOX", "TIMERS_DUE", "ARRIVALS_DUE"}
# A whole table is what these are for, or it is small, as the open calls are.
WHOLE = {
    "EDGES",
    "ADD_MISSING_STANDINGS",
    "WAKE_EVERYONE",
    "GO_ON",
}


def test_no_statement_reads_a_whole_table_or_goes_through_rows_that_are_gone(
    store: Store, postgres_url: str
) -> None:
    """A bitmap is made of all that an index has for a key: of a thousand messages that have been
    handed over, each of the thousand, as often as somebody looks for what is being handed over.
    """
    with PostgresDatabase(postgres_url).connect() as connection:
        if connection.info.server_version < 160_000:
            pytest.skip("older servers cannot tell what they would do")
        for name, statement in _statements().items():
            if name.rpartition(" ")[2] in WHOLE:
                continue
            first, *others = own.told(statement).split("%b")
            text = first + "".join(f"${n}{each}" for n, each in enumerate(others, 1))
            rows = connection.execute(f"explain (generic_plan) {text}")
            plan = "\n".join(row[0] for row in rows)

            assert not re.search(r"Seq Scan on (?!chain|calls)|Bitmap", plan), f"{name}\n{plan}"
