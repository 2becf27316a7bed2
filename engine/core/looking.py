"""Looking at what happens by itself: dates and schedules that are due, segments entered or left,
and when to look again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from dsl.calendar import DAY, Instant
from dsl.expr.context import Context, Happened
from dsl.machine import DateTrigger, ScheduleTrigger
from dsl.plan import membership_event
from engine.core.occasions import next_date, next_schedule
from engine.core.program import Program, Trigger
from engine.core.rating import rates_anew
from engine.core.standing import Standing

__all__ = ["Occasion", "comings", "look", "settle_memberships"]

_OLDEST = 8 * DAY  # older occasions start nothing anyway


class Occasion(NamedTuple):
    """A journey is to be started for the person: what it is, and when it was due."""

    trigger: Trigger
    name: str
    at: Instant


def look(standing: Standing, now: Instant) -> list[Occasion]:
    """What of dates and schedules has come round since the last look. Notes in the profile until
    when it looked, and when to look again.
    """
    program, profile = standing.program, standing.profile
    since = now if profile.woken is None else max(profile.woken, now - _OLDEST)
    context = standing.context(now)
    occasions: list[Occasion] = []
    ahead: list[Instant] = []
    for trigger in program.calendar:
        at = _next(trigger, context, program, since)
        while at is not None and at <= now:
            occasions.append(Occasion(trigger, "date", at))
            at = _next(trigger, context, program, at)
        if at is not None:
            ahead.append(at)
    for flips in program.turning:
        flip = flips(context)
        if flip is not None:
            ahead.append(max(flip, now + 1))
    if program.scoring is not None:
        ahead += rates_anew(profile, program.scoring, now)
    standing.become(profile._replace(wake=min(ahead, default=None), woken=now))
    return occasions


def comings(
    standing: Standing, now: Instant, number: Callable[[], int], *, known: bool
) -> list[Happened]:
    """Segments entered and left since they were last asked about, in the order of their names.
    Somebody who was there before a segment mattered has not entered it; somebody new has.
    """
    program, profile = standing.program, standing.profile
    context = standing.context(now)
    segments = program.project.segments
    inside = {name: segments[name].who.holds(context) for name in program.tracked}
    if inside == profile.segments:
        return []
    standing.become(profile._replace(segments=inside))
    before = profile.segments
    return [
        Happened(membership_event(name, entered=member), now, now, number(), {})
        for name, member in inside.items()
        if member != before.get(name, member if known else False)
    ]


def settle_memberships(standing: Standing, now: Instant) -> None:
    """Keeps who is in the segments of which it is not known yet, as it is before anything happens:
    what happens then may be what has them come or go.
    """
    program, profile = standing.program, standing.profile
    kept = profile.segments
    unknown = [name for name in program.tracked if name not in kept]
    if unknown:
        context = standing.context(now)
        segments = program.project.segments
        first = {name: segments[name].who.holds(context) for name in unknown}
        standing.become(profile._replace(segments={**kept, **first}))


def _next(trigger: Trigger, context: Context, program: Program, after: Instant) -> Instant | None:
    match trigger.way:
        case DateTrigger():
            return next_date(trigger.way, context, after)
        case ScheduleTrigger():
            return next_schedule(trigger.way, context, program.zone, after)
        case _:
            raise TypeError(f"{trigger.way} is not in the calendar")
