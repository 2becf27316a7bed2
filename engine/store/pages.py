"""Reading a little at a time: pages of what may be long, in an order that writing does not change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.origins import Origin
from engine.core.signals import EventArrived, ReceiptArrived, StartAsked

__all__ = ["Pages"]


class Pages(Protocol):
    """Each thing comes with its place, by which one goes on. What a page costs depends on its size
    and on one person at most, never on how many people there are. Places of somebody else's things
    lead nowhere.
    """

    def people(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Up to ``limit`` people behind a place, in the order in which they were first heard of."""
        ...

    def events(
        self, person: str, before: int | None, limit: int, names: Collection[str] = ()
    ) -> list[EventArrived]:
        """What a person did, the last that arrived first; only events of these ``names``, if there
        are any. Their numbers are the places.
        """
        ...

    def deliveries(self, person: str, before: int | None, limit: int) -> list[tuple[int, Delivery]]:
        """A person's deliveries, the last that was decided first."""
        ...

    def decisions(self, person: str, before: int | None, limit: int) -> list[tuple[int, Decision]]:
        """A person's decisions, the last one first."""
        ...

    def receipts(self, person: str, delivery: str, limit: int) -> list[ReceiptArrived]:
        """What was told of a person's delivery, in the order in which it arrived: the last
        ``limit`` words.
        """
        ...

    def arrival(self, identity: str) -> EventArrived | StartAsked | None:
        """The event, or the call for a journey, that arrived under an id, if it is still kept."""
        ...

    def origins(self, person: str) -> Mapping[str, Origin]:
        """Where a person's attributes and addresses come from (``engine.core.origins``)."""
        ...

    def waiting(self, person: str) -> Collection[str]:
        """Of which kinds there is something of a person that waits to be processed."""
        ...
