"""Bringing in many people at once, and how far a file has been brought in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from engine.core.bars import Destination, destination_of
from engine.core.obeying import NUMBERED
from engine.core.past import is_plain
from engine.core.signals import Arrival, MergeAsked, ProfileChanged

__all__ = ["Brought", "Imports", "apart", "counted", "destinations_of", "numbers_among"]


class Brought(NamedTuple):
    """``new`` people were written down at once, with ``written`` arrivals; ``waiting`` arrivals are
    of others and wait to be processed; ``repeated`` ones were there already. That two names are one
    person's is said beside, and counted nowhere.
    """

    new: int
    written: int
    waiting: int
    repeated: int


class Imports(Protocol):
    """The part of a store that is about bringing in what others knew."""

    def reached(self, name: str) -> str | None:
        """The text of the mark of this name."""
        ...

    def marks(self) -> Mapping[str, str]:
        """All marks, by their names."""
        ...

    def bring(
        self,
        arrivals: Sequence[Arrival],
        name: str,
        mark: Callable[[Brought], str],
        wake: Instant | None = None,
    ) -> Brought:
        """In one transaction: who is not known yet and of whom there is nothing but plain past is
        known from here on, and wakes at ``wake``, if that is not None; everything else waits to be
        processed, as by ``Store.append``; and the mark ``name`` is set to what ``mark`` says of it.

        Whoever else appends, advances and hands over meanwhile is in nobody's way: nothing is
        touched of anybody who is known.
        """
        ...


def apart(arrivals: Sequence[Arrival]) -> tuple[dict[str, list[Arrival]], list[Arrival]]:
    """By person, what there is of those of whom all is plain; and the rest, in its order."""
    people: dict[str, list[Arrival]] = {each.person: [each] for each in arrivals}
    if len(people) == len(arrivals) and all(map(is_plain, arrivals)):  # so it is in most files
        return people, []
    people = {}
    mixed: set[str] = set()
    for arrival in arrivals:
        person = arrival.person
        if person in people:
            people[person].append(arrival)
        else:
            people[person] = [arrival]
        if not is_plain(arrival):
            mixed.add(person)
    if not mixed:
        return people, []
    rest = [arrival for arrival in arrivals if arrival.person in mixed]
    return {name: past for name, past in people.items() if name not in mixed}, rest


def counted(rest: Sequence[Arrival], repeats: Collection[int]) -> tuple[int, int]:
    """How many of these wait now, and how many were there already: they are at these places."""
    told = [place for place, each in enumerate(rest) if not isinstance(each, MergeAsked)]
    repeated = sum(place in repeats for place in told)
    return len(told) - repeated, repeated


def destinations_of(past: Iterable[Arrival]) -> set[Destination]:
    """The addresses that somebody comes to have."""
    return {
        destination_of(channel, address)
        for each in past
        if isinstance(each, ProfileChanged)
        for channel, address in each.addresses.items()
        if address
    }


def numbers_among(destinations: Iterable[Destination]) -> set[tuple[str, str]]:
    """Those from which somebody may have said something."""
    return {each for each in destinations if each[0] in NUMBERED}
