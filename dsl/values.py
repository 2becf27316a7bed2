"""Values at the door: from what people send and write to values at rest (``dsl.kinds``).

One rule: nothing that comes in can raise, and nothing that is not of the declared kind gets in.
Both incoming JSON (``139.12``, ``true``) and text from our own files (``"80 EUR"``, ``"yes"``)
are read, so that a scenario and a live event mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from math import isnan
from typing import Any, NamedTuple, TypeAlias, TypeVar, assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import at_local, from_datetime
from dsl.currencies import minor_units
from dsl.kinds import (
    Code,
    Date,
    Instant,
    Kind,
    Length,
    ListOf,
    Money,
    Number,
    OneOf,
    Record,
    Text,
    TimeOfDay,
    Whole,
    YesNo,
)
from dsl.lengths import read_length
from dsl.plan import Field

__all__ = ["Mismatch", "Problem", "at_rest", "attributes_at_rest", "properties_at_rest"]

_LARGEST_WHOLE = 2**63 - 1
_LARGEST_AMOUNT = 10**15  # minor units; sums of thousands of them still fit into 64 bits
_LARGEST_NUMBER = 10**28  # "up to 28 digits"
_PLACES = 28
_SMALLEST = Decimal((0, (1,), -_PLACES))
_LONGEST_NUMERAL = 80
_FIRST_YEAR, _LAST_YEAR = 1900, 9998  # leaves room for time zones at both ends of datetime
_DEEPEST = 16

_NUMERAL = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)", re.ASCII)
_AMOUNT = re.compile(
    r"([+-]?\d+(?:\.\d+)?)(?:\s*([A-Z]{3}))?|([A-Z]{3})\s*([+-]?\d+(?:\.\d+)?)", re.ASCII
)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")  # neither UTF-8 nor PostgreSQL can hold these
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_EXACT = Context(prec=120)
_TO_28_DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN)

Step: TypeAlias = str | int
_Form = TypeVar("_Form", date, datetime, time)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value that is not of its kind. ``inside`` leads to the part that is wrong: names of
    fields, and numbers of entries from 1.
    """

    expected: str
    got: str
    inside: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return f"should be {self.expected}, but is {self.got}"


class Problem(NamedTuple):
    """What is wrong with one property, in words: ``"total" should be a number, but is text``."""

    name: str
    words: str

    def __str__(self) -> str:
        return self.words


class _Place(NamedTuple):
    """What surrounds a value: the zone of local times, and the currency said beside it."""

    zone: ZoneInfo | None
    currency: str | None = None
    depth: int = 0


def at_rest(kind: Kind, raw: Any, *, zone: ZoneInfo | None = None) -> Any | Mismatch:
    """``raw`` as a value at rest of ``kind``; None if it is missing.

    Entries of a list that are missing are left out, and so are fields a record does not declare.
    A date and time without a zone is read in ``zone``, or refused if that is None.
    """
    return _read(kind, raw, _Place(zone))


