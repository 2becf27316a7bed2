"""Checks of a whole project: each planted mistake is told as the language reference says."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import MESSAGES, POLICY, compile_small, complaints

QUIET = POLICY + "quiet hours:\n  - {on: 'push, sms', from: '21:00 to 08:00'}\nwhen quiet: wait\n"
PROMOTIONAL = "journey: first\ncategory: promotional\ntrigger: {event: purchase}\n"
STOP = "steps:\n  - stop: done\n"


def told(rest: str, **changed: str) -> list[tuple[str, int, int, str]]:
    return complaints(rest, **changed)


def codes(rest: str, **changed: str) -> list[str]:
    return [one[0] for one in complaints(rest, **changed)]


# -------------------------------------------------------------------------------- W104, W105


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("points > 100 and points < 50", "points cannot be above 100 and below 50."),
        ("points >= 100 and points <= 99", "points cannot be at least 100 and at most 99."),
        ("points > 5 and points <= 5", "points cannot be above 5 and at most 5."),
        ('tier is "gold" and tier is "bronze"', 'tier cannot be "gold" and "bronze".'),
        ("points is 3 and points > 3", "points cannot be 3 and above 3."),
        (
            "renewal_date is after 2026-03-01 and renewal_date is before 2026-02-01",
            "renewal_date cannot be above 2026-03-01 and below 2026-02-01.",
        ),
        (
            "did purchase where (total > 100 EUR and total < 50 EUR) in the last 9 days",
            "total cannot be above 100 and below 50.",
        ),
    ],
)
def test_w104_what_is_never_true(rule: str, message: str) -> None:
    ((code, line, _, said),) = told(f"eligible if: {rule}\n{STOP}")

    assert (code, line, said) == ("W104", 1, f"This is never true: {message}")


@pytest.mark.parametrize(
    "rule",
    [
        "points > 50 and points < 100",
        "points >= 5 and points <= 5",
        'tier is "gold" and first_name is "Ada"',
        "points > 100 or points < 50",
        "not (points > 50) and points < 100",
        'first_name is "Ada" and first_name is "ADA "',
        "did purchase where total > 100 EUR in the last 9 days and lifetime_value < 50 EUR",
        "(points > 100 or points is missing) and points < 50",
    ],
)
def test_what_can_be_true_is_not_told(rule: str) -> None:
    assert "W104" not in codes(f"eligible if: {rule}\n{STOP}")


def test_w104_points_at_the_whole_of_it() -> None:
    compiled = compile_small(f"eligible if: tier is known and points > 9 and points < 5\n{STOP}")

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W104  journey.yaml:4:14
  This is never true: points cannot be above 9 and below 5.

    4 | eligible if: tier is known and points > 9 and points < 5
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
    )


def choose(*rules: str) -> str:
    cases = "".join(f"      - when: {rule}\n        do: [{{stop: x}}]\n" for rule in rules)
    return f"steps:\n  - choose:\n{cases}"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("points > 10", "points > 100"),
        ("points > 10", "points >= 11 and tier is known"),
        ("points >= 10", "points is 10"),
        ("tier is known", "tier is known"),
        ('tier is "gold" or points > 5', "points > 6"),
        ("points < 5", "points < 3 and points > 1"),
    ],
)
def test_w105_a_wider_case_above(above: str, below: str) -> None:
    found = told(choose(above, below))

    assert found == [
        (
            "W105",
            5,
            15,
            "This branch is never reached: line 6 already catches everybody in it.",
        )
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("points > 100", "points > 10"),
        ("points > 10 and tier is known", "points > 100"),
        ("points > 10", "points < 100"),
        ("points > 10", "lifetime_value > 100 EUR"),
        ('tier is "gold"', 'tier is "bronze"'),
        ("points > 10", "points is 10"),
    ],
)
def test_cases_that_take_others_are_not_told(above: str, below: str) -> None:
    assert codes(choose(above, below)) == []


# -------------------------------------------------------------------------- W110, W111, W155


def send(expires: str = "6 hours", to: str = "push") -> str:
    return f"{PROMOTIONAL}steps:\n  - {{id: hi, send: hello, to: {to}, expires after: {expires}}}\n"


def test_w110_a_message_that_expires_at_night() -> None:
    compiled = compile_small(journey=send(), policy=QUIET)

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W110  journey.yaml:5:37
  This message expires after 6 hours, but quiet hours last 11 hours: whoever gets here at night gets nothing.

    5 |   - {id: hi, send: hello, to: push, expires after: 6 hours}
      |                                     ^^^^^^^^^^^^^
  Hint: Use at least 12 hours, or add e-mail, which has no quiet hours.
"""
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"journey": send("12 hours")},
        {"journey": send(to="email")},
        {"journey": send().replace("to: push", "to first of: [push, email]")},
        {"journey": send().replace("promotional", "service")},
        {"policy": QUIET.replace("when quiet: wait", "when quiet: skip")},
        {"policy": POLICY},
    ],
)
def test_a_message_that_lives_through_the_night_is_not_told(changed: dict[str, str]) -> None:
    files = {"journey": send(), "policy": QUIET, **changed}

    assert codes("", **files) == []


