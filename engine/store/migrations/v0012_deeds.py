"""The audit log: who read or changed what of whom, and when."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text, text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")
_Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(op: Operations) -> None:
    """Adds the table and its index."""
    op.create_table(
        "deeds",
        Column("number", _Serial, primary_key=True, autoincrement=True),
        Column("at", BigInteger, nullable=False),
        Column("who", _Text, nullable=False),
        Column("what", _Text, nullable=False),
        Column("whom", _Text, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    somebody = text("whom <> ''")
    op.create_index(
        "deeds_whom", "deeds", ["whom"], sqlite_where=somebody, postgresql_where=somebody
    )
