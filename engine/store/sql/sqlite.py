"""SQLite: connections, transactions, and what can be wrong with a file.

WAL, so that readers never wait; ``synchronous=FULL``, so that a commit survives a power cut. All
writing of this process goes through one connection, whose page cache therefore stays valid.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from engine.store.migrations import LATEST, missing, record, upgrade
from engine.store.protocol import StoreError, StoreUnavailableError
from engine.store.sql.database import Database
from engine.store.sql.forgetting import OVERWRITE_IN_PASSING
from engine.store.sql.session import Row, Session
from engine.store.sql.sqlite_session import SqliteSession
from engine.store.sql.tables import SCHEMA, metadata_of_schema
from engine.store.sql.turns import Line, door
from engine.store.sql.veil import Veil
from engine.store.waits import Waits

__all__ = ["SqliteDatabase"]

# What may be over when it is tried again: there is no room, or the disk has a fault, or another
# program holds the file.
_PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY)
_PATIENCE = 60.0  # seconds; only a writer of another program can keep us that long
_WRITER_CACHE = 64 * 1024  # KiB
_PAGES = 1_000  # given back in one transaction, for which others wait
_CHECKPOINT = 10_000  # pages of 4 KiB in the write-ahead log before they are moved


class SqliteDatabase(Database):
    """One file. Any number of readers, one writer at a time, in the order of their coming."""

    def __init__(self, path: Path) -> None:
        if not path.parent.is_dir():
            raise StoreError(
                f"The store cannot be opened: there is no folder {path.parent}; create it first."
            )
        _reserve(path)
        self._path = path
        self._turn = path.with_name(path.name + "-turn")
        self._line = Line()
        self.waits = Waits()
        self.veil = Veil()
        self._db = _engine(path)
        try:
            with door(self._turn):
                _begin(path)
                self._writer = self._db.connect()
                self._prepare()
        except (OperationalError, DatabaseError, sqlite3.Error, OSError) as error:
            self._db.dispose()
            reason = getattr(error, "orig", None) or error
            raise StoreError(f"The store {path} cannot be opened: {reason}.") from error
        except StoreError:
            self._writer.close()
            self._db.dispose()
            raise
        self._writing = SqliteSession(_driver(self._writer))

    def begin(self) -> Session:
        with self.waits.timed("writing"):
            self._line.enter()
            try:
                with door(self._turn):
                    self._writing.execute("begin immediate")
            except BaseException:
                self._line.leave()
                raise
        return self._writing

    def commit(self, session: Session) -> None:
        try:
            self._writing.execute("commit")
        except BaseException:
            self._writing.undo()
            raise
        finally:
            self._line.leave()

    def roll_back(self, session: Session) -> None:
        try:
            self._writing.undo()
        finally:
            self._line.leave()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        session = self.begin()
        try:
            yield session
        except BaseException as error:
            self.roll_back(session)
            if (trouble := self.trouble(error)) is not None:
                raise trouble from error
            raise
        try:
            self.commit(session)
        except sqlite3.OperationalError as error:
            if (trouble := self.trouble(error)) is not None:
                raise trouble from error
            raise

    @contextmanager
    def preparing(self) -> Iterator[SqliteSession]:
        """The connection that writes, before it does: what is put into tables of its own is there
        in the next transaction, and no other process is kept from writing meanwhile.
        """
        self._line.enter()
        try:
            self._writing.execute("begin")
            try:
                yield self._writing
                self._writing.execute("commit")
            finally:
                self._writing.undo()
        finally:
            self._line.leave()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        try:
            with self._db.connect() as connection:
                session = SqliteSession(_driver(connection))
                session.execute("begin")
                try:
                    yield session
                finally:
                    session.undo()
        except (sqlite3.OperationalError, OperationalError) as error:
            if (trouble := self.trouble(error)) is not None:
                raise trouble from error
            raise

    def trouble(self, error: BaseException) -> StoreUnavailableError | None:
        if isinstance(error, OperationalError) and error.orig is not None:
            error = error.orig  # of a connection that could not be made
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the kind, without the details
        if not isinstance(error, sqlite3.OperationalError) or code not in _PASSING:
            return None
        return StoreUnavailableError(f"The store {self._path} cannot be used: {error}.")

    def tidy(self) -> None:
        """Gives free pages back, lets SQLite renew what it knows of the tables, and empties the
        write-ahead log: nothing is left then of what was deleted. Nobody waits for a reader who
        takes long: the log is emptied the next time then.
        """
        while self._give_back_pages():
            pass
        self._line.enter()
        try:
            driver = _driver(self._writer)
            driver.execute("pragma optimize")
            driver.execute("pragma busy_timeout = 0")
            try:
                driver.execute("pragma wal_checkpoint(truncate)").fetchall()
            finally:
                driver.execute(f"pragma busy_timeout = {round(_PATIENCE * 1000)}")
        finally:
            self._line.leave()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query inside the writing transaction, for as long as they are wanted."""
        return self._writing.stream(sql, values)

    def close(self) -> None:
        self._line.enter()
        try:
            self._writer.close()
            self._db.dispose()
        finally:
            self._line.leave()

    def _give_back_pages(self) -> bool:
        """Some of those that are free; whether there are more. Files of earlier versions keep
        theirs, for what comes.
        """
        with self.writing() as session:
            free = session.one("pragma freelist_count")
            session.rows(f"pragma incremental_vacuum({_PAGES})")
            return 0 < int(session.one("pragma freelist_count")) < int(free)

    def _prepare(self) -> None:
        """Creates the tables in an empty file, or makes sure that the tables are ours."""
        driver = _driver(self._writer)
        driver.execute(f"pragma cache_size = -{_WRITER_CACHE}")
        tables = {name for (name,) in driver.execute("select name from sqlite_master")}
        if not tables:
            driver.execute("begin immediate")
            metadata_of_schema().create_all(self._writer)
            driver.execute("insert into meta values ('schema', ?)", (str(SCHEMA),))
            record(self._writer, LATEST)
            self._writer.commit()
            return
        if "meta" not in tables:
            raise StoreError(
                f"{self._path} is the database of another program; choose another file."
            )
        row = driver.execute("select value from meta where name = 'schema'").fetchone()
        found = int(row[0]) if row else 0
        if found > SCHEMA:
            raise StoreError(
                f"The store {self._path} was written by a newer Wayline (schema {found}, this one"
                f" knows {SCHEMA}); install that version or choose another file."
            )
        if found < SCHEMA:
            raise StoreError(
                f"The store {self._path} was written by an older Wayline (schema {found}, this one"
                f" needs {SCHEMA}); run the version that wrote it or choose another file."
            )
        # A file is looked after by whoever opens it; those who do not know the new tables do without.
        revision = None
        if "alembic_version" in tables:
            (revision,) = driver.execute("select version_num from alembic_version").fetchone()
        if lacking := missing(revision):
            driver.execute("begin immediate")
            upgrade(self._writer, lacking)
            self._writer.commit()


