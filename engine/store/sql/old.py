"""The past, in a database: gone through by number, and let go of by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from dsl.calendar import Instant
from engine.core.keeping import in_hand
from engine.store import codec
from engine.store.old import Ended, Line, Place, Sent, Shelf, Taken
from engine.store.sql import aside, reading
from engine.store.sql import passing as sql
from engine.store.sql.database import Database
from engine.store.sql.session import Session
from engine.store.sql.standings import Standing
from engine.store.sql.writing import update_closed_runs

__all__ = ["SqlOld"]

_A = TypeVar("_A")
_B = TypeVar("_B")

_DROPS: Mapping[Shelf, tuple[str, ...]] = {
    "log": (sql.DROP_LINES,),
    "closed_runs": (sql.DROP_RUNS,),
    "deliveries": (sql.DROP_DELIVERIES, sql.DROP_CONTENTS),
    "decisions": (sql.DROP_DECISIONS,),
    "assignments": (sql.DROP_ASSIGNMENTS,),
}


class SqlOld:
    """The part of a store in a database that is about what is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self, after: int, limit: int) -> list[Line]:
        with self._database.reading() as session:
            return [Line(*row) for row in session.rows(sql.LINES, (after, limit))]

    def ended(self, after: int, limit: int, remembered: Sequence[str]) -> list[Ended]:
        with self._database.reading() as session:
            rows = session.rows(sql.ENDED, (after, limit))
            people = sorted({person for _, person, _ in rows})
            broken: set[int] = set()
            last = reading.closed_runs(session, people, remembered, _adding_to(broken))
            lasting = {number for number, _ in last}
        found = []
        for number, person, document in rows:
            run = _readable(codec.read_run, document)
            if run is not None and person not in broken:
                found.append(Ended(number, run, number in lasting))
        return found

    def sent(self, after: int, limit: int) -> list[Sent]:
        with self._database.reading() as session:
            rows = session.rows(sql.SENT, (after, limit))
        found = []
        for *row, wake in rows:
            delivery = _readable(reading.delivery, tuple(row))
            if delivery is not None:
                found.append(Sent(row[1], delivery, wake is not None))
        return found

    def decided(self, after: int, limit: int) -> list[Taken]:
        with self._database.reading() as session:
            return [Taken(*row) for row in session.rows(sql.DECIDED, (after, limit))]

    def assigned(self, after: int, limit: int) -> list[Taken]:
        with self._database.reading() as session:
            rows = session.rows(sql.ASSIGNED, (after, limit))
        return [Taken(number, at, fate == "open") for number, at, fate in rows]

    def overtaken(self, before: Instant, limit: int) -> list[Place]:
        with self._database.reading() as session:
            return [Place(*row) for row in session.rows(sql.OVERTAKEN, (before, limit))]

    def in_hand(self, people: Sequence[str]) -> dict[str, Instant | None]:
        with self._database.reading() as session:
            found = reading.people(session, people)
            numbers = [each.number for each in found.values()]
            waits = _earliest(
                chain(
                    session.among(sql.LEARNT_SINCE, numbers),
                    session.among(sql.WAITING_SINCE, numbers),
                )
            )
            apart = aside.asides_of(session, numbers)
        since: dict[str, Instant | None] = {}
        for name, each in found.items():
            standing = _readable(Standing, each)
            if standing is None:
                since[name] = 0
                continue
            since[name] = in_hand(
                standing.runs,
                standing.contacts,
                [waits[each.number]] if each.number in waits else [],
                aside=each.number in apart,
            )
        return since

    def drop(self, shelf: Shelf, numbers: Sequence[int]) -> int:
        if not numbers:
            return 0
        with self._database.writing() as session:
            first, *others = _DROPS[shelf]
            gone = [number for (number,) in session.among(first, numbers)]
            for statement in others:
                session.among(statement, gone)
            if gone:
                session.execute(sql.NEVER_AGAIN, (f"last {shelf}", str(max(gone))))
            return len(gone)

    def replace_runs(self, runs: Sequence[Ended]) -> None:
        with self._database.writing() as session:
            update_closed_runs(session, [(number, run) for number, run, _ in runs])

    def silence(self, deliveries: Sequence[Sent]) -> int:
        with self._database.writing() as session:
            closed = session.among(sql.STILL_CLOSED, [number for number, *_ in deliveries])
            quiet = {number for (number,) in closed}
            session.many(
                sql.SILENCE,
                [
                    (codec.delivery_document(each._replace(parts={}, unfinished=None)), number)
                    for number, each, _ in deliveries
                    if number in quiet
                ],
            )
            return len(quiet)

    def drop_snapshots(self, places: Sequence[Place]) -> int:
        with self._database.writing() as session:
            session.many(sql.DROP_SNAPSHOT, places)
            return len(places)

    def drop_released(self, before: Instant) -> int:
        with self._database.writing() as session:
            return len(session.rows(sql.DROP_RELEASED, (before,)))

    def marks(self) -> Mapping[str, int]:
        with self._database.reading() as session:
            return _marks(session)

    def mark(self, marks: Mapping[str, int]) -> None:
        with self._database.writing() as session:
            session.execute(sql.PUT_MARKS, (codec.mapping_document(marks).decode(),))

    def take_turn(self, now: Instant, pause: Instant) -> bool:
        with self._database.writing() as session:
            return bool(session.rows(sql.TAKE_TURN, (str(now), now - pause, now)))


def _readable(read: Callable[[_A], _B], stored: _A) -> _B | None:
    """What was stored; None if it cannot be read, and is not to be let go of unread."""
    try:
        return read(stored)
    except Exception:  # noqa: BLE001 - whatever it is, the runner says it of whom it is about
        return None


def _adding_to(broken: set[int]) -> Callable[[int, Exception], None]:
    return lambda person, _error: broken.add(person)


def _earliest(rows: Iterable[tuple[int, Instant]]) -> dict[int, Instant]:
    found: dict[int, Instant] = {}
    for person, at in rows:
        found[person] = min(at, found.get(person, at))
    return found


def _marks(session: Session) -> Mapping[str, int]:
    rows = session.rows(sql.MARKS)
    marks: dict[str, int] = codec.loads(rows[0][0]) if rows else {}
    return marks
