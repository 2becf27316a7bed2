"""Quiet hours: when a channel must be silent, on the recipient's wall clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import DAY, Instant, at_local, local
from dsl.machine import QuietSpan
from engine.core.split import bucket

__all__ = ["Silence", "Silent", "freed_at", "quiet_until", "silent_until"]

_HORIZON = 15 * DAY
_ONE_DAY = timedelta(days=1)
_SLACK = 3 * 60


class Silence(NamedTuple):
    """A span, and every zone on whose clocks it holds. ``law`` is what law says so, in words; empty
    if the company does.
    """

    span: QuietSpan
    zones: tuple[ZoneInfo, ...]
    law: str = ""


class Silent(NamedTuple):
    """Until when it is quiet (None: always), and what ends last, in which zone."""

    until: Instant | None
    by: Silence | None = None
    zone: ZoneInfo | None = None

    def words(self, zone: ZoneInfo) -> str:
        """For people, on the clocks of ``zone`` if it is not by law."""
        law = "" if self.by is None else self.by.law
        if self.until is None:
            return f"quiet hours. {law}" if law else "quiet hours"
        if not law or self.zone is None:
            return f"quiet hours until {local(self.until, zone):%H:%M}"
        end = local(self.until, self.zone)
        return f"quiet hours until {end.day} {end:%B, %H:%M} in {self.zone.key}. {law}"


def quiet_until(
    spans: Sequence[QuietSpan], channel: str, now: Instant, zones: Sequence[ZoneInfo]
) -> Instant | None:
    """The first instant from ``now`` on that no span covers in any zone; ``now`` if none does.

    None if there is none within fifteen days: such a channel is never allowed.
    """
    among = tuple(zones)
    concerned = [
        Silence(span, among) for span in spans if span.channels is None or channel in span.channels
    ]
    return silent_until(concerned, now).until


def silent_until(silences: Sequence[Silence], now: Instant) -> Silent:
    """The first instant from ``now`` on that no silence covers, and which one ends then; of those
    that end together, a law.
    """
    silent = Silent(now)
    while silent.until is not None and silent.until - now <= _HORIZON:
        later = _latest(silences, silent.until)
        if later.until == silent.until:
            return silent
        silent = later
    return silent._replace(until=None)


def freed_at(
    silences: Sequence[Silence], end: Instant, span: Instant, unit: str, last: Instant | None
) -> Instant:
    """When what waited for the ``end`` of silence goes: everybody (each ``unit``) at a moment of
    their own within ``span``, each time another, and always the same one when asked again. Before
    ``last`` in any case, and never into the next silence: then at the end itself.
    """
    room = span if last is None else min(span, last - end)
    if room <= 1:
        return end
    moment = end + int(room * bucket(f"after quiet/{end}", unit))
    return moment if silent_until(silences, moment).until == moment else end


def _latest(silences: Iterable[Silence], moment: Instant) -> Silent:
    latest = Silent(moment)
    until = moment
    for silence in silences:
        for zone in silence.zones:
            end = _end(silence.span, moment, zone)
            if end > until or (end == until > moment and silence.law and not _is_law(latest)):
                until, latest = end, Silent(end, silence, zone)
    return latest


def _is_law(silent: Silent) -> bool:
    return silent.by is not None and silent.by.law != ""


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
        if span.dates is not None and day not in span.dates:
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
