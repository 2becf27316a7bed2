"""Bringing in many people at once, in a database: a handful of statements for all of them.

Who is known already is not touched here: what was brought of them waits in the inbox for the one
who advances them. So nothing needs to be held but the doors by which others append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from dsl.calendar import Instant
from engine.core.numbers import numbers_of
from engine.core.past import newcomer
from engine.core.profile import Profile
from engine.core.signals import Arrival
from engine.store import codec, letters
from engine.store.imports import Brought, apart, destinations_of, numbers_among
from engine.store.protocol import Appended
from engine.store.sql import bars, numbers
from engine.store.sql import statements as sql
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add

__all__ = ["ASLEEP", "SqlImports"]

_PREFIX: Final = "import "
_REACHED = "select value from meta where name = ?"
_MARKS = "select name, value from meta where name like 'import %'"
_SET_MARK = """
    insert into meta (name, value) values (?, ?)
    on conflict (name) do update set value = excluded.value
"""
_ADD_KNOWN = Add("people", "number", "id", "document")
_ADD_NUMBER = Add("numbers", "number", "person")
_ADD_ORIGINS = Add("origins", "person", "document")
ASLEEP: Final = codec.standing_document(codec.StandingDocument())
"""The standing of somebody to whom nothing has happened."""


class _KnownMeanwhileError(Exception):
    """Somebody who was to be new is not, or something was brought in before."""


class SqlImports:
    """``hold`` and ``receive`` are the database's ways to append."""

    def __init__(
        self,
        database: Database,
        hold: Callable[[Session, Sequence[str]], None],
        receive: Callable[[Session, Sequence[Arrival]], Appended],
    ) -> None:
        self._database = database
        self._hold = hold
        self._receive = receive

    def reached(self, name: str) -> str | None:
        with self._database.reading() as session:
            found: list[tuple[str]] = session.rows(_REACHED, (_PREFIX + name,))
        return found[0][0] if found else None

    def marks(self) -> Mapping[str, str]:
        with self._database.reading() as session:
            return {name.removeprefix(_PREFIX): text for name, text in session.rows(_MARKS)}

    def bring(
        self,
        arrivals: Sequence[Arrival],
        name: str,
        mark: Callable[[Brought], str],
        wake: Instant | None = None,
    ) -> Brought:
        def set_mark(session: Session, brought: Brought) -> None:
            session.execute(_SET_MARK, (_PREFIX + name, mark(brought)))

        people, rest = apart(arrivals)
        try:
            return self._bring(people, rest, set_mark, wake)
        except _KnownMeanwhileError:
            return self._bring({}, arrivals, set_mark, wake)

    def _bring(
        self,
        people: dict[str, list[Arrival]],
        rest: Sequence[Arrival],
        set_mark: Callable[[Session, Brought], None],
        wake: Instant | None,
    ) -> Brought:
        with self._database.writing() as session:
            self._hold(session, [*people, *{each.person for each in rest}])
            known = self._known(session, people)
            if known:
                rest = [*chain.from_iterable(people[name] for name in known), *rest]
                people = {name: past for name, past in people.items() if name not in known}
            written = self._write(session, people, wake)
            appended = self._receive(session, rest) if rest else Appended(0, 0)
            brought = Brought(len(people), written, appended.accepted, appended.repeated)
            set_mark(session, brought)
        return brought

    def _known(self, session: Session, people: Mapping[str, Sequence[Arrival]]) -> set[str]:
        """Those of these people who are not new, or of whose addresses something is known."""
        known = {name for name, _ in session.among(sql.NUMBERS_BY_ID, list(people))}
        places = {name: found for name, past in people.items() if (found := destinations_of(past))}
        everywhere = set(chain.from_iterable(places.values()))
        told = {
            *numbers.said(self._database, session, numbers_among(everywhere)),
            *bars.bars(self._database, session, everywhere),
        }
        return known | {name for name, found in places.items() if not found.isdisjoint(told)}

    def _write(
        self, session: Session, people: Mapping[str, Sequence[Arrival]], wake: Instant | None
    ) -> int:
        """Writes down who is new. How many arrivals that were."""
        log: list[Row] = []
        known: list[Row] = []
        theirs: list[Row] = []
        origins: list[Row] = []
        owners = session.numbers("people", len(people))
        count = sum(map(len, people.values()))
        places = iter(session.numbers("log", count))
        for number, (name, past) in zip(owners, people.items(), strict=True):
            for each in past:
                kind, called, occurred, received = letters.arrival_kind(each)
                document = letters.arrival_document(each)
                row = (next(places), each.id, number, kind, called, occurred, received, document)
                log.append(row)
            profile, from_where = newcomer(name, past)
            known.append((number, name, codec.profile_document(profile)))
            theirs += _numbers(profile, number)
            if from_where:
                origins.append((number, codec.origins_document(from_where)))
        if not (self._add_people(session, known) and self._add_past(session, log)):
            raise _KnownMeanwhileError
        session.many(_ADD_NUMBER, theirs)
        session.many(_ADD_ORIGINS, origins)
        if wake is not None:
            self._wake(session, known, wake)
        return count

    def _add_people(self, session: Session, known: Sequence[Row]) -> bool:
        """Adds people: numbers, names and documents; False if one of them is there."""
        return session.all_or_none(_ADD_KNOWN, known)

    def _add_past(self, session: Session, log: list[Row]) -> bool:
        """Adds what is history already to the log; False if some of it is there."""
        return session.all_or_none(sql.ADD_ARRIVAL, log)

    def _wake(self, session: Session, known: Iterable[Row], wake: Instant) -> None:
        """Lets people wake who have no standing yet."""
        first = session.one(sql.LAST_PLACE) + 1
        rows = [(place, row[0], wake, None, wake, ASLEEP) for place, row in enumerate(known, first)]
        session.many(sql.ADD_STANDING, rows)


def _numbers(profile: Profile, person: int) -> list[Row]:
    return [(number, person) for number in sorted(numbers_of(profile.addresses))]
