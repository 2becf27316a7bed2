"""SQL for questions about rows: events of the person, entries of a list.

Every window becomes bounds on the time of an event. Where a bound depends on the person's
calendar, a constant one stands beside it that is never stricter, for the index.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)

from dsl import kinds
from dsl.calendar import DAY, HOUR
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.timing import reach
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Rows, Value, Window
from dsl.sql.called import call, entries, gathered
from dsl.sql.numerals import length_text
from dsl.sql.pieces import ONE_JOURNEY, Cell, Got, NotInSql, holds, now, sign_of, whole
from dsl.sql.truths import Truths
from dsl.sql.writer import Source

__all__ = ["RowQuestions"]

_MANY = 2**40  # more rows than one person has
_DAYS = {"today": 1, "yesterday": 2, "week": 7, "month": 31, "year": 366}
_MARGIN = 50 * HOUR  # a zone can go over the date line, and every day can be 25 hours long


class RowQuestions(Truths):
    """Aggregates, picks and existence."""

    # -- rows

    def source(self, rows: Rows, *, of: Value | None = None) -> Source:
        """The rows meant by ``rows``."""
        if isinstance(rows, tv.Items):
            source = self._entries_of(rows, plain=of is None and rows.where is None)
        else:
            source = self._events(rows.event)
            if rows.window is not None and source.time is not None:
                source = _only(source, *self.window(rows.window, source.time))
        if rows.where is not None:
            with self.inside(source):
                source = _only(source, self.test(rows.where))
        return source

    def _events(self, name: str) -> Source:
        rows = self.tables.events.alias()
        c = rows.c
        meant = (c.person == self.person, c.name == literal(name, Text()))
        return Source(rows, meant, (c.occurred, c.number), c.properties, time=c.occurred)

    def _entries_of(self, rows: tv.Items, *, plain: bool) -> Source:
        listed = self.value(rows.items).sql
        each = entries(listed)
        cell = Cell(each.c.type, each.c.value)
        kind = rows.items.kind
        record = isinstance(kind, kinds.ListOf) and isinstance(kind.item, kinds.Record)
        meant = (cell.type == "object",) if record and not plain else ()
        return Source(each, meant, (each.c.key, each.c.key), cell.record, cell)

    # -- windows

    def window(self, window: Window, time: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The bounds a window sets to the time of an event. They may be NULL, and then no row is
        meant, as ``where`` has it; so the index can use them as they are.
        """
        start, end = self.edges(window)
        outer, surely = _reach(window), _surely(window)
        bounds: list[ColumnElement[bool]] = []
        if outer is not None:
            bounds.append(time > now() - whole(outer))
        if end is not None:
            bounds.append(time < end.sql)
        if start is not None and surely is not None:
            # The calendar is only asked about what is near the edge.
            bounds.append(or_(time > now() - whole(surely), time >= start.sql))
        elif start is not None:
            bounds.append(time >= start.sql)
        return bounds

    def edges(self, window: Window) -> tuple[Got | None, Got | None]:
        """A window as [start, end). Instants are whole, so (now - D, now] is one, too."""
        until_now = Got(now() + whole(1), sure=True)
        match window:
            case tv.Last(length=length) if length.exact:
                return Got(now() - whole(length.micros - 1), sure=True), until_now
            case tv.Last(length=length):
                written = literal(length_text(length), Text())
                edge = call("back", now(), written, self.zone, self.holidays, kind=BigInteger)
                return Got(edge + whole(1), sure=True), until_now
            case tv.Since(moment=moment):
                return self.value(moment), until_now
            case tv.Before(moment=moment):
                return None, self.value(moment)
            case tv.Range(low=low, high=high):
                return self.value(low), self.value(high)
            case tv.WithinAfter(length=length, moment=moment):
                start = self.value(moment)
                return start, self.shifted(start, length, back=False)
            case tv.Period(name="yesterday"):
                return self._period("yesterday"), self._period("today")
            case tv.Period(name=name):
                return self._period(name), until_now
            case tv.SinceEntry():
                raise NotInSql(ONE_JOURNEY)
            case _:
                assert_never(window)

    def _period(self, name: str) -> Got:
        return Got(call("period", literal(name, Text()), now(), self.zone, kind=BigInteger))

    # -- questions

    def question(self, test: Test) -> ColumnElement[bool]:
        match test:
            case tt.Some():
                return self._some(test)
            case tt.Every(rows=rows, test=each):
                source = self.source(rows, of=tv.Now())
                with self.inside(source):
                    fails = not_(self.test(each))
                return and_(_there(source), not_(_there(_only(source, fails))))
            case _:
                return self.fact(test)

    def fact(self, test: Test) -> ColumnElement[bool]:
        """SQL for what the store knows beside attributes and events."""
        raise AssertionError(test)

    def _some(self, test: tt.Some) -> ColumnElement[bool]:
        source = self.source(test.rows)
        if test.followed is not None:
            source = _only(source, self._followed(test.followed, source))
        if test.times is None:
            return _there(source)
        sign, count = test.times
        return sign_of(sign, _query(source, func.count()).scalar_subquery(), whole(count))

    def _followed(self, follow: tt.Follow, source: Source) -> ColumnElement[bool]:
        assert source.time is not None
        later = self._events(follow.event)
        time = later.time
        assert time is not None
        later = _only(later, time > source.time)
        if follow.within is not None:
            edge = self.shifted(Got(source.time, sure=True), follow.within, back=False)
            later = _only(later, holds(time <= edge.sql, edge))
        if follow.where is not None:
            with self.inside(later):
                later = _only(later, self.test(follow.where))
        found = _there(later)
        return not_(found) if follow.negated else found

    # -- numbers

    def measure(self, value: Value) -> Got:
        match value:
            case tv.Aggregate(how="count", of=None, rows=rows):
                counted = _query(self.source(rows), func.count()).scalar_subquery()
                return Got(counted, sure=True, most=_MANY)
            case tv.Aggregate(rows=rows, of=of):
                assert of is not None
                source = self.source(rows, of=of)
                with self.inside(source):
                    got = self.value(of)
                return self._aggregate(value, source, got)
            case tv.Pick(rows=rows, of=of, last=last):
                source = self.source(rows, of=of)
                with self.inside(source):
                    got = self.value(of)
                order = [part.desc() if last else part.asc() for part in source.order]
                picked = _query(source, got.sql).order_by(*order).limit(1)
                return Got(picked.scalar_subquery(), most=got.most)
            case _:
                raise AssertionError(value)

    def _aggregate(self, value: tv.Aggregate, source: Source, got: Got) -> Got:
        """The whole of 64 bits is added in two halves, which cannot run over."""

        def of(result: ColumnElement[Any]) -> ColumnElement[Any]:
            return _query(source, result).scalar_subquery()

        high = func.sum(got.sql.op(">>")(literal(32, Integer())))
        low = func.sum(got.sql.op("&")(whole(2**32 - 1)))
        match value.how:
            case "count":
                return Got(of(func.count(got.sql)), sure=True, most=_MANY)
            case "sum" if got.most is not None:
                nothing = func.coalesce(of(call("whole", high, low)), 0)
                return Got(nothing, sure=True)
            case "average" if got.most is not None:
                total = call("whole", high, low)
                return Got(of(call("calculate", literal("/", Text()), total, func.count(got.sql))))
            case "lowest" if _plain_order(value.kind, got):
                return Got(of(func.min(got.sql)), most=got.most)
            case "highest" if _plain_order(value.kind, got):
                return Got(of(func.max(got.sql)), most=got.most)
            case "unique":
                assert value.of is not None
                kind = "whole" if got.most is not None else _called(value.of.kind)
                return Got(of(gathered("unique", got.sql, source.order, kind)))
            case "sum":
                return Got(func.coalesce(of(gathered("sum", got.sql, source.order)), 0), sure=True)
            case how:
                return Got(of(gathered(how, got.sql, source.order)))


