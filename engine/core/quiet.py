"""Quiet hours: when a channel must be silent, on the recipient's wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from dsl.calendar import DAY, Instant, at_local, local
from dsl.machine import QuietSpan

__all__ = ["quiet_until"]

_HORIZON = 15 * DAY
_ONE_DAY = timedelta(days=1)
_SLACK = 3 * 60


def quiet_until(
    spans: Sequence[QuietSpan], channel: str, now: Instant, zones: Sequence[ZoneInfo]
) -> Instant | None:
    """The first instant from ``now`` on that no span covers in any zone; ``now`` if none does.

    None if there is none within fifteen days: such a channel is never allowed.
    """
    concerned = [span for span in spans if span.channels is None or channel in span.channels]
    if not concerned:
        return now
    moment = now
    while moment - now <= _HORIZON:
        later = max(_end(span, moment, zone) for span in concerned for zone in zones)
        if later == moment:
            return moment
        moment = later
    return None


def _end(span: QuietSpan, moment: Instant, zone: ZoneInfo) -> Instant:
    """When the span that covers ``moment`` ends; ``moment`` itself if it does not cover it.

    A span over midnight belongs to the day it begins on, so yesterday's may still hold.
    """
    here = local(moment, zone)
    if not _may_cover(span, here.hour * 60 + here.minute):
        return moment
    today = here.date()
    for day in (today, today - _ONE_DAY):
        if span.days is not None and day.weekday() not in span.days:
            continue
        start = at_local(day, _clock(span.start), zone)
        over_midnight = span.end <= span.start
        end = at_local(day + _ONE_DAY if over_midnight else day, _clock(span.end), zone)
        if start <= moment < end:
            return end
    return moment


def _may_cover(span: QuietSpan, minute: int) -> bool:
    """A cheap look at the wall clock. Spared three hours on either side, because where the clocks
    change, the ends of a span are not where the wall clock shows them.
    """
    if span.end <= span.start:
        return minute >= span.start - _SLACK or minute < span.end + _SLACK
    return span.start - _SLACK <= minute < span.end + _SLACK


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
