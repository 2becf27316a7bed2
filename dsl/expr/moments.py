"""The part of the syntax tree that names moments and channels: ``wait until``, ``to first of``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from dsl.expr import tree

__all__ = [
    "At",
    "BestTime",
    "ChannelChoice",
    "DayName",
    "OnDays",
    "TimeWindow",
]


@dataclass(frozen=True, slots=True)
class DayName(tree.Node):
    """``Monday``, ``next Monday`` (never today), ``a weekday``, ``a working day``..."""

    days: tuple[int, ...]  # 0 is Monday
    next: bool = False
    working: bool = False


@dataclass(frozen=True, slots=True)
class At(tree.Node):
    """``x at 10:00``."""

    value: tree.Node
    clock: time | None


@dataclass(frozen=True, slots=True)
class OnDays(tree.Node):
    """``Monday or Thursday at 10:00``."""

    days: tuple[DayName, ...]
    clock: time | None


@dataclass(frozen=True, slots=True)
class TimeWindow(tree.Node):
    """``a weekday between 09:00 and 17:00``; ``days`` empty means every day."""

    days: tuple[DayName, ...]
    low: time
    high: time


@dataclass(frozen=True, slots=True)
class BestTime(tree.Node):
    """``best time on email within 2 days``."""

    channel: tree.Word | None
    within: tree.Length


@dataclass(frozen=True, slots=True)
class ChannelChoice(tree.Node):
    """``push if ...``."""

    channel: tree.Word
    when: tree.Node | None
