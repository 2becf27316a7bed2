"""What is known against addresses, in a database: rows beside those of what was said from numbers,
joined while they are locked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.bars import NO_BAR, Bar, Destination, suppressions_of, untold
from engine.core.signals import Arrival
from engine.store import codec
from engine.store.bars import Recalled
from engine.store.sql.appending import Appending
from engine.store.sql.database import Database
from engine.store.sql.session import Session
from engine.store.sql.statements import Add, Remove, Set
from engine.store.sql.suppressed import after

__all__ = ["SqlBars", "bars", "join"]

_KIND = "bar:"
_READ = "select name, document from said where name in ({})"
_TO_CHANGE = f"{_READ} order by name{{}}"
_ADD = Add("said", "name", "document", once="name")
_CHANGE = Set("said", "document", key="name")
_REMOVE = Remove("said", "name")
_RECALLED = "select value from meta where name = 'recalled'"  # which time round, and behind whom
_RECALL = """
    insert into meta (name, value) values ('recalled', ?)
    on conflict (name) do update set value = excluded.value
"""
_ALL = f"select document from said where name >= '{_KIND}' and name < 'bar;'"  # noqa: S608 - ours


class SqlBars:
    """The part of a store in a database that is about addresses."""

    def __init__(self, database: Database, appending: Appending) -> None:
        self._database = database
        self._appending = appending

    def under(self, keys: Sequence[bytes]) -> None:
        self._database.veil.under(keys)

    def lost(self) -> int:
        with self._database.reading() as session:
            return self._database.veil.lost(session)

    def read(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        if not destinations:
            return {}
        with self._database.reading() as session:
            return bars(self._database, session, destinations)

    def tell(
        self, bars: Sequence[tuple[Destination, Bar]], arrivals: Sequence[Arrival] = ()
    ) -> None:
        together: dict[Destination, Bar] = {}
        for destination, bar in bars:
            together[destination] = together.get(destination, NO_BAR).joined(bar)
        with self._database.writing() as session:
            self._appending.hold_for(session, arrivals)
            join(self._database, session, together, self._appending.lock)
            self._appending.receive(session, arrivals)

    def recall(
        self, channels: Collection[str], at: Instant, limit: int = 500, *, again: bool = False
    ) -> Recalled:
        database = self._database
        with database.reading() as session:
            rows = session.rows(_RECALLED)
        turn, place = map(int, rows[0][0].split()) if rows else (1, 0)
        if turn > (2 if again else 1):
            return Recalled()
        people, last = after(database, place, limit)
        wanted: dict[Destination, Bar] = {}
        for profile in people:
            for destination, bar in suppressions_of(profile, channels, at).items():
                wanted[destination] = wanted.get(destination, NO_BAR).joined(bar)
        mark = f"{turn + 1} 0" if last is None else f"{turn} {last}"
        with database.writing() as session:
            fresh = untold(wanted, bars(database, session, wanted), at) if wanted else {}
            join(database, session, fresh, self._appending.lock)
            session.execute(_RECALL, (mark,))
        return Recalled(len(fresh), last is not None)

    def count(self) -> int:
        with self._database.reading() as session:
            rows = session.rows(_ALL)
        return sum(codec.read_bar(document).since > 0 for (document,) in rows)


def bars(
    database: Database, session: Session, destinations: Collection[Destination]
) -> dict[Destination, Bar]:
    """What is known against these addresses, in a transaction."""
    names = database.veil.names(session, _KIND, destinations)
    found: dict[Destination, Bar] = {}
    for name, document in session.among(_READ, list(names)) if names else ():
        destination = names[name]
        found[destination] = codec.read_bar(document).joined(found.get(destination, NO_BAR))
    return found


def join(database: Database, session: Session, told: Mapping[Destination, Bar], lock: str) -> None:
    """Joins something to what is known, under the first key, and takes away what was kept under
    others. Rows are locked in the order of their names, so that nobody waits in a circle.
    """
    if not told:
        return
    veil = database.veil
    own = {destination: veil.name(session, _KIND, destination) for destination in told}
    empty = codec.bar_document(NO_BAR)
    session.many(_ADD, [(name, empty) for name in sorted(own.values())])
    names = veil.names(session, _KIND, list(told))
    after = dict(told)
    rows = session.among(_TO_CHANGE.format("{}", lock), sorted(names))
    for name, document in rows:
        after[names[name]] = after[names[name]].joined(codec.read_bar(document))
    session.many(_CHANGE, [(codec.bar_document(after[each]), own[each]) for each in told])
    session.many(_REMOVE, [(name,) for name, _ in rows if name not in own.values()])
