"""What wakes the loops: a tick, and an alarm for the next thing that is due.

APScheduler keeps the alarms of this process and nothing else: it knows no person and no timer.
Everything that is due stands in the store, and would be found at the next tick anyway.

It goes by the machine's clock, which may be set. So something beats beside it that nobody can set,
and what was planned by another time is planned anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger
from cronsim import CronSim

from dsl.calendar import MINUTE, SECOND, Instant, to_datetime
from engine.clock import SystemClock

__all__ = ["Wakeups"]

_AT_ONCE = SECOND // 10  # what is overdue and cannot be done is not asked for more often than this
_FARTHEST = 60 * MINUTE  # later than this the ticks will find it; clocks may be set meanwhile
_BEAT = 1.0  # seconds
_SET = SECOND // 2  # a clock that is so much off the beat has been set


class Wakeups:
    """Calls functions on the event loop, regularly and at the next instant that matters. ``wall``
    is the clock that APScheduler goes by.
    """

    def __init__(self, wake: Callable[[], None], wall: Callable[[], Instant] | None = None) -> None:
        self._wake = wake
        self._wall = SystemClock().now if wall is None else wall
        self._beat: asyncio.TimerHandle | None = None
        self._next: Instant | None = None
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begins. On the event loop."""
        self._scheduler.start()
        loop = asyncio.get_running_loop()
        self._beat = loop.call_later(_BEAT, self._listen, self._wall(), loop.time())

    def every(self, seconds: float, do: Callable[[], Awaitable[None]] | Callable[[], None]) -> None:
        """Calls ``do`` again and again, never twice at a time."""
        self._scheduler.add_job(do, _Every(timedelta(seconds=seconds)))

    def by_cron(self, expression: str, zone: ZoneInfo, do: Callable[[], Awaitable[None]]) -> None:
        """Calls ``do`` whenever the cron expression fits the wall clock of ``zone``: once a day is
        once also on the days when the clocks change.
        """
        self._scheduler.add_job(do, _Cron(expression, zone))

    def at(self, due: Instant | None, now: Instant) -> None:
        """Wakes the loops at ``due``, if nothing wakes them before. On the event loop. Both are of
        the time that the engine goes by, which need not be that of the wall.
        """
        if due is None or due > now + _FARTHEST:
            return
        at = max(due, now + _AT_ONCE)
        if self._next is not None and self._next <= at:
            return
        self._next = at
        self._scheduler.add_job(
            self._ring,
            DateTrigger(to_datetime(self._wall() + at - now), timezone="UTC"),
            id="alarm",
            replace_existing=True,
        )

    def stop(self) -> None:
        """No more calls."""
        if self._beat is not None:
            self._beat.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _ring(self) -> None:
        self._next = None
        self._wake()

    def _listen(self, wall: Instant, beat: float) -> None:
        """Whether the clock has been set since the last beat."""
        loop = asyncio.get_running_loop()
        now, time = self._wall(), loop.time()
        if abs(now - wall - round((time - beat) * SECOND)) > _SET:
            self._plan_anew(to_datetime(now))
        self._beat = loop.call_later(_BEAT, self._listen, now, time)

    def _plan_anew(self, now: datetime) -> None:
        for job in self._scheduler.get_jobs():
            if job.id == "alarm":
                job.remove()
            else:
                job.modify(next_run_time=job.trigger.get_next_fire_time(None, now))
        self._ring()


class _Every(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Again and again. The library's own trigger counts all the times that were missed, and a year
    has many seconds.
    """

    def __init__(self, length: timedelta) -> None:
        self._length = length

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """So long after now, whatever was before."""
        return now + self._length


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
