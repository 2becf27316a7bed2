"""A whole engine that can die: a store, workers, a provider and a clock that is moved by hand.

A worker is what a process is: a runner, a dispatcher and a caller, and the version that it runs. It
dies at a chosen moment and the next one takes over; the store and the provider live on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from channels.adapter import Capabilities
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.services import Answer, NoAnswer, Question, ScriptedServices
from dsl.calendar import Instant
from engine.core.signals import Arrival, ReceiptArrived
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.store.protocol import Appended, Batch, Changes, Deployment, Settlement, Store
from tests.proof.firm import PAUSED, Version

__all__ = ["FATES", "Death", "Fate", "Taken", "Whole"]

Fate: TypeAlias = Literal["accepted", "gone", "busy", "spam", "slow down", "no answer"]
Death: TypeAlias = Literal["", "before", "after"]

FATES: Mapping[Fate, Outcome] = {
    "accepted": Accepted("p"),
    "gone": Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone"),
    "busy": Rejected(FailureClass.TRANSIENT, "451", "busy"),
    "spam": Rejected(FailureClass.PERMANENT_CONTENT, "554", "spam"),
    "slow down": RateLimited("recipient", 90),
    "no answer": Unknown("no answer"),  # it has been taken all the same
}
_TAKEN: frozenset[Fate] = frozenset({"accepted", "no answer"})
_PATIENCE = 500


class Died(BaseException):
    """The worker is gone."""


class Taken(NamedTuple):
    """A message that the provider has taken."""

    at: Instant
    id: str
    person: str
    journey: str
    channel: str
    category: str
    message: str


class _Mortal:
    """A worker's door to the store: it dies once, before or after something is made durable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.batch_dies: Death = ""
        self.hand_over_dies: Death = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        with self._store.batch() as batch:
            yield cast("Batch", _MortalBatch(batch, self))

    def claim(self, now: Instant, limit: int, lease: Instant) -> Sequence[Any]:
        claimed = self._store.claim(now, limit, lease)
        if claimed and self.hand_over_dies == "before":
            self.hand_over_dies = ""
            raise Died
        return claimed

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        final = any(isinstance(r, ReceiptArrived) and r.what != "stopped" for r in receipts)
        if final and self.hand_over_dies == "after":
            self.hand_over_dies = ""
            raise Died
        self._store.settle(settlements, receipts)


class _MortalBatch:
    def __init__(self, batch: Batch, door: _Mortal) -> None:
        self._batch = batch
        self._door = door

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def commit(self, changes: Changes) -> None:
        death, self._door.batch_dies = self._door.batch_dies, ""
        if death == "before":
            raise Died
        self._batch.commit(changes)
        if death == "after":
            raise Died


