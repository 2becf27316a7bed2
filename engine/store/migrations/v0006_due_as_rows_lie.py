"""Whoever wakes at one instant is found as their rows lie: the index of wakes ends at the instant.

Programs of the version before find what they ask for by it as well, and sort the rest.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import text

__all__ = ["upgrade"]


def upgrade(op: Operations) -> None:
    """Puts the shorter index in the place of the longer one."""
    spread = op.get_bind().dialect.name == "postgresql"
    asleep = text("wake is not null")
    op.create_index(
        "standings_due",
        "standings",
        ["shard", "wake"] if spread else ["wake"],
        sqlite_where=asleep,
        postgresql_where=asleep,
        if_not_exists=True,
    )
    op.drop_index("standings_wake", "standings", if_exists=True)
