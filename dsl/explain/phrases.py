"""Small words: lengths of time, lists, names, and what people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from dsl.calendar import HOUR, MINUTE, SECOND, Duration
from dsl.plan import Event

__all__ = [
    "DAYS",
    "channel_words",
    "clock_words",
    "happening",
    "joined",
    "length_words",
    "plain",
    "plural_of",
    "singular_of",
    "with_article",
]

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_CHANNELS = {"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp"}
_SMALL = frozenset({"to", "for", "from", "on", "in", "at", "of", "by", "with"})


def joined(parts: Sequence[str], word: str) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def plain(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ")


def channel_words(name: str) -> str:
    """A channel as people call it."""
    return _CHANNELS.get(name, name)


def clock_words(clock: time) -> str:
    """``09:00``."""
    return f"{clock:%H:%M}"


def length_words(length: Duration) -> str:
    """``2 hours 30 minutes``, ``1 month``, ``3 working days``."""
    years, months = divmod(length.months, 12)
    hours, rest = divmod(length.micros, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [
        (years, "year"),
        (months, "month"),
        (length.days, "day"),
        (length.working_days, "working day"),
        (hours, "hour"),
        (minutes, "minute"),
        (rest // SECOND, "second"),
    ]
    said = [f"{count} {unit if count == 1 else unit + 's'}" for count, unit in parts if count]
    return " ".join(said) or "no time"


def with_article(noun: str) -> str:
    """``a purchase``, ``an order``, ``the event "became gold"``."""
    if noun.startswith('event "'):
        return f"the {noun}"
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def singular_of(event: Event) -> str:
    """One of such events, as a noun."""
    if event.plural is not None and event.plural.endswith("s"):
        return plain(event.plural.removesuffix("s"))
    words = plain(event.name)
    return words if " " not in words else f'event "{words}"'


def plural_of(event: Event) -> str:
    """Several of such events."""
    if event.plural is not None:
        return plain(event.plural)
    words = plain(event.name)
    return f"{words}s" if " " not in words else f'events "{words}"'


def happening(event: Event) -> str:
    """``a person updates a cart``, or what else the tracking plan lets us say."""
    if event.verb is None:
        return f"{with_article(singular_of(event))} happens"
    verb, *rest = event.verb.split("_")
    if rest and rest[0] not in _SMALL:
        rest = [with_article(rest[0]), *rest[1:]]
    return " ".join(["a person", _third_person(verb), *rest])


def _third_person(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in tuple("aeiou"):
        return f"{verb[:-1]}ies"
    return f"{verb}s"
