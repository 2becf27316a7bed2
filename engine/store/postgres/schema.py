"""The tables of a database: made when there are none, and recognised when there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import NullPool, create_engine, text

from engine.store.postgres.shards import UPGRADING
from engine.store.protocol import StoreError
from engine.store.sql.tables import SCHEMA, metadata_of_schema

__all__ = ["prepare"]


def prepare(connect: Callable[[], psycopg.Connection[tuple[Any, ...]]]) -> None:
    """Makes the tables in an empty database, or makes sure that the tables are ours."""
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
            return
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


def _make(connect: Callable[[], psycopg.Connection[tuple[Any, ...]]]) -> None:
    def in_transactions() -> psycopg.Connection[tuple[Any, ...]]:
        driver = connect()
        driver.autocommit = False
        return driver

    db = create_engine("postgresql+psycopg://", creator=in_transactions, poolclass=NullPool)
    with db.begin() as connection:
        metadata_of_schema("postgresql").create_all(connection)
        connection.execute(text("insert into meta values ('schema', :n)"), {"n": str(SCHEMA)})
    db.dispose()
