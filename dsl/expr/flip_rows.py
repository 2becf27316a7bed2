"""When the rows a question is about may be others: events come into windows and fall out of them."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from operator import attrgetter
from typing import Any, Literal, assert_never

from dsl import kinds
from dsl.calendar import Instant
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.context import Context, Happened
from dsl.expr.flip_courses import period_course
from dsl.expr.flip_parts import Course, Parts, Turn, When, joined, of_row, test_of, ticks
from dsl.expr.flip_search import soonest, stray_of
from dsl.expr.flip_values import Courses
from dsl.expr.timing import FIRST_INSTANT, LAST_INSTANT, back, period_start
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Rows, Window

__all__ = ["RowFlips"]

_INSTANT, _LENGTH = kinds.Instant(), kinds.Length()
_occurred = attrgetter("occurred")
_MOST_MESSAGES = 100  # whoever gets more of them in a window is asked about the latest
_CENTURIES = 4_800  # months; a window as long as this has no beginning


class RowFlips(Courses):
    """Says of questions about rows when they may have another answer."""

    @abstractmethod
    def compared(self, how: How, left: Course, right: Course) -> When:
        """When the order of two values may change."""

    # -- questions

    def rows(self, rows: Rows) -> When:
        if isinstance(rows, tv.Items):
            return self._entries(rows, None)
        return _any_row(rows, self._parts(rows))

    def some(self, test: tt.Some) -> When:
        """One row that is counted keeps ``did`` true; a count may change with any row."""
        rows, follow = test.rows, test.followed
        if isinstance(rows, tv.Items):
            return self._entries(rows, None)
        parts = self._parts(rows)
        if follow is None:
            return _any_row(rows, parts) if test.times else _one_row(rows, parts)
        own = _any_row(rows, parts)
        if not ticks(follow.where):
            return own
        following = self.rows(tv.Events(follow.event, follow.where))
        return lambda c: soonest(own(c), following(c))

    def every(self, test: tt.Every) -> When:
        """Any row may be another one, or pass another way."""
        rows = test.rows
        if isinstance(rows, tv.Items):
            return self._entries(rows, test.test)
        own = _any_row(rows, self._parts(rows))
        passing = _any_row(tv.Events(rows.event), self._asked(test.test))
        return lambda c: soonest(own(c), passing(c)) if ticks(test.test) else own(c)

    def messaged(self, test: tt.Messaged) -> When:
        """Messages fall out of windows as events do; open ones stay."""
        assert test.window is not None
        parts, edges = self._window(test.window), self._edges(test.window)

        def when(context: Context) -> Instant | None:
            now = context.now

            def found(start: Instant, end: Instant) -> bool:
                asked = (test.channel, test.category, test.journey)
                return context.facts.messaged(*asked, start, end, context)

            if found(now, now):  # an open one, whatever the window is
                return soonest(*((edge.step or edge.turn)(context) for edge in edges))
            sent = [Happened("", at, at, 0, {}) for at in _instants(found)]
            return _while_counted(parts, sent, context)

        return when

    def _entries(self, rows: tv.Items, each: Test | None) -> When:
        listed = self.course(rows.items).settled()
        tests = [test for test in (rows.where, each) if ticks(test)]
        parts = [part for test in tests if test is not None for part in self._asked(test)]

        def when(context: Context) -> Instant | None:
            ahead = copy(context)
            found = [listed.turn(context)]
            for item in listed.value(context) or () if parts else ():
                if isinstance(item, dict):
                    ahead.candidate = Happened("", 0, 0, 0, item)
                    found += [turn.when(ahead) for _, turn in parts if turn is not None]
            return soonest(*found)

        return when

    # -- what makes a row count

    def _parts(self, rows: tv.Events) -> Parts:
        where = [] if rows.where is None else self._asked(rows.where)
        window = [] if rows.window is None else self._window(rows.window)
        return [*where, *window]

    def _asked(self, test: Test) -> Parts:
        asked = of_row(test)
        return [(test_of(asked), self.turn(asked))]

    def _window(self, window: Window) -> Parts:
        """A window as tests of the time of the row."""
        time, now = tv.TimeOf("candidate"), tv.Now()
        started: tuple[Literal["<", "<="], Any, Any] = ("<=", time, now)
        match window:
            case tv.Last(length=length) if abs(length.months) + length.days // 28 > _CENTURIES:
                return self._compares(started)
            case tv.Last(length=length):
                edge = tv.Arithmetic(_INSTANT, "-", now, tv.Constant(_LENGTH, length))
                return self._compares(started, ("<", edge, time))
            case tv.Since(moment=moment):
                return self._compares(("<=", moment, time), started)
            case tv.SinceEntry():
                return self._compares(("<=", tv.Entry(), time), started)
            case tv.Before(moment=moment):
                return self._compares(("<", time, moment))
            case tv.Range(low=low, high=high):
                return self._compares(("<=", low, time), ("<", time, high))
            case tv.WithinAfter(length=length, moment=moment):
                edge = tv.Arithmetic(_INSTANT, "+", moment, tv.Constant(_LENGTH, length))
                return self._compares(("<=", moment, time), ("<", time, edge))
            case tv.Period(name="yesterday"):
                return [self._begun("yesterday", begun=True), self._begun("today", begun=False)]
            case tv.Period(name=name):
                return [self._begun(name, begun=True), *self._compares(started)]
            case _:
                assert_never(window)

    def _compares(self, *sides: tuple[Literal["<", "<="], Any, Any]) -> Parts:
        tests = [tt.Compare(sign, "plain", left, right) for sign, left, right in sides]
        return [(test_of(test), self.turn(test)) for test in tests]

    def _begun(
        self, name: Literal["today", "yesterday", "week", "month", "year"], *, begun: bool
    ) -> tuple[Callable[[Context], bool], Turn]:
        """Whether a row is of a period that began, or before it."""
        start = period_course(name)
        time = self.course(tv.TimeOf("candidate"))

        def holds(context: Context) -> bool:
            edge = start.value(context)
            assert context.candidate is not None
            return edge is not None and (context.candidate.occurred >= edge) is begun

        return holds, Turn(holds, self.compared("plain", start, time))

    def _edges(self, window: Window) -> list[Course]:
        match window:
            case tv.Since(moment=moment) | tv.Before(moment=moment):
                moments = [moment]
            case tv.WithinAfter(moment=moment):
                moments = [moment]
            case tv.Range(low=low, high=high):
                moments = [low, high]
            case _:
                moments = []
        return [self.course(moment) for moment in moments]


# --------------------------------------------------------------------------------------- rows


def _while_counted(parts: Parts, rows: Iterable[Happened], context: Context) -> Instant | None:
    """When it may change whether any row is counted. The rows come latest first."""
    ahead = copy(context)
    found: list[Instant | None] = []
    for row in rows:
        ahead.candidate = row
        at = joined(parts, ahead, every=True)
        if all(holds(ahead) for holds, _ in parts):
            return at
        found.append(at)
    return soonest(*found)


def _one_row(rows: tv.Events, parts: Parts) -> When:
    return lambda c: _while_counted(parts, _within_reach(rows, c), c)


def _any_row(rows: tv.Events, parts: Parts) -> When:
    """When any row may begin or cease to be counted."""

    def when(context: Context) -> Instant | None:
        ahead = copy(context)
        found: list[Instant | None] = []
        for row in _within_reach(rows, context):
            ahead.candidate = row
            found.append(joined(parts, ahead, every=True))
        return soonest(*found)

    return when


def _within_reach(rows: tv.Events, context: Context) -> Iterator[Happened]:
    """The rows whose standing may still change, latest first."""
    events = context.history.get(rows.event, ())
    low = 0
    match rows.window:
        case tv.Last(length=length):
            edge = back(context.now, length, context) - stray_of(length, context)
            low = bisect_left(events, edge, key=_occurred)
        case tv.Period(name=name):
            start = period_start(name, context)
            low = 0 if start is None else bisect_left(events, start, key=_occurred)
        case _:
            pass
    for at in range(len(events) - 1, low - 1, -1):
        yield events[at]


def _instants(found: Callable[[Instant, Instant], bool]) -> list[Instant]:
    """Every instant at which there is something, latest first."""
    instants: list[Instant] = []
    end = LAST_INSTANT
    while len(instants) < _MOST_MESSAGES and found(FIRST_INSTANT, end):
        low, high = FIRST_INSTANT, end  # there is one in [low, end), and none in [high, end)
        while high - low > 1:
            middle = (low + high) // 2
            if found(middle, end):
                low = middle
            else:
                high = middle
        instants.append(low)
        end = low
    return instants
