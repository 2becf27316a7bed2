"""What a batch writes: everything that folding its people has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.aside import Aside
from engine.core.bars import NO_BAR, Bar, Destination
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.learning import Assignment, Counted
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived

__all__ = ["Changes", "EdgeCount", "Handed", "Merge"]


class EdgeCount(NamedTuple):
    """How often people went from one instruction to another (``source`` -1: entered)."""

    journey: str
    version: str
    source: int
    target: int


class Merge(NamedTuple):
    """A person has gone into another. ``number`` is that of the arrival that asked for it."""

    person: str
    into: str
    at: Instant
    by: str
    number: int = 0


class Handed(NamedTuple):
    """An arrival that waited for ``of`` waits for somebody else now: for its person, from ``at`` on."""

    of: str
    arrival: Arrival
    at: Instant


@dataclass(slots=True)
class Changes:
    """``events`` are history made by the engine itself (message_sent, emitted events), numbered
    and stored as already processed; one whose id is in the log already is ignored. ``processed``
    are the numbers of consumed arrivals. ``erased`` are people with the number of the arrival that
    had them forgotten: all that is kept of them, and of who has gone into them, goes before anything
    else is written, except arrivals with a higher number, and who was to go into them by such a one.

    Of two values with one id the later one counts. A delivery that ``Batch.deliveries`` loaded is
    replaced; any other is new, and ignored if its id is there already: nothing that is decided
    twice is sent twice. An assignment whose id is there already is ignored as well. ``counts`` are
    added to what was counted before; they are about nobody in particular. A call takes the place
    of one with its id. Those in ``aside`` are set aside, and nothing else is about them.
    ``consents`` are words for the consent ledger; one whose id is in it already is ignored.
    ``origins`` are those of attributes and addresses that were set, by person and name. ``bars``
    are joined to what is known against addresses, and are nobody's: forgetting leaves them.

    Those in ``merges`` have gone into others: of their profile nothing stays but that, nor any open
    run. What is ``handed`` on keeps its number, and is not processed. After a merge is ``joined``
    (person, name), all that is kept under the name is the person's, but for what waits there.
    """

    profiles: list[Profile] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    calls: list[CallWebhook] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    events: list[EventArrived] = field(default_factory=list)
    processed: list[int] = field(default_factory=list)
    edges: dict[EdgeCount, int] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    counts: dict[Counted, int] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    consents: list[EventArrived] = field(default_factory=list)
    origins: dict[str, dict[str, Origin]] = field(default_factory=dict)
    bars: dict[Destination, Bar] = field(default_factory=dict)

    def bar(self, destination: Destination, bar: Bar) -> None:
        """Writes down what is known against an address."""
        self.bars[destination] = self.bars.get(destination, NO_BAR).joined(bar)

    merges: list[Merge] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)

    def trace(self, person: str, origins: Mapping[str, Origin]) -> None:
        """Writes down where something of a person comes from."""
        self.origins.setdefault(person, {}).update(origins)

    def forget(self, person: str, number: int) -> None:
        """Erases a person, together with what this batch would have written of them so far."""
        self.profiles = [each for each in self.profiles if each.id != person]
        self.runs = [each for each in self.runs if each.person != person]
        self.deliveries = [each for each in self.deliveries if each.person != person]
        self.calls = [each for each in self.calls if each.person != person]
        self.decisions = [each for each in self.decisions if each.person != person]
        self.events = [each for each in self.events if each.person != person]
        self.assignments = [each for each in self.assignments if each.person != person]
        self.consents = [each for each in self.consents if each.person != person]
        self.origins.pop(person, None)
        self.joined = [each for each in self.joined if each[0] != person]
        self.erased[person] = number
