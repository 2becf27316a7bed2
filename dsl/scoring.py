"""Scores from 1 to 5: how somebody compares with everybody, or with bounds that are written down.

RFM is three of them: how recently, how often, and for how much. Where everybody is divided into
fifths, the bounds between the fifths are data: computed now and then for everybody at once, numbered,
and the same for all who decide by them until there are others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dsl.calendar import Instant
from dsl.expr.schedule import Schedule

__all__ = ["BANDS", "GRID", "Score", "Scoring", "places_of_bounds"]

BANDS = 5
"""The best score, and how many parts everybody is divided into."""

GRID: tuple[tuple[str, str, str, str], ...] = (
    ("champions", "Champions", "5", "4, 5"),
    ("loyal_customers", "Loyal customers", "3, 4", "4, 5"),
    ("potential_loyalists", "Could become loyal", "4, 5", "2, 3"),
    ("new_customers", "New customers", "5", "1"),
    ("promising", "Promising", "4", "1"),
    ("needing_attention", "Need attention", "3", "3"),
    ("about_to_sleep", "About to sleep", "3", "1, 2"),
    ("at_risk", "At risk", "1, 2", "3, 4"),
    ("not_to_lose", "Must not be lost", "1, 2", "5"),
    ("hibernating", "Hibernating", "1, 2", "1, 2"),
)
"""Segments by recency and frequency: name, title, and the scores of both. Whoever has both scores is
in one of them, and in no other.
"""


@dataclass(frozen=True, slots=True)
class Score:
    """An attribute that is scored, and the attribute by which. ``bounds`` are those written down
    (None: those of everybody); with ``ages`` they are how long ago a moment may be at most, in
    microseconds, for each score from the best one down.
    """

    name: str
    attribute: str
    place: str = field(compare=False)
    bounds: tuple[int, ...] | None = None
    ages: tuple[int, ...] | None = None

    @property
    def subject(self) -> str:
        """What its bounds are called among all that is computed for everybody."""
        return f"score {self.name} {self.attribute}"

    @property
    def is_relative(self) -> bool:
        """Whether everybody is compared with everybody."""
        return self.bounds is None and self.ages is None

    def of(self, value: int | None, bounds: Sequence[int] | None, now: Instant) -> int | None:
        """The score of a value; None if the value, or what to compare it with, is missing."""
        if value is None:
            return None
        if self.ages is not None:
            return 1 + sum(now < value + age for age in self.ages)
        known = self.bounds if self.bounds is not None else bounds
        return None if known is None else 1 + sum(value > bound for bound in known)

    def changes(self, value: int | None, now: Instant) -> Iterator[Instant]:
        """When the score of a value will be another one though nothing happens."""
        if value is not None and self.ages is not None:
            yield from (value + age for age in self.ages if value + age > now)


@dataclass(frozen=True, slots=True)
class Scoring:
    """The scores of a project, and when everybody is divided anew."""

    scores: tuple[Score, ...]
    every: Schedule

    @property
    def subjects(self) -> tuple[str, ...]:
        """What the bounds are called that are those of everybody."""
        return tuple(score.subject for score in self.scores if score.is_relative)


def places_of_bounds(count: int) -> tuple[int, ...]:
    """Which of so many values in their order, from 0 on, are the bounds of the fifths."""
    return tuple(part * (count - 1) // BANDS for part in range(1, BANDS)) if count else ()
