"""What the memory store keeps of one person, and when they are due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.aside import Aside
from engine.core.changes import Merge
from engine.core.consent import CONSENT_EVENTS, Entry, entry_of
from engine.core.decision import Decision
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival, Erased, EventArrived, ReceiptArrived, StartAsked

__all__ = ["Alarm", "Kept"]

_Pending: TypeAlias = tuple[Instant, int, Arrival]  # received, number: the order of processing


class Alarm(NamedTuple):
    """A person is due at an instant: for a run's timer, for an arrival (it has a ``number``), or
    for something of their own calendar (neither).
    """

    at: Instant
    heard: int
    person: str
    run: str
    number: int


@dataclass(slots=True)
class Kept:
    """Everything of one person. ``heard`` counts people in the order of first hearing of them."""

    heard: int
    profile: Profile
    known: bool = False
    runs: dict[str, Run] = field(default_factory=dict)
    closed: dict[str, Run] = field(default_factory=dict)
    latest: dict[str, dict[str, Run]] = field(default_factory=dict)  # journey, key: a closed run
    pending: dict[int, _Pending] = field(default_factory=dict)
    history: dict[str, list[Happened]] = field(default_factory=dict)
    decisions: list[tuple[int, Decision]] = field(default_factory=list)  # as they were taken
    deliveries: list[str] = field(default_factory=list)
    arrived: list[tuple[int, str]] = field(default_factory=list)  # numbers and ids in the log
    aside: Aside | None = None
    origins: dict[str, Origin] = field(default_factory=dict)
    receipts: list[ReceiptArrived] = field(default_factory=list)  # those that were processed
    starts: list[StartAsked] = field(default_factory=list)  # likewise
    names: list[Merge] = field(default_factory=list)  # of others who have gone into them

    def ledger(self) -> list[Entry]:
        """All words about consent: history, of which nothing is ever let go of here."""
        names = dict(self.arrived)
        said = [each for event in CONSENT_EVENTS for each in self.history.get(event, ())]
        said.sort(key=lambda each: (each.received, each.number))
        words = (entry_of(names[each.number], self.profile.id, each) for each in said)
        return [word for word in words if word is not None]

    def waiting(self, now: Instant) -> list[Arrival]:
        """What is to be processed by ``now``, in that order."""
        due = [each[2] for each in sorted(self.pending.values()) if each[0] <= now]
        return due if self.aside is None else [each for each in due if isinstance(each, Erased)]

    def filed(self) -> list[tuple[Arrival, bool]]:
        """What has arrived and is kept, in its order, and whether it waits."""
        names = dict(self.arrived)
        found: dict[int, tuple[Arrival, bool]] = {
            event.number: (EventArrived(names[event.number], self.profile.id, event), False)
            for events in self.history.values()
            for event in events
        }
        found.update({number: (each[2], True) for number, each in self.pending.items()})
        return [found[number] for number in sorted(found)]

    def past(self, events: Iterable[str]) -> dict[str, list[Happened]]:
        """The named history, in lists of the caller's own."""
        return {name: self.history.get(name, [])[:] for name in events}
