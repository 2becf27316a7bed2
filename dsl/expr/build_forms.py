"""The small languages: moments, channels, schedules, caps, re-entry and their kin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lark import Token

from dsl.expr import moments, tree
from dsl.expr.build import BuildTree, Parts, end, length_in, named_after, start, word, words
from dsl.expr.schedule import RECIPIENT, EveryLength, Monthly, Once, OnWeekdays, Schedule
from dsl.expr.words import Refused, clock_of, date_of, length_of, spoken, whole_of
from dsl.machine import (
    After,
    AnyTime,
    Blocked,
    Calendar,
    Never,
    NextChannel,
    ReEnter,
    Rolling,
    Skip,
    WaitUpTo,
)

__all__ = ["BuildForms", "CapForm"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


@dataclass(frozen=True, slots=True)
class CapForm:
    """A frequency cap whose names have not been looked up yet."""

    count: int
    period: Rolling | Calendar
    channel: tree.Word | None
    category: tree.Word | None


def _tokens(parts: Parts, sort: str) -> list[Token]:
    return [token for token in words(parts) if token.type == sort]


def _day_name(token: Token) -> moments.DayName:
    said = spoken(token)
    first, last = start(token), end(token)
    if said.endswith("weekday"):
        return moments.DayName(first, last, tuple(range(5)))
    if said.endswith("working day"):
        return moments.DayName(first, last, tuple(range(5)), working=True)
    if said.endswith("weekend day"):
        return moments.DayName(first, last, (5, 6))
    day = _DAYS.index(said.removeprefix("next "))
    return moments.DayName(first, last, (day,), next=said.startswith("next "))


class BuildForms(BuildTree):
    """Everything the grammar can start with."""

    # -- moments

    def m_value(self, parts: Parts) -> tree.Node:
        value, *clock = parts
        assert isinstance(value, tree.Node)
        at = clock_of(words(clock)[-1]) if clock else None
        return moments.At(start(value), end(parts[-1]), value, at)

    def dayspec(self, parts: Parts) -> Any:
        return tuple(_day_name(token) for token in _tokens(parts, "DAYSPEC"))

    def m_day(self, parts: list[Any]) -> tree.Node:
        days, *clock = parts
        at = clock_of(clock[-1]) if clock else None
        last = end(clock[-1]) if clock else days[-1].end
        return moments.OnDays(days[0].start, last, days, at)

    def m_day_window(self, parts: list[Any]) -> tree.Node:
        days, *rest = parts
        return self._time_window(days, days[0].start, rest)

    def m_window(self, parts: Parts) -> tree.Node:
        return self._time_window((), start(parts[0]), parts)

    def _time_window(
        self, days: tuple[moments.DayName, ...], first: int, parts: Parts
    ) -> tree.Node:
        low, high = _tokens(parts, "TIME")
        if clock_of(low) == clock_of(high):
            raise Refused(high, "This window begins and ends at the same time.")
        return moments.TimeWindow(first, end(high), days, clock_of(low), clock_of(high))

    def m_best(self, parts: Parts) -> tree.Node:
        within = length_in(parts)
        assert within is not None
        return moments.BestTime(start(parts[0]), end(parts[-1]), named_after(parts, "ON"), within)

    # -- channels, caps, re-entry

    def channel_choice(self, parts: Parts) -> tree.Node:
        when = parts[-1] if isinstance(parts[-1], tree.Node) else None
        return moments.ChannelChoice(start(parts[0]), end(parts[-1]), word(parts[0]), when)

    def cap(self, parts: Parts) -> CapForm:
        count, _, said = words(parts)[:3]
        period: Rolling | Calendar
        match said.type:
            case "DAY":
                period = Calendar("day")
            case "WEEK":
                period = Calendar("week")
            case "MONTH":
                period = Calendar("month")
            case _:
                period = Rolling(length_of(said))
        channel, category = named_after(parts, "ON"), named_after(parts, "ABOUT")
        return CapForm(whole_of(count), period, channel, category)

    def r_never(self, parts: Parts) -> ReEnter:
        return Never()

    def r_any(self, parts: Parts) -> ReEnter:
        return AnyTime()

    def r_after(self, parts: Parts) -> ReEnter:
        leaving = bool(_tokens(parts, "SINCE_LEAVING"))
        return After(length_of(words(parts)[1]), "leaving" if leaving else "entering")

    def span(self, parts: Parts) -> tuple[int, int]:
        low, high = (clock_of(token) for token in _tokens(parts, "TIME"))
        return low.hour * 60 + low.minute, high.hour * 60 + high.minute

    def repeat(self, parts: Parts) -> int:
        (count,) = _tokens(parts, "INT")
        return whole_of(count)

    def b_skip(self, parts: Parts) -> Blocked:
        return Skip()

    def b_next(self, parts: Parts) -> Blocked:
        return NextChannel()

    def b_wait(self, parts: Parts) -> Blocked:
        limit = length_in(parts)
        return WaitUpTo(None if limit is None else limit.value)

    # -- schedules

    def every_day(self, parts: Parts) -> Any:
        return parts

    def zone(self, parts: Parts) -> Any:
        named = _tokens(parts, "ZONE")
        return [str(named[0]) if named else RECIPIENT]

    def s_days(self, parts: list[Any]) -> Schedule:
        _, named, _, clock, *zone = parts
        days = [_day_name(token) for token in _tokens(named, "DAYNAME")]
        numbers = frozenset(day for name in days for day in name.days) or frozenset(range(7))
        working = bool(days) and all(name.working for name in days)
        return OnWeekdays(numbers, working, clock_of(clock), _zone(zone))

    def s_interval(self, parts: list[Any]) -> Schedule:
        tokens = [part for part in parts if isinstance(part, Token)]
        (every,), (clock,) = _tokens(list(tokens), "DURATION"), _tokens(list(tokens), "TIME")
        begin = _tokens(list(tokens), "DATE")
        day = date_of(begin[0]) if begin else None
        return EveryLength(length_of(every), day, clock_of(clock), _zone(parts))

    def s_monthly(self, parts: list[Any]) -> Schedule:
        tokens: Parts = [part for part in parts if isinstance(part, Token)]
        (which,), (clock,) = _tokens(tokens, "ORDINAL"), _tokens(tokens, "TIME")
        said = spoken(which)
        ordinal = _ORDINALS.get(said) or int("".join(c for c in said if c.isdigit()))
        named = _tokens(tokens, "DAYNAME")
        if not named:
            return Monthly(ordinal, None, False, clock_of(clock), _zone(parts))
        day = _day_name(named[0])
        if ordinal > 5 and len(day.days) == 1:
            raise Refused(which, f"No month has a {said} {spoken(named[0]).title()}.")
        return Monthly(ordinal, frozenset(day.days), day.working, clock_of(clock), _zone(parts))

    def s_once(self, parts: list[Any]) -> Schedule:
        tokens: Parts = [part for part in parts if isinstance(part, Token)]
        (day,), (clock,) = _tokens(tokens, "DATE"), _tokens(tokens, "TIME")
        return Once(date_of(day), clock_of(clock), _zone(parts))


def _zone(parts: list[Any]) -> str | None:
    return next((part[0] for part in parts if isinstance(part, list) and part), None)
