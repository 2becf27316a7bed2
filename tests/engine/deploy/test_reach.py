"""W112: people of a segment who cannot be reached on the only channel a message has."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.deploy import Plan, make_plan
from engine.deploy.reach import unreachable
from engine.store import open_store
from engine.store.protocol import Store
from tests.engine.deploy.shops import folder
from tests.engine.scene import Scene, journey

SEGMENT = "segments:\n  lapsed: {who: visits > 3}\n"
STEPS = "  - {id: call, send: hello, to: sms}\n"
FOR_ALL = "trigger: {schedule: every Friday at 09:00, for: lapsed}"


def crowd(without: int, within: int = 8, store: Store | None = None) -> Scene:
    """People in the segment, some of them without a phone, and one outside of it."""
    scene = Scene(store=store)
    for number in range(within):
        phone = {} if number < without else {"phone": f"+4930{number}"}
        scene.person(f"p{number}", visits=5, **phone)
    scene.person("outside", visits=1)
    return scene


def found(scene: Scene, steps: str = STEPS, head: str = FOR_ALL) -> list[str]:
    plan: Plan = make_plan(
        scene.store, folder(journey(steps, head=head), files={"segments.yaml": SEGMENT})
    )
    return [f"{one.code} {one.span} {one.message}" for one in unreachable(scene.store, plan, 0)]


def test_they_are_counted_and_told() -> None:
    said = (
        "There is only one channel and no fallback; 38% of the people in segment lapsed are not"
        " reachable there."
    )

    assert found(crowd(3)) == [f"W112 journeys/0.yaml:8:33 {said}"]


def test_they_are_counted_in_a_file_too(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    said = found(crowd(3, store=store))
    store.close()

    assert said == found(crowd(3))


@pytest.mark.parametrize(
    ("steps", "head"),
    [
        ("  - {id: call, send: hello, to first of: [sms, email]}\n", FOR_ALL),
        ("  - {id: call, send: hello, to: email}\n", FOR_ALL),
        (STEPS, "trigger: {event: signed_up}"),
    ],
)
def test_a_second_channel_one_that_reaches_them_or_no_segment(steps: str, head: str) -> None:
    assert found(crowd(3), steps, head) == []


def test_a_few_are_always_without() -> None:
    assert found(crowd(0)) == []
    assert found(crowd(1, within=40)) == []
    assert len(found(crowd(2, within=40))) == 1


def test_each_channel_is_told_once() -> None:
    steps = STEPS + "  - {id: again, send: hello, to: sms}\n"

    assert len(found(crowd(3), steps, "trigger: {enters segment: lapsed}")) == 1
