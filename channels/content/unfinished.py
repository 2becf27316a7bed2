"""A message that waits for what web services answer: everything else of it, as plain data.

It is made at the decision and stored with the delivery, so it needs nothing of the person any more
when it is finished. What is added later goes to the end and has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from channels.content.destinations import NO_OCCASION, Occasion
from dsl.calendar import Instant
from dsl.expr.context import Happened

__all__ = ["Ask", "Keepsake", "Reply", "Unfinished"]


class Ask(NamedTuple):
    """What a service is to be asked, as plain JSON data."""

    service: str
    values: Mapping[str, Any]


class Reply(NamedTuple):
    """What was asked and what came of it: values at rest, or None if there was no answer."""

    ask: Ask
    answer: Mapping[str, Any] | None


class Keepsake(NamedTuple):
    """The person as they were at the decision, as far as the message asks. Values are at rest."""

    now: Instant
    zone: str
    language: str
    attributes: Mapping[str, Any]
    history: Mapping[str, tuple[Happened, ...]]
    trigger: Happened | None
    facts: Mapping[str, bool]
    holidays: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A message on its way. ``values`` are its inputs, at rest; ``mark`` tells whether it is still
    written as it was; ``asks`` is what to ask next, ``replies`` what has been asked already.

    ``lacks`` is what the message lacks without an answer; empty if it can do without.
    """

    message: str
    channel: str
    mark: str
    person: Keepsake
    values: Mapping[str, Any]
    asks: tuple[Ask, ...]
    replies: tuple[Reply, ...] = ()
    lacks: str = ""
    occasion: Occasion = NO_OCCASION
