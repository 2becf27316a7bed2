"""Values at the door: from what people send and write to values at rest (``dsl.kinds``).

One rule: nothing that comes in can raise, and nothing that is not of the declared kind gets in.
Both incoming JSON (``139.12``, ``true``) and text from our own files (``"80 EUR"``, ``"yes"``)
are read, so that a scenario and a live event mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar
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
from dsl.mismatch import Mismatch, shortened, wanted, wrong
from dsl.numerals import DIGITS, TOO_LARGE, read_decimal
from dsl.plan import Field

__all__ = ["Mismatch", "Problem", "at_rest", "attributes_at_rest", "properties_at_rest"]

_LARGEST_WHOLE = 2**63 - 1
_MISSING: Final[tuple[Any, ...]] = ("", [], ())
_PLAIN = 2**53  # a whole number below this is written the same everywhere
_PLAIN_AMOUNT = 1e9
_LARGEST_AMOUNT = 10**15  # minor units; sums of thousands of them still fit into 64 bits
_SMALLEST = Decimal((0, (1,), -DIGITS))
_LONGEST_NUMERAL = 80
_FIRST_YEAR, _LAST_YEAR = 1900, 9998  # leaves room for time zones at both ends of datetime
_DEEPEST = 16

_AMOUNT = re.compile(
    r"([+-]?\d+(?:\.\d+)?)(?:\s*([A-Z]{3}))?|([A-Z]{3})\s*([+-]?\d+(?:\.\d+)?)", re.ASCII
)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")  # neither UTF-8 nor PostgreSQL can hold these
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_EXACT = Context(prec=120)
_TO_28_DIGITS = Context(prec=28, rounding=ROUND_HALF_EVEN)

_Form = TypeVar("_Form", date, datetime, time)


class Problem(NamedTuple):
    """What is wrong with one property, in words: ``"total" should be a number, but is text``; and
    what it ``got``, which is nothing where nothing came.
    """

    name: str
    words: str
    got: str = ""

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
        if field.formula:
            problems.append(Problem(name, f'"{name}" is computed from events and cannot be set'))
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
    return Problem(field.name, f"{where} {shown}", shown.got)


def _required(field: Field) -> Problem:
    return Problem(field.name, f'"{field.name}" is required, but is missing')


def _currency(raw: Mapping[str, Any]) -> str | None:
    said = raw.get("currency")
    return said.strip().upper() or None if isinstance(said, str) else None


def _read(kind: Kind, raw: Any, place: _Place) -> Any | Mismatch:
    if raw is None or raw in _MISSING:
        return None
    return _READERS[type(kind)](kind, raw, place)


def _text(kind: Kind, raw: Any, _: _Place) -> str | Mismatch:
    if not isinstance(raw, str):
        return wrong(kind, raw)
    if not (raw.isascii() and "\0" not in raw) and _UNWRITABLE.search(raw):
        return Mismatch(wanted(kind), "text with characters that cannot be stored")
    return str(raw)


def _yes_no(kind: Kind, raw: Any, _: _Place) -> bool | Mismatch:
    if isinstance(raw, bool):
        return raw
    known = _YES_NO.get(raw.strip().lower()) if isinstance(raw, str) else None
    return wrong(kind, raw) if known is None else known


def _one_of(kind: OneOf, raw: Any, _: _Place) -> str | Mismatch:
    return str(raw) if isinstance(raw, str) and raw in kind.values else wrong(kind, raw)


def _length(kind: Kind, raw: Any, _: _Place) -> list[int] | Mismatch:
    length = read_length(raw) if isinstance(raw, str) else None
    if length is None:
        return wrong(kind, raw)
    return [length.months, length.days, length.working_days, length.micros]


def _whole(kind: Kind, raw: Any, _: _Place) -> int | Mismatch:
    if type(raw) is int and -_PLAIN < raw < _PLAIN:
        return raw
    number = read_decimal(raw)
    if number is None:
        return wrong(kind, raw)
    if number != number.to_integral_value(context=_EXACT):
        return Mismatch(wanted(kind), "a number with a fraction")
    if number.copy_abs() > _LARGEST_WHOLE:
        return Mismatch(wanted(kind), "too large")
    return int(number)


def _number(kind: Kind, raw: Any, _: _Place) -> int | str | Mismatch:
    if type(raw) is int and -_PLAIN < raw < _PLAIN:
        return raw
    number = read_decimal(raw)
    if number is None:
        return wrong(kind, raw)
    rounded = _TO_28_DIGITS.plus(number).quantize(_SMALLEST, context=_EXACT)
    if rounded.copy_abs() >= TOO_LARGE:
        return wrong(kind, raw)
    if rounded == rounded.to_integral_value(context=_EXACT):
        whole = int(rounded)
        return whole if abs(whole) <= _LARGEST_WHOLE else str(whole)
    return f"{rounded:f}".rstrip("0")


def _money(kind: Money, raw: Any, place: _Place) -> int | Mismatch:
    currency, said = kind.currency, place.currency
    if type(raw) is float and said in (None, currency) and _in_cents(raw, currency):
        return round(raw * 100)
    amount: Decimal | None
    if isinstance(raw, str):
        found = _AMOUNT.fullmatch(raw.strip()) if len(raw) <= _LONGEST_NUMERAL else None
        if found is None:
            return wrong(kind, raw)
        amount = read_decimal(found[1] or found[4])
        said = found[2] or found[3] or said
    else:
        amount = read_decimal(raw)
    if amount is None:
        return wrong(kind, raw)
    if said is not None and said != currency:
        return Mismatch(wanted(kind), f"in {shortened(said)}")
    scaled = amount.scaleb(minor_units(currency), context=_EXACT)
    minor = scaled.to_integral_value(rounding=ROUND_HALF_UP, context=_EXACT)
    if minor.copy_abs() > _LARGEST_AMOUNT:
        return Mismatch(wanted(kind), "too large")
    return int(minor)


def _in_cents(raw: float, currency: str) -> bool:
    """Whether it is as people write most amounts. Then it has no more digits than a float keeps, and
    a hundred times as much is next to exactly one whole number, which needs no decimals.
    """
    return (
        -_PLAIN_AMOUNT < raw < _PLAIN_AMOUNT and round(raw, 2) == raw and minor_units(currency) == 2
    )


def _instant(kind: Kind, raw: Any, place: _Place) -> int | Mismatch:
    moment = _parsed(datetime, raw)
    if moment is None:
        return wrong(kind, raw)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Mismatch(wanted(kind), f"in the year {moment.year}")
    if moment.tzinfo is not None:
        return from_datetime(moment)
    if place.zone is None:
        return Mismatch(wanted(kind), "a time without a zone")
    return at_local(moment.date(), moment.time(), place.zone)


def _date(kind: Kind, raw: Any, _: _Place) -> str | Mismatch:
    day = _parsed(date, raw)
    if day is None:
        return wrong(kind, raw)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Mismatch(wanted(kind), f"in the year {day.year}")
    return day.isoformat()


def _time_of_day(kind: Kind, raw: Any, _: _Place) -> str | Mismatch:
    clock = _parsed(time, raw)
    if clock is None or clock.tzinfo is not None or clock.second or clock.microsecond:
        return wrong(kind, raw)
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


def _list(kind: ListOf, raw: Any, place: _Place) -> list[Any] | Mismatch | None:
    if not isinstance(raw, list | tuple):
        return wrong(kind, raw)
    if place.depth >= _DEEPEST:
        return _too_deep()
    deeper = place._replace(depth=place.depth + 1)
    items: list[Any] = []
    for number, entry in enumerate(raw, 1):
        value = _read(kind.item, entry, deeper)
        if isinstance(value, Mismatch):
            return replace(value, inside=(number, *value.inside))
        if value is not None:
            items.append(value)
    return items or None


def _record(kind: Record, raw: Any, place: _Place) -> dict[str, Any] | Mismatch:
    if not isinstance(raw, Mapping):
        return wrong(kind, raw)
    if place.depth >= _DEEPEST:
        return _too_deep()
    deeper = _Place(place.zone, _currency(raw) or place.currency, place.depth + 1)
    values: dict[str, Any] = {}
    for name, field_kind in kind.fields:
        value = _read(field_kind, raw.get(name), deeper)
        if isinstance(value, Mismatch):
            return replace(value, inside=(name, *value.inside))
        if value is not None:
            values[name] = value
    return values


def _too_deep() -> Mismatch:
    return Mismatch(f"at most {_DEEPEST} levels deep", "deeper")


# Every kind has one: asked for by name, because this is done for every value that comes in.
_READERS: Final[Mapping[type[Kind], Callable[[Any, Any, _Place], Any]]] = MappingProxyType(
    {
        Code: _text,
        Date: _date,
        Instant: _instant,
        Length: _length,
        ListOf: _list,
        Money: _money,
        Number: _number,
        OneOf: _one_of,
        Record: _record,
        Text: _text,
        TimeOfDay: _time_of_day,
        Whole: _whole,
        YesNo: _yes_no,
    }
)
