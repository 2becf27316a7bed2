"""Whose a telephone number is, and what was said from it.

Processes of the version before write neither down: whoever they get to know is found by their
number as soon as anything of them is told again. So upgrade, and let the new processes follow soon.
"""

from __future__ import annotations

import orjson
from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    text,
)

from engine.core.numbers import numbers_of

__all__ = ["upgrade"]

_Text = Text().with_variant(Text(collation="C"), "postgresql")
_PEOPLE = text(
    "select number, document from people where document is not null and number > :after"
    " order by number limit 1000"
)
_ADD = text("insert into numbers (number, person) values (:number, :person)")


def upgrade(op: Operations) -> None:
    """Adds the tables, and writes down the numbers of everybody."""
    op.create_table(
        "numbers",
        Column("number", _Text, nullable=False),
        Column("person", BigInteger, nullable=False),
        PrimaryKeyConstraint("number", "person"),
        sqlite_with_rowid=False,
    )
    op.create_index("numbers_person", "numbers", ["person"])
    op.create_table(
        "said",
        Column("name", _Text, primary_key=True),
        Column("document", LargeBinary, nullable=False),
    )
    _fill(op.get_bind())


def _fill(connection: Connection) -> None:
    rows = connection.execute(_PEOPLE, {"after": 0}).all()
    while rows:
        found = [
            {"number": number, "person": person}
            for person, document in rows
            for number in sorted(numbers_of(orjson.loads(document)[1]))
        ]
        if found:
            connection.execute(_ADD, found)
        rows = connection.execute(_PEOPLE, {"after": rows[-1][0]}).all()
