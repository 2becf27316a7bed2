"""A batch in SQLite: the database's one writing transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import merge
from itertools import chain

from dsl.calendar import Instant
from engine.store.protocol import EdgeCount
from engine.store.sql import aside, writing
from engine.store.sql import statements as sql
from engine.store.sql.batch import SqlBatch
from engine.store.sql.merging import Moved as HandedOn
from engine.store.sql.places import write_standings
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.standings import Found, Standing

__all__ = ["SqliteBatch"]


_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


class SqliteBatch(SqlBatch):
    """Alone in the database until it is left."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__(database)
        self._sqlite = database
        self._last: int | None = None
        self._empty: Instant | None = None  # nothing waits that was received by then

    def _with_waiting(self, names: dict[int, str], now: Instant) -> dict[int, str]:
        return {} if self._empty is not None and now <= self._empty else names

    def due(self, now: Instant, limit: int) -> list[str]:
        self._in_transaction()
        timers = self._sqlite.stream(sql.TIMERS_DUE, (now,))
        arrivals = self._sqlite.stream(sql.ARRIVALS_DUE, (now,))
        first = next(arrivals, None)
        if first is None:
            self._empty = now
        people: dict[str, None] = {}
        for row in timers if first is None else merge(timers, chain((first,), arrivals)):
            name = row[2]
            if name not in people:
                if len(people) >= limit:
                    break
                people[name] = None
                self._found[name] = _new(Found, row[1:2] + row[3:])
        return list(people)

    def number(self) -> int:
        if self._last is None:
            (self._last,) = self._in_transaction().numbers("log", 1)
        else:
            self._last += 1
        return self._last

    def hold(self, people: Collection[str]) -> None:
        """Nobody else writes."""

    def _be_alone(self) -> None:
        """Nobody else is here."""

    def _put_into_inbox(self, moved: Sequence[HandedOn], names: Mapping[int, str]) -> None:
        session = self._in_transaction()
        apart = aside.keep_apart(session, names)
        rows = [
            (person, number, sql.NEVER if person in apart else at) for person, number, at in moved
        ]
        session.many(sql.ADD_TO_INBOX, rows)

    def _hear(self, people: Sequence[str]) -> dict[str, int]:
        return writing.hear(self._in_transaction(), people)

    def _write_standings(self, standings: Iterable[Standing]) -> None:
        write_standings(self._in_transaction(), standings)

    def _count_edges(self, edges: Mapping[EdgeCount, int]) -> None:
        writing.count_edges(self._in_transaction(), edges)
