"""Sentences put together at random, most of them nonsense: compiled or explained, never an error."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks.shop import NOW, person, scope
from dsl.diagnostics import Diagnostic, Severity
from dsl.expr.compile import (
    compile_choice,
    compile_formula,
    compile_length,
    compile_moment,
    compile_rule,
    compile_where,
)
from dsl.expr.context import Context
from dsl.machine import Moment
from dsl.source import Text
from tests.dsl.expr.asking import somebody
from tests.dsl.expr.test_properties import people

SCOPE = scope()

NAMES = [
    *SCOPE.plan.attributes,
    *("profile.country", "trigger", "trigger.items", "trigger.items.price", "trigger.value"),
    *("entry", "nudge", "nudge.channel", "nudge.time", "reply", "reply.text", "crm.cart_id"),
    *("purchase", "purchases", "purchase.total", "purchase.time", "purchase.items", "login"),
    *("cart.value", "cart.items", "cart.items.price", "event.in", "email", "vip", "nobody.x"),
    *("total", "category", "price", "in_stock", "credit_limit"),
]
LITERALS = [
    *("1", "0", "2.5", "5 EUR", "5 USD", "7 JPY", '"DE"', '""', '"a*"', "3 days", "1 month"),
    *("2 hours", "2 working days", "2026-03-01", "2026-03-01 09:00", "2026-03-01 09:00Z", "09:00"),
    *("yes", "no", "now", "today", "tomorrow", "yesterday", "90 years"),
]
WINDOWS = [
    *("", "in the last 30 days", "in the last 2 hours", "since {v}", "before {v}", "today"),
    *("between {v} and {v}", "within 3 days after {v}", "yesterday", "this month", "ever"),
    *("since entry", "in the last 2 months"),
]
VALUES = [
    *("({v} + {v})", "({v} - {v})", "({v} * {v})", "({v} / {v})", "(-{v})", "({v} or else {v})"),
    *("(if {t} then {v} else {v})", "time since {v}", "time until {v}", "round({v}, 2)"),
    *("age({v})", "anniversary({v})", "weekday({v})", "hour({v})", "date({v})", "in_days({v})"),
    *("floor({v})", "ceil({v})", "abs({v})", "length({v})", "title({v})", "trim({v})"),
    *("join({v}, {v})", "format_money({v})", "month({v})", "round({v})", "upper({v})"),
    *("(count of {n} {w})", "(sum of {n} {w})", "(average of {n} {w})", "(lowest {n} {w})"),
    *("(highest {n} where ({t}) {w})", "(unique {n} {w})", "(first {n} where ({t}) {w})"),
    *("(last {n} {w})", "({n} where ({t}) {w})", "(count of {n} where ({t}))"),
]
TESTS = [
    *("{v} is {v}", "{v} is not {v}", "{v} < {v}", "{v} >= {v}", "{v} is exactly {v}"),
    *("{v} is after {v}", "{v} is on or before {v}", "{v} contains {v}", "{v} starts with {v}"),
    *("{v} does not contain {v}", "{v} matches {v}", "{v} has {v}", "{v} does not have {v}"),
    *("{v} is between {v} and {v}", "{v} in ({v}, {v})", "{v} is none of ({v})", "{v} in {n}"),
    *("{v} has any of ({v}, {v})", "{v} has all of {n}", "{v} has none of ({v})"),
    *("{v} is within the next 3 days", "{v} is within the last 1 month", "{v} is known"),
    *("{v} is missing", "{n} is reachable", "{n} window is open", "in segment {n}", "{v}"),
    *("did {n} {w}", "did not {n} {w}", "did {n} where ({t}) at least 2 times {w}"),
    *("did {n} {w} followed by {n} within 2 days", "did {n} not followed by {n} where ({t})"),
    *("messaged on {n} {w}", "subscribed to {n}", "{n} was opened within 1 day", "({t} and {t})"),
    *("({t} or {t})", "not {t}", "any of {n} where ({t})", "all of {n} where ({t}) {w}"),
    *("none of {n} where {v} is {v}", "did {n} where {v} > {v} and {t}"),
]


@st.composite
def sentences(draw: st.DrawFn, kind: str = "t", depth: int = 4) -> str:
    if kind == "n":
        return draw(st.sampled_from(NAMES))
    if kind == "v" and (depth <= 0 or draw(st.booleans())):
        return draw(st.sampled_from(NAMES + LITERALS))
    pattern = draw(st.sampled_from({"t": TESTS, "v": VALUES, "w": WINDOWS}[kind]))
    if depth <= 0:
        pattern = {"t": "{v} is {v}", "w": "", "v": "{n}"}[kind]
    parts = pattern.replace("{", "\0{").replace("}", "}\0").split("\0")
    return "".join(
        draw(sentences(part[1], depth - 1)) if part[:1] == "{" else part for part in parts
    )


SOME = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@SOME
@given(sentences(), people())
@example("weekday(now) is 3", somebody())
@example("purchase is known", somebody())
@example("unique purchase.items has 3", somebody())
def test_any_rule_is_compiled_or_explained(text: str, who: Context) -> None:
    found: list[Diagnostic] = []
    rule = compile_rule(Text.of(text), SCOPE, found, exclusion=True)
    where = compile_where(Text.of(text), SCOPE.plan.events["purchase"], SCOPE, [])
    choice = compile_choice(Text.of(f"push if {text}"), SCOPE, [])

    assert (rule is None) == any(one.severity is Severity.ERROR for one in found)
    for compiled in (rule, where, None if choice is None else choice.when):
        if compiled is not None:
            assert compiled.holds(who) in (True, False)
            assert compiled.holds(person()) in (True, False)


@SOME
@given(sentences("v"), people())
def test_any_formula_is_compiled_or_explained(text: str, who: Context) -> None:
    found: list[Diagnostic] = []
    formula = compile_formula(Text.of(text), SCOPE, found)
    compile_length(Text.of(text), SCOPE, [])
    moment = compile_moment(Text.of(text), SCOPE, [])

    assert (formula is None) == any(one.severity is Severity.ERROR for one in found)
    if formula is not None:
        formula.value(who)
        formula.value(person())
    if isinstance(moment, Moment):
        for at in (moment.when(who, NOW), moment.when(person(), NOW)):
            assert at is None or isinstance(at, int)
