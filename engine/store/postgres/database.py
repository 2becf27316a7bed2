"""PostgreSQL: connections and transactions, and what can be wrong with a server.

Every transaction has a connection of its own for as long as it lasts. A connection that was lost is
thrown away with all that wait in the pool, and the next transaction makes a new one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from engine.store.postgres.schema import prepare
from engine.store.postgres.session import Columns, PostgresSession
from engine.store.postgres.values import adapt
from engine.store.protocol import StoreError, StoreUnavailableError
from engine.store.sql.database import Database
from engine.store.sql.session import Session
from engine.store.sql.tables import metadata_of_schema
from engine.store.sql.veil import Veil
from engine.store.waits import Waits

__all__ = ["PostgresDatabase"]

_WRITING = "isolation level read committed"  # locks are taken first, and then read
_ASKING = "isolation level repeatable read"  # with tables of its own
_READING = "isolation level repeatable read read only"
_MOST_IDLE = 8  # connections kept for the next transactions
_SAFE = {
    # A server that does not answer is noticed, and so is a connection that was cut on the way.
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "wayline",
}
_SETTINGS = {
    # Whoever stops in the middle of a transaction lets go of it, and others go on.
    "idle_in_transaction_session_timeout": "30s",
    # Our statements look rows up by keys; a guess that many rows were meant would read a table. A
    # bitmap would besides go through all that an index still holds of rows that are gone, each
    # time anew; an index scan marks what it finds dead, and passes it over from then on.
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
    "timezone": "UTC",
    "client_encoding": "UTF8",
}
# What may be over when it is tried again: the server is away, stops, is full, or chose somebody
# else.
_PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.IdleInTransactionSessionTimeout,
    errors.ReadOnlySqlTransaction,
)


class PostgresDatabase(Database):
    """One database on a server, for any number of threads and processes.

    ``url`` is what libpq understands: a password may come from ``PGPASSWORD``, a password file or
    a service file instead. With ``change`` its tables are brought up to date (``changed`` says by
    which changes), else they must be.
    """

    def __init__(self, url: str, *, change: bool = False) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise StoreError(
                f"The address of the store cannot be read: {_said(error)};"
                " write postgresql://user@host/database."
            ) from None
        self._address = make_conninfo("", **{**_SAFE, **given})
        self.name = f"{given.get('dbname') or given.get('service') or 'the database'}"
        if given.get("host"):
            self.name += f" on {given['host']}"
        self._columns = Columns(metadata_of_schema("postgresql"))
        self._idle: deque[PostgresSession] = deque()
        self._guard = Lock()
        self.waits = Waits()
        self.veil = Veil()
        self._closed = False
        try:
            self.changed = prepare(self.connect, change=change)
        except psycopg.Error as error:
            raise StoreError(f"The store {self.name} cannot be opened: {_said(error)}.") from error

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A new connection, outside any transaction."""
        driver = psycopg.connect(self._address, autocommit=True)
        try:
            settings = ", ".join(f"set_config('{k}', '{v}', false)" for k, v in _SETTINGS.items())
            driver.execute(f"select {settings}")
        except BaseException:
            driver.close()
            raise
        adapt(driver)
        return driver

    def begin(self) -> Session:
        return self._begin(_WRITING)

    def commit(self, session: Session) -> None:
        assert isinstance(session, PostgresSession)
        try:
            session.commit()
        except BaseException:
            session.driver.close()
            raise
        self._give_back(session)

    def roll_back(self, session: Session) -> None:
        assert isinstance(session, PostgresSession)
        try:
            session.undo()
        except StoreUnavailableError:  # whatever was cut off is rolled back by the server
            session.driver.close()
        except BaseException:
            session.driver.close()
            raise
        self._give_back(session)

    @contextmanager
    def writing(self) -> Iterator[PostgresSession]:
        with self._transaction(_WRITING) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._transaction(_READING) as session:
            yield session

    @contextmanager
    def asking(self) -> Iterator[PostgresSession]:
        """A transaction that sees one state of the store and may make tables for itself."""
        with self._transaction(_ASKING) as session:
            yield session

    def trouble(self, error: BaseException) -> StoreUnavailableError | None:
        """Sessions say so themselves."""
        return None

    def tidy(self) -> None:
        """Lets PostgreSQL renew what it knows of the tables that change most."""
        session = self._take()
        try:
            for table in ("inbox", "standings", "deliveries"):
                session.execute(f"vacuum (analyze, skip_locked) {table}")
        finally:
            self._give_back(session)

    def close(self) -> None:
        with self._guard:
            self._closed = True
        self._forget_idle()

    @contextmanager
    def _transaction(self, how: str) -> Iterator[PostgresSession]:
        session = self._begin(how)
        try:
            yield session
        except BaseException:
            self.roll_back(session)
            raise
        self.commit(session)

    def _begin(self, how: str) -> PostgresSession:
        """A connection that waited may have been lost meanwhile; a new one is tried then."""
        session = self._take()
        try:
            session.begin(how)
        except StoreUnavailableError:
            session.driver.close()
            self._forget_idle()
            session = self._take()
            session.begin(how)
        return session

    def _take(self) -> PostgresSession:
        with self._guard:
            if self._closed:
                raise RuntimeError("this store has been closed")
            if self._idle:
                return self._idle.pop()
        try:
            driver = self.connect()
        except psycopg.Error as error:
            raise self._trouble(error) from error
        return PostgresSession(driver, self._columns, self._trouble, self.waits)

    def _give_back(self, session: PostgresSession) -> None:
        with self._guard:
            if not session.driver.closed and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(session)
                return
        session.driver.close()

    def _forget_idle(self) -> None:
        with self._guard:
            forgotten = list(self._idle)
            self._idle.clear()
        for session in forgotten:
            with suppress(psycopg.Error):
                session.driver.close()

    def _trouble(self, error: psycopg.Error) -> Exception:
        if not isinstance(error, _PASSING) or isinstance(error, errors.StatementTooComplex):
            return error
        return StoreUnavailableError(f"The store {self.name} cannot be used: {_said(error)}.")


def _said(error: psycopg.Error) -> str:
    """What the server said, in one line."""
    said = error.diag.message_primary or str(error).strip().partition("\n")[0]
    return said.rstrip(".:")
