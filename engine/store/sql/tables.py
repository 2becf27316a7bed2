"""The tables, laid out so that a step writes few pages, and pages that lie together.

What of a person changes with every step (open runs, recent contacts) is one row in ``standings``;
what rarely changes (attributes, addresses, consents) is another, in ``people``. A standing is
written anew at the end of its table, in the order of waking: people who went to sleep together
wake together, so the next batch reads and writes a few neighbouring pages instead of one page for
each person. Closed runs, deliveries, decisions and the log only ever grow at their ends.

An index by person on a table that grows with every step would have to be written all over the
place. Decisions and deliveries are therefore chained instead: each row names the person's one
before (``previous``), and the standing names the last.

Instants are integers (microseconds since 1970).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from engine.store.sql import small_tables as small
from engine.store.sql.columns import (
    Serial,
    document,
    instant,
    numbered,
    previous,
    whole,
    word,
)
from engine.store.sql.hook_tables import add_hooks
from engine.store.sql.stray_tables import add_strays

__all__ = ["SCHEMA", "DatabaseKind", "metadata_of_schema"]

DatabaseKind: TypeAlias = Literal["sqlite", "postgresql"]

SCHEMA = 1
"""Goes up by one whenever an older Wayline could not use the tables any more."""


def metadata_of_schema(database: DatabaseKind = "sqlite") -> MetaData:
    """All tables with their indexes. What several workers share is spread by person over shards;
    SQLite has one writer, and rows that lie where they are wanted next.
    """
    schema = MetaData()
    spread = database == "postgresql"
    _add_people(schema, spread=spread)
    _add_log(schema, spread=spread)
    _add_deliveries(schema, spread=spread)
    _add_calls(schema)
    small.add_gates(schema)
    small.add_numbers(schema)
    small.add_keys(schema)
    add_hooks(schema)
    add_strays(schema)
    _add_records(schema, spread=spread)
    _add_learnt(schema)
    small.add_set_aside(schema)
    small.add_merges(schema)
    small.add_consents(schema)
    small.add_origins(schema)
    small.add_deeds(schema)
    return schema


def _shard() -> Column[int]:
    return Column("shard", SmallInteger, nullable=False)


def _add_people(schema: MetaData, *, spread: bool) -> None:
    """``document`` is null for people of whom nothing was processed yet that says there is somebody,
    and for those who have gone into another. A standing's ``wake`` is the earlier of ``timer``, the
    first of the open runs, and ``calendar``, the profile's own.
    """
    Table(
        "people",
        schema,
        numbered(),
        *([_shard()] if spread else []),
        word("id", unique=True),
        Column("document", LargeBinary),
    )
    person: tuple[Column[int], ...] = (
        Column("place", Serial, primary_key=True, autoincrement=False),
        Column("person", BigInteger, nullable=False, unique=True),
    )
    if spread:
        person = (
            Column("person", BigInteger, primary_key=True, autoincrement=False),
            _shard(),
        )
    standings = Table(
        "standings",
        schema,
        *person,
        instant("wake"),
        instant("timer"),
        instant("calendar"),
        document(),
        # Room in each page, so that a standing is written anew beside the old one.
        postgresql_with={"fillfactor": 75},
    )
    asleep = text("wake is not null")
    # Nothing behind the instant: who wakes at the same one is found as their rows lie.
    Index(
        "standings_due",
        *([standings.c.shard] if spread else []),
        standings.c.wake,
        sqlite_where=asleep,
        postgresql_where=asleep,
    )
    closed = Table(
        "closed_runs",
        schema,
        numbered(),
        whole("person"),
        word("id"),
        word("journey"),
        word("key"),
        word("outcome"),
        document(),
    )
    Index("closed_runs_person", closed.c.person, closed.c.journey)


def _add_log(schema: MetaData, *, spread: bool) -> None:
    """The log keeps what arrived; the inbox says which of it is still to be processed."""
    log = Table(
        "log",
        schema,
        numbered(),
        word("id", unique=True),
        whole("person"),
        word("kind"),
        word("name"),
        whole("occurred"),
        whole("received"),
        document(),
    )
    events = text("kind = 'event'")
    Index("log_events", log.c.person, log.c.name, sqlite_where=events, postgresql_where=events)
    # To forget people by. Receipts and answers pay for it, and no step does.
    others = text("kind <> 'event'")
    Index("log_others", log.c.person, sqlite_where=others, postgresql_where=others)
    inbox = Table(
        "inbox",
        schema,
        *([_shard()] if spread else []),
        whole("person"),
        whole("number"),
        whole("received"),
        PrimaryKeyConstraint("person", "number"),
        sqlite_with_rowid=False,
    )
    Index(
        "inbox_received",
        *([inbox.c.shard] if spread else []),
        inbox.c.received,
        inbox.c.person,
    )


def _add_deliveries(schema: MetaData, *, spread: bool) -> None:
    """``wake`` is when something is to be done about a delivery: when it is due while it is
    queued, the end of the lease while it is calling, nothing otherwise. Whatever is claimed is
    first in its ``lane``: nobody looks at what waits in another.
    """
    deliveries = Table(
        "deliveries",
        schema,
        numbered(),
        word("id", unique=True),
        whole("person"),
        previous(),
        word("status"),
        whole("due"),
        whole("attempts"),
        word("provider_id"),
        instant("lease"),
        instant("wake"),
        word("lane", server_default=""),
    )
    open_ = text("wake is not null")
    Index(
        "deliveries_lanes",
        deliveries.c.status,
        deliveries.c.lane,
        deliveries.c.wake,
        # A whole campaign is due at one instant. In SQLite every index ends with the number.
        *([deliveries.c.number] if spread else []),
        sqlite_where=open_,
        postgresql_where=open_,
    )
    # The delivery as it was decided, texts and all. It can be long, and the row above is written
    # again with every attempt.
    Table("contents", schema, numbered(), document())


def _add_calls(schema: MetaData) -> None:
    """Questions to web services whose answers are not in. ``wake`` is when each is due or, while
    it is being asked, the end of the lease.
    """
    calls = Table(
        "calls",
        schema,
        numbered(),
        word("id", unique=True),
        whole("person"),
        whole("due"),
        whole("attempts"),
        instant("lease"),
        whole("wake"),
        document(),
        word("service", server_default=""),
    )
    Index("calls_wake", calls.c.wake)
    Index("calls_service", calls.c.service, calls.c.wake)
    Index("calls_person", calls.c.person)


def _add_records(schema: MetaData, *, spread: bool) -> None:
    Table(
        "decisions",
        schema,
        numbered(),
        whole("person"),
        previous(),
        whole("at"),
        word("what"),
        word("reason"),
        word("journey"),
        word("run"),
        word("step"),
        word("channel"),
        word("detail"),
    )
    Table(
        "edges",
        schema,
        word("journey"),
        word("version"),
        Column("source", Integer, nullable=False),
        Column("target", Integer, nullable=False),
        Column("count", BigInteger, nullable=False),
        *([_shard()] if spread else []),
        PrimaryKeyConstraint(
            "journey", "version", "source", "target", *(["shard"] if spread else [])
        ),
    )
    Table("deployments", schema, numbered(), word("version"), whole("deployed"), document("files"))
    Table("meta", schema, word("name", primary_key=True), word("value"))


def _add_learnt(schema: MetaData) -> None:
    """Few people at a time are waited for, so an index by person costs little here."""
    assignments = Table(
        "assignments",
        schema,
        numbered(),
        whole("person"),
        word("id", unique=True),
        word("journey"),
        word("run"),
        word("step"),
        word("scope"),
        word("path"),
        whole("snapshot"),
        Column("probability", Double, nullable=False),
        whole("at"),
        whole("known"),
        word("fate"),
    )
    open_ = text("fate = 'open'")
    Index("assignments_open", assignments.c.known, sqlite_where=open_, postgresql_where=open_)
    Index("assignments_person", assignments.c.person)
    Table(
        "counts",
        schema,
        word("subject"),
        word("what"),
        whole("count"),
        PrimaryKeyConstraint("subject", "what"),
    )
    Table(
        "snapshots",
        schema,
        word("subject"),
        whole("number"),
        whole("at"),
        document(),
        PrimaryKeyConstraint("subject", "at"),
        UniqueConstraint("subject", "number"),
    )
