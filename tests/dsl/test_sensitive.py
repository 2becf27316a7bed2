"""Sensitive attributes: nothing promotional uses one that the policy does not allow by name."""

from __future__ import annotations

import pytest

from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic

PLAN = """\
tracking plan: shop
profile:
  email: text, personal
  tier: text
  skin: text, sensitive
  due_on: date, sensitive
  visits: = count of treatments, sensitive
  treated_at: = last treatment.time
events:
  signed_up: {}
  treatment: {also: treatments}
  purchase: {has: {total: "money EUR, required"}}
"""
POLICY = """\
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
  sms: {}
categories:
  promotional: {consent: required}
  by_rule: {consent: tier is "gold"}
  service: {consent: not needed, because: They have ordered something}
"""
SEGMENTS = """\
segments:
  dry: {who: skin is "dry"}
  dry_and_loyal: {who: 'in segment dry and did purchase'}
  rich: {who: sum of purchase.total > 100 EUR}
  often_there: {who: visits > 3}
rfm:
  recency: treated_at
  frequency: visits
  monetary: visits
lifecycle:
  patient: rfm_frequency >= 4
  others: "did purchase or not did purchase"
"""
MESSAGES = """\
messages:
  hi:
    inputs: {what: text}
    sms: {text: Hi}
  care:
    sms: {text: "For {{ skin | default('any') }} skin"}
  by_path:
    sms: {text: "For {{ profile.skin | default('any') }} skin"}
  by_module:
    email: {subject: Hi, blocks: [{use: tip}]}
  by_segment:
    email: {subject: Hi, blocks: [{if: in segment dry, show: [{text: Hi}]}]}
"""
MODULES = """\
modules:
  tip:
    show if: skin is known
    blocks: [{text: Hi}]
"""
JOURNEY = """\
journey: hello
category: {category}
status: live
trigger: {trigger}
{head}
steps:
{steps}
"""


def told(
    steps: str = "  - {id: hi, send: hi, to: sms}",
    head: str = "",
    category: str = "promotional",
    trigger: str = "{event: signed_up}",
    policy: str = "",
    more: str = "",
) -> list[Diagnostic]:
    """The findings about what is sensitive; mistakes in the test itself are none of them."""
    journey = JOURNEY.format(category=category, trigger=trigger, head=head, steps=steps)
    files = {
        "tracking_plan.yaml": PLAN,
        "policy.yaml": POLICY + policy,
        "segments.yaml": SEGMENTS,
        "messages.yaml": MESSAGES,
        "modules.yaml": MODULES,
        "journey.yaml": journey,
        "fragment.yaml": "fragment: caring\nsteps:\n  - if: skin is known\n    then: [{id: d, wait: 1 day}]\n",
    }
    if more:
        files["more.yaml"] = more
    found = compile_project(files).diagnostics
    ours = [one for one in found if one.code == "E150"]
    known = {"E123", "W126"}  # of e-mails, which say little here
    assert [one for one in found if one.stops and one not in ours and one.code not in known] == []
    return ours


USES = [
    {"head": 'eligible if: skin is "dry"'},
    {"head": 'exclude if: profile.skin is "dry"'},
    {"head": "exit if: in segment dry"},
    {"head": "goal: in segment dry_and_loyal"},
    {"head": "let: {what: = skin}"},
    {"trigger": "{enters segment: dry}"},
    {"trigger": "{date: due_on}"},
    {"trigger": "{event: purchase, where: profile.skin is known}"},
    {"trigger": "{schedule: every Monday at 09:00, for: dry_and_loyal}"},
    {"steps": "  - {id: w, wait until: due_on}"},
    {"steps": "  - if: skin is known\n    then: [{stop: x}]"},
    {"steps": "  - {id: hi, send: hi, to: sms, with: {what: = skin}}"},
    {"steps": '  - {id: hi, send: hi, to: sms, with: {what: "{{ skin }}"}}'},
    {"steps": "  - {id: hi, send: hi, to first of: [sms if skin is known]}"},
    {"steps": "  - {id: hi, send: care, to: sms}"},
    {"steps": "  - {id: hi, send: by_path, to: sms}"},
    {"steps": "  - {id: hi, send: by_module, to: email}"},
    {"steps": "  - {id: hi, send: by_segment, to: email}"},
    {"steps": "  - {use: caring, id: c}"},
    {"head": "eligible if: visits > 3"},
]


