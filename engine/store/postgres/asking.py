"""Audiences asked of a PostgreSQL store's own tables: one statement for everybody.

Attributes, addresses, consents and events are JSON in their rows, so SQL looks into them as they
are. Open runs and contacts are packed; where a rule asks about them, they are first put into tables
that last as long as the question. Nothing is written for the sake of audiences.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from psycopg import errors
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    bindparam,
    case,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import psycopg

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import NOW, LiveOnly, Setting, Tables, Told, sql_of
from engine.core.program import Program
from engine.core.tallying import MARK
from engine.store import codec
from engine.store.postgres.session import PostgresSession
from engine.store.sql.tables import metadata_of_schema

__all__ = ["BEYOND", "Asked", "answer", "ask", "ask_membership", "prepare"]

BEYOND = (errors.DataError, errors.StatementTooComplex, errors.InsufficientPrivilege)
"""What PostgreSQL cannot be asked: a text with a NUL in it, a zone that only Python knows, a rule
nested too deeply; or it may not keep functions for us.
"""

_CONTACTS, _RUNS = "asked_contacts", "asked_runs"
_STANDINGS = "select person, document from standings where person > ? order by person limit ?"
_PIECE = 5_000  # standings unpacked at a time
_WHOLE_TABLES = """
    select set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
        set_config('enable_mergejoin', 'on', true), set_config('enable_bitmapscan', 'on', true)
"""


class Asked(NamedTuple):
    """A query for an audience, in the driver's own SQL. ``unpacks``: open runs and contacts are
    wanted in tables.
    """

    sql: str
    values: tuple[Any, ...]
    unpacks: bool


def ask(
    rule: Rule, program: Program, now: Instant, *, count: bool = False, as_then: bool = False
) -> Asked | LiveOnly:
    """The query for the ids of the people of whom ``rule`` is true at ``now``, or for how many
    there are. With ``as_then``, what happened after ``now`` is left out.
    """
    tables, condition = _condition(rule, program, as_then=as_then)
    if isinstance(condition, LiveOnly):
        return condition
    wanted = func.count() if count else tables.people.c.id
    return _written(select(wanted).select_from(_everybody(tables)).where(condition), now)


def ask_membership(segment: str, program: Program, now: Instant) -> Asked | LiveOnly:
    """The query for everybody's number, whether they are in a segment at ``now``, and what is kept
    of that. Who is still to be computed by other formulas is left out.
    """
    tables, condition = _condition(program.project.segments[segment].who, program)
    if isinstance(condition, LiveOnly):
        return condition
    document = tables.people.c.document
    kept = document.op("->")(literal_column("4")).op("->>")(literal(segment, Text()))
    query = select(
        tables.people.c.person,
        case((condition, true()), else_=false()),
        kept.op("::")(literal_column("boolean")),
    ).select_from(_everybody(tables))
    if program.computing is not None:
        tallies = document.op("->")(literal_column("7"))
        mark = tallies.op("->>")(literal(MARK, Text()))
        query = query.where(mark == literal(program.computing.mark, Text()))
    return _written(query, now)


def _condition(
    rule: Rule, program: Program, *, as_then: bool = False
) -> tuple[Tables, ColumnElement[bool] | LiveOnly]:
    policy = program.policy
    tables = _tables(program.zone.key, as_then=as_then)
    segments = program.project.segments
    setting = Setting(
        policy.holidays, policy.channels, policy.categories, segments, database="postgresql"
    )
    return tables, sql_of(rule, tables, setting)


def _written(query: Select[Any], now: Instant) -> Asked | LiveOnly:
    dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    made = query.compile(dialect=dialect).construct_expanded_state({NOW: now})
    values = tuple(made.positional_parameters)
    if any(isinstance(each, str) and ("\\" in each or "\0" in each) for each in values):
        return LiveOnly("a text in it is written otherwise in columns than in JSON")
    sql = made.statement
    return Asked(sql, values, _CONTACTS in sql or _RUNS in sql)


def answer(session: PostgresSession, asked: Asked) -> list[tuple[Any, ...]]:
    """The rows of a query, in a transaction that sees one state of the store."""
    prepare(session, unpacks=asked.unpacks)
    return session.run(asked.sql, asked.values)


def prepare(session: PostgresSession, *, unpacks: bool) -> None:
    """Lets questions about everybody be asked in this transaction."""
    session.run(_WHOLE_TABLES, ())
    if unpacks:
        _unpack(session)


def _unpack(session: PostgresSession) -> None:
    """Puts what is packed into tables of this transaction."""
    session.run(
        f"create temp table {_CONTACTS}"
        " (person int8, channel text, category text, journey text, sent int8) on commit drop",
        (),
    )
    session.run(f"create temp table {_RUNS} (person int8, journey text) on commit drop", ())
    last = 0
    while rows := session.rows(_STANDINGS, (last, _PIECE)):
        contacts: list[tuple[Any, ...]] = []
        runs: list[tuple[Any, ...]] = []
        for last, document in rows:
            standing = codec.read_standing(document)
            contacts += [
                (last, each.channel, each.category, each.journey, each.sent)
                for each in standing.contacts
            ]
            runs += [
                (last, run.journey)
                for run in standing.runs
                if run.status == "live" and run.arm == "live"
            ]
        session.copy(_CONTACTS, ("int8", "text", "text", "text", "int8"), contacts)
        session.copy(_RUNS, ("int8", "text"), runs)
    for name in (_CONTACTS, _RUNS):
        session.run(f"create index on {name} (person)", ())
        session.run(f"analyze {name}", ())


# ------------------------------------------------------------------------------------ tables


def _tables(company: str, *, as_then: bool) -> Tables:
    """The store's tables in the columns that rules are asked of. ``company`` is its zone."""
    schema = metadata_of_schema("postgresql").tables
    people, log = schema["people"], schema["log"]
    return Tables(
        people=_people(people, company),
        events=_events(log, as_then=as_then),
        messages=_unpacked(_CONTACTS, "channel", "category", "journey", sent="sent"),
        addresses=_addresses(people),
        consents=_consents(people),
        runs=_unpacked(_RUNS, "journey"),
        members=_nobody(),
        attributes_at="$.0",
        told=Told(),
    )


