"""One transaction of the runner in a database: a handful of statements to read, and to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from types import TracebackType
from typing import NamedTuple, Self

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.core.run import Run
from engine.store import codec
from engine.store.protocol import Changes, Person
from engine.store.sql import reading, writing
from engine.store.sql import statements as sql
from engine.store.sql.reading import BY_ENTRY, Heard
from engine.store.sql.session import Row, Session
from engine.store.sql.sqlite import SqliteDatabase

__all__ = ["SqlBatch"]


class _Stored(NamedTuple):
    """A run as it stands in the database."""

    number: int
    run: Run


class SqlBatch:
    """Holds the database's one writing transaction until it is left.

    It remembers what it has read: the numbers of people and runs, so that writing them back is a
    look-up by number; and their documents, so that what has not changed is not written.
    """

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._heard: dict[str, Heard] = {}
        self._whole: set[str] = set()  # people whose open runs are known
        self._runs: dict[str, _Stored] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._owners: dict[int, int] = {}  # of arrivals: the people's numbers
        self._last: int | None = None
        self._open = False

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
            self._database.roll_back()

    def due(self, now: Instant, limit: int) -> list[str]:
        session = self._in_transaction()
        timers = session.stream(sql.TIMERS_DUE, (now,))
        arrivals = session.stream(sql.ARRIVALS_DUE, (now,))
        people: dict[str, None] = {}
        for _, number, name, document in merge(timers, arrivals):
            if name not in people:
                if len(people) >= limit:
                    break
                people[name] = None
                self._heard[name] = Heard(number, document)
        return list(people)

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        session = self._in_transaction()
        heard = self._hear_of(people)
        names = {heard[name].number: name for name in people if name in heard}
        loaded: dict[str, Person] = {}
        for name in people:
            found = heard.get(name)
            if found is None:
                loaded[name] = Person(Profile(name), known=False)
            else:
                known = found.document is not None
                loaded[name] = Person(reading.profile(name, found), known=known)
        for number, run in self._open_runs(names):
            self._runs[run.id] = _Stored(number, run)
            loaded[run.person].runs.append(run)
        for person, number, arrival in reading.waiting(session, names, now):
            loaded[names[person]].pending.append(arrival)
            self._owners[number] = person
        return loaded

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        heard = self._hear_of(people)
        numbers = {name: heard[name].number for name in people if name in heard}
        return reading.history(self._in_transaction(), numbers, people, events)

    def closed_runs(self, people: Sequence[str], journeys: Iterable[str]) -> dict[str, list[Run]]:
        heard = self._hear_of(people)
        names = {heard[name].number: name for name in people if name in heard}
        closed: dict[str, list[Run]] = {name: [] for name in people}
        for number, run in reading.closed_runs(self._in_transaction(), names, journeys):
            self._runs[run.id] = _Stored(number, run)
            closed[run.person].append(run)
        for runs in closed.values():
            runs.sort(key=BY_ENTRY)
        return closed

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        found = reading.deliveries(self._in_transaction(), ids)
        self._deliveries.update(found)
        return found

    def number(self) -> int:
        if self._last is None:
            self._last = self._in_transaction().one(sql.LAST_IN_LOG)
        self._last += 1
        return self._last

    def commit(self, changes: Changes) -> None:
        session = self._in_transaction()
        runs = {run.id: run for run in changes.runs}
        numbers = self._numbers(changes, runs)
        self._write_profiles(session, changes.profiles, numbers)
        self._write_runs(session, runs, numbers)
        self._write_deliveries(session, changes.deliveries, numbers)
        session.many(
            sql.ADD_DECISION, [(numbers[each[0]], *each[1:]) for each in changes.decisions]
        )
        writing.add_events(session, changes.events, numbers)
        self._take_from_inbox(session, changes.processed)
        writing.count_edges(session, changes.edges)
        self._open = False
        self._database.commit()

    def _in_transaction(self) -> Session:
        if not self._open:
            raise RuntimeError("this batch has ended; a new one is needed")
        return self._session

    def _hear_of(self, people: Sequence[str]) -> dict[str, Heard]:
        unasked = [name for name in people if name not in self._heard]
        if unasked:
            self._heard.update(reading.people(self._in_transaction(), unasked))
        return self._heard

    def _open_runs(self, names: dict[int, str]) -> list[tuple[int, Run]]:
        """In the order of entering, which is nearly the order in which they were written."""
        runs = reading.open_runs(self._in_transaction(), names)
        runs.sort(key=lambda each: (each[1].entered, each[1].id))
        self._whole.update(names.values())
        return runs

    def _numbers(self, changes: Changes, runs: dict[str, Run]) -> dict[str, int]:
        """The number of everybody who is written about."""
        about = dict.fromkeys(profile.id for profile in changes.profiles)
        about.update(dict.fromkeys(run.person for run in runs.values()))
        about.update(dict.fromkeys(delivery.person for delivery in changes.deliveries))
        about.update(dict.fromkeys(decision.person for decision in changes.decisions))
        about.update(dict.fromkeys(event.person for event in changes.events))
        numbers = {name: self._heard[name].number for name in about if name in self._heard}
        if len(numbers) < len(about):
            unheard = [name for name in about if name not in numbers]
            numbers.update(writing.hear(self._session, unheard))
        return numbers

    def _write_profiles(
        self, session: Session, profiles: Iterable[Profile], numbers: dict[str, int]
    ) -> None:
        rows: list[Row] = []
        for name, profile in {each.id: each for each in profiles}.items():
            document = codec.profile_document(profile)
            heard = self._heard.get(name)
            if heard is None or heard.document != document:
                rows.append((document, numbers[name]))
        session.many(sql.UPDATE_PROFILE, rows)

    def _write_runs(self, session: Session, runs: dict[str, Run], numbers: dict[str, int]) -> None:
        strangers = {
            numbers[run.person]: run.person
            for run in runs.values()
            if run.id not in self._runs and run.person not in self._whole
        }
        if strangers:
            for number, run in self._open_runs(strangers):
                self._runs.setdefault(run.id, _Stored(number, run))
        fresh: list[Run] = []
        steps: list[Row] = []
        timers: list[Row] = []
        turns: list[Row] = []
        for run in runs.values():
            stored = self._runs.get(run.id)
            if stored is None:
                fresh.append(run)
                continue
            number, before = stored
            document, due = codec.run_document(run), writing.due_of(run)
            if run.status != before.status or run.outcome != before.outcome:
                turns.append(
                    (run.version, run.state, document, due, run.status, run.outcome, number)
                )
            elif due != writing.due_of(before):
                timers.append((run.version, run.state, document, due, number))
            else:
                steps.append((run.version, run.state, document, number))
        writing.add_runs(session, fresh, numbers)
        session.many(sql.UPDATE_RUN, steps)
        session.many(sql.UPDATE_RUN_DUE, timers)
        session.many(sql.UPDATE_RUN_STATUS, turns)

    def _write_deliveries(
        self, session: Session, deliveries: Sequence[Delivery], numbers: dict[str, int]
    ) -> None:
        latest = {each.id: each for each in deliveries}
        known = [each for name, each in latest.items() if name in self._deliveries]
        fresh = [each for name, each in latest.items() if name not in self._deliveries]
        writing.replace_deliveries(session, known, self._deliveries)
        writing.add_deliveries(session, fresh, numbers)

    def _take_from_inbox(self, session: Session, processed: Sequence[int]) -> None:
        unloaded = [number for number in processed if number not in self._owners]
        self._owners.update(session.among(sql.PERSON_OF_ARRIVAL, unloaded))
        session.many(
            sql.TAKE_FROM_INBOX,
            [(self._owners[number], number) for number in processed if number in self._owners],
        )
