"""What compiled rules ask of a person's history beyond a plain loop."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from dsl.calendar import Duration, Instant
from dsl.expr.arithmetic import Numeric, length_key
from dsl.expr.context import Context, Happened
from dsl.expr.timing import back, day_of, later, length_at_rest
from dsl.expr.wording import fold

__all__ = [
    "LIBRARY",
    "after",
    "count_between",
    "count_last",
    "outcome",
    "read_day",
    "read_folded",
    "read_plain",
    "read_weight",
]

_occurred = attrgetter("occurred")


def count_between(events: Sequence[Happened], start: Instant | None, end: Instant | None) -> int:
    """How many events lie in [start, end)."""
    first = 0 if start is None else bisect_left(events, start, key=_occurred)
    last = len(events) if end is None else bisect_left(events, end, key=_occurred)
    return max(0, last - first)


def count_last(
    events: Sequence[Happened], least: int, most: int, length: Duration, context: Context
) -> int:
    """How many events lie in (now - length, now]; ``length`` is between ``least`` and ``most``."""
    now = context.now
    last = len(events)
    if events[-1].occurred > now:
        last = bisect_right(events, now, key=_occurred)
    first = bisect_right(events, now - most, 0, last, key=_occurred)
    if first < last and events[first].occurred <= now - least:
        first = bisect_right(events, back(now, length, context), first, last, key=_occurred)
    return last - first


def after(events: Sequence[Happened], instant: Instant) -> Sequence[Happened]:
    """The events after an instant."""
    return events[bisect_right(events, instant, key=_occurred) :]


def outcome(context: Context, step: str, what: str, within: Duration) -> bool:
    """Whether the message of a step was so within a length of time from its sending."""
    record = context.steps.get(step)
    if record is None or record.time is None:
        return False
    limit = later(record.time, within, context)
    return limit is not None and context.facts.outcome(step, what, limit, context)


def read_folded(raw: Any) -> str | None:
    """A text of a list at rest, ready to be compared."""
    return fold(raw) if raw.__class__ is str and raw else None


def read_plain(raw: Any) -> Any:
    """An entry of a list at rest that is compared as it is."""
    return raw if raw.__class__ in (str, int, bool) and raw != "" else None


def read_weight(raw: Any) -> Numeric | None:
    """A length of a list at rest, as lengths are compared."""
    length = length_at_rest(raw)
    return None if length is None else length_key(length)


def read_day(raw: Any, context: Context) -> date | None:
    """An instant of a list at rest, as the local day it falls on."""
    return day_of(raw, context) if raw.__class__ is int else None


LIBRARY: Mapping[str, Any] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            count_between,
            count_last,
            after,
            outcome,
            read_day,
            read_folded,
            read_plain,
            read_weight,
        )
    }
)
