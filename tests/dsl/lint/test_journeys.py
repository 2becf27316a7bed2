"""What whole journeys say, and what they say together."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import compile_small, complaints

STOP = "steps:\n  - stop: done\n"


def told(rest: str, **changed: str) -> list[tuple[str, int, int, str]]:
    return complaints(rest, **changed)


def codes(rest: str, **changed: str) -> list[str]:
    return [one[0] for one in complaints(rest, **changed)]


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


def test_w114_a_goal_that_looks_at_every_coming() -> None:
    segments = "segments:\n  regulars: {who: did purchase in the last 30 days}\n"
    found = told(f"goal: entered segment regulars\n{STOP}", segments=segments)

    said = "The goal is already true at the door for many people: it looks at all coming and going."
    assert found == [("W114", 1, 7, said)]
    windowed = f"goal: entered segment regulars since entry\n{STOP}"
    assert codes(windowed, segments=segments) == []


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


# -------------------------------------------------------------------------------------- W157

YEARLY = "trigger:\n  date: renewal_date\n  every: year\n"
WEEKLY = "trigger:\n  schedule: every Friday at 08:00\n  for: regulars\n"
ONCE = "trigger:\n  schedule: once on 2031-11-28 at 08:00\n  for: regulars\n"
REGULARS = "segments:\n  regulars: {who: did purchase in the last 30 days}\n"


def returning(trigger: str, head: str = "") -> list[str]:
    journey = f"journey: first\ncategory: service\n{trigger}{head}{STOP}"
    return codes("", journey=journey, segments=REGULARS)


@pytest.mark.parametrize("trigger", [YEARLY, WEEKLY])
def test_w157_a_journey_that_comes_back_and_nobody_with_it(trigger: str) -> None:
    journey = f"journey: first\ncategory: service\n{trigger}{STOP}"
    (found,) = compile_small("", journey=journey, segments=REGULARS).diagnostics

    assert (found.code, found.span.line, found.span.column, found.span.width) == ("W157", 3, 1, 7)
    assert found.message == "This starts again and again, but everybody enters it only once."


@pytest.mark.parametrize("trigger", [YEARLY, WEEKLY])
@pytest.mark.parametrize("words", ["never", "any time", "after 300 days"])
def test_whoever_says_how_often_is_not_told(trigger: str, words: str) -> None:
    assert returning(trigger, f"re-enter: {words}\n") == []


@pytest.mark.parametrize(
    "trigger", [ONCE, "trigger: {date: renewal_date}\n", "trigger: {event: purchase}\n"]
)
def test_what_does_not_come_back_is_not_told(trigger: str) -> None:
    assert returning(trigger) == []
