"""People who finish the version they entered. Language reference, 4.8."""

from __future__ import annotations

from channels.outcome import RateLimited
from dsl.calendar import DAY, HOUR
from tests.engine.editing.edits import NUDGES, edit, entered, where
from tests.engine.scene import Scene, journey

STAY = "people inside: stay"


def test_who_stays_finishes_the_version_they_entered() -> None:
    """Its steps and its texts; who comes now gets the new ones. Nothing need be said of steps."""
    scene = entered("ada", head=STAY)
    scene.after(DAY + HOUR)
    files = {
        "messages.yaml": scene.files["messages.yaml"].replace(
            "subject: {en: Hello}", "subject: {en: Hi}"
        )
    }
    steps = "  - {id: now, send: hello, to: email}\n".replace("now", "at_once")
    scene.edit(journey(steps, head=STAY), files=files)
    scene.person("bob")
    scene.event("signed_up", "bob")
    assert where(scene, "ada") == "nudge"
    scene.after(3 * DAY)

    subjects = {
        name: [each.parts["subject"] for each in scene.store.deliveries_of(name)]
        for name in ("ada", "bob")
    }
    assert subjects == {"ada": ["Hello"], "bob": ["Hi"]}
    assert where(scene, "ada") == "quiet"
    assert where(scene, "bob") == "left end"


def test_who_stays_stays_through_several_edits_and_restarts() -> None:
    scene = entered("ada", head=STAY)
    version = scene.runs("ada")[0].version
    for pause in ("3 days", "4 days", "5 days"):
        edit(scene, NUDGES.replace("wait: 2 days", f"wait: {pause}"), head=STAY)
        scene.deploy()
        scene.after(HOUR)
    scene.after(5 * DAY)

    assert scene.sent == ["2026-03-05 10:00 hello email"]
    assert scene.runs("ada")[0].version == version
    assert scene.store.deliveries_of("ada")[0].version == version


def test_the_rules_of_the_house_hold_for_those_who_stay_too() -> None:
    """The policy has quiet hours now, and says to skip; the old version was made without."""
    scene = entered("ada", head=STAY)
    policy = (
        scene.files["policy.yaml"]
        + "quiet hours:\n  - {on: email, from: 09:00 to 18:00}\nwhen quiet: skip\n"
    )
    scene.edit(
        journey(NUDGES.replace("2 days", "9 days"), head=STAY), files={"policy.yaml": policy}
    )
    scene.after(5 * DAY)

    assert scene.sent == []
    assert scene.story("ada", "dropped") == ["dropped quiet"]


def test_who_stayed_moves_when_the_journey_says_so() -> None:
    """From whichever version they are in."""
    scene = entered("ada", head=STAY)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 3 days"), head=STAY)
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 4 days"))
    scene.after(9 * DAY)

    assert scene.sent == ["2026-03-07 10:00 hello email"]


def test_a_pause_holds_those_who_stay_too() -> None:
    scene = entered("ada", head=STAY)
    edit(scene, NUDGES.replace("2 days", "9 days"), head=f"{STAY}\nstatus: paused")
    scene.after(8 * DAY)
    assert scene.sent == []
    edit(scene, NUDGES.replace("2 days", "9 days"), head=STAY)

    scene.settle()
    assert where(scene) == "nudge"
    scene.after(2 * DAY)
    assert scene.sent == ["2026-03-12 10:00 hello email"]


def test_the_end_of_a_journey_is_the_end_for_those_who_stay_too() -> None:
    scene = entered("ada", head=STAY)
    edit(scene, NUDGES.replace("2 days", "9 days"), head=STAY)
    edit(scene, NUDGES.replace("2 days", "9 days"), head=f"{STAY}\nstatus: ended")

    assert where(scene) == "left ended"


def test_a_message_of_those_who_stay_is_held_back_by_a_pause() -> None:
    """Decided, and not handed over yet: the provider was busy."""
    steps = "  - {id: x, send: hello, to: email}\n  - {id: pause, wait: 9 days}\n"
    scene = Scene(journey(steps, head=STAY), answer=lambda _: RateLimited("account", 600.0, "busy"))
    scene.person()
    scene.event("signed_up")
    edit(scene, "  - {id: other, wait: 1 day}\n", head=f"{STAY}\nstatus: paused")
    busy = len(scene.adapter.messages)
    scene.after(HOUR)

    assert len(scene.adapter.messages) == busy


def test_whoever_is_written_about_is_still_awaited_by_those_who_stay() -> None:
    """The new version listens for nothing; the old one does."""
    steps = """
  - id: looked
    wait for: viewed
    at most: 9 days
    then: [{id: x, send: hello, to: email}]
"""
    scene = entered("ada", steps=steps, head=STAY)
    edit(scene, "  - {id: other, wait: 1 day}\n", head=STAY)
    scene.event("viewed")

    assert scene.sent == ["2026-03-02 10:00 hello email"]
