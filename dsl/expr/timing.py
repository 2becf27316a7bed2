"""Time while a rule is evaluated: instants, days and windows, in the recipient's zone.

Whatever lies outside the calendar's years is missing; nothing here raises.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dsl.calendar import DAY, HOUR, Duration, Instant, add, at_local, from_datetime, local, midnight
from dsl.expr.context import Context

__all__ = [
    "FIRST_INSTANT",
    "LAST_INSTANT",
    "anniversary",
    "back",
    "clock_at_rest",
    "date_at_rest",
    "day_of",
    "day_start",
    "days_between",
    "earlier",
    "later",
    "length_at_rest",
    "local_hour",
    "next_date",
    "next_day",
    "period_start",
    "reach",
    "span",
    "wall",
    "years",
]

_BEYOND = (OverflowError, ValueError)
# What the calendar can hold in every zone, with room at both ends. Anything else at rest is bad data.
FIRST_INSTANT: Instant = from_datetime(datetime(1800, 1, 1, tzinfo=UTC))
LAST_INSTANT: Instant = from_datetime(datetime(9999, 1, 1, tzinfo=UTC))

_BEFORE_ALL: Instant = -(2**62)
_UTC = ZoneInfo("UTC")
_MOST_WORKING_DAYS = 30_000  # more than a century; they are counted one by one


@lru_cache(maxsize=4096)
def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def date_at_rest(raw: Any) -> date | None:
    """A date as it is stored, or as it is evaluated."""
    if raw.__class__ is str:
        return _date(raw)
    return raw if raw.__class__ is date else None


def clock_at_rest(raw: Any) -> time | None:
    """A time of day as it is stored, or as it is evaluated."""
    if raw.__class__ is str:
        try:
            clock = time.fromisoformat(raw)
        except ValueError:
            return None
        return clock if clock.tzinfo is None else None
    return raw if raw.__class__ is time else None


def length_at_rest(raw: Any) -> Duration | None:
    """A length as it is stored (four whole numbers), or as it is evaluated."""
    if raw.__class__ is Duration:
        return raw
    if raw.__class__ is list and len(raw) == 4 and all(part.__class__ is int for part in raw):
        return Duration(*raw)
    return None


def later(instant: Instant, length: Duration, context: Context) -> Instant | None:
    """``instant`` plus ``length``."""
    if not -_MOST_WORKING_DAYS <= length.working_days <= _MOST_WORKING_DAYS:
        return None
    try:
        found = add(instant, length, context.zone, context.holidays)
    except _BEYOND:
        return None
    return found if FIRST_INSTANT <= found <= LAST_INSTANT else None


def earlier(instant: Instant, length: Duration, context: Context) -> Instant | None:
    """``instant`` minus ``length``."""
    return later(instant, -length, context)


def back(instant: Instant, length: Duration, context: Context) -> Instant:
    """``instant`` minus ``length``; before all times if the calendar does not reach so far."""
    found = earlier(instant, length, context)
    return _BEFORE_ALL if found is None else found


def reach(length: Duration) -> tuple[int, int] | None:
    """The least and the most a calendar length can be, in microseconds, whatever the zone.

    Months have 28 to 31 days, and no two offsets from UTC are more than 26 hours apart. Between
    the two only the calendar knows; outside it need not be asked. None if that is of no use.
    """
    parts = (length.months, length.days, length.micros)
    if length.exact or length.working_days or min(parts) < 0:
        return None
    least = max(0, (length.months * 28 + length.days) * DAY + length.micros - 26 * HOUR)
    most = (length.months * 31 + length.days) * DAY + length.micros + 26 * HOUR
    return least, most


def day_of(instant: Instant, context: Context) -> date | None:
    """The local day of an instant."""
    try:
        return local(instant, context.zone).date()
    except _BEYOND:
        return None


def next_day(instant: Instant, offset: int, context: Context) -> date | None:
    """The local day of an instant, so many days on."""
    try:
        return local(instant, context.zone).date() + timedelta(days=offset)
    except _BEYOND:
        return None


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> Instant:
    """Rules ask for the same few days again and again."""
    return midnight(day, zone)


@lru_cache(maxsize=4096)
def _wall(moment: datetime, zone: ZoneInfo) -> Instant:
    return at_local(moment.date(), moment.time(), zone)


def day_start(day: date, context: Context) -> Instant | None:
    """The instant at which a day begins."""
    try:
        return _midnight(day, context.zone)
    except _BEYOND:
        return None


def wall(moment: datetime, context: Context) -> Instant | None:
    """The instant at which the recipient's clock shows ``moment``."""
    try:
        return _wall(moment, context.zone)
    except _BEYOND:
        return None


def next_date(day: date, length: Duration, context: Context) -> date | None:
    """``day`` plus a length; hours count from its start."""
    if not -_MOST_WORKING_DAYS <= length.working_days <= _MOST_WORKING_DAYS:
        return None
    try:
        begin = at_local(day, time(0), _UTC)
        return local(add(begin, length, _UTC, context.holidays), _UTC).date()
    except _BEYOND:
        return None


def span(micros: int) -> Duration:
    """An exact length."""
    return Duration(micros=micros)


def days_between(one: date, other: date) -> Duration:
    """How many days lie between two dates."""
    return Duration(days=(one - other).days)


def local_hour(instant: Instant, context: Context) -> int | None:
    """The hour on the recipient's clock."""
    try:
        return local(instant, context.zone).hour
    except _BEYOND:
        return None


def period_start(
    name: Literal["today", "yesterday", "week", "month", "year"], context: Context
) -> Instant | None:
    """When today, yesterday or this week, month or year began. Weeks begin on Monday."""
    try:
        day = local(context.now, context.zone).date()
        match name:
            case "today":
                pass
            case "yesterday":
                day -= timedelta(days=1)
            case "week":
                day -= timedelta(days=day.weekday())
            case "month":
                day = day.replace(day=1)
            case "year":
                day = day.replace(month=1, day=1)
        return _midnight(day, context.zone)
    except _BEYOND:
        return None


def _in_year(day: date, year: int) -> date:
    if day.month == 2 and day.day == 29 and not _leap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def years(day: date, context: Context) -> int | None:
    """Full years since ``day``; 29 February counts on 28 February in other years."""
    today = day_of(context.now, context)
    if today is None or today < day:
        return None
    return today.year - day.year - (today < _in_year(day, today.year))


def anniversary(day: date, context: Context) -> date | None:
    """The next anniversary of ``day``, today included."""
    today = day_of(context.now, context)
    if today is None:
        return None
    this_year = _in_year(day, today.year)
    if this_year >= today:
        return this_year
    return _in_year(day, today.year + 1) if today.year < 9999 else None
