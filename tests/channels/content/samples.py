"""Messages made by hand, as the compiler would make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from channels.content import Built, Missing
from channels.content.library import Library
from dsl.calendar import from_datetime
from dsl.expr.context import Context, Happened
from dsl.kinds import Code, Date, Instant, Kind, ListOf, Money, Record, Text, Whole
from dsl.machine import Formula, Reads, Rule
from dsl.message import ChannelForm, LocalText, Message, Module, SmsForm, Template, Use
from dsl.plan import Field

ITEM = Record(
    (
        ("product_id", Code()),
        ("name", Text()),
        ("price", Money("EUR")),
        ("quantity", Whole()),
        ("image_url", Text()),
    )
)
TRIGGER = Record(
    (
        ("cart_id", Code()),
        ("value", Money("EUR")),
        ("items", ListOf(ITEM)),
        ("starts_at", Instant()),
        ("time", Instant()),
    )
)
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "first_name": Text(),
        "birthday": Date(),
        "tags": ListOf(Text()),
        "points": Whole(),
        "last_seen_at": Instant(),
        "trigger": TRIGGER,
        "profile": Record((("first_name", Text()), ("birthday", Date()))),
    }
)


def text(words: str | None = None, /, **by_language: str) -> LocalText:
    """A text, or a text by language (``de_AT`` is ``de-AT``)."""
    given = {"": words} if words is not None else by_language
    return MappingProxyType(
        {
            code.replace("_", "-"): Template(each, f"messages.yaml:{number}", KINDS)
            for number, (code, each) in enumerate(given.items(), 1)
        }
    )


def rule(holds: Callable[[Context], bool], words: str = "a rule") -> Rule:
    return Rule(words, "modules.yaml:1", Reads(), holds)


def formula(value: Callable[[Context], Any], kind: Kind, words: str = "a value") -> Formula:
    return Formula(words, "modules.yaml:1", kind, Reads(), value)


def module(name: str, *blocks: Any, **more: Any) -> Module:
    """A module without inputs and conditions, but for what is said in ``more``."""
    plain: dict[str, Any] = {
        "inputs": {},
        "requires": (),
        "show_if": None,
        "otherwise": None,
        "required_in": frozenset(),
    }
    return Module(name=name, blocks=tuple(blocks), **{**plain, **more})


def use(name: str, **more: Any) -> Use:
    plain: dict[str, Any] = {"values": (), "if_missing": "do not send", "instead": None}
    return Use(module=name, **{**plain, **more})


def required(kind: Kind) -> Field:
    return Field("input", kind, required=True)


def message(
    forms: Mapping[str, ChannelForm], *modules: Module, inputs: Mapping[str, Field] | None = None
) -> Message:
    return Message(
        "cart_reminder",
        "Cart reminder",
        "cart_abandonment",
        inputs or {},
        forms,
        {each.name: each for each in modules},
    )


def person(**more: Any) -> Context:
    """Ada in Berlin, on 1 March 2026 at noon UTC, with an abandoned cart."""
    from datetime import UTC, datetime

    now = from_datetime(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    properties = {
        "cart_id": "c 7/8&x",
        "value": 123450,
        "items": [
            {"product_id": "p1", "name": "Tea <green>", "price": 1990, "quantity": 2},
            {"product_id": "p2", "name": "Pot", "price": 4900, "quantity": 1},
        ],
        "starts_at": now + 3_600_000_000,
    }
    plain: dict[str, Any] = {
        "now": now,
        "zone": ZoneInfo("Europe/Berlin"),
        "attributes": {"first_name": "Ada", "tags": ["shoes", "hats"], "points": 12500},
        "trigger": Happened("cart_updated", now, now, 1, properties),
    }
    return Context(**{**plain, **more})


ITEMS = formula(
    lambda context: context.trigger.properties["items"] if context.trigger else None,
    ListOf(ITEM),
    "trigger.items",
)


def library(made: Message, languages: tuple[str, ...] = ("en", "de", "fr")) -> Library:
    return Library(
        {made.name: made}, languages, lambda delivery: f"https://shop.example/u/{delivery}"
    )


def build(
    made: Message, channel: str, context: Context | None = None, **values: Any
) -> Built | Missing:
    return library(made).build(made.name, channel, context or person(), values, "d1")


def sms(words: str, context: Context | None = None) -> str:
    """What a text message says, or what it lacks."""
    built = build(message({"sms": SmsForm(text(words))}), "sms", context)
    return built.parts["text"] if isinstance(built, Built) else f"missing: {built.what}"
