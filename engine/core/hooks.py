"""Subscriptions of others to what happens here, and what of it they are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant

__all__ = [
    "GIVE_UP",
    "SORTS",
    "Happening",
    "Hook",
    "Mark",
    "failed",
    "message_sort",
    "retry_at",
    "taken",
    "unknown_sorts",
    "wants",
]

_MESSAGES = (
    *("sent", "delivered", "opened", "clicked", "replied"),
    *("failed", "bounced", "complained", "unsubscribed"),
)
SORTS: Final = (
    *(f"message.{what}" for what in _MESSAGES),
    *("journey.entered", "journey.left"),
    *("segment.entered", "segment.left"),
    *("consent.granted", "consent.withdrawn", "consent.requested"),
    *("person.merged", "person.erased"),
)
"""What can be told of."""

GIVE_UP: Final = 3 * DAY
"""How long a receiver may fail before nothing more is sent there."""

_RETRIES = (5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)
_LONGEST_WAIT = HOUR  # that a receiver may ask for
_LONGEST_REASON = 300
_GONE = 410


class Mark(NamedTuple):
    """How far what happened has been told: numbers of the log and of the decisions, and of the
    words about people who are no longer here.
    """

    log: int = 0
    decisions: int = 0
    words: int = 0


class Hook(NamedTuple):
    """A subscription: where to, and of what (``message.*`` is all of these). ``generation`` counts
    its secrets, and the one before holds until ``overlap``. ``due`` is when to go on, and ``lease``
    until when a process is at it. ``disabled`` is why nothing is sent any more, in a sentence.
    ``settled`` says that it comes from the settings, and not from the API.
    """

    id: str
    url: str
    sorts: tuple[str, ...]
    created: Instant
    mark: Mark = Mark()
    about: str = ""
    generation: int = 1
    overlap: Instant = 0
    due: Instant = 0
    lease: Instant = 0
    attempts: int = 0  # in vain, one after the other
    failing: Instant = 0  # since when
    reason: str = ""  # of the last failure
    disabled: str = ""
    told: int = 0
    last: Instant = 0  # when something was taken
    settled: bool = False
    asked: str = ""  # what it was made by, where repetitions are to be recognised
    turned: str = ""  # likewise, by what its secret was turned last


class Happening(NamedTuple):
    """Something that others are told of. ``id`` is the same however often it is told."""

    id: str
    sort: str
    at: Instant
    person: str
    data: Mapping[str, Any]
    mark: Mark  # when it has been told, with all before it of its kind


def wants(sorts: Sequence[str], sort: str) -> bool:
    """Whether a subscription is about a sort of thing."""
    return any(each in (sort, "*") or fnmatchcase(sort, each) for each in sorts)


def unknown_sorts(sorts: Sequence[str]) -> list[str]:
    """Those that nothing can be told of."""
    return [each for each in sorts if not any(wants((each,), sort) for sort in SORTS)]


def message_sort(event: str) -> str:
    """``message.sent`` for ``message_sent``; the same for consent; and for segments."""
    if event.startswith("segment "):
        return f"segment.{event.rpartition(' ')[2]}"
    kind, _, what = event.partition("_")
    return f"{kind}.{what}"


def taken(hook: Hook, mark: Mark, count: int, now: Instant) -> Hook:
    """The subscription after so many were taken."""
    if not count:
        return hook._replace(mark=mark, lease=0)
    return hook._replace(
        mark=mark,
        lease=0,
        due=0,
        attempts=0,
        failing=0,
        reason="",
        told=hook.told + count,
        last=now,
    )


def failed(hook: Hook, status: int, reason: str, wait: float | None, now: Instant) -> Hook:
    """The subscription after a failure: put off, or given up."""
    failing = hook.failing or now
    attempts = hook.attempts + 1
    reason = reason[:_LONGEST_REASON]
    changed = hook._replace(
        lease=0,
        attempts=attempts,
        failing=failing,
        reason=reason,
        due=retry_at(attempts, wait, now),
    )
    if status == _GONE:
        told = "The receiver says that it is gone (410). Put the address right, and switch it on."
        return changed._replace(disabled=told)
    if now - failing >= GIVE_UP:
        told = (
            f"It has failed for three days, the last time because {reason}. Put that right, and"
            " switch it on again: it goes on where it stopped."
        )
        return changed._replace(disabled=told)
    return changed


def retry_at(attempts: int, wait: float | None, now: Instant) -> Instant:
    """When to try again; ``wait`` is what the receiver asks for, in seconds."""
    own = _RETRIES[min(attempts, len(_RETRIES)) - 1]
    asked = 0 if wait is None else min(int(wait * SECOND), _LONGEST_WAIT)
    return now + max(own, asked)
