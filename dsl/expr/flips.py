"""When a rule may change by itself (language reference, section 4.6): the next instant at which it
is worth asking again.

It may be too early, and then one asks again; it is never too late. What others decide (segments,
reachability, consent) is taken to stay as it is: their rules have instants of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

from dsl import kinds
from dsl.calendar import Instant
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.arithmetic import length_key
from dsl.expr.context import Context
from dsl.expr.flip_parts import (
    Course,
    Motion,
    NotForetold,
    Turn,
    When,
    joined,
    test_of,
    ticks,
)
from dsl.expr.flip_rows import RowFlips
from dsl.expr.flip_search import first_change, first_crossing, soonest
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Value

__all__ = ["flip_of", "may_flip"]

_MOST_LOOKS = 24
_INSTANT, _LENGTH = kinds.Instant(), kinds.Length()


def may_flip(test: Test) -> bool:
    """Whether the rule may change as time passes, and nothing else happens."""
    return ticks(test)


def flip_of(test: Test) -> Callable[[Context], Instant | None] | None:
    """The earliest instant after now at which the rule may have changed, or None if that is never
    while nothing else happens. No function, if it never is for anybody, or if no instant can be
    told (``may_flip`` says which): then the rule is to be asked whenever there is an occasion.
    """
    try:
        turn = _Flips().turn(test)
    except NotForetold:
        return None
    return None if turn is None else _looking_ahead(turn)


def _looking_ahead(turn: Turn) -> Callable[[Context], Instant | None]:
    """Goes on over instants at which nothing has changed."""

    def flip(context: Context) -> Instant | None:
        ahead = context.another()
        before, at = turn.holds(context), None
        for _ in range(_MOST_LOOKS):
            at = turn.when(ahead)
            if at is None:
                return None
            ahead.now = at = max(at, ahead.now + 1)
            if turn.holds(ahead) is not before:
                return at
        return at

    return flip


class _Flips(RowFlips):
    """Says of every test when it may change."""

    def turn(self, test: Test) -> Turn | None:
        if not ticks(test):
            return None
        return Turn(test_of(test), self._when(test))

    def holds(self, test: Test) -> Callable[[Context], bool]:
        return test_of(test)

    def _when(self, test: Test) -> When:
        match test:
            case tt.Compare(how=how, left=left, right=right):
                return self.compared(how, self.course(left), self.course(right))
            case tt.Span():
                return self._when(_as_compare(test))
            case tt.Near():
                return self._when(_as_compares(test))
            case tt.Between(how=how, value=value, low=low, high=high):
                middle = self.course(value)
                ends = [self.compared(how, middle, self.course(end)) for end in (low, high)]
                return lambda c: soonest(*(end(c) for end in ends))
            case tt.Among(how=how, value=value, items=items):
                return self._listed(how, value, items)
            case tt.Has(value=value, items=items):
                every = (value, *items) if isinstance(items, tuple) else (value, items)
                return self._settled(every)
            case tt.Wording(value=value, part=part):
                return self._settled((value, part))
            case tt.Truth(value=value):
                return self._settled((value,))
            case tt.Known(value=value):
                course = self.course(value)
                return course.step or course.turn
            case tt.All(parts=parts):
                return self._joined(parts, every=True)
            case tt.Any_(parts=parts):
                return self._joined(parts, every=False)
            case tt.Not(part=part):
                return self._when(part)
            case tt.Choose(condition=condition, then=then, otherwise=otherwise):
                return self._choose(condition, then, otherwise)
            case tt.WindowOpen():
                open_ = test_of(test)
                return lambda c: first_change(open_, c, None)
            case tt.Messaged():
                return self.messaged(test)
            case tt.Some():
                return self.some(test)
            case tt.SegmentChanged():
                return self.some(test.kept)
            case tt.Every():
                return self.every(test)
            case (
                tt.StepKnown()
                | tt.Reachable()
                | tt.Subscribed()
                | tt.InSegment()
                | tt.InJourney()
                | tt.Outcome()
            ):
                raise AssertionError(test)  # does not tick
            case _:
                assert_never(test)

    # -- comparisons

    def compared(self, how: How, left: Course, right: Course) -> When:
        """When the order of two values may change."""
        if not left.slides and not right.slides and not (left.motion and right.motion):
            one, other = left.settled(), right.settled()
            return lambda c: soonest(one.turn(c), other.turn(c))
        if left.slides != right.slides:
            left, right = (side if side.slides else side.settled() for side in (left, right))
        even, strays = left.even and right.even, left.strays or right.strays
        both = not (left.is_still or right.is_still)
        if strays and not even:
            raise NotForetold
        if both and not even:
            if left.slides:
                raise NotForetold
            left = left.settled()
        first, second = left.motion or _stays, right.motion or _stays
        state, distance = _order(how, left, right), _distance(left, right)
        straight = even and how == "plain"  # instants, then

        def when(context: Context) -> Instant | None:
            limit = soonest(left.turn(context), right.turn(context))
            one, other = first(context), second(context)
            slope, stray = one.way - other.way, one.stray.and_(other.stray)
            if not slope and not stray.ever:
                return limit
            if straight:
                found = first_crossing(distance, context, slope, stray, limit)
            else:
                found = first_change(state, context, limit)
            return soonest(limit, found)

        return when

    def _settled(self, values: tuple[Value, ...]) -> When:
        courses = [self.course(value).settled() for value in values]
        return lambda c: soonest(*(course.turn(c) for course in courses))

    def _listed(self, how: How, value: Value, items: tuple[Value, ...] | Value) -> When:
        if not isinstance(items, tuple):
            return self._settled((value, items))
        side = self.course(value)
        parts = [self.compared(how, side, self.course(item)) for item in items]
        return lambda c: soonest(*(part(c) for part in parts))

    # -- logic

    def _joined(self, parts: tuple[Test, ...], *, every: bool) -> When:
        made = [(test_of(part), self.turn(part)) for part in parts]
        return lambda c: joined(made, c, every=every)

    def _choose(self, condition: Test, then: Test, otherwise: Test) -> When:
        asked, holds = self.turn(condition), test_of(condition)
        one, other = self.turn(then), self.turn(otherwise)

        def when(context: Context) -> Instant | None:
            chosen = one if holds(context) else other
            return soonest(
                None if asked is None else asked.when(context),
                None if chosen is None else chosen.when(context),
            )

        return when


def _stays(context: Context) -> Motion:
    return Motion(0)


def _distance(left: Course, right: Course) -> Callable[[Context], int | None]:
    def distance(context: Context) -> int | None:
        one, other = left.value(context), right.value(context)
        return None if one is None or other is None else int(one - other)

    return distance


def _order(how: How, left: Course, right: Course) -> Callable[[Context], int]:
    """How two values stand to each other: before, the same, after; 2 if one is missing."""

    def order(context: Context) -> int:
        one: Any = left.value(context)
        other: Any = right.value(context)
        if one is None or other is None:
            return 2
        if how == "length":
            one, other = length_key(one), length_key(other)
        return int(one > other) - int(one < other)

    return order


def _as_compare(test: tt.Span) -> tt.Compare:
    """``time since x >= D`` is ``x + D <= now``; ``time until x >= D`` is ``x >= now + D``."""
    mirrored: dict[str, Any] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
    begin: Value = tv.Now() if test.until else test.moment
    reached = tv.Arithmetic(_INSTANT, "+", begin, test.length)
    if test.until:
        return tt.Compare(test.sign, "plain", test.moment, reached)
    return tt.Compare(mirrored[test.sign], "plain", reached, tv.Now())


def _as_compares(test: tt.Near) -> tt.All:
    length, moment = tv.Constant(_LENGTH, test.length), test.moment
    if test.ahead:
        edge = tv.Arithmetic(_INSTANT, "+", tv.Now(), length)
        begin = tt.Compare("<=", "plain", tv.Now(), moment)
        return tt.All((begin, tt.Compare("<", "plain", moment, edge)))
    edge = tv.Arithmetic(_INSTANT, "-", tv.Now(), length)
    begin = tt.Compare("<=", "plain", moment, tv.Now())
    return tt.All((begin, tt.Compare("<", "plain", edge, moment)))
