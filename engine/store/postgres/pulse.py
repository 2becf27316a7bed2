"""How a store in PostgreSQL is. The server's clock is the one that all who share it have."""

from __future__ import annotations

from dsl.calendar import Instant
from engine.store.postgres.database import PostgresDatabase
from engine.store.sql.pulse import SqlPulse

__all__ = ["PostgresPulse"]

_CLOCK = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint"


class PostgresPulse(SqlPulse):
    """Asks the tables, and the server."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        self._postgres = database

    def clock(self) -> Instant | None:
        with self._postgres.reading() as session:
            now: Instant = session.one(_CLOCK)
            return now
