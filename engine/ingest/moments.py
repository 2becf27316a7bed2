"""When something happened, on our clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dsl.calendar import SECOND, Instant, from_datetime
from engine.ingest.reading import Wrong

__all__ = ["occurred"]

_LATENCY = 5 * SECOND  # a smaller difference is the way here, not a wrong clock
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_EARLIEST = from_datetime(datetime.fromisoformat("1900-01-01T00:00:00Z"))


def occurred(
    call: Mapping[str, Any], received: Instant, sent_at: object, read: dict[str, Instant]
) -> Instant:
    """When it happened, on our clock: what the sender's clock was off by is taken away. ``sent_at``
    is that clock for the whole batch, ``read`` what moments were read before, by their text.

    A ``timestamp`` beside an ``originalTimestamp`` has been corrected by somebody before us.
    """
    corrected = _instant(call.get("timestamp"), "timestamp", read)
    original = _instant(call.get("originalTimestamp"), "originalTimestamp", read)
    sent = _instant(call.get("sentAt") or sent_at, "sentAt", read)
    happened = original if corrected is None else corrected
    if happened is None:
        return received
    off = 0 if sent is None else sent - received
    if abs(off) > _LATENCY and (corrected is None or original is None):
        happened -= off
    if happened < _EARLIEST:
        raise Wrong(f'"timestamp", corrected by "sentAt", is before the year {_FIRST_YEAR}.')
    # Windows end now, so an event from the future would be missing from its own processing.
    return min(happened, received)


def _instant(value: object, name: str, read: dict[str, Instant]) -> Instant | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and (known := read.get(value)) is not None:
        return known
    example = "2026-03-01T09:00:00Z"
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Wrong(f'"{name}" is not a date and time; write it like {example}.')
    if moment.tzinfo is None:
        raise Wrong(f'"{name}" has no time zone; write it like {example}.')
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise Wrong(f'"{name}" must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}.')
    instant = from_datetime(moment)
    if isinstance(value, str):
        read[value] = instant
    return instant
