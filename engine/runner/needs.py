"""What the people of a batch need beside themselves: found out from what happens to them, and read in
a few statements for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.bars import Bar, Destination, destination_of
from engine.core.best_time import SEEN
from engine.core.consent import CONSENT_EVENTS
from engine.core.effects import Delivery
from engine.core.learning import Snapshot
from engine.core.merging import Merging
from engine.core.numbers import Said
from engine.core.obeying import numbers_in
from engine.core.program import Program
from engine.core.receipts import LATER_FAILURES, PROOFS_OF_READING
from engine.core.run import Run
from engine.core.signals import (
    EventArrived,
    Joined,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
    WordSaid,
)
from engine.core.tallying import is_behind
from engine.runner.merges import Merges
from engine.store.protocol import Batch, Person

__all__ = ["Loaded", "Needed"]


class Loaded(NamedTuple):
    """What a batch read beside profiles, runs and arrivals."""

    history: Mapping[str, Mapping[str, list[Happened]]]
    closed: Mapping[str, list[Run]]
    deliveries: Mapping[str, Delivery]
    snapshots: Mapping[str, Snapshot]
    said: Mapping[tuple[str, str], Said]
    bars: Mapping[Destination, Bar]
    merging: Merging | None
    behind: Mapping[str, Mapping[str, list[Happened]]]  # of whom something is computed anew

    def past(self, name: str, person: Person) -> dict[str, list[Happened]]:
        """A person's history before the pending arrivals, which the fold adds one by one."""
        history = self.history.get(name)
        if name in self.behind:
            history = {**self.behind[name], **(history or {})}
        if not history:
            return {}
        pending = {a.event.number for a in person.pending if isinstance(a, EventArrived)}
        return {
            event: [h for h in happened if h.number not in pending] if pending else happened
            for event, happened in history.items()
        }


def _destinations(addresses: Mapping[str, str | None]) -> Iterator[Destination]:
    """Addresses that somebody comes to have."""
    for channel, address in addresses.items():
        if address:
            yield destination_of(channel, address)


class Needed(NamedTuple):
    """What the people of a batch need beside themselves, and so what is read at all."""

    events: frozenset[str]
    journeys: frozenset[str]  # whose ended runs matter
    deliveries: tuple[str, ...]
    subjects: tuple[str, ...]  # that were learnt about, and by which people are decided
    numbers: frozenset[tuple[str, str]]  # that somebody comes to have, by channel
    destinations: frozenset[Destination]  # and addresses of all channels
    held_back: tuple[str, ...]  # deliveries, because of their addresses
    behind: tuple[str, ...]  # of whom something is computed anew, from
    computed: frozenset[str]  # these events
    merges: Merges

    @classmethod
    def of(cls, program: Program, people: Mapping[str, Person]) -> Needed:
        inside: set[str] = set()
        arriving: set[str] = set()
        starting: set[str] = set()
        deliveries: dict[str, None] = {}
        missed: set[str] = set()
        numbers: set[tuple[str, str]] = set()
        destinations: set[Destination] = set()
        held_back: list[str] = []
        merges = Merges()
        for name, person in people.items():
            if merged := person.profile.identity.merged:
                merges.targets.add(merged)
            for run in person.runs:
                inside.add(run.journey)
                if run.frozen is not None:
                    missed.update(program.heard.get(run.journey, ()))
            for arrival in person.pending:
                if isinstance(arrival, EventArrived):
                    arriving.add(arrival.event.name)
                elif isinstance(arrival, ReceiptArrived):
                    deliveries[arrival.delivery] = None
                    if arrival.failure and arrival.what == "stopped":
                        held_back.append(arrival.delivery)
                    if arrival.what in LATER_FAILURES:
                        missed.update(PROOFS_OF_READING)
                elif isinstance(arrival, StartAsked):
                    starting.add(arrival.journey)
                elif isinstance(arrival, WordSaid):
                    missed.update(CONSENT_EVENTS)
                elif isinstance(arrival, ProfileChanged):
                    if arrival.addresses:
                        numbers.update(numbers_in(arrival.addresses))
                        destinations.update(_destinations(arrival.addresses))
                elif isinstance(arrival, MergeAsked | Joined):
                    merges.take(name, arrival)
        if merges.left:
            merges.add_to(inside, numbers, destinations)
        arriving.update(program.emitted)
        starting |= program.started | program.by_calendar
        starting.update(
            trigger.machine.journey
            for event in arriving
            for trigger in program.triggers.get(event, ())
        )
        journeys = starting & program.remembers
        if deliveries:
            journeys.update(program.project.machines)
        events = program.history_needed(inside | starting, arriving) | missed
        subjects: tuple[str, ...] = ()
        if program.lessons:
            subjects = program.lessons.needed(inside | starting | program.by_calendar)
            if deliveries or not arriving.isdisjoint(SEEN):
                events |= program.habits
        needed = (
            events,
            frozenset(journeys),
            tuple(deliveries),
            subjects + (() if program.scoring is None else program.scoring.subjects),
            frozenset(numbers),
            frozenset(destinations),
            tuple(held_back),
        )
        if (computing := program.computing) is None:
            return cls(*needed, (), frozenset(), merges)
        behind = [name for name, each in people.items() if is_behind(computing, each.profile)]
        return cls(*needed, tuple(behind), computing.events, merges)

    def load(self, batch: Batch, people: Mapping[str, Person], now: Instant) -> Loaded:
        """Reads it."""
        names = list(people)
        merging = None
        if self.merges:
            events = self.events | self.computed
            merging = self.merges.load(batch, people, now, events, self.journeys)
        deliveries = batch.deliveries(self.deliveries) if self.deliveries else {}
        destinations = self.destinations
        if self.held_back:
            found = (deliveries[name] for name in self.held_back if name in deliveries)
            destinations |= {destination_of(each.channel, each.address) for each in found}
        return Loaded(
            batch.history(names, self.events) if self.events else {},
            batch.closed_runs(names, self.journeys) if self.journeys else {},
            deliveries,
            batch.snapshots(self.subjects, now) if self.subjects else {},
            batch.said(self.numbers) if self.numbers else {},
            batch.bars(destinations) if destinations else {},
            merging,
            batch.history(self.behind, self.computed) if self.behind else {},
        )