def properties_at_rest(
    fields: Mapping[str, Field], raw: Mapping[str, Any], *, zone: ZoneInfo | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """The declared properties of an event that are present, and all that is wrong with them.

    A ``currency`` beside the amounts, as the Segment spec has it, must be the declared one.
    """
    place = _Place(zone, _currency(raw))
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, field in fields.items():
        value = _read(field.kind, raw.get(name), place)
        if isinstance(value, Mismatch):
            problems.append(_problem(field, value))
        elif value is not None:
            values[name] = value
        elif field.required:
            problems.append(_required(field))
    return values, problems


def attributes_at_rest(
    fields: Mapping[str, Field], raw: Mapping[str, Any], *, zone: ZoneInfo | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """The declared attributes that ``raw`` sets (None removes one), and all that is wrong.

    What is not mentioned stays as it is, so only a required attribute set to nothing is wrong.
    """
    place = _Place(zone)
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, field in fields.items():
        if name not in raw:
            continue
        value = _read(field.kind, raw[name], place)
        if isinstance(value, Mismatch):
            problems.append(_problem(field, value))
        elif value is None and field.required:
            problems.append(_required(field))
        else:
            values[name] = value
    return values, problems


def _problem(field: Field, wrong: Mismatch) -> Problem:
    steps = [f"entry {step}" if isinstance(step, int) else f'"{step}"' for step in wrong.inside]
    where = ", ".join([f'"{field.name}"', *steps])
    shown = replace(wrong, got="something else") if field.personal else wrong
    return Problem(field.name, f"{where} {shown}")


def _required(field: Field) -> Problem:
    return Problem(field.name, f'"{field.name}" is required, but is missing')


def _currency(raw: Mapping[str, Any]) -> str | None:
    said = raw.get("currency")
    return said.strip().upper() or None if isinstance(said, str) else None


def _read(kind: Kind, raw: Any, place: _Place) -> Any | Mismatch:  # noqa: C901, PLR0911, PLR0912 - one case per kind
    if raw is None or raw == "" or (isinstance(raw, list | tuple) and not raw):
        return None
    match kind:
        case Text() | Code():
            return _text(kind, raw)
        case Money(currency):
            return _money(kind, currency, raw, place.currency)
        case Whole():
            return _whole(kind, raw)
        case Number():
            return _number(kind, raw)
        case YesNo():
            return _yes_no(kind, raw)
        case OneOf(values):
            return str(raw) if isinstance(raw, str) and raw in values else _wrong(kind, raw)
        case Instant():
            return _instant(kind, raw, place.zone)
        case Date():
            return _date(kind, raw)
        case TimeOfDay():
            return _time_of_day(kind, raw)
        case Length():
            length = read_length(raw) if isinstance(raw, str) else None
            if length is None:
                return _wrong(kind, raw)
            return [length.months, length.days, length.working_days, length.micros]
        case ListOf(item):
            return _list(kind, item, raw, place)
        case Record(fields):
            return _record(kind, fields, raw, place)
        case _:
            assert_never(kind)


def _text(kind: Kind, raw: Any) -> str | Mismatch:
    if not isinstance(raw, str):
        return _wrong(kind, raw)
    if _UNWRITABLE.search(raw):
        return Mismatch(_wanted(kind), "text with characters that cannot be stored")
    return str(raw)


def _yes_no(kind: Kind, raw: Any) -> bool | Mismatch:
    if isinstance(raw, bool):
        return raw
    known = _YES_NO.get(raw.strip().lower()) if isinstance(raw, str) else None
    return _wrong(kind, raw) if known is None else known


def _decimal(raw: Any) -> Decimal | None:
    """The number in ``raw``, or None. Ten to the 28th and beyond is not a number here."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < _LARGEST_NUMBER else None
    if isinstance(raw, float):  # by its shortest form: 139.12 is 139.12
        return Decimal(repr(raw)) if abs(raw) < _LARGEST_NUMBER else None
    if isinstance(raw, Decimal):
        small = raw.is_finite() and raw.adjusted() < _PLACES
        return raw if small else None
    if isinstance(raw, str) and len(raw) <= _LONGEST_NUMERAL and _NUMERAL.fullmatch(raw.strip()):
        number = Decimal(raw.strip())
        return number if number.copy_abs() < _LARGEST_NUMBER else None
    return None


def _whole(kind: Kind, raw: Any) -> int | Mismatch:
    number = _decimal(raw)
    if number is None:
        return _wrong(kind, raw)
    if number != number.to_integral_value(context=_EXACT):
        return Mismatch(_wanted(kind), "a number with a fraction")
    if number.copy_abs() > _LARGEST_WHOLE:
        return Mismatch(_wanted(kind), "too large")
    return int(number)


def _number(kind: Kind, raw: Any) -> int | str | Mismatch:
    number = _decimal(raw)
    if number is None:
        return _wrong(kind, raw)
    rounded = _TO_28_DIGITS.plus(number).quantize(_SMALLEST, context=_EXACT)
    if rounded.copy_abs() >= _LARGEST_NUMBER:
        return _wrong(kind, raw)
    if rounded == rounded.to_integral_value(context=_EXACT):
        whole = int(rounded)
        return whole if abs(whole) <= _LARGEST_WHOLE else str(whole)
    return f"{rounded:f}".rstrip("0")


def _money(kind: Kind, currency: str, raw: Any, said: str | None) -> int | Mismatch:
    amount: Decimal | None
    if isinstance(raw, str):
        found = _AMOUNT.fullmatch(raw.strip()) if len(raw) <= _LONGEST_NUMERAL else None
        if found is None:
            return _wrong(kind, raw)
        amount = _decimal(found[1] or found[4])
        said = found[2] or found[3] or said
    else:
        amount = _decimal(raw)
    if amount is None:
        return _wrong(kind, raw)
    if said is not None and said != currency:
        return Mismatch(_wanted(kind), f"in {_shown(said)}")
    scaled = amount.scaleb(minor_units(currency), context=_EXACT)
    minor = scaled.to_integral_value(rounding=ROUND_HALF_UP, context=_EXACT)
    if minor.copy_abs() > _LARGEST_AMOUNT:
        return Mismatch(_wanted(kind), "too large")
    return int(minor)


def _instant(kind: Kind, raw: Any, zone: ZoneInfo | None) -> int | Mismatch:
    moment = _parsed(datetime, raw)
    if moment is None:
        return _wrong(kind, raw)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Mismatch(_wanted(kind), f"in the year {moment.year}")
    if moment.tzinfo is not None:
        return from_datetime(moment)
    if zone is None:
        return Mismatch(_wanted(kind), "a time without a zone")
    return at_local(moment.date(), moment.time(), zone)


def _date(kind: Kind, raw: Any) -> str | Mismatch:
    day = _parsed(date, raw)
    if day is None:
        return _wrong(kind, raw)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Mismatch(_wanted(kind), f"in the year {day.year}")
    return day.isoformat()


def _time_of_day(kind: Kind, raw: Any) -> str | Mismatch:
    clock = _parsed(time, raw)
    if clock is None or clock.tzinfo is not None or clock.second or clock.microsecond:
        return _wrong(kind, raw)
    return f"{clock:%H:%M}"


def _parsed(form: type[_Form], raw: Any) -> _Form | None:
    """ISO 8601, or None. A digit alone ("9") is no time of day, a bare "20260301" no moment."""
    if not isinstance(raw, str):
        return None
    text = raw.strip()
    if not (text.isascii() and (":" in text or "-" in text or "T" in text)):
        return None
    try:
        return form.fromisoformat(text)
    except ValueError:
        return None


def _list(kind: Kind, item: Kind, raw: Any, place: _Place) -> list[Any] | Mismatch | None:
    if not isinstance(raw, list | tuple):
        return _wrong(kind, raw)
    if place.depth >= _DEEPEST:
        return _too_deep()
    deeper = place._replace(depth=place.depth + 1)
    items: list[Any] = []
    for number, entry in enumerate(raw, 1):
        value = _read(item, entry, deeper)
        if isinstance(value, Mismatch):
            return replace(value, inside=(number, *value.inside))
        if value is not None:
            items.append(value)
    return items or None


def _record(
    kind: Kind, fields: tuple[tuple[str, Kind], ...], raw: Any, place: _Place
) -> dict[str, Any] | Mismatch:
    if not isinstance(raw, Mapping):
        return _wrong(kind, raw)
    if place.depth >= _DEEPEST:
        return _too_deep()
    deeper = _Place(place.zone, _currency(raw) or place.currency, place.depth + 1)
    values: dict[str, Any] = {}
    for name, field_kind in fields:
        value = _read(field_kind, raw.get(name), deeper)
        if isinstance(value, Mismatch):
            return replace(value, inside=(name, *value.inside))
        if value is not None:
            values[name] = value
    return values


def _too_deep() -> Mismatch:
    return Mismatch(f"at most {_DEEPEST} levels deep", "deeper")


def _wrong(kind: Kind, raw: Any) -> Mismatch:
    if isinstance(kind, OneOf) and isinstance(raw, str):
        return Mismatch(_wanted(kind), f'"{_shown(raw)}"')
    return Mismatch(_wanted(kind), _found(raw))


def _shown(text: str) -> str:
    """A short, printable form of somebody else's text."""
    printable = "".join(c if c.isprintable() else "?" for c in text[:41])
    return printable if len(text) <= 40 else printable[:40] + "…"  # noqa: PLR2004


def _found(raw: Any) -> str:  # noqa: PLR0911 - one word per form
    match raw:
        case bool():
            return "yes or no"
        case int():
            return "a number" if abs(raw) < _LARGEST_NUMBER else "too large"
        case float() | Decimal() if isnan(raw):
            return "not a number"
        case float() | Decimal():
            return "a number" if _decimal(raw) is not None else "too large"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a record"
        case _:
            return "something else"


def _wanted(kind: Kind) -> str:  # noqa: C901, PLR0911, PLR0912 - one line per kind
    match kind:
        case Text() | Code():
            return "text"
        case Money(currency):
            return f"an amount in {currency}"
        case Whole():
            return "a whole number"
        case Number():
            return "a number"
        case YesNo():
            return "yes or no"
        case OneOf(values):
            return f"one of {' / '.join(values)}"
        case Instant():
            return "a date and time with a zone (2026-03-01T09:00:00Z)"
        case Date():
            return "a date (2026-03-01)"
        case TimeOfDay():
            return "a time of day (09:00)"
        case Length():
            return "a length of time (2 days)"
        case ListOf():
            return "a list"
        case Record():
            return "a record"
        case _:
            assert_never(kind)