def chain(*waits: str, head: str = "") -> str:
    steps = "  - {id: m, send: hello, to: push}\n"
    for number, wait in enumerate(waits):
        steps += f"  - {{id: w{number}, wait: {wait}}}\n"
        steps += f"  - {{id: m{number}, send: hello, to: push}}\n"
    return f"{PROMOTIONAL}{head}steps:\n{steps}"


CAPPED = POLICY + "frequency caps: 2 per 7 days about promotional\n"


def test_w111_more_than_the_policy_allows() -> None:
    compiled = compile_small(journey=chain("1 day", "1 day", "8 days"), policy=CAPPED)

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W111  journey.yaml:4:1
  This journey can send 3 promotional messages within 2 days, but policy.yaml allows 2 per 7 days.

    4 | steps:
      | ^^^^^
  Hint: The third one will always be skipped as "capped".
"""
    )


@pytest.mark.parametrize(
    ("journey", "policy"),
    [
        (chain("4 days", "4 days"), CAPPED),
        (chain("1 day", "1 day", head="frequency caps: 2 per 7 days\n"), CAPPED),
        (chain("1 day", "1 day").replace("promotional", "service"), CAPPED),
        (chain("1 day", "1 day"), CAPPED.replace("2 per", "3 per")),
    ],
)
def test_what_stays_below_the_cap_is_not_told(journey: str, policy: str) -> None:
    assert codes("", journey=journey, policy=policy) == []


def test_the_longest_way_counts_and_no_two_ways_together() -> None:
    branches = """\
steps:
  - if: points > 3
    then:
      - {id: a, send: hello, to: push}
      - {id: b, send: hello, to: push}
    else:
      - {id: c, send: hello, to: push}
"""

    assert codes("", journey=PROMOTIONAL + branches, policy=CAPPED) == []
    assert codes(
        "", journey=f"{PROMOTIONAL}{branches}  - {{id: d, send: hello, to: push}}\n", policy=CAPPED
    ) == ["W111"]


def test_w155_a_cap_that_never_matters() -> None:
    caps = "frequency caps:\n  - 1 per day on push\n  - 1 per 7 days on push\n"
    compiled = compile_small(policy=POLICY + caps)
    (found,) = compiled.diagnostics

    assert (found.code, found.span.line, found.span.column, found.span.width) == ("W155", 13, 5, 17)
    assert found.message == '"1 per day on push" never matters: "1 per 7 days on push" is stricter.'


@pytest.mark.parametrize(
    "caps",
    [
        ["1 per day on push", "2 per 7 days on push"],
        ["1 per day on push", "1 per 7 days on sms"],
        ["1 per 7 days on push", "2 per 7 days"],
        ["1 per 24 hours", "1 per week"],
        ["4 per 7 days about promotional", "8 per 7 days"],
    ],
)
def test_caps_that_matter_are_not_told(caps: list[str]) -> None:
    policy = POLICY + "frequency caps:\n" + "".join(f"  - {cap}\n" for cap in caps)

    assert [one.code for one in compile_small(policy=policy).diagnostics] == []


# -------------------------------------------------------------------------------------- W113

WHATSAPP_POLICY = POLICY.replace("  sms:\n", "  sms:\n  whatsapp: {free text window: 24 hours}\n")
WHATSAPP = (
    MESSAGES
    + """\
  free:
    whatsapp: {text: Hello}
    sms: {text: Hello}
  approved:
    whatsapp: {approved template: hello_1, text: Hello}
