"""From a compiled message and a person to the texts that are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from channels.content.destinations import NO_OCCASION, Destination, Occasion
from channels.content.unfinished import Ask, Unfinished
from dsl.expr.context import Context, Wording

__all__ = [
    "Ask",
    "Built",
    "Content",
    "Degraded",
    "Destination",
    "Missing",
    "Occasion",
    "Stale",
    "Unfinished",
]

Degraded: TypeAlias = tuple[str, ...]
"""Modules left out or replaced, each with its reason: ``recommendations: left out (no items)``."""


class Built(NamedTuple):
    """The rendered texts by name; what each channel has is said in ``channels.message``. ``shown``
    are the modules it is made of, from top to bottom.

    With something ``unfinished`` they are what is said without an answer, and empty if the message
    cannot do without one. ``links`` are where its links lead that lead there by way of us, in the
    order of their numbers.
    """

    parts: Mapping[str, str]
    degraded: Degraded = ()
    unfinished: Unfinished | None = None
    links: tuple[Destination, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """The message cannot be built on this channel. ``what`` is for people: ``first_name``.

    ``refused``: nothing is missing, but a text does what no text may.
    """

    what: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """The message cannot be finished as it was decided; what it says without an answer holds."""

    why: str


class Content(Protocol):
    """Renders messages. Pure: the same person and values give the same texts."""

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion = NO_OCCASION,
    ) -> Built | Missing:
        """``values`` are the message's inputs (``with``), as evaluated; ``delivery`` goes into
        links that lead back to us, and ``occasion`` into what is added to the others.
        """
        ...

    def finish(
        self, unfinished: Unfinished, answers: Sequence[Mapping[str, Any] | None], delivery: str
    ) -> Built | Missing | Stale:
        """The message with the answers to its ``asks``, None where there is none. The answers are
        values at rest. It may have further questions.
        """
        ...

    def say(self, wording: Wording, context: Context) -> str | None:
        """A text that is a value of a step, or None if something in it is missing."""
        ...
