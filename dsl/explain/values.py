"""Values in words: what a formula says, read from its typed tree."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any, assert_never

from dsl import kinds
from dsl.calendar import Duration
from dsl.currencies import minor_units
from dsl.explain.phrases import (
    clock_words,
    joined,
    length_words,
    plain,
    plural_of,
    singular_of,
)
from dsl.expr import typed_value as tv
from dsl.kinds import Kind
from dsl.plan import Event, TrackingPlan

__all__ = ["Values", "constant_words"]

_SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_FUNCTIONS = {
    "age": "the age by {0}",
    "anniversary": "the anniversary of {0}",
    "weekday": "the weekday of {0}",
    "length": "the length of {0}",
    "round": "{0}, rounded",
}


class Values:
    """Writes values. What tests say is written by a subclass."""

    def __init__(self, plan: TrackingPlan) -> None:
        self.plan = plan

    def test(self, test: Any) -> str:
        """A test as it stands in a list: ``no purchase in the last 30 days``."""
        raise NotImplementedError

    def clause(self, test: Any) -> str:
        """A test as it stands in a sentence: ``there has been no purchase ...``."""
        raise NotImplementedError

    def event(self, name: str) -> Event:
        """The event of this name."""
        return self.plan.events.get(name) or Event(name=name, source=name)

    def value(self, value: tv.Value) -> str:
        """A value as a noun."""
        match value:
            case tv.Constant():
                return constant_words(value.kind, value.value)
            case tv.WallTime():
                return f"{value.moment:%Y-%m-%d %H:%M}"
            case tv.Stored():
                return self._stored(value)
            case tv.Column():
                return f"{plain(value.path[-1])} of each of {self.value(value.items)}"
            case tv.StepPart():
                return f"the {value.part} of {value.step}"
            case tv.TimeOf():
                return "the time of the trigger" if value.what == "trigger" else "its time"
            case tv.Entry():
                return "entry"
            case tv.Now():
                return "now"
            case tv.Day():
                return {-1: "yesterday", 0: "today", 1: "tomorrow"}[value.offset]
            case tv.DayStart() | tv.DayOf():
                return self.value(value.value)
            case tv.Arithmetic(right=length) if isinstance(length.kind, kinds.Length) and (
                value.sign in "+-" and not isinstance(value.left.kind, kinds.Length)
            ):
                side = "after" if value.sign == "+" else "before"
                return f"{self._side(length)} {side} {self.value(value.left)}"
            case tv.Arithmetic():
                left = self._side(value.left, value.sign)
                return f"{left} {_SIGNS[value.sign]} {self._side(value.right)}"
            case tv.Negative():
                return f"minus {self._side(value.value)}"
            case tv.Call():
                return self._call(value)
            case tv.OrElse():
                return f"{self._side(value.value)} (or {self.value(value.default)} if unknown)"
            case tv.IfElse():
                then, other = self.value(value.then), self.value(value.otherwise)
                return f"{then} if {self.clause(value.condition)}, else {other}"
            case tv.Elapsed():
                return f"the time {'until' if value.until else 'since'} {self.value(value.moment)}"
            case tv.Answer():
                return f"whether {self.clause(value.test)}"
            case tv.Aggregate():
                return self._aggregate(value)
            case tv.Pick():
                which = "last" if value.last else "first"
                of = "time" if isinstance(value.of, tv.TimeOf) else self.value(value.of)
                return f"the {of} of the {which} {self.rows(value.rows, one=True)}"
            case _ as unreachable:
                assert_never(unreachable)

    def rows(self, rows: tv.Rows, *, one: bool = False) -> str:
        """Events or entries with what is asked of them and the time looked at."""
        if isinstance(rows, tv.Events):
            event = self.event(rows.event)
            noun = singular_of(event) if one else plural_of(event)
        else:
            noun = f"{'entry' if one else 'entries'} of {self.value(rows.items)}"
        return f"{noun}{self.where(rows)}{self.window(rows)}"

    def where(self, rows: tv.Rows) -> str:
        """What is asked of each row, with a blank before it; nothing if nothing is."""
        return "" if rows.where is None else self.asked(self.test(rows.where))

    def asked(self, clause: str) -> str:
        """What is asked of an event, behind its name."""
        return f" of {clause}" if clause.startswith("the same ") else f" ({clause})"

    def window(self, rows: tv.Rows) -> str:
        """The time that is looked at, with a blank before it."""
        window = rows.window if isinstance(rows, tv.Events) else None
        return "" if window is None else f" {self.span(window)}"

    def span(self, window: tv.Window) -> str:
        """A window of time."""
        match window:
            case tv.Last():
                return f"in the last {length_words(window.length)}"
            case tv.Since():
                return f"since {self.value(window.moment)}"
            case tv.SinceEntry():
                return "after entry"
            case tv.Before():
                return f"before {self.value(window.moment)}"
            case tv.Range():
                return f"between {self.value(window.low)} and {self.value(window.high)}"
            case tv.WithinAfter():
                return f"within {length_words(window.length)} after {self.value(window.moment)}"
            case tv.Period():
                return window.name if "day" in window.name else f"this {window.name}"
            case _ as unreachable:
                assert_never(unreachable)

    def _stored(self, value: tv.Stored) -> str:
        words = plain(" ".join((value.name, *value.path)))
        match value.root:
            case "trigger":
                return f"the trigger's {words}"
            case "step":
                return f"the {plain(' '.join(value.path))} of {value.name}"
            case _:
                return words

    def _side(self, value: tv.Value, sign: str = "") -> str:
        """One side of a calculation; in brackets if it is one itself."""
        words = self.value(value)
        if isinstance(value, tv.Arithmetic) and value.sign == sign:
            return words
        return f"({words})" if isinstance(value, tv.Arithmetic | tv.IfElse) else words

    def _call(self, value: tv.Call) -> str:
        arguments = [self.value(one) for one in value.arguments]
        form = _FUNCTIONS.get(value.function)
        if form is not None:
            return form.format(*arguments)
        return f"the {plain(value.function)} of {joined(arguments, 'and')}"

    def _aggregate(self, value: tv.Aggregate) -> str:
        rows = self.rows(value.rows)
        of = "" if value.of is None else self.value(value.of)
        match value.how:
            case "count":
                return f"the number of {rows}"
            case "sum":
                return f"the sum of {of} over all {rows}"
            case "unique":
                return f"the different values of {of} among all {rows}"
            case how:
                return f"the {how} {of} of all {rows}"


def constant_words(kind: Kind, value: Any) -> str:
    """A value that is written in the journey."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case Duration():
            return length_words(value)
        case time():
            return clock_words(value)
        case date():
            return value.isoformat()
        case int() | Decimal() if isinstance(kind, kinds.Money):
            amount = Decimal(value).scaleb(-minor_units(kind.currency)).normalize()
            return f"{amount:f} {kind.currency}"
        case list() | tuple():
            inner = kind.item if isinstance(kind, kinds.ListOf) else kind
            return joined([constant_words(inner, one) for one in value], "and")
        case str() if isinstance(kind, kinds.OneOf):
            return value
        case str():
            return f'"{value}"'
        case _:
            return str(value)
