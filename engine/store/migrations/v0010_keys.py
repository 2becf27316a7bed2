"""Keys of the API. Processes of the version before know those of their settings only."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, LargeBinary, Text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    """Adds the table."""
    op.create_table(
        "keys",
        Column("hash", _Text, primary_key=True),
        Column("name", _Text, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
