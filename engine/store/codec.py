"""Documents at rest: how profiles, runs, arrivals and deliveries become bytes and come back.

Written by hand, because every step of every person passes here. A document is a JSON list in a
fixed order; what is added later goes to the end, so that what was written before is still read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import orjson

from dsl.calendar import Instant
from dsl.expr.context import Happened, StepRecord
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.core.signals import (
    Arrival,
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
)

__all__ = [
    "ArrivalKind",
    "arrival_document",
    "arrival_kind",
    "loads",
    "mapping_document",
    "origin_document",
    "profile_document",
    "read_arrival",
    "read_origin",
    "read_profile",
    "run_document",
    "run_parts",
]

ArrivalKind: TypeAlias = Literal["event", "profile", "receipt", "start"]

_RunParts: TypeAlias = tuple[
    Instant,  # since
    bool,  # collecting
    bool,  # collected
    tuple[str, ...],  # done
    Mapping[str, Any],  # variables
    Mapping[str, StepRecord],  # steps
    Instant | None,  # left
    Instant | None,  # converted
    Instant | None,  # watch_until
    int,  # entry
]

loads = orjson.loads


def _plain(value: Any) -> dict[str, Any]:
    """Mappings that are not dicts (read-only views, mostly) are written as dicts."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not a value at rest: {value!r}")


def mapping_document(values: Mapping[str, Any]) -> bytes:
    """Named values: properties, texts, files."""
    return orjson.dumps(values, default=_plain)


def profile_document(profile: Profile) -> bytes:
    """Everything of a profile but its id. The same profile gives the same bytes."""
    return orjson.dumps(
        (
            profile.attributes,
            profile.addresses,
            profile.consents,
            [contact[:] for contact in profile.contacts],
            sorted(profile.suppressed),
        ),
        default=_plain,
    )


def read_profile(person: str, document: bytes) -> Profile:
    """The profile that ``profile_document`` wrote."""
    attributes, addresses, consents, contacts, suppressed = orjson.loads(document)
    return Profile(
        person,
        attributes,
        addresses,
        consents,
        tuple([Contact(*contact) for contact in contacts]) if contacts else (),
        frozenset(suppressed),
    )


def origin_document(trigger: Happened | None) -> bytes | None:
    """What started a run. It never changes, so it is written once."""
    return None if trigger is None else orjson.dumps(trigger[:], default=_plain)


def read_origin(document: bytes | None) -> Happened | None:
    """The event that ``origin_document`` wrote."""
    return None if document is None else Happened(*orjson.loads(document))


def run_document(run: Run) -> bytes:
    """What of a run changes from step to step and is not asked for in queries."""
    return orjson.dumps(
        (
            run.since,
            run.collecting,
            run.collected,
            run.done,
            run.variables,
            {name: record[:] for name, record in run.steps.items()},
            run.left,
            run.converted,
            run.watch_until,
            run.entry,
        ),
        default=_plain,
    )


def run_parts(document: bytes) -> _RunParts:
    """What ``run_document`` wrote."""
    since, collecting, collected, done, variables, steps, left, converted, until, entry = (
        orjson.loads(document)
    )
    records = {name: StepRecord(*record) for name, record in steps.items()} if steps else {}
    return (
        since,
        collecting,
        collected,
        tuple(done),
        variables,
        records,
        left,
        converted,
        until,
        entry,
    )


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


def arrival_document(arrival: Arrival) -> bytes:
    """What of an arrival does not stand in the log's columns."""
    match arrival:
        case EventArrived(event=event):
            return orjson.dumps(event.properties, default=_plain)
        case ProfileChanged(attributes=attributes, addresses=addresses):
            return orjson.dumps((attributes, addresses), default=_plain)
        case ReceiptArrived(delivery=delivery, reason=reason, failure=failure):
            return orjson.dumps((delivery, reason, failure))
        case StartAsked(properties=properties, by=by):
            return orjson.dumps((properties, by), default=_plain)


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
    """The arrival of a line of the log."""
    content = orjson.loads(document)
    match kind:
        case "event":
            event = Happened(name, occurred, received, number, content)
            return EventArrived(identity, person, event)
        case "profile":
            return ProfileChanged(identity, person, received, number, *content)
        case "receipt":
            delivery, reason, failure = content
            return ReceiptArrived(
                identity, person, received, number, delivery, name, reason, occurred, failure
            )
        case "start":
            return StartAsked(identity, person, received, number, name, *content)
