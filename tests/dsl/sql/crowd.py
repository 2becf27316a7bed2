"""People drawn from a seed, live and in a database: the same people in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from json import dumps
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    select,
)
from sqlalchemy.pool import StaticPool

from dsl import kinds
from dsl.calendar import HOUR, MINUTE, Instant, add, local, subtract
from dsl.expr.context import Context, Happened, Wording
from dsl.kinds import Kind
from dsl.lengths import read_length
from dsl.machine import (
    ConsentNotNeeded,
    ConsentRequired,
    ConsentRule,
    Rule,
)
from dsl.plan import membership_event
from dsl.sql import NOW, LiveOnly, Setting, Tables, install, register, sql_of
from dsl.sql.tables import Database
from tests.dsl.sql.agreed import last_word, words
from tests.dsl.sql.setting import HOLIDAYS, SETTING
from tests.dsl.sql.shop import LENGTHS, MOMENTS, PLAN, ZONES

__all__ = ["Crowd", "Somebody", "crowd", "drawn", "gather", "on_server", "tables_of"]

_WORDS = ("DE", "de", " De ", "AT", "Straße", "STRASSE", "straße ", "a", "x1", "gold", "Büro", "")
_SKUS = ("x1", "X1", "a", "gold", "DE")


@dataclass
class Somebody:
    """One person: everything a store knows."""

    zone: str
    attributes: dict[str, Any]
    events: list[Happened]
    messages: list[tuple[str, str, str, Instant | None]] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    consents: dict[tuple[str, str], int] = field(default_factory=dict)
    journeys: set[str] = field(default_factory=set)

    def context(self, now: Instant) -> Context:
        """The person as live rules see them."""
        history: dict[str, list[Happened]] = {}
        for one in sorted(self.events, key=lambda one: (one.occurred, one.number)):
            history.setdefault(one.name, []).append(one)
        return Context(
            now,
            ZoneInfo(self.zone),
            self.attributes,
            history,
            facts=_Facts(self),
            holidays=HOLIDAYS,
        )


class _Facts:
    """What a live rule asks beyond attributes and events, as the language says it."""

    def __init__(self, who: Somebody) -> None:
        self._who = who

    def reachable(self, channel: str, context: Context) -> bool:
        rule = SETTING().channels[channel].reachable
        return channel in self._who.addresses and (rule is None or rule.holds(context))

    def window_open(self, channel: str, context: Context) -> bool:
        return False

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        channels = SETTING().channels if channel is None else (channel,)
        return any(self._consented(category, name, context) for name in channels)

    def _consented(self, category: str, channel: str, context: Context) -> bool:
        known = SETTING().categories[category]
        said = last_word(self._who.consents, known, channel)
        match known.consent:
            case ConsentNotNeeded():
                return said >= 0
            case ConsentRequired():
                return said > 0
            case ConsentRule(rule):
                return said >= 0 and rule.holds(context)

    def in_segment(self, segment: str, context: Context) -> bool:
        return SETTING().segments[segment].who.holds(context)

    def in_journey(self, journey: str, context: Context) -> bool:
        return journey in self._who.journeys

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return any(
            channel in (None, one[0])
            and category in (None, one[1])
            and journey in (None, one[2])
            and (
                one[3] is None
                or ((start is None or one[3] >= start) and (end is None or one[3] < end))
            )
            for one in self._who.messages
        )

    def said(self, wording: Wording, context: Context) -> str | None:
        return None

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        return start

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        return False


# ------------------------------------------------------------------------------ at random


class _Drawing:
    def __init__(self, random: Random, now: Instant) -> None:
        self.random = random
        self.now = now
        self.zone = random.choice(ZONES)

    def instant(self) -> Instant:
        """Near an edge of some window, mostly."""
        random, zone = self.random, ZoneInfo(self.zone)
        length = read_length(random.choice(LENGTHS))
        assert length is not None
        near = random.choice(
            (0, 0, 1, -1, HOUR, -HOUR, 30 * MINUTE, random.randint(-(10**11), 10**11))
        )
        today = local(self.now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        midnight = (today - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        match random.randint(0, 7):
            case 0:
                return self.now + near
            case 1:
                return midnight + near
            case 2:
                return add(self.now, length, zone, HOLIDAYS) + near
            case 3:
                return random.choice(MOMENTS) + near
            case 4:
                return self.now - random.randint(0, 800 * 24) * HOUR
            case _:
                return subtract(self.now, length, zone, HOLIDAYS) + near

    def day(self) -> str:
        random = self.random
        if random.random() < 0.2:
            return random.choice(("2024-02-29", "2026-03-29", "2026-04-30", "2000-02-29"))
        near = local(self.instant(), ZoneInfo(self.zone)).date()
        if random.random() < 0.4:
            near = date(random.randint(1950, 2010), near.month, min(near.day, 28))
        return near.isoformat()

    def at_rest(self, kind: Kind) -> Any:
        random = self.random
        match kind:
            case kinds.Text():
                return random.choice(_WORDS)
            case kinds.Code():
                return random.choice(_SKUS)
            case kinds.OneOf(values):
                return random.choice(values)
            case kinds.Whole():
                return random.choice((random.randint(-3, 40), 0, 2**63 - 1, -(2**63 - 1), 7))
            case kinds.Number():
                return random.choice(
                    (random.randint(-3, 9), "0.5", "-1.25", "2.50", "1234567890123456789012.123456")
                )
            case kinds.Money():
                return random.choice((random.randint(-200, 9000), 5000, 10**15, 0))
            case kinds.YesNo():
                return random.random() < 0.5
            case kinds.Date():
                return self.day()
            case kinds.TimeOfDay():
                return random.choice(("00:00", "09:30", "23:59"))
            case kinds.Instant():
                return self.instant()
            case kinds.Length():
                return random.choice(
                    ([0, 30, 0, 0], [1, 0, 0, 0], [0, 0, 3, 0], [0, 0, 0, HOUR], [-1, 2, 0, 5])
                )
            case kinds.ListOf(item):
                return [self.at_rest(item) for _ in range(random.randint(0, 3))]
            case kinds.Record(fields):
                return self.values(dict(fields))

    def values(self, fields: Mapping[str, Kind]) -> dict[str, Any]:
        """Most of them known, a few of the wrong kind."""
        made: dict[str, Any] = {}
        for name, kind in fields.items():
            dice = self.random.random()
            if dice < 0.75:
                made[name] = self.at_rest(kind)
            elif dice < 0.8:
                made[name] = self.random.choice((None, "", [], "2", 3, True, {"a": 1}, [1, "a"]))
        return made


def _person(random: Random, now: Instant) -> Somebody:
    drawing = _Drawing(random, now)
    attributes = drawing.values({name: f.kind for name, f in PLAN.attributes.items()})
    events: list[Happened] = []
    for name in ("purchase", "visit", "login"):
        fields = {key: f.kind for key, f in PLAN.events[name].properties.items()}
        for _ in range(random.choice((0, 0, 1, 2, 3, 5))):
            occurred = (
                events[-1].occurred if events and random.random() < 0.2 else drawing.instant()
            )
            number = len(events) + 1
            events.append(Happened(name, occurred, occurred, number, drawing.values(fields)))
    for segment in SETTING().segments:
        for entered in (True, False):
            for _ in range(random.choice((0, 0, 1, 2))):
                at, name = drawing.instant(), membership_event(segment, entered=entered)
                events.append(Happened(name, at, at, len(events) + 1, {}))
    made = Somebody(drawing.zone, attributes, events)
    for _ in range(random.choice((0, 0, 1, 2))):
        sent = None if random.random() < 0.2 else drawing.instant()
        channel = random.choice(("email", "push"))
        category = random.choice(("promotional", "service"))
        made.messages.append((channel, category, random.choice(("welcome", "winback")), sent))
    made.addresses = {one for one in ("email", "push") if random.random() < 0.6}
    made.journeys = {one for one in ("welcome", "winback") if random.random() < 0.3}
    made.consents = words(random, SETTING().categories)
    return made


# ----------------------------------------------------------------------------- in a database


def tables_of(schema: MetaData) -> Tables:
    """The row shape as plain tables."""

    def table(name: str, *texts: str, **numbers: str) -> Table:
        columns = [Column(text, Text) for text in texts]
        whole = [Column(number, BigInteger) for number in numbers.values()]
        return Table(name, schema, Column("person", BigInteger), *columns, *whole)

    events = table("events", "name", "properties", a="occurred", b="number")
    Index("by_time", events.c.person, events.c.name, events.c.occurred)
    return Tables(
        people=table("people", "attributes", "zone"),
        events=events,
        messages=table("messages", "channel", "category", "journey", a="sent"),
        addresses=table("addresses", "channel"),
        consents=table("consents", "category", "channel", a="said"),
        runs=table("runs", "journey"),
        members=table("members", "segment"),
    )


@dataclass
class Crowd:
    """Some people, asked at one instant."""

    now: Instant
    people: Sequence[Somebody]
    contexts: Sequence[Context]
    tables: Tables
    connection: Connection

    def live(self, rule: Rule) -> list[bool]:
        """Each person's answer."""
        return [rule.holds(context) for context in self.contexts]

    def in_sql(self, rule: Rule, setting: Setting | None = None) -> list[bool] | LiveOnly:
        """The same answers, from the database."""
        in_postgres = self.connection.dialect.name == "postgresql"
        database: Database = "postgresql" if in_postgres else "sqlite"
        where = sql_of(rule, self.tables, replace(setting or SETTING(), database=database))
        if isinstance(where, LiveOnly):
            return where
        people = self.tables.people
        found = set(self.connection.scalars(select(people.c.person).where(where), {NOW: self.now}))
        return [number in found for number in range(len(self.people))]


