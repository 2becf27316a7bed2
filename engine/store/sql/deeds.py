"""The audit log in a database. Rows are added, and those that are old enough go; the only thing that
ever changes in one is that nobody can tell any more who it was about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dsl.calendar import Instant
from engine.core.bars import Destination
from engine.core.deeds import PERSON, Deed
from engine.store import codec
from engine.store.sql.database import Database
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import NUMBERS_BY_ID, Add
from engine.store.sql.veil import Veil

__all__ = ["SqlDeeds", "forget"]

_ADD = Add("deeds", "number", "at", "who", "what", "whom", "document")
_READ = "select number, at, who, what, whom, document from deeds"
_BEFORE = f"{_READ} where number < ? order by number desc limit ?"
_ABOUT = f"{_READ} where whom in ({{}})"
_OLD = """
    delete from deeds where number in (
        select number from deeds where at < ? order by number limit ?
    )
"""
_COUNT = "select count(*) from deeds where at < ?"
_ANY = "select 1 from deeds where whom = ? limit 1"
_HIDE = "update deeds set whom = ? where whom = ?"
_LAST = 2**62


class SqlDeeds:
    """``hold`` keeps out whoever would forget people while something is written about them."""

    def __init__(self, database: Database, hold: Callable[[Session, Sequence[str]], None]) -> None:
        self._database = database
        self._hold = hold

    def add(self, deeds: Sequence[Deed]) -> None:
        if not deeds:
            return
        people = sorted({each.whom for each in deeds if each.whom})
        with self._database.writing() as session:
            self._hold(session, people)
            known = {name for name, _ in session.among(NUMBERS_BY_ID, people)}
            names = {
                name: name
                if name in known
                else self._database.veil.name(session, PERSON, _of(name))
                for name in people
            }
            numbers = session.numbers("deeds", len(deeds))
            rows: list[Row] = [
                (
                    number,
                    each.at,
                    each.who,
                    each.what,
                    names.get(each.whom, ""),
                    codec.mapping_document(each.about),
                )
                for number, each in zip(numbers, deeds, strict=True)
            ]
            session.many(_ADD, rows)

    def read(
        self, before: int | None = None, limit: int = 100, whom: str | None = None
    ) -> list[tuple[int, Deed]]:
        first = _LAST if before is None else before
        with self._database.reading() as session:
            if whom is None:
                rows = session.rows(_BEFORE, (first, limit))
            else:
                names = [whom, *self._database.veil.names(session, PERSON, [_of(whom)])]
                found = session.among(_ABOUT, names)
                rows = sorted((row for row in found if row[0] < first), reverse=True)[:limit]
        return [
            (number, Deed(at, who, what, about_whom, codec.loads(document)))
            for number, at, who, what, about_whom, document in rows
        ]

    def prune(self, until: Instant, limit: int = 1_000) -> int:
        with self._database.writing() as session:
            old: int = session.one(_COUNT, (until,))
            session.execute(_OLD, (until, limit))
        return min(old, limit)


def forget(session: Session, veil: Veil, person: str) -> None:
    """Lets nobody tell any more that it was this person."""
    if session.rows(_ANY, (person,)):
        session.execute(_HIDE, (veil.name(session, PERSON, _of(person)), person))


def _of(person: str) -> Destination:
    return "", person
