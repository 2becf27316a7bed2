"""SQL for values."""

from __future__ import annotations

from typing import Any, assert_never

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, case, cast, func, literal

from dsl import kinds
from dsl.calendar import Duration
from dsl.currencies import minor_units
from dsl.expr import typed_value as tv
from dsl.expr.check_values import is_number
from dsl.expr.typed_value import Value
from dsl.sql.called import call
from dsl.sql.numerals import length_text
from dsl.sql.pieces import (
    ONE_JOURNEY,
    Got,
    NotInSql,
    cell_of,
    constant,
    now,
    read,
    reckon,
    whole,
)
from dsl.sql.writer import Writer

__all__ = ["Values"]

_ROOM = 2**62  # sums of two of these still fit


class Values(Writer):
    """Values as expressions that are NULL when the value is missing."""

    def value(self, value: Value) -> Got:
        match value:
            case tv.Constant(value=written):
                return constant(written)
            case tv.Stored():
                return self._stored(value)
            case tv.WallTime(moment=moment):
                return Got(self._moment("wall", literal(moment.isoformat(), Text())), most=_ROOM)
            case tv.Column(items=items, path=path):
                made = call("column", self.value(items).sql, literal(".".join(path), Text()))
                return Got(made)
            case tv.TimeOf(what="row"):
                assert self.row is not None
                assert self.row.time is not None
                return Got(self.row.time, sure=True, most=_ROOM)
            case tv.Now():
                return Got(now(), sure=True, most=_ROOM)
            case tv.Day(offset=offset):
                return Got(call("next_day", now(), whole(offset), self.zone))
            case tv.DayStart(value=inner):
                return Got(self._moment("day_start", self.value(inner).sql), most=_ROOM)
            case tv.DayOf(value=inner):
                return Got(call("day", self.value(inner).sql, self.zone))
            case tv.Arithmetic():
                return self._arithmetic(value)
            case tv.Negative(kind=kind, value=inner):
                got = self.value(inner)
                name = "shorter" if isinstance(kind, kinds.Length) else "negative"
                return Got(call(name, got.sql), got.sure)
            case tv.Call():
                return self._call(value)
            case tv.OrElse(value=first, default=default):
                return self._or_else(self.value(first), self.value(default))
            case tv.IfElse(condition=condition, then=then, otherwise=otherwise):
                one, other = self.value(then), self.value(otherwise)
                made = case((self.test(condition), one.sql), else_=other.sql)
                return Got(made, one.sure and other.sure, _either(one, other))
            case tv.Elapsed(moment=moment, until=until):
                got = self.value(moment)
                sides = (got.sql, now()) if until else (now(), got.sql)
                return Got(call("span", reckon(sides[0], "-", sides[1])), got.sure)
            case tv.Answer(test=test):
                return Got(case((self.test(test), 1), else_=0), sure=True)
            case tv.Aggregate() | tv.Pick():
                return self.measure(value)
            case tv.StepPart() | tv.Entry() | tv.TimeOf():
                raise NotInSql(ONE_JOURNEY)
            case _:
                assert_never(value)

    def _moment(self, name: str, value: ColumnElement[Any]) -> ColumnElement[int]:
        return call(name, value, self.zone, kind=BigInteger)

    def _stored(self, value: tv.Stored) -> Got:
        match value.root:
            case "profile":
                told, path = self.tables.told, (value.name, *value.path)
                cell = told.cell_of(path) if told is not None else None
                if cell is None:
                    people = self.tables.people
                    cell = cell_of(people.c.attributes, path, self.tables.attributes_at)
                return read(value.kind, cell)
            case "row":
                row = self.row
                assert row is not None
                path = (value.name, *value.path) if value.name else value.path
                if path:
                    return read(value.kind, cell_of(row.record, path))
                if isinstance(value.kind, kinds.Record):
                    return Got(row.record)
                assert row.entry is not None
                return read(value.kind, row.entry)
            case _:
                raise NotInSql(ONE_JOURNEY)

    def _or_else(self, one: Got, other: Got) -> Got:
        if one.sure:
            return one
        return Got(func.coalesce(one.sql, other.sql), other.sure, _either(one, other))

    # -- what is calculated

    def _arithmetic(self, value: tv.Arithmetic) -> Got:
        left, right = self.value(value.left), self.value(value.right)
        one, other = value.left.kind, value.right.kind
        sure = left.sure and right.sure
        if isinstance(value.kind, kinds.Text):
            return Got(left.sql.op("||", return_type=Text())(right.sql), sure)
        if isinstance(one, kinds.Length) and isinstance(other, kinds.Date | kinds.Instant):
            return self._moved(value.right, right, value.left, left, back=False)
        if isinstance(one, kinds.Date | kinds.Instant) and isinstance(other, kinds.Length):
            return self._moved(value.left, left, value.right, right, back=value.sign == "-")
        match value.kind:
            case kinds.Length() if isinstance(one, kinds.Date):
                return Got(call("days_between", left.sql, right.sql), sure)
            case kinds.Length() if isinstance(one, kinds.Instant):
                return Got(call("span", reckon(left.sql, "-", right.sql)), sure)
            case kinds.Length() if value.sign == "*":
                length, factor = (right, left) if is_number(one) else (left, right)
                return Got(call("repeated", length.sql, factor.sql))
            case kinds.Length():
                return Got(call("lengths", literal(value.sign, Text()), left.sql, right.sql), sure)
            case _:
                return self._calculated(value.sign, left, right, sure=sure)

    def _calculated(self, sign: str, left: Got, right: Got, *, sure: bool) -> Got:
        if left.most is not None and right.most is not None and sign != "/":
            most = left.most * right.most if sign == "*" else left.most + right.most
            if most <= _ROOM:
                return Got(reckon(left.sql, sign, right.sql), sure, most)
        made = call("calculate", literal(sign, Text()), left.sql, right.sql)
        return Got(made, sure and sign != "/")

    def _moved(self, moment: Value, at: Got, length: Value, by: Got, *, back: bool) -> Got:
        if isinstance(moment.kind, kinds.Date):
            distance = call("shorter", by.sql) if back else by.sql
            return Got(call("next_date", at.sql, distance, self.holidays))
        if isinstance(length, tv.Constant) and length.value is not None:
            return self.shifted(at, length.value, back=back)
        distance = call("shorter", by.sql) if back else by.sql
        return Got(self.later(at.sql, distance), most=_ROOM)

    def shifted(self, at: Got, length: Duration, *, back: bool) -> Got:
        """An instant and a length written in the rule."""
        moved = -length if back else length
        if moved.exact:
            return Got(reckon(at.sql, "+", whole(moved.micros)), at.sure, _ROOM)
        return Got(self.later(at.sql, literal(length_text(moved), Text())), most=_ROOM)

    def later(self, at: ColumnElement[Any], length: ColumnElement[Any]) -> ColumnElement[int]:
        """An instant and a length."""
        return call("later", at, length, self.zone, self.holidays, kind=BigInteger)

    # -- functions

    def _call(self, value: tv.Call) -> Got:
        got = [self.value(argument) for argument in value.arguments]
        first, kind = got[0], value.arguments[0].kind
        match value.function:
            case "age":
                return Got(call("age", first.sql, now(), self.zone, kind=BigInteger), most=10_000)
            case "anniversary":
                return Got(call("anniversary", first.sql, now(), self.zone))
            case "weekday":
                return Got(call("weekday", first.sql), first.sure)
            case "year":
                return _part(first, 1, 4)
            case "month":
                return _part(first, 6, 2)
            case "day":
                return _part(first, 9, 2)
            case "date":
                return first
            case "hour" if isinstance(kind, kinds.TimeOfDay):
                return _part(first, 1, 2)
            case "hour":
                return Got(self._moment("hour", first.sql), most=24)
            case "in_days":
                return Got(call("in_days", first.sql), first.sure)
            case "round" | "floor" | "ceil" as name:
                return _rounded(name, first, got[1:], kind)
            case "abs":
                return Got(call("absolute", first.sql), first.sure)
            case "length" if isinstance(kind, kinds.ListOf):
                return Got(call("items", first.sql, kind=BigInteger), first.sure, _ROOM)
            case "length":
                return Got(func.length(first.sql), first.sure, _ROOM)
            case "lower" if self.setting.database == "postgresql":
                raise NotInSql("lower writes some letters by their place in the word")
            case "lower" | "upper" | "title" as name:
                return Got(call(name, first.sql), first.sure)
            case "trim":
                return Got(call("trim", first.sql))
            case "join":
                return Got(call("join", first.sql, got[1].sql))
            case "format_money":
                raise NotInSql("format_money writes in the language of each recipient")
            case name:
                raise AssertionError(name)


def _either(one: Got, other: Got) -> int | None:
    if one.most is None or other.most is None:
        return None
    return max(one.most, other.most)


def _part(got: Got, at: int, digits: int) -> Got:
    """A number that stands in the text of a date or a time of day."""
    return Got(cast(func.substr(got.sql, at, digits), Integer()), got.sure, 9999)


def _rounded(name: str, first: Got, more: list[Got], kind: kinds.Kind) -> Got:
    digits: ColumnElement[Any] = more[0].sql if more else whole(0)
    if isinstance(kind, kinds.Money):  # rounds the amount, not its minor units
        digits = reckon(digits, "-", whole(minor_units(kind.currency)))
    return Got(call("rounded", literal(name, Text()), first.sql, digits), first.sure)
