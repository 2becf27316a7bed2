"""Journeys that start by themselves: dates, schedules, segments entered and left."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY
from tests.engine.scene import SHOP, Scene, journey

GREET = "  - {id: greet, send: hello, to: email}\n"
BIRTHDAYS = {
    "plan.yaml": SHOP["plan.yaml"].replace(
        "  renewal_date: date\n", "  renewal_date: date\n  birthday: date\n"
    )
}


def started(scene: Scene) -> list[str]:
    return [line[:16] for line in scene.sent]


@pytest.mark.parametrize(
    ("birthday", "days"),
    [
        ("1990-05-06", ["2026-05-06 09:00", "2027-05-06 09:00"]),
        ("2000-02-29", ["2027-02-28 09:00", "2028-02-29 09:00"]),
        ("1990-03-02", ["2027-03-02 09:00", "2028-03-02 09:00"]),
    ],
)
def test_a_date_comes_back_every_year(birthday: str, days: list[str]) -> None:
    """29 February is the 28th in other years; today's is over when it becomes known at ten."""
    head = "trigger: {date: birthday, every: year, at: 09:00}"
    scene = Scene(journey(GREET, head=head), files=BIRTHDAYS)
    scene.person(birthday=birthday)
    scene.until("2028-03-02 12:00")

    assert started(scene)[:2] == days


def test_a_date_is_a_local_one_and_moves_with_its_attribute() -> None:
    """Fourteen days before the renewal at ten in New York; the renewal is put off in between."""
    head = "trigger: {date: renewal_date - 14 days, at: 10:00}\none per: renewal_date"
    scene = Scene(journey(GREET, head=head))
    scene.person(renewal_date="2026-04-01", time_zone="America/New_York")
    scene.until("2026-03-10 12:00")
    scene.change("ada", {"renewal_date": "2026-05-01"})
    scene.until("2026-06-01 12:00")

    # 10:00 in New York, where it is summer time already.
    assert started(scene) == ["2026-04-17 16:00"]


def test_a_date_that_is_over_when_it_becomes_known_starts_nothing() -> None:
    """Renewal in ten days, told fourteen days before: too late."""
    head = "trigger: {date: renewal_date - 14 days, at: 10:00}"
    scene = Scene(journey(GREET, head=head))
    scene.person(renewal_date="2026-03-12")
    scene.until("2026-06-01 12:00")

    assert started(scene) == []


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("every Friday at 08:00 in recipient's time zone", ["03-06 08:00", "03-13 08:00"]),
        ("every Friday at 08:00 in America/New_York", ["03-06 14:00", "03-13 13:00"]),
        ("every weekday at 09:00", ["03-03 09:00", "03-04 09:00"]),
        ("every 2 weeks from 2026-01-05 at 10:00", ["03-02 10:00", "03-16 10:00"]),
        ("on the 1st day of every month at 10:00", ["04-01 10:00", "05-01 10:00"]),
        ("on the last Friday of every month at 10:00", ["03-27 10:00", "04-24 10:00"]),
        ("once on 2026-03-29 at 02:30", ["03-29 03:30"]),
    ],
)
def test_a_schedule_comes_round_for_those_in_its_segment(schedule: str, days: list[str]) -> None:
    """Ada is in it, Bob is not; the day the clocks change included."""
    segments = 'segments:\n  readers: {who: tier is "gold"}\n'
    head = f"trigger:\n  schedule: {schedule}\n  for: readers"
    scene = Scene(
        journey(GREET, head=head), start="2026-03-02 09:30", files={"segments.yaml": segments}
    )
    scene.person("ada", tier="gold")
    scene.person("bob", tier="silver")
    scene.until("2026-05-02 12:00")

    assert [line[5:] for line in started(scene)][:2] == days
    assert scene.story("bob", "entered", "not entered") == []


def test_becoming_a_member_starts_a_journey_and_so_does_ceasing_to_be_one() -> None:
    """Up to gold and down again; somebody who signs up as gold has become one too."""
    segments = 'segments:\n  best: {who: tier is "gold"}\n'
    up = journey("  - stop: up\n", "up", "trigger: {enters segment: best}")
    down = journey("  - stop: down\n", "down", "trigger: {leaves segment: best}")
    scene = Scene(up, down, files={"segments.yaml": segments})
    scene.person("ada", tier="silver")
    scene.person("bob", tier="gold")
    scene.change("ada", {"tier": "gold"})
    scene.change("ada", {"visits": 1})
    scene.change("ada", {"tier": "bronze"})

    assert scene.story("ada", "left") == ["left up", "left down"]
    assert scene.story("bob", "left") == ["left up"]