"""
)


def window(rest: str) -> list[tuple[str, int]]:
    found = told(rest, policy=WHATSAPP_POLICY, messages=WHATSAPP)
    return [(code, line) for code, line, *_ in found]


def test_w113_free_text_where_nobody_may_have_written() -> None:
    rest = "steps:\n  - {id: hi, send: free, to: whatsapp}\n"
    found = told(rest, policy=WHATSAPP_POLICY, messages=WHATSAPP)

    assert found == [
        (
            "W113",
            2,
            20,
            'The WhatsApp window may be closed here, and "free" has no approved template.',
        )
    ]


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: hi, send: approved, to: whatsapp}",
        "- {id: hi, send: free, to: sms}",
        "- {id: hi, send: free, to first of: [whatsapp, sms]}",
        "- {id: hi, send: free, to first of: [whatsapp if whatsapp window is open]}",
        "- {if: whatsapp window is open, then: [{id: hi, send: free, to: whatsapp}]}",
        """- id: reply
    wait for: message_replied
    where: channel is "whatsapp"
    at most: 1 day
    then: [{id: hi, send: free, to: whatsapp}]""",
    ],
)
def test_a_window_that_is_open_is_not_told(steps: str) -> None:
    assert window(f"steps:\n  {steps}\n") == []


@pytest.mark.parametrize(
    "steps",
    [
        """- if: whatsapp window is open
    then: [{id: w, wait: 2 days}, {id: hi, send: free, to: whatsapp}]""",
        "- {if: whatsapp window is open, then: [{stop: x}]}\n  - {id: hi, send: free, to: whatsapp}",
        """- id: reply
    wait for: message_replied
    at most: 1 day
    then: [{id: hi, send: free, to: whatsapp}]""",
    ],
)
def test_a_window_that_may_have_closed_is_told(steps: str) -> None:
    assert [code for code, _ in window(f"steps:\n  {steps}\n")] == ["W113"]


# -------------------------------------------------------------------------------- W114, W151


def test_w114_a_goal_that_looks_at_everything() -> None:
    compiled = compile_small("goal: did refund\nsteps:\n  - stop: done\n")

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W114  journey.yaml:4:7
  The goal is already true at the door for many people: it looks at all refunds ever.

    4 | goal: did refund
      |       ^^^^^^^^^^
  Hint: did refund since entry
"""
    )


@pytest.mark.parametrize(
    "goal",
    [
        "did refund since entry",
        "did refund in the last 3 days",
        "did refund where order_id is trigger.order_id",
        'tier is "gold"',
    ],
)
def test_a_goal_with_an_edge_is_not_told(goal: str) -> None:
    assert codes(f"goal: {goal}\n{STOP}") == []


def test_w151_rules_over_a_whole_life() -> None:
    found = told(
        f"eligible if: did refund\nexclude if:\n  - points > 5 or points is missing\n  - did not purchase\n{STOP}"
    )

    assert found == [
        ("W151", 1, 14, "This looks through the whole history of a person every time."),
        ("W151", 4, 5, "This looks through the whole history of a person every time."),
    ]


# -------------------------------------------------------------------------------- W115, E116


def second(rest: str = "", event: str = "purchase") -> str:
    return f"journey: second\ncategory: service\ntrigger: {{event: {event}}}\n{rest}{STOP}"


def test_w115_two_journeys_on_one_event() -> None:
    compiled = compile_small(second=second())

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W115  journey.yaml:3:1
  Two journeys start on "purchase" and neither excludes the other: first, second.

    3 | trigger: {event: purchase}
      | ^^^^^^^
  Hint: If that is intended, write: together with: second
