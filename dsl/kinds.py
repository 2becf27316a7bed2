"""The kinds of values the language knows (language reference, section 2.5).

One table says how each kind is held, at rest (JSON) and while a rule is evaluated:

| kind           | at rest                      | evaluated               |
| -------------- | ---------------------------- | ----------------------- |
| text, code     | str                          | str                     |
| one of         | str                          | str                     |
| whole number   | int                          | int                     |
| number         | int, or str of a decimal     | int or Decimal          |
| money CUR      | int, minor units             | int or Decimal, minor   |
| yes/no         | bool                         | bool                    |
| date           | str, ISO 8601                | datetime.date           |
| time of day    | str, HH:MM                   | datetime.time           |
| date and time  | int, microseconds since 1970 | int, the same           |
| duration       | list of four ints            | dsl.calendar.Duration   |
| list of T      | list                         | list (items at rest)    |
| record         | dict                         | dict (items at rest)    |

A value is *missing* if it is absent, null, an empty text or an empty list; missing is ``None``
everywhere inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Code",
    "Date",
    "Instant",
    "Kind",
    "Length",
    "ListOf",
    "Money",
    "Number",
    "OneOf",
    "Record",
    "Text",
    "TimeOfDay",
    "Whole",
    "YesNo",
]


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number of up to 28 digits."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A number without a fraction."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 code)."""

    currency: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text compared without case and outer spaces."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text compared exactly: ids, SKUs."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the listed words, compared exactly."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day without a zone."""


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A wall-clock time without a day."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on the time line ("date and time")."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time, in exact and in calendar units."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values of one kind."""

    item: Kind


@dataclass(frozen=True, slots=True)
class Record:
    """Named values: the properties of an event, an item of a cart."""

    fields: tuple[tuple[str, Kind], ...]

    def field(self, name: str) -> Kind | None:
        """The kind of the field called ``name``, or None."""
        return next((kind for known, kind in self.fields if known == name), None)


Kind: TypeAlias = (
    Number
    | Whole
    | Money
    | Text
    | Code
    | OneOf
    | YesNo
    | Date
    | TimeOfDay
    | Instant
    | Length
    | ListOf
    | Record
)