@pytest.mark.parametrize("use", USES, ids=str)
@pytest.mark.parametrize("category", ["promotional", "by_rule"])
def test_nothing_promotional_uses_one(use: dict[str, str], category: str) -> None:
    found = told(category=category, **use)

    assert len(found) == 1
    assert found[0].hint is not None
    assert "sensitive allowed: " in found[0].hint


@pytest.mark.parametrize("use", USES, ids=str)
def test_the_policy_may_allow_it_by_its_name(use: dict[str, str]) -> None:
    assert told(policy="sensitive allowed: skin, due_on, visits\n", **use) == []


@pytest.mark.parametrize("use", USES, ids=str)
def test_what_needs_no_consent_may_use_it(use: dict[str, str]) -> None:
    assert told(category="service", **use) == []


def test_only_what_is_allowed_is_allowed() -> None:
    head = "eligible if: [skin is known, due_on is known]"

    (found,) = told(head=head, policy="sensitive allowed: skin\n")
    assert found.message == '"due_on" is sensitive: nothing promotional may use it.'


def test_a_promotional_message_of_another_journey_uses_none_either() -> None:
    send = "  - {id: hi, send: hi, to: sms, category: promotional, with: {what: = skin}}\n"
    asks = "  - if: skin is known\n    then: [{stop: x}]"

    (found,) = told(send + asks, category="service")
    assert found.span.line == 7


def test_it_says_of_a_segment_what_it_is_made_of() -> None:
    (found,) = told(head="eligible if: in segment dry_and_loyal and in segment rich")

    assert found.message == (
        'The segment "dry_and_loyal" is made of "skin", which is sensitive: nothing promotional may'
        " use it."
    )
    assert (found.span.path, found.span.line, found.span.column) == ("journey.yaml", 5, 25)


def test_what_is_computed_scored_and_divided_into_stages_can_be_sensitive_as_well() -> None:
    head = (
        "let: {what: = visits}\nexclude if: in segment often_there\n"
        "eligible if: rfm_frequency is 5\ngoal: in segment champions\nexit if: in segment patient"
    )
    steps = (
        "  - if: visits > 3\n    then: [{stop: x}]\n"
        '  - {id: hi, send: hi, to: sms, with: {what: "{{ visits }}"}}'
    )
    found = told(steps, head, trigger="{enters segment: often_there}")

    assert [each.span.line for each in found] == [4, 5, 6, 7, 8, 9, 11, 13]


def test_it_says_of_a_score_and_of_its_segments_what_they_are_made_of() -> None:
    found = told(head="eligible if: [rfm_monetary > 3, rfm_recency > 3, in segment at_risk]")

    assert [each.message for each in found] == [
        '"rfm_monetary" is made of "visits", which is sensitive: nothing promotional may use it.',
        (
            'The segment "at_risk" is made of "visits", which is sensitive: nothing promotional may'
            " use it."
        ),
    ]
    assert (found[0].span.path, found[0].span.line, found[0].span.column) == ("journey.yaml", 5, 15)


def test_who_sets_one_does_not_use_it() -> None:
    assert told("  - set profile: {skin: dry}\n  - {id: hi, send: hi, to: sms}") == []


def test_a_message_that_is_sent_as_both_is_told_once() -> None:
    other = JOURNEY.format(
        category="service",
        trigger="{event: purchase}",
        head="",
        steps="  - {id: hi, send: care, to: sms}",
    ).replace("journey: hello", "journey: other")

    assert told("  - {id: hi, send: hi, to: sms}", more=other) == []
    assert len(told("  - {id: hi, send: care, to: sms}", more=other)) == 1


@pytest.mark.parametrize(
    ("policy", "code"), [("sensitive allowed: tier\n", "S10"), ("sensitive allowed: skim\n", "N01")]
)
def test_allowing_what_is_not_sensitive_is_a_mistake(policy: str, code: str) -> None:
    files = {"tracking_plan.yaml": PLAN, "policy.yaml": POLICY + policy}

    assert code in [one.code for one in compile_project(files).diagnostics]


def test_only_attributes_of_people_are_sensitive() -> None:
    plan = PLAN.replace("total: ", "of: 'text, sensitive', total: ")
    files = {"tracking_plan.yaml": plan, "policy.yaml": POLICY}

    (found,) = [one for one in compile_project(files).diagnostics if one.stops]
    assert (found.code, found.hint) == ("S09", "Possible here: required, personal")
