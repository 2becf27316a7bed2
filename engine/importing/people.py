"""A table of people, read column by column: for the many lines of which nothing is to be said.

Many lines at once, so that what is asked of a column is asked once of all its cells. It takes what
the door takes, and in the same way; a test compares. Whatever is not plainly right is left to the
door, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from re import Pattern
from typing import Any, Final, NamedTuple, Self

from dsl.calendar import Instant
from dsl.kinds import Code, Kind, Text
from dsl.plan import Identifier, TrackingPlan
from dsl.values import Mismatch, at_rest
from engine.core.identity import identifying, is_reserved
from engine.core.ids import merge_id
from engine.core.signals import MergeAsked, ProfileChanged
from engine.importing.columns import Columns
from engine.importing.rows import Row
from engine.ingest.addresses import EMAIL, PHONE
from engine.ingest.reading import LONGEST_ID

__all__ = ["TableOfPeople"]

_MOST: Final = 10_000  # values of a column that are remembered
_UNREAD: Final = object()
_CHANNELS: Final[Mapping[Identifier, str]] = {"email": "email", "phone": "sms"}
_UNSAID: Final = object()
"""What an empty cell is."""

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


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

    def read(self, rows: Sequence[Row], received: Instant) -> list[ProfileChanged | None]:
        """What each line says; None for those that the door is to look at."""
        if not all(row.values for row in rows):
            told = [row for row in rows if row.values]
            found = iter(self.read(told, received)) if told else iter(())
            return [next(found) if row.values else None for row in rows]
        columns = list(zip(*[row.values for row in rows], strict=True))
        wrong = set[int]()
        people = _people(columns[self._who], wrong)
        attributes = self._told(columns, wrong, len(rows))
        addresses = self._addresses(columns, wrong, len(rows))
        prefix, origin = self._prefix, self._origin
        read: list[ProfileChanged | None] = [
            _new(ProfileChanged, (f"{prefix}{row[0]}", name, received, 0, told, reached, origin))
            for row, name, told, reached in zip(rows, people, attributes, addresses, strict=True)
        ]
        for place in wrong:
            read[place] = None
        return read

    def _told(
        self, columns: Sequence[Sequence[str]], wrong: set[int], count: int
    ) -> list[dict[str, Any]]:
        """The attributes of each line. Notes the places of those that are wrong."""
        told: list[dict[str, Any]] = [{} for _ in range(count)]
        for attribute in self._attributes:
            name = attribute.name
            values = _values(columns[attribute.place], attribute, wrong)
            for line, value in zip(told, values, strict=True):
                if value is not _UNSAID:
                    line[name] = value
        return told

    def _addresses(
        self, columns: Sequence[Sequence[str]], wrong: set[int], count: int
    ) -> list[dict[str, str | None]]:
        """The addresses of each line. Notes the places of those that are wrong."""
        found: list[dict[str, str | None]]
        if self._email is None:
            found = [{} for _ in range(count)]
        else:
            emails = _written(columns[self._email], EMAIL, wrong)
            found = [{"email": each} if each else {} for each in emails]
        if self._phone is not None:
            for place, each in enumerate(_written(columns[self._phone], PHONE, wrong)):
                if each:
                    found[place]["sms"] = found[place]["whatsapp"] = each
        return found


def _people(column: Sequence[str], wrong: set[int]) -> list[str]:
    people = [each.strip() for each in column]
    together = "".join(people)
    if not together.isprintable() or ":" in together:  # every prefix that is reserved ends with it
        wrong.update(
            place
            for place, each in enumerate(people)
            if not each.isprintable() or is_reserved(each)
        )
    if not all(people) or max(map(len, people)) > LONGEST_ID:
        wrong.update(place for place, e in enumerate(people) if not 0 < len(e) <= LONGEST_ID)
    return people


def _values(column: Sequence[str], attribute: _Attribute, wrong: set[int]) -> Sequence[Any]:
    """The values of a column, ``_UNSAID`` where there is none. Notes the places of wrong ones."""
    if attribute.is_text:
        together = "".join(column)
        if together.isascii() and "\0" not in together:
            return [each or _UNSAID for each in column] if "" in column else column
    kind, known = attribute.kind, attribute.known
    values = [known.get(each, _UNREAD) for each in column]
    if _UNREAD not in values:
        return values
    for place, raw in enumerate(column):
        if values[place] is not _UNREAD:
            continue
        value = known.get(raw, _UNREAD)
        if value is _UNREAD:
            value = at_rest(kind, raw) if raw else _UNSAID
            if isinstance(value, Mismatch) or value is None:
                wrong.add(place)
                continue
            if len(known) < _MOST:
                known[raw] = value
        values[place] = value
    return values


def _written(column: Sequence[str], form: Pattern[str], wrong: set[int]) -> list[str]:
    """The addresses of a column, as they are kept. Notes the places of those that are none."""
    written = [each.strip() for each in column]
    if not all(map(form.fullmatch, written)):
        wrong.update(
            place
            for place, each in enumerate(written)
            if (each or column[place]) and not form.fullmatch(each)
        )
    return written
