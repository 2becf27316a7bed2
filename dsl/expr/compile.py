"""Text to compiled rules, formulas, lengths, moments and channels: the door of this package.

Every function returns None if the author made a mistake, and then ``found`` says which. What it
returns never raises, whatever a person's data looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsl import kinds
from dsl.diagnostics import Diagnostic
from dsl.expr import moments, tree
from dsl.expr.check import Checker, Row, by_people, properties_of
from dsl.expr.context import Context
from dsl.expr.emit import Program
from dsl.expr.emit_rows import Emitter
from dsl.expr.ends import ends_of
from dsl.expr.fitting import Misfit, fit
from dsl.expr.flips import flip_of
from dsl.expr.missing import warn_missing
from dsl.expr.moment_search import (
    compile_best,
    compile_days,
    compile_fixed,
    compile_time,
    compile_window,
)
from dsl.expr.parse import parse
from dsl.expr.scope import Scope
from dsl.expr.small_forms import (
    read_blocked,
    read_cap,
    read_duration,
    read_reentry,
    read_rounds,
    read_schedule,
    read_span,
)
from dsl.expr.speech import say_one
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Value
from dsl.kinds import Kind
from dsl.machine import Choice, Formula, Moment, Rule
from dsl.plan import SEEN, Event
from dsl.source import Text

__all__ = [
    "compile_choice",
    "compile_event",
    "compile_formula",
    "compile_length",
    "compile_moment",
    "compile_rule",
    "compile_target",
    "compile_where",
    "read_blocked",
    "read_cap",
    "read_duration",
    "read_reentry",
    "read_rounds",
    "read_schedule",
    "read_span",
]


def compile_rule(
    text: Text, scope: Scope, found: list[Diagnostic], *, exclusion: bool = False
) -> Rule | None:
    """A rule. ``exclusion`` says that it keeps people out, for the warnings on missing data."""
    checked = _checked(text, scope, found)
    if checked is None:
        return None
    node, checker, test = checked
    warn_missing(node, checker, exclusion=exclusion)
    return _rule(checker, test, str(text))


def compile_target(
    text: Text, scope: Scope, found: list[Diagnostic]
) -> tuple[Rule, tuple[Formula, ...]] | None:
    """What a split learns: a rule, and the instants after which its answer stays what it is."""
    checked = _checked(text, scope, found)
    if checked is None:
        return None
    node, checker, test = checked
    warn_missing(node, checker)
    ends = ends_of(test)
    if ends is None:
        hint = "Say until when it counts: did purchase within 7 days after <id of the split>"
        message = (
            "What the split learns from has no end, so nobody could ever count as not reached."
        )
        checker.error("S12", node, message, hint)
        return None
    instant, reads = kinds.Instant(), checker.reads.frozen()
    return _rule(checker, test, str(text), foretold=False), tuple(
        Formula(str(text), text.place, instant, reads, _function(checker, end), end) for end in ends
    )


def compile_where(text: Text, event: Event, scope: Scope, found: list[Diagnostic]) -> Rule | None:
    """A rule over the properties of one event, which stands in ``Context.candidate``."""
    node = parse(text, "rule", found)
    if node is None:
        return None
    checker = Checker(text, scope, found)
    checker.row = Row(properties_of(event), event, "candidate")
    test = checker.test(node)
    whole = None if test is None else by_people(event, test, "candidate")
    return None if whole is None else _rule(checker, whole, str(text), foretold=False)


def compile_event(
    name: Text, where: Text | None, event: Event, scope: Scope, found: list[Diagnostic]
) -> Rule | None:
    """Which events called ``name`` are meant: those for which ``where`` holds; opens and clicks by
    machines only where it asks for them.
    """
    if where is None and event.name in SEEN:
        where = Text.of('by is not "machine"', name.path, name.line, name.column)
    return None if where is None else compile_where(where, event, scope, found)


def compile_formula(
    text: Text, scope: Scope, found: list[Diagnostic], expect: Kind | None = None
) -> Formula | None:
    """A formula, without its "="; of the kind ``expect``, if that is given."""
    node = parse(text, "value", found)
    return None if node is None else _formula(text, scope, found, node, expect)


def compile_length(text: Text, scope: Scope, found: list[Diagnostic]) -> Formula | None:
    """A formula whose value is a ``Duration``."""
    node = parse(text, "length", found)
    return None if node is None else _formula(text, scope, found, node, kinds.Length())


def compile_choice(text: Text, scope: Scope, found: list[Diagnostic]) -> Choice | None:
    """A channel, with the rule under which it may be used."""
    node = parse(text, "channel_choice", found)
    if node is None:
        return None
    assert isinstance(node, moments.ChannelChoice)
    checker = Checker(text, scope, found)
    channel = checker.known_channel(node.channel)
    test = None if node.when is None else checker.test(node.when)
    if channel is None:
        return None
    if node.when is None:
        return Choice(channel, None)
    if test is None:
        return None
    warn_missing(node.when, checker)
    return Choice(channel, _rule(checker, test, text[node.when.start : node.when.end]))


def compile_moment(text: Text, scope: Scope, found: list[Diagnostic]) -> Moment | Rule | None:
    """A moment; a condition gives a ``Rule``."""
    node = parse(text, "moment", found)
    checker = Checker(text, scope, found)
    match node:
        case None:
            return None
        case moments.At():
            return _moment_of_value(node, checker)
        case moments.OnDays(days=days, clock=clock):
            checker.reads.clock = True
            search = compile_days(days, clock)
            return Moment(str(text), text.place, checker.reads.frozen(), search, node)
        case moments.TimeWindow(days=days, low=low, high=high):
            checker.reads.clock = True
            search = compile_window(days, low, high)
            return Moment(str(text), text.place, checker.reads.frozen(), search, node)
        case moments.BestTime(channel=word, within=within):
            channel = None if word is None else checker.known_channel(word)
            if word is not None and channel is None:
                return None
            checker.reads.times.add(channel or "")
            search = compile_best(channel, within.value)
            reads = checker.reads.frozen()
            return Moment(str(text), text.place, reads, search, node, within.value)
        case _:
            raise AssertionError(node)


def _moment_of_value(node: moments.At, checker: Checker) -> Moment | Rule | None:
    text = checker.text
    value = checker.value(node.value)
    if value is None:
        return None
    if isinstance(value.kind, kinds.YesNo) and node.clock is None:
        test = checker.test(node.value)
        assert test is not None
        warn_missing(node.value, checker)
        return _rule(checker, test, str(text))
    match value.kind:
        case kinds.Instant() | kinds.Date():
            search = compile_fixed(_function(checker, value), node.clock)
        case kinds.TimeOfDay() if node.clock is None:
            checker.reads.clock = True
            search = compile_time(_function(checker, value))
        case kind:
            hint = "For a length of time use: wait" if isinstance(kind, kinds.Length) else None
            checker.error(
                "T13", node.value, f"Here stands a moment, but this is {say_one(kind)}.", hint
            )
            return None
    return Moment(str(text), text.place, checker.reads.frozen(), search, value)


def _formula(
    text: Text, scope: Scope, found: list[Diagnostic], node: tree.Node, expect: Kind | None
) -> Formula | None:
    checker = Checker(text, scope, found)
    value = checker.value(node)
    if value is None:
        return None
    if expect is not None:
        fitted = fit(value, expect)
        if isinstance(fitted, Misfit):
            code, message, hint = fitted
            checker.error(code, node, message, hint)
            return None
        value = fitted
    kind = value.kind if expect is None else expect
    reads = checker.reads.frozen()
    return Formula(str(text), text.place, kind, reads, _function(checker, value), value)


def _checked(
    text: Text, scope: Scope, found: list[Diagnostic]
) -> tuple[tree.Node, Checker, Test] | None:
    """A rule as it is written, who has checked it, and what it asks; None if that is wrong."""
    node = parse(text, "rule", found)
    if node is None:
        return None
    checker = Checker(text, scope, found)
    test = checker.test(node)
    return None if test is None else (node, checker, test)


def _rule(checker: Checker, test: Test, words: str, *, foretold: bool = True) -> Rule:
    """The rule as code. When it may flip is told of rules about a person, not about an event."""
    program = Program()
    body = Emitter(program)
    body.define("rule", "c", [f"return {body.test(test)}"], [])
    place = checker.text.place
    holds = program.compile("rule", place)
    flips = flip_of(test) if foretold else None
    return Rule(words, place, checker.reads.frozen(), holds, flips=flips, meaning=test)


def _function(checker: Checker, value: Value) -> Callable[[Context], Any]:
    program = Program()
    body = Emitter(program)
    body.define("value", "c", [f"return {body.or_none(body.take(value))}"], [])
    return program.compile("value", checker.text.place)
