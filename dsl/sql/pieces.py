"""Small pieces of SQL: what a value in SQL is, and how stored JSON is read.

Missing is NULL, everywhere inside; a test is never NULL. What is spelled differently in each
database is called by ``dsl.sql.called``, and every value has a kind, because PostgreSQL asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, assert_never, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    true,
)

from dsl import kinds
from dsl.calendar import Duration
from dsl.expr.timing import FIRST_INSTANT, LAST_INSTANT
from dsl.kinds import Kind
from dsl.sql.called import call
from dsl.sql.functions import clock_text
from dsl.sql.numerals import length_text, numeral

__all__ = [
    "NOW",
    "ONE_JOURNEY",
    "Cell",
    "Got",
    "NotInSql",
    "all_of",
    "any_of",
    "cell_of",
    "constant",
    "entry_side",
    "holds",
    "looked_up",
    "missing",
    "now",
    "read",
    "read_entry",
    "reckon",
    "sign_of",
    "whole",
]

NOW = "now"
"""The one parameter of every expression: the instant at which it is asked."""

ONE_JOURNEY = "it asks about one journey"

_LARGEST = 2**63 - 1
_LARGEST_INSTANT = max(-FIRST_INSTANT, LAST_INSTANT)
_MOST_IN_A_ROW = 200  # SQLite's parser counts depth, and "a or b or c" is as deep as it is long


class NotInSql(Exception):
    """Part of a rule has no exact SQL; the text says why."""


@dataclass(frozen=True, slots=True)
class Got:
    """A value: an expression that is NULL when the value is missing; never, if it is ``sure``.

    ``most`` says that it is an INTEGER of at most that size; without it, a number is as
    ``dsl.sql.numerals`` writes it.
    """

    sql: ColumnElement[Any]
    sure: bool = False
    most: int | None = None


def now() -> ColumnElement[int]:
    """The instant at which the rule is asked."""
    return bindparam(NOW, type_=BigInteger())


def whole(value: int) -> ColumnElement[int]:
    """A whole number written in the rule."""
    return literal(value, BigInteger())


def missing() -> Got:
    """The value that is always missing."""
    return Got(null())


def constant(value: Any) -> Got:
    """A value written in the rule."""
    match value:
        case None:
            return missing()
        case bool():
            return Got(whole(int(value)), sure=True)
        case int() if abs(value) <= _LARGEST:
            return Got(whole(value), sure=True, most=abs(value))
        case int() | Decimal():
            return Got(call("written", literal(str(numeral(value)), Text())), sure=True)
        case str():
            return Got(literal(value, Text()), sure=True)
        case date():
            return Got(literal(value.isoformat(), Text()), sure=True)
        case time():
            return Got(literal(clock_text(value), Text()), sure=True)
        case Duration():
            return Got(literal(length_text(value), Text()), sure=True)
        case _:
            raise AssertionError(value)


# --------------------------------------------------------------------------------------- tests


def holds(test: ColumnElement[bool], *parts: Got) -> ColumnElement[bool]:
    """A test that is no when one of its parts is missing."""
    if all(part.sure for part in parts):
        return test
    return test.self_group().is_(true())


def sign_of(sign: str, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[bool]:
    """A comparison of two values in SQL."""
    said = "=" if sign == "==" else sign
    return left.op(said, is_comparison=True, return_type=Boolean())(right)


def reckon(left: ColumnElement[Any], sign: str, right: ColumnElement[Any]) -> ColumnElement[int]:
    """``+ - *`` between two whole numbers that cannot run over."""
    made = left.op(sign, return_type=BigInteger())(right)
    return cast("ColumnElement[int]", made.self_group())


def all_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """``and`` over any number of tests."""
    return _joined(parts, every=True)


def any_of(parts: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """``or`` over any number of tests."""
    return _joined(parts, every=False)


def _joined(parts: Sequence[ColumnElement[bool]], *, every: bool) -> ColumnElement[bool]:
    if len(parts) > _MOST_IN_A_ROW:
        middle = len(parts) // 2
        halves = (_joined(parts[:middle], every=every), _joined(parts[middle:], every=every))
        parts = [half.self_group() for half in halves]
    return and_(true(), *parts) if every else or_(false(), *parts)


# ---------------------------------------------------------------------------------------- JSON


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in JSON: the name of the type of what stands there, and the thing itself, where a
    list or a record is its JSON.
    """

    type: ColumnElement[str]
    value: ColumnElement[Any]

    @property
    def whole(self) -> ColumnElement[int]:
        """The whole number that stands there; NULL if there is none."""
        return case((self.type == "integer", call("as_whole", self.value, kind=BigInteger)))

    @property
    def record(self) -> ColumnElement[str]:
        """The JSON of a record; NULL if it is none. Nothing else may be looked into."""
        return case((self.type == "object", self.value))


