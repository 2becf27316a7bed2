"""What the columns of a file mean: whose line it is, and what each cell says of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from dsl.plan import Identifier, TrackingPlan, camel
from dsl.spelling import did_you_mean
from engine.operator import OperatorError

__all__ = ["Columns", "Place", "What", "columns_of"]

What: TypeAlias = Literal["people", "events", "consents"]
Place: TypeAlias = tuple[str, ...]
"""Where in a call of the Segment spec a cell goes."""

_WHO: Final[Mapping[str, Place]] = {
    "user_id": ("userId",),
    "userId": ("userId",),
    "anonymous_id": ("anonymousId",),
    "anonymousId": ("anonymousId",),
}
_NAMED: Final = re.compile(r'(?:^|(?<=; ))"(\w+)"')
_ALSO_WHO: Final = ("id", "person", "customer_id")  # if nothing else says whose line it is
_OF_EVENTS: Final[Mapping[str, Place]] = {
    "event": ("event",),
    "timestamp": ("timestamp",),
    "time": ("timestamp",),
    "message_id": ("messageId",),
    "messageId": ("messageId",),
}
_PROOFS: Final = ("category", "channel", "method", "source", "wording", "actor", "basis", "sale")
_OF_CONSENTS: Final[Mapping[str, Place]] = {
    **_OF_EVENTS,
    "when": ("timestamp",),
    "word": ("event",),
    "consent": ("event",),
    **{name: ("properties", name) for name in _PROOFS},
}
_SPELT: Final[Mapping[str, Identifier]] = {
    "email": "email",
    "e_mail": "email",
    "email_address": "email",
    "phone": "phone",
    "telephone": "phone",
    "mobile": "phone",
    "push_token": "device",
}
_TOKEN: Final[Place] = ("context", "device", "token")


class Columns(NamedTuple):
    """By column, where its cells go; and those that mean nothing here. ``who`` are the columns that
    say whose a line is.
    """

    places: Mapping[str, Place]
    ignored: tuple[str, ...]
    head: tuple[str, ...] = ()
    who: tuple[str, ...] = ()

    def named(self, values: Sequence[str]) -> dict[str, Any]:
        """The cells of a line by their columns."""
        return dict(zip(self.head, values, strict=True))

    def in_their_words(self, reason: str) -> str:
        """What is wrong with some cells, by the names of their columns."""
        columns = {place[-1]: column for column, place in self.places.items()}
        return _NAMED.sub(lambda found: f'"{columns.get(found[1], found[1])}"', reason)

    def call(self, cells: Mapping[str, Any], what: What, event: str) -> dict[str, Any]:
        """The call that a line is. What is empty is not said."""
        call: dict[str, Any] = {"type": "identify" if what == "people" else "track"}
        inner: dict[str, Any] = {}
        for column, place in self.places.items():
            value = cells.get(column)
            if value is None or value == "":
                continue
            match place:
                case (name,):
                    call[name] = value
                case (_, name):
                    inner[name] = value
                case _:
                    part, section, name = place
                    call.setdefault(part, {}).setdefault(section, {})[name] = value
        call["traits" if what == "people" else "properties"] = inner
        if event:
            call.setdefault("event", event)
        return call


def columns_of(
    head: Sequence[str], what: What, given: Mapping[str, str], plan: TrackingPlan, event: str = ""
) -> Columns:
    """What the columns of ``head`` mean: as ``given`` says, and else as they are called.

    Raises ``OperatorError`` if nobody can tell whose a line is, if a column is not there, or goes
    where nothing is.
    """
    known = _known(what, plan, event)
    for column, target in given.items():
        if column not in head:
            hint = did_you_mean(column, head) or f"It has: {', '.join(head)}."
            raise OperatorError(f'There is no column "{column}" in this file. {hint}')
        if target and target not in known:
            hint = did_you_mean(target, _shown(known)) or f"There are: {', '.join(_shown(known))}."
            raise OperatorError(f'"{column}" cannot go into "{target}". {hint}')
    places: dict[str, Place] = {}
    for column in head:
        target = given.get(column, column if column.strip() else "")
        place = known.get(target) or (known.get(_plainly(target)) if target else None)
        if place is not None and place not in places.values():
            places[column] = place
        elif place is not None:
            other = next(name for name, taken in places.items() if taken == place)
            raise OperatorError(
                f'"{other}" and "{column}" both say the same: leave one of them out with'
                f' --map "{column}=".'
            )
    if not any(place[0] in ("userId", "anonymousId") for place in places.values()):
        for column in head:
            if column not in given and _plainly(column) in _ALSO_WHO:
                places[column] = ("userId",)
                break
    naming = {*_WHO.values(), *(_place_of(each, what) for each in plan.identifiers)}
    who = tuple(name for name, place in places.items() if place in naming)
    if not who:
        raise OperatorError(
            "Nothing in this file says whose a line is: name the column with"
            f' --map "COLUMN=user_id"{_or_an_address(places, plan)}.'
        )
    unused = [each for each in head if each not in places and given.get(each) != ""]
    ignored = tuple(dict.fromkeys(each.strip() or "one without a name" for each in unused))
    return Columns(places, ignored, tuple(head), who)


def _place_of(identifier: Identifier, what: What) -> Place:
    """Where an address goes: it is told of people, and stands beside what they did."""
    if identifier == "device":
        return _TOKEN
    return ("traits", identifier) if what == "people" else ("context", "traits", identifier)


def _or_an_address(places: Mapping[str, Place], plan: TrackingPlan) -> str:
    """What else could be done, where there are addresses that people are not known by."""
    if plan.identifiers or ("traits", "email") not in places.values():
        return ""
    return ', or let people be known by their addresses ("identifiers: email" in the tracking plan)'


def _known(what: What, plan: TrackingPlan, event: str) -> dict[str, Place]:
    """Everything a column can be."""
    match what:
        case "people":
            told = [name for name in plan.attributes if name not in plan.computed]
            own: dict[str, Place] = {name: ("traits", name) for name in told}
            own |= {camel(name): ("traits", name) for name in told}
            addresses = {name: _place_of(each, what) for name, each in _SPELT.items()}
            return {**own, **addresses, **_WHO}
        case "consents":
            return {**_OF_CONSENTS, **_naming(plan, what), **_WHO}
        case "events":
            found = plan.events.get(event) or next(
                (each for each in plan.events.values() if each.source == event), None
            )
            named = [found] if found is not None else plan.events.values()
            properties: Collection[str] = {name for each in named for name in each.properties}
            if event and found is None:
                hint = did_you_mean(event, plan.events) or ""
                raise OperatorError(f'The tracking plan has no event "{event}". {hint}'.rstrip())
            own = {name: ("properties", name) for name in sorted(properties)}
            currency = {"currency": ("properties", "currency")}
            return {**_naming(plan, what), **own, **currency, **_OF_EVENTS, **_WHO}


def _naming(plan: TrackingPlan, what: What) -> dict[str, Place]:
    """The columns with addresses that people are known by."""
    return {
        name: _place_of(each, what) for name, each in _SPELT.items() if each in plan.identifiers
    }


def _plainly(column: str) -> str:
    """``First name`` is meant to be ``first_name``."""
    return column.strip().lower().replace(" ", "_").replace("-", "_")


def _shown(known: Mapping[str, Place]) -> list[str]:
    """Each place once, under the first of its names."""
    first: dict[Place, str] = {}
    for name, place in known.items():
        first.setdefault(place, name)
    return sorted(first.values())