def _reserve(path: Path) -> None:
    """Makes the file if it is not there, for its owner only: what is known of people is in it."""
    with suppress(OSError):  # said below, in SQLite's words
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _begin(path: Path) -> None:
    """Lets a file in which there is nothing yet be one that can give free pages back; afterwards
    it would have to be written anew for that.
    """
    if path.stat().st_size == 0:
        with closing(sqlite3.connect(path, isolation_level=None)) as new:
            new.execute("pragma auto_vacuum = incremental")
            new.execute("pragma journal_mode = wal")


def _engine(path: Path) -> Engine:
    db = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        max_overflow=-1,
        connect_args={
            "timeout": _PATIENCE,
            "isolation_level": None,
            "check_same_thread": False,
            "cached_statements": 256,
        },
    )
    event.listen(db, "connect", _set_up)
    return db


def _set_up(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    (mode,) = connection.execute("pragma journal_mode = wal").fetchone()
    if mode != "wal":
        raise StoreError(
            "The store needs a local disk: SQLite cannot use its write-ahead log here."
        )
    connection.execute("pragma synchronous = full")
    connection.execute("pragma temp_store = memory")
    connection.execute(OVERWRITE_IN_PASSING)
    connection.execute(f"pragma wal_autocheckpoint = {_CHECKPOINT}")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
