"""Moments and schedules in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

from dsl.explain.phrases import DAYS, channel_words, clock_words, joined, length_words, with_article
from dsl.explain.rules import Wording
from dsl.expr import moments
from dsl.expr.parse import parse
from dsl.expr.schedule import RECIPIENT, EveryLength, Monthly, Once, OnWeekdays, Schedule
from dsl.machine import Moment, Rule
from dsl.source import Text

__all__ = ["moment_words", "schedule_words"]

_WORKDAYS = frozenset(range(5))
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


def moment_words(target: Moment | Rule, wording: Wording) -> str:
    """``the next weekday at 10:00``, ``14 days before the renewal date``, or a rule."""
    if isinstance(target, Rule):
        return wording.clause(target.meaning)
    written = parse(Text.of(target.text), "moment", [])
    match written:
        case moments.OnDays(days=days, clock=clock):
            after = " after today" if all(day.next for day in days) else ""
            return f"the next {_days(days)}{after}{_at(clock)}"
        case moments.TimeWindow(days=days, low=low, high=high):
            span = f"between {clock_words(low)} and {clock_words(high)}"
            return f"it is {with_article(_days(days))} {span}" if days else f"it is {span}"
        case moments.BestTime(channel=channel, within=within):
            on = "" if channel is None else f" for {channel_words(channel.text)}"
            return f"the best time{on} within {length_words(within.value)}"
        case moments.At(clock=clock) if target.meaning is not None:
            return f"{wording.value(target.meaning)}{_at(clock)}"  # type: ignore[arg-type]
        case _:
            return target.text


def schedule_words(schedule: Schedule) -> str:
    """``every Friday at 08:00``."""
    match schedule:
        case OnWeekdays():
            days = "working day" if schedule.working else _every(schedule.days)
            return f"every {days}{_at(schedule.clock)}{_zone(schedule.zone)}"
        case EveryLength():
            start = "" if schedule.start is None else f" from {schedule.start.isoformat()}"
            length = length_words(schedule.length)
            return f"every {length}{start}{_at(schedule.clock)}{_zone(schedule.zone)}"
        case Monthly():
            which = _ORDINALS.get(schedule.ordinal, f"{schedule.ordinal}th")
            day = "working day" if schedule.working else _every(schedule.days or frozenset())
            clock = f"{_at(schedule.clock)}{_zone(schedule.zone)}"
            return f"on the {which} {day if schedule.days or schedule.working else 'day'} of every month{clock}"
        case Once():
            return f"once, on {schedule.day.isoformat()}{_at(schedule.clock)}{_zone(schedule.zone)}"


def _every(days: Collection[int]) -> str:
    if set(days) == set(range(7)) or not days:
        return "day"
    if set(days) == _WORKDAYS:
        return "weekday"
    return joined([DAYS[day] for day in sorted(days)], "and")


def _days(days: tuple[moments.DayName, ...]) -> str:
    return joined([_day(day) for day in days], "or")


def _day(day: moments.DayName) -> str:
    if day.working:
        return "working day"
    if set(day.days) == _WORKDAYS:
        return "weekday"
    if len(day.days) == 7:
        return "day"
    if set(day.days) == {5, 6}:
        return "weekend day"
    return joined([DAYS[one] for one in day.days], "or")


def _at(clock: time | None) -> str:
    return "" if clock is None else f" at {clock_words(clock)}"


def _zone(zone: str | None) -> str:
    if zone is None:
        return ""
    return " of the recipient's clock" if zone == RECIPIENT else f" ({zone})"
