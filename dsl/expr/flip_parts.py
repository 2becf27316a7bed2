"""What the search for flips is made of: how values move, and when tests turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, NamedTuple, TypeAlias

from dsl.calendar import Instant
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.context import Context
from dsl.expr.emit import Program
from dsl.expr.emit_rows import Emitter
from dsl.expr.flip_search import NO_STRAY, Stray, soonest
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Value

__all__ = [
    "STILL",
    "Course",
    "Motion",
    "NotForetold",
    "Parts",
    "Turn",
    "When",
    "joined",
    "of_row",
    "still",
    "test_of",
    "ticks",
    "value_of",
]

When: TypeAlias = Callable[[Context], Instant | None]
"""An instant after now before which something does not change; None is never."""


class NotForetold(Exception):
    """No instant can be told before which the rule does not change."""


class Motion(NamedTuple):
    """Where a value is going as time goes by: -1 down, 1 up, 0 nowhere; and how far it strays."""

    way: int
    stray: Stray = NO_STRAY


STILL = Motion(0)


@dataclass(frozen=True, slots=True)
class Course:
    """How a value changes by itself.

    ``motion`` is what holds until ``turn``; None means that only ``step`` is known, the next
    change of any kind. A value that ``slides`` has no next change, it changes all the time.
    If it is ``even``, it goes a microsecond with every microsecond, but for what it ``strays``.
    """

    value: Callable[[Context], Any]
    turn: When
    motion: Callable[[Context], Motion] | None
    step: When | None
    even: bool = False
    strays: bool = False

    def __post_init__(self) -> None:
        if (self.slides and self.motion is None) or (self.strays and not self.even):
            raise NotForetold

    @property
    def slides(self) -> bool:
        """Whether it changes all the time."""
        return self.step is None

    @property
    def is_still(self) -> bool:
        """Whether it goes nowhere between two turns."""
        return self.motion is _nowhere

    def settled(self) -> Course:
        """The same value, standing still from step to step."""
        if self.step is None:
            raise NotForetold
        return Course(self.value, self.step, _nowhere, self.step, even=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """A test, and when it may change by itself."""

    holds: Callable[[Context], bool]
    when: When


def _never(context: Context) -> None:
    """It does not change."""


def _nowhere(context: Context) -> Motion:
    return STILL


def still(value: Callable[[Context], Any]) -> Course:
    """A value that does not change by itself."""
    return Course(value, _never, _nowhere, _never, even=True)


# -------------------------------------------------------------------------------------- code


def value_of(value: Value) -> Callable[[Context], Any]:
    """The value as code, which is made when it is first needed."""

    def make() -> Callable[[Context], Any]:
        program = Program()
        body = Emitter(program)
        body.define("value", "c", [f"return {body.or_none(body.take(value))}"], [])
        return program.compile("value", "flip")

    return _when_needed(make)


def test_of(test: Test) -> Callable[[Context], bool]:
    """The test as code, which is made when it is first needed."""

    def make() -> Callable[[Context], Any]:
        program = Program()
        body = Emitter(program)
        body.define("rule", "c", [f"return {body.test(test)}"], [])
        return program.compile("rule", "flip")

    return _when_needed(make)


def _when_needed(make: Callable[[], Callable[[Context], Any]]) -> Callable[[Context], Any]:
    made: list[Callable[[Context], Any]] = []

    def call(context: Context) -> Any:
        if not made:
            made.append(make())
        return made[0](context)

    return call


# -------------------------------------------------------------------------------------- trees

_TICKING = (tv.Now, tv.Day, tv.Elapsed, tv.Last, tv.Since, tv.SinceEntry, tv.Period)


def ticks(node: object) -> bool:
    """Whether the meaning of ``node`` depends on what time it is."""
    if isinstance(node, tuple):
        return any(ticks(part) for part in node)
    if isinstance(node, (*_TICKING, tt.Near, tt.Span, tt.WindowOpen)):
        return True
    if isinstance(node, tv.Call) and node.function in ("age", "anniversary"):
        return True
    if not is_dataclass(node) or isinstance(node, type):
        return False
    return any(ticks(getattr(node, part.name)) for part in fields(node) if part.name != "kind")


def of_row(node: Any) -> Any:
    """The same meaning, asked of the event or item in ``Context.candidate``."""
    match node:
        case tuple():
            return tuple(of_row(part) for part in node)
        case tv.Stored(root="row"):
            return replace(node, root="candidate")
        case tv.TimeOf(what="row"):
            return replace(node, what="candidate")
        case tv.Items(items=items):  # its own rows are others
            return replace(node, items=of_row(items))
        case tv.Aggregate() | tv.Pick() | tt.Some() | tt.Every():
            return replace(node, rows=of_row(node.rows))
        case _ if is_dataclass(node) and not isinstance(node, type):
            changed = {
                part.name: of_row(getattr(node, part.name))
                for part in fields(node)
                if part.name != "kind"
            }
            return replace(node, **changed)
        case _:
            return node


# -------------------------------------------------------------------------------------- logic

Parts: TypeAlias = Sequence[tuple[Callable[[Context], bool], Turn | None]]
"""Tests that belong together, with their turns."""


def joined(parts: Parts, context: Context, *, every: bool) -> Instant | None:
    """When ``and`` (or ``or``) over the parts may change: ``and`` is no as long as one part stays
    no, and yes while all stay yes.
    """
    deciding: list[Instant | None] = []
    others: list[Instant | None] = []
    for holds, turn in parts:
        decides = holds(context) is not every
        if turn is None:
            if decides:
                return None
            continue
        (deciding if decides else others).append(turn.when(context))
    if not deciding:
        return soonest(*others)
    found = [at for at in deciding if at is not None]
    return max(found) if len(found) == len(deciding) else None
