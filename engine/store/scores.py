"""What everybody is like, for scores: the bounds between the fifths, and who is beyond them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from dsl.scoring import Score

__all__ = ["Bounds", "Scores"]


class Bounds(NamedTuple):
    """The bounds of a score since ``at``. The first ones have the number 1."""

    number: int
    at: Instant
    values: tuple[int, ...]


class Scores(Protocol):
    """Asks, and changes, what concerns everybody at once."""

    def bounds(self, score: Score, now: Instant) -> Bounds | None:
        """The latest bounds by ``now``."""
        ...

    def first(self, score: Score) -> Bounds | None:
        """The first bounds there were."""
        ...

    def divide(self, score: Score) -> tuple[int, ...]:
        """The bounds as they would be now: of all values in their order the ones that stand at a
        fifth, two, three and four fifths. None of nobody.
        """
        ...

    def keep(self, at: Instant, bounds: Mapping[str, Sequence[int]]) -> None:
        """Lets these bounds, by the subjects of their scores, hold from ``at`` on."""
        ...

    def wake(self, score: Score, bounds: Sequence[int], now: Instant) -> int:
        """Has everybody looked at whose score by these bounds is another one than is kept; in one
        transaction. How many they are.
        """
        ...
