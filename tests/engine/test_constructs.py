"""Loops, fragments, variables, ways out and ways to other journeys."""

from __future__ import annotations

import pytest

from channels.outcome import FailureClass, Rejected
from dsl.calendar import DAY, HOUR
from tests.engine.scene import Scene, journey

REPEAT = """
  - id: nudges
    repeat: up to 3 times
    while: did not buy since entry
    do:
      - id: pause
        wait: 1 day
      - id: nudge
        send: offer
        to: email
        with: {discount: = nudges.round * 10}
  - id: at_last
    send: hello
    to: email
"""


def test_a_loop_goes_round_at_most_so_often() -> None:
    """Three rounds, each with its number, then what is behind it."""
    scene = Scene(journey(REPEAT))
    scene.person()
    scene.event("signed_up")
    scene.after(10 * DAY)

    subjects = [message.parts["subject"] for message in scene.adapter.accepted]
    assert subjects == ["10 % off", "20 % off", "30 % off", "Hello"]
    assert [line[:10] for line in scene.sent] == [
        "2026-03-03",
        "2026-03-04",
        "2026-03-05",
        "2026-03-05",
    ]


def test_a_while_that_turns_false_inside_ends_the_loop_at_once() -> None:
    """Bought on the second day, in the middle of a wait: on at once, behind the loop."""
    scene = Scene(journey(REPEAT))
    scene.person()
    scene.event("signed_up")
    scene.after(DAY + HOUR)
    scene.event("purchase", total="10 EUR")

    assert [line.split()[2] for line in scene.sent] == ["offer", "hello"]
    assert scene.sent[-1].startswith("2026-03-03 11:00")


def test_a_while_that_is_false_from_the_start_skips_the_loop() -> None:
    """No round at all."""
    scene = Scene(journey(REPEAT.replace("did not buy since entry", "visits >= 1")))
    scene.person()
    scene.event("signed_up")

    assert [line.split()[2] for line in scene.sent] == ["hello"]


def test_until_is_asked_after_every_round() -> None:
    """Looked at something in the second round: no third one, but the second is finished."""
    steps = REPEAT.replace("while: did not buy since entry", "until: did viewed since entry")
    scene = Scene(journey(steps))
    scene.person()
    scene.event("signed_up")
    scene.after(DAY + HOUR)
    scene.event("viewed")
    scene.after(10 * DAY)

    subjects = [message.parts["subject"] for message in scene.adapter.accepted]
    assert subjects == ["10 % off", "20 % off", "Hello"]


def test_loops_in_loops_send_every_message_of_every_round() -> None:
    """Two times two rounds: four deliveries with names of their own."""
    steps = """
  - id: outer
    repeat: 2 times
    do:
      - id: inner
        repeat: 2 times
        do:
          - {id: pause, wait: 1 hour}
          - {id: nudge, send: hello, to: email}
"""
    scene = Scene(journey(steps))
    scene.person()
    scene.event("signed_up")
    scene.after(DAY)

    assert len(scene.sent) == 4
    assert len({message.id for message in scene.adapter.accepted}) == 4


FRAGMENT = """
fragment: ask_twice
inputs:
  percent: whole number, required
  words: text
steps:
  - id: pause
    wait: 2 days
  - id: ask
    send: offer
    to: email
    with: {discount: = percent}
  - if: ask was sent and words is known
    then:
      - id: again
        send: hello
        to: email
"""


def test_a_fragment_runs_with_its_inputs_wherever_it_is_used() -> None:
    """Twice in one journey, under ids of their own, with values of their own."""
    steps = """
  - use: ask_twice
    with: {percent: 10}
  - id: second
    use: ask_twice
    with: {percent: = visits * 5, words: more}
"""
    scene = Scene(journey(steps), files={"fragments.yaml": FRAGMENT})
    scene.person(visits=4)
    scene.event("signed_up")
    scene.after(10 * DAY)

    subjects = [message.parts["subject"] for message in scene.adapter.accepted]
    assert subjects == ["10 % off", "20 % off", "Hello"]
    assert {d.step for d in scene.store.deliveries_of("ada")} == {
        "ask_twice/ask",
        "second/ask",
        "second/again",
    }


def test_a_fragment_inside_a_fragment_does_not_touch_the_inputs_of_the_outer_one() -> None:
    """Both call their input ``percent``."""
    outer = """
fragment: outer
inputs: {percent: "whole number, required"}
steps:
  - use: ask_twice
    with: {percent: 50}
  - id: own
    send: offer
    to: email
    with: {discount: = percent}
"""
    files = {"fragments.yaml": FRAGMENT, "outer.yaml": outer}
    scene = Scene(journey("  - use: outer\n    with: {percent: 5}\n"), files=files)
    scene.person()
    scene.event("signed_up")
    scene.after(10 * DAY)

    subjects = [message.parts["subject"] for message in scene.adapter.accepted]
    assert subjects == ["50 % off", "5 % off"]


