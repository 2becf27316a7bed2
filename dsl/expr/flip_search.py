"""Looking ahead for the instant at which something changes.

What only ever goes one way is halved; what goes along with time but strays (a month is longer or
shorter, the clocks change) is followed piece by piece where it is close. Between two quarters of
an hour no clock changes and no day begins anywhere, so that time there runs straight.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import DAY, MINUTE, Duration, Instant
from dsl.expr.context import Context
from dsl.expr.timing import LAST_INSTANT, day_start, next_day

__all__ = ["NO_STRAY", "Stray", "first_change", "first_crossing", "soonest", "stray_of"]

_PIECE = 15 * MINUTE
_MOST_PIECES = 1200
_MONTHS_STRAY = 8 * DAY  # so many months are never four days more or less than the mean of them
_MONTHS_OF_70_YEARS = 840


class Stray(NamedTuple):
    """How far something strays from an even course: ever, and within one local day."""

    ever: int
    in_a_day: int

    def and_(self, other: Stray) -> Stray:
        """Both together."""
        return Stray(self.ever + other.ever, self.in_a_day + other.in_a_day)


NO_STRAY = Stray(0, 0)


def soonest(*instants: Instant | None) -> Instant | None:
    """The earliest of them; None is never."""
    return min((one for one in instants if one is not None), default=None)


def first_change(
    state: Callable[[Context], Any], context: Context, limit: Instant | None
) -> Instant | None:
    """The first instant after now, and before ``limit``, at which ``state`` is another one.

    It must not come back to what it is now.
    """
    ahead = context.another()
    now, before = context.now, state(context)
    last = LAST_INSTANT if limit is None else limit - 1

    def differs(at: Instant) -> bool:
        ahead.now = at
        return bool(state(ahead) != before)

    low, step = now, 1
    while True:
        high = min(now + step, last)
        if high <= low:
            return None
        if differs(high):
            break
        low, step = high, step * 2
    while high - low > 1:
        middle = (low + high) // 2
        if differs(middle):
            high = middle
        else:
            low = middle
    return high


def first_crossing(
    distance: Callable[[Context], int | None],
    context: Context,
    slope: int,
    stray: Stray,
    limit: Instant | None,
) -> Instant | None:
    """The first instant after now, and before ``limit``, at which ``distance`` has another sign.

    It changes by ``slope`` with every microsecond, but for what it strays. What is found may be
    too early where it strays for long.
    """
    ahead = context.another()
    at, day = context.now, context.now
    began = distance(context)
    if began is None:
        return None
    for _ in range(_MOST_PIECES):
        ahead.now = at
        here = distance(ahead)
        if here is None or _sign(here) != _sign(began):
            return at
        if limit is not None and at >= limit:
            return None
        nearing = here * slope < 0
        far = abs(here) - stray.ever
        if far > 0:
            if not nearing:
                return None
            at += max(1, far // abs(slope))
            continue
        day = day if day > at else _next_day(ahead)
        left = abs(here) - (abs(slope) * (day - at) if nearing else 0)
        if left > stray.in_a_day:
            at = day
            continue
        piece = (at // _PIECE + 1) * _PIECE
        if nearing:
            at = min(piece, at + -(-abs(here) // abs(slope)))
        elif here == 0 and slope:
            at += 1
        else:
            at = piece
    return at


def _next_day(context: Context) -> Instant:
    """When the next day begins; in a moment, if that is beyond the calendar."""
    tomorrow = next_day(context.now, 1, context)
    begin = None if tomorrow is None else day_start(tomorrow, context)
    return context.now + 1 if begin is None else max(begin, context.now + 1)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def stray_of(length: Duration, context: Context) -> Stray:
    """How much the real lengths of a calendar length differ from one another."""
    if length.exact:
        return NO_STRAY
    clocks = ever = 2 * _spread(context.zone)
    if length.months:
        ever += _MONTHS_STRAY
    if length.working_days:
        weekends = abs(length.working_days) // 5 * 2 + 4
        ever += (weekends + 2 * len(context.holidays)) * DAY
    return Stray(ever, clocks)


@lru_cache(maxsize=1024)
def _spread(zone: ZoneInfo) -> int:
    """How far the offsets of a zone lie apart. There are no transitions to be listed, so every
    month of seventy years is asked.
    """
    first = date(1970, 1, 1)
    offsets = set()
    for month in range(_MONTHS_OF_70_YEARS):
        day = first.replace(year=first.year + month // 12, month=month % 12 + 1)
        offset = datetime(day.year, day.month, 15, tzinfo=UTC).astimezone(zone).utcoffset()
        assert offset is not None
        offsets.add(offset.days * DAY + offset.seconds * 1_000_000)
    return max(offsets) - min(offsets)
