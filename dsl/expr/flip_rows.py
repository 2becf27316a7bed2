"""When the rows a question is about may be others: events come into windows and fall out of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Literal, assert_never

from dsl import kinds
from dsl.calendar import Instant
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.context import Context, Happened
from dsl.expr.flip_courses import period_course
from dsl.expr.flip_parts import Course, Parts, Turn, When, of_row, test_of, ticks
from dsl.expr.flip_search import soonest
from dsl.expr.flip_values import Courses
from dsl.expr.flip_windows import Between, each_row
from dsl.expr.timing import FIRST_INSTANT, LAST_INSTANT
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Rows, Value, Window

__all__ = ["RowFlips"]

_INSTANT, _LENGTH = kinds.Instant(), kinds.Length()
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
        return self._events(rows, one_will_do=False)

    def some(self, test: tt.Some) -> When:
        """One row that is counted keeps ``did`` true; a count may change with any row."""
        rows, follow = test.rows, test.followed
        if isinstance(rows, tv.Items):
            return self._entries(rows, None)
        own = self._events(rows, one_will_do=test.times is None and follow is None)
        if follow is None or not ticks(follow.where):
            return own
        following = self.rows(tv.Events(follow.event, follow.where))
        return lambda c: soonest(own(c), following(c))

    def every(self, test: tt.Every) -> When:
        """Any row may be another one, or pass another way."""
        rows = test.rows
        if isinstance(rows, tv.Items):
            return self._entries(rows, test.test)
        own = self._events(rows, one_will_do=False)
        if not ticks(test.test):
            return own
        passing = self.rows(tv.Events(rows.event, test.test))
        return lambda c: soonest(own(c), passing(c))

    def messaged(self, test: tt.Messaged) -> When:
        """Messages fall out of windows as events do; open ones stay."""
        assert test.window is not None
        window, edges = self._window(test.window), self._edges(test.window)

        def when(context: Context) -> Instant | None:
            now = context.now

            def found(start: Instant, end: Instant) -> bool:
                asked = (test.channel, test.category, test.journey)
                return context.facts.messaged(*asked, start, end, context)

            if found(now, now):  # an open one, whatever the window is
                return soonest(*((edge.step or edge.turn)(context) for edge in edges))
            sent = [Happened("", at, at, 0, {}) for at in _instants(found)]
            return window.changes(sent, None, context, one_will_do=True)

        return when

    def _entries(self, rows: tv.Items, each: Test | None) -> When:
        listed = self.course(rows.items).settled()
        tests = [test for test in (rows.where, each) if ticks(test)]
        parts = [part for test in tests if test is not None for part in self._asked(test)]

        def when(context: Context) -> Instant | None:
            ahead = context.another()
            found = [listed.turn(context)]
            for item in listed.value(context) or () if parts else ():
                if isinstance(item, dict):
                    ahead.candidate = Happened("", 0, 0, 0, item)
                    found += [turn.when(ahead) for _, turn in parts if turn is not None]
            return soonest(*found)

        return when

    # -- what makes a row count

    def _events(self, rows: tv.Events, *, one_will_do: bool) -> When:
        window = Between([], []) if rows.window is None else self._window(rows.window)
        name, where = rows.event, rows.where
        if where is not None and ticks(where):
            parts = [*self._asked(where), *window.begin, *window.end]
            return lambda c: each_row(c.history.get(name, ()), parts, c)
        passes = None if where is None else test_of(of_row(where))
        return lambda c: window.changes(c.history.get(name, ()), passes, c, one_will_do=one_will_do)

    def _asked(self, test: Test) -> Parts:
        asked = of_row(test)
        return [(test_of(asked), self.turn(asked))]

    def _window(self, window: Window) -> Between:
        """A window as tests of the time of the row."""
        time, now = tv.TimeOf("candidate"), tv.Now()
        started = self._compare("<=", time, now)
        match window:
            case tv.Last(length=length) if abs(length.months) + length.days // 28 > _CENTURIES:
                return Between([], started)
            case tv.Last(length=length):
                edge = tv.Arithmetic(_INSTANT, "-", now, tv.Constant(_LENGTH, length))
                return Between(self._compare("<", edge, time), started)
            case tv.Since(moment=moment):
                return Between(self._compare("<=", moment, time), started)
            case tv.SinceEntry():
                return Between(self._compare("<=", tv.Entry(), time), started)
            case tv.Before(moment=moment):
                return Between([], self._compare("<", time, moment))
            case tv.Range(low=low, high=high):
                return Between(self._compare("<=", low, time), self._compare("<", time, high))
            case tv.WithinAfter(length=length, moment=moment):
                edge = tv.Arithmetic(_INSTANT, "+", moment, tv.Constant(_LENGTH, length))
                return Between(self._compare("<=", moment, time), self._compare("<", time, edge))
            case tv.Period(name="yesterday"):
                end = self._begun("today", begun=False)
                return Between([self._begun("yesterday", begun=True)], [end])
            case tv.Period(name=name):
                return Between([self._begun(name, begun=True)], started)
            case _:
                assert_never(window)

    def _compare(self, sign: Literal["<", "<="], left: Value, right: Value) -> Parts:
        test = tt.Compare(sign, "plain", left, right)
        return [(test_of(test), self.turn(test))]

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


def _instants(found: Callable[[Instant, Instant], bool]) -> list[Instant]:
    """Every instant at which there is something, in their order."""
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
    return instants[::-1]
