"""The consent ledger: what people have said about being written to, kept for as long as they are.

What they said before is taken over from the log. What a process of the version before takes in
meanwhile stays in the log, from where the ledger is completed when somebody reads it.
"""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import BigInteger, Column, LargeBinary, Text

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    """Adds the table, its index, and what is known."""
    op.create_table(
        "consents",
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("id", _Text, nullable=False, unique=True),
        Column("person", BigInteger, nullable=False),
        Column("name", _Text, nullable=False),
        Column("occurred", BigInteger, nullable=False),
        Column("received", BigInteger, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    op.create_index("consents_person", "consents", ["person"])
    op.execute("""
        insert into consents (number, id, person, name, occurred, received, document)
        select number, id, person, name, occurred, received, document from log
        where kind = 'event' and name in ('consent_granted', 'consent_withdrawn') and person <> 0
    """)
