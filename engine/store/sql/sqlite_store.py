"""The store in an SQLite file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import count
from operator import itemgetter

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import LiveOnly
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.store.protocol import Appended, Batch, Settlement
from engine.store.sql import aside, outward, writing
from engine.store.sql import statements as sql
from engine.store.sql.asking import Asked, ask, teach
from engine.store.sql.memberships import SqliteMemberships
from engine.store.sql.moving import Piece
from engine.store.sql.session import Row, Session
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_batch import SqliteBatch
from engine.store.sql.sqlite_session import SqliteSession
from engine.store.sql.standings import add_missing
from engine.store.sql.store import SqlStore

__all__ = ["SqliteStore"]


class SqliteStore(SqlStore):
    """What is remembered, in a file that several processes may use at once, one after another."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__(database)
        self._sqlite = database
        self.memberships = SqliteMemberships(database, self.audience, self.people)

    def listen(self, told: Callable[[], None]) -> None:
        """Nobody says anything: whoever else writes into the file is not at work in it."""

    def batch(self) -> AbstractContextManager[Batch]:
        return SqliteBatch(self._sqlite)

    def _claim(
        self, session: Session, now: Instant, lanes: Sequence[str], limit: int, lease: Instant
    ) -> list[Row]:
        due: list[Row] = []
        for lane in lanes:
            due += session.rows(sql.DELIVERIES_DUE, (lane, now, limit))
        if len(lanes) > 1:
            due.sort(key=itemgetter(0, 2))  # wake, number
        rows = [row[1:] for row in due[:limit]]
        session.many(outward.CLAIM, [("calling", lease, lease, row[1]) for row in rows])
        return [
            (name, number, "calling", due, attempts, provider_id, lease, lane, document)
            for name, number, _, due, attempts, provider_id, _, lane, document in rows
        ]

    def _claim_calls(
        self, session: Session, now: Instant, limit: int, lease: Instant, service: str | None
    ) -> list[Row]:
        if service is None:
            rows = session.rows(outward.CALLS_DUE, (now, limit))
        else:
            rows = session.rows(outward.CALLS_DUE_OF, (service, now, limit))
        session.many(outward.CLAIM_CALL, [(lease, lease, row[0]) for row in rows])
        return rows

    def wake_everyone(self, at: Instant) -> None:
        with self._database.writing() as session:
            add_missing(session)
            session.execute(sql.WAKE_EVERYONE, (at, at, at))
            aside.hide_timers(session)

    def _layout(self) -> Callable[[Piece], Piece]:
        places = count(1)

        def lay_out(piece: Piece) -> Piece:
            if piece.table != "standings":
                return piece
            rows = [(next(places), *row) for row in piece.rows]
            return Piece(piece.table, ("place", *piece.columns), rows)

        return lay_out

    def _taken(self, session: Session) -> None:
        """Numbers go on after the highest."""

    def _hold(self, session: Session, people: Sequence[str]) -> None:
        """There is one writer."""

    def _settle(self, session: Session, settlements: Sequence[Settlement]) -> None:
        writing.settle(session, settlements)

    def audience(self, rule: Rule, program: Program, now: Instant) -> Iterator[str]:
        asked = ask(rule, program, now)
        if isinstance(asked, LiveOnly):
            yield from super().audience(rule, program, now)
            return
        yield from [name for (name,) in self._answer(asked)]

    def audience_size(self, rule: Rule, program: Program, now: Instant) -> int:
        asked = ask(rule, program, now, count=True)
        if isinstance(asked, LiveOnly):
            return super().audience_size(rule, program, now)
        ((size,),) = self._answer(asked)
        return int(size)

    def _answer(self, asked: Asked) -> list[Row]:
        with self._sqlite.reading() as session:
            assert isinstance(session, SqliteSession)
            session.teach(teach)
            return session.rows(asked.sql, asked.values)

    def _hold_deploys(self, session: Session) -> None:
        """There is one writer at a time anyhow."""

    def _receive(self, session: Session, arrivals: Sequence[Arrival]) -> Appended:
        return writing.receive(session, arrivals)
