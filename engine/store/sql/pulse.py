"""How a store in a database is."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Mapping

from dsl.calendar import Instant
from engine.store.pulse import Backlog
from engine.store.sql.database import Database
from engine.store.sql.statements import NEVER

__all__ = ["SqlPulse"]

# Numbers ascend with time, so the last row is the latest, and nothing is searched for.
_LATEST = """
    select max(at) from (
        select at from (select received as at from log order by number desc limit 1) as arrival
        union all
        select at from (select at from decisions order by number desc limit 1) as decision
    ) as latest
"""
_BACKLOG = f"select count(*), min(received) from inbox where received < {NEVER}"
_AHEAD = f"select count(*) from inbox where received > ? and received < {NEVER}"
_BRING_FORWARD = f"update inbox set received = ? where received > ? and received < {NEVER}"


class SqlPulse:
    """Asks the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clock(self) -> Instant | None:
        """A file has none."""
        return None

    def latest(self) -> Instant | None:
        with self._database.reading() as session:
            at: Instant | None = session.one(_LATEST)
            return at

    def backlog(self) -> Backlog:
        with self._database.reading() as session:
            ((arrivals, oldest),) = session.rows(_BACKLOG)
        return Backlog(arrivals, oldest)

    def waited(self) -> Mapping[str, float]:
        return self._database.waits.seconds()

    def bring_forward(self, now: Instant) -> int:
        with self._database.writing() as session:
            ((count,),) = session.rows(_AHEAD, (now,))
            if count:
                session.execute(_BRING_FORWARD, (now, now))
        return int(count)
