"""Where attributes and addresses come from, and when they were last set.

What was set before has no origin that anybody knows. Processes of the version before write none
down either, so let the new ones follow soon.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, LargeBinary

__all__ = ["upgrade"]


def upgrade(op: Operations) -> None:
    """Adds the table."""
    op.create_table(
        "origins",
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        Column("document", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
