"""Telephone numbers and e-mail addresses in a database: an index over people, and rows that are locked
while somebody is heard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from typing import NamedTuple

from engine.core.numbers import Said, finders_of
from engine.core.profile import Profile
from engine.store import codec
from engine.store.numbers import Tell
from engine.store.sql.appending import Appending
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add, Remove, Set

__all__ = ["Moved", "SqlNumbers", "fill", "follow", "said"]

_PEOPLE = """
    select p.id from numbers n join people p on p.number = n.person where n.number = ?
    order by p.id
"""
_ADD = Add("numbers", "number", "person")
_ADD_ONCE = Add("numbers", "number", "person", once="number, person")
_FORGET = Remove("numbers", "person")
_SAID = "select name, document from said where name in ({})"
_MAKE_ROOM = Add("said", "name", "document", once="name")
_TO_CHANGE = "select document from said where name = ?{}"
_CHANGE = Set("said", "document", key="name")
_DROP = Remove("said", "name")
_KIND = ""  # of names: nothing before them
_HAS_MAILBOXES = "select 1 from numbers where number like '%@%' limit 1"
_PROFILES_AFTER = """
    select number, document from people
    where document is not null and number > ? order by number limit 1000
"""


class Moved(NamedTuple):
    """Somebody, by their number in the store, whose addresses have changed; None: from what is not
    known.
    """

    person: int
    before: Profile | None
    after: Profile


class SqlNumbers:
    """The part of a store in a database that is about numbers."""

    def __init__(self, database: Database, appending: Appending) -> None:
        self._database = database
        self._appending = appending

    def people(self, number: str) -> list[str]:
        with self._database.reading() as session:
            return [name for (name,) in session.rows(_PEOPLE, (number,))]

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        with self._database.reading() as session:
            return said(self._database, session, places)

    def hear(self, channel: str, number: str, people: Collection[str], tell: Tell) -> int:
        """People first, and then the number, so that nobody waits in a circle."""
        with self._database.writing() as session:
            self._appending.hold(session, sorted(people))
            veil = self._database.veil
            name = veil.name(session, _KIND, (channel, number))
            session.execute(_MAKE_ROOM, (name, codec.said_document(Said())))
            to_change = _TO_CHANGE.format(self._appending.lock)
            found = codec.read_said(session.one(to_change, (name,)))
            others = {*veil.names(session, _KIND, [(channel, number)])} - {name}
            rows = session.among(_SAID, sorted(others))
            before = reduce(Said.joined, (codec.read_said(each) for _, each in rows), found)
            after, arrivals = tell(before)
            if after != found:
                session.execute(_CHANGE, (codec.said_document(after), name))
            session.many(_DROP, [(each,) for each, _ in rows])
            return self._appending.receive(session, arrivals).accepted if arrivals else 0


def said(
    database: Database, session: Session, places: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Said]:
    """What was said from these numbers, in a transaction."""
    if not places:
        return {}
    names = database.veil.names(session, _KIND, places)
    found: dict[tuple[str, str], Said] = {}
    for name, document in session.among(_SAID, list(names)) if names else ():
        place, told = names[name], codec.read_said(document)
        found[place] = told.joined(found[place]) if place in found else told
    return found


def follow(session: Session, people: Iterable[Moved]) -> None:
    """Writes down by what people are found now, of those who have other addresses than before."""
    gone: list[Row] = []
    come: list[Row] = []
    for person, before, after in people:
        known = frozenset[str]() if before is None else finders_of(before)
        numbers = finders_of(after)
        if before is None or known - numbers:
            gone.append((person,))
            known = frozenset()
        come += [(number, person) for number in sorted(numbers - known)]
    session.many(_FORGET, gone)
    session.many(_ADD, come)


def fill(session: Session) -> None:
    """Writes down by what everybody is found: of a store in which nobody has done so yet, or not of
    e-mail addresses.
    """
    if session.rows(_HAS_MAILBOXES):
        return
    rows = session.rows(_PROFILES_AFTER, (0,))
    while rows:
        found = [(codec.read_profile("", document, (), None, None), n) for n, document in rows]
        keys = sorted((key, number) for each, number in found for key in finders_of(each))
        session.many(_ADD_ONCE, keys)
        rows = session.rows(_PROFILES_AFTER, (rows[-1][0],))
