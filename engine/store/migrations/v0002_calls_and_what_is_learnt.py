"""Questions to web services, and what is learnt: tables of their own beside the others.

Some stores had them before changes were written down, so what is there already stays.
"""

from __future__ import annotations

from typing import Any

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = ["upgrade"]

# SQLite numbers rows by itself only if the type is exactly INTEGER.
_Serial = BigInteger().with_variant(Integer(), "sqlite")


# What is compared is ids: by their bytes, whatever language the database speaks.
_Text = Text().with_variant(Text(collation="C"), "postgresql")


def _number() -> Column[int]:
    return Column("number", _Serial, primary_key=True, autoincrement=True)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, _Text, nullable=False, **more)


def _integer(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _instant(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _document(name: str = "document") -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def upgrade(op: Operations) -> None:
    """Adds the tables with their indexes, as they were then."""
    schema = MetaData()
    _add_calls(schema)
    _add_learnt(schema)
    schema.create_all(op.get_bind())


def _add_calls(schema: MetaData) -> None:
    """Questions to web services whose answers are not in. ``wake`` is when each is due or, while
    it is being asked, the end of the lease.
    """
    calls = Table(
        "calls",
        schema,
        _number(),
        _text("id", unique=True),
        _integer("person"),
        _integer("due"),
        _integer("attempts"),
        _instant("lease"),
        _integer("wake"),
        _document(),
    )
    Index("calls_wake", calls.c.wake)
    Index("calls_person", calls.c.person)


def _add_learnt(schema: MetaData) -> None:
    """Few people at a time are waited for, so an index by person costs little here."""
    assignments = Table(
        "assignments",
        schema,
        _number(),
        _integer("person"),
        _text("id", unique=True),
        _text("journey"),
        _text("run"),
        _text("step"),
        _text("scope"),
        _text("path"),
        _integer("snapshot"),
        Column("probability", Double, nullable=False),
        _integer("at"),
        _integer("known"),
        _text("fate"),
    )
    open_ = text("fate = 'open'")
    Index("assignments_open", assignments.c.known, sqlite_where=open_, postgresql_where=open_)
    Index("assignments_person", assignments.c.person)
    Table(
        "counts",
        schema,
        _text("subject"),
        _text("what"),
        _integer("count"),
        PrimaryKeyConstraint("subject", "what"),
    )
    Table(
        "snapshots",
        schema,
        _text("subject"),
        _integer("number"),
        _integer("at"),
        _document(),
        PrimaryKeyConstraint("subject", "at"),
        UniqueConstraint("subject", "number"),
    )
