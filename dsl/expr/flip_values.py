"""How values change by themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from dsl import kinds
from dsl.expr import typed_value as tv
from dsl.expr.check_values import is_number
from dsl.expr.context import Context
from dsl.expr.flip_courses import (
    ahead,
    birthday,
    day_after,
    difference,
    either,
    local_day,
    midnight,
    never,
    one_moving,
    onward,
    settled_steps,
    staying,
    stepping,
    steps_of,
    straying,
    times,
    together,
)
from dsl.expr.flip_parts import (
    Course,
    NotForetold,
    Turn,
    When,
    still,
    ticks,
    value_of,
)
from dsl.expr.flip_search import first_change, soonest
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Rows, Value

__all__ = ["Courses"]


class Courses(ABC):
    """Gives every value its course."""

    @abstractmethod
    def turn(self, test: Test) -> Turn | None:
        """When a test may change by itself; None if it never does."""

    @abstractmethod
    def rows(self, rows: Rows) -> When:
        """When the rows that are meant may be others."""

    def course(self, value: Value) -> Course:
        """How a value changes by itself."""
        if not ticks(value):
            return still(value_of(value))
        match value:
            case tv.Now():
                return Course(value_of(value), never, ahead, None, even=True)
            case tv.Day():
                return Course(value_of(value), never, ahead, midnight)
            case tv.DayStart(value=inner):
                begin = self.course(inner)
                return onward(value, begin, begin.motion)
            case tv.DayOf(value=tv.Now()):
                return Course(value_of(value), never, ahead, midnight)
            case tv.DayOf(value=inner):
                return local_day(value, self.course(inner))
            case tv.Arithmetic():
                return self._arithmetic(value)
            case tv.Negative(value=inner):
                course = self.course(inner)
                return onward(value, course, times(course, -1), even=course.even)
            case tv.Elapsed(moment=moment, until=until):
                sides = (self.course(moment), self.course(tv.Now()))
                one, other = sides if until else (sides[1], sides[0])
                return difference(value, one, other)
            case tv.Call():
                return self._call(value)
            case tv.OrElse(value=first, default=default):
                return self._or_else(value, self.course(first), self.course(default))
            case tv.IfElse():
                return self._if_else(value)
            case tv.Answer(test=test):
                turn = self.turn(test)
                return stepping(value, never if turn is None else turn.when)
            case tv.Aggregate(rows=rows) | tv.Pick(rows=rows):
                return stepping(value, self.rows(rows))
            case tv.Column(items=items):
                return stepping(value, steps_of(self.course(items)))
            case _:
                raise NotForetold

    # -- what is calculated

    def _arithmetic(self, value: tv.Arithmetic) -> Course:
        left, right = self.course(value.left), self.course(value.right)
        one, other = value.left.kind, value.right.kind
        back = -1 if value.sign == "-" else 1
        if isinstance(one, kinds.Length) and isinstance(other, kinds.Date | kinds.Instant):
            return self._moved(value, right, left, 1, value.left)
        if isinstance(one, kinds.Date | kinds.Instant) and isinstance(other, kinds.Length):
            return self._moved(value, left, right, back, value.right)
        if isinstance(one, kinds.Date | kinds.Instant):
            return difference(value, left, right)
        left, right = one_moving(left, right)
        if isinstance(value.kind, kinds.Length) and value.sign == "*":
            number = left if is_number(one) else right
            if not number.is_still:
                raise NotForetold
        match value.sign:
            case _ if left.motion is None or right.motion is None:
                return stepping(value, steps_of(left, right))
            case "+" | "-":
                moving = either(left, times(right, back))
            case "*" if left.is_still:
                moving = times(right, left)
            case "*":
                moving = times(left, right)
            case _ if right.is_still:
                moving = times(left, right)
            case _:
                return stepping(value, steps_of(left, right))
        return together(value, left, right, moving)

    def _moved(
        self, value: tv.Arithmetic, at: Course, by: Course, back: int, length: Value
    ) -> Course:
        """A moment and a length."""
        if at.slides and by.slides:
            raise NotForetold
        if not by.slides:
            by = by.settled()
        elif at.motion is not None:
            at = at.settled()
        exact = isinstance(length, tv.Constant) and length.value is not None and length.value.exact
        if isinstance(value.kind, kinds.Date):  # dates run on, whatever is added to them
            return together(value, at, by, at.motion)
        if by.slides:
            moving = straying(times(by, back), by)
            return together(value, at, by, moving, even=by.even, strays=True)
        if exact or at.is_still:
            return together(value, at, by, at.motion, even=at.even, strays=at.strays)
        if not at.slides:
            return stepping(value, steps_of(at, by))
        return together(value, at, by, straying(at.motion, by), even=at.even, strays=True)

    # -- choices

    def _or_else(self, value: tv.OrElse, one: Course, other: Course) -> Course:
        if not (one.slides or other.slides):
            return stepping(value, steps_of(one, other))
        one, other = settled_steps(one), settled_steps(other)

        def chosen(context: Context) -> Course:
            return other if one.value(context) is None else one

        return Course(
            value_of(value),
            lambda c: soonest(one.turn(c), chosen(c).turn(c)),
            lambda c: (chosen(c).motion or staying)(c),
            None,
            even=one.even and other.even,
            strays=one.strays or other.strays,
        )

    def _if_else(self, value: tv.IfElse) -> Course:
        condition = self.turn(value.condition)
        begin: When = never if condition is None else condition.when
        one, other = self.course(value.then), self.course(value.otherwise)
        if not (one.slides or other.slides):
            steps = steps_of(one, other)
            return stepping(value, lambda c: soonest(begin(c), steps(c)))
        one, other = settled_steps(one), settled_steps(other)
        asked = self.holds(value.condition)

        def chosen(context: Context) -> Course:
            return one if asked(context) else other

        return Course(
            value_of(value),
            lambda c: soonest(begin(c), chosen(c).turn(c)),
            lambda c: (chosen(c).motion or staying)(c),
            None,
            even=one.even and other.even,
            strays=one.strays or other.strays,
        )

    @abstractmethod
    def holds(self, test: Test) -> Callable[[Context], bool]:
        """The test as code."""

    # -- functions

    def _call(self, value: tv.Call) -> Course:
        courses = [self.course(argument) for argument in value.arguments]
        first = courses[0]
        match value.function:
            case "age" | "anniversary" if ticks(value.arguments[0]):
                steps = steps_of(first)
                return stepping(value, lambda c: soonest(steps(c), midnight(c)))
            case "age":
                return Course(value_of(value), never, ahead, birthday(first))
            case "anniversary":
                return Course(value_of(value), never, ahead, day_after(first))
            case "date":
                return first
            case "hour" if first.slides and not first.strays:
                hour = value_of(value)
                return stepping(
                    value, lambda c: soonest(first.turn(c), first_change(hour, c, first.turn(c)))
                )
            case "in_days" | "round" | "floor" | "ceil" | "year" if all(
                course.is_still for course in courses[1:]
            ):
                return onward(value, first, first.motion)
            case _:
                return stepping(value, steps_of(*courses))
