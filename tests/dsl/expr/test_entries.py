"""Lists and the values in them: compared as the same values are outside of lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.shop import scope
from dsl import kinds
from dsl.calendar import DAY, HOUR
from dsl.expr.context import Context
from dsl.plan import Field, TrackingPlan
from tests.dsl.expr.asking import NOW, ask, at, event, somebody

LISTS: dict[str, kinds.Kind] = {
    "pauses": kinds.ListOf(kinds.Length()),
    "alarms": kinds.ListOf(kinds.Instant()),
    "days_off": kinds.ListOf(kinds.Date()),
}
PLAN = scope().plan
WHERE = replace(
    scope(),
    plan=TrackingPlan(
        "lists",
        {**PLAN.attributes, **{name: Field(name, kind) for name, kind in LISTS.items()}},
        PLAN.events,
    ),
)


def owner() -> Context:
    return somebody(
        event("purchase", at("2026-03-01 23:30"), 1),
        pauses=[[0, 0, 0, HOUR], [0, 30, 0, 0]],
        alarms=[at("2026-03-02 00:30"), at("2026-02-01 12:00")],
        days_off=["2026-03-02", "2026-12-24"],
        refill_interval=[0, 0, 0, HOUR],
        last_seen_at=NOW,
        renewal_date="2026-03-02",
    )


@pytest.mark.parametrize(
    "rule",
    [
        "refill_interval is one of pauses",
        "pauses has refill_interval",
        "pauses has 60 minutes",
        "pauses has any of (2 days, 30 days)",
        "pauses has all of (1 hour, 30 days)",
        "pauses has none of (1 month, 29 days)",
        "2 hours not in pauses",
        "pauses has all of pauses",
    ],
)
def test_lengths_in_lists_are_as_long_as_outside(rule: str) -> None:
    assert ask(rule, owner(), WHERE) is True
    assert ask(f"not ({rule})", owner(), WHERE) is False


@pytest.mark.parametrize(
    "rule",
    [
        "alarms has today",
        "today is one of alarms",
        "alarms has 2026-02-01",
        "alarms does not have yesterday",
        "alarms has any of (yesterday, 2026-02-01)",
        "alarms has all of (today, 2026-02-01)",
        "alarms has any of days_off",
        "days_off has any of alarms",
        "not alarms has all of days_off",
        "last_seen_at is one of days_off",
        "days_off has now",
        "(unique purchase.time) has 2026-03-01",
    ],
)
def test_a_moment_in_a_list_is_compared_with_a_date_as_its_day(rule: str) -> None:
    assert ask(rule, owner(), WHERE) is True
    assert ask(f"not ({rule})", owner(), WHERE) is False


@pytest.mark.parametrize(
    "rule",
    [
        "last_seen_at is one of (2026-01-01, now)",
        "last_seen_at is one of (now, 2026-01-01)",
        "last_seen_at is one of (today, last_login)",
        "renewal_date is one of (last_seen_at, 2026-01-01)",
        "alarms has any of (now, today)",
        "alarms has any of (today, now)",
        "alarms has all of (today, 2026-03-02 00:30)",
        "not alarms has all of (today, now)",
        "last_seen_at is none of (last_seen_at - 1 hour, yesterday)",
    ],
)
def test_dates_and_moments_can_stand_side_by_side(rule: str) -> None:
    assert ask(rule, owner(), WHERE) is True
    assert ask(f"not ({rule})", owner(), WHERE) is False


def test_missing_is_in_no_list() -> None:
    nobody = somebody(alarms=[NOW - DAY], pauses=[[0, 1, 0, 0]])

    for rule in (
        "alarms has any of (renewal_date, last_seen_at)",
        "alarms has all of (renewal_date, last_seen_at)",
        "last_seen_at is one of (today, now)",
        "refill_interval is one of pauses",
        "pauses has refill_interval",
        "days_off has today",
        "alarms has any of days_off",
    ):
        assert ask(rule, nobody, WHERE) is False, rule
