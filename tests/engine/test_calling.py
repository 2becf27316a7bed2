"""Asking web services: what they are told, what their answers lead to, and what goes before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from channels.services import Answer, NoAnswer, Question
from dsl.calendar import DAY, HOUR, MINUTE, SECOND
from engine.core.ids import answer_id
from engine.core.signals import CallAnswered, Erased
from engine.runner import Runner
from engine.store.memory import MemoryStore
from tests.engine.scene import Scene, journey

SERVICES = """
webhooks:
  crm:
    address: https://crm.example.com/tasks
    gives up after: 30 seconds
    returns: {ticket: text, score: whole number, limit: money EUR}
"""
TASK = """
  - id: task
    webhook: crm
    with: {reason: new customer, tier: = tier, since: = entry}
  - id: offer
    send: offer
    to: email
    with: {discount: = task.score or else 99}
"""
STOPS = TASK.replace("    with: {reason", "    if it fails: stop\n    with: {reason")
BUSY = NoAnswer("it answered 503", again=True)
REFUSED = NoAnswer("it answered 400", again=False)


def scene_of(steps: str = TASK, head: str = "", **more: Any) -> Scene:
    scene = Scene(journey(steps, head=head), policy=SERVICES, **more)
    scene.person(tier="gold")
    return scene


def subjects(scene: Scene) -> list[str]:
    return [message.parts["subject"] for message in scene.adapter.accepted]


def silent(scene: Scene) -> None:
    """The service is there and does not answer: nothing is settled until it is asked for."""
    scene.caller.deploy(Scene(journey(TASK, head="status: paused"), policy=SERVICES).program)


def answer(scene: Scene, call: str, values: Mapping[str, Any] | None, reason: str = "") -> None:
    """The answer comes in, as the caller would bring it."""
    scene.take(CallAnswered(answer_id(call), "ada", scene.now, 0, call, values, reason))


def asked(scene: Scene) -> str:
    """The question that the one live run rests in."""
    (run,) = [run for run in scene.runs() if run.status == "live"]
    return run.awaiting


# --------------------------------------------------------------------------- question and answer


def test_a_service_is_told_what_is_written_in_plain_json() -> None:
    """What is missing is left out; a moment is told as everybody writes moments."""
    scene = scene_of(TASK.replace("since: = entry", "since: = entry, country: = country"))
    scene.event("signed_up")

    (question,) = scene.services.questions
    assert question.service.name == "crm"
    assert question.values == {
        "reason": "new customer",
        "tier": "gold",
        "since": "2026-03-02T09:00:00Z",
    }


def test_its_answer_is_known_under_the_id_of_the_step() -> None:
    scene = scene_of()
    scene.services.script("crm", Answer({"ticket": "T-1", "score": 15, "debug": True}))
    scene.event("signed_up")

    assert subjects(scene) == ["15 % off"]
    (run,) = scene.runs()
    assert run.steps["task"].values == {"ticket": "T-1", "score": 15}
    assert run.steps["task"].time == scene.now


def test_amounts_come_back_as_amounts_and_what_is_of_the_wrong_kind_is_missing() -> None:
    gate = "  - {if: task.limit >= 139.12 EUR, then: [{stop: rich}]}\n"
    scene = scene_of(TASK + gate)
    scene.services.script("crm", Answer({"limit": 139.12, "score": "many", "ticket": 7}))
    scene.event("signed_up")

    assert subjects(scene) == ["99 % off"]
    assert scene.story("ada", "left") == ["left rich"]


def test_an_answer_without_anything_in_it_is_an_answer() -> None:
    known = "  - {if: task is known, then: [{stop: known}], else: [{stop: unknown}]}\n"
    scene = scene_of(TASK + known)
    scene.services.script("crm", Answer({}))
    scene.event("signed_up")

    assert subjects(scene) == ["99 % off"]
    assert scene.story("ada", "left") == ["left known"]


def test_the_call_is_decided_and_the_service_is_named() -> None:
    scene = scene_of()
    scene.event("signed_up")

    assert scene.story("ada", "called", "no answer") == ["called crm"]


def test_the_run_rests_until_the_answer_comes() -> None:
    """Twenty seconds of thinking: what follows counts from then."""
    scene = scene_of()
    silent(scene)
    scene.event("signed_up")
    (run,) = scene.runs()
    assert (run.state, run.timer) == ("task", scene.now + 30 * SECOND)
    assert subjects(scene) == []

    scene.now += 20 * SECOND
    answer(scene, asked(scene), {"score": 5})

    assert subjects(scene) == ["5 % off"]


# ---------------------------------------------------------------------------------- no answer


def test_a_failure_goes_on_with_nothing() -> None:
    """ "continue" is the default, and the record is missing."""
    known = "  - {if: task is known, then: [{stop: known}], else: [{stop: unknown}]}\n"
    scene = scene_of(TASK + known)
    scene.services.script("crm", REFUSED)
    scene.event("signed_up")

    assert subjects(scene) == ["99 % off"]
    assert scene.story("ada", "called", "no answer", "left") == [
        "called crm",
        "no answer it answered 400",
        "left unknown",
    ]


def test_a_failure_can_end_the_journey() -> None:
    scene = scene_of(STOPS)
    scene.services.script("crm", REFUSED)
    scene.event("signed_up")

    assert subjects(scene) == []
    assert scene.story("ada", "no answer", "left") == [
        "no answer it answered 400",
        "left failed",
    ]
    assert scene.decisions()[-1].detail == "crm: it answered 400"


def test_whoever_is_busy_is_asked_again_under_the_same_name() -> None:
    """Within the time of the step, later and later."""
    scene = scene_of()
    scene.services.script("crm", BUSY, BUSY, Answer({"score": 5}))
    scene.event("signed_up")
    begun = scene.now
    assert len(scene.services.questions) == 1
    scene.after(30 * SECOND)

    assert subjects(scene) == ["5 % off"]
    assert len({question.id for question in scene.services.questions}) == 1
    assert scene.story("ada", "called", "no answer") == ["called crm"]
    (run,) = scene.runs()
    waited = (run.steps["task"].time or 0) - begun
    assert 1.25 * SECOND <= waited <= 2.5 * SECOND


def test_nobody_asks_for_longer_than_the_step_may_take() -> None:
    """The next try would come too late: the reason of the last one is what is told."""
    scene = scene_of()
    scene.services.script("crm", *[BUSY] * 50)
    scene.event("signed_up")
    scene.after(30 * SECOND)

    assert 4 <= len(scene.services.questions) <= 5
    assert scene.story("ada", "no answer") == ["no answer it answered 503"]
    assert subjects(scene) == ["99 % off"]


def test_at_most_gives_a_step_more_time_than_one_answer_may_take() -> None:
    scene = scene_of(TASK.replace("    webhook: crm\n", "    webhook: crm\n    at most: 2 hours\n"))
    scene.services.script("crm", *[BUSY] * 8, Answer({"score": 5}))
    scene.event("signed_up")
    scene.after(2 * HOUR)

    assert len(scene.services.questions) == 9
    assert subjects(scene) == ["5 % off"]


def test_silence_ends_with_the_time_of_the_step() -> None:
    scene = scene_of(STOPS)
    silent(scene)
    scene.event("signed_up")
    scene.after(29 * SECOND)
    assert scene.story("ada", "left") == []
    scene.after(SECOND)

    assert scene.story("ada", "no answer", "left") == [
        "no answer it gave no answer in time",
        "left failed",
    ]


def test_no_time_at_all_is_a_failure_and_nobody_is_asked() -> None:
    scene = scene_of(TASK.replace("    webhook: crm\n", "    webhook: crm\n    at most: 0 hours\n"))
    scene.event("signed_up")

    assert scene.services.questions == []
    assert subjects(scene) == ["99 % off"]


def test_an_answer_and_the_end_of_the_time_at_one_instant() -> None:
    """Timers due by then fire before an input is processed."""
    scene = scene_of()
    silent(scene)
    scene.event("signed_up")
    call = asked(scene)
    scene.now += 30 * SECOND
    answer(scene, call, {"score": 5})

    assert subjects(scene) == ["99 % off"]


# ------------------------------------------------------------------------------- what goes before


def test_a_goal_while_waiting_leaves_and_the_late_answer_is_ignored() -> None:
    scene = scene_of(head="goal: did purchase since entry")
    silent(scene)
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
    silent(scene)
    scene.event("signed_up")
    scene.event("viewed")
    scene.change("ada", {"tier": "silver"})
    answer(scene, "another call", {"score": 1})

    assert subjects(scene) == []
    assert asked(scene)


def test_an_answer_counts_once() -> None:
    scene = scene_of(TASK + "  - {id: pause, wait: 1 day}\n")
    silent(scene)
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
    silent(scene)
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
    silent(scene)
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
    """Deploys the journey with another status, as the daemon does."""
    other = Scene(journey(steps, head=f"status: {status}"), policy=SERVICES)
    for each in (scene.runner, scene.dispatcher, scene.caller):
        each.deploy(other.program)
    scene.store.wake_everyone(scene.now)
    scene.settle()


def test_nobody_is_asked_during_a_pause_and_the_whole_time_is_given_after_it() -> None:
    scene = scene_of()
    silent(scene)
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
    silent(scene)
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
    silent(scene)
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
    store = MemoryStore()
    scene = scene_of(store=store)
    scene.store.append([])
    silent(scene)
    scene.event("signed_up")
    (claimed,) = store.claim_calls(scene.now + 5 * MINUTE, 10, scene.now + 60 * MINUTE)
    scene.caller.deploy(scene.program)
    scene.settle()
    assert scene.services.questions == []

    asyncio.run(scene.caller.recover(scene.now))
    scene.settle()

    assert [question.id for question in scene.services.questions] == [claimed.id]
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
    silent(scene)
    scene.event("signed_up")
    scene.take(Erased("x", "ada", scene.now, 0))
    scene.caller.deploy(scene.program)
    scene.after(DAY)

    assert scene.services.questions == []
    assert scene.store.people(["ada"], ()) == {}


def test_the_runner_alone_never_asks_anybody() -> None:
    scene = scene_of()
    silent(scene)
    scene.event("signed_up")
    Runner(scene.store, scene.program).run_once(scene.now)

    assert scene.services.questions == []
