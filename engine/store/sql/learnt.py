"""What was learnt, in a database: its statements, and what is made of them."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.learning import Assignment, Counted, Snapshot, Values
from engine.store import codec
from engine.store.learnt import Verdict
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Standing

__all__ = ["SqlLearnt", "add_assignments", "add_counts", "erase_assignments", "snapshots"]

_FIELDS = "id, journey, run, step, scope, path, snapshot, probability, at, known, fate"
_ADD_ASSIGNMENT = f"""
    insert into assignments (person, {_FIELDS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do nothing
"""
_ASSIGNMENTS = f"""
    select p.id, a.{", a.".join(_FIELDS.split(", "))}
    from assignments a join people p on p.number = a.person
"""
_DUE = f"""
    {_ASSIGNMENTS} where a.fate = 'open' and a.known <= ? order by a.known, a.number limit ?
"""
_OF_SCOPE = f"{_ASSIGNMENTS} where a.scope = ? order by a.number"
_ERASE = "delete from assignments where person = ?"
_JUDGE = """
    update assignments set fate = ?, known = ? where id = ? and fate = 'open' returning id
"""
_COUNT = """
    insert into counts (subject, what, count) values (?, ?, ?)
    on conflict (subject, what) do update set count = counts.count + excluded.count
"""
_COUNTS = "select subject, what, count from counts where subject in ({})"
_SNAPSHOT = """
    select number, at, document from snapshots where subject = ? and at <= ?
    order by at desc limit 1
"""
_LAST_NUMBER = "select coalesce(max(number), 0) from snapshots where subject = ?"
_KEEP = """
    insert into snapshots (subject, number, at, document) values (?, ?, ?, ?)
    on conflict do nothing
"""
_REACH = """
    insert into meta (name, value) values ('learnt', ?) on conflict (name)
    do update set value = excluded.value
    where cast(meta.value as bigint) < cast(excluded.value as bigint)
"""
_UNTIL = "select value from meta where name = 'learnt'"


def add_assignments(
    session: Session, assignments: Sequence[Assignment], standings: Mapping[str, Standing]
) -> None:
    """Adds assignments. Those whose ids are there already stay as they are."""
    if assignments:
        rows: list[Row] = [
            (standings[each.person].found.number, each.id, *each[2:]) for each in assignments
        ]
        session.many(_ADD_ASSIGNMENT, rows)


def add_counts(session: Session, counts: Mapping[Counted, int]) -> None:
    """Adds to what was counted, always in the same order: so nobody waits in a circle."""
    if counts:
        session.many(_COUNT, [(*each, number) for each, number in sorted(counts.items())])


def erase_assignments(session: Session, person: int) -> None:
    """Forgets what a person was assigned to."""
    session.execute(_ERASE, (person,))


def snapshots(session: Session, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
    """The latest snapshots by ``now``."""
    found = {}
    for subject in subjects:
        for number, at, document in session.rows(_SNAPSHOT, (subject, now)):
            found[subject] = Snapshot(subject, number, at, codec.loads(document))
    return found


class SqlLearnt:
    """The part of a store in a database that is about what was learnt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: Instant, limit: int) -> list[Assignment]:
        with self._database.reading() as session:
            return [_assignment(row) for row in session.rows(_DUE, (now, limit))]

    def judge(self, verdicts: Sequence[Verdict]) -> int:
        closed = 0
        counts: dict[Counted, int] = {}
        with self._database.writing() as session:
            for assignment, fate, known, counted in verdicts:
                if not session.rows(_JUDGE, (fate, known, assignment)):
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
            for subject, what, number in session.among(_COUNTS, wanted):
                found[subject][what] = number
        return found

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        with self._database.reading() as session:
            return snapshots(session, subjects, now)

    def keep(self, at: Instant, values: Mapping[str, Values]) -> None:
        with self._database.writing() as session:
            for subject, known in values.items():
                number = session.one(_LAST_NUMBER, (subject,)) + 1
                session.execute(_KEEP, (subject, number, at, codec.mapping_document(known)))
            session.execute(_REACH, (str(at),))

    def until(self) -> Instant | None:
        with self._database.reading() as session:
            rows = session.rows(_UNTIL)
            return int(rows[0][0]) if rows else None

    def assignments(self, scope: str) -> list[Assignment]:
        with self._database.reading() as session:
            return [_assignment(row) for row in session.rows(_OF_SCOPE, (scope,))]


def _assignment(row: Row) -> Assignment:
    person, identity, *more = row
    return Assignment(identity, person, *more)
