"""Subscriptions to what happens, and words about people who were forgotten, until they are told."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")
_Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade(op: Operations) -> None:
    """Adds the tables."""
    op.create_table(
        "hooks",
        Column("id", _Text, primary_key=True),
        Column("created", BigInteger, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    op.create_table(
        "hook_words",
        Column("number", _Serial, primary_key=True, autoincrement=True),
        Column("hook", _Text, nullable=False),
        Column("about", _Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )
    op.create_index("hook_words_hook", "hook_words", ["hook"])
