"""Lanes for deliveries and for questions to web services, and what is shared of limits.

The index of open deliveries makes room for one that knows lanes: two of them would have to be
written with every step. Processes of the version before find what they look for by the new one.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, LargeBinary, Text, text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    """Adds the columns, the table and their indexes."""
    spread = op.get_bind().dialect.name == "postgresql"
    op.add_column("deliveries", Column("lane", _Text, nullable=False, server_default=""))
    op.add_column("calls", Column("service", _Text, nullable=False, server_default=""))
    op.drop_index("deliveries_open", "deliveries")
    open_ = text("wake is not null")
    op.create_index(
        "deliveries_lanes",
        "deliveries",
        ["status", "lane", "wake", *(["number"] if spread else [])],
        sqlite_where=open_,
        postgresql_where=open_,
    )
    op.create_index("calls_service", "calls", ["service", "wake"])
    op.create_table(
        "gates",
        Column("name", _Text, primary_key=True),
        Column("until", BigInteger, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    op.create_index("gates_until", "gates", ["until"])
