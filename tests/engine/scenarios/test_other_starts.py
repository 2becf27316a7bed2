"""Scenarios of journeys that no event starts: dates, schedules, segments."""

from __future__ import annotations

from tests.engine.scenarios.acting import failures
from tests.engine.scene import journey

HELLO = "expect sent: hello"
STEPS = "  - {id: hi, send: hello, to: push}\n"


def test_a_date_of_the_person_comes_round() -> None:
    renewal = journey(STEPS, head="trigger: {date: renewal_date - 2 days, at: 09:00}")
    given = "profile: {renewal_date: 2026-03-10}"
    before, then = "until: 2026-03-08 08:59:59", "until: 2026-03-08 09:00"

    assert failures(before, "expect nothing", then, HELLO, of=renewal, given=given) == []
    moved = "profile: {renewal_date: 2026-03-20}"
    assert (
        failures(moved, then, "expect nothing", "pass: 10 days", HELLO, of=renewal, given=given)
        == []
    )


def test_a_schedule_comes_round() -> None:
    weekly = journey(STEPS, head="trigger: {schedule: every Friday at 08:00, for: readers}")
    files = {"segments.yaml": "segments:\n  readers: {who: first_name is known}\n"}
    before, then = "until: 2026-03-06 07:59:59", "until: 2026-03-06 08:00"
    lines = [before, "expect nothing", then, HELLO, "pass: 7 days", HELLO]

    assert failures(*lines, of=weekly, files=files) == []
    assert (
        failures(then, "expect nothing", of=weekly, files=files, given="profile: {first_name: }")
        == []
    )


def test_somebody_enters_a_segment_they_were_not_in() -> None:
    files = {"segments.yaml": 'segments:\n  gold: {who: tier is "gold"}\n'}
    golden = journey(STEPS, head="trigger: {enters segment: gold}")
    gold, silver = "profile: {tier: gold}", "profile: {tier: silver}"
    lines = ["expect nothing", gold, HELLO, "pass: 1 hour", silver, "expect nothing", gold, HELLO]

    assert failures(*lines, of=golden, files=files) == []
    assert failures("event: viewed", "expect nothing", of=golden, given=gold, files=files) == []
