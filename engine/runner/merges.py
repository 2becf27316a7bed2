"""What a batch reads because people become one: only where somebody does."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.calendar import Instant
from engine.core.bars import Destination, destination_of
from engine.core.identity import Unions, needs_all, since
from engine.core.merging import Merging
from engine.core.obeying import numbers_in
from engine.core.signals import Joined, Left, MergeAsked
from engine.store.protocol import Batch, Person

__all__ = ["Merges"]


class Merges:
    """The merges of a batch: names that are asked about, whoever is handed something, and who has
    gone into whom.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.targets: set[str] = set()
        self.joined: dict[str, str] = {}
        self.left: list[Left] = []
        self._alone = False

    def __bool__(self) -> bool:
        """Whether there are any, or somebody is here who has gone into another."""
        return bool(self.targets or self.joined)

    def add_to(
        self, inside: set[str], numbers: set[tuple[str, str]], destinations: set[Destination]
    ) -> None:
        """The journeys in which those were who have gone, and the addresses that others come to
        have by that.
        """
        for left in self.left:
            addresses = left.profile.addresses
            inside.update([run.journey for run in left.runs])
            numbers.update(numbers_in(addresses))
            destinations.update([destination_of(*each) for each in addresses.items()])

    def take(self, person: str, arrival: MergeAsked | Joined) -> None:
        """Somebody is to go into another, or has."""
        if isinstance(arrival, MergeAsked):
            self._ask(person, arrival)
        elif arrival.left is not None:
            self.joined[arrival.name] = person
            self.left.append(arrival.left)

    def _ask(self, person: str, asked: MergeAsked) -> None:
        self.names.update((person, asked.into))
        self.targets.add(asked.into)
        self._alone = self._alone or needs_all(asked)

    def load(
        self,
        batch: Batch,
        people: Mapping[str, Person],
        now: Instant,
        events: frozenset[str],
        journeys: frozenset[str],
    ) -> Merging:
        """Reads what these merges need, before anything else is read that is not the people."""
        found = {}
        if self.names:
            names = self.names | {each.profile.identity.merged for each in people.values()} - {""}
            found = batch.unions(names, since(now), alone=self._alone)
        batch.hold(self.targets.union(each.root for each in found.values()))
        about = {*self.names, *self.joined.values()} & people.keys()
        return Merging(
            Unions(found),
            batch.behind(self.joined, events, journeys) if self.joined else {},
            batch.origins(sorted(about)) if about else {},
            {name: each.heard for name, each in people.items()},
        )
