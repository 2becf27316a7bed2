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
from engine.core.decision import Decision
from engine.core.effects import Delivery, DeliveryStatus
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived

__all__ = [
    "Appended",
    "Batch",
    "Changes",
    "Deployment",
    "EdgeCount",
    "Person",
    "Settlement",
    "Store",
]


@dataclass(slots=True)
class Person:
    """Everything loaded of one person for a batch.

    ``runs`` are the live and watched ones; ``pending`` the unprocessed arrivals in the order of
    (received, number). ``profile`` is an empty one for somebody unknown so far.
    """

    profile: Profile
    runs: list[Run] = field(default_factory=list)
    pending: list[Arrival] = field(default_factory=list)
    known: bool = True


class Appended(NamedTuple):
    """How many arrivals were new, and how many were repeated and ignored."""

    accepted: int
    repeated: int


class EdgeCount(NamedTuple):
    """How often people went from one instruction to another (``source`` -1: entered)."""

    journey: str
    version: str
    source: int
    target: int


@dataclass(slots=True)
class Changes:
    """What one batch writes. ``events`` are history made by the engine itself (message_sent,
    emitted events), numbered by ``Batch.number`` and stored as already processed; ``processed``
    are the numbers of consumed arrivals.
    """

    profiles: list[Profile] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    events: list[EventArrived] = field(default_factory=list)
    processed: list[int] = field(default_factory=list)
    edges: dict[EdgeCount, int] = field(default_factory=dict)


class Batch(Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` changes nothing."""

    def due(self, now: Instant, limit: int) -> list[str]:
        """Up to ``limit`` people with an arrival received by ``now`` or a timer due by ``now``,
        longest overdue first.
        """
        ...

    def load(self, people: Sequence[str], now: Instant) -> dict[str, Person]:
        """Profiles, live and watched runs and pending arrivals received by ``now``."""
        ...

    def history(
        self, people: Sequence[str], events: Iterable[str]
    ) -> dict[str, dict[str, list[Happened]]]:
        """Processed and pending events of these names, per person and name, ordered by
        (occurred, number).
        """
        ...

    def closed_runs(self, people: Sequence[str], journeys: Iterable[str]) -> dict[str, list[Run]]:
        """Per person, the latest closed run of each key of these journeys (not by restart)."""
        ...

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """Deliveries by id; unknown ids are left out."""
        ...

    def number(self) -> int:
        """The next free log number, reserved for an event the engine itself makes in this batch
        (``Changes.events``). Ascending; gaps are allowed.
        """
        ...

    def commit(self, changes: Changes) -> None:
        """Writes everything and ends the transaction."""
        ...


class Settlement(NamedTuple):
    """The new standing of a claimed delivery. ``queued`` with a later ``due`` puts it back."""

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

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        """Makes arrivals durable. An id seen before is counted as repeated and ignored. The
        numbers in the arrivals are replaced by the store's own, ascending.
        """
        ...

    def batch(self) -> AbstractContextManager[Batch]:
        """A transaction of the runner, the only writer of runs."""
        ...

    def next_wake(self) -> Instant | None:
        """The earliest instant at which anything is due: an arrival, a timer or a delivery."""
        ...

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        """Takes up to ``limit`` queued deliveries due by ``now``, in order of due time, and marks
        them ``calling`` until ``lease``.
        """
        ...

    def lost(self, now: Instant) -> list[Delivery]:
        """Deliveries still ``calling`` whose lease is over: their answer was lost."""
        ...

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        """Writes what became of claimed deliveries and appends the receipts, in one transaction."""
        ...

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        """Profiles, runs and the named history of people, outside any batch (hand-over, why)."""
        ...

    def decisions(self, person: str) -> list[Decision]:
        """A person's decisions in the order they were taken."""
        ...

    def deliveries_of(self, person: str) -> list[Delivery]:
        """A person's deliveries in the order they were decided."""
        ...

    def deploy(self, deployment: Deployment) -> None:
        """Makes a project version the current one."""
        ...

    def deployed(self) -> Deployment | None:
        """The current project version."""
        ...

    def close(self) -> None:
        """Gives connections back. The store is not used afterwards."""
        ...


class PersonView(NamedTuple):
    """A person as seen from outside a batch: runs are live, watched and closed ones."""

    profile: Profile
    runs: list[Run]
    history: dict[str, list[Happened]]
