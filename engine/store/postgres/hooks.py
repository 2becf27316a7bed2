"""Subscriptions in PostgreSQL, where numbers are given before they can be seen.

Several processes write at once, so a row may become visible after one with a higher number, and
whoever had read on would never see it. A look therefore remembers how high the numbers were and
when; a later one goes as far, once no transaction is left that had begun by then: it may have been
given a lower number and not be over yet.
"""

from __future__ import annotations

from collections import deque

from engine.core.hooks import Mark
from engine.store.sql.database import Database
from engine.store.sql.hooks import SqlHooks

__all__ = ["PostgresHooks"]

_HIGHEST = """
    select (select case when is_called then last_value else 0 end from log_number_seq),
        (select case when is_called then last_value else 0 end from decisions_number_seq)
"""
_CLOCK = "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)"
_OLDEST = """
    select cast(extract(epoch from min(xact_start)) * 1000000 as bigint) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
"""
_MOST = 100


class PostgresHooks(SqlHooks):
    """Looks of this process."""

    def __init__(self, database: Database, lock: str) -> None:
        super().__init__(database, lock)
        self._looks: deque[tuple[int, Mark]] = deque(maxlen=_MOST)
        self._safe = Mark()

    def end(self) -> Mark:
        with self._database.reading() as session:
            ((log, decisions),) = session.rows(_HIGHEST)
        return Mark(log, decisions)

    def horizon(self) -> Mark:
        with self._database.reading() as session:
            ((log, decisions),) = session.rows(_HIGHEST)
            now = session.one(_CLOCK)
            oldest = session.one(_OLDEST)
        # Whoever began after the numbers were looked at has been given higher ones.
        self._looks.append((now, Mark(log, decisions)))
        while self._looks and (oldest is None or self._looks[0][0] < oldest):
            _, self._safe = self._looks.popleft()
        return self._safe
