"""Events as journeys use them: starting, waiting, emitting."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.kinds import Record
from dsl.plan import Event, TrackingPlan
from dsl.source import Text
from dsl.spelling import did_you_mean

__all__ = ["common_record", "event_record", "known_event"]


def known_event(name: Text, plan: TrackingPlan, found: list[Diagnostic]) -> Event | None:
    """The event that ``name`` stands for, in any of its words."""
    event = plan.event_called(name)
    if event is None:
        words = {
            word
            for one in plan.events.values()
            for word in (one.name, one.plural, one.verb)
            if word is not None
        }
        message = f'There is no event called "{name[:60]}".'
        found.append(error("N04", name.span(), message, did_you_mean(name, words)))
    return event


def event_record(event: Event) -> Record:
    """What an event brings."""
    return Record(tuple((name, field.kind) for name, field in event.properties.items()))


def common_record(records: Sequence[Record]) -> Record:
    """What all of several events have, with the same kind."""
    if not records:
        return Record(())
    first, *others = records
    return Record(
        tuple(
            (name, kind)
            for name, kind in first.fields
            if all(other.field(name) == kind for other in others)
        )
    )
