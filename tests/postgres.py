"""A real PostgreSQL for tests: one server for the session, a fresh database for each test.

The server is a package among the test dependencies. It is reached through a Unix socket and keeps
its data where the session ends with it. ``WAYLINE_TEST_PG`` names another server instead, as an
SQLAlchemy URL whose user may create databases.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

from benchmarks.server import running
from engine.store import open_store
from engine.store.protocol import Store
from engine.store.sql.tables import metadata_of_schema

__all__ = ["address_of", "emptied", "new_database", "postgres", "postgres_server"]

_VARIABLE = "WAYLINE_TEST_PG"
_DRIVER = "postgresql+psycopg"

# Nothing here outlives the session, so nothing needs to be on a disk.
_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 64MB
jit = off
"""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The address of a running server: its own database is for making others."""
    elsewhere = os.environ.get(_VARIABLE)
    if elsewhere:
        yield make_url(elsewhere).set(drivername=_DRIVER)
        return
    with ExitStack() as stack:
        try:
            address = stack.enter_context(running(_SETTINGS))
        except ImportError:
            if "CI" in os.environ:
                raise
            pytest.skip("no PostgreSQL here: install the test dependencies")
        yield make_url(address).set(drivername=_DRIVER)


@pytest.fixture
def postgres(postgres_server: URL) -> Iterator[URL]:
    """The address of an empty database of one's own, gone after the test."""
    with new_database(postgres_server) as address:
        yield address


@contextmanager
def new_database(postgres_server: URL) -> Iterator[URL]:
    """The address of an empty database, gone afterwards."""
    name = f"wayline_test_{uuid4().hex}"
    maker = create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    _say(maker, f"create database \"{name}\" template template0 encoding 'utf8'")
    try:
        yield postgres_server.set(database=name)
    finally:
        _say(maker, f'drop database if exists "{name}" with (force)')
        maker.dispose()


def address_of(database: URL) -> str:
    """The address of a database as an operator writes it."""
    return database.set(drivername="postgresql").render_as_string(hide_password=False)


def emptied(address: str) -> Store:
    """A store in a database of one's own, with nothing in it: making a database for each example
    would take longer than the examples.
    """
    store = open_store(address)
    tables = ", ".join(metadata_of_schema("postgresql").tables.keys() - {"meta"})
    with psycopg.connect(address) as connection:
        connection.execute(f"truncate {tables} restart identity")
        connection.execute("delete from meta where name <> 'schema'")
    return store


def _say(db: Engine, statement: str) -> None:
    with db.connect() as connection:
        connection.execute(text(statement))
