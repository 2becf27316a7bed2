"""Waiting for something that happens: from now on, in time, first entry first (section 4.4)."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY, HOUR
from tests.engine.scene import Scene, journey

LISTEN = """
  - id: reply
    wait for: viewed
    at most: 3 days
    then:
      - {id: yes_mail, send: hello, to: email}
    otherwise:
      - {id: no_mail, send: named, to: email}
"""


def test_a_wait_for_an_event_takes_it_or_the_timeout() -> None:
    """Ada looks at something, Bob does not."""
    scene = Scene(journey(LISTEN))
    for name in ("ada", "bob"):
        scene.person(name, first_name=name)
        scene.event("signed_up", name)
    scene.after(DAY)
    scene.event("viewed", "ada")
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-03 10:00 hello email", "2026-03-05 10:00 named email"]


def test_only_events_from_now_on_end_a_wait() -> None:
    """Looked at something before; that is history, unless the wait looks back."""
    back = LISTEN.replace("at most: 3 days", "at most: 3 days\n    looking back: 2 hours")
    for steps, message in ((LISTEN, "named"), (back, "hello")):
        scene = Scene(journey(steps))
        scene.person(first_name="Ada")
        scene.event("viewed")
        scene.after(HOUR)
        scene.event("signed_up")
        scene.after(5 * DAY)

        assert [line.split()[2] for line in scene.sent] == [message]


@pytest.mark.parametrize(("late", "message"), [("09:45", "hello"), ("09:44", "named")])
def test_an_event_that_arrives_late_can_end_a_wait_that_is_open(late: str, message: str) -> None:
    """Up to fifteen minutes before the wait began."""
    policy = "\nlate events: {accept for waits: 15 minutes}\n"
    scene = Scene(journey(LISTEN), policy=policy)
    scene.person(first_name="Ada")
    scene.event("signed_up")
    scene.after(HOUR)
    scene.event("viewed", happened=f"2026-03-02 {late}")
    scene.after(5 * DAY)

    assert [line.split()[2] for line in scene.sent] == [message]


def test_a_timeout_and_the_event_at_the_same_instant() -> None:
    """The timer is due at the receipt of the event, so it is logged first."""
    scene = Scene(journey(LISTEN))
    scene.person(first_name="Ada")
    scene.event("signed_up")
    scene.advance_to(scene.at("2026-03-05 09:59"))
    scene.now = scene.at("2026-03-05 10:00")
    scene.event("viewed")

    assert [line.split()[2] for line in scene.sent] == ["named"]


def test_entries_are_tried_in_order_and_one_may_restart_the_wait() -> None:
    """A view restarts it, a purchase over ten euros ends it with words, a smaller one too."""
    steps = """
  - id: reply
    wait for:
      - {event: viewed, restart wait: yes}
      - event: purchase
        where: total > 10 EUR
        do:
          - stop: bought a lot
      - event: purchase
        do:
          - stop: bought a little
    at most: 2 days
    otherwise:
      - stop: nothing
"""
    endings = []
    for total in ("20 EUR", "5 EUR", None):
        scene = Scene(journey(steps))
        scene.person()
        scene.event("signed_up")
        scene.after(DAY)
        scene.event("viewed")
        scene.after(DAY + HOUR)
        if total is not None:
            scene.event("purchase", total=total)
        scene.after(5 * DAY)
        endings += scene.story("ada", "left")

    assert endings == ["left bought a lot", "left bought a little", "left nothing"]
