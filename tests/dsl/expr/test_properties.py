"""What holds for every rule and every person, drawn at random."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.shop import NOW, EveryDay, scope
from dsl import kinds
from dsl.calendar import DAY, Duration
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_formula, compile_rule
from dsl.expr.context import Context, Happened, StepRecord
from dsl.kinds import Kind
from dsl.machine import Rule
from dsl.source import Text
from tests.dsl.expr.test_grammar import corpus

SCOPE = scope()
TEXTS = st.sampled_from(["", "DE", "de ", "gold", "shoes", "sku-1", "ß", "x" * 50, "2026-03-01"])
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def at_rest(kind: Kind) -> st.SearchStrategy[Any]:
    match kind:
        case kinds.Text() | kinds.Code():
            return TEXTS
        case kinds.OneOf(values):
            return st.sampled_from(values)
        case kinds.Whole():
            return st.integers(-5, 50)
        case kinds.Money():
            return st.integers(0, 20_000)
        case kinds.Number():
            return st.one_of(st.integers(-5, 5), st.sampled_from(["0.5", "-1.25", "3"]))
        case kinds.YesNo():
            return st.booleans()
        case kinds.Date():
            days = st.integers(-20_000, 400)
            return days.map(lambda n: (date(2026, 3, 2) + timedelta(days=n)).isoformat())
        case kinds.TimeOfDay():
            return st.sampled_from(["00:00", "09:30", "23:59"])
        case kinds.Instant():
            return instants()
        case kinds.Length():
            return st.lists(st.integers(-40, 40), min_size=4, max_size=4)
        case kinds.ListOf(item):
            return st.lists(at_rest(item), max_size=4)
        case kinds.Record(fields):
            return st.fixed_dictionaries({}, optional={n: at_rest(k) for n, k in fields})


def instants() -> st.SearchStrategy[int]:
    near = st.sampled_from([NOW, NOW - DAY, NOW - 30 * DAY, NOW - 1, NOW + 1])
    return st.one_of(near, st.integers(NOW - 800 * DAY, NOW + 5 * DAY))


def perhaps(kind: Kind) -> st.SearchStrategy[Any]:
    return st.one_of(at_rest(kind), at_rest(kind), JUNK)


@st.composite
def people(draw: st.DrawFn) -> Context:
    attributes = draw(
        st.fixed_dictionaries(
            {}, optional={name: perhaps(f.kind) for name, f in SCOPE.plan.attributes.items()}
        )
    )
    history: dict[str, list[Happened]] = {}
    number = 0
    for name, known in SCOPE.plan.events.items():
        if name.startswith(("message_", "consent_")):
            continue
        properties = st.fixed_dictionaries(
            {}, optional={key: perhaps(f.kind) for key, f in known.properties.items()}
        )
        rows = draw(st.lists(st.tuples(instants(), properties), max_size=4))
        events = []
        for occurred, values in rows:
            number += 1
            events.append(Happened(name, occurred, occurred, number, values))
        if events:
            history[name] = sorted(events, key=lambda one: (one.occurred, one.number))
    assert SCOPE.trigger is not None
    triggers = draw(st.one_of(st.none(), at_rest(SCOPE.trigger)))
    entry = draw(instants())
    return Context(
        now=NOW,
        zone=ZoneInfo(draw(st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]))),
        attributes=attributes,
        history=history,
        trigger=None if triggers is None else Happened("t", entry, entry, number // 2, triggers),
        entry=draw(st.sampled_from([entry, None])),
        variables={"event": draw(JUNK)},
        steps=draw(
            st.sampled_from(
                [
                    {},
                    {"nudge": StepRecord(time=NOW - DAY, channel="push")},
                    {"reply": StepRecord(values={"text": "stop"}), "crm": StepRecord()},
                ]
            )
        ),
        facts=EveryDay(),
    )


RULES = [
    text
    for start, text in corpus("expressions.txt")
    if start == "rule" and not text.startswith("In Segment")
]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A rule of the corpus, or several of them joined."""
    parts = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=3))
    word = draw(st.sampled_from([" and ", " or "]))
    text = word.join(f"({part})" for part in parts)
    return f"not ({text})" if draw(st.booleans()) else text


