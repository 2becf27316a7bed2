"""What was sent and does not stand in the tracking plan: how often it came, and calls kept aside."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text

__all__ = ["upgrade"]

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(op: Operations) -> None:
    """Adds two tables."""
    op.create_table(
        "strays",
        Column("number", _SERIAL, primary_key=True, autoincrement=True),
        Column("id", _TEXT, nullable=False, unique=True),
        Column("person", _TEXT, nullable=False),
        Column("event", _TEXT, nullable=False),
        Column("received", BigInteger, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    op.create_index("strays_person", "strays", ["person"])
    op.create_index("strays_event", "strays", ["event"])
    op.create_index("strays_received", "strays", ["received"])
    op.create_table(
        "oddities",
        Column("day", BigInteger, nullable=False),
        Column("event", _TEXT, nullable=False),
        Column("property", _TEXT, nullable=False),
        Column("what", _TEXT, nullable=False),
        Column("times", BigInteger, nullable=False),
        Column("example", _TEXT, nullable=False),
        PrimaryKeyConstraint("day", "event", "property", "what"),
    )
