"""People of whom nothing is processed for the time being: a table of its own, mostly empty."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Text, text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    """Adds the table."""
    op.create_table(
        "set_aside",
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("since", BigInteger, nullable=False),
        Column("reason", _Text, nullable=False),
        Column("released", BigInteger),
    )
    now = text("released is null")
    op.create_index(
        "set_aside_now", "set_aside", ["person"], sqlite_where=now, postgresql_where=now
    )