@cache
def compiled_once(rule: str) -> Rule:
    found: list[Diagnostic] = []
    compiled = compile_rule(Text.of(rule), SCOPE, found)
    assert compiled is not None, (rule, found)
    return compiled


def holds(rule: str, who: Context) -> bool:
    answer = compiled_once(rule).holds(who)
    assert answer is True or answer is False
    return answer


MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(rules(), people())
def test_every_rule_or_its_opposite_is_true_for_everybody(rule: str, who: Context) -> None:
    assert holds(f"({rule}) or not ({rule})", who) is True
    assert holds(f"({rule}) and not ({rule})", who) is False


@MANY
@given(rules(), rules(), people())
def test_and_and_or_take_their_parts_in_any_order(one: str, other: str, who: Context) -> None:
    assert holds(f"({one}) and ({other})", who) is (holds(one, who) and holds(other, who))
    assert holds(f"({other}) and ({one})", who) is holds(f"({one}) and ({other})", who)
    assert holds(f"({other}) or ({one})", who) is holds(f"({one}) or ({other})", who)


@MANY
@given(people(), st.data())
def test_is_not_is_the_exact_negation_of_is(who: Context, data: st.DataObject) -> None:
    left, right = data.draw(
        st.sampled_from(
            [
                ("country", '"DE"'),
                ("first_name", "last_name"),
                ("attempts", "winback_count"),
                ("price", "lifetime_value"),
                ("birthday", "renewal_date"),
                ("last_seen_at", "renewal_date"),
                ("last_seen_at", "today"),
                ("last purchase.category", '"shoes"'),
                ("trigger.cart_id", "crm.cart_id"),
                ("refill_interval", "30 days"),
                ("is_member", "yes"),
                ("opens_at", "09:30"),
                ("tier", '"gold"'),
                ("time since last_login", "refill_interval"),
            ]
        )
    )
    assert holds(f"{left} is not {right}", who) is not holds(f"{left} is {right}", who)


@MANY
@given(people(), st.sampled_from(["<", "<=", ">", ">="]))
def test_a_comparison_and_its_mirror_agree(who: Context, sign: str) -> None:
    mirror = sign.translate(str.maketrans("<>", "><"))
    for left, right in (
        ("price", "lifetime_value"),
        ("last_seen_at", "renewal_date"),
        ("time since last_login", "refill_interval"),
        ("time until renewal_date", "3 days"),
        ("score", "attempts"),
    ):
        assert holds(f"{left} {sign} {right}", who) is holds(f"{right} {mirror} {left}", who)


@MANY
@given(people(), st.sampled_from(["in the last 30 days", "this year", "since entry", "today", ""]))
def test_did_and_count_agree(who: Context, window: str) -> None:
    where = "where (total > 10 EUR or total is missing)"
    for test in ("", where):
        did = holds(f"did purchase {test} {window}", who)
        assert did is holds(f"count of purchase {test} {window} >= 1", who)
        assert did is holds(f"did purchase {test} at least 1 time {window}", who)
        assert did is not holds(f"did not purchase {test} {window}", who)
        assert did is holds(f"last purchase.time {test} {window} is known", who)


FORMULAS = [text for start, text in corpus("expressions.txt") if start == "value"]


@MANY
@given(people(), st.sampled_from(FORMULAS))
def test_a_formula_gives_its_kind_or_nothing(who: Context, text: str) -> None:
    compiled = compile_formula(Text.of(text), SCOPE, [])
    assert compiled is not None
    result = compiled.value(who)
    match compiled.kind:
        case kinds.Text():
            assert result is None or (isinstance(result, str) and result != "")
        case kinds.Length():
            assert result is None or isinstance(result, Duration)
        case kinds.Date():
            assert result is None or isinstance(result, date)
        case kinds.Whole() | kinds.Instant():
            assert result is None or isinstance(result, int)
        case _:
            assert result is not None or text != "now"
