"""Scores in PostgreSQL."""

from __future__ import annotations

from engine.store import codec
from engine.store.postgres import asking
from engine.store.postgres import statements as own
from engine.store.postgres.session import PostgresSession
from engine.store.postgres.shards import ADVANCING, DEPLOYING, SHARDS, take
from engine.store.sql.scores import SqlScores
from engine.store.sql.session import Session

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
        take(session, DEPLOYING, [0])
        take(session, ADVANCING, list(range(SHARDS)))
        nothing = codec.standing_document(codec.StandingDocument())
        session.execute(own.ADD_MISSING_STANDINGS, (nothing,))
        session.execute(own.TELL)