def _reach(window: Window) -> int | None:
    """How far back a window reaches at most, in every zone; None if that is not known, or is no
    help.
    """
    match window:
        case tv.Last(length=length):
            limits = reach(length)
            return None if limits is None else limits[1]
        case tv.Period(name=name):
            return _DAYS[name] * DAY + _MARGIN
        case _:
            return None


def _surely(window: Window) -> int | None:
    """How far back a window reaches at least, in every zone; None if that is not known."""
    limits = reach(window.length) if isinstance(window, tv.Last) else None
    return None if limits is None or not isinstance(window, tv.Last) else limits[0]


def _plain_order(kind: kinds.Kind, got: Got) -> bool:
    """Whether the database orders the values as we do."""
    numbers = kinds.Number | kinds.Whole | kinds.Money
    return got.most is not None or not isinstance(kind, numbers)


def _called(kind: kinds.Kind) -> str:
    match kind:
        case kinds.Text():
            return "text"
        case kinds.Number() | kinds.Whole() | kinds.Money():
            return "number"
        case kinds.YesNo():
            return "yes/no"
        case kinds.Length():
            return "length"
        case _:
            return "plain"


def _only(source: Source, *tests: ColumnElement[bool]) -> Source:
    return replace(source, where=(*source.where, *tests))


def _query(source: Source, what: Any) -> Select[Any]:
    """A query about rows, beside whatever query it stands in."""
    query = select(what).select_from(source.rows).where(*source.where)
    return query.correlate_except(source.rows)


def _there(source: Source) -> ColumnElement[bool]:
    return exists(_query(source, literal(1)))
