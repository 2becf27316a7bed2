"""Writing values for a reader: amounts, dates and times in their language and zone.

Babel knows how and takes its time over it, so what was written once is remembered.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit
from jinja2 import TemplateRuntimeError

from channels.content.linking import Linker
from channels.content.written import Amount, Fields, Missing
from dsl.calendar import HOUR, MINUTE, SECOND, Duration
from dsl.currencies import minor_units

__all__ = ["Budget", "Formats", "Unwritable", "Writer"]

_REMEMBERED = 4096
_FORMS = ("zero", "one", "two", "few", "many")  # and any other; in the order of CLDR
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


class Unwritable(TemplateRuntimeError):
    """A template asks for something that has no written form, or for too much of it."""


class Budget:
    """How much one message may still say. A template that goes on and on is stopped."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, amount: int) -> None:
        """Takes ``amount`` characters from what is left."""
        self.left -= amount
        if self.left < 0:
            raise Unwritable("the text grows too long")


class Formats:
    """What Babel says, remembered. One for all messages; ``locale`` is ``de_AT``, ``de``, ..."""

    def __init__(self) -> None:
        self.locale = lru_cache(_REMEMBERED)(_locale)
        self.amount = lru_cache(_REMEMBERED)(_amount)
        self.number = lru_cache(_REMEMBERED)(_number)
        self.day = lru_cache(_REMEMBERED)(_day)
        self.clock = lru_cache(_REMEMBERED)(_clock)
        self.moment = lru_cache(_REMEMBERED)(_moment)
        self.length = lru_cache(_REMEMBERED)(_length)
        self.plural = lru_cache(_REMEMBERED)(_plural)


class Writer:
    """Writes values in one language for one message, and its links."""

    __slots__ = ("budget", "formats", "linker", "locale")

    def __init__(
        self, formats: Formats, language: str, budget: Budget, linker: Linker | None = None
    ) -> None:
        self.formats = formats
        self.locale: str = formats.locale(language)
        self.budget = budget
        self.linker = linker

    def text(self, value: Any) -> str:
        """A value as the reader is used to it. A list is its items with commas between."""
        if type(value) is str:
            written = value if value.isprintable() else _CONTROLS.sub("", value)
        elif isinstance(value, tuple | list):
            written = ", ".join(self.single(item) for item in value)
        else:
            written = self.single(value)
        self.budget.spend(len(written))
        return written

    def single(self, value: Any) -> str:
        """As ``text``, but for one value only, and without taking it from the budget."""
        match value:
            case str():
                return value if value.isprintable() else _CONTROLS.sub("", value)
            case bool():
                return "yes" if value else "no"
            case int():
                return str(value)
            case Amount():
                return self.formats.amount(Decimal(value), value.currency, self.locale)
            case Decimal():
                return self.formats.number(value, self.locale)
            case float():
                return self.formats.number(Decimal(str(value)), self.locale)
            case datetime():
                naive = value.replace(second=0, microsecond=0, tzinfo=None)
                return self.formats.moment(naive, self.locale)
            case date():
                return self.formats.day(value, self.locale)
            case time():
                return self.formats.clock(value, self.locale)
            case Duration():
                return self.formats.length(value, self.locale)
            case Missing():
                return str(value)  # raises, with the name of what is missing
            case Fields():
                raise Unwritable(f"{value.path} has several parts and cannot be written as one")
            case _:
                raise Unwritable("this cannot be written")

    def link(self, address: str, name: str, app: str = "") -> str:
        """What stands in a message for an address."""
        return address if self.linker is None else self.linker.lead(address, name, app)

    def tagged(self, address: str, name: str) -> str:
        """The address with nothing but tags added."""
        return address if self.linker is None else self.linker.tagged(address, name)

    def plain(self, value: Any) -> str:
        """A value as machines write it, for links: ``49.90``, ``2026-03-01``."""
        match value:
            case bool():
                written = "yes" if value else "no"
            case Amount():
                written = f"{value:.{minor_units(value.currency)}f}"
            case Decimal():
                written = f"{value:f}"
            case datetime() | date() | time():
                written = value.isoformat()
            case _:
                written = self.single(value)
        self.budget.spend(len(written))
        return written


def _locale(language: str) -> str:
    """The locale Babel knows for a language code, or that of the language alone, or English."""
    for tag in (language, language.split("-", 1)[0]):
        try:
            return str(Locale.parse(tag.replace("-", "_")))
        except (UnknownLocaleError, ValueError):
            continue
    return "en"


def _amount(value: Decimal, currency: str, locale: str) -> str:
    return format_currency(value, currency, locale=locale)


def _number(value: Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale, decimal_quantization=False)


def _day(day: date, locale: str) -> str:
    return format_date(day, "long", locale=locale)


def _clock(clock: time, locale: str) -> str:
    return format_time(clock, "short", locale=locale)


def _moment(moment: datetime, locale: str) -> str:
    pattern = str(get_datetime_format("long", locale=Locale.parse(locale))).replace("'", "")
    day, clock = _day(moment.date(), locale), _clock(moment.time(), locale)
    return pattern.replace("{0}", clock).replace("{1}", day)


def _plural(number: Decimal, locale: str) -> int:
    """Which of the forms that the language has goes with a number, counted from 0."""
    rule = Locale.parse(locale).plural_form
    forms = [tag for tag in _FORMS if tag in rule.tags]
    found = rule(abs(number))
    return forms.index(found) if found in forms else len(forms)


def _length(length: Duration, locale: str) -> str:
    hours, rest = divmod(length.micros, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    years, months = divmod(length.months, 12)
    parts = {
        "duration-year": years,
        "duration-month": months,
        "duration-day": length.days + length.working_days,
        "duration-hour": hours,
        "duration-minute": minutes,
        "duration-second": rest // SECOND,
    }
    said = [format_unit(count, unit, locale=locale) for unit, count in parts.items() if count]
    return " ".join(said) or format_unit(0, "duration-minute", locale=locale)
