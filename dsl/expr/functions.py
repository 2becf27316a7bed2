"""The closed list of functions: what they take and what they give."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from dsl import kinds
from dsl.expr import typed_value as tv
from dsl.expr.typed_value import Value
from dsl.kinds import Kind

__all__ = ["FUNCTIONS", "WEEKDAYS", "Function", "result_of"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Function(NamedTuple):
    """How a function is written, and whether it asks what day it is."""

    example: str
    clock: bool = False


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "age": Function("age(birthday)", clock=True),
        "anniversary": Function("anniversary(birthday)", clock=True),
        "weekday": Function("weekday(now)"),
        "day": Function("day(today)"),
        "month": Function("month(today)"),
        "year": Function("year(today)"),
        "hour": Function("hour(now)"),
        "date": Function("date(now)"),
        "in_days": Function("in_days(trial_ends_at - now)"),
        "round": Function("round(cart.value * 0.1, 2)"),
        "floor": Function("floor(2.5)"),
        "ceil": Function("ceil(2.5)"),
        "abs": Function("abs(-2)"),
        "length": Function("length(first_name)"),
        "lower": Function("lower(first_name)"),
        "upper": Function("upper(first_name)"),
        "title": Function("title(first_name)"),
        "trim": Function("trim(first_name)"),
        "join": Function('join(tags, ", ")'),
        "format_money": Function("format_money(cart.value)"),
    }
)


_TEXTS = (kinds.Text, kinds.Code, kinds.OneOf)
_MOST_DIGITS = 28


def result_of(name: str, arguments: tuple[Value, ...]) -> tuple[Kind | None, tuple[Value, ...]]:
    """The kind of what a function gives for these arguments, and the arguments as it wants them.

    The kind is None if it does not work with them.
    """
    if len(arguments) == 1:
        return _of_one(name, arguments[0])
    if len(arguments) == 2:
        first, second = arguments
        if name == "round" and _digits(second):
            return _rounded(first.kind, whole=second == tv.Constant(kinds.Whole(), 0)), arguments
        listed = first.kind
        if (
            name == "join"
            and isinstance(listed, kinds.ListOf)
            and isinstance(listed.item, _TEXTS)
            and isinstance(second.kind, _TEXTS)
        ):
            return kinds.Text(), arguments
    return None, arguments


def _of_one(name: str, value: Value) -> tuple[Kind | None, tuple[Value, ...]]:
    kind = value.kind
    dated = isinstance(kind, kinds.Date | kinds.Instant)
    as_day = tv.DayOf(value) if isinstance(kind, kinds.Instant) else value
    match name:
        case "age" if dated:
            return kinds.Whole(), (as_day,)
        case "anniversary" if dated:
            return kinds.Date(), (as_day,)
        case "weekday" if dated:
            return kinds.OneOf(WEEKDAYS), (as_day,)
        case "day" | "month" | "year" if dated:
            return kinds.Whole(), (as_day,)
        case "date" if dated:
            return kinds.Date(), (as_day,)
        case "hour" if isinstance(kind, kinds.Instant | kinds.TimeOfDay):
            return kinds.Whole(), (value,)
        case "in_days" if isinstance(kind, kinds.Length):
            return kinds.Number(), (value,)
        case "round" | "floor" | "ceil":
            return _rounded(kind, whole=True), (value,)
        case "abs" if isinstance(kind, kinds.Whole | kinds.Number | kinds.Money):
            return kind, (value,)
        case "length" if isinstance(kind, kinds.ListOf | kinds.Text | kinds.Code | kinds.OneOf):
            return kinds.Whole(), (value,)
        case "lower" | "upper" | "title" | "trim" if isinstance(kind, _TEXTS):
            return kinds.Text(), (value,)
        case "format_money" if isinstance(kind, kinds.Money):
            return kinds.Text(), (value,)
        case _:
            return None, (value,)


def _rounded(kind: Kind, *, whole: bool) -> Kind | None:
    match kind:
        case kinds.Money():
            return kind
        case kinds.Whole() | kinds.Number():
            return kinds.Whole() if whole or isinstance(kind, kinds.Whole) else kinds.Number()
        case _:
            return None


def _digits(value: Value) -> bool:
    return (
        isinstance(value, tv.Constant)
        and isinstance(value.kind, kinds.Whole)
        and 0 <= value.value <= _MOST_DIGITS
    )
