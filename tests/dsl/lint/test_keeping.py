"""How far back rules look, and what is said when that is further than events are kept (W161)."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY, HOUR, Duration
from dsl.lookback import LookBack, look_backs
from dsl.policy import Keep
from dsl.render import render
from tests.dsl.projects import POLICY, STEPS, compile_small, complaints

STOP = "steps:\n  - stop: done\n"


def looked_at(rest: str, **changed: str) -> dict[str, LookBack]:
    compiled = compile_small(rest, **changed)
    assert compiled.project is not None, compiled.diagnostics
    return look_backs(compiled.project, compiled.project.machines.values())


def days(rule: str, event: str = "refund") -> float | None:
    """How many days back a rule looks for an event; None: for ever."""
    longest = looked_at(f"eligible if: {rule}\n{STOP}")[event].longest
    return None if longest is None else longest / DAY


MARGIN = 2 * HOUR / DAY


@pytest.mark.parametrize(
    ("rule", "at_least", "at_most"),
    [
        ("did refund in the last 90 days", 90, 90 + MARGIN),
        ("did refund in the last 36 hours", 1.5, 1.5),
        ("did not refund at least 3 times in the last 2 months", 62, 62 + MARGIN),
        ("did refund since entry", 0, 0),
        ("did refund this year", 366, 368),
        ("did refund this month", 31, 33),
        ("did refund yesterday", 2, 4),
        ("did refund since yesterday", 1, 4),
        ("did refund since now - 5 days", 5, 6),
        ("did refund within 3 days after entry", 0, 0),
        ("did purchase in the last 9 days followed by refund within 3 days", 9, 9 + MARGIN),
    ],
)
def test_a_window_says_how_far_back_a_rule_looks(
    rule: str, at_least: float, at_most: float
) -> None:
    found = days(rule)

    assert found is not None
    assert at_least <= found <= at_most


@pytest.mark.parametrize(
    "rule",
    [
        "did refund",
        "did refund ever",
        "did refund before entry",
        "did refund since 2026-03-01",
        "did refund since renewal_date",
        "did purchase followed by refund within 3 days",
        'last refund.order_id is "x"',
        "did refund within 3 days after last purchase.time",
    ],
)
def test_without_an_end_all_of_it_is_needed(rule: str) -> None:
    assert days(rule) is None


def test_the_furthest_look_counts_wherever_it_is() -> None:
    rest = (
        "eligible if: did refund in the last 10 days\nexit if: in segment sorry\n"
        "steps:\n  - {id: w, wait for: purchase, at most: 1 day, looking back: 3 days}\n"
    )
    found = looked_at(rest, segments="segments:\n  sorry: {who: did refund in the last 70 days}\n")

    assert found["refund"].length == Duration(days=70)
    assert found["refund"].place == "segments.yaml:2"
    assert found["purchase"].length == Duration(days=3)


def test_what_became_of_a_message_is_asked_of_the_run_only() -> None:
    rest = STEPS + "  - if: hi was clicked within 2 days\n    then: [{stop: done}]\n"

    assert looked_at(rest)["message_clicked"].longest == 0


def test_best_times_are_made_of_everything_a_person_did() -> None:
    rest = STEPS.replace(
        "  - {id: hi", "  - {id: w, wait until: best time within 3 days}\n  - {id: hi"
    )

    assert looked_at(rest)["message_opened"].longest is None


def test_the_free_text_window_is_looked_back_for() -> None:
    policy = POLICY.replace("  sms:\n", "  sms:\n  whatsapp: {free text window: 24 hours}\n")

    assert looked_at(STEPS, policy=policy)["message_replied"].longest == 24 * HOUR


# ------------------------------------------------------------------------------- the policy

KEEP = POLICY + "keep:\n  events: 60 days\n  story: 1 year\n  texts: 30 days\n"


def test_the_policy_says_how_long_things_are_kept() -> None:
    project = compile_small(policy=KEEP).project

    assert project is not None
    assert project.policy.keep == Keep(Duration(days=60), Duration(months=12), Duration(days=30))


def test_without_a_word_everything_is_kept_for_ever() -> None:
    project = compile_small().project

    assert project is not None
    assert project.policy.keep == Keep(None, None, None)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("events: 29 days", '"29 days" is too short.'),
        ("story: 1 week", '"1 week" is too short.'),
        ("texts: 23 hours", '"23 hours" is too short.'),
    ],
)
def test_what_is_too_short_is_refused(said: str, message: str) -> None:
    ((code, *_, told),) = complaints(policy=f"{POLICY}keep: {{{said}}}\n")

    assert (code, told) == ("S10", message)


def test_w161_names_the_rule_that_looks_further_back() -> None:
    compiled = compile_small(f"exclude if: did refund in the last 90 days\n{STOP}", policy=KEEP)

    assert render(compiled.diagnostics, compiled.sources) == (
        """\
warning W161  policy.yaml:13:11
  Events are kept for 60 days, but "refund" for longer: "did refund in the last 90 days" (journey.yaml:4) looks further back.

   13 |   events: 60 days
      |           ^^^^^^^
  Hint: Let the rule look back less far, or keep events longer.
"""
    )


def test_w161_of_rules_without_a_window_and_of_what_is_no_rule() -> None:
    rest = "goal: did refund since entry\n" + STEPS.replace(
        "  - {id: hi", "  - {id: w, wait until: best time within 3 days}\n  - {id: hi"
    )
    found = [one[3] for one in complaints(rest, policy=KEEP) if one[0] == "W161"]

    assert found == [
        f'Events are kept for 60 days, but "{event}" for longer: the best times of first looks'
        " further back."
        for event in ("message_clicked", "message_opened")
    ]


def test_w161_is_silent_while_rules_look_no_further() -> None:
    rest = f"exclude if: did refund in the last 60 days or did purchase since entry\n{STOP}"

    assert [one for one in complaints(rest, policy=KEEP) if one[0] == "W161"] == []
