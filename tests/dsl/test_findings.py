"""What authors get wrong in journeys, and where they are told so."""

from __future__ import annotations

import pytest

from tests.dsl.projects import MESSAGES, PLAN, POLICY, STEPS, compile_small, complaints

FREE = "consent: not needed, because: They have ordered something"


def codes(rest: str = STEPS, **changed: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each finding."""
    return [one[:3] for one in complaints(rest, **changed)]


def test_the_least_project_is_without_a_mistake() -> None:
    assert complaints() == []


@pytest.mark.parametrize(
    ("head", "code", "column"),
    [
        ("titel: x", "S04", 1),
        ("status: alive", "S09", 9),
        ("if already inside: again", "S09", 20),
        ("priority: high", "S10", 11),
        ("priority: 101", "S10", 11),
        ("holdout: 10", "S10", 10),
        ("holdout: 101%", "S10", 10),
        ("re-enter: sometimes", "E05", 11),
        ("frequency caps: [3 per fortnight]", "E05", 24),
        ("when capped: forget", "E05", 14),
        ("goal within: 3 days", "S07", 1),
        ("goal: points", "T01", 7),
        ("one per: trigger.order", "N02", 18),
        ("eligible if: in segment vip", "N10", 25),
        ("exclude if: {a: b}", "S08", 14),
        ("owner:", "S08", 1),
        ("rollout: often", "S10", 10),
        ("together with: other", "N11", 16),
        ("people inside: perhaps", "S09", 16),
        ("renamed steps: {a: b}", "N25", 20),
        ("renamed steps: {a: [b]}", "S08", 17),
        ("removed steps: {a: {b: c}}", "S08", 20),
        ("removed steps: {a: continue with b}", "N25", 34),
        ("removed steps: {a: go away}", "S10", 20),
        ("removed steps: {a: }", "S08", 17),
        ("let: {tier: 5}", "N18", 7),
        ("let: {first: 5}", "S13", 7),
        ("let: {a: = b, b: 5}", "N01", 12),
    ],
)
def test_in_the_head(head: str, code: str, column: int) -> None:
    assert codes(f"{head}\n{STEPS}") == [(code, 1, column)]


@pytest.mark.parametrize(
    ("head", "message", "hint"),
    [
        (
            "renamed steps: {hi: greet}",
            '"hi" is said to be renamed, and it is still here.',
            'The old id stands before the colon. Take "hi" out of "renamed steps" if it stays.',
        ),
        (
            "renamed steps: {a: hi, b: hi}",
            'Two steps cannot both become "hi": "a" and "b".',
            "Write: removed steps: {b: continue with hi}",
        ),
        (
            "renamed steps: {a: hi}\nremoved steps: {a: leave}",
            '"a" is under "renamed steps" and under "removed steps".',
            "Keep one of the two.",
        ),
        (
            "removed steps: {a: continue with hy}",
            'There is no step called "hy".',
            "Steps here: hi",
        ),
        (
            "removed steps: {a: continue at hi}",
            '"continue at hi" does not say where people go.',
            "Write: continue with hi",
        ),
    ],
)
def test_what_is_said_of_people_inside(head: str, message: str, hint: str) -> None:
    [found] = compile_small(f"{head}\n{STEPS}").diagnostics

    assert (found.message, found.hint) == (message, hint)


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("- wiat: 1 day", [("S02", 2, 5)]),
        ("- id: a", [("S02", 2, 5)]),
        ("- wait a day", [("S02", 2, 5)]),
        ("- {id: a, wait: 1 day, stop: b}", [("S03", 2, 26)]),
        ("- {id: a, wait: 1 day, until: b}", [("S04", 2, 26)]),
        ("- {wait: 1 day}", [("S05", 2, 6)]),
        ("- {send: hello, to: email}", [("S05", 2, 6)]),
        ("- {split: {a 100%: [{stop: a}]}}", [("S05", 2, 6)]),
        ("- {id: a, wait: 1 day}\n  - {id: a, wait: 1 day}", [("S06", 3, 10)]),
        ("- {id: tier, wait: 1 day}", [("N18", 2, 10)]),
        ("- {id: now, wait: 1 day}", [("S13", 2, 10)]),
        ("- {id: a b, wait: 1 day}", [("S13", 2, 10)]),
        ("- {id: a, wait: 3}", [("T13", 2, 19)]),
        ("- {id: a, wait: soon}", [("N01", 2, 19)]),
        ("- {id: a, wait until: points > 1}", [("S12", 2, 13)]),
        ("- {id: a, wait until: points > 1, at most: 1 day, if past: stop}", [("S04", 2, 53)]),
        ("- {id: a, wait until: tomorrow, if past: skip next step}", [("S09", 2, 35)]),
        ("- {id: a, wait until: tomorrow, otherwise: [{stop: a}]}", [("S04", 2, 35)]),
        ("- {id: a, wait until: best time on fax within 2 days}", [("N09", 2, 38)]),
        ("- {id: a, wait for: refund}", [("S12", 2, 13)]),
        ("- {id: a, wait for: refunded, at most: 1 day}", [("N04", 2, 23)]),
        ("- {id: a, wait for: refund, where: total > 1 EUR, at most: 1 day}", [("N02", 2, 38)]),
        ("- {id: a, wait for: [refund], where: reason is known, at most: 1 day}", [("S04", 2, 33)]),
        (
            "- {id: a, wait for: [{event: refund, do: [{stop: a}], restart wait: yes}], at most: 1 day}",
            [("S03", 2, 57)],
        ),
        ("- {id: a, wait for: [{evnt: refund}], at most: 1 day}", [("S04", 2, 25), ("S07", 2, 25)]),
        ("- {if: points > 1}", [("S07", 2, 6)]),
        ("- {if: points > 1, then: {stop: a}}", [("S08", 2, 29)]),
        ("- choose: [{when: points > 1}]", [("S07", 2, 15)]),
        ("- choose: [{otherwise: [{stop: a}]}, {when: points > 1, do: []}]", [("S03", 2, 15)]),
        ("- {id: a, split: {x 50%: [], y 40%: []}}", [("S11", 2, 13)]),
        ("- {id: a, split: {x 50%: [], x 50.0%: []}}", [("S06", 2, 32)]),
        ("- {id: a, split: {x: []}}", [("S11", 2, 13), ("S11", 2, 21)]),
        ("- {id: a, send: hallo, to: email}", [("N13", 2, 19)]),
        ("- {id: a, send: hello}", [("S07", 2, 13)]),
        ("- {id: a, send: hello, to: email, to all of: [push]}", [("S03", 2, 37)]),
        ("- {id: a, send: hello, to: sms}", [("M01", 2, 30)]),
        ("- {id: a, send: hello, to: [email, push]}", [("S08", 2, 30)]),
        ("- {id: a, send: hello, to: email, category: news}", [("N16", 2, 47)]),
        ("- {id: a, send: offer, to: sms}", [("M03", 2, 19)]),
        ("- {id: a, send: hello, to: email, with: {x: 1}}", [("M02", 2, 44)]),
        ("- {id: a, send: offer, to: sms, with: {discount: ten}}", [("T11", 2, 52)]),
        ("- {id: a, send: offer, to: sms, with: {discount: '{{ points }}'}}", [("T11", 2, 53)]),
        ("- {id: a, send: hello, to: email, when unreachable: wait}", [("S12", 2, 37)]),
        ("- {id: a, send: hello, to: email, escalate after: 1 hour}", [("S07", 2, 37)]),
        ("- set profile: {point: 1}", [("N01", 2, 19)]),
        ("- set profile: {tier: silver}", [("T03", 2, 25)]),
        ("- set profile: {points: [1, 2]}", [("S08", 2, 27)]),
        ("- emit: message_sent", [("S17", 2, 11)]),
        ("- emit: refund", [("N06", 2, 5)]),
        ("- {emit: refund, with: {order_id: a, why: late}}", [("N02", 2, 40)]),
        ("- stop: goal", [("S09", 2, 11)]),
        ("- {use: birthday}", [("N22", 2, 11)]),
        ("- {start journey: second}", [("N11", 2, 21)]),
        ("- {start journey: first}", [("N21", 2, 21)]),
        ("- {go to journey: first}", [("N21", 2, 21)]),
        ("- {let: {tier: 1}}", [("N18", 2, 12)]),
        ("- {id: a, webhook: crm}", [("N24", 2, 22)]),
    ],
)
def test_in_a_step(step: str, found: list[tuple[str, int, int]]) -> None:
    assert codes(f"steps:\n  {step}\n") == found


def test_what_stands_inside_a_loop_and_on_the_way_out_is_checked() -> None:
    found = complaints(
        """\
steps:
  - id: again
    repeat: up to 3 times
    while: poinst > 3
    do:
      - id: tell
        send: helo
        to: email
      - if: again.round is 2
        then:
          - wiat: 1 day
on goal:
  - emit: refnd
  - id: late
    wait: 1 day
"""
    )

    assert [one[:2] for one in found] == [
        ("N01", 4),
        ("N13", 7),
        ("S02", 11),
        ("N04", 13),
        ("S18", 15),
    ]


@pytest.mark.parametrize(
    ("trigger", "code", "column"),
    [
        ("purchase", "S08", 10),
        ("{event: purchase, where: totl > 3 EUR}", "N02", 35),
        ("{event: bought}", "N04", 18),
        ("{evnt: purchase}", "S04", 11),
        ("{event: purchase, accept older: long}", "T13", 42),
        ("{date: renewal_day}", "N01", 17),
        ("{date: renewal_date, at: noon}", "T11", 35),
        ("{date: points > 3}", "T13", 17),
        ("{enters segment: vpi}", "N10", 27),
        ("{schedule: every day at 08:00, for: vpi}", "N10", 46),
        ("{schedule: every day at 08:00}", "S07", 21),
        ("{api: first, inputs: {a: texd}}", "T10", 35),
        ("[]", "S08", 10),
    ],
)
def test_what_starts_a_journey(trigger: str, code: str, column: int) -> None:
    journey = f"journey: first\ncategory: service\ntrigger: {trigger}\n{STEPS}"

    assert codes(journey=journey)[0] == (code, 3, column)


def test_what_follows_from_an_unknown_trigger_is_not_told_again() -> None:
    found = complaints(
        journey="""\
journey: first
category: service
trigger:
  event: purchse
  where: total > 3 EUR
one per: trigger.order_id
goal: poins > 3
steps:
  - {id: hi, send: hello, to: email}
"""
    )

    assert [(code, line) for code, line, *_ in found] == [("N04", 4), ("N01", 7)]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("  tier: one of", "  tier: on of", "T10", 5),
        ("points: whole number", "points: integer", "T10", 6),
        ("points: whole number", "points: money", "T10", 6),
        ("points: whole number", "points: whole number, requird", "S09", 6),
        ("points: whole number", "points: [text]", "S08", 6),
        ("points: whole number", "first: whole number", "S13", 6),
        ("points: whole number", "2nd: whole number", "S13", 6),
        ("bronze / gold", "bronze / bronze", "T10", 5),
        ("bronze / gold", "bronze / ", "T10", 5),
        ("signed_up:", "trigger:", "S13", 15),
        ("signed_up:", "message_seen:", "S13", 15),
        ("signed_up:", "tier:", "S06", 15),
        ("signed_up:", "purchases:", "S06", 15),
        ("did: buy", "did: tier", "S06", 13),
        ("did: buy", "dos: buy", "S04", 13),
        ("  signed_up:", "  signed_up: {from: Order Completed}", "S06", 15),
        ("events:", "identifiers: email, telephone\nevents:", "S09", 9),
        ("events:", "identifiers: [email, Email]\nevents:", "S06", 9),
        ("events:", "identifiers:\nevents:", "S08", 9),
    ],
)
def test_in_the_tracking_plan(old: str, new: str, code: str, line: int) -> None:
    assert old in PLAN

    assert codes(plan=PLAN.replace(old, new))[0][:2] == (code, line)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Europe/Berlin", "Berlin", "S10"),
        ("Europe/Berlin", "../etc/passwd", "S10"),
        ("languages: en", "languages: english", "S10"),
        ("currency: EUR", "currency: Euro", "S10"),
        ("  push:", "  pusch:", "N09"),
        ("email is known", "emial is known", "N01"),
        ("email is known", "email is reachable", "E144"),
        (FREE, "consent: subscribed to service", "E144"),
        (FREE, f"{FREE}, existing customers: yes", "E149"),
        (FREE, "consent: required, existing customers: some", "S09"),
        (FREE, "consent: required, because: They like our offers", "E152"),
        (FREE, "consent: not needed", "W178"),
        (FREE, "consent: not needed, because: transactional", "W178"),
        ("quiet hours", "quite hours", "S09"),
        ("policy: corner_shop", "policy: corner_shop\nholidays: 25 December", "S10"),
        ("policy: corner_shop", "policy: corner_shop\nquiet hours: [{from: 9 to 17}]", "E05"),
        (
            "policy: corner_shop",
            "policy: corner_shop\nquiet hours: [{from: '9:00 to 9:00'}]",
            "S10",
        ),
        (
            "policy: corner_shop",
            "policy: corner_shop\nquiet hours: [{on: fax, from: '9:00 to 10:00'}]",
            "N09",
        ),
        ("policy: corner_shop", "policy: corner_shop\nfrequency caps: 1 per day on fax", "N09"),
        (
            "policy: corner_shop",
            "policy: corner_shop\narbitration: {about: news, collect for: 1 hour}",
            "N16",
        ),
        ("policy: corner_shop", "policy: corner_shop\nglobal holdout: {share: 5}", "S10"),
        (
            "policy: corner_shop",
            "policy: corner_shop\nglobal holdout: {share: 5%, reshuffle: 3 months}",
            "S10",
        ),
        ("policy: corner_shop", "policy: corner_shop\nspread after quiet: 4 hours", "S10"),
        ("policy: corner_shop", "policy: corner_shop\nspread after quiet: 1 day", "S10"),
        ("policy: corner_shop", "policy: corner_shop\nspread after quiet: soon", "T13"),
        ("policy: corner_shop", "policy: corner_shop\nwebhooks: {crm: {}}", "S07"),
        ("policy: corner_shop", "policy: corner_shop\nwebhooks: {crm: https://a.example}", "S08"),
        ("time zone: Europe/Berlin\n", "", "S07"),
    ],
)
def test_in_the_policy(old: str, new: str, code: str) -> None:
    assert old in POLICY

    found = [one[0] for one in codes(policy=POLICY.replace(old, new))]
    assert [each for each in found if each not in _WHERE_CONSENT_IS_NEEDED] == [code]


_WHERE_CONSENT_IS_NEEDED = ("E123", "W126")  # then e-mails say how to unsubscribe, and an address


@pytest.mark.parametrize(
    ("segments", "found"),
    [
        ("segments: {vip: {who: points > 3}}", []),
        ("segments: {vip: {who: [points > 3, points > trigger.total]}}", ["E143"]),
        ("segments: {vip: {title: VIP}}", ["S07"]),
        ("segments: {now: {who: points > 3}}", ["S13"]),
        ("segments: {vip: {who: in segment vip}}", ["E144"]),
        ("segments: {vip: {who: not left segment vip}}", ["E144"]),
        ("segments: {a: {who: entered segment b}, b: {who: in segment a}}", ["E144"]),
        (
            "segments: {a: {who: in segment b}, b: {who: in segment c}, c: {who: in segment a}}",
            ["E144"],
        ),
        ("segments: {a: {who: in segment b}, b: {who: in segment b}}", ["E144"]),
        ("segments: {a: {who: in segment d}}", ["N10"]),
    ],
)
def test_in_segments(segments: str, found: list[str]) -> None:
    assert [one[0] for one in codes(segments=segments + "\n")] == found


def test_what_follows_from_a_service_nobody_knows_is_said_once() -> None:
    steps = """\
steps:
  - {id: task, webhook: crm}
  - if: task.score > 3
    then: [{stop: a}]
  - {id: o, send: offer, to: sms, with: {discount: 5, code: "{{ task.ticket }}"}}
"""
    (found,) = compile_small(steps).diagnostics

    assert (found.code, found.folded) == ("N24", ("N02",))


def test_what_follows_from_an_event_nobody_knows_is_said_once() -> None:
    steps = """\
steps:
  - {id: reply, wait for: purchas, at most: 1 day}
  - if: reply.total > 3 EUR
    then: [{stop: a}]
"""
    (found,) = compile_small(steps).diagnostics

    assert (found.code, found.folded) == ("N04", ("N02",))


def test_a_circle_of_segments_says_who_uses_whom() -> None:
    found = complaints(
        segments="segments:\n  vip:\n    who: in segment loyal\n"
        "  loyal:\n    who: points > 3 and in segment vip\n"
    )

    assert found == [("E144", 3, 21, "Circle: vip uses loyal, and loyal uses vip.")]


def test_names_of_a_broken_file_are_not_missed_elsewhere() -> None:
    broken = MESSAGES + "  \tbad\n"
    segments = "segments:\n  vip:\n    who: points > 3\n\tx"

    assert codes(messages=broken) == [("Y01", 8, 3)]
    assert [one[0] for one in codes("goal: in segment vip\n" + STEPS, segments=segments)] == ["Y01"]
