"""A step that asks a web service is edited while people wait for the answer."""

from __future__ import annotations

from dsl.calendar import HOUR, MINUTE, SECOND
from tests.engine.desk import OTHER, TASK, answer, asked, scene_of, subjects
from tests.engine.editing.edits import edit, where
from tests.engine.scene import SHOP, Scene, journey


def waiting(steps: str = TASK, **more: str) -> Scene:
    """Ada waits for an answer."""
    scene = scene_of(steps, **more)
    scene.silent = True
    scene.event("signed_up")
    return scene


def test_words_that_change_around_the_step_change_nothing_for_who_waits() -> None:
    scene = waiting()
    call = asked(scene)
    edit(scene, TASK.replace("else 99", "else 50").replace("new customer", "somebody new"))
    assert asked(scene) == call
    scene.after(30 * SECOND)

    assert subjects(scene) == ["50 % off"]


def test_another_time_is_counted_from_when_the_wait_began() -> None:
    longer = TASK.replace("    webhook: crm\n", "    webhook: crm\n    at most: 2 hours\n")
    scene = waiting(longer)
    scene.after(30 * MINUTE)
    edit(scene, longer.replace("2 hours", "1 hour"))
    scene.after(29 * MINUTE)
    assert where(scene) == "task"
    scene.after(MINUTE)

    assert subjects(scene) == ["99 % off"]


def test_another_service_is_asked_anew_and_the_first_answer_is_ignored() -> None:
    scene = waiting()
    first = asked(scene)
    policy = {"policy.yaml": SHOP["policy.yaml"] + OTHER}
    scene.edit(journey(TASK.replace("webhook: crm", "webhook: desk")), files=policy)
    second = asked(scene)
    answer(scene, first, {"score": 1})
    assert where(scene) == "task"
    answer(scene, second, {"score": 2})

    assert first != second
    assert subjects(scene) == ["2 % off"]


def test_a_step_under_another_name_keeps_its_question() -> None:
    scene = waiting()
    call = asked(scene)
    edit(scene, TASK.replace("task", "ticket"), head="renamed steps: {task: ticket}")
    assert where(scene) == "ticket"
    answer(scene, call, {"score": 3})

    assert subjects(scene) == ["3 % off"]


def test_who_stays_in_an_older_version_does_without_a_service_that_is_gone() -> None:
    """They come to the step after the policy has lost it."""
    nap = "  - {id: nap, wait: 1 hour}\n"
    scene = scene_of(nap + TASK, head="people inside: stay")
    scene.event("signed_up")
    policy = {"policy.yaml": SHOP["policy.yaml"]}
    scene.edit(journey(nap, head="people inside: stay"), files=policy)
    scene.after(HOUR)

    assert scene.services.questions == []
    assert subjects(scene) == ["99 % off"]


def test_a_limit_that_is_taken_away_leaves_the_time_as_it_was() -> None:
    longer = TASK.replace("    webhook: crm\n", "    webhook: crm\n    at most: 2 hours\n")
    scene = waiting(longer)
    edit(scene, TASK)
    scene.after(2 * HOUR - MINUTE)
    assert where(scene) == "task"
    scene.after(MINUTE)

    assert subjects(scene) == ["99 % off"]
