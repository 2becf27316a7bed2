"""The journeys of the example in words. The texts beside this file are snapshots: when one
changes, write it anew with ``WRITE=1`` and read it as a marketer would.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from dsl.compiler import compile_folder
from dsl.explain import explain_journey
from dsl.machine import Project
from tests.dsl.projects import POLICY, compile_small

HOUSE = Path(__file__).resolve().parents[3]
SNAPSHOTS = Path(__file__).parent / "data"
JOURNEYS = ["big_spenders", "refund_care", "second_order", "thanks_and_review", "win_back"]


@cache
def retail() -> Project:
    project = compile_folder(HOUSE / "examples" / "online_retail").project
    assert project is not None
    return project


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey_is_told_like_this(name: str) -> None:
    told = explain_journey(retail().machines[name], retail()) + "\n"
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("WRITE"):
        path.write_text(told, encoding="utf-8")

    assert told == path.read_text(encoding="utf-8")


def test_every_journey_of_the_example_is_told() -> None:
    assert sorted(retail().machines) == JOURNEYS


def small(rest: str, **changed: str) -> list[str]:
    project = compile_small(rest, **changed).project
    assert project is not None
    return explain_journey(project.machines["first"], project).split("\n")


@pytest.mark.parametrize(
    "trigger", ["{enters segment: lapsed}", "{schedule: every day at 09:00, for: lapsed}"]
)
def test_the_segment_that_a_journey_starts_with_is_told(trigger: str) -> None:
    told = small(
        "",
        journey=f"journey: first\ncategory: service\ntrigger: {trigger}\nsteps: [{{stop: done}}]\n",
        segments="segments:\n  lapsed: {who: did not purchase in the last 90 days}\n"
        "  other: {who: did purchase in the last 90 days}\n",
    )

    assert told[-2:] == ["Segments:", "  lapsed: no purchase in the last 90 days."]


def test_the_head_is_told_in_full() -> None:
    told = small("""\
title: First
status: paused
one per: trigger.order_id
if already inside: restart
re-enter: after 7 days since leaving
let: {much: = trigger.total >= 50 EUR}
eligible if:
  - email is reachable or push is reachable
  - points > 3
exclude if: tier is "gold"
goal: did refund where order_id is trigger.order_id since entry
goal within: 7 days
exit if: points is missing
holdout: 10%
frequency caps: [1 per day on push, 3 per 7 days]
steps:
  - stop: done
""")

    assert told == [
        "First",
        "",
        "Starts when a person buys, once per order; a new start begins it again. The same order",
        "may start it again 7 days after leaving.",
        "Now:                    paused: nobody enters and nothing moves.",
        "Messages:               Service messages, which need no consent and ignore frequency",
        "                        caps and quiet hours. Priority 50.",
        "Noted at entry:         much: whether the trigger's total is at least 50 EUR.",
        "At the door, once:      e-mail is possible or push is possible; and points is more than",
        "                        3.",
        'Never, at any moment:   tier is "gold".',
        "Success:                a refund of the same order after entry, counted up to 7 days",
        "                        after entry.",
        "Leaves early:           points is unknown.",
        "Kept without:           10% of those who could enter get nothing.",
        "At most:                1 message by push per calendar day; 3 messages per 7 days, from",
        "                        this journey.",
        "",
        "Steps:",
        "  1. Leaves: done.",
    ]


def test_branches_stand_under_their_step() -> None:
    told = small("""\
steps:
  - choose:
      - when: points > 10
        do:
          - {id: hi, send: hello, to: email}
      - when: points > 5
        do: [{stop: some}]
      - otherwise:
          - {id: pause, wait: 2 hours 30 minutes}
  - id: back
    wait for:
      - event: refund
        where: reason is "late"
        do: [{stop: late}]
      - event: purchase
        restart wait: yes
    at most: 3 days
  - {id: week, wait until: points > 20, at most: 1 week}
""")

    assert told[told.index("Steps:") + 1 :] == [
        "  1. The first of these that fits:",
        "     Points is more than 10:",
        "       a. Sends hello by e-mail. (hi)",
        "     Points is more than 5:",
        "       a. Leaves: some.",
        "     Otherwise:",
        "       a. Waits 2 hours 30 minutes. (pause)",
        '  2. Waits for a refund (reason is "late"), at most 3 days. A purchase starts the wait',
        "     again. (back)",
        "     In time:",
        "       a. Leaves: late.",
        "     Not in time: goes on.",
        "  3. Waits until points is more than 20, at most 7 days. (week)",
    ]


def test_who_is_asked_is_told() -> None:
    told = small(
        """\