def test_a_segment_that_changes_by_itself_is_entered_at_that_instant() -> None:
    """Silent for thirty days: nobody does anything, and the journey starts all the same."""
    segments = (
        "segments:\n  silent:\n    who:\n      - did buy\n      - did not buy in the last 30 days\n"
    )
    head = "trigger: {enters segment: silent}\nre-enter: any time"
    scene = Scene(journey(GREET, head=head), files={"segments.yaml": segments})
    scene.person()
    scene.event("purchase", total="10 EUR")
    scene.after(10 * DAY)
    scene.event("purchase", total="10 EUR")
    scene.after(60 * DAY)
    scene.event("purchase", total="10 EUR")
    scene.after(60 * DAY)

    # Bought on 12 March at ten, and on 11 May at eleven, when summer time had begun.
    assert started(scene) == ["2026-04-11 10:00", "2026-06-10 11:00"]


def test_a_segment_that_matters_only_now_was_not_entered_by_those_in_it() -> None:
    """A journey is deployed for a segment that Ada has been in for long."""
    segments = 'segments:\n  best: {who: tier is "gold"}\n'
    scene = Scene(journey("  - stop: up\n"), files={"segments.yaml": segments})
    scene.person("ada", tier="gold")
    later = Scene(
        journey("  - stop: up\n", head="trigger: {enters segment: best}"),
        files={"segments.yaml": segments},
    )
    scene.runner.deploy(later.program)
    scene.dispatcher.deploy(later.program)
    scene.store.wake_everyone(scene.now)
    scene.settle()
    assert scene.story("ada", "entered") == []
    scene.change("ada", {"tier": "silver"})
    scene.change("ada", {"tier": "gold"})

    assert scene.story("ada", "entered") == ["entered segment best entered"]


def test_a_guard_that_changes_by_itself_ends_the_run_at_that_instant() -> None:
    """Out three days after the last look, in the middle of a wait of a month."""
    steps = "  - {id: pause, wait: 1 month}\n"
    scene = Scene(journey(steps, head="exit if: did not viewed in the last 3 days"))
    scene.person()
    scene.event("viewed")
    scene.event("signed_up")
    scene.after(DAY)
    scene.event("viewed")
    scene.after(20 * DAY)

    left = [(d.reason, scene.clock(d.at)) for d in scene.decisions() if d.what == "left"]
    assert left == [("exit if", "2026-03-06 10:00")]


def test_a_rule_that_is_waited_for_may_come_true_by_itself() -> None:
    """Silent for two days, without anybody doing anything."""
    steps = """
  - id: quiet
    wait until: did not viewed in the last 2 days
    at most: 10 days
    then:
      - {id: greet, send: hello, to: email}
"""
    scene = Scene(journey(steps))
    scene.person()
    scene.event("viewed")
    scene.event("signed_up")
    scene.after(20 * DAY)

    assert started(scene) == ["2026-03-04 10:00"]


def test_a_guard_notices_when_a_segment_changes_by_itself() -> None:
    """Thrown out on the day the person has been silent for a month."""
    segments = "segments:\n  silent: {who: did not viewed in the last 30 days}\n"
    steps = "  - {id: pause, wait: 3 months}\n"
    scene = Scene(
        journey(steps, head="exclude if: in segment silent"), files={"segments.yaml": segments}
    )
    scene.person()
    scene.event("viewed")
    scene.event("signed_up")
    scene.after(60 * DAY)

    left = [(d.reason, scene.clock(d.at)) for d in scene.decisions() if d.what == "left"]
    assert left == [("exclude if", "2026-04-01 10:00")]


def test_the_first_thing_after_a_start_by_the_calendar_happened_since_entry() -> None:
    """What started the journey is not kept, and its number is given to the next event."""
    segments = "segments:\n  golden: {who: first_name is known}\n"
    head = "trigger: {schedule: every Tuesday at 08:00, for: golden}\ngoal: did buy since entry"
    scene = Scene(
        journey("  - {id: pause, wait: 5 days}\n", head=head), files={"segments.yaml": segments}
    )
    scene.person(first_name="Ada")
    scene.until("2026-03-03 09:00")
    scene.event("purchase", total="10 EUR")

    assert scene.story("ada", "entered", "left") == ["entered date", "left goal"]
