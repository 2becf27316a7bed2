"""How values made of other values change by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, TypeAlias

from dsl.calendar import Instant
from dsl.expr import typed_value as tv
from dsl.expr.context import Context
from dsl.expr.flip_parts import STILL, Course, Motion, NotForetold, When, value_of
from dsl.expr.flip_search import first_change, first_crossing, soonest, stray_of
from dsl.expr.timing import anniversary, day_of, day_start, next_day, period_start
from dsl.expr.typed_value import Value

__all__ = [
    "ahead",
    "birthday",
    "day_after",
    "difference",
    "either",
    "local_day",
    "midnight",
    "never",
    "one_moving",
    "onward",
    "period_course",
    "settled_steps",
    "staying",
    "stepping",
    "steps_of",
    "straying",
    "times",
    "together",
]

Moving: TypeAlias = Callable[[Context], Motion]


def never(context: Context) -> Instant | None:
    """It does not change."""
    return None


def staying(context: Context) -> Motion:
    """It goes nowhere."""
    return STILL


def ahead(context: Context) -> Motion:
    """It only ever grows."""
    return Motion(1)


def midnight(context: Context) -> Instant | None:
    """When the next day begins."""
    tomorrow = next_day(context.now, 1, context)
    return None if tomorrow is None else day_start(tomorrow, context)


def period_course(name: Literal["today", "yesterday", "week", "month", "year"]) -> Course:
    """When a period of the calendar began."""

    def begin(context: Context) -> Instant | None:
        return period_start(name, context)

    return Course(begin, never, ahead, lambda c: first_change(begin, c, None))


def birthday(day: Course) -> When:
    """When the next year of life begins."""

    def when(context: Context) -> Instant | None:
        today, born = day_of(context.now, context), day.value(context)
        following = None if born is None else anniversary(born, context)
        if today is None or following is None:
            return None
        return day_start(following, context) if following > today else midnight(context)

    return when


def day_after(day: Course) -> When:
    """When the next anniversary is over."""

    def when(context: Context) -> Instant | None:
        begin = day.value(context)
        following = None if begin is None else anniversary(begin, context)
        try:
            over = None if following is None else following + timedelta(days=1)
        except OverflowError:
            return None
        return None if over is None else day_start(over, context)

    return when


def _sign(number: object) -> int:
    assert number is None or hasattr(number, "__gt__")
    return 0 if number is None else (number > 0) - (number < 0)  # type: ignore[operator]  # numbers


def steps_of(*courses: Course) -> When:
    """The next change of any of them."""
    settled = [course.settled() for course in courses]
    return lambda c: soonest(*(course.turn(c) for course in settled))


def stepping(value: Value, step: When) -> Course:
    """A value of which only its next change is known."""
    return Course(value_of(value), step, None, step)


def settled_steps(course: Course) -> Course:
    """The same, standing still from step to step unless it slides."""
    return course if course.slides else course.settled()


def one_moving(left: Course, right: Course) -> tuple[Course, Course]:
    """Two values, of which at most one moves between turns."""
    if left.slides and right.slides:
        raise NotForetold
    if left.slides:
        return left, right.settled()
    if right.slides:
        return left.settled(), right
    if left.is_still or right.is_still:
        return left, right
    return left.settled(), right.settled()


def onward(value: Value, course: Course, motion: Moving | None, *, even: bool = False) -> Course:
    """A value made of one other."""
    return Course(value_of(value), course.turn, motion, course.step, even, course.strays)


def together(
    value: Value,
    one: Course,
    other: Course,
    motion: Moving | None,
    *,
    even: bool = False,
    strays: bool | None = None,
) -> Course:
    """A value made of two others."""
    step = None if one.slides or other.slides else steps_of(one, other)
    if strays is None:
        strays = one.strays or other.strays
    return Course(
        value_of(value),
        step if motion is None and step else lambda c: soonest(one.turn(c), other.turn(c)),
        motion,
        step,
        even,
        strays,
    )


def times(course: Course, factor: Course | int) -> Moving | None:
    """The motion of a product or a quotient."""
    motion = course.motion
    if motion is None:
        return None

    def moving(context: Context) -> Motion:
        found = motion(context)
        way = factor if isinstance(factor, int) else _sign(factor.value(context))
        return found._replace(way=found.way * way)

    return moving


def either(left: Course, right: Moving | None) -> Moving | None:
    """The motion of the one that moves."""
    first = left.motion
    if first is None or right is None:
        return None
    return lambda c: first(c) if first(c).way else right(c)


def straying(motion: Moving | None, by: Course) -> Moving | None:
    """A motion to which a calendar length is added."""
    if motion is None:
        return None

    def moving(context: Context) -> Motion:
        length, found = by.value(context), motion(context)
        if length is None:
            return STILL
        return found._replace(stray=found.stray.and_(stray_of(length, context)))

    return moving


def difference(value: Value, one: Course, other: Course) -> Course:
    """The length of time between two moments."""
    both = one.slides and other.slides
    if not one.slides and not other.slides:
        return stepping(value, steps_of(one, other))
    one, other = settled_steps(one), settled_steps(other)
    first, second = one.motion, other.motion
    if one.strays or other.strays or first is None or second is None:
        raise NotForetold
    if both and not (one.even and other.even):
        raise NotForetold

    def moving(context: Context) -> Motion:
        return Motion(_sign(first(context).way - second(context).way))

    turn: When = lambda c: soonest(one.turn(c), other.turn(c))  # noqa: E731
    return Course(value_of(value), turn, moving, None, even=one.even and other.even and not both)


def local_day(value: tv.DayOf, inner: Course) -> Course:
    """The local day of a moment."""
    day = value_of(value)
    if not inner.slides:
        return onward(value, inner, inner.motion)
    motion = inner.motion
    assert motion is not None

    def of_straying(context: Context) -> Instant | None:
        today = day(context)
        if today is None:
            return inner.turn(context)
        here = context.another()
        edges = [day_start(today, context), day_start(today + timedelta(days=1), context)]
        found = [
            first_crossing(
                _from(inner, edge), here, motion(context).way, motion(context).stray, None
            )
            for edge in edges
            if edge is not None
        ]
        return soonest(inner.turn(context), *found)

    def of_even(context: Context) -> Instant | None:
        limit = inner.turn(context)
        return soonest(limit, first_change(day, context, limit))

    if inner.strays:
        return stepping(value, of_straying)
    return Course(day, inner.turn, motion, of_even)


def _from(course: Course, edge: Instant) -> Callable[[Context], int | None]:
    def distance(context: Context) -> int | None:
        at = course.value(context)
        return None if at is None else at - edge

    return distance
