"""From calls in the Segment spec to arrivals, or to one sentence on what is wrong with each.

Pure: the plan, the body and the time come in, values go out. Nothing that is not in the tracking
plan gets past this door, and nothing here raises for what somebody sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.plan import Event, TrackingPlan, camel
from dsl.policy import EVERY
from dsl.values import Problem, attributes_at_rest, properties_at_rest
from engine.core.consent import CONSENT_EVENTS
from engine.core.preferences import PREFERENCES_SET
from engine.core.proof import lacking
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.ingest.addresses import addresses_in
from engine.ingest.moments import occurred
from engine.ingest.reading import Wrong, check_size, id_of, message_id, printable, record

__all__ = ["LARGEST_BATCH", "LARGEST_EVENT", "Intake", "Refused", "Taken"]

LARGEST_EVENT = 32 * 1024
LARGEST_BATCH = 500 * 1024
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


class _Delivered(NamedTuple):
    """What all calls of a batch have in common. ``moments`` are those read before, by their text."""

    received: Instant
    fresh: Callable[[], str]
    sent_at: object
    ignored: Counter[str]
    moments: dict[str, Instant]

    def occurred(self, call: Mapping[str, Any]) -> Instant:
        """When a call of it happened."""
        return occurred(call, self.received, self.sent_at, self.moments)


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
            except Wrong as wrong:
                taken.refused.append(Refused(place, message_id(call), str(wrong)))
        return taken

    def _arrival(self, call: object, delivered: _Delivered) -> Arrival:
        if not isinstance(call, dict):
            raise Wrong("An event must be a JSON object.")
        check_size(call, self._largest)
        person = id_of(call, "userId")
        if person is None:
            raise Wrong('This event has no user: set "userId".')
        name = id_of(call, "messageId") or delivered.fresh()
        match call.get("type"):
            case "track":
                return EventArrived(name, person, self._happened(call, delivered))
            case "identify":
                delivered.occurred(call)
                return self._changed(call, name, person, delivered)
            case "alias" | "group" | "page" | "screen" as kind:
                raise Wrong(
                    f'Calls of type "{kind}" are not taken yet; send "track" or "identify".'
                )
            case _:
                raise Wrong('The "type" of an event must be "track" or "identify".')

    def _happened(self, call: Mapping[str, Any], delivered: _Delivered) -> Happened:
        named = call.get("event")
        event = self._open.get(named) if isinstance(named, str) else None
        if event is None:
            raise self._unknown(named)
        values, problems = properties_at_rest(event.properties, record(call, "properties"))
        if problems:
            raise Wrong(_sentence(event.source, problems))
        if event.name in CONSENT_EVENTS:
            self._check_consent(event.name, values)
        if event.name == PREFERENCES_SET and (values.get("at_most_per_week") or 0) < 0:
            raise Wrong('"at_most_per_week" must be 0 or more; leave it out for no limit.')
        return Happened(event.name, delivered.occurred(call), delivered.received, 0, values)

    def _unknown(self, name: object) -> Wrong:
        """Why there is no such event to be sent."""
        if not isinstance(name, str) or not name:
            return Wrong('A "track" call needs the name of the event in "event".')
        shown = printable(name)
        if name in self._events or name.startswith(_OURS):
            return Wrong(
                f'"{shown}" is reserved: only the engine itself reports what became of messages.'
            )
        known = [word for word in self._events if not word.startswith(_OURS)]
        close = get_close_matches(shown, known, 1)
        hint = f' Did you mean "{close[0]}"?' if close else ""
        return Wrong(f'The tracking plan has no event "{shown}".{hint}')

    def _check_consent(self, event: str, values: Mapping[str, Any]) -> None:
        for part, known in self._policy.items():
            value = values.get(part)
            if value not in (None, EVERY) and known and value not in known:
                shown = printable(value)
                raise Wrong(f'The policy has no {part} "{shown}". It has: {", ".join(known)}.')
        trouble = lacking(event, values)
        if trouble is not None:
            raise Wrong(trouble)

    def _changed(
        self, call: Mapping[str, Any], name: str, person: str, delivered: _Delivered
    ) -> ProfileChanged:
        traits = record(call, "traits")
        known: dict[str, Any] = {}
        for trait, value in traits.items():
            attribute = self._traits.get(trait)
            if attribute is not None:
                known[attribute] = value
            elif trait not in ("email", "phone"):
                delivered.ignored[printable(trait)] += 1
        attributes, problems = attributes_at_rest(self._plan.attributes, known)
        if problems:
            raise Wrong(_sentence("identify", problems))
        addresses = addresses_in(traits, record(call, "context"))
        return ProfileChanged(name, person, delivered.received, 0, attributes, addresses)


def _sentence(source: str, problems: Sequence[Problem]) -> str:
    return f"{source}: " + "; ".join(str(problem) for problem in problems) + "."
