"""Audiences asked of an SQLite store's own tables: one statement for everybody.

Attributes, addresses, consents and events are JSON in their rows, so SQL looks into them as they
are. Open runs and contacts are packed, because they are written with every step; a function unpacks
them where a rule asks about them. Nothing is written for the sake of audiences.
"""

from __future__ import annotations

from json import dumps
from sqlite3 import Connection
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import sqlite

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import NOW, LiveOnly, Setting, Tables, register, sql_of
from engine.core.program import Program
from engine.core.tallying import MARK
from engine.core.zones import recipient_zone, zone_called
from engine.store import codec
from engine.store.sql.tables import metadata_of_schema

__all__ = ["Asked", "ask", "ask_membership", "teach"]

_ATTRIBUTES, _ADDRESSES, _CONSENTS, _SUPPRESSED = (f"$[{place}]" for place in range(4))
_SEGMENTS, _TALLIES = "$[4]", "$[7]"
_CONTACT = ("channel", "category", "journey", "sent")


class Asked(NamedTuple):
    """A query for an audience, in the driver's own SQL."""

    sql: str
    values: tuple[Any, ...]


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
    return _written(select(wanted).select_from(tables.people).where(condition), now)


def ask_membership(segment: str, program: Program, now: Instant) -> Asked | LiveOnly:
    """The query for everybody's number, whether they are in a segment at ``now``, and what is kept
    of that. Who is still to be computed by other formulas is left out.
    """
    tables, condition = _condition(program.project.segments[segment].who, program)
    if isinstance(condition, LiveOnly):
        return condition
    document = tables.people.c.attributes
    kept = func.json_extract(document, f'{_SEGMENTS}."{segment}"')
    inside = case((condition, 1), else_=0)  # asks no more than it must
    query = select(tables.people.c.person, inside, kept).select_from(tables.people)
    if program.computing is not None:
        mark = func.json_extract(document, f"{_TALLIES}.{MARK}", type_=Text())
        query = query.where(mark == program.computing.mark)
    return _written(query, now)


def _condition(
    rule: Rule, program: Program, *, as_then: bool = False
) -> tuple[Tables, ColumnElement[bool] | LiveOnly]:
    policy = program.policy
    tables = _tables(program.zone.key, as_then=as_then)
    segments = program.project.segments
    setting = Setting(policy.holidays, policy.channels, policy.categories, segments)
    return tables, sql_of(rule, tables, setting)


def _written(query: Select[Any], now: Instant) -> Asked:
    made = query.compile(dialect=sqlite.dialect()).construct_expanded_state({NOW: now})
    return Asked(made.statement, tuple(made.positional_parameters))


# ------------------------------------------------------------------------------------ tables


def _tables(company: str, *, as_then: bool) -> Tables:
    """The store's tables in the columns that rules are asked of. ``company`` is its zone."""
    schema = metadata_of_schema().tables
    people, standings, log = schema["people"], schema["standings"], schema["log"]
    return Tables(
        people=_people(people, company),
        events=_events(log, as_then=as_then),
        messages=_messages(standings),
        addresses=_addresses(people),
        consents=_consents(people),
        runs=_runs(standings),
        members=_nobody(),
        attributes_at=_ATTRIBUTES,
    )


def _people(people: FromClause, company: str) -> FromClause:
    document = _json(people.c.document)

    def attribute(name: str) -> ColumnElement[Any]:
        return func.json_extract(document, f"{_ATTRIBUTES}.{name}")

    zone = func.wayline_recipient_zone(
        attribute("time_zone"), attribute("country"), literal(company, Text()), type_=Text()
    )
    return (
        select(
            people.c.number.label("person"),
            people.c.id,
            document.label("attributes"),
            zone.label("zone"),
        )
        .where(people.c.document.is_not(None))
        .subquery("everybody")
    )


def _events(log: FromClause, *, as_then: bool) -> FromClause:
    columns = (log.c.person, log.c.name, log.c.occurred, log.c.number)
    properties = _json(log.c.document).label("properties")
    happened = select(*columns, properties).where(log.c.kind == "event")
    if as_then:
        happened = happened.where(log.c.occurred <= bindparam(NOW, type_=BigInteger()))
    return happened.subquery()


def _addresses(people: FromClause) -> FromClause:
    document = _json(people.c.document)
    address, suppressed = _entries(document, _ADDRESSES), _entries(document, _SUPPRESSED)
    place = address.c.key.concat(literal_column("' '")).concat(address.c.value)
    stopped = (
        select(1)
        .select_from(suppressed)
        .where(or_(suppressed.c.value == address.c.value, suppressed.c.value == place))
    )
    return (
        select(people.c.number.label("person"), address.c.key.label("channel"))
        .select_from(people.join(address, true()))
        .where(address.c.value != "", ~stopped.exists())
        .subquery()
    )


def _consents(people: FromClause) -> FromClause:
    """``category/channel`` and when."""
    said = _entries(_json(people.c.document), _CONSENTS)
    slash = func.instr(said.c.key, "/")
    return (
        select(
            people.c.number.label("person"),
            func.substr(said.c.key, 1, slash - 1).label("category"),
            func.substr(said.c.key, slash + 1).label("channel"),
            said.c.value.label("said"),
        )
        .select_from(people.join(said, true()))
        .subquery()
    )


def _messages(standings: FromClause) -> FromClause:
    contact = _entries(func.wayline_contacts(standings.c.document))
    columns = (
        func.json_extract(contact.c.value, f"$[{place}]").label(name)
        for place, name in enumerate(_CONTACT)
    )
    together = standings.join(contact, true())
    return select(standings.c.person, *columns).select_from(together).subquery()


def _runs(standings: FromClause) -> FromClause:
    run = _entries(func.wayline_journeys(standings.c.document))
    together = standings.join(run, true())
    return select(standings.c.person, run.c.value.label("journey")).select_from(together).subquery()


def _nobody() -> FromClause:
    """Membership is asked by the rules of segments."""
    return select(literal(0).label("person"), literal("").label("segment")).subquery()


def _json(document: ColumnElement[bytes]) -> ColumnElement[str]:
    """Bytes that are JSON: SQLite looks into text only."""
    return cast(document, Text)


def _entries(document: Any, *path: str) -> Any:
    return func.json_each(document, *path).table_valued("key", "value").alias()


# --------------------------------------------------------------------------------- functions


def teach(connection: Connection) -> None:
    """Gives a connection the functions that the queries call."""
    register(connection)
    for name, count, function in (
        ("wayline_recipient_zone", 3, _zone),
        ("wayline_contacts", 1, _contacts),
        ("wayline_journeys", 1, _journeys),
    ):
        connection.create_function(name, count, function, deterministic=True)


def _zone(own: Any, country: Any, company: str) -> str:
    zone = zone_called(company)
    assert zone is not None
    return recipient_zone({"time_zone": own, "country": country}, zone).key


def _contacts(document: bytes) -> str:
    contacts = codec.read_standing(document).contacts
    return dumps([[getattr(each, name) for name in _CONTACT] for each in contacts])


def _journeys(document: bytes) -> str:
    runs = codec.read_standing(document).runs
    return dumps([run.journey for run in runs if run.status == "live" and run.arm == "live"])
