"""The tables of a database: made when there are none, and recognised when there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, NullPool, create_engine, text

from engine.store.migrations import LATEST, missing, record, upgrade
from engine.store.postgres.shards import UPGRADING
from engine.store.protocol import StoreError
from engine.store.sql.tables import SCHEMA, metadata_of_schema

__all__ = ["prepare"]


def prepare(
    connect: Callable[[], psycopg.Connection[tuple[Any, ...]]], *, change: bool = False
) -> tuple[str, ...]:
    """Makes the tables in an empty database, or makes sure that the tables are ours. With
    ``change`` they are brought up to date; which changes that took comes back.
    """
    with connect() as driver:
        name = driver.info.dbname
        driver.execute("select pg_advisory_lock(%s::bigint)", (UPGRADING,))
        tables = {
            table
            for (table,) in driver.execute(
                "select tablename::text from pg_tables where schemaname = current_schema()"
            )
        }
        if not tables:
            _make(connect)
            return ()
        if "meta" not in tables:
            raise StoreError(
                f"{name} is the database of another program; create one for Wayline alone."
            )
        row = driver.execute("select value from meta where name = 'schema'").fetchone()
        found = int(row[0]) if row else 0
        if found > SCHEMA:
            raise StoreError(
                f"The store {name} was written by a newer Wayline (schema {found}, this one"
                f" knows {SCHEMA}); install that version or choose another database."
            )
        lacking = missing(_revision(driver, tables))
        if lacking and not change:
            raise StoreError(
                f"The store {name} lacks what this version of Wayline added to its tables; run"
                " wayline db upgrade once (processes of the version before may go on meanwhile)."
            )
        if lacking:
            with _in_sqlalchemy(connect) as connection:
                upgrade(connection, lacking)
        return lacking


def _revision(driver: psycopg.Connection[tuple[Any, ...]], tables: set[str]) -> str | None:
    if "alembic_version" not in tables:
        return None
    row = driver.execute("select version_num::text from alembic_version").fetchone()
    return row[0] if row else None


def _make(connect: Callable[[], psycopg.Connection[tuple[Any, ...]]]) -> None:
    with _in_sqlalchemy(connect) as connection:
        metadata_of_schema("postgresql").create_all(connection)
        connection.execute(text("insert into meta values ('schema', :n)"), {"n": str(SCHEMA)})
        record(connection, LATEST)


@contextmanager
def _in_sqlalchemy(
    connect: Callable[[], psycopg.Connection[tuple[Any, ...]]],
) -> Iterator[Connection]:
    """A transaction for changes of tables: all of them, or none."""

    def in_transactions() -> psycopg.Connection[tuple[Any, ...]]:
        driver = connect()
        driver.autocommit = False
        return driver

    db = create_engine("postgresql+psycopg://", creator=in_transactions, poolclass=NullPool)
    try:
        with db.begin() as connection:
            yield connection
    finally:
        db.dispose()
