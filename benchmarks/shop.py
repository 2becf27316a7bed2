"""The shop the rule corpus speaks of: what it knows about people, and one person in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dsl import kinds
from dsl.calendar import DAY, HOUR, Instant, from_datetime
from dsl.expr.context import Context, Happened, StepRecord, Wording
from dsl.expr.scope import Names, Scope, StepName
from dsl.kinds import Kind
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan

__all__ = ["BERLIN", "NOW", "EveryDay", "person", "plan", "scope"]

BERLIN = ZoneInfo("Europe/Berlin")
NOW: Instant = from_datetime(datetime(2026, 3, 2, 10, 0, tzinfo=BERLIN))  # a Monday

_EUR = kinds.Money("EUR")
_ITEM = kinds.Record(
    (
        ("product_id", kinds.Text()),
        ("name", kinds.Text()),
        ("price", _EUR),
        ("in_stock", kinds.YesNo()),
        ("category", kinds.Text()),
    )
)
_TRIGGER = kinds.Record(
    (
        ("cart_id", kinds.Text()),
        ("items", kinds.ListOf(_ITEM)),
        ("price", _EUR),
        ("value", _EUR),
        ("refill_days", kinds.Whole()),
    )
)

_ATTRIBUTES: Mapping[str, Kind] = {
    "first_name": kinds.Text(),
    "last_name": kinds.Text(),
    "name": kinds.Text(),
    "last": kinds.Text(),
    "email": kinds.Text(),
    "phone": kinds.Text(),
    "country": kinds.Text(),
    "city": kinds.Text(),
    "plan": kinds.Text(),
    "tier": kinds.OneOf(("bronze", "silver", "gold", "platinum")),
    "is_member": kinds.YesNo(),
    "birthday": kinds.Date(),
    "renewal_date": kinds.Date(),
    "last_seen_at": kinds.Instant(),
    "last_login": kinds.Instant(),
    "lifetime_value": _EUR,
    "price": _EUR,
    "attempts": kinds.Whole(),
    "winback_count": kinds.Whole(),
    "score": kinds.Number(),
    "tags": kinds.ListOf(kinds.Text()),
    "favourite_categories": kinds.ListOf(kinds.Text()),
    "refill_interval": kinds.Length(),
    "cart": kinds.Record((("value", _EUR), ("items", kinds.ListOf(_ITEM)))),
    "order": kinds.Record((("total", _EUR),)),
    "opens_at": kinds.TimeOfDay(),
}

_PURCHASE: Mapping[str, Kind] = {
    "order_id": kinds.Code(),
    "cart_id": kinds.Text(),
    "total": _EUR,
    "credit_limit": _EUR,
    "currency": kinds.Text(),
    "country": kinds.Text(),
    "category": kinds.Text(),
    "favourite_categories": kinds.ListOf(kinds.Text()),
    "items": kinds.ListOf(kinds.Text()),
    "product_name": kinds.Text(),
}

_EVENTS: tuple[tuple[str, str | None, str | None, Mapping[str, Kind]], ...] = (
    ("purchase", "purchases", None, _PURCHASE),
    ("login", None, None, {}),
    ("app_opened", None, "open_app", {}),
    ("cart_updated", None, None, {"value": _EUR}),
    ("product_viewed", None, "view_product", {"price": _EUR}),
    ("cart_filled", None, "add_to_cart", {}),
    ("email_opened", "opened_emails", None, {}),
    ("profile_completed", None, None, {}),
)


def plan() -> TrackingPlan:
    """What the shop knows about people, and what they can do."""

    def fields(kinds_by_name: Mapping[str, Kind]) -> Mapping[str, Field]:
        return {name: Field(name, kind) for name, kind in kinds_by_name.items()}

    events = {
        name: Event(name, name, plural, verb, fields(properties))
        for name, plural, verb, properties in _EVENTS
    }
    return TrackingPlan("shop", fields(_ATTRIBUTES), {**BUILT_IN_EVENTS, **events})


def scope() -> Scope:
    """A place late in a journey that starts with a filled cart."""
    return Scope(
        plan(),
        Names(
            segments=frozenset({"vip", "active"}),
            journeys=frozenset({"welcome", "winback"}),
            channels=frozenset({"email", "push", "sms", "whatsapp"}),
            categories=frozenset({"promotional", "newsletter"}),
        ),
        trigger=_TRIGGER,
        entry=True,
        variables={"event": kinds.Record((("in", kinds.Text()),))},
        steps={
            "nudge": StepName("send"),
            "reply": StepName("wait", kinds.Record((("text", kinds.Text()),))),
            "crm": StepName("webhook", kinds.Record((("cart_id", kinds.Text()),))),
        },
    )


class EveryDay:
    """Facts of an ordinary person: reachable by e-mail, a VIP, never messaged."""

    def reachable(self, channel: str, context: Context) -> bool:
        return channel in ("email", "sms")

    def window_open(self, channel: str, context: Context) -> bool:
        return False

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        return category == "promotional"

    def in_segment(self, segment: str, context: Context) -> bool:
        return segment == "vip"

    def in_journey(self, journey: str, context: Context) -> bool:
        return journey == "welcome"

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return channel == "push" and start is not None

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        return what == "opened"

    def said(self, wording: Wording, context: Context) -> str | None:
        return None

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        return start


def person() -> Context:
    """A person with two years of history: 24 orders, 120 visits, 40 logins."""
    history: dict[str, list[Happened]] = {
        "purchase": [_order(n) for n in range(24)],
        "product_viewed": [
            Happened("product_viewed", NOW - (120 - n) * 6 * DAY, 0, 100 + n, {"price": n * 170})
            for n in range(120)
        ],
        "cart_filled": [
            Happened("cart_filled", NOW - (30 - n) * 24 * DAY + HOUR, 0, 300 + n, {})
            for n in range(30)
        ],
        "login": [Happened("login", NOW - (40 - n) * 15 * DAY, 0, 400 + n, {}) for n in range(40)],
        "app_opened": [
            Happened("app_opened", NOW - (60 - n) * 5 * DAY - HOUR, 0, 500 + n, {})
            for n in range(60)
        ],
        "cart_updated": [Happened("cart_updated", NOW - 2 * DAY, 0, 600, {"value": 8000})],
    }
    trigger = Happened("cart_filled", NOW - 4 * DAY, NOW - 4 * DAY, 700, _FILLED)
    return Context(
        now=NOW,
        zone=BERLIN,
        attributes=_PERSON,
        history=history,
        trigger=trigger,
        entry=trigger.occurred,
        variables={"event": {"in": "shop"}},
        steps={
            "nudge": StepRecord(time=NOW - 2 * DAY, channel="push"),
            "reply": StepRecord(values={"text": "Please stop"}, time=NOW - DAY),
            "crm": StepRecord(values={"cart_id": "c1"}),
        },
        facts=EveryDay(),
    )


def _order(n: int) -> Happened:
    properties = {
        "order_id": f"o{n}",
        "cart_id": f"c{n}",
        "total": 1500 + n * 250,
        "credit_limit": 5000,
        "currency": "EUR",
        "country": "DE",
        "category": ("shoes", "Books", "garden")[n % 3],
        "favourite_categories": ["shoes", "toys"],
        "items": [f"sku-{n}", "sku-x"],
        "product_name": f"Product {n}",
    }
    return Happened("purchase", NOW - (24 - n) * 30 * DAY + 3 * HOUR, 0, n, properties)


_FILLED: Mapping[str, Any] = MappingProxyType(
    {
        "cart_id": "c1",
        "price": 4000,
        "value": 8000,
        "refill_days": 30,
        "items": [
            {"product_id": "p1", "name": "Lamp", "price": 6000, "in_stock": True},
            {"product_id": "p2", "name": "Desk", "price": 2500, "in_stock": True},
            {"product_id": "p3", "name": "Wine", "price": 900, "category": "alcohol"},
        ],
    }
)

_PERSON: Mapping[str, Any] = MappingProxyType(
    {
        "first_name": "Ada",
        "name": "Ada",
        "email": "ada+test@example.com",
        "country": "DE",
        "city": "Berlin",
        "plan": "pro-annual",
        "tier": "gold",
        "is_member": True,
        "birthday": "1990-03-02",
        "renewal_date": "2026-03-20",
        "last_seen_at": NOW - 20 * DAY,
        "last_login": NOW - 5 * DAY,
        "lifetime_value": 61000,
        "price": 3500,
        "attempts": 2,
        "score": "0.75",
        "tags": ["newsletter", "a", "c", "d"],
        "refill_interval": [0, 30, 0, 0],
        "cart": {"value": 8000},
        "order": {"total": 4500},
    }
)
