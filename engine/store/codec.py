"""Documents at rest: how profiles, standings, runs and arrivals become bytes and come back.

Written by hand, because every step of every person passes here. A document is a JSON list in a
fixed order; what is added later goes to the end, so that what was written before is still read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    "profile_document",
    "read_arrival",
    "read_profile",
    "read_run",
    "read_standing",
    "run_document",
    "standing_document",
]

ArrivalKind: TypeAlias = Literal["event", "profile", "receipt", "start"]

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
    """Everything of a profile but its id and contacts. The same profile gives the same bytes."""
    return orjson.dumps(
        (profile.attributes, profile.addresses, profile.consents, sorted(profile.suppressed)),
        default=_plain,
    )


def read_profile(person: str, document: bytes | None, contacts: tuple[Contact, ...]) -> Profile:
    """The profile that ``profile_document`` wrote, with its contacts; without one, an empty one."""
    if document is None:
        return Profile(person, contacts=contacts)
    attributes, addresses, consents, suppressed = orjson.loads(document)
    return Profile(person, attributes, addresses, consents, contacts, frozenset(suppressed))


def run_values(run: Run) -> tuple[Any, ...]:
    """A run but for its person, as JSON can hold it."""
    return (
        run.id,
        run.journey,
        run.version,
        run.key,
        run.entered,
        run.trigger[:] if run.trigger else None,
        run.arm,
        run.status,
        run.state,
        run.since,
        run.due,
        run.collecting,
        run.collected,
        run.done,
        run.variables,
        {name: record[:] for name, record in run.steps.items()},
        run.left,
        run.outcome,
        run.converted,
        run.watch_until,
    )


def read_run(person: str, values: list[Any]) -> Run:
    """The run that ``run_values`` took apart."""
    (id_, journey, version, key, entered, trigger, arm, status, state, since, due) = values[:11]
    collecting, collected, done, variables, steps = values[11:16]
    return Run(
        id_,
        person,
        journey,
        version,
        key,
        entered,
        Happened(*trigger) if trigger else None,
        arm,
        status,
        state,
        since,
        due,
        collecting,
        collected,
        tuple(done),
        variables,
        {name: StepRecord(*record) for name, record in steps.items()},
        *values[16:],
    )


def run_document(run: Run) -> bytes:
    """A run that stands alone."""
    return orjson.dumps(run_values(run), default=_plain)


def standing_document(
    contacts: tuple[Contact, ...],
    runs: Iterable[Run],
    last_decision: int | None,
    last_delivery: int | None,
) -> bytes:
    """What of a person changes with every step."""
    return orjson.dumps(
        (
            [contact[:] for contact in contacts],
            [run_values(run) for run in runs],
            last_decision,
            last_delivery,
        ),
        default=_plain,
    )


def read_standing(
    person: str, document: bytes
) -> tuple[tuple[Contact, ...], list[Run], int | None, int | None]:
    """What ``standing_document`` wrote."""
    contacts, runs, last_decision, last_delivery = orjson.loads(document)
    return (
        tuple([Contact(*contact) for contact in contacts]),
        [read_run(person, values) for values in runs],
        last_decision,
        last_delivery,
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
