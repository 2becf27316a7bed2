"""Bringing in many people at once, in a database: a handful of statements for all of them.

Who is known already is not touched here: what was brought of them waits in the inbox for the one
who advances them. So nothing needs to be held but the doors by which others append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from dsl.calendar import Instant
from engine.core.numbers import finders_in, finders_of, mailbox_in
from engine.core.origins import origins_of
from engine.core.past import newcomer
from engine.core.signals import Arrival, ProfileChanged
from engine.store import codec, letters
from engine.store.imports import Brought, apart, counted, destinations_of, numbers_among
from engine.store.protocol import Appended
from engine.store.sql import bars, numbers
from engine.store.sql import statements as sql
from engine.store.sql.appending import Appending
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add

__all__ = ["ASLEEP", "SqlImports"]

_SOME: Final = 32  # people
_PREFIX: Final = "import "
_REACHED = "select value from meta where name = ?"
_MARKS = "select name, value from meta where name like 'import %'"
_SET_MARK = """
    insert into meta (name, value) values (?, ?)
    on conflict (name) do update set value = excluded.value
"""
_ANYTHING = "select exists (select 1 from said)"  # against any address, or from any number
_ADD_KNOWN = Add("people", "number", "id", "document")
_ADD_NUMBER = Add("numbers", "number", "person")
_ADD_ORIGINS = Add("origins", "person", "document")
ASLEEP: Final = codec.standing_document(codec.StandingDocument())
"""The standing of somebody to whom nothing has happened."""


class _KnownMeanwhileError(Exception):
    """Somebody who was to be new is not, or something was brought in before."""


class SqlImports:
    """The part of a store in a database by which many people come in at once."""

    def __init__(self, database: Database, appending: Appending) -> None:
        self._database = database
        self._appending = appending

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
        for looks in (False, True):
            try:
                return self._bring(people, rest, set_mark, wake, looks=looks)
            except _KnownMeanwhileError:
                pass
        return self._bring({}, arrivals, set_mark, wake)

    def _bring(
        self,
        people: dict[str, list[Arrival]],
        rest: Sequence[Arrival],
        set_mark: Callable[[Session, Brought], None],
        wake: Instant | None,
        *,
        looks: bool = True,
    ) -> Brought:
        with self._database.writing() as session:
            self._appending.hold(session, [*people, *{each.person for each in rest}])
            known = self._known(session, people, looks=looks)
            if known:
                rest = [*chain.from_iterable(people[name] for name in known), *rest]
                people = {name: past for name, past in people.items() if name not in known}
            written = self._write(session, people, wake)
            appended = self._appending.receive(session, rest) if rest else Appended(0, 0)
            brought = Brought(len(people), written, *counted(rest, appended.repeats))
            set_mark(session, brought)
        return brought

    def _known(
        self, session: Session, people: Mapping[str, Sequence[Arrival]], *, looks: bool
    ) -> set[str]:
        """Those of these people who are not new, or of whose addresses something is known. Unless it
        ``looks`` for everybody, some are looked for: in most files all are new, or many are known.
        """
        names = list(people)
        some = names if looks else names[:: len(names) // _SOME + 1]
        known = {name for name, _ in session.among(sql.NUMBERS_BY_ID, some)}
        if known and len(some) < len(names):
            known = {name for name, _ in session.among(sql.NUMBERS_BY_ID, names)}
        if not session.one(_ANYTHING):
            return known
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
        rows = _Rows([], [], [], [])
        owners = session.numbers("people", len(people))
        count = sum(map(len, people.values()))
        places = iter(session.numbers("log", count))
        rows.add_all(zip(owners, people.items(), strict=True), places)
        log, known = rows.log, rows.people
        if not (self._add_people(session, known) and self._add_past(session, log)):
            raise _KnownMeanwhileError
        session.pour(_ADD_NUMBER, rows.numbers)
        session.pour(_ADD_ORIGINS, rows.origins)
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


class _Rows(NamedTuple):
    """Of people who are new."""

    people: list[Row]
    log: list[Row]
    origins: list[Row]
    numbers: list[Row]

    def add_all(
        self, people: Iterable[tuple[int, tuple[str, Sequence[Arrival]]]], places: Iterator[int]
    ) -> None:
        """Everybody, with their numbers and with all that there is of them. Of most people of most
        files that is one line, so that is spelled out.
        """
        add_person, add_past = self.people.append, self.log.append
        add_origin = self.origins.append
        add_number, add_numbers = self.numbers.append, self.numbers.extend
        documents = letters.newcomer_documents
        known: dict[Any, bytes] = {}  # documents of origins: the same for most
        for number, (name, past) in people:
            one = past[0]
            if len(past) > 1 or not isinstance(one, ProfileChanged):
                self._add(number, name, past, places)
                continue
            identity, _, received, _, attributes, addresses, origin = one
            profile, document = documents(one)
            add_person((number, name, profile))
            add_past((next(places), identity, number, "profile", "", received, received, document))
            key = (tuple(attributes), tuple(addresses), received, origin)
            told = known.get(key)
            if told is None:
                told = known[key] = codec.origins_document(origins_of(one))
            add_origin((number, told))
            if len(addresses) == 1 and (mail := addresses.get("email")):
                if (mailbox := mailbox_in(mail)) is not None:
                    add_number((mailbox, number))
            elif addresses:
                there = {(channel, each) for channel, each in addresses.items() if each}
                add_numbers((each, number) for each in sorted(finders_in(there)))

    def _add(self, number: int, name: str, past: Sequence[Arrival], places: Iterator[int]) -> None:
        for each in past:
            kind, called, occurred, received = letters.arrival_kind(each)
            document = letters.arrival_document(each)
            self.log.append(
                (next(places), each.id, number, kind, called, occurred, received, document)
            )
        profile, origins = newcomer(name, past)
        self.people.append((number, name, codec.profile_document(profile)))
        if origins:
            self.origins.append((number, codec.origins_document(origins)))
        self.numbers.extend((each, number) for each in sorted(finders_of(profile)))
