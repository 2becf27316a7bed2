"""A shop whose tracking plan asks for what clients say by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from types import MappingProxyType
from typing import Any

from dsl.calendar import from_datetime
from dsl.kinds import Code, Kind, Number, OneOf, Text, YesNo
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.ingest import Guard, Intake, Sender, Taken
from engine.ingest.guard import WORDS
from engine.ingest.sender import TRUSTED

NOW = from_datetime(datetime(2026, 3, 1, 9, tzinfo=UTC))
BROWSER = Sender("0a1b2c3d/", browser=True)


def _event(called: str, source: str, /, **kinds: Kind) -> Event:
    fields = {key: Field(key, kind) for key, kind in kinds.items()}
    return Event(called, source, properties=MappingProxyType(fields))


_ATTRIBUTES: Mapping[str, Kind] = {
    "first_name": Text(),
    "email": Text(),
    "newsletter": YesNo(),
    "language": OneOf(("de", "en", "pt-BR")),
    "time_zone": Text(),
    "group_id": Code(),
    "group_plan": Text(),
    "group_seats_left": Number(),
}
PLAN = TrackingPlan(
    "shop",
    attributes={name: Field(name, kind) for name, kind in _ATTRIBUTES.items()},
    events={
        **BUILT_IN_EVENTS,
        **{
            event.name: event
            for event in (
                _event("purchase", "Order Completed", total=Number(), campaign_name=Text()),
                _event("page_seen", "page", name=Text(), page_url=Text(), category=Text()),
                _event("pricing_seen", "page Pricing", plan=Text()),
                _event("screen_seen", "screen", name=Text(), ip=Text(), user_agent=Text()),
                _event("opted_in", "Opted In"),
            )
        },
    },
)
INTAKE = Intake(
    PLAN,
    ("promotional",),
    ("email",),
    guard=Guard(WORDS.events | {"opted_in"}, frozenset({"newsletter"})),
)


def take(*calls: object, sender: Sender = TRUSTED, intake: Intake = INTAKE) -> Taken:
    """What becomes of calls at NOW."""
    numbers = count()
    return intake.take(calls, NOW, lambda: f"fresh-{next(numbers)}", None, sender)


def call(kind: str, **more: Any) -> dict[str, Any]:
    """A call of Ada's."""
    return {"type": kind, "messageId": "m-1", "userId": "ada", **more}


def arrivals(taken: Taken) -> Sequence[Arrival]:
    assert taken.refused == []
    return taken.arrivals


def event(taken: Taken) -> EventArrived:
    (found,) = arrivals(taken)
    assert isinstance(found, EventArrived)
    return found


def change(taken: Taken) -> ProfileChanged:
    (found,) = arrivals(taken)
    assert isinstance(found, ProfileChanged)
    return found


def error(taken: Taken) -> str:
    assert taken.arrivals == []
    (refused,) = taken.refused
    return refused.error
