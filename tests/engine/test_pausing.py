"""A pause freezes: nobody enters, nothing moves, and what came meanwhile happens afterwards."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR
from tests.engine.scene import Scene, journey

STEPS = """
  - id: looked
    wait for: viewed
    at most: 3 days
    then:
      - {id: yes_mail, send: hello, to: email}
    otherwise:
      - {id: no_mail, send: named, to: email}
"""


def switch(scene: Scene, status: str, steps: str = STEPS, head: str = "") -> None:
    """Deploys the journey with another status, as the daemon does."""
    other = Scene(journey(steps, head=f"status: {status}\n{head}"))
    scene.program = other.program
    scene.runner.deploy(other.program)
    scene.dispatcher.deploy(other.program)
    scene.caller.deploy(other.program)
    scene.store.wake_everyone(scene.now)
    scene.settle()


def test_a_timer_that_was_due_in_the_pause_fires_after_it() -> None:
    """Due on the fifth, paused until the ninth: nothing before, and then at once."""
    scene = Scene(journey(STEPS))
    scene.person(first_name="Ada")
    scene.event("signed_up")
    scene.after(DAY)
    switch(scene, "paused")
    scene.until("2026-03-09 10:00")
    assert scene.sent == []
    switch(scene, "live")

    assert scene.sent == ["2026-03-09 10:00 named email"]


def test_an_event_that_came_in_the_pause_ends_the_wait_after_it() -> None:
    """In its order: before the timeout, which was due later."""
    scene = Scene(journey(STEPS))
    scene.person(first_name="Ada")
    scene.event("signed_up")
    switch(scene, "paused")
    scene.after(DAY)
    scene.event("viewed")
    scene.after(5 * DAY)
    switch(scene, "live")
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-08 10:00 hello email"]


def test_a_short_pause_changes_no_timer() -> None:
    """Paused for an hour in the middle of a wait: it ends when it would have ended."""
    steps = "  - {id: pause, wait: 1 day}\n  - {id: greet, send: hello, to: email}\n"
    scene = Scene(journey(steps))
    scene.person()
    scene.event("signed_up")
    switch(scene, "paused", steps)
    scene.after(HOUR)
    scene.change("ada", {"visits": 1})
    switch(scene, "live", steps)
    scene.after(3 * DAY)

    assert scene.sent == ["2026-03-03 10:00 hello email"]


def test_nobody_enters_and_a_goal_reached_in_the_pause_ends_the_run_after_it() -> None:
    """Bought while everything stood still."""
    head = "goal: did buy since entry"
    scene = Scene(journey(STEPS, head=head))
    scene.person("ada")
    scene.person("bob")
    scene.event("signed_up", "ada")
    switch(scene, "paused", head=head)
    scene.event("signed_up", "bob")
    scene.event("purchase", "ada", total="10 EUR")
    assert scene.story("ada", "left") == []
    assert scene.story("bob") == ["not entered not live"]
    scene.after(DAY)
    switch(scene, "live", head=head)

    assert scene.story("ada", "left") == ["left goal"]
    assert scene.sent == []
