"""What arrives, at rest: how it becomes a line of the log, and comes back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias, cast

import orjson

from channels.replies import Word
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.knowing import changed
from engine.core.profile import Profile
from engine.core.signals import (
    Arrival,
    CallAnswered,
    Erased,
    EventArrived,
    Joined,
    Left,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
    WordSaid,
)
from engine.store.codec import (
    StandingDocument,
    plain,
    profile_document,
    read_profile,
    read_standing,
    standing_document,
)

__all__ = ["ArrivalKind", "arrival_document", "arrival_kind", "newcomer_documents", "read_arrival"]

ArrivalKind: TypeAlias = Literal[
    "event", "profile", "receipt", "start", "erasure", "answer", "word", "merge", "joined"
]


def arrival_kind(arrival: Arrival) -> tuple[ArrivalKind, str, Instant, Instant]:
    """The kind of an arrival, its name in the log, when it occurred and was received."""
    match arrival:
        case EventArrived(event=event):
            return "event", event.name, event.occurred, event.received
        case ProfileChanged(received=received):
            return "profile", "", received, received
        case ReceiptArrived(what=what, occurred=occurred, received=received):
            return "receipt", what, occurred, received
        case StartAsked(journey=journey, received=received):
            return "start", journey, received, received
        case Erased(received=received):
            return "erasure", "", received, received
        case CallAnswered(received=received):
            return "answer", "", received, received
        case WordSaid(word=word, occurred=occurred, received=received):
            return "word", word, occurred, received
        case MergeAsked(received=received):
            return "merge", "", received, received
        case Joined(received=received):
            return "joined", "", received, received


def arrival_document(arrival: Arrival) -> bytes:
    """What of an arrival does not stand in the log's columns."""
    match arrival:
        case EventArrived(event=event):
            return orjson.dumps(event.properties, default=plain)
        case ProfileChanged(attributes=attributes, addresses=addresses, origin=origin):
            told = (attributes, addresses, origin) if origin else (attributes, addresses)
            return orjson.dumps(told, default=plain)
        case ReceiptArrived(delivery=delivery, reason=reason, failure=failure, by=by, rule=rule):
            return orjson.dumps((delivery, reason, failure, by, rule))
        case StartAsked(properties=properties, by=by):
            return orjson.dumps((properties, by), default=plain)
        case Erased():
            return b"null"
        case CallAnswered(call=call, values=values, reason=reason):
            return orjson.dumps((call, values, reason), default=plain)
        case WordSaid(channel=channel, address=address, answer=answer, stopped=stopped):
            return orjson.dumps((channel, address, answer, stopped))
        case MergeAsked(into=into, by=by):
            return orjson.dumps((into, by))
        case Joined(name=name, by=by, left=left, refused=refused):
            return orjson.dumps((name, by, None if left is None else _left(left), refused))


def read_arrival(
    kind: ArrivalKind,
    name: str,
    identity: str,
    person: str,
    occurred: Instant,
    received: Instant,
    number: int,
    document: bytes,
) -> Arrival:
    """The arrival of a line of the log. What a newer version has added at its end is left out."""
    content = orjson.loads(document)
    match kind:
        case "event":
            event = Happened(name, occurred, received, number, content)
            return EventArrived(identity, person, event)
        case "profile":
            return ProfileChanged(identity, person, received, number, *content[:3])
        case "receipt":
            delivery, reason, failure, *more = content
            return ReceiptArrived(
                identity,
                person,
                received,
                number,
                delivery,
                name,
                reason,
                occurred,
                failure,
                *more[:2],
            )
        case "start":
            return StartAsked(identity, person, received, number, name, *content[:2])
        case "erasure":
            return Erased(identity, person, received, number)
        case "answer":
            return CallAnswered(identity, person, received, number, *content[:3])
        case "word":
            word = cast("Word", name)
            return WordSaid(identity, person, received, number, occurred, word, *content[:4])
        case "merge":
            return MergeAsked(identity, person, received, number, *content[:2])
        case "joined":
            name, by, left, refused, *_ = content
            read = None if left is None else _read_left(name, left)
            return Joined(identity, person, received, number, name, by, read, refused)
        case _:
            # Whoever it is about is set aside, and nobody else, until a process knows it that begins.
            raise ValueError(f"an arrival of a newer version: {kind}")


def _left(left: Left) -> tuple[Any, ...]:
    """What is left of somebody, as text: what changes often is written as it is elsewhere."""
    profile = left.profile
    standing = StandingDocument(profile.contacts, list(left.runs), profile.woken)
    return (
        profile_document(profile).decode(),
        b64encode(standing_document(standing)).decode(),
        profile.wake,
        {name: tuple(each) for name, each in left.origins.items()},
        left.heard,
        left.known,
    )


def _read_left(person: str, left: Sequence[Any]) -> Left:
    document, packed, wake, origins, heard, known, *_ = left
    standing = read_standing(b64decode(packed))
    profile = read_profile(person, document, standing.contacts, wake, standing.woken)
    told = {name: (at, origin) for name, (at, origin) in origins.items()}
    return Left(profile, tuple(standing.runs), told, heard, known)


_NEW: Final = profile_document(Profile("")).removeprefix(b"[{},{}")
"""What there is of a profile beside its attributes and addresses, when nothing else is known."""


def newcomer_documents(change: ProfileChanged) -> tuple[bytes, bytes]:
    """The profile of somebody of whom nothing else is known, and the arrival that says it: what
    they have in common is written once.
    """
    _, _, _, _, attributes, addresses, origin = change
    known, reached = orjson.dumps(attributes, default=plain), orjson.dumps(addresses)
    more = b",%b" % orjson.dumps(origin) if origin else b""
    arrival = b"[%b,%b%b]" % (known, reached, more)
    if None in attributes.values() or not all(addresses.values()):
        return profile_document(changed(Profile(change.person), change)), arrival
    return b"[%b,%b%b" % (known, reached, _NEW), arrival
