"""Values of the typed tree: what a rule means, once names and kinds are known.

Values have a kind; tests are yes or no for everybody. It holds no word of the author's that is
not a name of the project or a constant, so code and SQL can be made from it, and the instants at
which it may change by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dsl import kinds
from dsl.calendar import Duration
from dsl.kinds import Kind

if TYPE_CHECKING:
    from dsl.expr.typed_test import Test

__all__ = [
    "Aggregate",
    "Answer",
    "Arithmetic",
    "Before",
    "Call",
    "Column",
    "Constant",
    "Day",
    "DayOf",
    "DayStart",
    "Elapsed",
    "Entry",
    "Events",
    "IfElse",
    "Items",
    "Last",
    "Negative",
    "Now",
    "OrElse",
    "Period",
    "Pick",
    "Range",
    "Root",
    "Rows",
    "Since",
    "SinceEntry",
    "StepPart",
    "Stored",
    "TimeOf",
    "Value",
    "WallTime",
    "Window",
    "WithinAfter",
]


_INSTANT = kinds.Instant()
_DATE = kinds.Date()
_LENGTH = kinds.Length()
_YESNO = kinds.YesNo()

# ------------------------------------------------------------------------------------ values

Root: TypeAlias = Literal["profile", "trigger", "row", "candidate", "variable", "step"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the rule; None is always missing."""

    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True)
class WallTime:
    """A day and a time of day on the recipient's clock."""

    moment: datetime
    kind: Kind = _INSTANT


@dataclass(frozen=True, slots=True)
class Stored:
    """An attribute, a property, a variable or part of what a step left behind.

    ``path`` leads on into records; ``row`` is the event or item under test.
    """

    kind: Kind
    root: Root
    name: str
    path: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One field of every record in a list: ``trigger.items.price``."""

    kind: kinds.ListOf
    items: Value
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepPart:
    """What the engine remembers of a step."""

    kind: Kind
    step: str
    part: Literal["time", "channel", "path", "round"]


@dataclass(frozen=True, slots=True)
class TimeOf:
    """When the trigger, or the event under test, happened."""

    what: Literal["trigger", "row", "candidate"]
    kind: Kind = _INSTANT


@dataclass(frozen=True, slots=True)
class Entry:
    """The moment of entering."""

    kind: Kind = _INSTANT


@dataclass(frozen=True, slots=True)
class Now:
    """The instant of the input being processed."""

    kind: Kind = _INSTANT


@dataclass(frozen=True, slots=True)
class Day:
    """Yesterday, today or tomorrow in the recipient's zone."""

    offset: int
    kind: Kind = _DATE


@dataclass(frozen=True, slots=True)
class DayStart:
    """A date as an instant: its start in the recipient's zone."""

    value: Value
    kind: Kind = _INSTANT


@dataclass(frozen=True, slots=True)
class DayOf:
    """An instant as the local day it falls on."""

    value: Value
    kind: Kind = _DATE


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+ - * /``; what it does follows from the kinds of its sides."""

    kind: Kind
    sign: Literal["+", "-", "*", "/"]
    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class Negative:
    """``-x``."""

    kind: Kind
    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the closed list."""

    kind: Kind
    function: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OrElse:
    """``default`` when ``value`` is missing."""

    kind: Kind
    value: Value
    default: Value


@dataclass(frozen=True, slots=True)
class IfElse:
    """One of two values."""

    kind: Kind
    condition: Test
    then: Value
    otherwise: Value


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The exact time since a moment, or until it."""

    moment: Value
    until: bool
    kind: Kind = _LENGTH


@dataclass(frozen=True, slots=True)
class Answer:
    """A test as a value: yes or no, never missing."""

    test: Test
    kind: Kind = _YESNO


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A number (or the list of different values) of rows. ``of`` None counts the rows."""

    kind: Kind
    how: Literal["count", "sum", "average", "lowest", "highest", "unique"]
    rows: Rows
    of: Value | None


@dataclass(frozen=True, slots=True)
class Pick:
    """A value of the first or last row."""

    kind: Kind
    last: bool
    rows: Rows
    of: Value


Value: TypeAlias = (
    Constant
    | WallTime
    | Stored
    | Column
    | StepPart
    | TimeOf
    | Entry
    | Now
    | Day
    | DayStart
    | DayOf
    | Arithmetic
    | Negative
    | Call
    | OrElse
    | IfElse
    | Elapsed
    | Answer
    | Aggregate
    | Pick
)

# ------------------------------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class Last:
    """(now - length, now]."""

    length: Duration


@dataclass(frozen=True, slots=True)
class Since:
    """[moment, now]."""

    moment: Value


@dataclass(frozen=True, slots=True)
class SinceEntry:
    """After the triggering event, up to now."""


@dataclass(frozen=True, slots=True)
class Before:
    """Everything before a moment."""

    moment: Value


@dataclass(frozen=True, slots=True)
class Range:
    """[low, high)."""

    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class WithinAfter:
    """[moment, moment + length)."""

    length: Duration
    moment: Value


@dataclass(frozen=True, slots=True)
class Period:
    """A day, week, month or year of the recipient's calendar, up to now; or yesterday, whole."""

    name: Literal["today", "yesterday", "week", "month", "year"]


Window: TypeAlias = Last | Since | SinceEntry | Before | Range | WithinAfter | Period


@dataclass(frozen=True, slots=True)
class Events:
    """Events of the person, in their order."""

    event: str
    where: Test | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """Entries of a list; each is a record whose fields ``where`` asks about."""

    items: Value
    where: Test | None = None


Rows: TypeAlias = Events | Items
