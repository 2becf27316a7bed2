"""A world that dies at a chosen seam, and is started again as the daemon would be.

A *seam* is a moment before or after a statement, a commit or a call of anybody outside: nothing happens
between two of them that anything outside could notice. Whatever stands outside goes on living: the
provider remembers what it was handed, and whoever sends events sends again what was not answered.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest.mock import patch

from channels.adapter import Capabilities
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.services import Answer, NoAnswer, Question
from dsl.calendar import Instant
from engine.caller import Caller
from engine.core.decision import Decision
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.store import open_store
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_session import SqliteSession
from engine.store.sql.sqlite_store import SqliteStore

__all__ = ["Outcomes", "Provider", "Seams", "World", "seams_to_die_at", "watched"]

_STATEMENTS = ("execute", "rows", "stream", "one", "all_or_none", "many")
_PATIENCE = 1000
_T = TypeVar("_T")


class Died(BaseException):
    """The process is gone. Nobody may catch this but the world."""


class Seams:
    """Counts seams, and dies at the ``last`` one: once."""

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self._last = last

    def pass_by(self) -> None:
        """One seam."""
        self.count += 1
        if self.count == self._last:
            raise Died

    @contextmanager
    def around(self) -> Iterator[None]:
        """A seam before and one after."""
        self.pass_by()
        yield
        self.pass_by()


@contextmanager
def watched(seams: Seams) -> Iterator[None]:
    """Every statement, beginning and commit of every SQLite store is a seam meanwhile."""

    def around(method: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*arguments: Any, **named: Any) -> Any:
            with seams.around():
                return method(*arguments, **named)

        return watch

    with ExitStack() as stack:
        for name in _STATEMENTS:
            stack.enter_context(
                patch.object(SqliteSession, name, around(getattr(SqliteSession, name)))
            )
        for method in (SqliteDatabase.begin, SqliteDatabase.commit):
            stack.enter_context(patch.object(SqliteDatabase, method.__name__, around(method)))
        yield


def seams_to_die_at(seams: Seams, every: int) -> range:
    """Of those that were counted in an undisturbed run, one in so many, others as soon as there are
    more or fewer. ``WAYLINE_TEST_EVERY_SEAM=1`` is all of them, whatever a test says.
    """
    step = int(os.environ.get("WAYLINE_TEST_EVERY_SEAM", every))
    return range(1 + seams.count % step, seams.count + 1, step)


class Provider:
    """Remembers what it was handed, by our id. ``refuses`` are addresses that do not exist."""

    def __init__(self, *, deduplicates: bool, refuses: frozenset[str] = frozenset()) -> None:
        self.handed: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()
        self.seams = Seams()
        self._deduplicates = deduplicates
        self._refuses = refuses

    @property
    def capabilities(self) -> Capabilities:
        channels = frozenset({"email", "push", "sms", "whatsapp"})
        return Capabilities(channels, deduplicates=self._deduplicates)

    async def send(self, message: Message) -> Outcome:
        with self.seams.around():
            if message.address in self._refuses:
                return Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone")
            self.handed[message.id] += 1
            if not (self._deduplicates and self.delivered[message.id]):
                self.delivered[message.id] += 1
            return Accepted(f"p-{message.id}")

    async def probe(self) -> str:
        return ""

    async def close(self) -> None:
        """Nothing to close."""


class Desk:
    """A web service that knows questions by their ids: the same one has the same answer."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.seams = Seams()

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        del timeout_seconds
        with self.seams.around():
            self.asked[question.id] += 1
            return Answer({"score": sum(question.id.encode()) % 100})

    async def close(self) -> None:
        """Nothing to close."""


class Outcomes(NamedTuple):
    """What can be seen when all is done."""

    delivered: Mapping[str, int]
    statuses: Mapping[str, str]  # of deliveries
    sends: Mapping[str, tuple[str, str, str]]  # category, run and step of each delivery
    decisions: Mapping[str, Sequence[Decision]]
    runs: Mapping[str, Sequence[Any]]
    contacts: Mapping[str, Any]
    edges: Mapping[Any, int]
    asked: frozenset[str]  # questions to the web service
    out: frozenset[str] = frozenset()  # claimed and not settled when it died


class World:
    """A store on a disk and a process that works on it until it dies; then the next one does."""

    def __init__(self, path: Path, program: Program, provider: Provider, seams: Seams) -> None:
        self.now: Instant = 0
        self.deaths = 0
        self.out: set[str] = set()  # deliveries that were claimed and not settled when it died
        self._path = path
        self._program = program
        self._provider = provider
        self._desk = Desk()
        provider.seams = self._desk.seams = seams
        try:
            self._start()
        except Died:
            self._start()

    def _start(self) -> None:
        self._store = open_store(f"sqlite:///{self._path}")
        self._runner = Runner(self._store, self._program)
        adapters = dict.fromkeys(self._program.policy.channels, self._provider)
        self._dispatcher = Dispatcher(self._store, self._program, adapters)
        self._caller = Caller(self._store, self._program, self._desk, lambda: self.now)
        asyncio.run(self._dispatcher.recover(self.now))
        asyncio.run(self._caller.recover(self.now))

    def _insist(self, act: Callable[[], _T]) -> _T:
        """Does it, and if the process dies over it, again in the next one."""
        while True:
            try:
                return act()
            except Died:
                self.deaths += 1
                self._bury()
                self._start()

    def _bury(self) -> None:
        """What the system does for a process that is gone: it closes its files."""
        assert isinstance(self._store, SqliteStore)
        database = self._store._sqlite
        database._writer.invalidate()
        database._db.dispose()
        with closing(sqlite3.connect(self._path)) as db:
            out = db.execute("select id from deliveries where status = 'calling'").fetchall()
        self.out = {name for (name,) in out}

    def tell(self, at: Instant, arrivals: Sequence[Arrival]) -> None:
        """Time goes on to ``at``, and then this is told, until it is answered."""
        self.until(at)
        self._insist(lambda: self._append(arrivals))
        self._insist(self._settle)

    def until(self, end: Instant) -> None:
        """Everything due by then, each thing at its own instant."""
        self._insist(self._settle)
        while True:
            wake = self._insist(self._store.next_wake)
            if wake is None or wake > end:
                break
            self.now = max(self.now, wake)
            self._insist(self._settle)
        self.now = end

    def _append(self, arrivals: Sequence[Arrival]) -> None:
        self._store.append(arrivals)

    def _settle(self) -> None:
        for _ in range(_PATIENCE):
            ran = self._runner.run_once(self.now)
            sent = asyncio.run(self._dispatcher.run_once(self.now))
            called = asyncio.run(self._caller.run_once(self.now))
            if not ran.people and not any(sent[:5]) and not any(called[:3]):
                return
        raise AssertionError("there is always something more to do")

    def end(self, people: Sequence[str]) -> Outcomes:
        """What became of everybody; the store is closed."""
        return self._insist(lambda: self._told(people))

    def _told(self, people: Sequence[str]) -> Outcomes:
        deliveries = [each for who in people for each in self._store.deliveries_of(who)]
        views = self._store.people(people, ())
        told = Outcomes(
            delivered=dict(self._provider.delivered),
            statuses={each.id: each.status for each in deliveries},
            sends={each.id: (each.category, each.run, each.step) for each in deliveries},
            decisions={who: self._store.decisions(who) for who in people},
            runs={who: views[who].runs for who in people},
            contacts={who: views[who].profile.contacts for who in people},
            edges=self._store.edges(),
            asked=frozenset(self._desk.asked),
            out=frozenset(self.out),
        )
        self._store.close()
        return told
