"""What a world stands on: a store in a file or in PostgreSQL, whose every statement is a seam, and
what a system does for a process that is gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import psycopg

from engine.store import open_store
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.store import PostgresStore
from engine.store.protocol import Store
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_session import SqliteSession
from engine.store.sql.sqlite_store import SqliteStore
from tests.engine.seams import Seams

__all__ = ["Ground", "PostgresGround", "SqliteGround"]

_OUT = "select id from deliveries where status = 'calling'"
# A backend that has nobody to serve any more may be gone already: it is waited for.
_GONE = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid = any(%s)"
_WAITING = """
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


class Ground(Protocol):
    """Where a world's store is."""

    @property
    def is_alone(self) -> bool:
        """Whether a process that begins knows that no other is at work."""
        ...

    def watched(self, seams: Seams) -> AbstractContextManager[None]:
        """Every statement, beginning and commit is a seam meanwhile."""
        ...

    def open(self) -> Store:
        """The store, for one process."""
        ...

    def bury(self, store: Store | None) -> set[str]:
        """Closes what a process that is gone had open (None: it died before it had a store). The
        deliveries that are out.
        """
        ...


def _watching(seams: Seams, method: Callable[..., Any]) -> Callable[..., Any]:
    def watch(*arguments: Any, **named: Any) -> Any:
        with seams.around():
            return method(*arguments, **named)

    return watch


class SqliteGround:
    """A file."""

    is_alone = True

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def watched(self, seams: Seams) -> Iterator[None]:
        statements = ("execute", "rows", "stream", "one", "all_or_none", "many")
        with ExitStack() as stack:
            for name in statements:
                method = _watching(seams, getattr(SqliteSession, name))
                stack.enter_context(patch.object(SqliteSession, name, method))
            for each in (SqliteDatabase.begin, SqliteDatabase.commit):
                method = _watching(seams, each)
                stack.enter_context(patch.object(SqliteDatabase, each.__name__, method))
            yield

    def open(self) -> Store:
        return open_store(f"sqlite:///{self._path}")

    def bury(self, store: Store | None) -> set[str]:
        assert isinstance(store, SqliteStore)  # nothing is watched before there is one
        database = store._sqlite
        database._writer.invalidate()
        database._db.dispose()
        with closing(sqlite3.connect(self._path)) as db:
            return {name for (name,) in db.execute(_OUT)}


class PostgresGround:
    """A database on a server. Statements are watched where the driver is told them, and a death in
    the middle of many rows leaves some of them behind.

    ``is_alone``: whoever begins knows it, so that nobody waits for the ends of leases.
    """

    def __init__(self, address: str, *, is_alone: bool) -> None:
        self.is_alone = is_alone
        self._address = address
        self._opened: list[tuple[PostgresDatabase, psycopg.Connection[Any]]] = []
        self._in_use: set[PostgresDatabase] = set()

    @contextmanager
    def watched(self, seams: Seams) -> Iterator[None]:
        copying, connecting = psycopg.Cursor.copy, PostgresDatabase.connect

        @contextmanager
        def copy(cursor: Any, *arguments: Any, **named: Any) -> Iterator[Any]:
            with seams.around(), copying(cursor, *arguments, **named) as copied:
                yield copied
                seams.pass_by()

        def connect(database: PostgresDatabase) -> psycopg.Connection[Any]:
            with seams.around():
                connection = connecting(database)
                self._opened.append((database, connection))
            return connection

        with ExitStack() as stack:
            for name in ("execute", "executemany"):
                method = _watching(seams, getattr(psycopg.Cursor, name))
                stack.enter_context(patch.object(psycopg.Cursor, name, method))
            stack.enter_context(patch.object(psycopg.Cursor, "copy", copy))
            stack.enter_context(patch.object(PostgresDatabase, "connect", connect))
            yield

    def open(self) -> Store:
        store = open_store(self._address)
        assert isinstance(store, PostgresStore)
        self._in_use.add(store._postgres)
        return store

    def bury(self, store: Store | None) -> set[str]:
        """The server notices that nobody is there any more and undoes what was begun."""
        if store is not None:
            assert isinstance(store, PostgresStore)
            self._in_use.discard(store._postgres)
        left = [each for database, each in self._opened if database not in self._in_use]
        self._opened = [each for each in self._opened if each[0] in self._in_use]
        gone = [each.info.backend_pid for each in left if not each.closed]
        for each in left:
            each.close()
        with psycopg.connect(self._address, autocommit=True) as db:
            db.execute(_GONE, (gone,))
            return {name for (name,) in db.execute(_OUT)}

    @contextmanager
    def waiting(self) -> Iterator[Callable[[], bool]]:
        """Tells whether anybody here waits for somebody else."""
        with psycopg.connect(self._address, autocommit=True) as db:
            yield lambda: db.execute(_WAITING).fetchall() != []
