"""Local time, as the language means it (language reference, section 2.7).

An *instant* is an int: microseconds since 1970-01-01 UTC. Seconds, minutes and hours are exact;
days, weeks, months and years are calendar units in a zone. A local time that does not exist
(spring) moves forward by the gap; one that exists twice (autumn) is the first one.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "Duration",
    "Instant",
    "add",
    "at_local",
    "from_datetime",
    "local",
    "midnight",
    "subtract",
    "to_datetime",
]

Instant: TypeAlias = int

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_NO_HOLIDAYS: Set[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time. Weeks are seven days and years are twelve months."""

    months: int = 0
    days: int = 0
    working_days: int = 0
    micros: int = 0

    @property
    def exact(self) -> bool:
        """Whether it has the same length everywhere: no calendar unit in it."""
        return not (self.months or self.days or self.working_days)

    @property
    def longest(self) -> int:
        """An upper bound in microseconds, whatever the zone and the season."""
        days = self.months * 31 + self.days + (self.working_days * 7 + 4) // 5 * 2
        margin = 2 * HOUR if days else 0
        return days * DAY + self.micros + margin

    def __add__(self, other: Duration) -> Duration:
        return Duration(
            self.months + other.months,
            self.days + other.days,
            self.working_days + other.working_days,
            self.micros + other.micros,
        )

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days, -self.working_days, -self.micros)

    def __sub__(self, other: Duration) -> Duration:
        return self + -other

    def times(self, factor: int) -> Duration:
        """The duration repeated ``factor`` times."""
        return Duration(
            self.months * factor,
            self.days * factor,
            self.working_days * factor,
            self.micros * factor,
        )


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    return (moment - _EPOCH) // _TICK


def to_datetime(instant: Instant, zone: ZoneInfo | None = None) -> datetime:
    """The aware datetime of an instant, in ``zone`` or in UTC."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment if zone is None else moment.astimezone(zone)


def local(instant: Instant, zone: ZoneInfo) -> datetime:
    """The wall clock in ``zone`` at an instant, as an aware datetime."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def at_local(day: date, clock: time, zone: ZoneInfo) -> Instant:
    """The instant at which the wall clock in ``zone`` shows ``clock`` on ``day``.

    ``fold=0`` gives both rules at once: the first of two, and the old offset inside a gap,
    which is the same as moving forward by the gap.
    """
    return from_datetime(datetime.combine(day, clock, tzinfo=zone).replace(fold=0))


def midnight(day: date, zone: ZoneInfo) -> Instant:
    """The instant at which ``day`` begins in ``zone``."""
    return at_local(day, time(0), zone)


def add(
    instant: Instant, length: Duration, zone: ZoneInfo, holidays: Set[date] = _NO_HOLIDAYS
) -> Instant:
    """``instant`` plus ``length``: calendar units first, on the wall clock of ``zone``.

    Months clamp to the last day of the month. Working days skip Saturdays, Sundays and holidays.
    """
    days = length.days
    if not (length.months or length.working_days):
        if not days:
            return instant + length.micros
        number = instant // DAY
        offset = _steady_offset(zone, number)
        if offset is not None and offset == _steady_offset(zone, number + days):
            return instant + days * DAY + length.micros
    here = local(instant, zone)
    day = _add_months(here.date(), length.months) + timedelta(days=days)
    day = _add_working_days(day, length.working_days, holidays)
    if day == here.date():
        return instant + length.micros
    return at_local(day, here.time(), zone) + length.micros


@lru_cache(4096)
def _steady_offset(zone: ZoneInfo, day: int) -> timedelta | None:
    """How far the clocks of ``zone`` are from UTC throughout a day (counted from 1970, in UTC) and
    the days before and after it; None if they change. No wall clock there shows anything twice.
    """
    try:
        looks = [local(day * DAY + hours * HOUR, zone) for hours in range(-24, 49, 6)]
    except (OverflowError, ValueError):  # there is no such year
        return None
    offsets = {each.utcoffset() for each in looks}
    return offsets.pop() if len(offsets) == 1 else None


def subtract(
    instant: Instant, length: Duration, zone: ZoneInfo, holidays: Set[date] = _NO_HOLIDAYS
) -> Instant:
    """``instant`` minus ``length``."""
    if length.exact:
        return instant - length.micros
    return add(instant, -length, zone, holidays)


def _add_months(day: date, months: int) -> date:
    if not months:
        return day
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def _add_working_days(day: date, count: int, holidays: Set[date]) -> date:
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while day.weekday() >= 5 or day in holidays:
            day += step
    return day
