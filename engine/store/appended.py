"""What became of arrivals at the door."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Appended"]


@dataclass(frozen=True, slots=True)
class Appended:
    """How many arrivals were new, and how many were repeated and ignored; these are at the places
    ``repeats`` of what was given.
    """

    accepted: int
    repeated: int
    repeats: frozenset[int] = field(default=frozenset(), compare=False)
