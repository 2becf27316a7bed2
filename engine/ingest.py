"""From calls in the Segment spec to arrivals, or to one sentence on what is wrong with each.

Pure: the plan, the body and the time come in, values go out. Nothing that is not in the tracking
plan gets past this door, and nothing here raises for what somebody sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

import orjson

from dsl.calendar import SECOND, Instant, from_datetime
from dsl.expr.context import Happened
from dsl.plan import Event, TrackingPlan, camel
from dsl.policy import EVERY
from dsl.values import Problem, attributes_at_rest, properties_at_rest
from engine.core.consent import CONSENT_EVENTS
from engine.core.preferences import PREFERENCES_SET
from engine.core.proof import lacking
from engine.core.signals import Arrival, EventArrived, ProfileChanged

__all__ = ["LARGEST_BATCH", "LARGEST_EVENT", "LONGEST_ID", "Intake", "Refused", "Taken"]

LARGEST_EVENT = 32 * 1024
LARGEST_BATCH = 500 * 1024
LONGEST_ID = 256  # characters

_LATENCY = 5 * SECOND  # a smaller difference is the way here, not a wrong clock
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_EARLIEST = from_datetime(datetime.fromisoformat("1900-01-01T00:00:00Z"))
_LONGEST_NAME = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EMAIL = re.compile(r"[^\s@<>,;\x00-\x1f]{1,64}@[^\s@<>,;\x00-\x1f]{1,255}")
_PHONE = re.compile(r"\+?[0-9 ()./-]{5,32}")
_OURS = "message_"


class Refused(NamedTuple):
    """One call that was not taken, by its place in the batch (from 0)."""

    place: int
    message_id: str | None
    error: str


class Taken(NamedTuple):
    """What came of a batch. ``ignored`` counts traits the tracking plan does not know, by name."""

    arrivals: list[Arrival]
    refused: list[Refused]
    ignored: Counter[str]


class _Wrong(Exception):
    """One sentence for the sender."""


class _Delivered(NamedTuple):
    """What all calls of a batch have in common. ``moments`` are those read before, by their text."""

    received: Instant
    fresh: Callable[[], str]
    sent_at: object
    ignored: Counter[str]
    moments: dict[str, Instant]


class Intake:
    """Reads calls against one tracking plan. Built once per deployed project.

    ``categories`` and ``channels`` are those of the policy: consent for anything else would never
    have an effect. Without them, nothing is said about that. ``largest`` bounds one event, in
    bytes: what is read from a file of one's own may be larger than what a stranger may send.
    """

    __slots__ = ("_events", "_largest", "_open", "_plan", "_policy", "_traits")

    def __init__(
        self,
        plan: TrackingPlan,
        categories: Collection[str] = (),
        channels: Collection[str] = (),
        largest: int = LARGEST_EVENT,
    ) -> None:
        self._plan = plan
        self._largest = largest
        self._policy = {"category": tuple(categories), "channel": tuple(channels)}
        self._events: dict[str, Event] = {event.name: event for event in plan.events.values()}
        self._events |= {event.source: event for event in plan.events.values()}
        self._open = {  # to anybody; the others are ours to report
            name: event
            for name, event in self._events.items()
            if not (name.startswith(_OURS) or event.name.startswith(_OURS))
        }
        self._traits = {camel(name): name for name in plan.attributes}
        self._traits |= {name: name for name in plan.attributes}

    def take(
        self,
        calls: Sequence[object],
        received: Instant,
        fresh: Callable[[], str],
        sent_at: object = None,
    ) -> Taken:
        """Every call that is right, as arrivals, beside all that are not.

        ``sent_at`` is the sender's clock for the whole batch; ``fresh`` names a call without a
        ``messageId``. Arrivals have no number yet: the store gives it.
        """
        taken = Taken([], [], Counter())
        delivered = _Delivered(received, fresh, sent_at, taken.ignored, {})
        for place, call in enumerate(calls):
            try:
                taken.arrivals.append(self._arrival(call, delivered))
            except _Wrong as wrong:
                taken.refused.append(Refused(place, _message_id(call), str(wrong)))
        return taken

    def _arrival(self, call: object, delivered: _Delivered) -> Arrival:
        if not isinstance(call, dict):
            raise _Wrong("An event must be a JSON object.")
        _check_size(call, self._largest)
        person = _id(call, "userId")
        if person is None:
            raise _Wrong('This event has no user: set "userId".')
        name = _id(call, "messageId") or delivered.fresh()
        match call.get("type"):
            case "track":
                return EventArrived(name, person, self._happened(call, delivered))
            case "identify":
                _occurred(call, delivered)
                return self._changed(call, name, person, delivered)
            case "alias" | "group" | "page" | "screen" as kind:
                raise _Wrong(
                    f'Calls of type "{kind}" are not taken yet; send "track" or "identify".'
                )
            case _:
                raise _Wrong('The "type" of an event must be "track" or "identify".')

    def _happened(self, call: Mapping[str, Any], delivered: _Delivered) -> Happened:
        named = call.get("event")
        event = self._open.get(named) if isinstance(named, str) else None
        if event is None:
            raise self._unknown(named)
        values, problems = properties_at_rest(event.properties, _record(call, "properties"))
        if problems:
            raise _Wrong(_sentence(event.source, problems))
        if event.name in CONSENT_EVENTS:
            self._check_consent(event.name, values)
        if event.name == PREFERENCES_SET and (values.get("at_most_per_week") or 0) < 0:
            raise _Wrong('"at_most_per_week" must be 0 or more; leave it out for no limit.')
        return Happened(event.name, _occurred(call, delivered), delivered.received, 0, values)

    def _unknown(self, name: object) -> _Wrong:
        """Why there is no such event to be sent."""
        if not isinstance(name, str) or not name:
            return _Wrong('A "track" call needs the name of the event in "event".')
        shown = _printable(name)
        if name in self._events or name.startswith(_OURS):
            return _Wrong(
                f'"{shown}" is reserved: only the engine itself reports what became of messages.'
            )
        known = [word for word in self._events if not word.startswith(_OURS)]
        close = get_close_matches(shown, known, 1)
        hint = f' Did you mean "{close[0]}"?' if close else ""
        return _Wrong(f'The tracking plan has no event "{shown}".{hint}')

    def _check_consent(self, event: str, values: Mapping[str, Any]) -> None:
        for part, known in self._policy.items():
            value = values.get(part)
            if value not in (None, EVERY) and known and value not in known:
                shown = _printable(value)
                raise _Wrong(f'The policy has no {part} "{shown}". It has: {", ".join(known)}.')
        trouble = lacking(event, values)
        if trouble is not None:
            raise _Wrong(trouble)

    def _changed(
        self, call: Mapping[str, Any], name: str, person: str, delivered: _Delivered
    ) -> ProfileChanged:
        traits = _record(call, "traits")
        known: dict[str, Any] = {}
        for trait, value in traits.items():
            attribute = self._traits.get(trait)
            if attribute is not None:
                known[attribute] = value
            elif trait not in ("email", "phone"):
                delivered.ignored[_printable(trait)] += 1
        attributes, problems = attributes_at_rest(self._plan.attributes, known)
        if problems:
            raise _Wrong(_sentence("identify", problems))
        addresses = _addresses(traits, _record(call, "context"))
        return ProfileChanged(name, person, delivered.received, 0, attributes, addresses)


def _addresses(traits: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str | None]:
    addresses: dict[str, str | None] = {}
    if "email" in traits:
        addresses["email"] = _address(traits["email"], _EMAIL, '"email" is not an e-mail address.')
    if "phone" in traits:
        phone = _address(traits["phone"], _PHONE, '"phone" is not a telephone number.')
        addresses["sms"] = addresses["whatsapp"] = phone
    device = context.get("device")
    if isinstance(device, dict) and "token" in device:
        token = device["token"]
        if token is not None and (not isinstance(token, str) or _CONTROL.search(token)):
            raise _Wrong('"context.device.token" must be text.')
        addresses["push"] = token or None
    return addresses


def _address(value: object, form: re.Pattern[str], error: str) -> str | None:
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    if not form.fullmatch(text):
        raise _Wrong(error)
    return text


def _occurred(call: Mapping[str, Any], delivered: _Delivered) -> Instant:
    """When it happened, on our clock: what the sender's clock was off by is taken away.

    A ``timestamp`` beside an ``originalTimestamp`` has been corrected by somebody before us.
    """
    received, read = delivered.received, delivered.moments
    corrected = _instant(call.get("timestamp"), "timestamp", read)
    original = _instant(call.get("originalTimestamp"), "originalTimestamp", read)
    sent = _instant(call.get("sentAt") or delivered.sent_at, "sentAt", read)
    happened = original if corrected is None else corrected
    if happened is None:
        return received
    off = 0 if sent is None else sent - received
    if abs(off) > _LATENCY and (corrected is None or original is None):
        happened -= off
    if happened < _EARLIEST:
        raise _Wrong(f'"timestamp", corrected by "sentAt", is before the year {_FIRST_YEAR}.')
    # Windows end now, so an event from the future would be missing from its own processing.
    return min(happened, received)


def _instant(value: object, name: str, read: dict[str, Instant]) -> Instant | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and (known := read.get(value)) is not None:
        return known
    example = "2026-03-01T09:00:00Z"
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise _Wrong(f'"{name}" is not a date and time; write it like {example}.')
    if moment.tzinfo is None:
        raise _Wrong(f'"{name}" has no time zone; write it like {example}.')
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise _Wrong(f'"{name}" must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}.')
    instant = from_datetime(moment)
    if isinstance(value, str):
        read[value] = instant
    return instant


def _check_size(call: object, largest: int) -> None:
    try:
        size = len(orjson.dumps(call))
    except orjson.JSONEncodeError as error:  # only what is nested more than 254 deep
        raise _Wrong("This event is nested too deeply.") from error
    if size > largest:
        raise _Wrong(f"This event is larger than {largest // 1024} KB.")


def _id(call: Mapping[str, Any], key: str) -> str | None:
    value = call.get(key)
    if isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable():
        return value.strip() or None
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > LONGEST_ID or _CONTROL.search(value):
        raise _Wrong(f'"{key}" must be text of at most {LONGEST_ID} characters.')
    return value.strip() or None


def _message_id(call: object) -> str | None:
    value = call.get("messageId") if isinstance(call, dict) else None
    return _printable(value) if isinstance(value, str) else None


def _record(call: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = call.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Wrong(f'"{key}" must be a JSON object.')
    return value


def _sentence(source: str, problems: Sequence[Problem]) -> str:
    return f"{source}: " + "; ".join(str(problem) for problem in problems) + "."


def _printable(text: str) -> str:
    shown = text[:_LONGEST_NAME]
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)
