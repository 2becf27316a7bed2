"""Of whom something is to be written that no database can keep: looked for only when writing has
failed, so that it costs nothing while all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from engine.store import codec
from engine.store.protocol import Changes

__all__ = ["unwritable"]

_LEAST, _MOST = -(2**63), 2**63 - 1


def unwritable(changes: Changes) -> dict[str, Exception]:
    """Those of whom one thing, tried alone, cannot be written, and why."""
    found: dict[str, Exception] = {}
    for person, write, value in _attempts(changes):
        try:
            write(value)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
            found.setdefault(person, error)
    return found


def _attempts(changes: Changes) -> Iterator[tuple[str, Callable[[Any], object], Any]]:
    for profile in changes.profiles:
        contacts = codec.StandingDocument(profile.contacts)
        yield profile.id, codec.profile_document, profile
        yield profile.id, codec.standing_document, contacts
        yield profile.id, _check, (profile.wake, profile.woken)
    for run in changes.runs:
        yield run.person, codec.run_document, run
        yield run.person, _check, (run.due, run.id, run.journey, run.key, run.outcome)
    for delivery in changes.deliveries:
        yield delivery.person, codec.delivery_document, delivery
        yield delivery.person, _check, delivery
    for call in changes.calls:
        yield call.person, codec.call_document, call
        yield call.person, _check, call
    for decision in changes.decisions:
        yield decision.person, _check, decision
    for identity, person, event in changes.events:
        yield person, codec.mapping_document, event.properties
        yield person, _check, (identity, *event)
    for identity, person, event in changes.consents:
        yield person, codec.mapping_document, event.properties
        yield person, _check, (identity, *event)
    for person, origins in changes.origins.items():
        yield person, codec.origins_document, origins
    for assignment in changes.assignments:
        yield assignment.person, _check, assignment


def _check(values: Iterable[Any]) -> None:
    """Whether single values can stand in columns."""
    for value in values:
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, int) and not _LEAST <= value <= _MOST:
            raise OverflowError("a whole number is too large to be kept")
