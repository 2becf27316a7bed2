"""Memberships in a database: one question for everybody, and one transaction for what differs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TypeAlias

from dsl.calendar import Instant
from dsl.machine import Rule
from dsl.sql import LiveOnly
from engine.core.program import Program
from engine.core.tallying import is_behind
from engine.store import codec
from engine.store.audience import asks_what_is_computed, members_then
from engine.store.memberships import Rebuilt
from engine.store.protocol import PersonView
from engine.store.sql import aside
from engine.store.sql import statements as sql
from engine.store.sql.asking import Asked, ask, ask_membership, teach
from engine.store.sql.database import Database
from engine.store.sql.scores import SqliteScores, SqlScores
from engine.store.sql.session import Session
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_session import SqliteSession
from engine.store.sql.standings import add_missing

__all__ = ["Audience", "Kept", "People", "SqlMemberships", "SqliteMemberships"]

Kept: TypeAlias = tuple[int, bool, bool | None]
"""Somebody's number, whether they are in a segment, and what is kept of that."""

Audience: TypeAlias = Callable[[Rule, Program, Instant], Iterator[str]]

People: TypeAlias = Callable[[Sequence[str], Iterable[str]], dict[str, PersonView]]
_AT_A_TIME = 500  # people asked one by one

_EVERYBODY = "select number, id, document from people where document is not null order by number"
_LOOK_AT = """
    update standings set calendar = ?, wake = case when timer < ? then timer else ? end
    where person = ? and (calendar is null or calendar > ?)
"""
_KEEP = """
    update people set document = cast(
        json_set(cast(document as text), '$[4]."' || ? || '"', json(?)) as blob
    )
    where number = ? and document is not null
        and json_type(cast(document as text), '$[4]."' || ? || '"') is null
"""

_FORGET = "drop table if exists temp.asked_{place}"
_MAKE = "create temp table asked_{place} (person integer primary key, inside integer, was integer)"
_SUMS = """
    select count(*) filter (where inside), count(*) filter (where inside and not was),
        count(*) filter (where was and not inside), count(*) filter (where was is null)
    from temp.asked_{place}
"""
_KEEP_ALL = """
    update people set document = cast(json_insert(
        cast(document as text), '$[4]."' || ? || '"',
        json(case when a.inside then 'true' else 'false' end)
    ) as blob)
    from temp.asked_{place} a
    where a.was is null and people.number = a.person and document is not null
"""
_LOOK_AT_ALL = """
    update standings set calendar = ?, wake = case when timer < ? then timer else ? end
    where (calendar is null or calendar > ?) and person in (
        select person from temp.asked_{place} where was <> inside
    )
"""