"""
    )


@pytest.mark.parametrize(
    "other",
    [
        second("exclude if: in journey first\n"),
        second("together with: first\n"),
        second("together with: [first]\n"),
        second(event="refund"),
    ],
)
def test_journeys_that_know_each_other_are_not_told(other: str) -> None:
    assert codes(STOP, second=other) == []


def test_together_with_names_journeys() -> None:
    found = complaints(STOP, second=second("together with: first, frist\n"))

    assert [one[:3] for one in found] == [("N11", 4, 23)]


def test_many_journeys_on_one_event_are_told_once_for_each() -> None:
    more = {f"j{n}": second().replace("second", f"j{n}") for n in range(9)}
    found = [one for one in complaints(STOP, **more) if one[0] == "W115"]

    assert len(found) == 9
    assert max(len(one[3]) for one in found) < 160


def test_e116_journeys_that_start_each_other() -> None:
    first = "re-enter: any time\nsteps:\n  - emit: refund\n    with: {order_id: a}\n"
    other = """\
journey: second
category: service
trigger: {event: refund}
re-enter: any time
steps:
  - emit: purchase
    with: {order_id: a, total: 1 EUR}
"""
    compiled = compile_small(first, second=other)

    assert compiled.project is None
    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
error E116  journey.yaml:6:5
  Circle: first emits refund, which starts second, which emits purchase, which starts first.

    6 |   - emit: refund
      |     ^^^^
  Hint: Break it with "re-enter: after ..." or a rule.
"""
    )
    assert codes(first, second=other.replace("any time", "after 3 days")) == []
    assert codes(first, second=other.replace("any time", "never")) == []
    assert codes(f"eligible if: points > 3\n{first}", second=other) == []


# -------------------------------------------------------------------------------- W117, W118


@pytest.mark.parametrize(
    ("wait", "when", "hint"),
    [
        ("24 hours", "the next day", "For the same time tomorrow: 1 day"),
        ("48 hours", "the day 2 days later", "For the same time then: 2 days"),
    ],
)
def test_w117_days_in_hours(wait: str, when: str, hint: str) -> None:
    (found,) = compile_small(f"steps:\n  - {{id: a, wait: {wait}}}\n").diagnostics

    assert (found.code, found.span.column, found.span.width) == ("W117", 19, 8)
    assert found.message == (
        f'"{wait}" is not the same clock time on {when} when the clocks change.'
    )
    assert found.hint == hint


@pytest.mark.parametrize("wait", ["23 hours", "1 day", "36 hours", "1 day 24 hours"])
def test_other_lengths_are_not_told(wait: str) -> None:
    assert codes(f"steps:\n  - {{id: a, wait: {wait}}}\n") == []


def test_w118_moments_that_can_be_over() -> None:
    found = told("steps:\n  - id: a\n    wait until: renewal_date - 14 days at 10:00\n")

    assert found == [("W118", 3, 17, "This moment can already be over when people arrive.")]


@pytest.mark.parametrize(
    "step",
    [
        "wait until: renewal_date - 14 days at 10:00\n    if past: stop",
        "wait until: tomorrow at 10:00",
        "wait until: a weekday at 10:00",
        "wait until: 10:00",
        "wait until: points > 3\n    at most: 3 days",
    ],
)
def test_moments_that_come_are_not_told(step: str) -> None:
    assert codes(f"steps:\n  - id: a\n    {step}\n") == []


# -------------------------------------------------------------------------------- W146, W153


def test_w146_a_variable_that_nothing_uses() -> None:
    found = told(
        "let:\n  used: 1\n  old_offer: 10\nexit if: points > used\nsteps:\n  - let: {more: 2}\n  - stop: x\n"
    )

    assert found == [
        ("W146", 3, 3, '"old_offer" is never used.'),
        ("W146", 6, 11, '"more" is never used.'),
    ]


def test_w153_a_split_inside_a_loop() -> None:
    compiled = compile_small("""\
steps:
  - id: nudges
    repeat: up to 3 times
    do:
      - {id: rest, wait: 1 day}
      - id: test
        split:
          a 50%: [{set profile: {points: 1}}]
          b 50%: [{stop: b}]
""")

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W153  journey.yaml:10:9
  The split is inside a loop: people get the same path in every round.

   10 |         split:
      |         ^^^^^
  Hint: Use round: "if: nudges.round is 2"
"""
    )


# ---------------------------------------------------------------------------------- together


def test_a_project_with_errors_is_not_looked_through() -> None:
    assert codes("goal: did refund\nexit if: poins > 3\nsteps:\n  - stop: done\n") == ["N01"]


def test_a_warning_does_not_stop_a_project() -> None:
    assert compile_small("goal: did refund\nsteps:\n  - stop: done\n").project is not None
