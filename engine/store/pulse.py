"""How a store is: what time it goes by, how far it is, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from dsl.calendar import Instant

__all__ = ["Backlog", "Pulse"]


class Backlog(NamedTuple):
    """Arrivals that are durable and not processed yet, without those of people who are set aside:
    how many, and when the first of them was received.
    """

    arrivals: int
    oldest: Instant | None


class Pulse(Protocol):
    """Asked now and then, beside the work."""

    def clock(self) -> Instant | None:
        """What time it is by the clock that all have who share the store; None if they have none
        but that of their machine.
        """
        ...

    def latest(self) -> Instant | None:
        """The instant up to which something is remembered: that of the last arrival or of the last
        decision, whichever is later.
        """
        ...

    def backlog(self) -> Backlog:
        """What waits to be processed."""
        ...

    def waited(self) -> Mapping[str, float]:
        """How many seconds this process has waited for others by now, by what for."""
        ...

    def bring_forward(self, now: Instant) -> int:
        """Lets arrivals be due at ``now`` that were received later, by a clock that was ahead: in
        the order of their coming, and before all that comes from now on. How many they were.
        """
        ...
