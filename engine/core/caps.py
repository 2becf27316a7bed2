"""Frequency caps: rolling windows and periods of the calendar, counted over open and sent
messages (language reference, 4.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, add, local, midnight, subtract
from dsl.machine import Calendar, Cap, Rolling
from engine.core.profile import Contact

__all__ = ["Full", "first_full"]


class Full(NamedTuple):
    """A counter that is full, and when a slot of it falls free by itself."""

    cap: Cap
    free: Instant


def first_full(
    caps: Iterable[Cap],
    contacts: Sequence[Contact],
    channel: str,
    category: str,
    now: Instant,
    zone: ZoneInfo,
) -> Full | None:
    """The first of ``caps`` that has no slot left for a message on ``channel`` about
    ``category``.
    """
    if not contacts:
        return None
    for cap in caps:
        if len(contacts) < cap.count:
            continue
        if cap.channel not in (None, channel) or cap.category not in (None, category):
            continue
        counted = [
            contact
            for contact in contacts
            if cap.channel in (None, contact.channel) and cap.category in (None, contact.category)
        ]
        if len(counted) >= cap.count:
            full = _full(cap, counted, now, zone)
            if full is not None:
                return full
    return None


def _full(cap: Cap, counted: Sequence[Contact], now: Instant, zone: ZoneInfo) -> Full | None:
    start = _start(cap.period, now, zone)
    times = sorted(
        contact.decided if contact.sent is None else contact.sent
        for contact in counted
        if contact.sent is None or contact.sent >= start
    )
    if len(times) < cap.count:
        return None
    return Full(cap, max(_free(cap, times, now, zone), now + 1))


def _start(period: Rolling | Calendar, now: Instant, zone: ZoneInfo) -> Instant:
    """The first instant whose messages still count: (now - D, now], or the calendar period."""
    match period:
        case Rolling(length):
            return subtract(now, length, zone) + 1
        case Calendar(unit):
            return midnight(_first_day(local(now, zone).date(), unit), zone)
        case _ as unreachable:
            assert_never(unreachable)


def _free(cap: Cap, times: Sequence[Instant], now: Instant, zone: ZoneInfo) -> Instant:
    """When the oldest one that must go falls out."""
    match cap.period:
        case Rolling(length):
            return add(times[len(times) - cap.count], length, zone)
        case Calendar(unit):
            return midnight(_next_first_day(local(now, zone).date(), unit), zone)
        case _ as unreachable:
            assert_never(unreachable)


def _first_day(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _next_first_day(day: date, unit: str) -> date:
    first = _first_day(day, unit)
    if unit == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if unit == "week" else 1)
