"""A world that dies at a chosen seam: what dies, and who outlives it.

A *seam* is a moment before or after a statement, a commit or a call of anybody outside: nothing happens
between two of them that anything outside could notice. Whatever stands outside goes on living: the
provider remembers what it was handed, and whoever sends events sends again what was not answered.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import get_ident
from typing import Any, NamedTuple

from channels.adapter import Capabilities
from channels.limits import Limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.services import Answer, NoAnswer, Question
from dsl.calendar import Instant
from engine.core.decision import Decision

__all__ = ["Desk", "Died", "ManyProvider", "Outcomes", "Provider", "Seams", "seams_to_die_at"]


class Died(BaseException):
    """The process is gone. Nobody may catch this but the world."""


class Seams:
    """Counts seams, and dies at the ``last`` one: once. Whoever is dead does nothing any more, not
    even undo what was begun, until the next process is there.

    Seams of other threads are not counted: they are other processes. ``meanwhile`` is called at the
    last seam, before the death: what others do while this one has stopped in the middle.
    """

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self.meanwhile: Callable[[], None] = lambda: None
        self._last = last
        self._dead = False
        self._thread = get_ident()

    def pass_by(self) -> None:
        """One seam."""
        if get_ident() != self._thread:
            return
        if self._dead:
            raise Died
        self.count += 1
        if self.count == self._last:
            self.meanwhile()
            self._dead = True
            raise Died

    def revive(self) -> None:
        """The next process begins."""
        self._dead = False

    @contextmanager
    def around(self) -> Iterator[None]:
        """A seam before and one after."""
        self.pass_by()
        yield
        self.pass_by()


def seams_to_die_at(seams: Seams, every: int) -> range:
    """Of those that were counted in an undisturbed run, one in so many, others as soon as there are
    more or fewer. ``WAYLINE_TEST_EVERY_SEAM=1`` is all of them, whatever a test says.
    """
    step = int(os.environ.get("WAYLINE_TEST_EVERY_SEAM", every))
    return range(1 + seams.count % step, seams.count + 1, step)


class Provider:
    """Remembers what it was handed, by our id. ``refuses`` are addresses that do not exist. Its limits
    are so wide that nobody waits: what is counted of them has seams as well.
    """

    def __init__(
        self,
        *,
        deduplicates: bool,
        refuses: frozenset[str] = frozenset(),
        limits: tuple[Limit, ...] = (),
    ) -> None:
        self.handed: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()
        self.seams = Seams()
        self._deduplicates = deduplicates
        self._refuses = refuses
        self._limits = limits

    @property
    def capabilities(self) -> Capabilities:
        channels = frozenset({"email", "push", "sms", "whatsapp"})
        return Capabilities(channels, deduplicates=self._deduplicates, limits=self._limits)

    async def send(self, message: Message) -> Outcome:
        with self.seams.around():
            if message.address in self._refuses:
                return Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone")
            self.handed[message.id] += 1
            if not (self._deduplicates and self.delivered[message.id]):
                self.delivered[message.id] += 1
            return Accepted(f"p-{message.id}")

    async def probe(self, now: Instant) -> str:
        return ""

    async def close(self) -> None:
        """Nothing to close."""


class ManyProvider(Provider):
    """Takes many in one call, and dies before it, after it or in the middle. ``together`` are how many
    came at once.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.together: list[int] = []

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, many=50)

    async def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        self.together.append(len(messages))
        with self.seams.around():
            return [await self.send(each) for each in messages]


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
    places: Mapping[str, tuple[str, str, str]]  # person, journey and channel of each delivery
    out: frozenset[str] = frozenset()  # claimed and not settled when it died
