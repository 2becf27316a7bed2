"""What SQLite lacks: the functions that the expressions of this package call.

They are the very functions compiled rules call, so they cannot mean something else; another
database needs functions of the same names. None of them raises, and each gives NULL for NULL.

A moment is INTEGER microseconds; a date, a time of day, a number and a length are as
``dsl.sql.numerals`` and ``isoformat`` write them; a zone is its IANA name; holidays are ISO dates
with blanks between them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache
from json import dumps, loads
from sqlite3 import Connection
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsl.expr import arithmetic, timing, wording
from dsl.expr.context import Context
from dsl.expr.functions import WEEKDAYS
from dsl.sql.aggregates import AGGREGATES
from dsl.sql.numerals import length_text, numeral, read_length, read_numeral

__all__ = ["FUNCTIONS", "register"]

# ------------------------------------------------------------------------------------- texts


def _matches(pattern: str, text: str) -> int:
    return int(wording.glob(_pieces(pattern), text))


_pieces = lru_cache(maxsize=256)(wording.pieces)


def _lower(text: str) -> str:
    return text.lower()


def _upper(text: str) -> str:
    return text.upper()


def _trim(text: str) -> str | None:
    return text.strip() or None


def _join(items: str, between: str) -> str | None:
    return wording.join(loads(items), between)


def _column(items: str, path: str) -> str | None:
    found = wording.column(loads(items), path.split("."))
    return None if found is None else dumps(found, ensure_ascii=False)


# ----------------------------------------------------------------------------------- numbers


def _number(raw: str) -> int | str | None:
    found = arithmetic.number(raw)
    return None if found is None else numeral(found)


def _compare(one: Any, other: Any) -> int:
    left, right = read_numeral(one), read_numeral(other)
    return (left > right) - (left < right)


def _calculate(sign: str, one: Any, other: Any) -> int | str | None:
    left, right = read_numeral(one), read_numeral(other)
    match sign:
        case "+":
            return numeral(arithmetic.plus(left, right))
        case "-":
            return numeral(arithmetic.minus(left, right))
        case "*":
            return numeral(arithmetic.times(left, right))
        case _:
            found = arithmetic.over(left, right)
            return None if found is None else numeral(found)


def _whole(high: int, low: int) -> int | str:
    return numeral((high << 32) + low)


def _negative(raw: Any) -> int | str:
    return numeral(-read_numeral(raw))


def _absolute(raw: Any) -> int | str:
    return numeral(read_numeral(raw).__abs__())  # abs() of a union is an object to mypy


def _rounded(how: str, raw: Any, digits: int) -> int | str:
    number = read_numeral(raw)
    match how:
        case "round":
            return numeral(arithmetic.half_up(number, digits))
        case "floor":
            return numeral(arithmetic.floor(number, digits))
        case _:
            return numeral(arithmetic.ceil(number, digits))


# ----------------------------------------------------------------------------------- lengths


def _length(raw: str) -> str | None:
    found = timing.length_at_rest(loads(raw))
    return None if found is None else length_text(found)


def _lengths(sign: str, one: str, other: str) -> str:
    left, right = read_length(one), read_length(other)
    return length_text(left + right if sign == "+" else left - right)


def _shorter(length: str) -> str:
    return length_text(-read_length(length))


def _span(micros: int) -> str:
    return length_text(timing.span(micros))


def _repeated(length: str, factor: Any) -> str | None:
    found = arithmetic.repeated(read_length(length), read_numeral(factor))
    return None if found is None else length_text(found)


def _in_days(length: str) -> int | str:
    return numeral(arithmetic.in_days(read_length(length)))


# ------------------------------------------------------------------------------------ moments


@lru_cache(maxsize=1024)
def _holidays(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in text.split())


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=4096)
def _place(zone: str, holidays: str = "", now: int = 0) -> Context:
    """Where and when: all that the functions of ``dsl.expr.timing`` look at."""
    return Context(now, _zone(zone), holidays=_holidays(holidays))


def _later(moment: int, length: str, zone: str, holidays: str) -> int | None:
    return timing.later(moment, read_length(length), _place(zone, holidays))


@lru_cache(maxsize=1024)  # people of one zone are asked at one instant
def _back(moment: int, length: str, zone: str, holidays: str) -> int:
    return timing.back(moment, read_length(length), _place(zone, holidays))


def _next_date(day: str, length: str, holidays: str) -> str | None:
    found = timing.next_date(_date(day), read_length(length), _place("UTC", holidays))
    return None if found is None else found.isoformat()


def _days_between(one: str, other: str) -> str:
    return length_text(timing.days_between(_date(one), _date(other)))


@lru_cache(maxsize=4096)
def _date(text: str) -> date:
    return date.fromisoformat(text)


def _read_date(raw: str) -> str | None:
    found = timing.date_at_rest(raw)
    return None if found is None else found.isoformat()


def _read_clock(raw: str) -> str | None:
    found = timing.clock_at_rest(raw)
    return None if found is None else found.isoformat("microseconds")


def _day(moment: int, zone: str) -> str | None:
    found = timing.day_of(moment, _place(zone))
    return None if found is None else found.isoformat()


@lru_cache(maxsize=1024)
def _next_day(now: int, offset: int, zone: str) -> str | None:
    found = timing.next_day(now, offset, _place(zone))
    return None if found is None else found.isoformat()


def _day_start(day: str, zone: str) -> int | None:
    return timing.day_start(_date(day), _place(zone))


def _wall(moment: str, zone: str) -> int | None:
    return timing.wall(datetime.fromisoformat(moment), _place(zone))


def _hour(moment: int, zone: str) -> int | None:
    return timing.local_hour(moment, _place(zone))


@lru_cache(maxsize=1024)
def _period(
    name: Literal["today", "yesterday", "week", "month", "year"], now: int, zone: str
) -> int | None:
    return timing.period_start(name, _place(zone, "", now))


def _age(day: str, now: int, zone: str) -> int | None:
    return timing.years(_date(day), _place(zone, "", now))


def _anniversary(day: str, now: int, zone: str) -> str | None:
    found = timing.anniversary(_date(day), _place(zone, "", now))
    return None if found is None else found.isoformat()


def _weekday(day: str) -> str:
    return WEEKDAYS[_date(day).weekday()]


def clock_text(clock: time) -> str:
    """A time of day as an SQL value."""
    return clock.isoformat("microseconds")


# ------------------------------------------------------------------------------------ the list

FUNCTIONS: MappingProxyType[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "wayline_fold": (1, wording.fold),
        "wayline_matches": (2, _matches),
        "wayline_lower": (1, _lower),
        "wayline_upper": (1, _upper),
        "wayline_title": (1, wording.title),
        "wayline_trim": (1, _trim),
        "wayline_join": (2, _join),
        "wayline_column": (2, _column),
        "wayline_number": (1, _number),
        "wayline_compare": (2, _compare),
        "wayline_calculate": (3, _calculate),
        "wayline_whole": (2, _whole),
        "wayline_negative": (1, _negative),
        "wayline_absolute": (1, _absolute),
        "wayline_rounded": (3, _rounded),
        "wayline_length": (1, _length),
        "wayline_lengths": (3, _lengths),
        "wayline_shorter": (1, _shorter),
        "wayline_span": (1, _span),
        "wayline_repeated": (2, _repeated),
        "wayline_in_days": (1, _in_days),
        "wayline_later": (4, _later),
        "wayline_back": (4, _back),
        "wayline_next_date": (3, _next_date),
        "wayline_days_between": (2, _days_between),
        "wayline_date": (1, _read_date),
        "wayline_clock": (1, _read_clock),
        "wayline_day": (2, _day),
        "wayline_next_day": (3, _next_day),
        "wayline_day_start": (2, _day_start),
        "wayline_wall": (2, _wall),
        "wayline_hour": (2, _hour),
        "wayline_period": (3, _period),
        "wayline_age": (3, _age),
        "wayline_anniversary": (3, _anniversary),
        "wayline_weekday": (1, _weekday),
    }
)
"""Every function by name, with the number of its arguments."""


def register(connection: Connection) -> None:
    """Gives a SQLite connection the functions and aggregates that the expressions call."""
    for name, (count, function) in FUNCTIONS.items():
        connection.create_function(name, count, _strict(function), deterministic=True)
    for name, (count, aggregate) in AGGREGATES.items():
        connection.create_aggregate(name, count, aggregate)


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """NULL for NULL."""

    def called(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return called
