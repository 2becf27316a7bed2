"""The store in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Self

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import LiveOnly
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.store.postgres import asking, functions
from engine.store.postgres import statements as own
from engine.store.postgres.batch import PostgresBatch
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.hooks import PostgresHooks
from engine.store.postgres.imports import PostgresImports
from engine.store.postgres.listening import Listener
from engine.store.postgres.memberships import PostgresMemberships
from engine.store.postgres.pulse import PostgresPulse
from engine.store.postgres.receiving import hold_doors, receive
from engine.store.postgres.shards import (
    ADVANCING,
    DEPLOYING,
    SHARDS,
    hold_everybody,
    shard_of,
    shards_of,
    take,
)
from engine.store.protocol import Appended, Batch, Settlement
from engine.store.sql import aside, writing
from engine.store.sql import statements as sql
from engine.store.sql.moving import KEYS, Piece
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import add_missing
from engine.store.sql.store import SqlStore

__all__ = ["PostgresStore"]


class PostgresStore(SqlStore):
    """What is remembered, in a database that any number of processes work on at once."""

    _lock = " for update"

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        self._postgres = database
        self.imports = PostgresImports(database, self._appending)
        self.pulse = PostgresPulse(database)
        self.memberships = PostgresMemberships(database, self.audience, self.people)
        self.hooks = PostgresHooks(database, self._lock)
        self._listeners: list[Listener] = []

    @classmethod
    def at(cls, url: str) -> Self:
        """The store at an address."""
        return cls(PostgresDatabase(url))

    @property
    def is_shared(self) -> bool:
        return True

    def listen(self, told: Callable[[], None]) -> None:
        self._listeners.append(Listener(self._postgres.connect, told))

    def batch(self) -> AbstractContextManager[Batch]:
        return PostgresBatch(self._database)

    def next_wake(self) -> Instant | None:
        with self._database.reading() as session:
            wake: Instant | None = session.one(own.NEXT_WAKE, (SHARDS - 1, SHARDS - 1))
            return wake

    def _claim(
        self, session: Session, now: Instant, lanes: Sequence[str], limit: int, lease: Instant
    ) -> list[Row]:
        return session.rows(own.CLAIM, (list(lanes), now, limit, limit, lease, lease))

    def _claim_calls(
        self, session: Session, now: Instant, limit: int, lease: Instant, service: str | None
    ) -> list[Row]:
        if service is None:
            return session.rows(own.CLAIM_CALLS, (now, limit, lease, lease))
        return session.rows(own.CLAIM_CALLS_OF, (service, now, limit, lease, lease))

    def audience(self, rule: Rule, program: Program, now: Instant) -> Iterator[str]:
        rows = self._answer(asking.ask(rule, program, now))
        if rows is None:
            yield from super().audience(rule, program, now)
            return
        yield from [name for (name,) in rows]

    def audience_size(self, rule: Rule, program: Program, now: Instant) -> int:
        rows = self._answer(asking.ask(rule, program, now, count=True))
        return super().audience_size(rule, program, now) if rows is None else int(rows[0][0])

    def _answer(self, asked: asking.Asked | LiveOnly) -> list[Row] | None:
        """The rows of a query; None if everybody is to be asked one by one."""
        if isinstance(asked, LiveOnly):
            return None
        try:
            functions.make_known(self._postgres)
            with self._postgres.asking() as session:
                return asking.answer(session, asked)
        except asking.BEYOND:
            return None

    def wake_everyone(self, at: Instant) -> None:
        with self._database.writing() as session:
            # No batch is under way then, so that none waits for us while we wait for it.
            hold_everybody(session)
            add_missing(session, own.ADD_MISSING_STANDINGS)
            session.execute(sql.WAKE_EVERYONE, (at, at, at))
            aside.hide_timers(session)
            session.execute(own.TELL)

    def _hold_deploys(self, session: Session) -> None:
        take(session, DEPLOYING, [0])

    def _layout(self) -> Callable[[Piece], Piece]:
        shards: dict[int, int] = {}  # of people, by number

        def lay_out(piece: Piece) -> Piece:
            match piece.table:
                case "people":
                    name, number = (piece.columns.index(each) for each in ("id", "number"))
                    shards.update({row[number]: shard_of(row[name]) for row in piece.rows})
                    added = [shards[row[number]] for row in piece.rows]
                case "standings" | "inbox":
                    person = piece.columns.index("person")
                    added = [shards[row[person]] for row in piece.rows]
                case "edges":
                    added = [0] * len(piece.rows)
                case _:
                    return piece
            rows = [(*row, shard) for row, shard in zip(piece.rows, added, strict=True)]
            return Piece(piece.table, (*piece.columns, "shard"), rows)

        return lay_out

    def _taken(self, session: Session) -> None:
        for table, keys in KEYS.items():
            if keys == ("number",):
                session.rows(own.GO_ON.format(table=table))

    def tidy(self) -> None:
        with self._database.writing() as session:
            if not session.rows(own.TAKE_TURN):
                return  # another process has done so within the hour
        self._database.tidy()

    def close(self) -> None:
        while self._listeners:
            self._listeners.pop().close()
        super().close()

    def _release(self, session: Session, at: Instant, people: Collection[str] | None) -> int:
        """Nobody else may advance them, nor append for them, meanwhile."""
        names = [each.person for _, each in aside.everybody(session)]
        held = [name for name in names if people is None or name in people]
        if not held:
            return 0
        take(session, ADVANCING, shards_of(held))
        hold_doors(session, held)
        session.execute(own.TELL)
        return aside.release(session, at, held)

    def _settle(self, session: Session, settlements: Sequence[Settlement]) -> None:
        latest = {each.delivery: each for each in settlements}
        finished = any(each.parts is not None for each in latest.values())
        if len(latest) > 1 or finished:
            # in one order, so that nobody waits for somebody who waits for them
            session.among(own.DELIVERIES_TO_CHANGE, list(latest))
        writing.finish(session, list(latest.values()))
        rows = [
            (
                name,
                status,
                due,
                attempts,
                due if status == "queued" else None,
                provider_id,
                lease,
                lane,
            )
            for name, status, due, attempts, provider_id, lease, _, lane, _ in latest.values()
        ]
        if rows:
            session.execute(own.SETTLE, [list(column) for column in zip(*rows, strict=True)])

    def _receive(self, session: Session, arrivals: Sequence[Arrival]) -> Appended:
        return receive(session, arrivals)

    def _hold(self, session: Session, people: Sequence[str]) -> None:
        hold_doors(session, people)
