"""What was learnt, in a database: from rows to values and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.learning import Assignment, Counted, Snapshot, Values
from engine.store import codec
from engine.store.learnt import Verdict
from engine.store.sql import statements as sql
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Standing

__all__ = ["SqlLearnt", "add_assignments", "add_counts", "assignment_of", "snapshots"]


def add_assignments(
    session: Session, assignments: Sequence[Assignment], standings: Mapping[str, Standing]
) -> None:
    """Adds assignments. Those whose ids are there already stay as they are."""
    if assignments:
        rows: list[Row] = [
            (standings[each.person].found.number, each.id, *each[2:]) for each in assignments
        ]
        session.many(sql.ADD_ASSIGNMENT, rows)


def add_counts(session: Session, counts: Mapping[Counted, int]) -> None:
    """Adds to what was counted, always in the same order: so nobody waits in a circle."""
    if counts:
        session.many(sql.COUNT, [(*each, number) for each, number in sorted(counts.items())])


def snapshots(session: Session, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
    """The latest snapshots by ``now``."""
    found = {}
    for subject in subjects:
        for number, at, document in session.rows(sql.SNAPSHOT, (subject, now)):
            found[subject] = Snapshot(subject, number, at, codec.loads(document))
    return found


class SqlLearnt:
    """The part of a store in a database that is about what was learnt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: Instant, limit: int) -> list[Assignment]:
        with self._database.reading() as session:
            return [assignment_of(row) for row in session.rows(sql.ASSIGNMENTS_DUE, (now, limit))]

    def judge(self, verdicts: Sequence[Verdict]) -> int:
        closed = 0
        counts: dict[Counted, int] = {}
        with self._database.writing() as session:
            for assignment, fate, known, counted in verdicts:
                if not session.rows(sql.JUDGE, (fate, known, assignment)):
                    continue
                closed += fate != "open"
                if counted is not None:
                    counts[counted] = counts.get(counted, 0) + 1
            add_counts(session, counts)
        return closed

    def counts(self, subjects: Iterable[str]) -> dict[str, dict[str, int]]:
        wanted = list(subjects)
        found: dict[str, dict[str, int]] = {subject: {} for subject in wanted}
        with self._database.reading() as session:
            for subject, what, number in session.among(sql.COUNTS, wanted):
                found[subject][what] = number
        return found

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        with self._database.reading() as session:
            return snapshots(session, subjects, now)

    def keep(self, at: Instant, values: Mapping[str, Values]) -> None:
        with self._database.writing() as session:
            for subject, known in values.items():
                number = session.one(sql.LAST_SNAPSHOT, (subject,)) + 1
                session.execute(
                    sql.ADD_SNAPSHOT, (subject, number, at, codec.mapping_document(known))
                )
            session.execute(sql.REACH_HOUR, (str(at),))

    def until(self) -> Instant | None:
        with self._database.reading() as session:
            rows = session.rows(sql.LAST_HOUR)
            return int(rows[0][0]) if rows else None

    def assignments(self, scope: str) -> list[Assignment]:
        with self._database.reading() as session:
            return [assignment_of(row) for row in session.rows(sql.ASSIGNMENTS_OF, (scope,))]


def assignment_of(row: Row) -> Assignment:
    """An assignment as the statements select it."""
    person, identity, *more = row
    return Assignment(identity, person, *more)
