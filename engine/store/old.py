"""The past, as a store shows it to whoever lets go of it: a little at a time, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from dsl.calendar import Instant
from engine.core.effects import Delivery
from engine.core.run import Run

__all__ = ["Ended", "Line", "Old", "Place", "Sent", "Shelf", "Taken"]

Shelf: TypeAlias = Literal["log", "closed_runs", "deliveries", "decisions", "assignments"]
"""Where numbered things of the past are."""


class Line(NamedTuple):
    """An arrival that has been processed. ``event`` is empty if it was none."""

    number: int
    person: str
    event: str
    occurred: Instant
    received: Instant


class Ended(NamedTuple):
    """A run that is over; ``is_last`` if no other of its person, journey and key ended later."""

    number: int
    run: Run
    is_last: bool


class Sent(NamedTuple):
    """A delivery; ``is_open`` while anything is to be done about it."""

    number: int
    delivery: Delivery
    is_open: bool


class Taken(NamedTuple):
    """A decision, or an assignment; ``is_open`` while it is not known what came of it."""

    number: int
    at: Instant
    is_open: bool = False


class Place(NamedTuple):
    """A snapshot of something that was learnt."""

    subject: str
    number: int


class Old(Protocol):
    """The part of a store that is about what is over.

    Every list begins after a number, is in the order of numbers, and is full unless it is the last.
    """

    def lines(self, after: int, limit: int) -> list[Line]:
        """Arrivals that do not wait any more. The person is empty if they were forgotten."""
        ...

    def ended(self, after: int, limit: int, remembered: Sequence[str]) -> list[Ended]:
        """Runs that are over. Of journeys that are not ``remembered``, none is the last."""
        ...

    def sent(self, after: int, limit: int) -> list[Sent]:
        """Deliveries."""
        ...

    def decided(self, after: int, limit: int) -> list[Taken]:
        """Decisions."""
        ...

    def assigned(self, after: int, limit: int) -> list[Taken]:
        """To whom splits that learn have given paths."""
        ...

    def overtaken(self, before: Instant, limit: int) -> list[Place]:
        """Snapshots that were not the latest any more even ``before``."""
        ...

    def in_hand(self, people: Sequence[str]) -> dict[str, Instant | None]:
        """Since when something of each of these people is not over, see ``core.keeping``."""
        ...

    def drop(self, shelf: Shelf, numbers: Sequence[int]) -> int:
        """Lets go of things, in one transaction; of what is open again, nothing. How many went.
        Their numbers are never given again.
        """
        ...

    def replace_runs(self, runs: Sequence[Ended]) -> None:
        """Writes runs that are over as they are now, in one transaction."""
        ...

    def silence(self, deliveries: Sequence[Sent]) -> int:
        """Lets go of what deliveries said, in one transaction."""
        ...

    def drop_snapshots(self, places: Sequence[Place]) -> int:
        """Lets go of snapshots, in one transaction."""
        ...

    def drop_released(self, before: Instant) -> int:
        """Forgets that people were set aside who were released ``before``."""
        ...

    def marks(self) -> Mapping[str, int]:
        """How far it has been gone through, as it was written down."""
        ...

    def mark(self, marks: Mapping[str, int]) -> None:
        """Writes down how far it has been gone through."""
        ...

    def take_turn(self, now: Instant, pause: Instant) -> bool:
        """Whether nobody else has begun within the ``pause`` before ``now``; nobody will, then."""
        ...
