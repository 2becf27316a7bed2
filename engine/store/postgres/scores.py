"""Scores in PostgreSQL."""

from __future__ import annotations

from engine.store.postgres import asking
from engine.store.postgres import statements as own
from engine.store.postgres.session import PostgresSession
from engine.store.postgres.shards import hold_everybody
from engine.store.sql.scores import SqlScores
from engine.store.sql.session import Session
from engine.store.sql.standings import add_missing

__all__ = ["PostgresScores"]


class PostgresScores(SqlScores):
    """JSON in its rows, as PostgreSQL looks into it."""

    def _whole(self, attribute: str) -> str:
        at = f"(convert_from(document, 'UTF8')::json -> 0 -> '{attribute}')::text"
        return f"case when {at} ~ '^-{{0,1}}[0-9]+$' then {at}::int8 end"

    def _as_number(self, test: str) -> str:
        return f"({test})::int"

    def _prepare(self, session: Session) -> None:
        assert isinstance(session, PostgresSession)
        asking.prepare(session, unpacks=False)

    def _hold(self, session: Session) -> None:
        hold_everybody(session)
        add_missing(session, own.ADD_MISSING_STANDINGS)
        session.execute(own.TELL)
