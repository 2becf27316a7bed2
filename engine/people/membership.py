"""Why somebody is in a segment, or is not: each condition, with what it was judged by. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple, get_args

from dsl import kinds
from dsl.calendar import Duration, Instant, to_datetime
from dsl.explain.rules import Wording
from dsl.explain.values import constant_words
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.context import Context
from dsl.expr.flip_parts import test_of, value_of
from dsl.machine import Segment
from engine.core.program import Program
from engine.core.standing import Standing
from engine.store.view import PersonView

__all__ = ["Judged", "Measured", "judge"]

_WHOLE = kinds.Whole()
_VALUES = get_args(tv.Value)


class Measured(NamedTuple):
    """A value that a condition asks about: what it is called, in words and for programs.
    ``personal``: the tracking plan says so of something that it is made of.
    """

    name: str
    words: str
    value: Any
    personal: bool = False


class Judged(NamedTuple):
    """A condition, in the words of ``wayline explain``, and whether it holds. ``join`` says how its
    ``parts`` belong together: all, any, not, segment; or nothing, if it has none.
    """

    condition: str
    holds: bool
    join: str = ""
    values: tuple[Measured, ...] = ()
    parts: tuple[Judged, ...] = ()


def judge(segment: Segment, program: Program, view: PersonView, now: Instant) -> Judged:
    """One person and one segment. ``view`` has the history that ``program.read_by`` names."""
    live = {run.id: run for run in view.runs if run.status == "live"}
    standing = Standing(program, view.profile, live, view.history)
    try:
        judging = _Judging(program, standing.context(now))
        return judging.test(segment.who.meaning)
    finally:
        standing.part()


class _Judging:
    """Asks one context. A segment that a segment asks about is opened as well; there is no circle,
    the compiler has seen to that.
    """

    def __init__(self, program: Program, context: Context) -> None:
        self._segments: Mapping[str, Segment] = program.project.segments
        self._words = Wording(program.project.plan)
        self._plan = program.project.plan
        self._context = context

    def test(self, meaning: Any) -> Judged:
        """A part of a rule."""
        test: tt.Test = meaning
        holds = bool(test_of(test)(self._context))
        words = self._words.test(test)
        match test:
            case tt.All():
                return Judged(words, holds, "all", (), tuple(map(self.test, test.parts)))
            case tt.Any_():
                return Judged(words, holds, "any", (), tuple(map(self.test, test.parts)))
            case tt.Not():
                return Judged(words, holds, "not", (), (self.test(test.part),))
            case tt.InSegment() if test.segment in self._segments:
                inner = self.test(self._segments[test.segment].who.meaning)
                return Judged(words, holds, "segment", (), (inner,))
            case _:
                return Judged(words, holds, "", tuple(self._measured(test)))

    def _measured(self, test: tt.Test) -> Iterator[Measured]:
        """What a condition without parts was judged by. What is written in the rule says nothing."""
        if isinstance(test, tt.Some | tt.Every) and isinstance(test.rows, tv.Events):
            yield self._value(tv.Aggregate(_WHOLE, "count", test.rows, None))
            return
        if isinstance(test, tt.SegmentChanged):
            yield self._value(tv.Aggregate(_WHOLE, "count", test.kept.rows, None))
            return
        for each in fields(test):
            part = getattr(test, each.name)
            if _is_value(part) and not isinstance(part, tv.Constant | tv.WallTime):
                yield self._value(part)

    def _value(self, value: tv.Value) -> Measured:
        found = value_of(value)(self._context)
        return Measured(
            self._words.value(value),
            _in_words(value.kind, found),
            _for_programs(value.kind, found),
            self._is_personal(value),
        )

    def _is_personal(self, part: Any) -> bool:
        match part:
            case tv.Aggregate(how="count"):
                return False
            case tv.Stored(root="profile", name=name):
                field = self._plan.attributes.get(name)
                return field is not None and field.personal
            case tv.Stored(root="row", name=name):
                events = self._plan.events.values()
                known = (each.properties.get(name) for each in events)
                return any(field is not None and field.personal for field in known)
            case tuple():
                return any(map(self._is_personal, part))
            case _ if is_dataclass(part):
                return any(self._is_personal(getattr(part, each.name)) for each in fields(part))
            case _:
                return False


def _is_value(part: object) -> bool:
    return hasattr(part, "kind") and isinstance(part, _VALUES)


def _in_words(kind: kinds.Kind, value: Any) -> str:
    if isinstance(kind, kinds.Instant) and isinstance(value, int):
        return f"{to_datetime(value):%Y-%m-%d %H:%M} UTC"
    return "unknown" if value is None else constant_words(kind, value)


def _for_programs(kind: kinds.Kind, value: Any) -> Any:
    """A value as JSON has it: amounts in the smallest unit, moments as people write them."""
    match value:
        case None | bool() | str():
            return value
        case Decimal() | Duration():
            return constant_words(kind, value) if isinstance(value, Duration) else str(value)
        case int():
            is_moment = isinstance(kind, kinds.Instant)
            return to_datetime(value).isoformat().replace("+00:00", "Z") if is_moment else value
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            inner = kind.item if isinstance(kind, kinds.ListOf) else kind
            return [_for_programs(inner, each) for each in value]
        case _:
            return str(value)