def looked_up(path: Iterable[str]) -> tuple[str, ...]:
    """The names of a path, if they can be written into SQL."""
    names = tuple(path)
    if not all(name.replace("_", "a").isalnum() for name in names):
        raise NotInSql(f'"{".".join(names)}" cannot be looked up in SQL')
    return names


def cell_of(document: ColumnElement[Any], path: Iterable[str], root: str = "$") -> Cell:
    """What stands in a JSON record at the end of a path, from ``root`` on."""
    steps = "".join(f'."{name}"' for name in looked_up(path))
    where = literal(f"{root}{steps}", Text())
    return Cell(
        call("kind_at", document, where),
        call("value_at", document, where),
    )


def read(kind: Kind, cell: Cell) -> Got:
    """What stands there, if it is of this kind."""

    def of(name: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((cell.type == name, value))

    match kind:
        case kinds.Text() | kinds.Code() | kinds.OneOf():
            return Got(of("text", func.nullif(cell.value, "", type_=Text())))
        case kinds.Whole() | kinds.Money():
            return Got(cell.whole, most=_LARGEST)
        case kinds.Instant():
            moment = call("as_whole", cell.value, kind=BigInteger)
            possible = moment.between(whole(FIRST_INSTANT), whole(LAST_INSTANT))
            return Got(of("integer", case((possible, moment))), most=_LARGEST_INSTANT)
        case kinds.Number():
            return Got(_number(cell))
        case kinds.YesNo():
            return Got(case((cell.type == "true", 1), (cell.type == "false", 0)))
        case kinds.Date():
            return Got(of("text", call("date", cell.value)))
        case kinds.TimeOfDay():
            return Got(of("text", call("clock", cell.value)))
        case kinds.Length():
            return Got(of("array", call("length", cell.value)))
        case kinds.ListOf():
            filled = and_(cell.type == "array", call("items", cell.value) > 0)
            return Got(case((filled, cell.value)))
        case kinds.Record():
            return Got(cell.record)
        case _:
            assert_never(kind)


def _number(cell: Cell) -> ColumnElement[Any]:
    return case(
        (cell.type == "integer", cell.whole),
        (cell.type == "text", call("number", cell.value)),
    )


def read_entry(kind: Kind, cell: Cell, *, folded: bool) -> Got:
    """An entry of a list of this kind, as it is compared; what is compared with it is an
    ``entry_side``.
    """
    match kind:
        case kinds.Text() if folded:
            text = func.nullif(cell.value, "", type_=Text())
            return Got(case((cell.type == "text", call("fold", text))))
        case kinds.Number() | kinds.Whole() | kinds.Money():
            return Got(_number(cell))
        case kinds.Date() | kinds.TimeOfDay() | kinds.Length():
            return read(kind, cell)
        case _:
            plain = cell.type.in_(["text", "integer", "true", "false"])
            value = func.nullif(cell.value, "", type_=Text())
            return Got(case((plain, call("as_entry", cell.type, value))))


def entry_side(kind: Kind, got: Got, folded: bool) -> Got:
    """A value to be compared with entries of a list of ``kind``."""
    match kind:
        case kinds.Text() if folded:
            return got
        case kinds.Text() | kinds.Code() | kinds.OneOf() | kinds.Instant() | kinds.YesNo():
            return Got(call("as_entry", got.sql), got.sure)
        case _:
            return got
