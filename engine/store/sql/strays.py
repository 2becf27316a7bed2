"""What does not stand in the tracking plan, in a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dsl.calendar import DAY, Instant
from engine.core.signals import Arrival
from engine.core.strays import KEPT_FOR, MOST_KEPT, MOST_OF_A_NAME, Oddity, Seen, Stray
from engine.store import codec
from engine.store.heard import Appended
from engine.store.sql.appending import Appending
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add, Remove
from engine.store.strays import Kept, bounded, day_of

__all__ = ["SqlStrays", "of_people"]

_COUNT = """
    insert into oddities (day, event, property, what, times, example) values (?, ?, ?, ?, ?, ?)
    on conflict (day, event, property, what) do update set
        times = oddities.times + excluded.times,
        example = case when oddities.example = '' then excluded.example else oddities.example end
"""
_OF_DAY = "select event, property, what from oddities where day = ?"
_SEEN = "select day, event, property, what, times, example from oddities where day > ?"
_OLD_ODDITIES = "delete from oddities where day <= ?"
_OLD = "delete from strays where received <= ?"
_SIZE = "select count(*) from strays"
_OF_EVENTS = "select event, count(*) from strays where event in ({}) group by event"
_KEPT = """
    select number, id, person, event, received, document from strays
    where number > ? order by number limit ?
"""
_OF_PEOPLE = """
    select number, id, person, event, received, document from strays where person in ({})
"""
_ADD = Add("strays", "id", "person", "event", "received", "document", once="id")
_REMOVE = Remove("strays", "number")


def of_people(session: Session, names: Sequence[str]) -> list[Stray]:
    """The calls of some people that are kept aside, in their order."""
    rows = sorted(session.among(_OF_PEOPLE, names))
    return [codec.read_stray(*row) for _, *row in rows]


class SqlStrays:
    """The part of a store in a database that keeps what does not fit the plan."""

    def __init__(self, database: Database, appending: Appending) -> None:
        self._database = database
        self._appending = appending

    def keep(self, odd: Mapping[Oddity, Seen], strays: Sequence[Stray], now: Instant) -> int:
        day = day_of(now)
        with self._database.writing() as session:
            session.execute(_OLD_ODDITIES, (day_of(now - KEPT_FOR) - DAY,))
            session.execute(_OLD, (now - KEPT_FOR,))
            known = {Oddity(*row) for row in session.rows(_OF_DAY, (day,))}
            # In one order, so that nobody waits for somebody who waits for them.
            counted = sorted(bounded(odd, known).items())
            session.many(_COUNT, [(day, *oddity, *seen) for oddity, seen in counted])
            before: int = session.one(_SIZE)
            session.many(_ADD, self._with_room(session, strays, before))
            after: int = session.one(_SIZE)
        return after - before

    @staticmethod
    def _with_room(session: Session, strays: Sequence[Stray], size: int) -> list[Row]:
        """Those for which there is room, as rows."""
        names: Counter[str] = Counter()
        wanted = list(dict.fromkeys(stray.event for stray in strays))
        names.update(dict(session.among(_OF_EVENTS, wanted)))
        rows: list[Row] = []
        for stray in strays:
            if size + len(rows) >= MOST_KEPT or names[stray.event] >= MOST_OF_A_NAME:
                continue
            names[stray.event] += 1
            document = codec.stray_document(stray)
            rows.append((stray.id, stray.person, stray.event, stray.received, document))
        return rows

    def seen(self, since: Instant) -> dict[tuple[Instant, Oddity], Seen]:
        with self._database.reading() as session:
            rows = session.rows(_SEEN, (since - DAY,))
        return {
            (day, Oddity(*named)): Seen(*told)
            for day, *rest in rows
            for named, told in [(rest[:3], rest[3:])]
        }

    def kept(self, after: int, limit: int) -> list[Kept]:
        with self._database.reading() as session:
            rows = session.rows(_KEPT, (after, limit))
        return [Kept(number, codec.read_stray(*row)) for number, *row in rows]

    def count(self) -> int:
        with self._database.reading() as session:
            size: int = session.one(_SIZE)
        return size

    def settle(self, gone: Sequence[int], arrivals: Sequence[Arrival]) -> Appended:
        with self._database.writing() as session:
            self._appending.hold_for(session, arrivals)
            session.many(_REMOVE, [(number,) for number in gone])
            return self._appending.receive(session, arrivals) if arrivals else Appended(0, 0)
