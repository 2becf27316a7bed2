"""One transaction of the runner in a database: a handful of statements to read, and to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from types import TracebackType
from typing import Self

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.bars import Bar, Destination
from engine.core.effects import Delivery
from engine.core.identity import Union
from engine.core.learning import Snapshot
from engine.core.merging import Behind
from engine.core.numbers import Said
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.run import Run
from engine.store import codec
from engine.store.protocol import Changes, EdgeCount, Person, UnwritableError
from engine.store.sql import (
    aside,
    bars,
    consents,
    deeds,
    deployments,
    learnt,
    merging,
    numbers,
    origins,
    reading,
    writing,
)
from engine.store.sql import statements as sql
from engine.store.sql.calls import add_calls
from engine.store.sql.database import Database
from engine.store.sql.erasing import erase
from engine.store.sql.merging import Moved as HandedOn
from engine.store.sql.numbers import Moved
from engine.store.sql.reading import BY_ENTRY
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Found, Standing, same_profile
from engine.store.sql.unwritable import unwritable

__all__ = ["SqlBatch"]

_PERSON = attrgetter("person")


class SqlBatch(ABC):
    """What batches of all databases have in common. Who is due, and how some rows are written, is
    each database's own.

    It remembers what it has read, so that writing it back is a look-up by number and what has not
    changed is not written.
    """

    _lock = ""  # what in a query lets nobody else change the row

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: dict[str, Found] = {}
        self._profiles: dict[str, Profile] = {}
        self._standings: dict[str, Standing] = {}
        self._closed: dict[str, int] = {}  # runs: their rows' numbers
        self._deliveries: set[str] = set()
        self._owners: dict[int, int] = {}  # arrivals: their people's numbers
        self._open = False
        self._visited: int | None = None  # as far as a round will have gone
        self._visiting = False
        self._damaged: dict[int, Exception] = {}  # people of whom something cannot be read

    def __enter__(self) -> Self:
        self._session = self._database.begin()
        self._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            self._open = False
            self._database.roll_back(self._session)
        if error is not None and (trouble := self._database.trouble(error)) is not None:
            raise trouble from error

    @abstractmethod
    def due(self, now: Instant, limit: int) -> list[str]: ...

    @abstractmethod
    def number(self) -> int: ...

    @abstractmethod
    def hold(self, people: Collection[str]) -> None: ...

    @abstractmethod
    def _be_alone(self) -> None:
        """Lets nobody else find out how names stand to each other until the batch ends."""

    @abstractmethod
    def _put_into_inbox(self, moved: Sequence[HandedOn], names: Mapping[int, str]) -> None:
        """Lets arrivals wait for other people now."""

    @abstractmethod
    def _hear(self, people: Sequence[str]) -> dict[str, int]:
        """Numbers for people whom the store has not heard of."""

    @abstractmethod
    def _write_standings(self, standings: Iterable[Standing]) -> None:
        """Writes those that have changed."""

    @abstractmethod
    def _count_edges(self, edges: Mapping[EdgeCount, int]) -> None:
        """Adds to the counts of edges."""

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        names = self._find(people)
        loaded: dict[str, Person] = {}
        everybody, standings, profiles = self._found, self._standings, self._profiles
        for name in people:
            found = everybody.get(name)
            if found is None:
                loaded[name] = Person(Profile(name), known=False)
                continue
            try:
                standing = standings.get(name)
                if standing is None:
                    standing = standings[name] = Standing(found)
                profile = profiles[name] = standing.profile(name)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
                self._damage(found.number, error)
                loaded[name] = Person(Profile(name))
                continue
            runs = standing.runs
            if len(runs) > 1:  # the standing keeps its own order, or it would have changed
                runs = sorted(runs, key=BY_ENTRY)
            loaded[name] = Person(profile, runs, [], found.profile is not None, found.number)
        if asked := self._with_waiting(names, now):
            session = self._in_transaction()
            for person, number, arrival in reading.waiting(session, asked, now, self._damage):
                loaded[names[person]].pending.append(arrival)
                self._owners[number] = person
        return loaded

    @abstractmethod
    def _with_waiting(self, names: dict[int, str], now: Instant) -> dict[int, str]:
        """Those of these people of whom it is not known already that nothing waits by ``now``."""

    def unreadable(self) -> Mapping[str, Exception]:
        if not self._damaged:
            return {}
        names = {found.number: name for name, found in self._found.items()}
        return {names[number]: error for number, error in self._damaged.items() if number in names}

    def _damage(self, person: int, error: Exception) -> None:
        self._damaged.setdefault(person, error)

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        numbers = {name: number for number, name in self._find(people).items()}
        return reading.history(self._in_transaction(), numbers, people, events, self._damage)

    def closed_runs(self, people: Sequence[str], journeys: Iterable[str]) -> dict[str, list[Run]]:
        numbers = list(self._find(people))
        closed: dict[str, list[Run]] = {name: [] for name in people}
        found = reading.closed_runs(self._in_transaction(), numbers, journeys, self._damage)
        for number, run in found:
            self._closed[run.id] = number
            closed[run.person].append(run)
        for runs in closed.values():
            runs.sort(key=BY_ENTRY)
        return closed

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        found = reading.deliveries(self._in_transaction(), ids, self._damage)
        self._deliveries.update(found)
        return found

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        return learnt.snapshots(self._in_transaction(), subjects, now)

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        return numbers.said(self._database, self._in_transaction(), places)

    def bars(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        return bars.bars(self._database, self._in_transaction(), destinations)

    def origins(self, people: Sequence[str]) -> dict[str, dict[str, Origin]]:
        return origins.origins(self._in_transaction(), self._find(people), self._damage)

    def unions(
        self, names: Collection[str], since: Instant, *, alone: bool = False
    ) -> dict[str, Union]:
        if alone:
            self._be_alone()
        return merging.unions(self._in_transaction(), names, since)

    def behind(
        self, names: Collection[str], events: Iterable[str], journeys: Iterable[str]
    ) -> dict[str, Behind]:
        session = self._in_transaction()
        people = {each.number: name for name, each in reading.people(session, [*names]).items()}
        return merging.behind(session, people, events, journeys, self._damage)

    def current(self) -> int:
        return deployments.current(self._in_transaction())

    def visit(self, limit: int) -> list[str] | None:
        found = deployments.visit(self._in_transaction(), limit)
        if found is None:
            return None
        self._visiting = True
        names, self._visited = found
        return names

    def released(self, people: Sequence[str]) -> set[str]:
        return aside.released(self._in_transaction(), people)

    def commit(self, changes: Changes) -> None:
        try:
            self._write(changes)
        except Exception as error:
            people = unwritable(changes)
            if not people:
                raise
            raise UnwritableError(people) from error
        self._open = False
        self._database.commit(self._session)

    def _write(self, changes: Changes) -> None:
        session = self._in_transaction()
        if self._visiting:
            deployments.end_visit(session, self._visited)
        self._erase(session, changes.erased)
        standings = self._standings_of(changes)
        for person, name in changes.joined:
            merging.join(session, standings[person], name, person)
        self._write_profiles(session, changes.profiles, standings)
        self._write_runs(session, changes.runs, standings)
        self._write_deliveries(session, changes.deliveries, standings)
        add_calls(session, changes.calls, standings)
        writing.add_decisions(session, changes.decisions, standings)
        writing.add_events(session, changes.events, standings)
        self._write_standings(standings.values())
        self._take_from_inbox(session, changes.processed)
        self._count_edges(changes.edges)
        learnt.add_assignments(session, changes.assignments, standings)
        learnt.add_counts(session, changes.counts)
        if changes.consents:
            self._be_found([each.person for each in changes.consents])
            numbers = {name: found.number for name, found in self._found.items()}
            consents.add(session, changes.consents, numbers)
        if changes.origins:
            self._be_found(list(changes.origins))
            found = {self._found[name].number: each for name, each in changes.origins.items()}
            origins.add(session, found)
        if changes.merges or changes.handed:
            self._hand_on(session, changes)
        if changes.aside:
            self._be_found([each.person for each in changes.aside])
            aside.put(session, [(self._found[each.person].number, each) for each in changes.aside])
        if changes.bars:
            bars.join(self._database, session, changes.bars, self._lock)

    def _hand_on(self, session: Session, changes: Changes) -> None:
        """Whoever is handed something may be somebody the store has not heard of."""
        known = {name: found.number for name, found in self._found.items()}
        people = {**known, **self._hear(merging.targets(changes))}
        moved = merging.hand_on(session, changes, people)
        self._put_into_inbox(moved, {number: name for name, number in people.items()})

    def _in_transaction(self) -> Session:
        if not self._open:
            raise RuntimeError("this batch has ended; a new one is needed")
        return self._session

    def _find(self, people: Sequence[str]) -> dict[int, str]:
        """The numbers of those of these people whom the store has heard of."""
        session = self._in_transaction()
        unasked = [name for name in people if name not in self._found]
        if unasked:
            self._found.update(reading.people(session, unasked))
        found = self._found
        return {found[name].number: name for name in people if name in found}

    def _standing(self, name: str, found: Found) -> Standing:
        standing = self._standings.get(name)
        if standing is None:
            standing = self._standings[name] = Standing(found)
        return standing

    def _standings_of(self, changes: Changes) -> dict[str, Standing]:
        """The standing of everybody who is written about."""
        about = dict.fromkeys([profile.id for profile in changes.profiles])
        for each in (
            changes.runs,
            changes.deliveries,
            changes.calls,
            changes.decisions,
            changes.events,
        ):
            about.update(dict.fromkeys(map(_PERSON, each)))
        self._be_found(list(about))
        return {name: self._standing(name, self._found[name]) for name in about}

    def _be_found(self, people: Sequence[str]) -> None:
        """From now on the store has heard of them."""
        if all(map(self._found.__contains__, people)):
            return
        self._find(people)
        unheard = [name for name in people if name not in self._found]
        if unheard:
            for name, number in self._hear(unheard).items():
                self._found[name] = Found(number)

    def _erase(self, session: Session, erased: Mapping[str, int]) -> None:
        """Forgets people, and whoever has gone into one of them: they are the same."""
        self._find(list(erased))
        for name, through in erased.items():
            found = self._found.get(name)
            if found is None:
                continue
            names = [merge.person for _, merge in merging.names_of(session, found.number, through)]
            for each, there in reading.people(session, names).items():
                self._forget(session, each, there, through)
            if not self._forget(session, name, found, through):
                self._found[name] = Found(found.number)

    def _forget(self, session: Session, name: str, found: Found, through: int) -> bool:
        """Forgets one name, and what was read of it."""
        self._found.pop(name, None)
        self._standings.pop(name, None)
        self._profiles.pop(name, None)
        deeds.forget(session, self._database.veil, name)
        return erase(session, found, through)

    def _write_profiles(
        self, session: Session, profiles: Iterable[Profile], standings: dict[str, Standing]
    ) -> None:
        rows: list[Row] = []
        moved: list[Moved] = []
        for profile in {each.id: each for each in profiles}.values():
            standings[profile.id].follow(profile)
            before = self._profiles.get(profile.id)
            found = self._found[profile.id]
            if before is None or before.addresses is not profile.addresses:
                moved.append(Moved(found.number, before, profile))
            if before is not None and found.profile is not None and same_profile(before, profile):
                continue
            closed = profile.identity.merged
            document = None if closed else codec.profile_document(profile)
            if document != found.profile:
                rows.append((document, found.number))
        session.many(sql.UPDATE_PROFILE, rows)
        numbers.follow(session, moved)

    def _write_runs(
        self, session: Session, runs: Iterable[Run], standings: dict[str, Standing]
    ) -> None:
        fresh: list[tuple[int, Run]] = []
        known: list[tuple[int, Run]] = []
        for run in {each.id: each for each in runs}.values():
            standing = standings[run.person]
            standing.put(run)
            if run.status != "closed":
                continue
            closed = run if run.due is None else run._replace(due=None)
            row = self._closed.get(run.id)
            if row is None:
                fresh.append((standing.found.number, closed))
            else:
                known.append((row, closed))
        writing.add_closed_runs(session, fresh)
        writing.update_closed_runs(session, known)

    def _write_deliveries(
        self, session: Session, deliveries: Sequence[Delivery], standings: dict[str, Standing]
    ) -> None:
        latest = {each.id: each for each in deliveries}
        known = [each for name, each in latest.items() if name in self._deliveries]
        fresh = [each for name, each in latest.items() if name not in self._deliveries]
        writing.replace_deliveries(session, known)
        writing.add_deliveries(session, fresh, standings)

    def _take_from_inbox(self, session: Session, processed: Sequence[int]) -> None:
        unloaded = [number for number in processed if number not in self._owners]
        self._owners.update(session.among(sql.PERSON_OF_ARRIVAL, unloaded))
        session.many(
            sql.TAKE_FROM_INBOX,
            [(self._owners[number], number) for number in processed if number in self._owners],
        )
