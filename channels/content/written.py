"""Values as templates see them: numbers to compare and calculate with, that know how to be written.

Amounts are held in whole units (``49.90``, not 4990), so that ``{% if total > 50 %}`` means what
it says. Nothing here has a method that a template could reach: attributes are read through
``read`` by the sandbox only, and give values or ``Missing``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from jinja2 import ChainableUndefined, StrictUndefined, UndefinedError

from dsl.calendar import Duration, local
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

__all__ = ["Amount", "Fields", "Missing", "ValueMissing", "Wrap", "absent", "is_missing", "wrapper"]


class ValueMissing(UndefinedError):
    """A value that was to be printed is missing. Its words are the name: ``trigger.cart_id``."""


def _no(*_: Any, **__: Any) -> Any:
    return False


def _yes(*_: Any, **__: Any) -> Any:
    return True


def _zero(*_: Any, **__: Any) -> Any:
    return 0


class Missing(StrictUndefined, ChainableUndefined):
    """A missing value: its fields are missing too, and printing or calculating with it raises.

    Tests are two-valued as in every rule (language reference, section 2.6): it is not true, and
    it is equal to nothing and neither above nor below anything.
    """

    __slots__ = ()

    __bool__ = __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _no
    __ne__ = _yes
    __hash__ = _zero

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or str(self._undefined_name)


def absent(name: str) -> Missing:
    """The missing value called ``name``."""
    return Missing(hint=name, name=name, exc=ValueMissing)


def is_missing(value: Any) -> bool:
    """Whether a value is missing: nothing, an empty text or an empty list."""
    return not value and (value is None or value in ("", [], ()))


class Amount(Decimal):
    """An amount of money in whole units."""

    __slots__ = ("currency",)

    currency: str

    @classmethod
    def of(cls, value: Decimal | int, currency: str) -> Amount:
        """``value`` units of ``currency``."""
        made = cls(value)
        made.currency = currency
        return made


class Fields:
    """A record, to be read by name. Items go before anything Python knows of the object."""

    __slots__ = ("path", "values", "wraps", "zone")

    def __init__(
        self, values: Mapping[str, Any], wraps: Mapping[str, Wrap], path: str, zone: ZoneInfo
    ) -> None:
        self.values = values
        self.wraps = wraps
        self.path = path
        self.zone = zone

    def read(self, name: str) -> Any:
        """The value of a field, or ``Missing``."""
        value = self.values.get(name)
        path = f"{self.path}.{name}" if self.path else name
        if is_missing(value):
            return absent(path)
        wrap = self.wraps.get(name)
        return value if wrap is None else wrap(value, path, self.zone)


Wrap: TypeAlias = Callable[[Any, str, ZoneInfo], Any]
"""From a value, at rest or evaluated, to what templates see. Takes its name and the zone."""


def wrapper(kind: Kind) -> Wrap | None:
    """How values of ``kind`` are handed to templates; None: as they are."""
    match kind:
        case Text() | Code() | OneOf() | Whole() | YesNo():
            return None
        case Number():
            return _number
        case Money(currency):
            return _amounts(currency)
        case Date():
            return _day
        case TimeOfDay():
            return _clock
        case Instant():
            return _moment
        case Length():
            return _length
        case ListOf(item):
            return _items(wrapper(item))
        case Record(fields):
            return _record({name: wrap for name, each in fields if (wrap := wrapper(each))})
        case _:
            assert_never(kind)


def _number(value: Any, path: str, zone: ZoneInfo) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _amounts(currency: str) -> Wrap:
    digits = -minor_units(currency)

    def wrap(value: Any, path: str, zone: ZoneInfo) -> Amount:
        return Amount.of(Decimal(value).scaleb(digits), currency)

    return wrap


def _day(value: Any, path: str, zone: ZoneInfo) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _clock(value: Any, path: str, zone: ZoneInfo) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _moment(value: Any, path: str, zone: ZoneInfo) -> datetime:
    return local(value, zone)


def _length(value: Any, path: str, zone: ZoneInfo) -> Duration:
    return value if isinstance(value, Duration) else Duration(*value)


def _items(wrap: Wrap | None) -> Wrap:
    def each(value: Any, path: str, zone: ZoneInfo) -> tuple[Any, ...]:
        if wrap is None:
            return tuple(value)
        return tuple(wrap(item, path, zone) for item in value)

    return each


def _record(wraps: Mapping[str, Wrap]) -> Wrap:
    def fields(value: Any, path: str, zone: ZoneInfo) -> Fields:
        return Fields(value, wraps, path, zone)

    return fields
