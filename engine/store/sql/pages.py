"""Pages of what a database keeps, by number and along the chains of people."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Collection, Mapping
from operator import itemgetter

from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.origins import Origin
from engine.core.signals import EventArrived, ReceiptArrived, StartAsked
from engine.store import codec, letters
from engine.store.sql import reading
from engine.store.sql.database import Database
from engine.store.sql.origins import of_one
from engine.store.sql.session import Session
from engine.store.sql.standings import Standing
from engine.store.sql.statements import DELIVERIES_BY_ID

__all__ = ["STATEMENTS", "SqlPages"]

_PEOPLE = "select number, id from people where number > ? order by number limit ?"
_NUMBER = "select number from people where id in ({})"
_FIELDS = "number, id, name, occurred, received, document"
_EVENTS = f"""
    select {_FIELDS} from log where number in (
        select number from log where person = ? and kind = 'event' and number < ?
        order by number desc limit ?
    ) order by number desc
"""
_EVENTS_NAMED = f"""
    select {_FIELDS} from log where number in (
        select number from log where kind = 'event' and person = ? and number < ? and name = ?
        order by number desc limit ?
    ) order by number desc
"""
_RECEIPTS = """
    select l.name, l.id, l.occurred, l.received, l.number, l.document from log l
    where l.person = ? and l.kind <> 'event' and l.kind = 'receipt' order by l.number desc
"""
_ARRIVAL = """
    select l.kind, l.name, l.id, p.id, l.occurred, l.received, l.number, l.document
    from log l join people p on p.number = l.person where l.id = ?
"""
_WAITING = """
    select distinct l.kind from inbox i join log l on l.number = i.number where i.person = ?
"""
# Along a chain, from the row behind which one goes on; a row of somebody else leads nowhere.
_BEHIND = "select previous from {} where number = ? and person = ?"
_CHAIN = """
    with recursive chain (number, previous, nth) as (
        select number, previous, 1 from {table} where number = ?
        union all
        select t.number, t.previous, chain.nth + 1
        from chain join {table} t on t.number = chain.previous where chain.nth < ?
    )
"""
_DECISIONS = f"""{_CHAIN.format(table="decisions")}
    select d.number, d.at, d.what, d.reason, d.journey, d.run, d.step, d.channel, d.detail
    from chain join decisions d on d.number = chain.number order by d.number desc
"""
_DELIVERIES = _CHAIN.format(table="deliveries") + DELIVERIES_BY_ID.replace(
    "where d.id in ({})",
    "where d.number in (select number from chain) order by d.number desc",
)
_LAST = 1 << 62
STATEMENTS = (_PEOPLE, _EVENTS, _RECEIPTS, _ARRIVAL, _WAITING, _DECISIONS, _DELIVERIES)
"""What is asked, to be looked at by whoever wonders what it costs."""


class SqlPages:
    """Asks the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def people(self, after: int, limit: int) -> list[tuple[int, str]]:
        with self._database.reading() as session:
            return [(number, name) for number, name in session.rows(_PEOPLE, (after, limit))]

    def events(
        self, person: str, before: int | None, limit: int, names: Collection[str] = ()
    ) -> list[EventArrived]:
        end = _LAST if before is None else before
        with self._database.reading() as session:
            who = _number(session, person)
            if who is None:
                return []
            if names:
                rows = []
                for name in sorted(names):
                    rows += session.rows(_EVENTS_NAMED, (who, end, name, limit))
                rows = sorted(rows, key=itemgetter(0), reverse=True)[:limit]
            else:
                rows = session.rows(_EVENTS, (who, end, limit))
        return [
            EventArrived(
                identity,
                person,
                Happened(name, occurred, received, number, codec.loads(document)),
            )
            for number, identity, name, occurred, received, document in rows
        ]

    def deliveries(self, person: str, before: int | None, limit: int) -> list[tuple[int, Delivery]]:
        with self._database.reading() as session:
            start = _start(session, "deliveries", person, before)
            rows = [] if start is None else session.rows(_DELIVERIES, (start, limit))
        return [(row[1], reading.delivery(row)) for row in rows]

    def decisions(self, person: str, before: int | None, limit: int) -> list[tuple[int, Decision]]:
        with self._database.reading() as session:
            start = _start(session, "decisions", person, before)
            rows = [] if start is None else session.rows(_DECISIONS, (start, limit))
        return [(number, Decision(person, *row)) for number, *row in rows]

    def receipts(self, person: str, delivery: str, limit: int) -> list[ReceiptArrived]:
        with self._database.reading() as session:
            who = _number(session, person)
            rows = [] if who is None else session.rows(_RECEIPTS, (who,))
        found: list[ReceiptArrived] = []
        for what, identity, occurred, received, number, document in rows:
            told = letters.read_arrival(
                "receipt", what, identity, person, occurred, received, number, document
            )
            if isinstance(told, ReceiptArrived) and told.delivery == delivery:
                found.append(told)
                if len(found) == limit:
                    break
        return found[::-1]

    def arrival(self, identity: str) -> EventArrived | StartAsked | None:
        with self._database.reading() as session:
            rows = session.rows(_ARRIVAL, (identity,))
        found = [letters.read_arrival(*row) for row in rows]
        return next((e for e in found if isinstance(e, EventArrived | StartAsked)), None)

    def origins(self, person: str) -> Mapping[str, Origin]:
        with self._database.reading() as session:
            who = _number(session, person)
            return {} if who is None else of_one(session, who)

    def waiting(self, person: str) -> Collection[str]:
        with self._database.reading() as session:
            who = _number(session, person)
            rows = [] if who is None else session.rows(_WAITING, (who,))
        return {kind for (kind,) in rows}


def _number(session: Session, person: str) -> int | None:
    rows = session.among(_NUMBER, [person])
    return int(rows[0][0]) if rows else None


def _start(session: Session, table: str, person: str, before: int | None) -> int | None:
    """The number of the row with which a page of a chain begins."""
    found = reading.people(session, [person]).get(person)
    if found is None:
        return None
    if before is None:
        standing = Standing(found)
        return standing.last_delivery if table == "deliveries" else standing.last_decision
    rows = session.rows(_BEHIND.format(table), (before, found.number))
    return rows[0][0] if rows else None
