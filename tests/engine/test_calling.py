"""Asking web services: what they are told, and what their answers lead to."""

from __future__ import annotations

from channels.services import Answer
from dsl.calendar import HOUR, SECOND
from tests.engine.desk import (
    BUSY,
    REFUSED,
    STOPS,
    TASK,
    answer,
    asked,
    scene_of,
    subjects,
)

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
    scene.silent = True
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
    scene.silent = True
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
    assert scene.story("ada", "called") == []
    assert subjects(scene) == ["99 % off"]


def test_an_answer_and_the_end_of_the_time_at_one_instant() -> None:
    """Timers due by then fire before an input is processed."""
    scene = scene_of()
    scene.silent = True
    scene.event("signed_up")
    call = asked(scene)
    scene.now += 30 * SECOND
    answer(scene, call, {"score": 5})

    assert subjects(scene) == ["99 % off"]
