"""Sends, splits and rules that change while somebody is inside. Language reference, 4.8."""

from __future__ import annotations

from dsl.calendar import DAY, HOUR
from tests.engine.editing.edits import NUDGES, edit, entered, where
from tests.engine.scene import Scene, journey

ESCALATING = """
  - id: ask
    send: hello
    to first of: [push, email]
    escalate after: 5 hours
    unless: opened
  - {id: then_wait, wait: 9 days}
"""


def test_the_time_to_the_next_channel_is_counted_from_the_message() -> None:
    scene = entered(steps=ESCALATING)
    scene.after(HOUR)
    edit(scene, ESCALATING.replace("5 hours", "3 hours"))
    scene.after(4 * HOUR)

    assert scene.sent == ["2026-03-02 10:00 hello push", "2026-03-02 13:00 hello email"]


def test_a_send_that_does_not_escalate_any_more_is_done() -> None:
    scene = entered(steps=ESCALATING)
    edit(
        scene,
        "  - {id: ask, send: hello, to first of: [push, email]}\n  - {id: then_wait, wait: 9 days}\n",
    )

    assert where(scene) == "then_wait"
    assert len(scene.sent) == 1


def test_nothing_breaks_where_the_version_before_is_not_known_any_more() -> None:
    """As if its files could not be read: the channel that was used is gone all the same."""
    scene = entered(steps=ESCALATING)
    gone = Scene(journey(ESCALATING.replace("[push, email]", "[sms, email]")))
    scene.program = gone.program
    scene.runner.deploy(gone.program)
    scene.change("ada", {"visits": 1})

    assert where(scene) == "then_wait"


def test_a_channel_that_was_used_and_is_gone_ends_the_escalation() -> None:
    scene = entered(steps=ESCALATING)
    edit(scene, ESCALATING.replace("[push, email]", "[sms, email]"))

    assert where(scene) == "then_wait"
    assert len(scene.sent) == 1


SPLIT = """
  - id: story
    split:
      long 50%: [{id: long_wait, wait: 2 days}]
      short 50%: [{id: short_wait, wait: 2 days}]
  - {id: after_it, wait: 9 days}
"""


def test_who_has_been_assigned_stays_and_new_people_get_the_new_shares() -> None:
    people = [f"p{number}" for number in range(20)]
    scene = entered(*people, steps=SPLIT)
    before = {name: where(scene, name) for name in people}
    assert set(before.values()) == {"long_wait", "short_wait"}
    edit(scene, SPLIT.replace("long 50%", "long 0%").replace("short 50%", "short 100%"))
    assert {name: where(scene, name) for name in people} == before
    for name in people:
        scene.person(f"new_{name}")
        scene.event("signed_up", f"new_{name}")

    assert {where(scene, f"new_{name}") for name in people} == {"short_wait"}


def test_who_has_been_assigned_stays_in_the_next_round_too() -> None:
    steps = """
  - id: again
    repeat: up to 3 times
    do:
      - id: story
        split:
          long 50%: [{id: long_wait, wait: 2 days}]
          short 50%: [{id: short_wait, wait: 2 days}]
"""
    people = [f"p{number}" for number in range(20)]
    scene = entered(*people, steps=steps)
    before = {name: where(scene, name) for name in people}
    edit(scene, steps.replace("long 50%", "long 0%").replace("short 50%", "short 100%"))
    scene.after(3 * DAY)

    assert {name: where(scene, name) for name in people} == before
    assert {scene.runs(name)[0].steps["again"].round for name in people} == {2}


def test_a_path_that_is_removed_needs_a_word_about_its_steps() -> None:
    people = [f"p{number}" for number in range(20)]
    scene = entered(*people, steps=SPLIT)
    before = {name: where(scene, name) for name in people}
    edit(
        scene,
        """
  - id: story
    split:
      short 100%: [{id: short_wait, wait: 2 days}]
  - {id: after_it, wait: 9 days}
""",
        head="removed steps: {long_wait: continue with after_it}",
    )

    now = {"long_wait": "after_it", "short_wait": "short_wait"}
    assert {name: where(scene, name) for name in people} == {
        name: now[step] for name, step in before.items()
    }


def test_texts_rules_and_caps_count_from_the_next_input_on() -> None:
    """Excluded by the new rule: nothing happens until something does, and then they leave."""
    scene = entered()
    scene.change("ada", {"visits": 7})
    edit(scene, NUDGES, head="exclude if: visits > 5")
    assert where(scene) == "hello"
    scene.after(DAY)

    assert where(scene) == "left exclude if"


def test_a_goal_that_is_there_now_is_measured_with_its_own_time() -> None:
    """Watched for three days after entering; now for thirty."""
    head = "goal: did buy since entry\ngoal within: 3 days"
    scene = entered(steps="  - {id: x, wait: 1 hour}\n", head=head)
    scene.after(DAY)
    edit(scene, "  - {id: x, wait: 1 hour}\n", head=head.replace("3 days", "30 days"))
    scene.after(20 * DAY)
    scene.event("purchase", total="9 EUR")

    assert scene.story("ada", "converted") == ["converted goal"]


def test_a_new_key_and_a_new_trigger_are_for_new_starts_only() -> None:
    scene = entered()
    key = scene.runs()[0].key
    edit(scene, NUDGES, head="trigger: {event: cart_updated}\none per: trigger.cart_id")
    scene.event("signed_up")
    scene.event("cart_updated", cart_id="c1", value="5 EUR")

    assert [run.key for run in scene.runs()] == [key, "c1"]


def test_the_version_they_are_in_is_written_down_with_every_message() -> None:
    scene = entered()
    first = scene.runs()[0].version
    edit(scene, NUDGES.replace("wait: 2 days", "wait: 3 days"))
    second = scene.runs()[0].version
    scene.after(9 * DAY)

    assert first != second
    assert [each.version for each in scene.store.deliveries_of("ada")] == [second]


def test_in_a_paused_journey_nobody_moves_before_it_goes_on() -> None:
    scene = entered()
    scene.after(DAY + HOUR)
    removed = "removed steps: {nudge: continue with day_two}"
    steps = "  - {id: hello, wait: 1 day}\n  - {id: day_two, send: hello, to: email}\n"
    edit(scene, steps, head=f"status: paused\n{removed}")
    scene.after(5 * DAY)
    assert scene.sent == []
    edit(scene, steps, head=removed)

    assert scene.sent == ["2026-03-08 11:00 hello email"]
