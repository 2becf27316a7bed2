"""What was sent and does not stand in the tracking plan: counted by the day, and kept aside until
somebody has mended the plan or the sender.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from dsl.calendar import DAY, Instant

__all__ = [
    "KEPT_FOR",
    "MISSING",
    "MOST_A_DAY",
    "MOST_KEPT",
    "MOST_OF_A_NAME",
    "OTHERS",
    "UNKNOWN",
    "UNPLANNED",
    "Oddity",
    "Seen",
    "Stray",
]

UNKNOWN: Final = "unknown event"
UNPLANNED: Final = "not in the plan"
MISSING: Final = "missing"

MOST_A_DAY: Final = 500
"""Different oddities that are told apart in one day; all further ones are ``OTHERS``."""

OTHERS: Final = "(others)"
MOST_KEPT: Final = 10_000
MOST_OF_A_NAME: Final = 200
"""Calls that are kept aside: all together, and of one event."""

KEPT_FOR: Final = 30 * DAY


class Oddity(NamedTuple):
    """What is odd: an event, a property of one (or an attribute, of ``identify``), and as what it
    came: ``text`` where something else should be, ``missing``, or not in the plan at all.
    """

    event: str
    property: str
    what: str


class Seen(NamedTuple):
    """How often something odd came in a day, and what it was like once; hidden if it is personal."""

    times: int
    example: str = ""

    def plus(self, other: Seen) -> Seen:
        """Both together."""
        return Seen(self.times + other.times, self.example or other.example)


class Stray(NamedTuple):
    """A call that was not taken, or not all of it, as it came. ``id`` is the one of its arrival.
    ``rest`` are the attributes of it that could not be taken; nothing means that all of it was not.
    """

    id: str
    person: str
    event: str
    received: Instant
    call: Mapping[str, Any]
    prefix: str = ""
    browser: bool = False
    origin: str = ""
    rest: tuple[str, ...] = ()
