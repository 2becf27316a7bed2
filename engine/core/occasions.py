"""A person's own calendar: when dates and schedules come round, on the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import Duration, Instant, add, at_local, local
from dsl.expr.context import Context
from dsl.expr.schedule import RECIPIENT, EveryLength, Monthly, Once, OnWeekdays, Schedule
from dsl.machine import DateTrigger, ScheduleTrigger
from engine.core.zones import zone_called

__all__ = ["next_date", "next_schedule"]

_ONE_DAY = timedelta(days=1)
_FARTHEST = 400  # days ahead in which every schedule that ever comes comes once
_LONGEST_LOOK = 10_000  # rounds of a schedule that is counted from a day


def next_date(way: DateTrigger, context: Context, after: Instant) -> Instant | None:
    """The first time after ``after`` that a date trigger comes round; None if it does not."""
    moment = way.date.when(context, after)
    if moment is None:
        return None
    zone = context.zone
    day, clock = local(moment, zone).date(), time(way.clock // 60, way.clock % 60)
    if not way.yearly:
        at = at_local(day, clock, zone)
        return at if at > after else None
    year = max(day.year, local(after, zone).year)
    for each in (year, year + 1, year + 2):
        at = at_local(_in_year(day, each), clock, zone)
        if at > after:
            return at
    return None


def _in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February falls on the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def next_schedule(
    way: ScheduleTrigger, context: Context, company: ZoneInfo, after: Instant
) -> Instant | None:
    """The first time after ``after`` that a schedule comes round for a person."""
    schedule = way.schedule
    zone = _zone(schedule, context, company)
    for day in _days(schedule, context, zone, local(after, zone).date()):
        at = at_local(day, schedule.clock, zone)
        if at > after:
            return at
    return None


def _zone(schedule: Schedule, context: Context, company: ZoneInfo) -> ZoneInfo:
    if schedule.zone == RECIPIENT:
        return context.zone
    return company if schedule.zone is None else zone_called(schedule.zone) or company


def _days(schedule: Schedule, context: Context, zone: ZoneInfo, start: date) -> Iterator[date]:
    """The days of a schedule from ``start`` on, in order; not for ever."""
    match schedule:
        case Once(day=day):
            yield day
        case OnWeekdays(days=days, working=working):
            for offset in range(_FARTHEST):
                day = start + offset * _ONE_DAY
                if day.weekday() in days and not (working and day in context.holidays):
                    yield day
        case EveryLength(length=length, start=first):
            yield from _rounds(first or date(1970, 1, 5), length, zone, start)
        case Monthly():
            year, month = start.year, start.month
            for _ in range(14):
                found = _in_month(schedule, context, year, month)
                if found is not None and found >= start:
                    yield found
                year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        case _ as unreachable:
            assert_never(unreachable)


def _rounds(first: date, length: Duration, zone: ZoneInfo, start: date) -> Iterator[date]:
    """``first``, and again every ``length``; begins shortly before ``start``."""
    bound = max(1, length.longest // 86_400_000_000)
    skipped = max(0, (start - first).days // bound - 1)
    noon = at_local(first, time(12), zone)
    for number in range(skipped, skipped + _LONGEST_LOOK):
        day = local(add(noon, length.times(number), zone), zone).date()
        if day >= start:
            yield day
        if (day - start).days > _FARTHEST + bound:
            return


def _in_month(schedule: Monthly, context: Context, year: int, month: int) -> date | None:
    """The n-th day, or the n-th of the named weekdays, of a month; -1 is the last."""
    first = date(year, month, 1)
    following = date(year + (month == 12), month % 12 + 1, 1)
    days = [first + n * _ONE_DAY for n in range((following - first).days)]
    if schedule.days is not None:
        days = [day for day in days if day.weekday() in schedule.days]
    if schedule.working:
        days = [day for day in days if day not in context.holidays]
    index = schedule.ordinal if schedule.ordinal < 0 else schedule.ordinal - 1
    return days[index] if -len(days) <= index < len(days) else None
