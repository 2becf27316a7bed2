"""What wakes the loops: a tick, and an alarm for the next thing that is due.

APScheduler keeps the alarms of this process and nothing else: it knows no person and no timer.
Everything that is due stands in the store, and would be found at the next tick anyway.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from cronsim import CronSim

from dsl.calendar import MINUTE, SECOND, Instant, to_datetime

__all__ = ["Wakeups"]

_AT_ONCE = SECOND // 10  # what is overdue and cannot be done is not asked for more often than this
_FARTHEST = 60 * MINUTE  # later than this the ticks will find it; clocks may be set meanwhile


class Wakeups:
    """Calls functions on the event loop, regularly and at the next instant that matters."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._next: Instant | None = None
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begins. On the event loop."""
        self._scheduler.start()

    def every(self, seconds: float, do: Callable[[], Awaitable[None]] | Callable[[], None]) -> None:
        """Calls ``do`` again and again, never twice at a time."""
        self._scheduler.add_job(do, IntervalTrigger(seconds=seconds, timezone="UTC"))

    def by_cron(self, expression: str, zone: ZoneInfo, do: Callable[[], Awaitable[None]]) -> None:
        """Calls ``do`` whenever the cron expression fits the wall clock of ``zone``: once a day is
        once also on the days when the clocks change.
        """
        self._scheduler.add_job(do, _Cron(expression, zone))

    def at(self, due: Instant | None, now: Instant) -> None:
        """Wakes the loops at ``due``, if nothing wakes them before. On the event loop."""
        if due is None or due > now + _FARTHEST:
            return
        at = max(due, now + _AT_ONCE)
        if self._next is not None and self._next <= at:
            return
        self._next = at
        self._scheduler.add_job(
            self._ring,
            DateTrigger(to_datetime(at), timezone="UTC"),
            id="alarm",
            replace_existing=True,
        )

    def stop(self) -> None:
        """No more calls."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _ring(self) -> None:
        self._next = None
        self._wake()


class _Cron(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """A cron expression. The library's own trigger fires at times that do not exist and, going
    back, twice; cronsim does neither.
    """

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        self._expression = expression
        self._zone = zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The next time after ``now``, or after the call before if that was later."""
        after = now if previous is None else max(previous, now)
        return next(CronSim(self._expression, after.astimezone(self._zone)))
