"""Inside a journey: waits, branches, guards, and what ends a run (section 4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.calendar import DAY, HOUR, MINUTE
from tests.engine.scene import Scene, journey

SEND = """
  - id: greet
    send: hello
    to: email
"""


def waiting(wait: str) -> str:
    return f"  - id: pause\n    {wait}\n{SEND}"


@pytest.mark.parametrize(
    ("wait", "zone", "start", "sent"),
    [
        ("wait: 1 day", "Europe/Berlin", "2026-03-28 09:00", "2026-03-29 09:00"),
        ("wait: 24 hours", "Europe/Berlin", "2026-03-28 09:00", "2026-03-29 10:00"),
        ("wait: 1 month", "Europe/Berlin", "2026-01-31 09:00", "2026-02-28 09:00"),
        ("wait: 2 working days", "Europe/Berlin", "2026-03-06 09:00", "2026-03-10 09:00"),
        ("wait until: Friday at 20:00", "America/New_York", "2026-03-04 10:00", "2026-03-06 20:00"),
        ("wait until: Friday at 20:00", "America/New_York", "2026-03-06 19:59", "2026-03-06 20:00"),
        ("wait until: Friday at 20:00", "America/New_York", "2026-03-06 20:01", "2026-03-13 20:00"),
        (
            "wait until: next Friday at 20:00",
            "Europe/Berlin",
            "2026-03-06 10:00",
            "2026-03-13 20:00",
        ),
        ("wait until: tomorrow at 09:00", "Europe/Berlin", "2026-03-28 23:30", "2026-03-29 09:00"),
        ("wait until: tomorrow at 09:00", "Europe/Berlin", "2026-10-24 23:30", "2026-10-25 09:00"),
        ("wait until: tomorrow at 02:30", "Europe/Berlin", "2026-03-28 12:00", "2026-03-29 03:30"),
        ("wait until: 09:00", "Europe/Berlin", "2026-03-02 09:00", "2026-03-02 09:00"),
        ("wait until: 09:00", "Europe/Berlin", "2026-03-02 09:01", "2026-03-03 09:00"),
        (
            "wait until: between 23:00 and 01:00",
            "Europe/Berlin",
            "2026-03-02 00:30",
            "2026-03-02 00:30",
        ),
        (
            "wait until: between 23:00 and 01:00",
            "Europe/Berlin",
            "2026-03-02 01:00",
            "2026-03-02 23:00",
        ),
        (
            "wait until: a weekday between 09:00 and 17:00",
            "Europe/Berlin",
            "2026-03-06 17:00",
            "2026-03-09 09:00",
        ),
        (
            "wait until: a weekday at 10:00\n    after: 1 day",
            "Europe/Berlin",
            "2026-03-02 11:00",
            "2026-03-04 10:00",
        ),
    ],
)
def test_waits_end_when_the_recipients_clock_says_so(
    wait: str, zone: str, start: str, sent: str
) -> None:
    """The company is in Berlin; the person's zone is that of the case."""
    scene = Scene(journey(waiting(wait)), start=start, zone=zone)
    scene.person(time_zone=zone)
    scene.event("signed_up")
    scene.after(40 * DAY)

    assert scene.sent == [f"{sent} hello email"]


@pytest.mark.parametrize(
    ("past", "sent", "left"),
    [
        ("continue", ["hello", "named"], "end"),
        ("skip next step", ["named"], "end"),
        ("stop", [], "past"),
    ],
)
def test_a_moment_that_is_already_over(past: str, sent: list[str], left: str) -> None:
    """Renewed on the first of March; today is the second."""
    steps = f"""
  - id: pause
    wait until: renewal_date - 14 days at 10:00
    if past: {past}
{SEND}
  - id: later
    send: named
    to: email
"""
    scene = Scene(journey(steps))
    scene.person(renewal_date="2026-03-01", first_name="Ada")
    scene.event("signed_up")

    assert [line.split()[2] for line in scene.sent] == sent
    assert scene.story("ada", "left") == [f"left {left}"]


