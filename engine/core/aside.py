"""People who are set aside, because something of theirs cannot be processed."""

from __future__ import annotations

from typing import NamedTuple

from dsl.calendar import Instant

__all__ = ["Aside"]


class Aside(NamedTuple):
    """Somebody of whom nothing is looked at: what arrives of them waits, and so do their timers.
    ``reason`` is what went wrong, for an operator.
    """

    person: str
    since: Instant
    reason: str
