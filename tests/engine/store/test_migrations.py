"""Stores of earlier versions: brought up to date, and none of what is in them lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, inspect
from sqlalchemy.engine import Engine

from engine.core.profile import Profile
from engine.store import open_store
from engine.store.migrations import LATEST, REVISIONS, making, missing
from engine.store.postgres.database import PostgresDatabase
from engine.store.protocol import Changes, Store, StoreError
from engine.store.sql.moving import KEYS
from engine.store.sql.tables import SCHEMA, DatabaseKind, metadata_of_schema
from engine.store.testing.samples import call, commit, delivery, event, process, run


def _as_it_was(db: Engine, through: str) -> None:
    """Makes the tables of an earlier version."""
    with db.begin() as connection:
        for revision in REVISIONS[: REVISIONS.index(through) + 1]:
            making.make(connection, revision)
        connection.exec_driver_sql(f"insert into meta values ('schema', '{SCHEMA}')")
        if through != "0001":
            connection.exec_driver_sql("create table alembic_version (version_num varchar(32))")
            connection.exec_driver_sql(f"insert into alembic_version values ('{through}')")
    db.dispose()


def _sqlite(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool)


def _postgres(url: str) -> Engine:
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool
    )


def _shape(db: Engine) -> dict[str, Any]:
    """Tables, columns, keys and indexes, as the database tells them."""
    with db.connect() as connection:
        seen = inspect(connection)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)],
                seen.get_pk_constraint(table)["constrained_columns"],
                sorted(
                    (str(i["name"]), i["column_names"], i["unique"])
                    for i in seen.get_indexes(table)
                ),
                sorted(u["column_names"] for u in seen.get_unique_constraints(table)),
            )
            for table in seen.get_table_names()
            if table != "alembic_version"
        }


def test_every_change_is_listed_and_has_a_module() -> None:
    assert list(making._CHANGES) == list(REVISIONS)
    assert missing(None) == REVISIONS[1:]
    assert missing(LATEST) == ()
    assert missing("9999") == ()


def test_every_table_moves_with_a_store() -> None:
    assert next(iter(KEYS)) == "people"
    assert set(KEYS) == set(metadata_of_schema().tables)


def _same(kind: DatabaseKind, changed: Engine, fresh: Engine) -> None:
    with changed.begin() as connection:
        for revision in REVISIONS:
            making.make(connection, revision)
    metadata_of_schema(kind).create_all(fresh)

    assert _shape(changed) == _shape(fresh)


def test_all_changes_together_make_the_tables_of_a_new_file(tmp_path: Path) -> None:
    """A table that is added without a change fails here: write the next module in migrations."""
    _same("sqlite", _sqlite(tmp_path / "changed.db"), _sqlite(tmp_path / "fresh.db"))


def test_all_changes_together_make_the_tables_of_a_new_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create schema changed")
        connection.execute("create schema fresh")

    def within(schema: str) -> Callable[[], psycopg.Connection[Any]]:
        return lambda: psycopg.connect(postgres_url, options=f"-csearch_path={schema}")

    changed, fresh = (
        create_engine("postgresql+psycopg://", creator=within(schema), poolclass=NullPool)
        for schema in ("changed", "fresh")
    )
    _same("postgresql", changed, fresh)


@pytest.mark.parametrize("through", REVISIONS)
def test_a_file_of_an_earlier_version_is_brought_up_to_date_when_it_is_opened(
    tmp_path: Path, through: str
) -> None:
    path = tmp_path / "wayline.db"
    _as_it_was(_sqlite(path), through)
    with sqlite3.connect(path) as db:
        db.execute(
            "insert into people (number, id, document)"
            """ values (7, 'ada', '[{},{"sms":"+49 30 123456"},{},[],{}]')"""
        )
        db.execute("insert into log values (3, 'e1', 7, 'event', 'order', 5, 5, '{}')")
        db.execute("insert into inbox values (7, 3, 5)")

    for start in range(2):
        store = open_store(f"sqlite:///{path}")
        if through < "0008":
            assert store.numbers.people("+4930123456") == ([] if start else ["ada"])
        assert store.people(["ada"], ["order"])["ada"].history["order"][0].number == 3
        commit(store, Changes(profiles=[Profile("ada")], calls=[call("c1")], runs=[run("r1")]))
        store.close()

    store = open_store(f"sqlite:///{path}")
    assert [each.id for each in process(store, 10)] == ["e1"]
    assert [each.id for each in store.claim_calls(100, 5, 200)] == ["c1"]
    store.close()


def test_a_database_of_an_earlier_version_waits_for_the_operator(postgres_url: str) -> None:
    _as_it_was(_postgres(postgres_url), "0001")
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "insert into people (number, shard, id) values (nextval('people_number_seq'), 40, 'ada')"
        )

    with pytest.raises(StoreError, match="run wayline db upgrade once"):
        open_store(postgres_url)
    database = PostgresDatabase(postgres_url, change=True)
    database.close()

    assert database.changed == REVISIONS[1:]
    store = open_store(postgres_url)
    commit(store, Changes(calls=[call("c1")], deliveries=[delivery("d1")]))
    assert list(store.people(["ada"], [])) == ["ada"]
    store.close()


def test_a_later_program_that_only_added_something_keeps_nobody_out(
    tmp_path: Path, postgres_url: str
) -> None:
    """Old and new processes work side by side."""
    path = tmp_path / "wayline.db"
    open_store(f"sqlite:///{path}").close()
    open_store(postgres_url).close()
    with sqlite3.connect(path) as db:
        db.execute("update alembic_version set version_num = '9999'")
    with psycopg.connect(postgres_url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    for url in (f"sqlite:///{path}", postgres_url):
        store = open_store(url)
        store.append([event("e1")])
        assert [each.id for each in process(store, 10)] == ["e1"]
        store.close()


CONSENTS = (
    (3, "c1", "consent_granted", 5),
    (4, "c2", "consent_withdrawn", 6),
    (5, "e1", "order", 6),
    (6, "c3", "consent_granted", 8),
)
"""Numbers, ids, events and times of what ada, who has the number 7, did. The last one waits."""


def _kept(store: Store) -> list[tuple[str, str, int]]:
    return [(each.id, each.category, each.received) for each in store.consents("ada")]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_said_about_consent_before_is_in_the_ledger(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """And what a process of the version before takes in meanwhile is, too, as soon as it is read;
    letting go of old events takes none of it away.
    """
    if database == "sqlite":
        url, db = f"sqlite:///{tmp_path}/wayline.db", _sqlite(tmp_path / "wayline.db")
    else:
        url = request.getfixturevalue("postgres_url")
        db = _postgres(url)
    shard = "" if database == "sqlite" else "40, "
    _as_it_was(db, "0006")
    said = b'{"category":"news"}'.hex()
    said = f"x'{said}'" if database == "sqlite" else f"'\\x{said}'"
    with db.begin() as connection:
        run_sql = connection.exec_driver_sql
        columns = "(number, id)" if database == "sqlite" else "(number, shard, id)"
        run_sql(f"insert into people {columns} values (7, {shard}'ada')")
        for number, name, event_name, at in CONSENTS:
            run_sql(
                f"insert into log values ({number}, '{name}', 7, 'event', '{event_name}', {at}, {at},"
                f" {said})"
            )
        run_sql(f"insert into inbox values ({shard}7, 6, 8)")
    if database == "postgresql":
        PostgresDatabase(url, change=True).close()
    store = open_store(url)
    known = [("c1", "news", 5), ("c2", "news", 6), ("c3", "news", 8)]
    assert _kept(store) == known

    with db.begin() as connection:  # the version before goes on
        connection.exec_driver_sql(
            f"insert into log values (9, 'c4', 7, 'event', 'consent_granted', 9, 9, {said})"
        )
    assert store.old is not None
    assert store.old.drop("log", [3, 4, 5, 6, 9]) == 3

    assert _kept(store) == [*known, ("c4", "news", 9)]
    store.close()
