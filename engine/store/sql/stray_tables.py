"""The tables of what does not stand in the tracking plan."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, Table

from engine.store.sql.columns import document, numbered, whole, word

__all__ = ["add_strays"]


def add_strays(schema: MetaData) -> None:
    """What does not stand in the tracking plan: calls that are kept aside, and counts by the day."""
    strays = Table(
        "strays",
        schema,
        numbered(),
        word("id", unique=True),
        word("person"),
        word("event"),
        whole("received"),
        document(),
    )
    for column in (strays.c.person, strays.c.event, strays.c.received):
        Index(f"strays_{column.name}", column)
    Table(
        "oddities",
        schema,
        whole("day"),
        word("event"),
        word("property"),
        word("what"),
        whole("times"),
        word("example"),
        PrimaryKeyConstraint("day", "event", "property", "what"),
    )
