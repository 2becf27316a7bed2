"""Scores in a database: everybody is put in order, and compared, by one statement each."""

# ruff: noqa: S608 - statements are put together from constants of this module and checked names

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from dsl.calendar import Instant
from dsl.scoring import Score, places_of_bounds
from engine.store import codec
from engine.store.scores import Bounds
from engine.store.sql import aside, learnt
from engine.store.sql import statements as sql
from engine.store.sql.database import Database
from engine.store.sql.session import Session
from engine.store.sql.standings import add_missing

__all__ = ["SqlScores", "SqliteScores"]

_FIRST = """
    select number, at, document from snapshots where subject = ? order by number limit 1
"""
_COUNT = "select count(*) from people where document is not null and {value} is not null"
_AT_PLACE = """
    select {value} from people where document is not null and {value} is not null
    order by 1 limit 1 offset ?
"""
_DIFFERING = """
    select number from people
    where document is not null and {value} is not null and coalesce({score}, 0) <> {computed}
"""
_LOOK_AT = """
    update standings set calendar = ?, wake = case when timer < ? then timer else ? end
    where (calendar is null or calendar > ?) and person in ({differing})
"""


class SqlScores(ABC):
    """What databases have in common."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bounds(self, score: Score, now: Instant) -> Bounds | None:
        with self._database.reading() as session:
            found = learnt.snapshots(session, [score.subject], now).get(score.subject)
        if found is None:
            return None
        return Bounds(found.number, found.at, tuple(found.values["bounds"]))

    def first(self, score: Score) -> Bounds | None:
        with self._database.reading() as session:
            for number, at, document in session.rows(_FIRST, (score.subject,)):
                return Bounds(number, at, tuple(codec.loads(document)["bounds"]))
        return None

    def divide(self, score: Score) -> tuple[int, ...]:
        value = self._whole(score.attribute)
        with self._database.writing() as session:  # which may say how it is to be planned
            self._prepare(session)
            count = int(session.one(_COUNT.format(value=value)))
            ordered = _AT_PLACE.format(value=value)
            return tuple(int(session.one(ordered, (at,))) for at in places_of_bounds(count))

    def keep(self, at: Instant, bounds: Mapping[str, Sequence[int]]) -> None:
        with self._database.writing() as session:
            for subject, values in bounds.items():
                number = session.one(sql.LAST_SNAPSHOT, (subject,)) + 1
                document = codec.mapping_document({"bounds": tuple(values)})
                session.execute(sql.ADD_SNAPSHOT, (subject, number, at, document))

    def wake(self, score: Score, bounds: Sequence[int], now: Instant) -> int:
        value = self._whole(score.attribute)
        above = " + ".join(self._as_number(f"{value} > {int(bound)}") for bound in bounds)
        differing = _DIFFERING.format(
            value=value, score=self._whole(score.name), computed=f"(1 + {above})"
        )
        with self._database.writing() as session:
            self._prepare(session)
            count = int(session.one(f"select count(*) from ({differing}) as d"))
            if count:
                self._hold(session)
                session.execute(_LOOK_AT.format(differing=differing), (now, now, now, now))
                aside.hide_timers(session)
        return count

    @abstractmethod
    def _whole(self, attribute: str) -> str:
        """The whole number that an attribute is, or NULL."""

    @abstractmethod
    def _as_number(self, test: str) -> str:
        """1 if a test holds, else 0."""

    @abstractmethod
    def _prepare(self, session: Session) -> None:
        """Lets everybody be asked at once."""

    @abstractmethod
    def _hold(self, session: Session) -> None:
        """Lets nobody advance anybody until the transaction ends, and everybody be due."""


class SqliteScores(SqlScores):
    """JSON in its rows, as SQLite looks into it."""

    def _whole(self, attribute: str) -> str:
        place = f"cast(document as text), '$[0].\"{attribute}\"'"
        return f"case when json_type({place}) = 'integer' then json_extract({place}) end"

    def _as_number(self, test: str) -> str:
        return f"({test})"

    def _prepare(self, session: Session) -> None:
        """There is nothing to prepare."""

    def _hold(self, session: Session) -> None:
        """There is one writer."""
        add_missing(session)
