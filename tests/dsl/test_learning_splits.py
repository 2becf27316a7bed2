"""Splits that learn: what they are made of, and what authors get wrong about them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dsl.calendar import DAY, from_datetime
from dsl.expr.context import Context, StepRecord
from dsl.machine import Learning, Split
from tests.dsl.projects import code_of, complaints

STEPS = """\
steps:
  - id: offer
    split:
      shipping: [{stop: a}]
      percent: [{stop: b}]
    optimise for: did refund within 7 days after offer
"""
NOON = from_datetime(datetime(2026, 3, 2, 12, tzinfo=UTC))


def learning_of(steps: str) -> Learning:
    split = code_of(steps)[0]
    assert isinstance(split, Split)
    assert split.learning is not None
    return split.learning


def test_a_split_that_learns_has_paths_without_shares_and_a_target_with_an_end() -> None:
    """A tenth goes on exploring unless it is said how much."""
    learning = learning_of(STEPS)
    more = learning_of(f"{STEPS}    keep exploring: 2.5%\n")

    split = code_of(STEPS)[0]
    assert isinstance(split, Split)
    assert [path.name for path in split.paths] == ["shipping", "percent"]
    assert learning.target.text == "did refund within 7 days after offer"
    assert learning.target.reads.events == {"refund"}
    assert (learning.exploring, more.exploring) == (Decimal("0.1"), Decimal("0.025"))


def test_it_is_known_when_the_last_window_has_ended() -> None:
    """Days are those of the person's calendar: one of these is 23 hours long."""
    learning = learning_of(
        STEPS.replace(
            "did refund within 7 days after offer",
            "did refund within 1 day after offer and not did refund between entry and offer + 2 days",
        )
    )
    saturday = from_datetime(datetime(2026, 3, 28, 12, tzinfo=UTC))
    context = Context(
        saturday, ZoneInfo("Europe/Berlin"), steps={"offer": StepRecord(time=saturday)}
    )

    ends = [end.value(context) for end in learning.ends]

    assert ends == [saturday + 23 * DAY // 24, saturday + 47 * DAY // 24]


def test_without_a_beginning_there_is_no_end() -> None:
    learning = learning_of(STEPS)

    assert learning.ends[0].value(Context(NOON, ZoneInfo("UTC"))) is None


@pytest.mark.parametrize(
    "target",
    [
        "did refund",
        "did refund in the last 7 days",
        "did refund since entry",
        "did refund since offer",
        "points > 3",
        "did refund within 7 days after offer or did refund this week",
        "did refund within 7 days after last refund.time",
        "did refund within 7 days after renewal_date",
        "count of refund in the last 3 days >= 2 and did refund within 1 day after offer",
    ],
)
def test_a_target_without_an_end_is_refused(target: str) -> None:
    """Nobody could ever be said not to have reached it."""
    told = complaints(STEPS.replace("did refund within 7 days after offer", target))

    assert [(one[0], one[1]) for one in told] == [("S12", 6)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("shipping:", "shipping 50%:"), [("S11", 4, 7)]),
        (
            ("    optimise for: did refund within 7 days after offer\n", ""),
            [("S11", 3, 5), ("S11", 4, 7), ("S11", 5, 7)],
        ),
        (("      percent: [{stop: b}]\n", ""), [("S04", 5, 5)]),
        (("percent:", "per cent:"), [("S13", 5, 7)]),
        (("after offer", "after ofer"), [("N01", 6, 50)]),
        (("after offer\n", "after offer\n    keep exploring: 101%\n"), [("S10", 7, 21)]),
        (("after offer\n", "after offer\n    keep exploring: a bit\n"), [("S10", 7, 21)]),
    ],
)
def test_what_authors_get_wrong(change: tuple[str, str], found: list[tuple[str, int, int]]) -> None:
    told = complaints(STEPS.replace(*change))

    assert [one[:3] for one in told] == found


def test_exploring_belongs_to_a_split_that_learns() -> None:
    told = complaints("steps:\n  - {id: a, split: {x 50%: [], y 50%: []}, keep exploring: 5%}\n")

    assert [one[:3] for one in told] == [("S04", 2, 44)]