def test_variables_can_be_computed_on_the_way() -> None:
    """From what is known by then; those above can be used."""
    steps = """
  - id: pause
    wait: 1 day
  - let: {doubled: = visits * 2, more: = doubled + 1}
  - id: greet
    send: offer
    to: email
    with: {discount: = more}
"""
    scene = Scene(journey(steps))
    scene.person(visits=1)
    scene.event("signed_up")
    scene.change("ada", {"visits": 10})
    scene.after(2 * DAY)

    assert [message.parts["subject"] for message in scene.adapter.accepted] == ["21 % off"]


@pytest.mark.parametrize(
    ("head", "outcome"), [("goal: did buy", "goal"), ("exit if: did buy", "exit if")]
)
def test_steps_on_the_way_out_run_once(head: str, outcome: str) -> None:
    """An event is emitted and an attribute set, then the run leaves with its outcome."""
    out = "on goal" if outcome == "goal" else "on exit"
    head += f"""
{out}:
  - set profile: {{visits: = 7}}
  - emit: finished
    with: {{outcome: done}}
"""
    heard = journey("  - stop: heard\n", "heard", "trigger: {event: finished}")
    scene = Scene(journey("  - {id: pause, wait: 1 day}\n", head=head), heard)
    scene.person()
    scene.event("signed_up")
    scene.event("purchase", total="10 EUR")
    scene.event("purchase", total="10 EUR")

    assert scene.story("ada", "left") == [f"left {outcome}", "left heard"]
    assert scene.store.people(["ada"], ())["ada"].profile.attributes["visits"] == 7


def test_a_journey_starts_another_or_goes_over_to_it() -> None:
    """With a value that is ``trigger.time`` aside nothing more; the second one leaves."""
    other = journey("  - {id: greet, send: hello, to: email}\n", "other", "trigger: other journeys")
    both = """
  - start journey: other
  - go to journey: other
  - {id: never, send: named, to: email}
"""
    scene = Scene(journey(both), other)
    scene.person(first_name="Ada")
    scene.event("signed_up")

    assert [line.split()[2] for line in scene.sent] == ["hello", "hello"]
    assert scene.story("ada", "left") == ["left moved", "left end", "left end"]


def test_a_roll_out_lets_in_a_share_that_grows() -> None:
    """Those let in at 20% are among those let in at 60%; the others are recorded."""

    def entered(share: str) -> set[str]:
        scene = Scene(journey("  - stop: in\n", head=f"rollout: {share}"))
        people = [f"p{number}" for number in range(100)]
        for name in people:
            scene.event("signed_up", name)
        return {name for name in people if "entered signed_up" in scene.story(name)}

    few, many = entered("20%"), entered("60%")

    assert few < many
    assert 10 <= len(few) <= 30
    assert 50 <= len(many) <= 70


def test_a_split_may_be_drawn_anew_at_every_entry() -> None:
    """``reassign: every time`` takes both paths sooner or later; without it always the same."""
    steps = """
  - id: test
    split:
      one 50%:
        - stop: one
      two 50%:
        - stop: two
"""
    for reassign, paths in (("", 1), ("    reassign: every time\n", 2)):
        scene = Scene(journey(steps + reassign))
        scene.person()
        for _ in range(12):
            scene.event("signed_up")

        assert len(set(scene.story("ada", "left"))) == paths


ESCALATE = """
  - id: inform
    send: hello
    to first of: [push, email, sms]
    escalate after: 2 hours
    unless: delivered
  - id: behind
    send: hello
    to: email
"""


def test_a_send_escalates_until_a_receipt_comes() -> None:
    """No receipt for the push within two hours: e-mail; it is delivered: no SMS."""
    scene = Scene(journey(ESCALATE))
    scene.person(phone="+491701234567")
    scene.event("signed_up")
    scene.after(3 * HOUR)
    scene.receipt(scene.adapter.accepted[1].id, "delivered")
    scene.after(DAY)

    assert scene.sent == [
        "2026-03-02 10:00 hello push",
        "2026-03-02 12:00 hello email",
        "2026-03-02 13:00 hello email",
    ]
    assert scene.story("ada", "left") == ["left end"]


def test_a_refusal_escalates_at_once_and_the_last_channel_ends_it() -> None:
    """The push is refused, the e-mail says nothing, the SMS is the last word."""
    scene = Scene(journey(ESCALATE))
    scene.person(phone="+491701234567")
    scene.adapter.script(Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone"))
    scene.event("signed_up")
    scene.after(DAY)

    assert scene.sent == [
        "2026-03-02 10:00 hello email",
        "2026-03-02 12:00 hello sms",
        "2026-03-02 12:00 hello email",
    ]


def test_a_journey_that_is_started_knows_the_persons_history() -> None:
    """Its rules ask about events that neither the batch nor the first journey mentions."""
    other = journey(
        '  - if: did viewed where product is "lamp"\n    then:\n      - stop: knows\n',
        "other",
        "trigger: other journeys",
    )
    scene = Scene(journey("  - start journey: other\n"), other)
    scene.person()
    scene.event("viewed", product="lamp")
    scene.event("signed_up")

    assert scene.story("ada", "left") == ["left end", "left knows"]
