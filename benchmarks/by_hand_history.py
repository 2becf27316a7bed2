"""Rules of the corpus on what a person did, as a careful developer would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

from benchmarks.hand_reading import (
    days_back,
    fold,
    list_of,
    recent,
    text_of,
    whole_of,
)
from dsl.calendar import HOUR, Duration, add, local, midnight, subtract
from dsl.expr.context import Context

__all__ = ["HISTORY_BY_HAND"]

Rule: TypeAlias = Callable[[Context], bool]

_RULES: dict[str, Rule] = {}


def _rule(text: str) -> Callable[[Rule], Rule]:
    def keep(function: Rule) -> Rule:
        _RULES[text] = function
        return function

    return keep


@_rule("did purchase")
def _(c: Context) -> bool:
    return bool(c.history.get("purchase"))


@_rule("purchases >= 3")
def _(c: Context) -> bool:
    return len(c.history.get("purchase", ())) >= 3


@_rule("did not purchase in the last 90 days")
def _(c: Context) -> bool:
    return next(days_back(c, 90), None) is None


@_rule("cart.value >= 50 and not did purchase in the last 24 hours")
def _(c: Context) -> bool:
    cart = c.attributes.get("cart")
    value = whole_of(cart, "value") if isinstance(cart, dict) else None
    if value is None or value < 5_000:
        return False
    return next(recent(c, "purchase", c.now - 24 * HOUR + 1, c.now + 1), None) is None


@_rule("did purchase at least 3 times in the last 365 days")
def _(c: Context) -> bool:
    return sum(1 for _ in days_back(c, 365)) >= 3


@_rule("did purchase where total > 20 EUR at least 2 times in the last 30 days")
def _(c: Context) -> bool:
    totals = (whole_of(event.properties, "total") for event in days_back(c, 30))
    return sum(total is not None and total > 2_000 for total in totals) >= 2


@_rule('did purchase where (total > 20 EUR and currency is "EUR") in the last 30 days')
def _(c: Context) -> bool:
    for event in days_back(c, 30):
        total = whole_of(event.properties, "total")
        currency = text_of(event.properties, "currency")
        if total is not None and total > 2_000 and currency and fold(currency) == "eur":
            return True
    return False


@_rule("did purchase where total > credit_limit in the last 30 days")
def _(c: Context) -> bool:
    for event in days_back(c, 30):
        total = whole_of(event.properties, "total")
        limit = whole_of(event.properties, "credit_limit")
        if total is not None and limit is not None and total > limit:
            return True
    return False


@_rule("did purchase since 2026-01-01")
def _(c: Context) -> bool:
    start = midnight(date(2026, 1, 1), c.zone)
    return next(recent(c, "purchase", start, c.now + 1), None) is not None


@_rule("did purchase before 2026-01-01")
def _(c: Context) -> bool:
    events = c.history.get("purchase")
    return (
        events is not None
        and len(events) > 0
        and events[0].occurred < midnight(date(2026, 1, 1), c.zone)
    )


@_rule('did purchase between 2026-01-01 and 2026-02-01 and tier is "gold"')
def _(c: Context) -> bool:
    if text_of(c.attributes, "tier") != "gold":
        return False
    start, end = midnight(date(2026, 1, 1), c.zone), midnight(date(2026, 2, 1), c.zone)
    return next(recent(c, "purchase", start, end), None) is not None


@_rule("did purchase today")
def _(c: Context) -> bool:
    start = midnight(local(c.now, c.zone).date(), c.zone)
    return next(recent(c, "purchase", start, c.now + 1), None) is not None


@_rule("did login yesterday or did login today")
def _(c: Context) -> bool:
    today = local(c.now, c.zone).date()
    start = midnight(today - timedelta(days=1), c.zone)
    return next(recent(c, "login", start, c.now + 1), None) is not None


@_rule("did open_app this week")
def _(c: Context) -> bool:
    today = local(c.now, c.zone).date()
    start = midnight(today - timedelta(days=today.weekday()), c.zone)
    return next(recent(c, "app_opened", start, c.now + 1), None) is not None


@_rule('did purchase where items has any of ("sku-1", "sku-2") since entry')
def _(c: Context) -> bool:
    if c.entry is None:
        return False
    number = None if c.trigger is None else c.trigger.number
    for event in recent(c, "purchase", c.entry, c.now + 1):
        if number is not None and (event.occurred, event.number) <= (c.entry, number):
            continue
        items = list_of(event.properties, "items")
        if any(isinstance(item, str) and fold(item) in ("sku-1", "sku-2") for item in items):
            return True
    return False


@_rule("did cart_updated in the last 3 days not followed by purchase within 1 day")
def _(c: Context) -> bool:
    start = subtract(c.now, Duration(days=3), c.zone)
    for cart in recent(c, "cart_updated", start + 1, c.now + 1):
        end = add(cart.occurred, Duration(days=1), c.zone)
        if next(recent(c, "purchase", cart.occurred + 1, end + 1), None) is None:
            return True
    return False


@_rule("count of purchase in the last 30 days >= 3")
def _(c: Context) -> bool:
    return sum(1 for _ in days_back(c, 30)) >= 3


@_rule("number of purchase where total > 20 EUR in the last 30 days >= 3")
def _(c: Context) -> bool:
    totals = (whole_of(event.properties, "total") for event in days_back(c, 30))
    return sum(total is not None and total > 2_000 for total in totals) >= 3


@_rule("sum of purchase.total in the last 365 days >= 500 EUR")
def _(c: Context) -> bool:
    totals = (whole_of(event.properties, "total") for event in days_back(c, 365))
    return sum(total for total in totals if total is not None) >= 50_000


@_rule("average of purchase.total >= 40 EUR")
def _(c: Context) -> bool:
    totals = [
        total
        for event in c.history.get("purchase", ())
        if (total := whole_of(event.properties, "total")) is not None
    ]
    return bool(totals) and Decimal(sum(totals)) / len(totals) >= 4_000


@_rule("lowest purchase.total < 10 EUR")
def _(c: Context) -> bool:
    totals = (whole_of(event.properties, "total") for event in c.history.get("purchase", ()))
    return any(total is not None and total < 1_000 for total in totals)


@_rule('last purchase.category is "shoes"')
def _(c: Context) -> bool:
    events = c.history.get("purchase")
    category = text_of(events[-1].properties, "category") if events else None
    return category is not None and fold(category) == "shoes"


@_rule("first purchase.time is before 2025-01-01")
def _(c: Context) -> bool:
    events = c.history.get("purchase")
    return (
        events is not None
        and len(events) > 0
        and local(events[0].occurred, c.zone).date() < date(2025, 1, 1)
    )


@_rule("time since last purchase.time >= 60 days")
def _(c: Context) -> bool:
    events = c.history.get("purchase")
    return (
        events is not None
        and len(events) > 0
        and add(events[-1].occurred, Duration(days=60), c.zone) <= c.now
    )


@_rule("time since last_seen_at > 14 days and not did open_app in the last 14 days")
def _(c: Context) -> bool:
    seen = whole_of(c.attributes, "last_seen_at")
    if seen is None or add(seen, Duration(days=14), c.zone) >= c.now:
        return False
    start = subtract(c.now, Duration(days=14), c.zone)
    return next(recent(c, "app_opened", start + 1, c.now + 1), None) is None


@_rule('unique purchase.category in the last 90 days has "shoes"')
def _(c: Context) -> bool:
    for event in days_back(c, 90):
        category = text_of(event.properties, "category")
        if category is not None and fold(category) == "shoes":
            return True
    return False


HISTORY_BY_HAND: Mapping[str, Rule] = MappingProxyType(_RULES)
"""The rule as the corpus has it, and the function that says the same."""
