"""A batch in PostgreSQL: some shards of the people, held until its transaction ends.

A statement sees what was committed before it began, so the lock of a shard is always taken in a
statement of its own, before anything is read of its people. Who appends or hands over meanwhile is
not kept out: what arrives after ``load`` is not looked at before the next batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.knowing import number_of
from engine.store.postgres import statements as own
from engine.store.postgres.receiving import hear, hold_doors
from engine.store.postgres.shards import (
    ADVANCING,
    DEPLOYING,
    MERGING,
    SHARDS,
    shard_of,
    shards_of,
    share,
    take,
)
from engine.store.protocol import Changes, EdgeCount, Person
from engine.store.sql import aside, merging
from engine.store.sql.batch import SqlBatch
from engine.store.sql.database import Database
from engine.store.sql.merging import Moved as HandedOn
from engine.store.sql.session import Row
from engine.store.sql.standings import Found, Standing, changes_of
from engine.store.sql.statements import NEVER

__all__ = ["PostgresBatch"]

_GROWTH = 2  # from one look for people who are due to the next
_MOST_NUMBERS = 1024  # reserved at once


class PostgresBatch(SqlBatch):
    """Alone with the people of the shards that it has taken."""

    _lock = " for update"

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._held: set[int] = set()
        self._numbers: list[int] = []
        self._reserve = 8
        self._loaded: dict[int, str] = {}
        self._seen: set[int] = set()  # arrivals that were there when their people were loaded
        self._quiet: Collection[int] = ()  # people who are due, and of whom nothing waits
        self._looked: Instant = 0  # that was received by then

    def due(self, now: Instant, limit: int) -> list[str]:
        """Shards are taken one, two, four at a time until there are enough people: much to do is
        spread over the workers, and little is done by one of them in one go.
        """
        session = self._in_transaction()
        behind = session.rows(own.SHARDS_DUE, (SHARDS - 1, now, SHARDS - 1, now))
        shards = [shard for (shard,) in behind]
        overdue: dict[int, Instant] = {}
        awaited: set[int] | None = set()
        size = 1
        while shards and len(overdue) < limit:
            taken = self._try(shards[:size])
            shards = shards[size:]
            size *= _GROWTH
            here = self._look(taken, now, limit, overdue)
            awaited = None if awaited is None or here is None else awaited | here
        first = sorted(overdue, key=lambda number: (overdue[number], number))[:limit]
        names: dict[int, str] = {}
        for number, name, *rows in session.among(own.PEOPLE_BY_NUMBER, first):
            names[number] = name
            self._found[name] = Found(number, *rows)
        if awaited is not None:
            self._quiet, self._looked = frozenset(first) - awaited, now
        return [names[number] for number in first]

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        names = self._find(people)
        asked = self._with_waiting(names, now)
        session = self._in_transaction()
        self._seen.update(number for (number,) in session.among(own.IN_INBOX, list(asked)))
        loaded = super().load(people, now)
        self._loaded.update(names)
        for person in loaded.values():
            self._seen.update([number_of(arrival) for arrival in person.pending])
        return loaded

    def _with_waiting(self, names: dict[int, str], now: Instant) -> dict[int, str]:
        if not self._quiet or now > self._looked:
            return names
        quiet = self._quiet
        return {number: name for number, name in names.items() if number not in quiet}

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        past = super().history(people, events)
        waiting = self._in_transaction().among(own.IN_INBOX, list(self._loaded))
        late = {number for (number,) in waiting} - self._seen
        if late:
            for name in self._loaded.values():
                for happened in past.get(name, {}).values():
                    happened[:] = [each for each in happened if each.number not in late]
        return past

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        # They may be settled at this moment: whoever changes them waits for the other.
        self._in_transaction().among(own.DELIVERIES_TO_CHANGE, ids)
        return super().deliveries(ids)

    def number(self) -> int:
        if not self._numbers:
            self._numbers = [*self._in_transaction().numbers("log", self._reserve)][::-1]
            self._reserve = min(self._reserve * 4, _MOST_NUMBERS)
        return self._numbers.pop()

    def current(self) -> int:
        share(self._in_transaction(), DEPLOYING)
        return super().current()

    def visit(self, limit: int) -> list[str] | None:
        if not self._in_transaction().rows(own.NEXT_OF_ROUND):
            return None
        return super().visit(limit)

    def commit(self, changes: Changes) -> None:
        session = self._in_transaction()
        if changes.erased or changes.aside:
            people = {
                name: self._found[name].number for name in changes.erased if name in self._found
            }
            names = merging.with_names(session, people)
            apart = [each.person for each in changes.aside]
            hold_doors(session, {*changes.erased, *names, *apart})
        if changes.deliveries:
            session.execute(own.TELL)
        super().commit(changes)

    def _try(self, shards: Sequence[int]) -> list[int]:
        """Those of these shards that nobody else holds."""
        wanted = [shard for shard in shards if shard not in self._held]
        if wanted:
            rows = self._in_transaction().rows(own.TRY_SHARDS, (wanted, ADVANCING))
            self._held.update(shard for (shard,) in rows)
        return [shard for shard in shards if shard in self._held]

    def _look(
        self, shards: Sequence[int], now: Instant, limit: int, overdue: dict[int, Instant]
    ) -> set[int] | None:
        """Adds up to ``limit`` people of each of these shards who are due, and since when. Gives
        all those of whom something waits; None if there may be others.
        """
        if not shards:
            return set()
        session = self._in_transaction()
        rows = session.rows(own.TIMERS_DUE, (shards, now, limit))
        most = limit
        while True:
            arrivals = session.rows(own.ARRIVALS_DUE, (shards, now, most))
            people = {person for _, person in arrivals}
            if len(arrivals) < most or len(people) >= limit:
                break
            most *= 8  # some have so much waiting that others were not seen
        for at, person in (*rows, *arrivals):
            overdue[person] = min(at, overdue.get(person, at))
        return people if len(arrivals) < most else None

    def _find(self, people: Sequence[str]) -> dict[int, str]:
        """Whoever is looked for is held: it is waited for whoever else has them in hand. Of those
        who have been found the shards are held already.
        """
        found, held = self._found, self._held
        unfound = [name for name in people if name not in found]
        wanted = [shard for shard in shards_of(unfound) if shard not in held] if unfound else []
        if wanted:
            session = self._in_transaction()
            take(session, ADVANCING, wanted)
            self._held.update(wanted)
        return super()._find(people)

    def hold(self, people: Collection[str]) -> None:
        if people:
            hold_doors(self._in_transaction(), people)

    def _be_alone(self) -> None:
        take(self._in_transaction(), MERGING, [0])

    def _put_into_inbox(self, moved: Sequence[HandedOn], names: Mapping[int, str]) -> None:
        session = self._in_transaction()
        apart = aside.keep_apart(session, names)
        rows = [
            (shard_of(names[person]), person, number, NEVER if person in apart else at)
            for person, number, at in moved
        ]
        session.many(own.ADD_TO_INBOX, rows)
        session.execute(own.TELL)

    def _hear(self, people: Sequence[str]) -> dict[str, int]:
        return hear(self._in_transaction(), people)

    def _write_standings(self, standings: Iterable[Standing]) -> None:
        session = self._in_transaction()
        fresh: list[Row] = []
        asleep: list[Row] = []
        moving: list[Row] = []
        changes = changes_of(standings)
        new = {person for _, person, before, _ in changes if before.place is None}
        shards = {
            found.number: shard_of(name)
            for name, found in self._found.items()
            if found.number in new
        }
        for _, person, before, row in changes:
            if before.place is None:
                fresh.append((person, shards[person], *row))
            elif before.wake == row[0]:
                asleep.append((*row[1:], person))
            else:
                moving.append((*row, person))
        session.many(own.UPDATE_STANDING, asleep)
        session.many(own.UPDATE_STANDING_WAKE, moving)
        session.many(own.ADD_STANDING, fresh)

    def _count_edges(self, edges: Mapping[EdgeCount, int]) -> None:
        shard = min(self._held, default=0)
        rows = [(*edge, shard, count) for edge, count in sorted(edges.items())]
        self._in_transaction().many(own.COUNT_EDGE, rows)
