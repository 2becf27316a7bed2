"""Who has turned out to be one person with whom.

Processes of the version before know nothing of that: whoever they advance goes on under their own
name, and a merge that is asked for has them set aside. So ask for none until all are upgraded.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    """Adds the table and its index."""
    op.create_table(
        "merges",
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("winner", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("by", _Text, nullable=False),
        Column("number", BigInteger, nullable=False),
    )
    op.create_index("merges_winner", "merges", ["winner"])
