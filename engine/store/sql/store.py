"""The store in a database: one class over sessions, reading and writing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

from dsl.calendar import Instant
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.signals import Arrival
from engine.store import codec
from engine.store.protocol import (
    Appended,
    Batch,
    Deployment,
    EdgeCount,
    PersonView,
    Settlement,
)
from engine.store.sql import reading, writing
from engine.store.sql import statements as sql
from engine.store.sql.batch import SqlBatch
from engine.store.sql.sqlite import SqliteDatabase

__all__ = ["SqlStore"]


class SqlStore:
    """What is remembered, in a database that several processes may use at once."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        if not arrivals:
            return Appended(0, 0)
        with self._database.writing() as session:
            return writing.receive(session, arrivals)

    def batch(self) -> AbstractContextManager[Batch]:
        return SqlBatch(self._database)

    def next_wake(self) -> Instant | None:
        with self._database.reading() as session:
            wake: Instant | None = session.one(sql.NEXT_WAKE)
            return wake

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        with self._database.writing() as session:
            rows = session.rows(sql.DELIVERIES_DUE, (now, limit))
            session.many(sql.CLAIM, [(lease, lease, row[1]) for row in rows])
        return [reading.delivery(row)._replace(status="calling", lease=lease) for row in rows]

    def lost(self, now: Instant) -> list[Delivery]:
        with self._database.reading() as session:
            return [reading.delivery(row) for row in session.rows(sql.DELIVERIES_LOST, (now,))]

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        with self._database.writing() as session:
            writing.settle(session, settlements)
            writing.receive(session, writing.of_kept(session, receipts))

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        with self._database.reading() as session:
            found = reading.people(session, ids)
            numbers = {name: found[name].number for name in ids if name in found}
            past = reading.history(session, numbers, list(numbers), events)
            return {name: reading.view(session, name, found[name], past[name]) for name in numbers}

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        with self._database.reading() as session:
            return reading.deliveries(session, ids)

    def decisions(self, person: str) -> list[Decision]:
        with self._database.reading() as session:
            return reading.decisions_of(session, person)

    def deliveries_of(self, person: str) -> list[Delivery]:
        with self._database.reading() as session:
            return reading.deliveries_of(session, person)

    def edges(self) -> dict[EdgeCount, int]:
        with self._database.reading() as session:
            return reading.edges(session)

    def wake_everyone(self, at: Instant) -> None:
        with self._database.writing() as session:
            session.execute(
                sql.ADD_MISSING_STANDINGS, (codec.standing_document(codec.StandingDocument()),)
            )
            session.execute(sql.WAKE_EVERYONE, (at, at, at))

    def deploy(self, deployment: Deployment) -> None:
        files = codec.mapping_document(deployment.files)
        with self._database.writing() as session:
            session.execute(sql.ADD_DEPLOYMENT, (deployment.version, deployment.deployed, files))

    def deployed(self) -> Deployment | None:
        with self._database.reading() as session:
            return reading.last_deployment(session)

    def tidy(self) -> None:
        self._database.tidy()

    def close(self) -> None:
        self._database.close()
