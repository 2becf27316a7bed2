"""When a journey starts by the calendar (``schedule: every Friday at 08:00``), as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

from dsl.calendar import Duration

__all__ = ["RECIPIENT", "EveryLength", "Monthly", "OnWeekdays", "Once", "Schedule"]


RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class OnWeekdays:
    """Every day named; 0 is Monday. ``working`` leaves out holidays.

    ``zone`` is a name, ``RECIPIENT``, or None if the author did not say.
    """

    days: frozenset[int]
    working: bool
    clock: time
    zone: str | None


@dataclass(frozen=True, slots=True)
class EveryLength:
    """Every so often, counted from a day (None: from the day it went live)."""

    length: Duration
    start: date | None
    clock: time
    zone: str | None


@dataclass(frozen=True, slots=True)
class Monthly:
    """The n-th day of every month, or the n-th Monday; -1 is the last one."""

    ordinal: int
    days: frozenset[int] | None
    working: bool
    clock: time
    zone: str | None


@dataclass(frozen=True, slots=True)
class Once:
    """One time only."""

    day: date
    clock: time
    zone: str | None


Schedule: TypeAlias = OnWeekdays | EveryLength | Monthly | Once
