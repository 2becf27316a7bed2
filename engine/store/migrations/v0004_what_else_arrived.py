"""What of a person stands in the log beside events is found without reading all of it."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import text

__all__ = ["upgrade"]


def upgrade(op: Operations) -> None:
    """Adds the index."""
    others = text("kind <> 'event'")
    op.create_index(
        "log_others",
        "log",
        ["person"],
        sqlite_where=others,
        postgresql_where=others,
        if_not_exists=True,
    )