def test_a_moment_moves_with_the_attribute_it_mentions() -> None:
    """The renewal is put off by a week while the person waits for it."""
    scene = Scene(journey(waiting("wait until: renewal_date at 10:00")))
    scene.person(renewal_date="2026-03-10")
    scene.event("signed_up")
    scene.after(DAY)
    scene.change("ada", {"renewal_date": "2026-03-17"})
    scene.after(30 * DAY)

    assert scene.sent == ["2026-03-17 10:00 hello email"]


def test_the_goal_wins_over_the_wait_that_listens_for_the_same_event() -> None:
    """A purchase that is also awaited ends the journey as a success."""
    steps = """
  - id: reply
    wait for: purchase
    at most: 3 days
    then:
      - {id: yes_mail, send: hello, to: email}
"""
    scene = Scene(journey(steps, head="goal: did buy since entry"))
    scene.person()
    scene.event("signed_up")
    scene.event("purchase", total="10 EUR")

    assert scene.sent == []
    assert scene.story("ada", "converted", "left") == ["converted goal", "left goal"]


def test_the_triggering_event_itself_does_not_count_since_entry() -> None:
    """A journey that starts on a purchase, with a purchase since entry as its goal."""
    head = "trigger: {event: purchase}\ngoal: did buy since entry"
    scene = Scene(journey(waiting("wait: 1 day"), head=head))
    scene.person()
    scene.event("purchase", total="10 EUR")
    assert scene.story() == ["entered purchase"]
    scene.event("purchase", total="10 EUR")

    assert scene.story("ada", "left") == ["left goal"]


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ("exclude if: in segment staff", "exclude if"),
        ('exit if: email ends with "@shop.example"', "exit if"),
    ],
)
def test_a_fence_is_asked_at_every_input(head: str, what: str) -> None:
    """Hired in the middle of the journey: out at once, not at the end of the wait."""
    scene = Scene(journey(waiting("wait: 1 day"), head=head))
    scene.person()
    scene.event("signed_up")
    scene.after(HOUR)
    scene.change("ada", {"email": "ada@shop.example"})

    assert scene.story("ada", "left") == [f"left {what}"]
    left = [d.at for d in scene.decisions() if d.what == "left"]
    assert left == [scene.now]


def test_a_goal_is_still_counted_after_the_run_has_ended() -> None:
    """The last step is over; the purchase on the sixth day is a conversion, on the eighth not."""
    for days, converted in ((6, 1), (8, 0)):
        head = "goal: did buy since entry\ngoal within: 7 days"
        scene = Scene(journey(waiting("wait: 1 day"), head=head))
        scene.person()
        scene.event("signed_up")
        scene.after(days * DAY)
        scene.event("purchase", total="10 EUR")

        assert scene.story("ada", "left") == ["left end"]
        assert len(scene.story("ada", "converted")) == converted


def test_branches_take_the_first_case_that_holds() -> None:
    """If and choose, with missing data on the other side."""
    steps = """
  - choose:
      - when: tier is "gold"
        do:
          - if: visits >= 10
            then:
              - stop: loyal
            else:
              - stop: rich
      - when: tier is "silver"
        do:
          - stop: silver
      - otherwise:
          - stop: others
"""
    people: list[dict[str, Any]] = [
        {"tier": "gold", "visits": 10},
        {"tier": "gold"},
        {"tier": "silver"},
        {},
    ]
    endings = []
    for attributes in people:
        scene = Scene(journey(steps))
        scene.person(**attributes)
        scene.event("signed_up")
        endings += scene.story("ada", "left")

    assert endings == ["left loyal", "left rich", "left silver", "left others"]


