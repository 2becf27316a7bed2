"""A wait that changes is counted from when it began. Language reference, 4.8."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR, MINUTE
from tests.engine.editing.edits import NUDGES, edit, entered, spread, where
from tests.engine.scene import Scene, journey


def test_a_shorter_wait_is_counted_from_when_it_began() -> None:
    """Two days became 36 hours, six hours in: thirty hours are left."""
    scene = entered()
    scene.after(DAY + 6 * HOUR)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 36 hours"))
    assert scene.runs()[0].due == scene.now + 30 * HOUR
    scene.after(30 * HOUR)

    assert scene.sent == ["2026-03-04 22:00 hello email"]


def test_a_longer_wait_is_counted_from_when_it_began() -> None:
    scene = entered()
    scene.after(DAY + 6 * HOUR)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 4 days"))
    scene.after(10 * DAY)

    assert scene.sent == ["2026-03-07 10:00 hello email"]


def test_who_would_have_gone_on_already_does_so_within_a_quarter_of_an_hour() -> None:
    """A hundred people, each at a time of their own; nobody at once, nobody later."""
    people = [f"p{number}" for number in range(100)]
    scene = entered(*people)
    scene.after(DAY + 12 * HOUR)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 3 hours"))
    start = scene.now
    dues = {name: scene.runs(name)[0].due for name in people}
    assert dues == {name: spread(scene, "nudge", name) for name in people}
    scene.after(15 * MINUTE)

    decided = [scene.store.deliveries_of(name)[0].decided for name in people]
    assert decided == list(dues.values())
    assert start <= min(decided) < start + MINUTE
    assert start + 14 * MINUTE < max(decided) < start + 15 * MINUTE
    assert len(set(decided)) == 100


def test_nobody_waits_longer_because_a_wait_became_shorter() -> None:
    """A minute before the old wait ends, the new one is over since long."""
    people = [f"p{number}" for number in range(20)]
    scene = entered(*people)
    scene.after(3 * DAY - MINUTE)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 1 hour"))
    scene.after(MINUTE)

    decided = [scene.store.deliveries_of(name)[0].decided for name in people]
    assert decided == [min(spread(scene, "nudge", name) - MINUTE, scene.now) for name in people]


def test_a_wait_that_has_not_changed_keeps_its_timer_whatever_else_changes() -> None:
    """The length is asked once, on arrival, though what it depends on has changed since."""
    steps = (
        "  - {id: pause, wait until: renewal_date at 10:00}\n  - {id: x, send: hello, to: email}\n"
    )
    scene = Scene(journey(steps))
    scene.person(renewal_date="2026-03-10")
    scene.event("signed_up")
    due = scene.runs()[0].due
    edit(scene, "\n  # moved down by a line\n" + steps, head="exclude if: visits > 5")

    assert scene.runs()[0].due == due


def test_a_moment_that_changes_is_reckoned_from_the_day_of_arriving() -> None:
    """Tomorrow at nine became tomorrow at noon; the edit comes on the next morning at eight."""
    steps = (
        "  - {id: morning, wait until: tomorrow at 09:00}\n  - {id: x, send: hello, to: email}\n"
    )
    scene = entered(steps=steps)
    scene.until("2026-03-03 08:00")
    edit(scene, steps.replace("09:00", "12:00"))
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-03 12:00 hello email"]


def test_a_moment_that_is_over_by_now_is_not_skipped_but_followed() -> None:
    """It was ahead when they arrived, so "if past" has nothing to say; they go on, spread."""
    steps = """
  - {id: noon, wait until: "2026-03-02 12:00", if past: stop}
  - {id: x, send: hello, to: email}
"""
    scene = entered(steps=steps.replace("2026-03-02 12:00", "2026-03-09 12:00"))
    scene.until("2026-03-02 18:00")
    edit(scene, steps)
    due = spread(scene, "noon")
    scene.after(HOUR)

    assert [d.decided for d in scene.store.deliveries_of("ada")] == [due]


def test_a_moment_that_was_over_before_they_came_is_past() -> None:
    steps = """
  - {id: noon, wait until: "2026-03-09 12:00", if past: stop}
  - {id: x, send: hello, to: email}
"""
    scene = entered(steps=steps)
    edit(scene, steps.replace("2026-03-09", "2026-03-01"))

    assert where(scene) == "left past"


def test_a_rule_waited_for_that_holds_already_lets_them_go_on() -> None:
    """Nothing will happen that would have it asked again, so it is asked by the edit."""
    steps = """
  - id: ripe
    wait until: visits > 9
    at most: 30 days
    then: [{id: yes_mail, send: hello, to: email}]
    otherwise: [{id: no_mail, send: named, to: email}]
"""
    scene = Scene(journey(steps))
    scene.person(visits=5, first_name="Ada")
    scene.event("signed_up")
    scene.after(DAY)
    edit(scene, steps.replace("> 9", "> 3"))
    scene.after(15 * MINUTE)

    assert [line.split()[2] for line in scene.sent] == ["hello"]


def test_the_limit_of_a_wait_for_an_event_is_recomputed_too() -> None:
    steps = """
  - id: looked
    wait for: viewed
    at most: 9 days
    otherwise: [{id: no_mail, send: hello, to: email}]
"""
    scene = entered(steps=steps)
    scene.after(DAY)
    edit(scene, steps.replace("9 days", "3 days"))
    scene.after(9 * DAY)

    assert scene.sent == ["2026-03-05 10:00 hello email"]
