"""Documents at rest: how profiles, standings, runs and arrivals become bytes and come back.

What rules ask about people and events is JSON, so that a database can look into it. What changes
with every step is MessagePack, read straight into our tuples. Either way a document is a list in a
fixed order: what is added later goes to the end and has a default, so that what was written before
is still read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import orjson

from dsl.calendar import Instant
from engine.core.bars import Bar
from engine.core.effects import CallWebhook, Delivery
from engine.core.gates import Gate
from engine.core.hooks import Hook
from engine.core.keys import Key
from engine.core.numbers import Said
from engine.core.origins import Origin
from engine.core.profile import Contact, Identity, Preferences, Profile, Trouble
from engine.core.run import Run
from engine.core.strays import Stray
from engine.store.newer import as_we_know_it

__all__ = [
    "StandingDocument",
    "Whereabouts",
    "bar_document",
    "call_document",
    "delivery_document",
    "gate_document",
    "hook_document",
    "key_document",
    "loads",
    "mapping_document",
    "origins_document",
    "plain",
    "profile_document",
    "read_bar",
    "read_call",
    "read_delivery",
    "read_gate",
    "read_hook",
    "read_key",
    "read_origins",
    "read_profile",
    "read_run",
    "read_said",
    "read_standing",
    "read_stray",
    "read_whereabouts",
    "run_document",
    "said_document",
    "standing_document",
    "stray_document",
]


loads = orjson.loads

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between
_NOBODY: Final = Profile("")
_NOTHING_SAID: Final = [*_NOBODY.preferences]


def plain(value: Any) -> dict[str, Any]:
    """Mappings that are not dicts (read-only views, mostly) are written as dicts."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not a value at rest: {value!r}")


def mapping_document(values: Mapping[str, Any]) -> bytes:
    """Named values: properties, texts, files."""
    return orjson.dumps(values, default=plain)


def profile_document(profile: Profile) -> bytes:
    """What of a profile rarely changes. The same profile gives the same bytes."""
    identity = profile.identity
    return orjson.dumps(
        (
            profile.attributes,
            profile.addresses,
            profile.consents,
            sorted(profile.suppressed),
            profile.segments,
            tuple(profile.preferences),
            {place: tuple(each) for place, each in profile.trouble.items()},
            profile.tallies,
            *([tuple(identity)] if identity.unit else ()),
        ),
        default=plain,
    )


def read_profile(
    person: str,
    document: bytes | None,
    contacts: tuple[Contact, ...],
    wake: Instant | None,
    woken: Instant | None,
    merged: str | None = None,
) -> Profile:
    """The profile that ``profile_document`` wrote, with what changes more often; without a
    document, an empty one.
    """
    if document is None:
        empty = Profile(person, contacts=contacts, wake=wake, woken=woken)
        return empty if merged is None else empty._replace(identity=Identity(merged))
    told = orjson.loads(document)
    attributes, addresses, consents, suppressed, segments = told[:5]
    said = told[5] if len(told) > 5 else _NOTHING_SAID
    trouble = told[6] if len(told) > 6 else None
    values = (
        person,
        attributes,
        addresses,
        consents,
        contacts,
        frozenset(suppressed) if suppressed else _NOBODY.suppressed,
        segments,
        wake,
        woken,
        _NOBODY.preferences if said == _NOTHING_SAID else _preferences(said),
        _troubles(trouble) if trouble else _NOBODY.trouble,
        told[7] if len(told) > 7 else _NOBODY.tallies,
        Identity(*told[8][: len(Identity._fields)]) if len(told) > 8 else _NOBODY.identity,
    )
    return _new(Profile, values)


def _preferences(told: list[Any]) -> Preferences:
    return Preferences(*told[: len(Preferences._fields)])


def _troubles(told: Mapping[str, Any]) -> Mapping[str, Trouble]:
    known = len(Trouble._fields)
    return {
        place: Trouble(tuple(soft), *rest[: known - 1]) for place, (soft, *rest) in told.items()
    }


class StandingDocument(msgspec.Struct, array_like=True):
    """What of a person changes with every step: open runs, recent contacts, until when the
    calendar was looked through, and where the chains of decisions and deliveries end; and whom they
    have gone into.
    """

    contacts: tuple[Contact, ...] = ()
    runs: list[Run] = []
    woken: Instant | None = None
    last_decision: int | None = None
    last_delivery: int | None = None
    merged: str | None = None


class Whereabouts(msgspec.Struct, array_like=True):
    """The beginning of a run at rest: enough to say where it is."""

    id: str
    person: str
    journey: str
    version: str
    key: str
    entered: Instant
    trigger: msgspec.Raw
    arm: str
    status: str
    state: str


