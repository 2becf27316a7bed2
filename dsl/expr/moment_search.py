"""The first moment at or after an instant: times of day, day names, time windows, best times.

All of it in the recipient's zone. ``next Monday`` is never today; a window is left at its end,
which does not belong to it; a window over midnight belongs to the day it begins on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any, TypeAlias

from dsl.calendar import Duration, Instant, add, at_local, local
from dsl.expr.context import Context
from dsl.expr.moments import DayName

__all__ = [
    "Search",
    "compile_best",
    "compile_days",
    "compile_fixed",
    "compile_time",
    "compile_window",
]

Search: TypeAlias = Callable[[Context, Instant], Instant | None]

_BEYOND = (OverflowError, ValueError)
_FAR_ENOUGH = 370  # days to look ahead: past any run of holidays
_MIDNIGHT = time(0)


def compile_fixed(value: Callable[[Context], Any], clock: time | None) -> Search:
    """A moment that does not depend on when one asks; ``clock`` on its local day."""

    def search(context: Context, arrived: Instant) -> Instant | None:
        found = value(context)
        if found is None or (clock is None and isinstance(found, int)):
            return found
        try:
            day = found if isinstance(found, date) else local(found, context.zone).date()
            return at_local(day, clock or _MIDNIGHT, context.zone)
        except _BEYOND:
            return None

    return search


def compile_time(value: Callable[[Context], Any]) -> Search:
    """A time of day: today's, or tomorrow's if that is over."""

    def search(context: Context, arrived: Instant) -> Instant | None:
        clock = value(context)
        return None if clock is None else _first((), clock, context, arrived)

    return search


def compile_days(days: tuple[DayName, ...], clock: time | None) -> Search:
    """Days by name, at a time of day; without one, as soon as such a day has begun."""

    def search(context: Context, arrived: Instant) -> Instant | None:
        if clock is not None:
            return _first(days, clock, context, arrived)
        begun = _first(days, _MIDNIGHT, context, arrived, as_soon_as=True)
        return None if begun is None else max(begun, arrived)

    return search


def compile_window(days: tuple[DayName, ...], low: time, high: time) -> Search:
    """The first instant inside the window."""

    def search(context: Context, arrived: Instant) -> Instant | None:
        try:
            for day in _days_from(context, arrived, back=1):
                if not _matches(days, day, context, arrived):
                    continue
                last = day + timedelta(days=1) if high <= low else day
                start, end = at_local(day, low, context.zone), at_local(last, high, context.zone)
                if arrived < end and start < end:
                    return max(start, arrived)
        except _BEYOND:
            return None
        return None

    return search


def compile_best(channel: str | None, within: Duration) -> Search:
    """The best time that was learnt of the person, at most so long from now."""

    def search(context: Context, arrived: Instant) -> Instant | None:
        try:
            end = add(arrived, within, context.zone, context.holidays)
        except _BEYOND:
            return None
        return context.facts.best_time(channel, arrived, end, context)

    return search


def _first(
    days: tuple[DayName, ...],
    clock: time,
    context: Context,
    arrived: Instant,
    *,
    as_soon_as: bool = False,
) -> Instant | None:
    try:
        today = local(arrived, context.zone).date()
        for day in _days_from(context, arrived):
            moment = at_local(day, clock, context.zone)
            over = moment < arrived and not (as_soon_as and day == today)
            if not over and _matches(days, day, context, arrived):
                return moment
    except _BEYOND:
        return None
    return None


def _days_from(context: Context, arrived: Instant, back: int = 0) -> Iterator[date]:
    today = local(arrived, context.zone).date()
    for offset in range(-back, _FAR_ENOUGH):
        yield today + timedelta(days=offset)


def _matches(days: tuple[DayName, ...], day: date, context: Context, arrived: Instant) -> bool:
    if not days:
        return True
    return any(
        day.weekday() in name.days
        and not (name.next and day <= local(arrived, context.zone).date())
        and not (name.working and day in context.holidays)
        for name in days
    )
