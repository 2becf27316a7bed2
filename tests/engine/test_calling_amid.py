"""Asking web services amid everything else: guards, loops, pauses, crashes."""

from __future__ import annotations

import asyncio

import pytest

from channels.services import Answer, Question
from dsl.calendar import DAY, HOUR, SECOND
from engine.core.signals import Erased
from engine.runner import Runner
from tests.engine.desk import (
    BUSY,
    REFUSED,
    SERVICES,
    STOPS,
    TASK,
    answer,
    asked,
    scene_of,
    subjects,
)
from tests.engine.scene import Scene, journey

# ------------------------------------------------------------------------------- what goes before


def test_a_goal_while_waiting_leaves_and_the_late_answer_is_ignored() -> None:
    scene = scene_of(head="goal: did purchase since entry")
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    scene.now += SECOND
    scene.event("purchase", total="10 EUR")
    answer(scene, call, {"score": 5})

    assert scene.story("ada", "converted", "left", "no answer") == ["converted goal", "left goal"]
    assert subjects(scene) == []


def test_a_guard_that_the_answer_makes_true_leaves_at_once() -> None:
    """The answer is an input: guards are asked before it takes the run on, and at the send."""
    scene = scene_of(head="exit if: task.score < 3")
    scene.services.script("crm", Answer({"score": 2}))
    scene.event("signed_up")

    assert scene.story("ada", "left") == ["left exit if"]
    assert subjects(scene) == []


def test_other_events_do_not_end_the_call() -> None:
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    scene.event("viewed")
    scene.change("ada", {"tier": "silver"})
    answer(scene, "another call", {"score": 1})

    assert subjects(scene) == []
    assert asked(scene)


def test_an_answer_counts_once() -> None:
    scene = scene_of(TASK + "  - {id: pause, wait: 1 day}\n")
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    for score in (5, 6):
        answer(scene, call, {"score": score})

    assert subjects(scene) == ["5 % off"]
    (run,) = scene.runs()
    assert run.steps["task"].values == {"score": 5}


# -------------------------------------------------------------------------------- rounds and runs


ROUNDS = """
  - id: tries
    repeat: up to 3 times
    until: task.score >= 5
    do:
      - {id: pause, wait: 1 hour}
      - {id: task, webhook: crm, with: {round: = tries.round}}
  - id: offer
    send: offer
    to: email
    with: {discount: = task.score or else 99}
"""


def test_every_round_asks_a_question_of_its_own() -> None:
    scene = scene_of(ROUNDS)
    scene.services.script("crm", Answer({"score": 1}), REFUSED, Answer({"score": 7}))
    scene.event("signed_up")
    scene.after(DAY)

    questions = scene.services.questions
    assert [question.values["round"] for question in questions] == [1, 2, 3]
    assert len({question.id for question in questions}) == 3
    assert subjects(scene) == ["7 % off"]


def test_what_an_earlier_round_was_told_is_gone_when_a_later_one_fails() -> None:
    """The record of a step that failed is missing, not that of the round before."""
    scene = scene_of(ROUNDS)
    scene.services.script("crm", Answer({"score": 4}), REFUSED, REFUSED)
    scene.event("signed_up")
    scene.after(DAY)

    assert subjects(scene) == ["99 % off"]


def test_the_answer_of_an_earlier_round_is_too_late() -> None:
    scene = scene_of(ROUNDS)
    scene.silent = True
    scene.event("signed_up")
    scene.after(HOUR)
    first = asked(scene)
    scene.after(HOUR + 30 * SECOND)
    second = asked(scene)
    answer(scene, first, {"score": 9})

    assert second not in ("", first)
    assert asked(scene) == second


@pytest.mark.parametrize("restarted", [True, False])
def test_a_run_that_began_again_asks_again(restarted: bool) -> None:
    scene = scene_of(head="if already inside: restart" if restarted else "")
    scene.silent = True
    scene.event("signed_up")
    first = asked(scene)
    scene.now += SECOND
    scene.event("signed_up")

    assert (asked(scene) != first) == restarted


def test_a_call_inside_a_fragment() -> None:
    fragment = """
fragment: ticket
inputs: {why: text}
steps:
  - {id: task, webhook: crm, with: {reason: = why}}
  - id: offer
    send: offer
    to: email
    with: {discount: = task.score or else 99}
"""
    steps = "  - {use: ticket, id: help, with: {why: unhappy}}\n"
    scene = scene_of(steps, files={"fragment.yaml": fragment})
    scene.services.script("crm", Answer({"score": 5}))
    scene.event("signed_up")

    assert [question.values for question in scene.services.questions] == [{"reason": "unhappy"}]
    assert subjects(scene) == ["5 % off"]


# ------------------------------------------------------------------------------------------ pause


def switch(scene: Scene, status: str, steps: str = TASK) -> None:
    """Deploys the journey with another status, as the daemon does. From now on, services answer."""
    scene.silent = False
    asyncio.run(scene.caller.recover(scene.now))
    other = Scene(journey(steps, head=f"status: {status}"), policy=SERVICES)
    for each in (scene.runner, scene.dispatcher, scene.caller):
        each.deploy(other.program)
    scene.store.wake_everyone(scene.now)
    scene.settle()


def test_nobody_is_asked_during_a_pause_and_the_whole_time_is_given_after_it() -> None:
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    switch(scene, "paused")
    scene.after(DAY)
    assert scene.services.questions == []
    scene.services.script("crm", BUSY, Answer({"score": 5}))
    switch(scene, "live")
    scene.after(20 * SECOND)

    assert subjects(scene) == ["5 % off"]
    assert scene.story("ada", "called", "no answer") == ["called crm"]


def test_an_answer_that_comes_during_a_pause_counts_after_it() -> None:
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    switch(scene, "paused")
    answer(scene, call, {"score": 5})
    scene.after(DAY)
    assert subjects(scene) == []
    switch(scene, "live")

    assert subjects(scene) == ["5 % off"]


def test_a_failure_that_comes_during_a_pause_counts_after_it() -> None:
    scene = scene_of(STOPS)
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    switch(scene, "paused", STOPS)
    answer(scene, call, None, "it answered 500")
    scene.after(DAY)
    assert scene.story("ada", "left") == []
    switch(scene, "live", STOPS)

    assert scene.story("ada", "left") == ["left failed"]


# ----------------------------------------------------------------------------- crashes and stores


def test_a_call_whose_answer_was_lost_is_asked_again_under_the_same_name() -> None:
    """The process dies after asking: the next one asks the same question."""
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    scene.silent = False
    scene.settle()
    assert scene.services.questions == []

    asyncio.run(scene.caller.recover(scene.now))
    scene.settle()

    assert [question.id for question in scene.services.questions] == [call]
    assert subjects(scene) == ["99 % off"]


def test_batches_of_one_and_of_many_ask_the_same() -> None:
    def questions(limit: int) -> list[Question]:
        scene = scene_of(limit=limit)
        for name in ("bob", "eve"):
            scene.person(name, tier="silver")
            scene.event("signed_up", name)
        scene.event("signed_up")
        scene.after(DAY)
        return sorted(scene.services.questions, key=lambda each: each.id)

    assert questions(1) == questions(1000)


def test_a_person_who_is_forgotten_asks_nothing() -> None:
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    scene.take(Erased("x", "ada", scene.now, 0))
    scene.silent = False
    scene.after(DAY)

    assert scene.services.questions == []
    assert scene.store.people(["ada"], ()) == {}


def test_the_runner_alone_never_asks_anybody() -> None:
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    Runner(scene.store, scene.program).run_once(scene.now)

    assert scene.services.questions == []
