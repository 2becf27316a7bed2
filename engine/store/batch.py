"""One transaction of a runner, as every store has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.bars import Bar, Destination
from engine.core.changes import Changes
from engine.core.effects import Delivery
from engine.core.learning import Snapshot
from engine.core.numbers import Said
from engine.core.origins import Origin
from engine.core.run import Run
from engine.store.heard import Person
from engine.store.merging import Merging

__all__ = ["Batch"]


class Batch(Merging, Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` changes nothing."""

    def due(self, now: Instant, limit: int) -> list[str]:
        """Up to ``limit`` people with an arrival received, or a timer or wake due, by ``now``,
        longest overdue first; at the same instant, in an order of the store's own. Where several
        workers share a store, nobody is given whom another has in hand, and a full batch may be
        of some parts of the people only.
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

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        """What was said from these numbers (channel, number), if anything."""
        ...

    def bars(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        """What is known against these addresses, whoever has them, if anything."""
        ...

    def origins(self, people: Sequence[str]) -> dict[str, dict[str, Origin]]:
        """Where the attributes and addresses of these people come from, by name; people of whom
        that is not known are left out.
        """
        ...

    def number(self) -> int:
        """The next free log number, reserved for an event the engine itself makes in this batch
        (``Changes.events``). Ascending; gaps are allowed.
        """
        ...

    def current(self) -> int:
        """The number of the deployment that is current; 0 if nothing was ever deployed."""
        ...

    def visit(self, limit: int) -> list[str] | None:
        """The next ``limit`` people of a round through everybody; fewer or none at its end, None
        if no round is under way. They have been visited when the batch is committed. Who is set
        aside is left out: they come back with everything.
        """
        ...

    def released(self, people: Sequence[str]) -> set[str]:
        """Those of these people who were set aside before, and released since."""
        ...

    def unreadable(self) -> Mapping[str, Exception]:
        """Of whom something that was read so far cannot be understood, and why. It was left out, so
        nothing may be decided about them.
        """
        ...

    def commit(self, changes: Changes) -> None:
        """Writes everything and ends the transaction. A run that ``load`` or ``closed_runs`` gave
        is replaced; any other is new. Nothing wakes a closed run. Raises ``UnwritableError`` if it
        is about single people that this cannot be done.
        """
        ...
