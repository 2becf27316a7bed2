"""The best time to write to somebody: the hour of the week in which they tend to open and click.

What one person did is little, so it is filled up with what their segment does, and that with what
everybody does: a person's own counts, plus ``_OWN`` opens and clicks spread as those of the
segment, which are its own counts plus ``_SHARED`` spread as everybody's. Whoever did a lot is
judged by that alone; of whom nothing is known, by the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant, local
from dsl.expr.context import Happened

__all__ = ["HOURS", "SEEN", "best_time", "counts_as_seen", "hour_of_week", "scores", "seen_by"]

HOURS = 7 * 24
SEEN = frozenset({"message_opened", "message_clicked"})
"""Events that say that somebody looked at a message."""

_OWN = 5
_SHARED = 100
_FARTHEST = 15 * DAY  # every hour of the week has come twice by then


def counts_as_seen(event: Happened) -> bool:
    """Whether somebody looked at a message: opens and clicks that no machine has made, as far as
    anybody knows; many providers do not say.
    """
    return event.name in SEEN and event.properties.get("by") != "machine"


def hour_of_week(instant: Instant, zone: ZoneInfo) -> int:
    """The hour on the wall clock of ``zone``; 0 is Monday from midnight to one."""
    here = local(instant, zone)
    return here.weekday() * 24 + here.hour


def seen_by(events: Iterable[Happened], channel: str | None, zone: ZoneInfo) -> list[int]:
    """A person's own opens and clicks on a channel (or on all), by the hour of the week."""
    seen = [0] * HOURS
    for event in events:
        if counts_as_seen(event) and channel in (None, event.properties.get("channel")):
            seen[hour_of_week(event.occurred, zone)] += 1
    return seen


def scores(own: Sequence[int], segment: Sequence[int], everybody: Sequence[int]) -> list[float]:
    """How good each hour of the week is. All are 0 if nobody ever did anything."""
    general = _spread(everybody, [0.0] * HOURS, 0)
    shared = _spread(segment, general, _SHARED)
    return [count + _OWN * part for count, part in zip(own, shared, strict=True)]


def _spread(counts: Sequence[int], prior: Sequence[float], weight: int) -> list[float]:
    """Counts, with ``weight`` more of them spread as ``prior``, as parts of their sum."""
    total = sum(counts) + (weight if any(prior) else 0)
    if not total:
        return list(prior)
    return [(count + weight * part) / total for count, part in zip(counts, prior, strict=True)]


def best_time(
    score: Sequence[float],
    start: Instant,
    end: Instant,
    zone: ZoneInfo,
    allowed: Callable[[Instant], Instant | None],
) -> Instant:
    """The first moment of the best hour in [start, end): now, if the current hour is the best.

    ``allowed`` gives the first instant from one on at which it is not quiet. An hour that is quiet
    to its end is left out if any other is left. Of hours that are as good the first one counts.
    """
    if not any(score):
        return start
    best, found = -1.0, start
    for begin, until in _hours(start, min(end, start + _FARTHEST), zone):
        moment = allowed(begin)
        if moment is None or moment >= until:
            continue
        value = score[hour_of_week(begin, zone)]
        if value > best:
            best, found = value, moment
    return found


def _hours(start: Instant, end: Instant, zone: ZoneInfo) -> Iterator[tuple[Instant, Instant]]:
    """The hours on the wall clock between two instants; the first and the last may be cut short.

    Taken from the clock at each step, because not every change of the clocks is one of full hours.
    """
    while start < end:
        here = local(start, zone)
        over = here.minute * MINUTE + here.second * SECOND + here.microsecond
        following = min(start + HOUR - over, end)
        yield start, following
        start = following
