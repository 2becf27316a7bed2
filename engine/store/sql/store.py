"""The store in a database: one class over sessions, reading and writing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from secrets import token_hex

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.changes import Merge
from engine.core.consent import Entry
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.store.audience import members
from engine.store.dossier import Dossier
from engine.store.protocol import (
    Appended,
    Aside,
    Batch,
    CallSettlement,
    Deployed,
    Deployment,
    EdgeCount,
    PersonView,
    Portion,
    Residence,
    Settlement,
)
from engine.store.sql import (
    aside,
    calls,
    consents,
    deployments,
    leases,
    merging,
    moving,
    outward,
    reading,
    suppressed,
    unreadable,
    writing,
)
from engine.store.sql import statements as sql
from engine.store.sql.appending import Appending
from engine.store.sql.bars import SqlBars
from engine.store.sql.database import Database
from engine.store.sql.deeds import SqlDeeds
from engine.store.sql.dossier import dossier
from engine.store.sql.gates import SqlGates
from engine.store.sql.hooks import SqlHooks
from engine.store.sql.imports import SqlImports
from engine.store.sql.keys import SqlKeys
from engine.store.sql.learnt import SqlLearnt
from engine.store.sql.memberships import SqlMemberships
from engine.store.sql.moving import Piece
from engine.store.sql.numbers import SqlNumbers
from engine.store.sql.old import SqlOld
from engine.store.sql.pages import SqlPages
from engine.store.sql.pulse import SqlPulse
from engine.store.sql.session import Row, Session
from engine.store.sql.strays import SqlStrays

__all__ = ["SqlStore"]

_AT_A_TIME = 500  # people asked one by one


def _raise(_: int, error: Exception) -> None:
    raise error


class SqlStore(ABC):
    """What stores of all databases have in common."""

    memberships: SqlMemberships

    _lock = ""  # what in a query lets nobody else change the row

    def __init__(self, database: Database) -> None:
        self._database = database
        self._leases: set[Instant] = set()  # under which something of this process may be out
        self.learnt = SqlLearnt(database)
        self.old = SqlOld(database)
        self.gates = SqlGates(database)
        self._appending = Appending(self._hold, self._receive, self._lock)
        self.bars = SqlBars(database, self._appending)
        self.deeds = SqlDeeds(database, self._hold)
        self.numbers = SqlNumbers(database, self._appending)
        self.strays = SqlStrays(database, self._appending)
        self.imports = SqlImports(database, self._appending)
        self.keys = SqlKeys(database, self._lock)
        self.hooks = SqlHooks(database, self._lock)
        self.pulse = SqlPulse(database)
        self.pages = SqlPages(database)

    @property
    def is_shared(self) -> bool:
        return False

    @abstractmethod
    def listen(self, told: Callable[[], None]) -> None: ...

    def secret(self) -> bytes:
        with self._database.writing() as session:
            session.execute(sql.KEEP_SECRET, (token_hex(32),))
            found: str = session.one(sql.SECRET)
        return found.encode()

    @abstractmethod
    def batch(self) -> AbstractContextManager[Batch]: ...

    def lanes(self, now: Instant) -> list[str]:
        with self._database.reading() as session:
            return [lane for (lane,) in session.rows(outward.LANES_DUE, (now,))]

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        (claimed,) = self.claim_from(now, [Portion(limit, tuple(self.lanes(now)))], lease)
        return claimed

    def claim_from(
        self, now: Instant, portions: Sequence[Portion], lease: Instant
    ) -> list[list[Delivery]]:
        claimed: list[list[Row]] = []
        with self._database.writing() as session:
            for limit, first, then, most in portions:
                rows = self._claim(session, now, first, limit, lease) if first else []
                rest = min(most, limit - len(rows))
                if then and rest > 0:
                    rows += self._claim(session, now, then, rest, lease)
                claimed.append(rows)
        self._leased(lease, any(claimed))
        return [self._read_deliveries(rows, now) for rows in claimed]

    @abstractmethod
    def _claim(
        self, session: Session, now: Instant, lanes: Sequence[str], limit: int, lease: Instant
    ) -> list[Row]:
        """Claims from lanes, those due first, in a transaction. The rows are as claimed."""

    def _read_deliveries(self, rows: Sequence[Row], now: Instant) -> list[Delivery]:
        found, broken = unreadable.read_each(rows, reading.delivery, number=1)
        if broken:
            with self._database.reading() as session:
                given_up = unreadable.deliveries_given_up(session, broken, now)
            self.settle(*given_up)
        return found

    def services(self, now: Instant) -> list[str]:
        with self._database.reading() as session:
            return [service for (service,) in session.rows(outward.SERVICES_DUE, (now,))]

    def claim_calls(
        self, now: Instant, limit: int, lease: Instant, service: str | None = None
    ) -> list[CallWebhook]:
        with self._database.writing() as session:
            rows = self._claim_calls(session, now, limit, lease, service)
        self._leased(lease, bool(rows))
        found, broken = unreadable.read_each(rows, partial(calls.leased, lease=lease), number=0)
        if broken:
            with self._database.reading() as session:
                given_up = unreadable.calls_given_up(session, broken, now)
            self.settle_calls(given_up)
        return found

    @abstractmethod
    def _claim_calls(
        self, session: Session, now: Instant, limit: int, lease: Instant, service: str | None
    ) -> list[Row]:
        """Claims calls, of one service or of any, those due first, in a transaction."""

    @abstractmethod
    def wake_everyone(self, at: Instant) -> None: ...

    @abstractmethod
    def _receive(self, session: Session, arrivals: Sequence[Arrival]) -> Appended:
        """Adds arrivals to the log and to the inbox, except those whose id is in the log."""

    @abstractmethod
    def _hold(self, session: Session, people: Sequence[str]) -> None:
        """Keeps whoever else would append for these people out until the transaction ends."""

    @abstractmethod
    def _settle(self, session: Session, settlements: Sequence[Settlement]) -> None:
        """Writes what became of claimed deliveries."""

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        if not arrivals:
            return Appended(0, 0)
        with self._database.writing() as session:
            self._appending.hold_for(session, arrivals)
            return self._receive(session, arrivals)

    def next_wake(self) -> Instant | None:
        with self._database.reading() as session:
            wake: Instant | None = session.one(sql.NEXT_WAKE)
            return wake

    def renew(self, until: Instant, calls_until: Instant, *, everybody: bool = False) -> None:
        known = tuple(self._leases)
        if not known and not everybody:
            return
        with self._database.writing() as session:
            settled = leases.renew(session, known, until, calls_until)
            if everybody:
                leases.renew_all(session, until, calls_until)
        self._leases -= settled

    def _leased(self, lease: Instant, something: bool) -> None:
        """Remembers under which lease something was claimed."""
        if something:
            self._leases.add(lease)

    def lost(self, now: Instant) -> list[Delivery]:
        with self._database.reading() as session:
            rows = session.rows(sql.DELIVERIES_LOST, (now,))
        return self._read_deliveries(rows, now)

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        with self._database.writing() as session:
            self._appending.hold_for(session, receipts)
            self._settle(session, settlements)
            self._receive(session, writing.of_kept(session, receipts))

    def settle_calls(self, settlements: Sequence[CallSettlement]) -> None:
        answers = [each.answer for each in settlements if each.answer is not None]
        with self._database.writing() as session:
            self._appending.hold_for(session, answers)
            self._receive(session, calls.settle(session, settlements))

    def reopen_calls(self, now: Instant) -> None:
        with self._database.writing() as session:
            session.execute(outward.REOPEN_CALLS, (now, now, now))

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        with self._database.reading() as session:
            found = reading.people(session, ids)
            numbers = {name: found[name].number for name in ids if name in found}
            damaged: dict[int, Exception] = {}
            past = reading.history(session, numbers, list(numbers), events, damaged.__setitem__)
            apart = aside.asides_of(session, list(numbers.values()))
            closed = reading.closed_documents(session, list(numbers.values()))
        views = {
            name: reading.view(
                name, found[name], closed.get(number, ()), past[name], apart.get(number)
            )
            for name, number in numbers.items()
        }
        for name, number in numbers.items():
            if number in damaged:
                views[name] = views[name]._replace(readable=False)
        return views

    def audience(self, rule: Rule, program: Program, now: Instant) -> Iterator[str]:
        """Person by person, some at a time: no transaction lasts longer than those need."""
        events, last = program.read_by(rule), 0
        while True:
            with self._database.reading() as session:
                rows = session.rows(sql.PEOPLE_AFTER, (last, _AT_A_TIME))
            if not rows:
                return
            last = rows[-1][1]
            views = self.people([name for name, _ in rows], events)
            yield from members(views, rule, program, now)

    def audience_size(self, rule: Rule, program: Program, now: Instant) -> int:
        return sum(1 for _ in self.audience(rule, program, now))

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        with self._database.reading() as session:
            return reading.deliveries(session, ids, _raise)

    def decisions(self, person: str) -> list[Decision]:
        with self._database.reading() as session:
            return reading.decisions_of(session, person)

    def deliveries_of(self, person: str) -> list[Delivery]:
        with self._database.reading() as session:
            return reading.deliveries_of(session, person)

    def dossier(self, person: str) -> Dossier | None:
        with self._database.reading() as session:
            return dossier(session, person)

    def names(self, person: str) -> list[Merge]:
        with self._database.reading() as session:
            found = reading.people(session, [person]).get(person)
            named = [] if found is None else merging.names_of(session, found.number)
        return [merge for _, merge in named]

    def consents(self, person: str) -> list[Entry]:
        with self._database.reading() as session:
            found = reading.people(session, [person]).get(person)
            return [] if found is None else consents.ledger(session, person, found.number)

    def edges(self) -> dict[EdgeCount, int]:
        with self._database.reading() as session:
            return reading.edges(session)

    def deploy(
        self,
        deployment: Deployment,
        *,
        onto: int | None = None,
        empty: Collection[Residence] = (),
        visit: bool = False,
    ) -> Deployed:
        with self._database.writing() as session:
            self._hold_deploys(session)
            done = deployments.deploy(session, deployment, onto, empty, visit=visit)
            if done == "deployed":
                self._release(session, deployment.deployed, None)
            return done

    def deployed(self) -> Deployment | None:
        with self._database.reading() as session:
            return deployments.deployment(session, deployments.current(session))

    def deployments(self) -> list[Deployment]:
        with self._database.reading() as session:
            return deployments.deployments(session)

    def deployment(self, number: int) -> Deployment | None:
        with self._database.reading() as session:
            return deployments.deployment(session, number)

    def visiting(self) -> bool:
        with self._database.reading() as session:
            return deployments.is_visiting(session)

    def set_aside(self) -> list[Aside]:
        with self._database.reading() as session:
            return [each for _, each in aside.everybody(session)]

    def release(self, at: Instant, people: Collection[str] | None = None) -> int:
        with self._database.writing() as session:
            return self._release(session, at, people)

    def suppressed(self) -> Iterator[Profile]:
        return suppressed.suppressed(self._database)

    @abstractmethod
    def _hold_deploys(self, session: Session) -> None:
        """Lets nobody else deploy until the transaction ends."""

    def _release(self, session: Session, at: Instant, people: Collection[str] | None) -> int:
        """Lets those who are set aside be due again, in a transaction."""
        return aside.release(session, at, people)

    def residents(self) -> dict[Residence, int]:
        with self._database.reading() as session:
            return deployments.residents(session)

    def export(self) -> Iterator[Piece]:
        """Everything, as it is now, to be taken in by another store."""
        with self._database.reading() as session:
            yield from moving.pieces(session)

    def take(self, given: Iterable[Piece]) -> dict[str, int]:
        """Takes in all that another store exported, or nothing. This one must be empty."""
        with self._database.writing() as session:
            counts = moving.take(session, given, self._layout())
            self._taken(session)
        return counts

    @abstractmethod
    def _layout(self) -> Callable[[Piece], Piece]:
        """What adds to rows what this database keeps beside them; people come first."""

    @abstractmethod
    def _taken(self, session: Session) -> None:
        """Lets what is new follow what was taken in."""

    def tidy(self) -> None:
        self._database.tidy()

    def close(self) -> None:
        self._database.close()
