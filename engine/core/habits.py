"""When people look at messages: counted as it happens, and asked for a best time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, at_local, local
from dsl.expr.context import Happened
from engine.core.best_time import HOURS, best_time, counts_as_seen, hour_of_week, scores, seen_by
from engine.core.lawful import Bounds
from engine.core.learning import Counted, Snapshot, times_subject
from engine.core.lessons import Lessons
from engine.core.quiet import Silent
from engine.core.terms import Terms

__all__ = ["allowed_by", "best_of", "counted", "first_at"]


def counted(
    lessons: Lessons, event: Happened, zone: ZoneInfo, member: Callable[[str], bool]
) -> list[Counted]:
    """What an event adds to what is known of everybody, and of the segments they are in."""
    channel = event.properties.get("channel")
    if channel not in lessons.channels or not counts_as_seen(event):
        return []
    hour = str(hour_of_week(event.occurred, zone))
    segments = [segment for segment in lessons.segments if member(segment)]
    return [Counted(times_subject(channel, segment), hour) for segment in ("", *segments)]


def best_of(
    own: Iterable[Happened],
    snapshots: Mapping[str, Snapshot],
    channel: str | None,
    channels: Sequence[str],
    segment: str,
    between: tuple[Instant, Instant],
    zone: ZoneInfo,
    allowed: Callable[[Instant], Instant | None],
) -> Instant:
    """The best moment ``between`` two for somebody whose events are ``own``, on a ``channel`` or,
    if it is None, on any of ``channels``.
    """
    asked = channels if channel is None else [channel]
    everybody = _hours(snapshots, asked, "")
    alike = _hours(snapshots, asked, segment) if segment else [0] * HOURS
    score = scores(seen_by(own, channel, zone), alike, everybody)
    return best_time(score, *between, zone, allowed)


def _hours(snapshots: Mapping[str, Snapshot], channels: Sequence[str], segment: str) -> list[int]:
    together = [0] * HOURS
    for channel in channels:
        snapshot = snapshots.get(times_subject(channel, segment))
        if snapshot is not None:
            hours = snapshot.values["hours"]
            together = [one + other for one, other in zip(together, hours, strict=True)]
    return together


def allowed_by(
    asked: Sequence[tuple[Terms, Bounds]], silent: Callable[[Terms, Bounds, Instant], Silent]
) -> Callable[[Instant], Instant | None]:
    """The first instant from one on at which it is not quiet on any of these terms: neither by the
    company's hours nor by a law.
    """
    if not all(terms.quiet or bounds.silences for terms, bounds in asked):
        return lambda moment: moment

    def allowed(moment: Instant) -> Instant | None:
        found = [silent(terms, bounds, moment).until for terms, bounds in asked]
        return min((until for until in found if until is not None), default=None)

    return allowed


def first_at(clock: time, start: Instant, end: Instant, zone: ZoneInfo) -> Instant:
    """The first time in [start, end) at which the wall clock shows ``clock``; else ``start``."""
    today = local(start, zone).date()
    for day in (today, today + timedelta(days=1)):
        moment = at_local(day, clock, zone)
        if start <= moment < end:
            return moment
    return start
