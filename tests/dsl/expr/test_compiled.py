"""What a compiled rule carries, reads and asks, and that nothing of the author's gets into code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.shop import NOW, person, scope
from dsl import kinds
from dsl.calendar import DAY, HOUR, MINUTE, Instant
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_choice, compile_formula, compile_rule, compile_where
from dsl.expr.context import Context, NoFacts, StepRecord
from dsl.machine import Reads, fingerprint
from dsl.plan import Event, Field, TrackingPlan
from dsl.source import Text
from tests.dsl.expr.asking import ask, event, somebody, value


def reads(rule: str) -> Reads:
    compiled = compile_rule(Text.of(rule), scope(), [])
    assert compiled is not None
    return compiled.reads


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('country is "DE"', Reads(attributes=frozenset({"country"}))),
        ("did purchases", Reads(events=frozenset({"purchase"}))),
        ("did login in the last 3 days", Reads(events=frozenset({"login"}), clock=True)),
        (
            "did login followed by purchase where country is profile.city",
            Reads(attributes=frozenset({"city"}), events=frozenset({"login", "purchase"})),
        ),
        ("in segment vip", Reads(segments=frozenset({"vip"}))),
        (
            "entered segment vip in the last 3 days",
            Reads(
                segments=frozenset({"vip"}),
                events=frozenset({"segment vip entered"}),
                clock=True,
            ),
        ),
        (
            "left segment vip",
            Reads(segments=frozenset({"vip"}), events=frozenset({"segment vip left"})),
        ),
        ("in journey welcome", Reads(journeys=frozenset({"welcome"}))),
        ("email is reachable", Reads(channels=frozenset({"email"}))),
        ("whatsapp window is open", Reads(channels=frozenset({"whatsapp"}), clock=True)),
        ("messaged on push", Reads(messages=True)),
        ("messaged in the last 3 days", Reads(messages=True, clock=True)),
        ("subscribed to promotional", Reads(consent=True)),
        ("nudge was opened", Reads(steps=frozenset({"nudge"}), messages=True)),
        ('reply.text is "x"', Reads(steps=frozenset({"reply"}))),
        ("trigger.value > 5 EUR", Reads(trigger=True)),
        ("did login since entry", Reads(events=frozenset({"login"}))),
        ("renewal_date is today", Reads(attributes=frozenset({"renewal_date"}), clock=True)),
        ("age(birthday) > 3", Reads(attributes=frozenset({"birthday"}), clock=True)),
        ("time since last_login > 1 day", Reads(attributes=frozenset({"last_login"}), clock=True)),
    ],
)
def test_a_rule_says_what_it_looks_at(rule: str, expected: Reads) -> None:
    assert reads(rule) == expected


def test_a_rule_keeps_its_words_and_its_place() -> None:
    text = Text.of('tier is "gold"', "journeys/welcome.yaml", 12, 14)
    rule = compile_rule(text, scope(), [])

    assert rule is not None
    assert (rule.text, rule.place) == ('tier is "gold"', "journeys/welcome.yaml:12")
    assert rule.meaning is not None


def test_two_rules_are_equal_if_they_say_the_same() -> None:
    one, other = (compile_rule(Text.of("is_member"), scope(), []) for _ in range(2))

    assert one == other
    assert fingerprint(one) == fingerprint(other)


def test_a_choice_of_a_channel_carries_its_rule() -> None:
    choice = compile_choice(Text.of("push if is_member"), scope(), [])

    assert choice is not None
    assert choice.channel == "push"
    assert choice.when is not None
    assert choice.when.text == "is_member"
    assert choice.when.holds(somebody(is_member=True)) is True


class TestWhere:
    def holds(self, text: str, **properties: Any) -> bool:
        found: list[Diagnostic] = []
        purchase = scope().plan.events["purchase"]
        rule = compile_where(Text.of(text), purchase, scope(), found)
        assert rule is not None, found
        context = person()
        context.candidate = event("purchase", NOW - DAY, 1, **properties)
        return rule.holds(context)

    def test_its_names_are_the_properties_of_the_event_under_test(self) -> None:
        assert self.holds("total >= 50 EUR", total=5000) is True
        assert self.holds("total >= 50 EUR", total=4999) is False
        assert self.holds("total >= 50 EUR") is False
        assert self.holds("country is profile.country", country="DE") is True
        assert self.holds("cart_id is trigger.cart_id", cart_id="c1") is True
        assert self.holds("time is before now") is True
        assert self.holds('items has "a" and count of items is 2', items=["a", "b"]) is True

    def test_without_an_event_nothing_is_known(self) -> None:
        rule = compile_where(Text.of("total > 0"), scope().plan.events["purchase"], scope(), [])

        assert rule is not None
        assert rule.holds(somebody()) is False


class Witness(NoFacts):
    """Facts that remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        self.asked.append((channel, category, journey, start, end))
        return True

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        self.asked.append((step, what, within))
        return True

    def reachable(self, channel: str, context: Context) -> bool:
        self.asked.append((channel,))
        return True

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        self.asked.append((category, channel))
        return True


