"""The store: what the engine remembers. One protocol; memory and SQLite are equals behind it.

A batch is one transaction: people are chosen, everything about them is loaded in a few
statements, and everything that changed is written in a few statements, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.aside import Aside
from engine.core.changes import Changes, EdgeCount
from engine.core.consent import Entry
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.store.bars import Bars
from engine.store.batch import Batch
from engine.store.deeds import Deeds
from engine.store.deployment import Deployed, Deployment, Residence
from engine.store.dossier import Dossier
from engine.store.gates import Gates
from engine.store.heard import Appended, Person
from engine.store.hooks import Hooks
from engine.store.imports import Imports
from engine.store.keys import StoredKeys
from engine.store.learnt import Learnt
from engine.store.memberships import Memberships
from engine.store.merging import Names
from engine.store.numbers import Numbers
from engine.store.old import Old
from engine.store.pages import Pages
from engine.store.pulse import Pulse
from engine.store.settlements import CallSettlement, Portion, Settlement
from engine.store.strays import Strays
from engine.store.trouble import StoreError, StoreUnavailableError, UnwritableError
from engine.store.view import PersonView

__all__ = [
    "Appended",
    "Aside",
    "Batch",
    "CallSettlement",
    "Changes",
    "Deployed",
    "Deployment",
    "EdgeCount",
    "Person",
    "PersonView",
    "Portion",
    "Residence",
    "Settlement",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "UnwritableError",
]


class Store(Names, Protocol):
    """What is remembered between batches, and between restarts."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may advance people and hand over at the same time."""
        ...

    def listen(self, told: Callable[[], None]) -> None:
        """From now on ``told`` is called, in a thread, when another process has left work there."""
        ...

    def secret(self) -> bytes:
        """The same for all who share the store, made when it is first asked for."""
        ...

    @property
    def learnt(self) -> Learnt:
        """What was learnt while journeys ran."""
        ...

    @property
    def old(self) -> Old | None:
        """What is over, and can be let go of; None if all goes with the process anyhow."""
        ...

    @property
    def gates(self) -> Gates:
        """What all who hand over have used of limits together, and what rests."""
        ...

    @property
    def numbers(self) -> Numbers:
        """Whose telephone numbers are, and what was said from them."""
        ...

    @property
    def bars(self) -> Bars:
        """What is known against addresses, whoever has them."""
        ...

    @property
    def deeds(self) -> Deeds:
        """The audit log."""
        ...

    @property
    def hooks(self) -> Hooks:
        """Who is told of what happens."""
        ...

    @property
    def keys(self) -> StoredKeys:
        """Who may ask the API for what."""
        ...

    @property
    def pages(self) -> Pages:
        """What may be long, a little at a time."""
        ...

    @property
    def imports(self) -> Imports:
        """Bringing in many people at once, and how far that has come."""
        ...

    @property
    def memberships(self) -> Memberships:
        """Who is in which segment, of those whose comings and goings matter."""
        ...

    @property
    def strays(self) -> Strays:
        """What was sent and does not stand in the tracking plan."""
        ...

    @property
    def pulse(self) -> Pulse:
        """How the store is: its time, and what waits."""
        ...

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        """Makes arrivals durable. An id seen before is counted as repeated and ignored. The
        numbers in the arrivals are replaced by the store's own, ascending.
        """
        ...

    def batch(self) -> AbstractContextManager[Batch]:
        """A transaction of a runner; runners are the only writers of runs."""
        ...

    def next_wake(self) -> Instant | None:
        """The earliest instant at which anything is due: an arrival, a timer, a queued delivery,
        an open call, or the end of the lease of one of these whose answer is still out.
        """
        ...

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[Delivery]:
        """Takes up to ``limit`` queued deliveries due by ``now``, in order of due time, and marks
        them ``calling`` until ``lease``. They come back as they are now stored.
        """
        ...

    def lanes(self, now: Instant) -> list[str]:
        """The lanes in which a queued delivery is due by ``now``."""
        ...

    def claim_from(
        self, now: Instant, portions: Sequence[Portion], lease: Instant
    ) -> list[list[Delivery]]:
        """As ``claim``, from certain lanes: what each portion got, all in one transaction."""
        ...

    def renew(self, until: Instant, calls_until: Instant, *, everybody: bool = False) -> None:
        """Lets what was claimed here, and is not settled, be leased until then. Settlements go on
        naming the lease of the claim. With ``everybody`` it is so for claims of all processes whose
        lease would end before: whoever could not reach the store does not know who else could not.
        """
        ...

    def lost(self, now: Instant) -> list[Delivery]:
        """Deliveries still ``calling`` whose lease ended by ``now``: their answer was lost."""
        ...

    def settle(self, settlements: Sequence[Settlement], receipts: Sequence[Arrival]) -> None:
        """Writes what became of claimed deliveries and appends the receipts, in one transaction.
        Deliveries that are not kept any more are skipped, and so are their receipts, with what came
        with them of the same people.
        """
        ...

    def services(self, now: Instant) -> list[str]:
        """The web services of which a call is due by ``now``, or its lease over."""
        ...

    def claim_calls(
        self, now: Instant, limit: int, lease: Instant, service: str | None = None
    ) -> list[CallWebhook]:
        """Takes up to ``limit`` calls that are due by ``now`` or whose lease ended by then, in the
        order of that time, and leases them until ``lease``. They come back as they are now stored.
        With a ``service``, only those to it.
        """
        ...

    def settle_calls(self, settlements: Sequence[CallSettlement]) -> None:
        """Puts claimed calls back, or removes them and appends their answers, in one transaction.
        Calls that are not kept any more are skipped, and so are their answers.
        """
        ...

    def reopen_calls(self, now: Instant) -> None:
        """Makes every call due at ``now`` whose answer is still out: for a process that begins
        alone with its store, when nobody waits for those answers any more.
        """
        ...

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        """Profiles, runs and the named history of people, outside any batch (hand-over, why).
        People the store never heard of are left out.
        """
        ...

    def audience(self, rule: Rule, program: Program, now: Instant) -> Iterator[str]:
        """Everybody of whom ``rule`` is true at ``now``, in no order: whoever has told or done
        something that was processed, and has gone into nobody. The rule is one of a segment, of a
        consent or of a reach: it asks about no journey's data.
        """
        ...

    def audience_size(self, rule: Rule, program: Program, now: Instant) -> int:
        """How many people ``audience`` names."""
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

    def consents(self, person: str) -> list[Entry]:
        """All that a person has said about being written to, as we heard it, also what waits to be
        processed. Nothing takes a word away but forgetting the person.
        """
        ...

    def dossier(self, person: str) -> Dossier | None:
        """All that is known of a person at one moment; None of who was never heard of."""
        ...

    def edges(self) -> dict[EdgeCount, int]:
        """How often people went along each edge, over all batches."""
        ...

    def wake_everyone(self, at: Instant) -> None:
        """Has everybody's calendar looked through at ``at``: for a project with other ones."""
        ...

    def deploy(
        self,
        deployment: Deployment,
        *,
        onto: int | None = None,
        empty: Collection[Residence] = (),
        visit: bool = False,
    ) -> Deployed:
        """Makes a project version the current one, under a number of the store's own; with
        ``visit``, a round through everybody begins with it. Nothing happens if the current one
        has another number than ``onto``, or somebody rests in one of ``empty``.
        """
        ...

    def deployed(self) -> Deployment | None:
        """The current project version."""
        ...

    def deployments(self) -> list[Deployment]:
        """All versions that were ever current, in their order, without their files."""
        ...

    def deployment(self, number: int) -> Deployment | None:
        """One of them, with its files."""
        ...

    def visiting(self) -> bool:
        """Whether a round through everybody is under way."""
        ...

    def set_aside(self) -> list[Aside]:
        """Who is set aside (``Changes.aside``), the longest first. They are not due, whatever
        arrives of them, until they are released; only forgetting them is not put off.
        """
        ...

    def release(self, at: Instant, people: Collection[str] | None = None) -> int:
        """Lets those of ``people`` who are set aside, or everybody, be due again as of ``at``, with
        everything that waited. How many they were. A deploy does so with everybody.
        """
        ...

    def suppressed(self) -> Iterator[Profile]:
        """Everybody with an address that is not written to: what rarely changes of them."""
        ...

    def residents(self) -> dict[Residence, int]:
        """How many people are where. Somebody with two runs in one step counts once."""
        ...

    def tidy(self) -> None:
        """Housekeeping, at a quiet hour: gives space back and keeps queries fast. Changes nothing
        that anybody could see.
        """
        ...

    def close(self) -> None:
        """Gives connections back. The store is not used afterwards."""
        ...
