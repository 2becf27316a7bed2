"""People inside a journey, and what is done to it."""

from __future__ import annotations

from dsl.calendar import MINUTE
from engine.core.split import bucket
from tests.engine.scene import Scene, journey

__all__ = ["NUDGES", "edit", "entered", "spread", "where"]

NUDGES = """
  - {id: hello, wait: 1 day}
  - {id: nudge, wait: 2 days}
  - {id: day_two, send: hello, to: email}
  - {id: quiet, wait: 10 days}
"""


def entered(*people: str, steps: str = NUDGES, head: str = "") -> Scene:
    """People at the first step of a journey, at 10:00 on the second of March."""
    scene = Scene(journey(steps, head=head))
    for name in people or ("ada",):
        scene.person(name)
        scene.event("signed_up", name)
    return scene


def edit(scene: Scene, steps: str, head: str = "") -> None:
    scene.edit(journey(steps, head=head))


def where(scene: Scene, person: str = "ada") -> str:
    """The step in which somebody rests, or how they have left."""
    run = scene.runs(person)[-1]
    return run.state if run.status == "live" else f"left {run.outcome}"


def spread(scene: Scene, step: str, person: str = "ada") -> int:
    return scene.now + int(bucket(f"welcome/{step}", person) * 15 * MINUTE)
