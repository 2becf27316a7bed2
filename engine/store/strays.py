"""What was sent and does not stand in the tracking plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from dsl.calendar import DAY, Instant
from engine.core.signals import Arrival
from engine.core.strays import MOST_A_DAY, OTHERS, Oddity, Seen, Stray
from engine.store.heard import Appended

__all__ = ["Kept", "Strays", "bounded", "day_of"]


class Kept(NamedTuple):
    """A call that is kept aside, by its number."""

    number: int
    stray: Stray


class Strays(Protocol):
    """The part of a store that is about it. It never grows beyond the bounds of
    ``engine.core.strays``, whatever is sent.
    """

    def keep(self, odd: Mapping[Oddity, Seen], strays: Sequence[Stray], now: Instant) -> int:
        """Counts what was odd on the day of ``now``, and keeps calls aside as far as there is room;
        how many of them. One whose id is there is kept once. What is too old goes.
        """
        ...

    def seen(self, since: Instant) -> dict[tuple[Instant, Oddity], Seen]:
        """What was odd on each day (its beginning, UTC) that ended after ``since``."""
        ...

    def kept(self, after: int, limit: int) -> list[Kept]:
        """Calls that are kept aside, behind a number, in their order."""
        ...

    def count(self) -> int:
        """How many calls are kept aside."""
        ...

    def settle(self, gone: Sequence[int], arrivals: Sequence[Arrival]) -> Appended:
        """Lets calls go and appends what was made of them, in one transaction."""
        ...


def day_of(at: Instant) -> Instant:
    """The beginning of its day, in UTC."""
    return at - at % DAY


def bounded(odd: Mapping[Oddity, Seen], known: set[Oddity]) -> dict[Oddity, Seen]:
    """The same, with all that would be too many different ones in one. ``known`` are those that the
    day has had.
    """
    room = MOST_A_DAY - len(known)
    found: dict[Oddity, Seen] = {}
    for each, seen in odd.items():
        oddity, counted = each, seen
        if each not in known and each not in found:
            room -= 1
            if room < 0:
                oddity, counted = Oddity(OTHERS, "", ""), Seen(seen.times)
        before = found.get(oddity)
        found[oddity] = counted if before is None else before.plus(counted)
    return found
