"""Attributes computed from events: formulas of the tracking plan, taken apart into tallies.

What a formula may say is what can be kept up to date by events alone, in whatever order they come
and without asking the clock: so no windows, no attributes, and nothing of anybody's calendar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from dsl import kinds
from dsl.computed import Computed, How, Tally
from dsl.diagnostics import Diagnostic
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.compile import compile_formula
from dsl.expr.emit import Program
from dsl.expr.emit_rows import Emitter
from dsl.expr.scope import Scope
from dsl.files.reading import error
from dsl.fingerprint import fingerprint
from dsl.plan import Field, TrackingPlan
from dsl.source import Text

__all__ = ["WrittenFormula", "check_told", "with_computed", "written_formula"]

_WHOLE = kinds.Whole()
_CLOCK = "A computed attribute cannot depend on when, or where, it is asked for."
_ONLY_EVENTS = "A computed attribute can only ask about events."
_NAMES_ELSEWHERE = frozenset({"N09", "N10", "N11", "N12", "N13"})
_SAY_IN_RULE = "Say it in the rule that needs it."
_ORDERED = (kinds.Number, kinds.Whole, kinds.Money, kinds.Instant, kinds.Date, kinds.TimeOfDay)

_OF_THE_MOMENT = (
    tv.Now,
    tv.Day,
    tv.DayStart,
    tv.DayOf,
    tv.WallTime,
    tv.Elapsed,
    tt.Near,
    tt.Span,
)
_OF_THE_PERSON = (
    tt.Reachable,
    tt.WindowOpen,
    tt.Subscribed,
    tt.InSegment,
    tt.SegmentChanged,
    tt.InJourney,
    tt.Messaged,
)
_FLAG = re.compile(r",\s*(personal|sensitive)\s*\Z", re.IGNORECASE)
_LOCAL = frozenset({"age", "anniversary", "weekday", "hour", "date", "format_money"})


class WrittenFormula(NamedTuple):
    """A formula without its "=", and what is said of the attribute behind it."""

    text: Text
    personal: bool = False
    sensitive: bool = False


def written_formula(text: Text) -> WrittenFormula:
    """Takes a formula and what is said behind it apart."""
    flags: set[str] = set()
    while (flag := _FLAG.search(text)) is not None:
        flags.add(flag[1].lower())
        text = text.part(0, flag.start())
    sensitive = "sensitive" in flags
    return WrittenFormula(text.trimmed(), sensitive or "personal" in flags, sensitive)


def with_computed(
    plan: TrackingPlan, written: Mapping[str, WrittenFormula], found: list[Diagnostic]
) -> TrackingPlan:
    """The plan with those of its attributes that are formulas."""
    made: dict[str, Computed] = {}
    attributes = dict(plan.attributes)
    numbers = {name: Field(name, kinds.Number()) for name in written}  # so that they are known
    known = replace(plan, attributes=MappingProxyType({**attributes, **numbers}))
    for name, (text, personal, sensitive) in written.items():
        cut = _Cut(text.place)
        computed = _compile(name, text, known, cut, found)
        if computed is None:
            continue
        made[name] = computed
        attributes[name] = Field(
            name,
            computed.kind,
            _is_never_missing(computed),
            personal or any(_is_personal(plan, *each) for each in cut.said),
            sensitive,
            formula=computed.text,
        )
    return replace(plan, attributes=MappingProxyType(attributes), computed=MappingProxyType(made))


def check_told(name: Text, field: Field, found: list[Diagnostic]) -> bool:
    """Whether an attribute is one that somebody can set."""
    if not field.formula:
        return True
    message = f'"{name}" is computed, so nobody sets it.'
    hint = f"It is {field.formula}; so it follows from the events."
    found.append(error("S23", name.span(), message, hint))
    return False


def _is_personal(plan: TrackingPlan, event: str, name: str) -> bool:
    field = plan.events[event].properties.get(name)
    return field is not None and field.personal


def _compile(
    name: str, text: Text, plan: TrackingPlan, cut: _Cut, found: list[Diagnostic]
) -> Computed | None:
    own: list[Diagnostic] = []
    formula = compile_formula(text, Scope(plan, owner="A computed attribute"), own)
    elsewhere = next((each for each in own if each.code in _NAMES_ELSEWHERE), None)
    if elsewhere is not None:
        found.append(error("S22", elsewhere.span, _ONLY_EVENTS, _SAY_IN_RULE))
        return None
    found += own
    if formula is None:
        return None
    try:
        value = cut.whole(formula.meaning)
    except _CannotBe as trouble:
        found.append(error("S22", text.span(), trouble.message, trouble.hint))
        return None
    function = _function(value, text.place)
    return Computed(
        name, str(text), text.place, formula.kind, tuple(cut.tallies.values()), function
    )


def _is_never_missing(computed: Computed) -> bool:
    """A number of events, or a sum: 0 if there are none."""
    whole, *others = computed.tallies
    return not others and whole.how in ("count", "sum") and computed.of({whole.key: 0}) == 0


class _CannotBe(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class _Cut:
    """Takes what asks about events out of a typed tree, and puts variables there. ``said`` are the
    properties, each with its event, of which values can be seen in what comes of it.
    """

    def __init__(self, place: str) -> None:
        self.tallies: dict[str, Tally] = {}
        self.said: set[tuple[str, str]] = set()
        self._place = place

    def whole(self, meaning: Any) -> Any:
        """A formula that asks about events somewhere."""
        value = self.value(meaning)
        if not self.tallies:
            raise _CannotBe(
                "This asks about no event.",
                "For example: = count of order. What is always the same needs no formula.",
            )
        return value

    def value(self, part: Any) -> Any:
        """The same tree, with tallies in the place of questions about events."""
        match part:
            case tv.Aggregate(how="average", rows=tv.Events(), of=of, kind=kind):
                assert of is not None
                total = self._tally("sum", replace(part, how="sum", kind=of.kind))
                known = self._tally("count", tv.Aggregate(_WHOLE, "count", part.rows, of))
                return tv.Arithmetic(kind, "/", total, known)
            case tv.Aggregate(how="unique", rows=tv.Events()):
                raise _CannotBe(
                    "All the different values would have to be kept for each person.",
                    "Ask for them in the rule.",
                )
            case tv.Aggregate(how="count" | "sum" | "lowest" | "highest" as how, rows=tv.Events()):
                return self._tally(how, part)
            case tv.Pick(rows=tv.Events(), last=last):
                return self._tally("last" if last else "first", part)
            case tt.Some(rows=tv.Events() as rows, times=times, followed=None):
                counted = self._tally("count", tv.Aggregate(_WHOLE, "count", rows, None))
                if times is None:
                    return tt.Compare(">=", "plain", counted, tv.Constant(_WHOLE, 1))
                return tt.Compare(times[0], "plain", counted, tv.Constant(_WHOLE, times[1]))
            case _:
                self._refuse(part)
                return self._inside(part)

    def _inside(self, part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(self.value(each) for each in part)
        if is_dataclass(part) and not isinstance(part, type):
            return replace(
                part, **{each.name: self.value(getattr(part, each.name)) for each in fields(part)}
            )
        return part

    def _refuse(self, part: Any) -> None:
        """Raises for what does not hang on events alone."""
        match part:
            case tv.Stored(root="profile", name=name):
                raise _CannotBe(
                    f'A computed attribute cannot use the attribute "{name}".',
                    "Only events. What they have in common can be written in the rule.",
                )
            case tv.Arithmetic(kind=kinds.Instant()):
                raise _CannotBe(_CLOCK, _SAY_IN_RULE)
            case tv.Call(function=function, arguments=(first, *_)) if (
                function in _LOCAL and not isinstance(first.kind, kinds.TimeOfDay)
            ):
                raise _CannotBe(f"{function}(...) depends on where somebody is.", _SAY_IN_RULE)
            case tv.Events() | tt.Some(rows=tv.Events()) | tt.Every(rows=tv.Events()):
                raise _CannotBe(
                    "This compares events with each other, which cannot be kept up to date.",
                    _SAY_IN_RULE,
                )
            case tt.Among(how="day") | tt.Has(how="day"):
                raise _CannotBe(_CLOCK, _SAY_IN_RULE)
            case _ if isinstance(part, _OF_THE_MOMENT):
                raise _CannotBe(_CLOCK, _SAY_IN_RULE)
            case _ if isinstance(part, _OF_THE_PERSON):
                raise _CannotBe(_ONLY_EVENTS, _SAY_IN_RULE)
            case _:
                pass

    def _tally(self, how: How, part: tv.Aggregate | tv.Pick) -> tv.Stored:
        """Keeps what ``part`` asks; a variable that stands for it."""
        rows, of = part.rows, part.of
        assert isinstance(rows, tv.Events)
        if rows.window is not None:
            raise _CannotBe(
                "What is in a window changes by itself, and this is only computed when something"
                " happens.",
                f"Ask in the rule that needs it: count of {rows.event} in the last 30 days",
            )
        inside = _Cut(self._place)
        for asked in (rows.where, of):
            inside.value(asked)
        if inside.tallies:
            inside._refuse(rows)
        kind = _WHOLE if how == "count" else part.kind
        if how in ("lowest", "highest") and not isinstance(kind, _ORDERED):
            raise _CannotBe("There is no lowest or highest of these.", "Ask for it in the rule.")
        if how in ("lowest", "highest", "first", "last") and isinstance(kind, kinds.Length):
            raise _CannotBe("Lengths of time cannot be kept.", _SAY_IN_RULE)
        if how != "count":
            self.said |= {(rows.event, name) for name in _properties(of)}
        key = fingerprint((how, part))[:12]
        if key not in self.tallies:
            count = tv.Aggregate(_WHOLE, "count", rows, None)
            self.tallies[key] = Tally(
                key,
                rows.event,
                how,
                kind,
                _function(count, self._place),
                _function(part, self._place),
            )
        return tv.Stored(kind, "variable", key)


def _properties(part: Any) -> Iterator[str]:
    """The properties of an event that a value is made of."""
    if isinstance(part, tv.Stored) and part.root == "row":
        yield part.name
    elif isinstance(part, tuple):
        for each in part:
            yield from _properties(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _properties(getattr(part, field.name))


def _function(value: Any, place: str) -> Callable[..., Any]:
    program = Program()
    body = Emitter(program)
    body.define("value", "c", [f"return {body.or_none(body.take(value))}"], [])
    return program.compile("value", place)
