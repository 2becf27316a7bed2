"""Somebody is taken out of one run by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dsl.calendar import DAY, HOUR, MINUTE
from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.ejecting import TAKEN_OUT, ejection
from engine.core.run import Run
from engine.core.signals import EventArrived, MergeAsked
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from engine.why import Names, as_text, tell
from tests.engine.scene import Scene, journey

STAY = journey("  - {id: pause, wait: 3 days}\n  - {id: greet, send: hello, to: email}\n")
AT_ONCE = journey("  - {id: greet, send: hello, to: email}\n  - {id: pause, wait: 3 days}\n")
LATE = journey("  - {id: pause, wait: 2 days}\n  - {id: greet, send: hello, to: email}\n", "late")


def _run(scene: Scene, name: str = "welcome") -> Run:
    (found,) = [each for each in scene.runs() if each.journey == name]
    return found


def _take_out(scene: Scene, name: str = "welcome", by: str = "operator rosa") -> int:
    return scene.store.append([ejection(_run(scene, name), by, scene.now)]).repeated


def _inside(*journeys: str) -> Scene:
    scene = Scene(*journeys)
    scene.person("ada")
    scene.event("signed_up")
    return scene


def _decided(text: str, store: Store | None = None) -> Scene:
    """Ada's message is decided, and nobody has looked after it yet."""
    scene = Scene(text, store=store)
    scene.person("ada")
    came = Happened("signed_up", scene.now, scene.now, 0, {})
    scene.store.append([EventArrived("came", "ada", came)])
    scene.runner.run_once(scene.now, 100)
    (waiting,) = scene.store.deliveries_of("ada")
    assert waiting.status == "queued"
    return scene


def test_they_leave_at_once_and_the_story_says_who_took_them_out() -> None:
    scene = _inside(STAY)

    assert _take_out(scene) == 0
    scene.after(MINUTE)
    run = _run(scene)
    names = Names.of(scene.program.project.plan, scene.program.zone)
    told = tell(scene.store, "ada", names)
    assert (run.status, run.outcome, run.due) == ("closed", TAKEN_OUT, None)
    assert told is not None
    assert "left welcome: taken out by hand (operator rosa)" in [
        line.strip().partition("  ")[2] for _, line in as_text(told)
    ]
    scene.after(4 * DAY)
    assert scene.sent == []


def test_saying_it_again_changes_nothing() -> None:
    scene = _inside(STAY)
    _take_out(scene)
    scene.after(MINUTE)
    before = scene.store.decisions("ada")

    assert _take_out(scene, by="operator tom") == 1
    scene.after(MINUTE)
    assert scene.store.decisions("ada") == before


def test_other_runs_of_theirs_go_on() -> None:
    scene = _inside(STAY, LATE)
    _take_out(scene)
    scene.after(4 * DAY)

    assert _run(scene, "late").outcome == "end"
    assert [each.journey for each in scene.store.deliveries_of("ada")] == ["late"]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_message_of_the_run_that_waits_is_not_sent_even_before_it_is_processed(
    kind: str, tmp_path: Path
) -> None:
    store = MemoryStore() if kind == "memory" else open_store(f"sqlite:///{tmp_path / 'w.db'}")
    scene = _decided(AT_ONCE, store)

    _take_out(scene)
    asyncio.run(scene.dispatcher.run_once(scene.now))
    (stopped,) = scene.store.deliveries_of("ada")
    assert (stopped.status, scene.sent) == ("stopped", [])
    scene.after(HOUR)
    told = [(each.what, each.reason) for each in scene.store.decisions("ada")]
    assert ("stopped", "taken out: operator rosa") in told
    assert ("left", TAKEN_OUT) in told
    assert scene.store.people(["ada"], ())["ada"].profile.contacts == ()
    store.close()


def test_of_a_run_that_has_left_what_waits_is_withdrawn_and_how_it_left_stays() -> None:
    scene = _decided(journey("  - {id: greet, send: hello, to: email}\n"))
    _take_out(scene)
    scene.after(HOUR)

    assert _run(scene).outcome == "end"
    assert scene.sent == []
    left = [each for each in scene.store.decisions("ada") if each.what == "left"]
    assert [each.reason for each in left] == ["end"]


def test_a_paused_journey_lets_them_go_as_well() -> None:
    scene = _inside(STAY)
    scene.edit(journey(STAY.partition("steps:\n")[2], head="status: paused"))
    _take_out(scene)
    scene.after(MINUTE)

    assert _run(scene).outcome == TAKEN_OUT


def test_it_goes_with_them_when_they_become_one_with_somebody() -> None:
    scene = Scene(STAY)
    scene.person("anonymous:7c1f")
    scene.event("signed_up", "anonymous:7c1f")
    scene.person("ada")
    (run,) = scene.runs("anonymous:7c1f")
    merge = MergeAsked("merge/1", "anonymous:7c1f", scene.now, 0, "ada")
    scene.store.append([merge, ejection(run, "key desk", scene.now)])
    scene.after(MINUTE)
    scene.after(MINUTE)

    (mine,) = scene.runs("ada")
    assert mine.outcome == TAKEN_OUT


def test_the_goal_is_still_counted_for_whom_it_counts() -> None:
    scene = _inside(
        journey(
            "  - {id: pause, wait: 3 days}\n",
            head="goal: did purchase since entry\ngoal within: 7 days",
        )
    )
    _take_out(scene)
    scene.after(HOUR)
    assert (_run(scene).status, _run(scene).outcome) == ("watched", TAKEN_OUT)
    scene.event("purchase", total="9.90 EUR")
    scene.after(HOUR)

    assert _run(scene).converted is not None
    assert _whats(scene.store.decisions("ada")) >= {"left", "converted"}


def _whats(decisions: list[Decision]) -> set[str]:
    return {each.what for each in decisions}
