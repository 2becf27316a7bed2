"""What a careful developer would write once and use in every rule: reading values, and windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from unicodedata import normalize

from dsl.calendar import Duration, Instant, subtract
from dsl.expr.context import Context, Happened

__all__ = [
    "date_of",
    "days_back",
    "fold",
    "list_of",
    "recent",
    "text_of",
    "trigger_items",
    "whole_of",
]


def fold(text: str) -> str:
    """The text without case and outer spaces."""
    if text.isascii():
        return text.strip().lower()
    return normalize("NFC", text).casefold().strip()


def text_of(values: Mapping[str, Any], name: str) -> str | None:
    """A text, or None."""
    found = values.get(name)
    return found if isinstance(found, str) and found else None


def whole_of(values: Mapping[str, Any], name: str) -> int | None:
    """A whole number, an amount or an instant; or None."""
    found = values.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def date_of(values: Mapping[str, Any], name: str) -> date | None:
    """A date, or None."""
    found = values.get(name)
    try:
        return date.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None


def list_of(values: Mapping[str, Any], name: str) -> list[Any]:
    """A list, empty if there is none."""
    found = values.get(name)
    return found if isinstance(found, list) else []


def recent(c: Context, name: str, start: Instant, end: Instant) -> Iterator[Happened]:
    """The events in [start, end), the last one first."""
    for event in reversed(c.history.get(name, ())):
        if event.occurred < start:
            return
        if event.occurred < end:
            yield event


def days_back(c: Context, days: int) -> Iterator[Happened]:
    """Purchases of the last so many days."""
    start = subtract(c.now, Duration(days=days), c.zone)
    return recent(c, "purchase", start + 1, c.now + 1)


def trigger_items(c: Context) -> list[Any]:
    """The items of the event that started the journey."""
    return [] if c.trigger is None else list_of(c.trigger.properties, "items")