def test_a_split_divides_people_and_remembers_the_path() -> None:
    """Rules after it know the path; everybody takes exactly one."""
    steps = """
  - id: test
    split:
      one 50%:
        - {id: one_mail, send: hello, to: email}
      two 50%:
        - {id: two_mail, send: named, to: email}
  - if: test.path is "one"
    then:
      - stop: one
    else:
      - stop: two
"""
    scene = Scene(journey(steps))
    for number in range(60):
        scene.person(f"p{number}", first_name="P")
        scene.event("signed_up", f"p{number}")
    endings = [scene.story(f"p{n}", "sent", "left") for n in range(60)]

    assert {tuple(ending) for ending in endings} == {
        ("sent hello email", "left one"),
        ("sent named email", "left two"),
    }


def test_variables_are_computed_once_and_attributes_are_set_at_once() -> None:
    """``let`` keeps the value of the moment of entering; ``set profile`` is seen by the next
    step.
    """
    steps = """
  - id: pause
    wait: 1 day
  - set profile: {visits: = so_far + 1}
  - if: visits is 4 and so_far is 3
    then:
      - stop: as expected
"""
    scene = Scene(journey(steps, head="let: {so_far: = visits}"))
    scene.person(visits=3)
    scene.event("signed_up")
    scene.after(HOUR)
    scene.change("ada", {"visits": 100})
    scene.after(2 * DAY)

    assert scene.story("ada", "left") == ["left as expected"]
    assert scene.store.people(["ada"], ())["ada"].profile.attributes["visits"] == 4


def test_an_emitted_event_starts_another_journey_and_is_history() -> None:
    """Emitted with a value; the second journey reads it."""
    first = journey("  - emit: finished\n    with: {outcome: good}\n", "first")
    second = journey(
        '  - if: trigger.outcome is "good" and did finished\n    then:\n      - stop: heard it\n',
        "second",
        "trigger: {event: finished}",
    )
    scene = Scene(first, second)
    scene.person()
    scene.event("signed_up")

    assert scene.story("ada", "left") == ["left end", "left heard it"]


def test_a_circle_of_events_stops_by_itself() -> None:
    """A journey that starts itself again and again: a hundred times, then it is said."""
    circle = journey(
        "  - emit: finished\n",
        "circle",
        # A rule at the door might break the circle, so the checker lets it pass; it never does.
        "trigger: {event: finished}\nif already inside: allow\neligible if: not visits >= 1000",
    )
    scene = Scene(circle)
    scene.person()
    scene.event("finished")

    assert len(scene.story("ada", "entered")) == 101
    assert scene.story("ada", "stopped") == ["stopped too many events from one"]


def test_what_a_message_led_to_is_seen_by_the_rules_after_it() -> None:
    """Clicked within a day, or not."""
    steps = """
  - id: greet
    send: hello
    to: email
  - id: pause
    wait: 1 day
  - if: greet was clicked
    then:
      - stop: clicked
    else:
      - stop: silent
"""
    endings = []
    for clicks in (True, False):
        scene = Scene(journey(steps))
        scene.person()
        scene.event("signed_up")
        if clicks:
            scene.after(MINUTE)
            scene.receipt(scene.adapter.accepted[0].id, "clicked")
        scene.after(2 * DAY)
        endings += scene.story("ada", "left")

    assert endings == ["left clicked", "left silent"]


def test_downtime_does_not_flood() -> None:
    """Three days of downtime and three daily mails: the first at the real time, then daily."""
    steps = "".join(
        f"  - {{id: pause{n}, wait: 1 day}}\n  - {{id: mail{n}, send: hello, to: email}}\n"
        for n in range(3)
    )
    scene = Scene(journey(steps))
    scene.person()
    scene.event("signed_up")
    scene.now = scene.at("2026-03-06 10:00")
    scene.settle()
    assert scene.sent == ["2026-03-06 10:00 hello email"]
    scene.after(10 * DAY)

    assert scene.sent[1:] == ["2026-03-07 10:00 hello email", "2026-03-08 10:00 hello email"]
