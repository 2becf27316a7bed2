"""A span as a value, and where it stands: every id is made from ids that are there already.

A run is a trace. Its id has the 32 hexadecimal digits of one, so whoever does something for a run,
in whatever process and however many days later, knows the trace without anything being stored; and
the delivery knows the span it was decided in. Ids are as in the W3C Trace Context.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, TypeAlias

from dsl.calendar import Instant

__all__ = [
    "Happening",
    "Place",
    "Span",
    "Value",
    "made",
    "place_of_event",
    "place_of_run",
    "place_of_send",
    "read_traceparent",
]

Value: TypeAlias = str | int | float | bool

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_SPAN = 16  # hex digits
_TRACE = 32


class Place(NamedTuple):
    """A span among all there are: 32 and 16 hexadecimal digits."""

    trace: str
    span: str


class Happening(NamedTuple):
    """Something that happened in a span, at one instant."""

    at: Instant
    name: str
    attributes: Mapping[str, Value]


class Span(NamedTuple):
    """Something that was done, and how long it took. ``failed`` says what went wrong, if it did;
    nothing in it says who it was done for.
    """

    name: str
    place: Place
    parent: Place | None
    began: Instant
    ended: Instant
    attributes: Mapping[str, Value]
    happenings: Sequence[Happening] = ()
    links: Sequence[Place] = ()
    failed: str = ""


def place_of_run(run: str) -> Place:
    """The first span of a run, in the trace of that run."""
    return Place(run, run[-_SPAN:])


def place_of_send(run: str, delivery: str) -> Place:
    """Where a message was decided; what becomes of it stands below."""
    return Place(run, delivery[-_SPAN:])


def place_of_event(event: str) -> Place:
    """An event's own trace, of one span: the runs it concerns have theirs, and point here."""
    digest = _digest(_TRACE, "event", event)
    return Place(digest, digest[-_SPAN:])


def made(parent: Place, *parts: str) -> Place:
    """A span below another. The same parts are the same span, so what is told twice is one."""
    return Place(parent.trace, _digest(_SPAN, parent.span, *parts))


def read_traceparent(header: str) -> Place | None:
    """The caller's span, from the header ``traceparent``; None if there is none that is right.

    Source: W3C Trace Context, level 1, section 3.2.
    """
    found = _TRACEPARENT.fullmatch(header.strip())
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return Place(found[1], found[2])


def _digest(digits: int, *parts: str) -> str:
    name = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(name, digest_size=digits // 2).hexdigest()