class Whole:
    """Everything at once. ``watch`` looks at each message just before the provider takes it;
    ``advanced`` hears when everything that was received has been processed.
    """

    def __init__(
        self,
        store: Store,
        project: Sequence[Version],
        now: Instant,
        watch: Callable[[Whole, Message], None],
        advanced: Callable[[Instant], None] = lambda _: None,
        workers: int = 2,
    ) -> None:
        self.store = store
        self.now = now
        self.running = 0  # which version was deployed last
        self.taken: list[Taken] = []
        self.deaths = 0
        self._versions = project
        self._watch = watch
        self._fate: Fate = "accepted"
        self._services = ScriptedServices(self._reply)
        self._answers = True
        self._advanced = advanced
        self._acting = 0
        self.deploy(0)
        self._workers = [self._worker() for _ in range(workers)]

    # ------------------------------------------------------------------------------ provider

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"email", "push", "sms"}))

    async def send(self, message: Message) -> Outcome:
        self._watch(self, message)
        if self._fate in _TAKEN:
            whose = self.store.deliveries([message.id])[message.id].person
            self.taken.append(
                Taken(
                    self.now,
                    message.id,
                    whose,
                    message.journey,
                    message.channel,
                    message.category,
                    message.message,
                )
            )
        return FATES[self._fate]

    async def probe(self, now: Instant) -> str:
        return ""

    async def close(self) -> None:
        """Nothing to close."""

    def _reply(self, _: Question) -> Answer | NoAnswer:
        return Answer({"score": 50}) if self._answers else NoAnswer("busy", again=True)

    # ------------------------------------------------------------------------------- workers

    def _worker(self) -> _Worker:
        return _Worker(self, self._services, self._versions[self.running], self._deployed)

    @property
    def _deployed(self) -> int:
        deployment = self.store.deployed()
        assert deployment is not None
        return deployment.number

    def deploy(self, which: int) -> None:
        """Another version; workers notice it as they go on."""
        version = self._versions[which].project
        machines = {name: each.version for name, each in version.machines.items()}
        deployment = Deployment(version.version, self.now, {}, 0, machines)
        self.store.deploy(deployment, visit=True)
        self.running = which
        self.store.release(self.now)

    def advance(self, worker: int, size: int, dies: Death = "") -> None:
        """Batches of ``size`` until nobody is due. If the worker dies, the next one goes on."""
        self._workers[worker].door.batch_dies = dies
        for _ in range(_PATIENCE):
            each = self._workers[worker]
            try:
                ran = each.runner.run_once(self.now, size)
            except Died:
                self.deaths += 1
                self._workers[worker] = self._worker()
                worker = (worker + 1) % len(self._workers)
                continue
            if ran.outdated:
                self._workers[worker] = self._worker()
            elif not ran.more:
                each.door.batch_dies = ""
                self._advanced(self.now)
                return
        raise AssertionError("there is always something more to do")

    def hand_over(self, worker: int, fate: Fate, dies: Death = "") -> None:
        """One round: what is due is handed over, and the provider says ``fate`` to all of it."""
        each = self._current(worker)
        self._acting = worker
        self._fate = fate
        each.door.hand_over_dies = dies
        try:
            asyncio.run(each.dispatcher.run_once(self.now))
        except Died:
            self.deaths += 1
            self._workers[worker] = self._worker()
        each.door.hand_over_dies = ""

    def ask(self, worker: int, *, answers: bool) -> None:
        """Web services are asked."""
        self._answers = answers
        asyncio.run(self._current(worker).caller.run_once(self.now))

    def _current(self, worker: int) -> _Worker:
        """A worker that has heard of the last deploy."""
        if self._workers[worker].version is not self._versions[self.running]:
            self._workers[worker] = self._worker()
        return self._workers[worker]

    @property
    def is_paused(self) -> bool:
        """Whether the worker that hands over runs a version in which the journey is paused."""
        project = self._workers[self._acting].version.project
        return project.machines[PAUSED].status == "paused"

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        """What comes in by the door."""
        return self.store.append(arrivals)

    def restart(self) -> None:
        """Everybody dies where they stand, and others begin."""
        self._workers = [self._worker() for _ in self._workers]

    def live_on(self, end: Instant, size: int = 1000) -> None:
        """Everything due by then, each thing at its own instant."""
        for _ in range(_PATIENCE * 20):
            self.advance(0, size)
            self.hand_over(0, "accepted")
            self.ask(0, answers=True)
            wake = self.store.next_wake()
            if wake is None or wake > end:
                self.now = max(self.now, end)
                return
            self.now = max(self.now, wake)
        raise AssertionError("there is always something more to do")


class _Worker:
    """What one process has."""

    def __init__(
        self, whole: Whole, services: ScriptedServices, version: Version, number: int
    ) -> None:
        self.door = _Mortal(whole.store)
        self.version = version
        store, program = cast("Store", self.door), version.program
        self.runner = Runner(store, program, number)
        self.dispatcher = Dispatcher(
            store, program, dict.fromkeys(program.policy.channels, whole), services=services
        )
        self.caller = Caller(store, program, services, lambda: whole.now)
