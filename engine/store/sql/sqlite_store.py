"""The store in an SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from dsl.calendar import Instant
from engine.core.effects import CallWebhook, Delivery
from engine.core.signals import Arrival
from engine.store import codec
from engine.store.protocol import Appended, Batch, Settlement
from engine.store.sql import calls, reading, writing
from engine.store.sql import statements as sql
from engine.store.sql.session import Session
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_batch import SqliteBatch
from engine.store.sql.store import SqlStore

__all__ = ["SqliteStore"]


class SqliteStore(SqlStore):
    """What is remembered, in a file that several processes may use at once, one after another."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__(database)
        self._sqlite = database

    def batch(self) -> AbstractContextManager[Batch]:
        return SqliteBatch(self._sqlite)

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        with self._database.writing() as session:
            rows = session.rows(sql.DELIVERIES_DUE, (now, limit))
            session.many(sql.CLAIM, [("calling", lease, lease, row[1]) for row in rows])
        return [reading.delivery(row)._replace(status="calling", lease=lease) for row in rows]

    def claim_calls(self, now: Instant, limit: int, lease: Instant) -> list[CallWebhook]:
        with self._database.writing() as session:
            rows = session.rows(sql.CALLS_DUE, (now, limit))
            session.many(sql.CLAIM_CALL, [(lease, lease, row[0]) for row in rows])
        return [calls.leased(row, lease) for row in rows]

    def wake_everyone(self, at: Instant) -> None:
        with self._database.writing() as session:
            session.execute(
                sql.ADD_MISSING_STANDINGS, (codec.standing_document(codec.StandingDocument()),)
            )
            session.execute(sql.WAKE_EVERYONE, (at, at, at))

    def _hold(self, session: Session, arrivals: Sequence[Arrival]) -> None:
        """There is one writer."""

    def _settle(self, session: Session, settlements: Sequence[Settlement]) -> None:
        writing.settle(session, settlements)

    def _receive(self, session: Session, arrivals: Sequence[Arrival]) -> Appended:
        return writing.receive(session, arrivals)
