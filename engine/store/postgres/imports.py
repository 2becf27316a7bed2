"""Bringing in many people at once: everybody lies in their shard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

from dsl.calendar import Instant
from engine.store.postgres import statements as own
from engine.store.postgres.shards import shard_of
from engine.store.sql import statements as sql
from engine.store.sql.imports import ASLEEP, SqlImports
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add

__all__ = ["PostgresImports"]

_ADD_KNOWN = Add("people", "number", "shard", "id", "document")
_BY_ID = itemgetter(1)


class PostgresImports(SqlImports):
    """All rows by COPY."""

    def _add_people(self, session: Session, known: Sequence[Row]) -> bool:
        rows = [(number, shard_of(name), name, document) for number, name, document in known]
        return session.all_or_none(_ADD_KNOWN, rows)

    def _add_past(self, session: Session, log: list[Row]) -> bool:
        """In the order of the ids, so that two who bring in the same do not wait in a circle."""
        return session.all_or_none(sql.ADD_ARRIVAL, sorted(log, key=_BY_ID))

    def _wake(self, session: Session, known: Iterable[Row], wake: Instant) -> None:
        rows = [(row[0], shard_of(row[1]), wake, None, wake, ASLEEP) for row in known]
        session.many(own.ADD_STANDING, rows)
        session.execute(own.TELL)
