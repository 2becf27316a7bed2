"""The tracking plan, compiled: what we know about people and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from dsl.computed import Computed
from dsl.kinds import Code, Instant, Kind, OneOf, Text, Whole, YesNo
from dsl.scoring import Scoring

__all__ = [
    "BUILT_IN_EVENTS",
    "IDENTIFIERS",
    "SEEN",
    "Event",
    "Field",
    "Identifier",
    "Strictness",
    "TrackingPlan",
    "camel",
    "membership_event",
]


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a person or one property of an event."""

    name: str
    kind: Kind
    required: bool = False  # always present, so rules need not think of it missing
    personal: bool = False  # masked in logs and previews
    sensitive: bool = False  # and not for promotional journeys, unless the policy allows it
    formula: str = ""  # by which it is computed from events; nobody tells it


@dataclass(frozen=True, slots=True)
class Event:
    """Something people do. ``source`` is its name in the incoming data."""

    name: str
    source: str
    plural: str | None = None  # "also: purchases"
    verb: str | None = None  # "did: cancel_subscription"
    properties: Mapping[str, Field] = field(default_factory=lambda: MappingProxyType({}))


Strictness: TypeAlias = Literal["strict", "warn", "learn"]
"""What becomes of what is sent and does not stand in the plan."""


Identifier: TypeAlias = Literal["email", "phone", "device"]
"""What people can be known by beside an id."""

IDENTIFIERS: Final[tuple[Identifier, ...]] = get_args(Identifier)
"""The strongest first."""


@dataclass(frozen=True, slots=True)
class TrackingPlan:
    """Attributes and events by name. Built-in events are among the events, and what is ``computed``
    among the attributes. ``door`` is how strict the door is; ``identifiers`` are those that people
    are known by, the strongest first.
    """

    name: str
    attributes: Mapping[str, Field]
    events: Mapping[str, Event]
    computed: Mapping[str, Computed] = field(default_factory=lambda: MappingProxyType({}))
    door: Strictness = "strict"
    scoring: Scoring | None = None
    identifiers: tuple[Identifier, ...] = ()

    def event_called(self, word: str) -> Event | None:
        """The event that rules call ``word``: by its name, plural or verb form."""
        found = self.events.get(word)
        if found is not None:
            return found
        return next((e for e in self.events.values() if word in (e.plural, e.verb)), None)


def _message_event(name: str, **more: Kind) -> Event:
    kinds: dict[str, Kind] = {
        "channel": Text(),
        "category": Code(),
        "journey": Code(),
        "step": Code(),
        "message": Code(),
        **more,
    }
    fields = {key: Field(key, kind) for key, kind in kinds.items()}
    return Event(name=name, source=name, properties=MappingProxyType(fields))


_PROOFS = ("method", "source", "wording", "basis", "actor", "sale")
_CONSENT = MappingProxyType(
    {
        "category": Field("category", Code(), required=True),
        **{name: Field(name, Text()) for name in ("channel", *_PROOFS)},
    }
)

_BY = OneOf(("human", "machine", "unverified"))  # who opened or clicked
_PREFERENCES = MappingProxyType(
    {
        "at_most_per_week": Field("at_most_per_week", Whole()),
        "paused_until": Field("paused_until", Instant()),
        **{name: Field(name, Text()) for name in ("method", "source", "actor")},
    }
)

SEEN = frozenset({"message_opened", "message_clicked"})
"""Events that say that somebody looked at a message, or some machine did."""

BUILT_IN_EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        event.name: event
        for event in (
            _message_event("message_sent"),
            _message_event("message_delivered"),
            _message_event("message_opened", by=_BY),
            _message_event("message_clicked", by=_BY, link=Text()),
            _message_event("message_replied", text=Text(), button=Text()),
            _message_event("message_failed", reason=Text()),
            _message_event("message_bounced", reason=Text(), hard=YesNo()),
            _message_event("message_complained"),
            _message_event("message_unsubscribed"),
            Event("consent_granted", "consent_granted", properties=_CONSENT),
            Event("consent_withdrawn", "consent_withdrawn", properties=_CONSENT),
            Event("consent_requested", "consent_requested", properties=_CONSENT),
            Event("preferences_set", "preferences_set", properties=_PREFERENCES),
        )
    }
)
"""Always there, without a declaration. ``message_*`` comes only from the engine itself."""


def membership_event(segment: str, *, entered: bool) -> str:
    """The name under which history keeps that a person came into a segment, or left it. No event
    of a tracking plan can have a name with blanks.
    """
    return f"segment {segment} {'entered' if entered else 'left'}"


def camel(name: str) -> str:
    """``first_name`` as senders in JavaScript write it: ``firstName``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