class TestFacts:
    def asked(self, rule: str, who: Context | None = None) -> list[tuple[Any, ...]]:
        witness = Witness()
        assert ask(rule, replace(who or person(), facts=witness)) is True
        return witness.asked

    def test_messages_in_a_window(self) -> None:
        """(now - 24 hours, now] in whole microseconds is [start, end)."""
        assert self.asked("messaged on push about promotional by welcome in the last 24 hours") == [
            ("push", "promotional", "welcome", NOW - 24 * HOUR + 1, NOW + 1)
        ]
        assert self.asked("messaged") == [(None, None, None, None, None)]

    def test_outcomes_count_from_the_send(self) -> None:
        sent = person().steps["nudge"].time
        assert sent is not None

        assert self.asked("nudge was clicked within 30 minutes") == [
            ("nudge", "clicked", sent + 30 * MINUTE)
        ]
        assert self.asked("nudge was bounced") == [("nudge", "bounced", None)]

    def test_a_step_not_reached_has_no_outcome_within_anything(self) -> None:
        who = replace(person(), steps={})

        assert ask("nudge was clicked within 2 days", who) is False
        assert ask("nudge is known", who) is False

    def test_reach_and_consent(self) -> None:
        assert self.asked("email is reachable and subscribed to promotional on push") == [
            ("email",),
            ("promotional", "push"),
        ]
        assert self.asked("subscribed to promotional") == [("promotional", None)]

    def test_what_is_not_needed_is_not_asked(self) -> None:
        assert self.asked("is_member or email is reachable") == []


def test_a_wait_that_timed_out_is_missing() -> None:
    """The step was reached, but no event matched."""
    timed_out = replace(person(), steps={"reply": StepRecord(time=NOW)})

    assert ask("reply is known", timed_out) is False
    assert ask("reply is missing", timed_out) is True
    assert ask("reply is known") is True
    assert ask('reply.text contains "stop"', timed_out) is False


HOSTILE = [
    "x' or __import__('os').system('true') or '",
    'a"b',
    "{0}",
    "%s",
    "\\",
    "\\' + c",
    "\u2028",
    "'''",
    "a\nb",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_authors_text_is_data_and_never_code(text: str) -> None:
    """Attribute names, values and texts of any shape reach the code only as constants."""
    name = text
    plan = TrackingPlan("odd", {"a": Field("a", kinds.Text())}, {"e": Event("e", "e")})
    odd = replace(scope(), plan=plan).with_variables({name: kinds.Text()})
    quote = "'" if '"' in text else '"'
    found: list[Diagnostic] = []
    if "\n" not in text and not ("'" in text and '"' in text):
        rule = compile_rule(Text.of(f"a is {quote}{text}{quote}"), odd, found)
        assert rule is not None
        assert rule.holds(somebody(a=text)) is True
        assert rule.holds(somebody(a="other")) is False


def test_a_formula_gives_what_lists_hold_at_rest() -> None:
    assert value("trigger.items") == person().trigger.properties["items"]  # type: ignore[union-attr]  # the person has one
    assert value("unique purchase.category") == ["shoes", "Books", "garden"]
    assert value("first trigger.items.product_id") == "p1"
    assert value("last trigger.items.price") == 900
    assert value("last trigger.items")["name"] == "Wine"
    assert value("first tags") == "newsletter"


def test_variables_are_read_at_rest_and_as_evaluated() -> None:
    where = scope().with_variables({"day": kinds.Date(), "share": kinds.Number()})
    formula = compile_formula(Text.of("day + 1 day"), where, [])
    share = compile_formula(Text.of("share * 2"), where, [])
    assert formula is not None
    assert share is not None

    for raw in ("2026-03-01", value("2026-03-01")):
        who = replace(somebody(), variables={"day": raw, "share": "0.5"})
        assert str(formula.value(who)) == "2026-03-02"
        assert share.value(who) == 1