class _StandingPlaces(msgspec.Struct, array_like=True):
    contacts: msgspec.Raw
    runs: list[Whereabouts]


_PACK: Final = msgspec.msgpack.Encoder(enc_hook=plain)
_UNPACK_STANDING: Final = msgspec.msgpack.Decoder(StandingDocument)
_UNPACK_PLACES: Final = msgspec.msgpack.Decoder(_StandingPlaces)
_UNPACK_DELIVERY: Final = msgspec.msgpack.Decoder(Delivery)
_UNPACK_CALL: Final = msgspec.msgpack.Decoder(CallWebhook)
_UNPACK_BAR: Final = msgspec.msgpack.Decoder(Bar)
_UNPACK_GATE: Final = msgspec.msgpack.Decoder(Gate)
_UNPACK_ORIGINS: Final = msgspec.msgpack.Decoder(dict[str, Origin])
_UNPACK_SAID: Final = msgspec.msgpack.Decoder(Said)
_UNPACK_HOOK: Final = msgspec.msgpack.Decoder(Hook)
_UNPACK_KEY: Final = msgspec.msgpack.Decoder(Key)
_UNPACK_RUN: Final = msgspec.msgpack.Decoder(Run)


def standing_document(standing: StandingDocument) -> bytes:
    """A standing."""
    return _PACK.encode(standing)


def read_standing(document: bytes) -> StandingDocument:
    """The standing that ``standing_document`` wrote."""
    try:
        return _UNPACK_STANDING.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, StandingDocument)


def read_whereabouts(document: bytes) -> list[Whereabouts]:
    """Where the open runs of a standing are, without reading the rest of it."""
    return _UNPACK_PLACES.decode(document).runs


def delivery_document(delivery: Delivery) -> bytes:
    """A delivery as it was decided."""
    return _PACK.encode(delivery)


def read_delivery(document: bytes) -> Delivery:
    """The delivery that ``delivery_document`` wrote."""
    try:
        return _UNPACK_DELIVERY.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, Delivery)


def call_document(call: CallWebhook) -> bytes:
    """A call as it was decided."""
    return _PACK.encode(call)


def read_call(document: bytes) -> CallWebhook:
    """The call that ``call_document`` wrote."""
    try:
        return _UNPACK_CALL.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, CallWebhook)


def bar_document(bar: Bar) -> bytes:
    """What is known against an address."""
    return _PACK.encode(bar)


def read_bar(document: bytes) -> Bar:
    """What ``bar_document`` wrote."""
    try:
        return _UNPACK_BAR.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, Bar)


def gate_document(gate: Gate) -> bytes:
    """A gate."""
    return _PACK.encode(gate)


def read_gate(document: bytes) -> Gate:
    """The gate that ``gate_document`` wrote."""
    return _UNPACK_GATE.decode(document)


def key_document(key: Key) -> bytes:
    """What is known of a key."""
    return _PACK.encode(key)


def read_key(document: bytes) -> Key:
    """What ``key_document`` wrote."""
    try:
        return _UNPACK_KEY.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, Key)


def hook_document(hook: Hook) -> bytes:
    """A subscription."""
    return _PACK.encode(hook)


def read_hook(document: bytes) -> Hook:
    """What ``hook_document`` wrote."""
    try:
        return _UNPACK_HOOK.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, Hook)


def said_document(said: Said) -> bytes:
    """What was said from a number."""
    return _PACK.encode(said)


def read_said(document: bytes) -> Said:
    """What ``said_document`` wrote."""
    return _UNPACK_SAID.decode(document)


def origins_document(origins: Mapping[str, Origin]) -> bytes:
    """Where the attributes and addresses of somebody come from."""
    return _PACK.encode(origins)


def read_origins(document: bytes) -> dict[str, Origin]:
    """What ``origins_document`` wrote."""
    try:
        return _UNPACK_ORIGINS.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, dict[str, Origin])


def stray_document(stray: Stray) -> bytes:
    """A call that is kept aside: what of it does not stand in columns."""
    return orjson.dumps((stray.call, stray.prefix, stray.browser, stray.origin, stray.rest))


def read_stray(identity: str, person: str, event: str, received: Instant, document: bytes) -> Stray:
    """The call that ``stray_document`` wrote."""
    call, prefix, browser, origin, rest, *_ = orjson.loads(document)
    return Stray(identity, person, event, received, call, prefix, browser, origin, tuple(rest))


def run_document(run: Run) -> bytes:
    """A run that stands alone."""
    return _PACK.encode(run)


def read_run(document: bytes) -> Run:
    """The run that ``run_document`` wrote."""
    try:
        return _UNPACK_RUN.decode(document)
    except msgspec.ValidationError:
        return as_we_know_it(document, Run)