def _everybody(tables: Tables) -> FromClause:
    """People beside the attributes that were asked for."""
    assert tables.told is not None
    document = tables.people.c.document
    return tables.told.beside(tables.people, document.op("->")(literal_column("0")))


def _people(people: FromClause, company: str) -> FromClause:
    read = (
        select(people.c.number, people.c.id, _json(people.c.document).label("document"))
        .where(people.c.document.is_not(None))
        .offset(literal_column("0"))  # or the server reads it again for each use
        .subquery("read")
    )
    attributes = read.c.document.op("->")(literal_column("0"))
    zone = func.wayline.recipient_zone(attributes, literal(company, Text()), type_=Text())
    return select(
        read.c.number.label("person"),
        read.c.id,
        read.c.document,
        read.c.document.op("::")(literal_column("text")).label("attributes"),
        zone.label("zone"),
    ).subquery("everybody")


def _events(log: FromClause, *, as_then: bool) -> FromClause:
    columns = (log.c.person, log.c.name, log.c.occurred, log.c.number)
    properties = _text(log.c.document).label("properties")
    happened = select(*columns, properties).where(log.c.kind == literal_column("'event'"))
    if as_then:
        happened = happened.where(log.c.occurred <= bindparam(NOW, type_=BigInteger()))
    return happened.subquery()


def _addresses(people: FromClause) -> FromClause:
    document = _json(people.c.document)
    address = _entries(document, 1)
    suppressed = (
        func.json_array_elements_text(document.op("->")(literal_column("3")))
        .table_valued(column("value", Text))
        .alias()
    )
    place = address.c.key.concat(literal_column("' '")).concat(address.c.value)
    stopped = (
        select(1)
        .select_from(suppressed)
        .where(or_(suppressed.c.value == address.c.value, suppressed.c.value == place))
    )
    return (
        select(people.c.number.label("person"), address.c.key.label("channel"))
        .select_from(people.join(address, true()))
        .where(address.c.value != literal_column("''"), ~stopped.exists())
        .subquery()
    )


def _consents(people: FromClause) -> FromClause:
    """``category/channel`` and when."""
    said = _entries(_json(people.c.document), 2)
    slash = func.strpos(said.c.key, literal_column("'/'"))
    return (
        select(
            people.c.number.label("person"),
            func.substr(said.c.key, 1, slash - 1).label("category"),
            func.substr(said.c.key, slash + 1).label("channel"),
            said.c.value.cast(BigInteger).label("said"),
        )
        .select_from(people.join(said, true()))
        .subquery()
    )


def _unpacked(name: str, *texts: str, **numbers: str) -> FromClause:
    columns = [column(text, Text) for text in texts]
    whole = [column(number, BigInteger) for number in numbers.values()]
    return table(name, column("person", BigInteger), *columns, *whole)


def _nobody() -> FromClause:
    """Membership is asked by the rules of segments."""
    return select(literal(0).label("person"), literal("").label("segment")).subquery()


def _text(document: ColumnElement[bytes]) -> ColumnElement[str]:
    return func.convert_from(document, literal_column("'UTF8'"), type_=Text())


def _json(document: ColumnElement[bytes]) -> ColumnElement[Any]:
    """Bytes that are JSON."""
    return _text(document).op("::")(literal_column("json"))


def _entries(document: ColumnElement[Any], place: int) -> Any:
    """The entries of a part that is an object."""
    part = document.op("->")(literal_column(str(place)))
    return (
        func.json_each_text(part).table_valued(column("key", Text), column("value", Text)).alias()
    )