class SqlMemberships(ABC):
    """What databases have in common. ``audience`` asks people one by one, where there is no SQL
    that says exactly the same; ``people`` loads some with events of some names.
    """

    scores: SqlScores

    def __init__(self, database: Database, audience: Audience, people: People) -> None:
        self._database = database
        self._audience = audience
        self._people = people

    def rebuild(self, program: Program, names: Collection[str], now: Instant) -> list[Rebuilt]:
        kept = {name: self.one_by_one(program, name, now) for name in names}
        with self._database.writing() as session:
            self._hold(session)
            return [self._one(session, program, name, kept[name], now) for name in names]

    def _one(
        self, session: Session, program: Program, name: str, kept: Iterable[Kept], now: Instant
    ) -> Rebuilt:
        if name not in program.tracked:
            return Rebuilt(name, sum(inside for _, inside, _ in kept))
        sums = [0, 0, 0, 0]  # members, entered, left, first
        differing: list[int] = []

        def fresh() -> Iterator[tuple[object, ...]]:
            for number, inside, was in kept:
                sums[0] += inside
                if was is None:
                    sums[3] += 1
                    yield name, "true" if inside else "false", number, name
                elif was != inside:
                    sums[2 if was else 1] += 1
                    differing.append(number)

        session.many(self._keep, fresh())
        if differing:
            self._add_missing_standings(session)
            session.many(_LOOK_AT, [(now, now, now, number, now) for number in differing])
            aside.hide_timers(session)
        return Rebuilt(name, *sums)

    @property
    @abstractmethod
    def _keep(self) -> str:
        """The statement that keeps whether somebody is in a segment of whom that is not known."""

    @abstractmethod
    def _hold(self, session: Session) -> None:
        """Lets nobody advance anybody until the transaction ends."""

    @abstractmethod
    def _add_missing_standings(self, session: Session) -> None: ...

    def then(self, program: Program, segment: str, then: Instant) -> set[str]:
        rule = program.project.segments[segment].who
        if not asks_what_is_computed(rule, program):
            found = self._members_then(program, rule, then)
            if found is not None:
                return found
        events, last, members = program.read_by(rule), 0, set[str]()
        if program.computing is not None:
            events |= program.computing.events
        while True:
            with self._database.reading() as session:
                rows = session.rows(sql.PEOPLE_AFTER, (last, _AT_A_TIME))
            if not rows:
                return members
            last = rows[-1][1]
            views = self._people([name for name, _ in rows], events)
            members.update(members_then(views, rule, program, self.scores, then))

    @abstractmethod
    def _members_then(self, program: Program, rule: Rule, then: Instant) -> set[str] | None:
        """The same, of everybody at once; None if there is no SQL for it."""

    def one_by_one(self, program: Program, name: str, now: Instant) -> list[Kept]:
        """The same, asked of one person after the other."""
        members = set(self._audience(program.project.segments[name].who, program, now))
        found: list[Kept] = []
        with self._database.reading() as session:
            rows = session.rows(_EVERYBODY)
        for number, person, document in rows:
            profile = codec.read_profile(person, document, (), None, None)
            if not is_behind(program.computing, profile):
                found.append((number, person in members, profile.segments.get(name)))
        return found


class SqliteMemberships(SqlMemberships):
    """Whoever reads sees the file as it was, and whoever writes changes it beside them."""

    def __init__(self, database: SqliteDatabase, audience: Audience, people: People) -> None:
        super().__init__(database, audience, people)
        self._sqlite = database
        self._one_at_a_time = Lock()
        self.scores = SqliteScores(database)

    _keep = _KEEP

    def rebuild(self, program: Program, names: Collection[str], now: Instant) -> list[Rebuilt]:
        questions = {name: ask_membership(name, program, now) for name in names}
        if any(isinstance(each, LiveOnly) for each in questions.values()):
            return super().rebuild(program, names, now)
        with self._one_at_a_time:
            self._ask(questions)
            with self._sqlite.writing() as session:
                return [
                    self._written(session, program, name, place, now)
                    for place, name in enumerate(questions)
                ]

    def _ask(self, questions: Mapping[str, Asked | LiveOnly]) -> None:
        """Puts what everybody is, and what is kept of it, into a table of the connection's own."""
        with self._sqlite.preparing() as session:
            session.teach(teach)
            for place, asked in enumerate(questions.values()):
                assert isinstance(asked, Asked)
                session.execute(_FORGET.format(place=place))
                session.execute(_MAKE.format(place=place))
                session.execute(f"insert into temp.asked_{place} {asked.sql}", asked.values)

    def _written(
        self, session: Session, program: Program, name: str, place: int, now: Instant
    ) -> Rebuilt:
        ((members, entered, left, first),) = session.rows(_SUMS.format(place=place))
        if name in program.tracked and first:
            session.execute(_KEEP_ALL.format(place=place), (name,))
        if name in program.tracked and (entered or left):
            self._add_missing_standings(session)
            session.execute(_LOOK_AT_ALL.format(place=place), (now, now, now, now))
            aside.hide_timers(session)
        session.execute(_FORGET.format(place=place))
        if name not in program.tracked:
            return Rebuilt(name, members)
        return Rebuilt(name, members, entered, left, first)

    def _members_then(self, program: Program, rule: Rule, then: Instant) -> set[str] | None:
        asked = ask(rule, program, then, as_then=True)
        if isinstance(asked, LiveOnly):
            return None
        with self._database.reading() as session:
            assert isinstance(session, SqliteSession)
            session.teach(teach)
            return {name for (name,) in session.stream(asked.sql, asked.values)}

    def _hold(self, session: Session) -> None:
        """There is one writer."""

    def _add_missing_standings(self, session: Session) -> None:
        add_missing(session)
