"""What became of a scenario."""

from __future__ import annotations

from typing import Literal, NamedTuple

from dsl.calendar import Instant
from dsl.scenario import Scenario
from engine.store.protocol import EdgeCount
from engine.why import Story

__all__ = ["Check", "Played"]


class Check(NamedTuple):
    """One line of what was expected, when, and whether it came. ``but`` says what came instead."""

    line: int
    at: Instant
    expected: str
    but: str = ""

    @property
    def held(self) -> bool:
        """Whether it came as expected."""
        return not self.but


class Played(NamedTuple):
    """A scenario that was played. ``story`` is told of those that failed."""

    scenario: Scenario
    checks: tuple[Check, ...]
    story: Story | None
    edges: frozenset[EdgeCount]
    messages: frozenset[str]
    seconds: float

    @property
    def outcome(self) -> Literal["passed", "failed"]:
        """Whether everything came as expected."""
        return "passed" if all(check.held for check in self.checks) else "failed"

    @property
    def failures(self) -> tuple[Check, ...]:
        """What did not come as expected."""
        return tuple(check for check in self.checks if not check.held)