def in_memory() -> Engine:
    """An empty SQLite database that knows our functions."""
    db = create_engine("sqlite://", poolclass=StaticPool)
    event.listen(db, "connect", lambda connection, _: register(connection))
    return db


def on_server(address: URL) -> Engine:
    """An empty PostgreSQL database that knows our functions."""
    db = create_engine(address, poolclass=StaticPool)
    with db.begin() as connection:
        install(connection.exec_driver_sql)
    return db


def gather(now: Instant, people: Sequence[Somebody], db: Engine | None = None) -> Crowd:
    """These people, in tables of their own."""
    db = db or in_memory()
    schema = MetaData()
    tables = tables_of(schema)
    connection = db.connect()
    schema.drop_all(connection)
    schema.create_all(connection)

    def fill(table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            connection.execute(table.insert(), rows)

    def json(value: Any) -> str:
        return dumps(value, ensure_ascii=False)

    vip = SETTING().segments
    for number, who in enumerate(people):
        fill(
            tables.people,
            [{"person": number, "attributes": json(who.attributes), "zone": who.zone}],
        )
        fill(
            tables.events,
            [
                {
                    "person": number,
                    "name": one.name,
                    "occurred": one.occurred,
                    "number": one.number,
                    "properties": json(one.properties),
                }
                for one in who.events
            ],
        )
        fill(
            tables.messages,
            [
                {"person": number, "channel": a, "category": b, "journey": c, "sent": sent}
                for a, b, c, sent in who.messages
            ],
        )
        fill(tables.addresses, [{"person": number, "channel": one} for one in who.addresses])
        fill(
            tables.consents,
            [
                {"person": number, "category": a, "channel": b, "said": said}
                for (a, b), said in who.consents.items()
            ],
        )
        fill(tables.runs, [{"person": number, "journey": one} for one in who.journeys])
        inside = [name for name, one in vip.items() if one.who.holds(who.context(now))]
        fill(tables.members, [{"person": number, "segment": name} for name in inside])
    connection.commit()
    return Crowd(now, people, [who.context(now) for who in people], tables, connection)


def drawn(seed: int, size: int = 40) -> tuple[Instant, list[Somebody]]:
    """The people of a seed, and when they are asked."""
    random = Random(seed)
    now = MOMENTS[seed % len(MOMENTS)] + random.choice((0, 0, 1, -1, HOUR))
    return now, [_person(random, now) for _ in range(size)]


@cache
def crowd(seed: int, size: int = 40) -> Crowd:
    """The people of a seed, in memory."""
    return gather(*drawn(seed, size))
