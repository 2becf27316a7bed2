"""A small tracking plan with every kind of value, its zones, lengths and moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dsl import kinds
from dsl.calendar import Instant, from_datetime
from dsl.expr.scope import Names, Scope
from dsl.kinds import Kind
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan

__all__ = [
    "ATTRIBUTES",
    "LENGTHS",
    "LINE",
    "MOMENTS",
    "PLAN",
    "PURCHASE",
    "SCOPE",
    "VISIT",
    "ZONES",
]

EUR = kinds.Money("EUR")
LINE = kinds.Record(
    (
        ("name", kinds.Text()),
        ("price", EUR),
        ("pieces", kinds.Whole()),
        ("in_stock", kinds.YesNo()),
        ("labels", kinds.ListOf(kinds.Text())),
    )
)
ATTRIBUTES: Mapping[str, Kind] = {
    "country": kinds.Text(),
    "city": kinds.Text(),
    "sku": kinds.Code(),
    "tier": kinds.OneOf(("bronze", "silver", "gold")),
    "points": kinds.Whole(),
    "visits_before": kinds.Whole(),
    "score": kinds.Number(),
    "budget": EUR,
    "is_member": kinds.YesNo(),
    "birthday": kinds.Date(),
    "renewal": kinds.Date(),
    "seen_at": kinds.Instant(),
    "opens_at": kinds.TimeOfDay(),
    "refill": kinds.Length(),
    "tags": kinds.ListOf(kinds.Text()),
    "skus": kinds.ListOf(kinds.Code()),
    "sizes": kinds.ListOf(kinds.Number()),
    "holidays": kinds.ListOf(kinds.Date()),
    "alarms": kinds.ListOf(kinds.Instant()),
    "pauses": kinds.ListOf(kinds.Length()),
    "cart": kinds.Record((("value", EUR), ("code", kinds.Code()), ("lines", kinds.ListOf(LINE)))),
}
PURCHASE: Mapping[str, Kind] = {
    "total": EUR,
    "shop": kinds.Text(),
    "order_id": kinds.Code(),
    "grade": kinds.OneOf(("bronze", "silver", "gold")),
    "pieces": kinds.Whole(),
    "weight": kinds.Number(),
    "gift": kinds.YesNo(),
    "delivery": kinds.Date(),
    "paid_at": kinds.Instant(),
    "slot": kinds.TimeOfDay(),
    "warranty": kinds.Length(),
    "labels": kinds.ListOf(kinds.Text()),
    "lines": kinds.ListOf(LINE),
}
VISIT: Mapping[str, Kind] = {"page": kinds.Text(), "seconds": kinds.Number()}


def _event(name: str, properties: Mapping[str, Kind]) -> Event:
    fields = {key: Field(key, kind) for key, kind in properties.items()}
    return Event(name, name, name + "s", None, MappingProxyType(fields))


PLAN = TrackingPlan(
    "small",
    {name: Field(name, kind) for name, kind in ATTRIBUTES.items()},
    {
        **BUILT_IN_EVENTS,
        "purchase": _event("purchase", PURCHASE),
        "visit": _event("visit", VISIT),
        "login": _event("login", {}),
    },
)
SCOPE = Scope(
    PLAN,
    Names(
        segments=frozenset({"vip", "active"}),
        journeys=frozenset({"welcome", "winback"}),
        channels=frozenset({"email", "push"}),
        categories=frozenset({"promotional", "service", "letters", "offers"}),
    ),
    owner="A segment",
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # changes at midnight
    "Africa/Cairo",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
)
LENGTHS = (
    "1 hour",
    "24 hours",
    "1 day",
    "2 days",
    "1 week",
    "30 days",
    "1 month",
    "3 months",
    "1 year",
    "3 working days",
    "1 month 2 days",
    "1 day 12 hours",
    "90 minutes",
)


def _at(text: str, zone: str = "Europe/Berlin") -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


MOMENTS: Sequence[Instant] = (
    _at("2026-03-02 10:00"),
    _at("2026-03-29 03:30"),  # an hour after the clocks went forward
    _at("2026-03-30 02:30"),  # yesterday there was no such time
    _at("2026-10-25 02:30"),  # the first of two
    _at("2026-10-25 01:30", "UTC"),  # 02:30 in Berlin for the second time
    _at("2026-10-26 02:30"),
    _at("2026-11-01 01:30", "America/New_York"),
    _at("2026-03-31 12:00"),  # a month ago is the end of February
    _at("2024-02-29 00:00"),
    _at("2027-03-01 00:00"),
    _at("2026-01-01 00:00"),
    _at("2026-10-04 02:15", "Australia/Lord_Howe"),
    _at("2026-11-01 00:30", "America/Havana"),
)
