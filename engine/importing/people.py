"""A table of people, read column by column: for the many lines of which nothing is to be said.

It takes what the door takes, and in the same way; a test compares. Whatever is not plainly right is
left to the door, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

from dsl.calendar import Instant
from dsl.kinds import Code, Kind, Text
from dsl.plan import Identifier, TrackingPlan
from dsl.values import Mismatch, at_rest
from engine.core.identity import identifying, is_reserved
from engine.core.ids import merge_id
from engine.core.signals import MergeAsked, ProfileChanged
from engine.importing.columns import Columns
from engine.ingest.addresses import EMAIL, PHONE
from engine.ingest.reading import LONGEST_ID

__all__ = ["TableOfPeople"]

_MOST: Final = 10_000  # values of a column that are remembered
_UNREAD: Final = object()
_CHANNELS: Final[Mapping[Identifier, str]] = {"email": "email", "phone": "sms"}


class _Attribute(NamedTuple):
    """Where it stands, what it is, and what was read before."""

    place: int
    name: str
    kind: Kind
    known: dict[str, Any]
    is_text: bool


class TableOfPeople:
    """Reads lines of one table. ``prefix`` is how the ids of its lines begin."""

    def __init__(
        self,
        who: int,
        attributes: Sequence[_Attribute],
        email: int | None,
        phone: int | None,
        prefix: str,
        origin: str,
        identifiers: Sequence[Identifier] = (),
    ) -> None:
        self._who = who
        self._attributes = attributes
        self._email = email
        self._phone = phone
        self._prefix = prefix
        self._origin = origin
        told = {"email": email, "phone": phone}
        self._identifiers = [each for each in identifiers if told.get(each) is not None]

    @classmethod
    def of(cls, columns: Columns, plan: TrackingPlan, prefix: str, origin: str) -> Self | None:
        """For a table that says whose its lines are by user ids; None for all others."""
        places = {place: columns.head.index(name) for name, place in columns.places.items()}
        who = places.pop(("userId",), None)
        email, phone = places.get(("traits", "email")), places.get(("traits", "phone"))
        if who is None or any(place[0] != "traits" for place in places):
            return None
        attributes = [
            _Attribute(number, field.name, field.kind, {}, isinstance(field.kind, Text | Code))
            for (_, name), number in places.items()
            if (field := plan.attributes.get(name)) is not None
        ]
        return cls(who, attributes, email, phone, prefix, origin, plan.identifiers)

    @property
    def identifies(self) -> bool:
        """Whether people are known by addresses that stand in it."""
        return bool(self._identifiers)

    def joins(self, told: ProfileChanged) -> Iterator[MergeAsked]:
        """What a line says beside: that whoever goes by its addresses is the person."""
        _, person, received, *_ = told
        for kind in self._identifiers:
            address = told.addresses.get(_CHANNELS[kind])
            name = identifying(kind, address) if address else None
            if name is not None and len(name) <= LONGEST_ID:
                merge = merge_id(name, person, "identify")
                yield MergeAsked(merge, name, received, 0, person, "identify")

    def read(self, line: int, values: Sequence[str], received: Instant) -> ProfileChanged | None:
        """What a line says; None if the door is to look at it."""
        person = values[self._who].strip()
        if not person.isprintable() or not 0 < len(person) <= LONGEST_ID:
            return None
        if is_reserved(person):
            return None
        attributes: dict[str, Any] = {}
        for place, name, kind, known, is_text in self._attributes:
            raw = values[place]
            if not raw:
                continue
            if is_text and raw.isascii() and "\0" not in raw:
                attributes[name] = raw
                continue
            value = known.get(raw, _UNREAD)
            if value is _UNREAD:
                value = at_rest(kind, raw)
                if isinstance(value, Mismatch) or value is None:
                    return None
                if len(known) < _MOST:
                    known[raw] = value
            attributes[name] = value
        addresses: dict[str, str | None] = {}
        if self._email is not None and (raw := values[self._email]):
            raw = raw.strip()
            if not EMAIL.fullmatch(raw):
                return None
            addresses["email"] = raw
        if self._phone is not None and (raw := values[self._phone]):
            raw = raw.strip()
            if not PHONE.fullmatch(raw):
                return None
            addresses["sms"] = addresses["whatsapp"] = raw
        return ProfileChanged(
            f"{self._prefix}{line}", person, received, 0, attributes, addresses, self._origin
        )
