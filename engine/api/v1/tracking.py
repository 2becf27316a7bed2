"""What was sent and does not fit the tracking plan. Nothing of it is about anybody."""

from __future__ import annotations

from dsl.calendar import DAY, Instant
from engine.api.v1.operation import Asked
from engine.api.v1.shapes import tracking as shapes
from engine.api.v1.shapes.moments import moment

__all__ = ["oddities"]


async def oddities(asked: Asked) -> shapes.Oddities:
    """By day, event and property."""
    now = asked.means.clock.now()
    return await asked.means.read(_oddities, asked, now - (asked.query.days - 1) * DAY)


def _oddities(asked: Asked, since: Instant) -> shapes.Oddities:
    strays = asked.means.store.strays
    seen = sorted(strays.seen(since).items(), key=lambda each: (each[0][0], -each[1].times, each))
    items = [
        shapes.OddityOfDay(
            day=moment(day).date(),
            event=oddity.event,
            property=oddity.property or None,
            what=oddity.what,
            times=told.times,
            example=told.example or None,
        )
        for (day, oddity), told in seen
    ]
    return shapes.Oddities(items=items, kept_aside=strays.count())
