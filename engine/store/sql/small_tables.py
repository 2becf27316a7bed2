"""Tables beside those that a step writes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)

from engine.store.sql.columns import (
    document,
    instant,
    numbered,
    whole,
    word,
)

__all__ = [
    "add_consents",
    "add_deeds",
    "add_gates",
    "add_keys",
    "add_merges",
    "add_numbers",
    "add_origins",
    "add_set_aside",
]


def add_gates(schema: MetaData) -> None:
    """What all who hand over have used of limits together, and what rests: one row by name. Nothing
    is to be known of it any more after ``until``.
    """
    gates = Table("gates", schema, word("name", primary_key=True), whole("until"), document())
    Index("gates_until", gates.c.until)


def add_numbers(schema: MetaData) -> None:
    """Whose a telephone number is; and what was said from one, under a name that nobody can read it
    from, so that it may stay when the person is forgotten.
    """
    numbers = Table(
        "numbers",
        schema,
        word("number"),
        whole("person"),
        PrimaryKeyConstraint("number", "person"),
        sqlite_with_rowid=False,
    )
    Index("numbers_person", numbers.c.person)
    Table("said", schema, word("name", primary_key=True), document())


def add_keys(schema: MetaData) -> None:
    """Who may ask the API for what: of each key its hash, which lets nobody in."""
    Table(
        "keys",
        schema,
        word("hash", primary_key=True),
        word("name"),
        whole("created"),
        document(),
    )


def add_set_aside(schema: MetaData) -> None:
    """People of whom nothing is looked at until they are ``released``. Few, if any."""
    aside = Table(
        "set_aside",
        schema,
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        whole("since"),
        word("reason"),
        instant("released"),
    )
    now = text("released is null")
    Index("set_aside_now", aside.c.person, sqlite_where=now, postgresql_where=now)


def add_merges(schema: MetaData) -> None:
    """Who has gone into whom. Of whoever has, a standing says so, too: nobody asks here whether
    somebody has.
    """
    merges = Table(
        "merges",
        schema,
        Column("person", BigInteger, primary_key=True, autoincrement=False),
        whole("winner"),
        whole("at"),
        word("by"),
        whole("number"),
    )
    Index("merges_winner", merges.c.winner)


def add_consents(schema: MetaData) -> None:
    """The consent ledger: words of people, as they stand in the log, and under the same numbers.
    Only ever added to; a word goes with its person alone.
    """
    consents = Table(
        "consents",
        schema,
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        word("id", unique=True),
        whole("person"),
        word("name"),
        whole("occurred"),
        whole("received"),
        document(),
    )
    Index("consents_person", consents.c.person)


def add_origins(schema: MetaData) -> None:
    """Where attributes and addresses come from. No step asks, so it is no part of the profile; one
    row for each person, because they are set together.
    """
    person = Column("person", BigInteger, primary_key=True, autoincrement=False)
    Table("origins", schema, person, document(), sqlite_with_rowid=False)


def add_deeds(schema: MetaData) -> None:
    """The audit log. ``whom`` is the id of a person, or what is left of it when they are forgotten."""
    deeds = Table(
        "deeds",
        schema,
        numbered(),
        whole("at"),
        word("who"),
        word("what"),
        word("whom"),
        document(),
    )
    somebody = text("whom <> ''")
    Index("deeds_whom", deeds.c.whom, sqlite_where=somebody, postgresql_where=somebody)
