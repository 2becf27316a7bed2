"""Who is in which segment, as far as it is kept: of segments whose comings and goings matter."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from engine.core.program import Program
from engine.store.scores import Scores

__all__ = ["Memberships", "Rebuilt"]


class Rebuilt(NamedTuple):
    """One segment held against its rule. Those who have ``entered`` or ``left`` are looked at, and
    that is when it is told, to each of them once; of ``first`` it was not known before.
    """

    segment: str
    members: int
    entered: int = 0
    left: int = 0
    first: int = 0


class Memberships(Protocol):
    """What is kept of who is in a segment, for everybody at once."""

    @property
    def scores(self) -> Scores:
        """What everybody is like, for scores."""
        ...

    def rebuild(self, program: Program, names: Collection[str], now: Instant) -> list[Rebuilt]:
        """Holds what is kept of these segments against their rules, for everybody, in one
        transaction: nothing is changed, or all is.

        Whose membership is another one than is kept is due at ``now``: nobody but who advances a
        person says that they came or went, with everything that follows from it, so it is said once,
        whatever happens beside this, and however often it is done. Of whom nothing is kept yet, it
        is kept from now on, and nothing is said. People of whom something is still to be computed by
        another formula are left to the round that does so. Of segments whose comings and goings do
        not matter nothing is kept: they are only counted.
        """
        ...

    def then(self, program: Program, segment: str, then: Instant) -> set[str]:
        """Who was in a segment at an earlier time, by what had happened by then. What people have
        told of themselves, their consents and addresses are as they are now; what is computed of
        them is as it was.
        """
        ...
