"""Attributes computed from events: what a formula may say, and what is said of all others."""

from __future__ import annotations

import pytest

from dsl import kinds
from dsl.compiler import Compiled, compile_project
from dsl.plan import TrackingPlan
from tests.engine.scene import SHOP

EVENTS = """
events:
  order: {also: orders, has: {total: "money EUR", category: code, rating: number, to: "text, personal"}}
  refund: {has: {total: "money EUR"}}
"""


def compiled(formula: str, more: str = "") -> Compiled:
    plan = f"tracking plan: shop\nprofile:\n  city: text\n  made: {formula}\n{more}{EVENTS}"
    policy = "policy: shop\ntime zone: UTC\nlanguages: en\ncurrency: EUR\n"
    policy += "channels: {push: }\ncategories: {news: {consent: not needed, because: They have ordered something}}\n"
    return compile_project({"plan.yaml": plan, "policy.yaml": policy})


def plan_of(formula: str) -> TrackingPlan:
    made = compiled(formula)
    assert made.project is not None, [each.message for each in made.diagnostics]
    return made.project.plan


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("= count of orders", kinds.Whole()),
        ("= count of order where total > 10 EUR", kinds.Whole()),
        ("= sum of order.total", kinds.Money("EUR")),
        ("= sum of order.total - sum of refund.total", kinds.Money("EUR")),
        ("= average of order.total", kinds.Money("EUR")),
        ("= highest order.rating or else 0", kinds.Number()),
        ("= first order.time", kinds.Instant()),
        ("= last order.category where total > 10 EUR", kinds.Code()),
        ("= did order at least 2 times", kinds.YesNo()),
        ("= last order.time - first order.time", kinds.Length()),
        ("= round(sum of order.total / 2)", kinds.Money("EUR")),
        ("= did message_opened", kinds.YesNo()),
    ],
)
def test_a_formula_over_events_has_the_kind_of_its_value(formula: str, kind: kinds.Kind) -> None:
    field = plan_of(formula).attributes["made"]

    assert field.kind == kind
    assert field.formula == formula.removeprefix("= ")


def test_a_number_of_events_is_never_missing_and_what_may_be_is_not_called_so() -> None:
    assert plan_of("= count of order").attributes["made"].required
    assert plan_of("= sum of order.total").attributes["made"].required
    assert not plan_of("= average of order.total").attributes["made"].required
    assert not plan_of("= last order.category").attributes["made"].required


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("= count of order in the last 30 days", "What is in a window changes by itself"),
        ("= count of order since 2026-01-01", "What is in a window changes by itself"),
        ("= time since last order.time", "cannot depend on when, or where"),
        ("= last order.time + 30 days", "cannot depend on when, or where"),
        ("= hour(last order.time)", "depends on where somebody is"),
        ("= date(last order.time)", "depends on where somebody is"),
        ("= count of order where time > 2026-01-01", "cannot depend on when, or where"),
        ("= did order followed by refund within 2 days", "compares events with each other"),
        ("= unique order.category", "All the different values"),
        ("= highest order.category", "is a code"),
        ("= count of order where category is profile.city", 'cannot use the attribute "city"'),
        ("= 5", "asks about no event"),
        ("= city", 'cannot use the attribute "city"'),
        ("= push is reachable", "only ask about events"),
        ("= did message_sent and messaged on push", "only ask about events"),
    ],
)
def test_what_cannot_be_kept_up_to_date_by_events_alone_is_refused(
    formula: str, words: str
) -> None:
    found = [each for each in compiled(formula).diagnostics if each.stops]

    assert len(found) == 1, found
    assert words in found[0].message


def test_a_computed_attribute_does_not_use_another_one() -> None:
    found = compiled("= count of order", "  other: = made + 1\n").diagnostics

    assert [each.code for each in found] == ["S22"]


def test_two_formulas_share_what_they_have_in_common() -> None:
    made = compiled("= average of order.total", "  other: = sum of order.total\n")
    assert made.project is not None
    one, other = made.project.plan.computed.values()

    assert set(other.tallies) < set(one.tallies)


@pytest.mark.parametrize(
    ("formula", "personal", "sensitive"),
    [
        ("= count of orders", False, False),
        ("= count of orders, personal", True, False),
        ("= count of orders, sensitive", True, True),
        ("= count of orders, Personal , sensitive", True, True),
        ("= round(average of order.rating, 1), sensitive", True, True),
        ("= last order.to", True, False),
        ("= last order.to or else first order.category", True, False),
        ('= count of orders where to is "Ada"', False, False),
        ('= first order.category where to is "Ada"', False, False),
    ],
)
def test_what_is_computed_is_as_personal_as_what_can_be_seen_in_it_and_as_sensitive_as_is_said(
    formula: str, personal: bool, sensitive: bool
) -> None:
    field = plan_of(f"'{formula}'").attributes["made"]

    assert (field.personal, field.sensitive) == (personal, sensitive)
    assert "sensitive" not in field.formula


def test_no_journey_and_no_scenario_sets_what_is_computed() -> None:
    plan = SHOP["plan.yaml"].replace("profile:\n", "profile:\n  bought: = count of purchase\n")
    journey = "journey: a\ncategory: service\ntrigger: {event: purchase}\nsteps:\n"
    scenarios = "tests of: a\ngiven:\n  clock: 2026-03-02 10:00\n  profile: {bought: 3}\n"
    files = {
        **SHOP,
        "plan.yaml": plan,
        "a.yaml": journey + "  - set profile: {bought: = 5}\n",
        "t.yaml": scenarios + "scenarios:\n  - scenario: b\n    script: [{expect nothing: }]\n",
    }
    found = [each for each in compile_project(files).diagnostics if each.code == "S23"]

    assert {each.span.path for each in found} == {"a.yaml", "t.yaml"}
    assert found[0].message == '"bought" is computed, so nobody sets it.'
