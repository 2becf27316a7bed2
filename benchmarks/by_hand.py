"""Rules of the corpus as a careful developer would write them in Python, one function each.

The same answers for the same people, missing data included, and no slower than they need to be:
windows are read from the recent end, texts are folded, days are days of the recipient's zone.
The rules on a person's history stand in ``by_hand_history``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeAlias

from benchmarks.by_hand_history import HISTORY_BY_HAND
from benchmarks.hand_reading import (
    date_of,
    fold,
    list_of,
    text_of,
    trigger_items,
    whole_of,
)
from dsl.calendar import Duration, add, at_local, local, midnight, subtract
from dsl.expr.context import Context

__all__ = ["BY_HAND"]

Rule: TypeAlias = Callable[[Context], bool]

_RULES: dict[str, Rule] = {}


def _rule(text: str) -> Callable[[Rule], Rule]:
    def keep(function: Rule) -> Rule:
        _RULES[text] = function
        return function

    return keep


# ------------------------------------------------------------------------------- attributes


@_rule('country is "DE"')
def _(c: Context) -> bool:
    country = text_of(c.attributes, "country")
    return country is not None and fold(country) == "de"


@_rule('country is not "DE"')
def _(c: Context) -> bool:
    country = text_of(c.attributes, "country")
    return country is None or fold(country) != "de"


@_rule('country is one of ("DE", "AT", "CH")')
def _(c: Context) -> bool:
    country = text_of(c.attributes, "country")
    return country is not None and fold(country) in ("de", "at", "ch")


@_rule('country not in ("DE", "AT")')
def _(c: Context) -> bool:
    country = text_of(c.attributes, "country")
    return country is None or fold(country) not in ("de", "at")


@_rule('tier is none of ("bronze", "silver")')
def _(c: Context) -> bool:
    return text_of(c.attributes, "tier") not in ("bronze", "silver")


@_rule("first_name is known")
def _(c: Context) -> bool:
    return text_of(c.attributes, "first_name") is not None


@_rule("first_name is missing")
def _(c: Context) -> bool:
    return text_of(c.attributes, "first_name") is None


@_rule("phone is not known")
def _(c: Context) -> bool:
    return text_of(c.attributes, "phone") is None


@_rule("is_member")
def _(c: Context) -> bool:
    return c.attributes.get("is_member") is True


@_rule("not is_member")
def _(c: Context) -> bool:
    return c.attributes.get("is_member") is not True


@_rule("attempts < 3")
def _(c: Context) -> bool:
    attempts = whole_of(c.attributes, "attempts")
    return attempts is not None and attempts < 3


@_rule("lifetime_value > 500 EUR")
def _(c: Context) -> bool:
    value = whole_of(c.attributes, "lifetime_value")
    return value is not None and value > 50_000


@_rule('order.total is between 20 EUR and 100 EUR and tier is "gold"')
def _(c: Context) -> bool:
    order = c.attributes.get("order")
    total = whole_of(order, "total") if isinstance(order, dict) else None
    return (
        total is not None and 2_000 <= total <= 10_000 and text_of(c.attributes, "tier") == "gold"
    )


@_rule('email ends with "@example.com"')
def _(c: Context) -> bool:
    email = text_of(c.attributes, "email")
    return email is not None and fold(email).endswith("@example.com")


@_rule('email does not contain "+test"')
def _(c: Context) -> bool:
    email = text_of(c.attributes, "email")
    return email is None or "+test" not in fold(email)


@_rule('city starts with "Ber"')
def _(c: Context) -> bool:
    city = text_of(c.attributes, "city")
    return city is not None and fold(city).startswith("ber")


@_rule('plan matches "pro-*"')
def _(c: Context) -> bool:
    plan = text_of(c.attributes, "plan")
    return plan is not None and fnmatchcase(fold(plan), "pro-*")


@_rule('name is exactly "ADA"')
def _(c: Context) -> bool:
    return text_of(c.attributes, "name") == "ADA"


@_rule('tags has "newsletter"')
def _(c: Context) -> bool:
    tags = list_of(c.attributes, "tags")
    return any(isinstance(tag, str) and fold(tag) == "newsletter" for tag in tags)


@_rule('tags has any of ("a", "b") or tags has all of ("c", "d")')
def _(c: Context) -> bool:
    tags = {fold(tag) for tag in list_of(c.attributes, "tags") if isinstance(tag, str)}
    return "a" in tags or "b" in tags or ("c" in tags and "d" in tags)


@_rule('tags has none of ("blocked")')
def _(c: Context) -> bool:
    tags = list_of(c.attributes, "tags")
    return not any(isinstance(tag, str) and fold(tag) == "blocked" for tag in tags)


@_rule("renewal_date is within the next 30 days")
def _(c: Context) -> bool:
    renewal = date_of(c.attributes, "renewal_date")
    if renewal is None:
        return False
    return c.now <= midnight(renewal, c.zone) < add(c.now, Duration(days=30), c.zone)


@_rule("last_login is within the last 7 days")
def _(c: Context) -> bool:
    login = whole_of(c.attributes, "last_login")
    return login is not None and subtract(c.now, Duration(days=7), c.zone) < login <= c.now


@_rule("age(birthday) >= 18")
def _(c: Context) -> bool:
    birthday = date_of(c.attributes, "birthday")
    if birthday is None:
        return False
    today = local(c.now, c.zone).date()
    day = (birthday.month, birthday.day)
    try:
        date(today.year, *day)
    except ValueError:
        day = (2, 28)
    return today.year - birthday.year - ((today.month, today.day) < day) >= 18


@_rule('weekday(now) is one of ("Saturday", "Sunday")')
def _(c: Context) -> bool:
    return local(c.now, c.zone).weekday() >= 5


@_rule("month(birthday) is month(today)")
def _(c: Context) -> bool:
    birthday = date_of(c.attributes, "birthday")
    return birthday is not None and birthday.month == local(c.now, c.zone).month


@_rule('(tier is "gold" or tier is "platinum") and country is "DE"')
def _(c: Context) -> bool:
    country = text_of(c.attributes, "country")
    return (
        text_of(c.attributes, "tier") in ("gold", "platinum")
        and country is not None
        and fold(country) == "de"
    )


@_rule('if tier is "gold" then cart.value > 20 else cart.value > 50')
def _(c: Context) -> bool:
    cart = c.attributes.get("cart")
    value = whole_of(cart, "value") if isinstance(cart, dict) else None
    limit = 2_000 if text_of(c.attributes, "tier") == "gold" else 5_000
    return value is not None and value > limit


# ------------------------------------------------------------------------- trigger and steps


@_rule("trigger.cart_id is crm.cart_id")
def _(c: Context) -> bool:
    one = None if c.trigger is None else text_of(c.trigger.properties, "cart_id")
    step = c.steps.get("crm")
    other = None if step is None or step.values is None else text_of(step.values, "cart_id")
    return one is not None and other is not None and fold(one) == fold(other)


@_rule('reply.text contains "stop"')
def _(c: Context) -> bool:
    step = c.steps.get("reply")
    text = None if step is None or step.values is None else text_of(step.values, "text")
    return text is not None and "stop" in fold(text)


@_rule("price < trigger.price * 0.9")
def _(c: Context) -> bool:
    price = whole_of(c.attributes, "price")
    other = None if c.trigger is None else whole_of(c.trigger.properties, "price")
    return price is not None and other is not None and price < other * Decimal("0.9")


@_rule("price <= trigger.price - 5 EUR")
def _(c: Context) -> bool:
    price = whole_of(c.attributes, "price")
    other = None if c.trigger is None else whole_of(c.trigger.properties, "price")
    return price is not None and other is not None and price <= other - 500


@_rule("any of trigger.items where price > 100 EUR")
def _(c: Context) -> bool:
    prices = (whole_of(item, "price") for item in trigger_items(c))
    return any(price is not None and price > 10_000 for price in prices)


@_rule("all of trigger.items where in_stock is yes")
def _(c: Context) -> bool:
    items = trigger_items(c)
    return bool(items) and all(item.get("in_stock") is True for item in items)


@_rule("count of trigger.items >= 2")
def _(c: Context) -> bool:
    return len(trigger_items(c)) >= 2


@_rule("count of trigger.items where price >= 20 EUR >= 2")
def _(c: Context) -> bool:
    prices = (whole_of(item, "price") for item in trigger_items(c))
    return sum(price is not None and price >= 2_000 for price in prices) >= 2


@_rule("sum of trigger.items.price / 2 > 30 EUR")
def _(c: Context) -> bool:
    prices = (whole_of(item, "price") for item in trigger_items(c))
    return Decimal(sum(price for price in prices if price is not None)) / 2 > 3_000


@_rule("trigger.time is on or after 2026-03-01")
def _(c: Context) -> bool:
    trigger = c.trigger
    return trigger is not None and local(trigger.occurred, c.zone).date() >= date(2026, 3, 1)


@_rule("now is after 2026-11-27 08:00")
def _(c: Context) -> bool:
    return c.now > at_local(date(2026, 11, 27), time(8), c.zone)


BY_HAND: Mapping[str, Rule] = MappingProxyType({**_RULES, **HISTORY_BY_HAND})
"""The rule as the corpus has it, and the function that says the same."""
