"""From a compiled message and a person to the texts that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from dsl.expr.context import Context, Wording

__all__ = ["Built", "Content", "Degraded", "Missing"]

Degraded: TypeAlias = tuple[str, ...]
"""Modules left out or replaced, each with its reason: ``recommendations: left out (no items)``."""


@dataclass(frozen=True, slots=True)
class Built:
    """The rendered texts by name; what each channel has is said in ``channels.message``."""

    parts: Mapping[str, str]
    degraded: Degraded = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """The message cannot be built on this channel. ``what`` is for people: ``first_name``."""

    what: str


class Content(Protocol):
    """Renders messages. Pure: the same person and values give the same texts."""

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
    ) -> Built | Missing:
        """``values`` are the message's inputs (``with``), as evaluated; ``delivery`` goes into
        links that lead back to us.
        """
        ...

    def say(self, wording: Wording, context: Context) -> str | None:
        """A text that is a value of a step, or None if something in it is missing."""
        ...
