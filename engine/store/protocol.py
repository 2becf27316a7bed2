"""The store: what the engine remembers. One protocol; memory and SQLite are equals behind it.

A batch is one transaction: people are chosen, everything about them is loaded in a few
statements, and everything that changed is written in a few statements, or nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.changes import Changes, EdgeCount
from engine.core.decision import Decision
from engine.core.effects import Delivery, DeliveryStatus
from engine.core.learning import Snapshot
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival
from engine.store.learnt import Learnt

__all__ = [
    "Appended",
    "Batch",
    "Changes",
    "Deployment",
    "EdgeCount",
    "Person",
    "PersonView",
    "Settlement",
    "Store",
    "StoreError",
]


class StoreError(Exception):
    """What an operator must put right before the store can be used, in one sentence."""


@dataclass(slots=True)
class Person:
    """Everything loaded of one person for a batch.

    ``runs`` are the live and watched ones in the order of (entered, id); ``pending`` the
    unprocessed arrivals in the order of (received, number). ``profile`` is an empty one for
    somebody unknown so far: no batch has written a profile.
    """

    profile: Profile
    runs: list[Run] = field(default_factory=list)
    pending: list[Arrival] = field(default_factory=list)
    known: bool = True


class Appended(NamedTuple):
    """How many arrivals were new, and how many were repeated and ignored."""

    accepted: int
    repeated: int


class Batch(Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` changes nothing."""

    def due(self, now: Instant, limit: int) -> list[str]:
        """Up to ``limit`` people with an arrival received, or a timer or wake due, by ``now``,
        longest overdue first; at the same instant, whom the store heard of first.
        """
        ...

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        """Profiles, live and watched runs and pending arrivals received by ``now``."""
        ...

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        """Processed and pending events of these names, per person and name, ordered by
        (occurred, number). Every person and name asked for is there, if need be with nothing.
        """
        ...

    def closed_runs(self, people: Sequence[str], journeys: Iterable[str]) -> dict[str, list[Run]]:
        """Per person, the latest closed run of each key of these journeys (not by restart), in
        the order of (entered, id). Latest is by (left, entered, id). Every person asked for is
        there.
        """
        ...

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """Deliveries by id; unknown ids are left out."""
        ...

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        """The latest snapshots by ``now`` of what was learnt; subjects without one are left out."""
        ...

    def number(self) -> int:
        """The next free log number, reserved for an event the engine itself makes in this batch
        (``Changes.events``). Ascending; gaps are allowed.
        """
        ...

    def commit(self, changes: Changes) -> None:
        """Writes everything and ends the transaction. A run that ``load`` or ``closed_runs`` gave
        is replaced; any other is new. Nothing wakes a closed run.
        """
        ...


class PersonView(NamedTuple):
    """A person as seen from outside a batch: ``runs`` are live, watched and closed
    ones in the order of (entered, id).
    """

    profile: Profile
    runs: list[Run]
    history: dict[str, list[Happened]]


class Settlement(NamedTuple):
    """The new standing of a claimed delivery; its lease ends. ``queued`` with a later ``due`` puts
    it back. An empty ``provider_id`` keeps the one known so far.
    """

    delivery: str
    status: DeliveryStatus
    due: Instant
    attempts: int
    provider_id: str = ""


class Deployment(NamedTuple):
    """A version of a project as it was deployed: its files by path."""

    version: str
    deployed: Instant
    files: Mapping[str, str]


class Store(Protocol):
    """What is remembered between batches, and between restarts."""

    @property
    def learnt(self) -> Learnt:
        """What was learnt while journeys ran."""
        ...

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        """Makes arrivals durable. An id seen before is counted as repeated and ignored. The
        numbers in the arrivals are replaced by the store's own, ascending.
        """
        ...

    def batch(self) -> AbstractContextManager[Batch]:
        """A transaction of the runner, the only writer of runs."""
        ...

    def next_wake(self) -> Instant | None:
        """The earliest instant at which anything is due: an arrival, a timer, a queued delivery,
        or the end of the lease of one whose answer is still out.
        """
        ...

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        """Takes up to ``limit`` queued deliveries due by ``now``, in order of due time, and marks
        them ``calling`` until ``lease``. They come back as they are now stored.
        """
        ...

    def lost(self, now: Instant) -> list[Delivery]:
        """Deliveries still ``calling`` whose lease ended by ``now``: their answer was lost."""
        ...

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        """Writes what became of claimed deliveries and appends the receipts, in one transaction.
        Deliveries that are not kept any more are skipped, and so are their receipts.
        """
        ...

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        """Profiles, runs and the named history of people, outside any batch (hand-over, why).
        People the store never heard of are left out.
        """
        ...

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """Deliveries by id, outside any batch; unknown ids are left out."""
        ...

    def decisions(self, person: str) -> list[Decision]:
        """A person's decisions in the order they were taken."""
        ...

    def deliveries_of(self, person: str) -> list[Delivery]:
        """A person's deliveries in the order they were decided."""
        ...

    def edges(self) -> dict[EdgeCount, int]:
        """How often people went along each edge, over all batches."""
        ...

    def wake_everyone(self, at: Instant) -> None:
        """Lets everybody's calendar be looked through at ``at``: for a project that starts
        journeys by dates, schedules or segments it did not have before.
        """
        ...

    def deploy(self, deployment: Deployment) -> None:
        """Makes a project version the current one."""
        ...

    def deployed(self) -> Deployment | None:
        """The current project version."""
        ...

    def tidy(self) -> None:
        """Housekeeping, at a quiet hour: gives space back and keeps queries fast. Changes nothing
        that anybody could see.
        """
        ...

    def close(self) -> None:
        """Gives connections back. The store is not used afterwards."""
        ...
