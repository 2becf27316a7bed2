"""What a batch has before it of one person, and what became of what arrived."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival

__all__ = ["Appended", "Person"]


@dataclass(slots=True)
class Person:
    """Everything loaded of one person for a batch.

    ``runs`` are the live and watched ones in the order of (entered, id); ``pending`` the
    unprocessed arrivals in the order of (received, number). ``profile`` is an empty one for
    somebody unknown so far: no batch has written a profile. ``heard`` ascends with when the store
    first heard of each.
    """

    profile: Profile
    runs: list[Run] = field(default_factory=list)
    pending: list[Arrival] = field(default_factory=list)
    known: bool = True
    heard: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Appended:
    """How many arrivals were new, and how many were repeated and ignored; these are at the places
    ``repeats`` of what was given.
    """

    accepted: int
    repeated: int
    repeats: frozenset[int] = field(default=frozenset(), compare=False)
