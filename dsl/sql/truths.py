"""SQL for tests: never NULL, whatever is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    exists,
    func,
    not_,
    null,
    select,
)

from dsl import kinds
from dsl.calendar import Duration
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.arithmetic import length_key
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Value
from dsl.expr.wording import fold
from dsl.sql.called import call, entries
from dsl.sql.pieces import (
    Cell,
    Got,
    NotInSql,
    all_of,
    any_of,
    constant,
    entry_side,
    holds,
    now,
    read_entry,
    sign_of,
    whole,
)
from dsl.sql.values import Values

__all__ = ["Truths"]

_MIRROR = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = (kinds.Number, kinds.Whole, kinds.Money)


class Truths(Values):
    """Tests as expressions that are true or false."""

    def test(self, test: Test) -> ColumnElement[bool]:
        match test:
            case tt.Compare(sign=sign, how=how, left=left, right=right):
                return self._compared(
                    sign, self._side(how, left), self._side(how, right), _weighed(how, left, right)
                )
            case tt.Wording():
                return self._wording(test)
            case tt.Span():
                return self._span(test)
            case tt.Between(how=how, value=value, low=low, high=high):
                middle, first, last = (self._side(how, side) for side in (value, low, high))
                return and_(
                    self._compared("<=", first, middle, _weighed(how, low, value)),
                    self._compared("<=", middle, last, _weighed(how, value, high)),
                )
            case tt.Among():
                return self._among(test)
            case tt.Has():
                return self._has(test)
            case tt.Near():
                return self._near(test)
            case tt.Known(value=value):
                return self.value(value).sql.is_not(null())
            case tt.Truth(value=value):
                got = self.value(value)
                return holds(got.sql == whole(1), got)
            case tt.All(parts=every):
                return all_of([self.test(part) for part in every])
            case tt.Any_(parts=some):
                return any_of([self.test(part) for part in some])
            case tt.Not(part=part):
                return not_(self.test(part))
            case tt.Choose(condition=condition, then=then, otherwise=otherwise):
                chosen = case(
                    (self.test(condition), self._number(then)), else_=self._number(otherwise)
                )
                return chosen == whole(1)
            case tt.StepKnown() | tt.Outcome():
                raise NotInSql("it asks about a step of one journey")
            case tt.SegmentChanged():
                return self.question(test.kept)
            case tt.WindowOpen():
                raise NotInSql("whether a window is open is known at the moment of sending only")
            case (
                tt.Reachable()
                | tt.Subscribed()
                | tt.InSegment()
                | tt.InJourney()
                | tt.Messaged()
                | tt.Some()
                | tt.Every()
            ):
                return self.question(test)
            case _:
                assert_never(test)

    def _number(self, test: Test) -> ColumnElement[Any]:
        return case((self.test(test), 1), else_=0)

    # -- comparisons

    def _side(self, how: How, value: Value) -> Got:
        """A value in the form in which it is compared."""
        written = value.value if isinstance(value, tv.Constant) else None
        if written is not None and how == "folded":
            return constant(fold(written))
        if written is not None and how == "length":
            return constant(length_key(written))
        got = self.value(value)
        match how:
            case "plain" | "day":
                return got
            case "folded":
                return replace(got, sql=call("fold", got.sql))
            case "length":
                return replace(got, sql=call("in_days", got.sql))

    def _compared(self, sign: str, left: Got, right: Got, weighed: bool) -> ColumnElement[bool]:
        if weighed and (left.most is None or right.most is None):
            weight = call("compare", left.sql, right.sql)
            return holds(sign_of(sign, weight, whole(0)), left, right)
        return holds(sign_of(sign, left.sql, right.sql), left, right)

    def _wording(self, test: tt.Wording) -> ColumnElement[bool]:
        how: How = "plain" if test.exact else "folded"
        value, part = self._side(how, test.value), self._side(how, test.part)
        text, wanted = value.sql, part.sql
        match test.what:
            case "contains":
                said = call("place", text, wanted, kind=Integer) > 0
            case "starts with":
                said = func.substr(text, 1, func.length(wanted)) == wanted
            case "ends with":
                rest = func.length(text) - func.length(wanted)
                said = and_(rest >= 0, func.substr(text, rest + 1) == wanted)
            case "matches":
                said = call("matches", wanted, text) == whole(1)
            case _:
                assert_never(test.what)
        return holds(said, value, part)

    def _span(self, test: tt.Span) -> ColumnElement[bool]:
        """``time since x >= D`` is ``x + D <= now``; ``time until x >= D`` is ``x >= now + D``."""
        moment, length = self.value(test.moment), self.value(test.length)
        at = Got(now(), sure=True) if test.until else moment
        if isinstance(test.length, tv.Constant) and isinstance(test.length.value, Duration):
            moved = self.shifted(at, test.length.value, back=False)
        else:
            moved = Got(self.later(at.sql, length.sql))
        if test.until:
            return holds(sign_of(test.sign, moment.sql, moved.sql), moment, moved)
        return holds(sign_of(_MIRROR[test.sign], moved.sql, now()), moment, moved)

    def _near(self, test: tt.Near) -> ColumnElement[bool]:
        moment = self.value(test.moment)
        edge = self.shifted(Got(now(), sure=True), test.length, back=not test.ahead)
        if test.ahead:
            said = and_(now() <= moment.sql, moment.sql < edge.sql)
        else:
            said = and_(moment.sql <= now(), edge.sql < moment.sql)
        return holds(said, moment, edge)

    # -- lists

    def _among(self, test: tt.Among) -> ColumnElement[bool]:
        side = self._side(test.how, test.value)
        if isinstance(test.items, tuple):
            return any_of(
                [
                    self._compared(
                        "==", side, self._side(test.how, item), _weighed(test.how, test.value, item)
                    )
                    for item in test.items
                ]
            )
        return self._held(test.items, _beside(test.items, side, test.how), test.how)

    def _has(self, test: tt.Has) -> ColumnElement[bool]:
        known = self.value(test.value).sql.is_not(null())
        if isinstance(test.items, tuple):
            sides = [
                _beside(test.value, self._side(test.how, item), test.how) for item in test.items
            ]
            held = [self._held(test.value, side, test.how) for side in sides]
            return and_(known, all_of(held) if test.every else any_of(held))
        rows, cell = self._entries(test.items)
        wanted = self._entry(test.items, cell, test.how)
        held_entry = self._held(test.value, wanted, test.how)
        query = select(1).select_from(rows)
        if not test.every:
            return and_(known, _any_row(query.where(held_entry), rows))
        listed = self.value(test.items).sql.is_not(null())
        return and_(known, listed, not_(_any_row(query.where(not_(held_entry)), rows)))

    def _held(self, listed: Value, side: Got, how: How) -> ColumnElement[bool]:
        """Whether a list has an entry equal to ``side``."""
        rows, cell = self._entries(listed)
        entry = self._entry(listed, cell, how)
        item = _item(listed)
        weighed = isinstance(item, _NUMBERS) or how == "length"
        same = self._compared("==", entry, side, weighed)
        return _any_row(select(1).select_from(rows).where(same), rows)

    def _entries(self, listed: Value) -> tuple[Any, Cell]:
        rows = entries(self.value(listed).sql)
        return rows, Cell(rows.c.type, rows.c.value)

    def _entry(self, listed: Value, cell: Cell, how: How) -> Got:
        got = read_entry(_item(listed), cell, folded=how == "folded")
        if how == "length":
            return replace(got, sql=call("in_days", got.sql))
        if how == "day" and isinstance(_item(listed), kinds.Instant):
            return Got(call("day", cell.whole, self.zone))
        return got


def _beside(listed: Value, side: Got, how: How) -> Got:
    """A value in the form of the entries that it is compared with."""
    return side if how in ("day", "length") else entry_side(_item(listed), side, how == "folded")


def _any_row(query: Any, rows: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = exists(query.correlate_except(rows))
    return found


def _item(listed: Value) -> kinds.Kind:
    assert isinstance(listed.kind, kinds.ListOf)
    return listed.kind.item


def _weighed(how: How, left: Value, right: Value) -> bool:
    """Whether the sides are numbers, which may be written in several ways."""
    return how == "length" or isinstance(left.kind, _NUMBERS) or isinstance(right.kind, _NUMBERS)
