"""How the tables of a store came to be what they are: one module for each change, oldest first.

Forward, in two moves. A change adds what the next version needs and takes nothing away that the
present one uses, so that old and new processes work side by side; only when none of the old is left
may a later change take it away, and then ``SCHEMA`` goes up, and old programs refuse the store.

The same modules change both databases. A new store is made from ``tables`` at once; a test
compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["LATEST", "REVISIONS", "missing", "record", "upgrade"]

REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)
LATEST: Final = REVISIONS[-1]


def missing(revision: str | None) -> tuple[str, ...]:
    """What a store of a revision lacks; nothing, if the revision is one of a later program.
    Stores from before revisions were written down are of the first.
    """
    if revision is None:
        return REVISIONS[1:]
    if revision not in REVISIONS:
        return ()
    return REVISIONS[REVISIONS.index(revision) + 1 :]


def upgrade(connection: Connection, revisions: tuple[str, ...]) -> None:
    """Makes some changes, in the transaction of the connection."""
    from engine.store.migrations.making import make  # noqa: PLC0415 - alembic takes its time

    for revision in revisions:
        make(connection, revision)
    record(connection, revisions[-1])


def record(connection: Connection, revision: str) -> None:
    """Writes the revision of a store down."""
    connection.exec_driver_sql(
        "create table if not exists alembic_version (version_num varchar(32) primary key)"
    )
    connection.exec_driver_sql("delete from alembic_version")
    connection.exec_driver_sql(
        f"insert into alembic_version values ('{revision}')"  # noqa: S608 - one of ours
    )
