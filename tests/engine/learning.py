"""A journey with a split that learns, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.learning import Assignment
from tests.engine.scene import Scene, journey

__all__ = [
    "EXACT",
    "SCOPE",
    "SUBJECT",
    "TARGET",
    "assignments",
    "counts",
    "enter",
    "fates",
    "offer",
    "scene_of",
]

TARGET = "did buy within 7 days after offer"
SCOPE = "welcome/offer"
SUBJECT = f"split {SCOPE} | did buy within 7 days after it"
EXACT = "\nlate events: {accept for waits: 0 minutes, ignore for starts: 24 hours}\n"


def offer(paths: str = "left right", target: str = TARGET, more: str = "", after: str = "") -> str:
    """A journey that divides people at once, and keeps them for a day."""
    lines = [f"      {name}:\n        - {{id: at_{name}, wait: 1 day}}" for name in paths.split()]
    return "\n".join(
        ["  - id: offer", "    split:", *lines, f"    optimise for: {target}", more, after]
    )


def scene_of(steps: str = "", head: str = "", **more: object) -> Scene:
    return Scene(journey(steps or offer(), head=head), policy=EXACT, **more)  # type: ignore[arg-type]


def assignments(scene: Scene, scope: str = SCOPE) -> list[Assignment]:
    return scene.store.learnt.assignments(scope)


def fates(scene: Scene) -> dict[str, str]:
    return {each.person: each.fate for each in assignments(scene)}


def counts(scene: Scene, subject: str = SUBJECT) -> Mapping[str, int]:
    return scene.store.learnt.counts([subject])[subject]


def enter(scene: Scene, *people: str) -> None:
    for name in people:
        scene.person(name)
        scene.event("signed_up", name)