steps:
  - id: task
    webhook: crm
    with: {reason: new, points: = points + 1}
  - {id: again, webhook: crm, at most: 2 hours, if it fails: stop}
""",
        policy=f"{POLICY}webhooks:\n  crm: {{address: https://crm.example.com}}\n",
    )

    assert told[told.index("Steps:") + 1 :] == [
        '  1. Asks the web service crm, with reason: "new" and points: points plus 1, and waits',
        "     for its answer. If there is none: goes on without it. (task)",
        "  2. Asks the web service crm, and waits for its answer, at most 2 hours. If there is",
        "     none: leaves. (again)",
    ]


def test_what_is_learnt_is_told() -> None:
    told = small("""\
steps:
  - id: moment
    wait until: best time on email within 2 days
  - id: offer
    split:
      shipping:
        - {id: hi, send: hello, to: email}
      nothing:
    optimise for: did refund within 7 days after offer
    keep exploring: 20%
  - {id: any, wait until: best time within 10 hours}
""")

    assert told[told.index("Steps:") + 1 :] == [
        "  1. Waits until the best time for e-mail within 2 days. (moment)",
        "  2. Divides people by what it learns: the more often it is true after a path that there",
        "     has been a refund within 7 days after the time of offer, the more people get that",
        "     path. 20% of them go on being divided equally. (offer)",
        "     shipping:",
        "       a. Sends hello by e-mail. (hi)",
        "     nothing: goes on.",
        "  3. Waits until the best time within 10 hours. (any)",
    ]


def test_what_is_done_on_the_way_out_is_told() -> None:
    told = small("""\
goal: did refund since entry
steps:
  - id: again
    repeat: up to 3 times
    while: points < 3
    do:
      - {id: pause, wait: 1 day}
      - set profile: {points: = points + 1}
  - stop: done
on goal:
  - emit: refund
    with: {order_id: = trigger.order_id}
on exit:
  - set profile: {tier: gold}
""")

    assert told[told.index("Steps:") :] == [
        "Steps:",
        "  1. Repeats up to 3 times, as long as points is less than 3. (again)",
        "     In every round:",
        "       a. Waits 1 day. (pause)",
        "       b. Sets points to points plus 1.",
        "  2. Leaves: done.",
        "",
        "On success:",
        "  1. Records a refund, with order id: the trigger's order id.",
        "",
        "On leaving early:",
        "  1. Sets tier to gold.",
    ]


def test_a_text_with_values_is_told_as_it_is_written() -> None:
    told = small("""\
steps:
  - let: {hello: "Hello {{ first_name | default('you') }}"}
  - emit: refund
    with: {order_id: "{{ trigger.order_id }}-{{ hello }}"}
""")

    assert told[told.index("Steps:") + 1 :] == [
        "  1. Notes hello: \"Hello {{ first_name | default('you') }}\".",
        '  2. Records a refund, with order id: "{{ trigger.order_id }}-{{ hello }}".',
    ]


def test_what_is_asked_just_before_a_message_leaves_is_told() -> None:
    """Once for each module, and only of messages that go out as e-mails."""
    told = small(
        "steps:\n  - {id: a, send: tips, to: email}\n  - {id: b, send: tips, to: email}\n",
        policy=POLICY
        + "webhooks:\n  reco: {address: 'https://reco.example.com', returns: {title: text}}\n",
        messages="messages:\n  tips: {email: {subject: Hi, blocks: [{use: more}]}}\n",
        modules="modules:\n  more:\n    fetch: reco\n    with: {who: = first_name, most: 3}\n"
        "    blocks: [{text: \"{{ reco.title | d('-') }}\"}]\n",
    )

    assert told[-2:] == [
        "Asked just before a message leaves:",
        "  reco, for more in tips, with who: first name and most: 3.",
    ]


def test_it_is_told_that_people_stay() -> None:
    told = small("people inside: stay\nsteps:\n  - {id: hi, send: hello, to: email}\n")

    assert "When this changes:      people inside finish the version they entered." in told


def test_it_is_told_who_gets_messages_without_consent() -> None:
    told = small(
        "",
        policy=POLICY.replace("promotional:", "promotional: {existing customers: yes}"),
        journey="journey: first\ncategory: promotional\ntrigger: {event: purchase}\n"
        "steps: [{stop: done}]\n",
    )

    about = " ".join(line.strip() for line in told)
    assert "messages, which need consent (or a purchase, by e-mail and SMS)." in about
