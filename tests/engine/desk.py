"""A scene with a web service: a journey that asks it, and answers that come when they are told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.services import NoAnswer
from engine.core.ids import answer_id
from engine.core.signals import CallAnswered
from tests.engine.scene import Scene, journey

__all__ = [
    "BUSY",
    "OTHER",
    "REFUSED",
    "SERVICES",
    "STOPS",
    "TASK",
    "answer",
    "asked",
    "scene_of",
    "subjects",
]

SERVICES = """
webhooks:
  crm:
    address: https://crm.example.com/tasks
    gives up after: 30 seconds
    returns: {ticket: text, score: whole number, limit: money EUR}
"""
OTHER = f"""{SERVICES}  desk:
    address: https://desk.example.com
    returns: {{score: whole number}}
"""
"""With one more service."""
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


def answer(scene: Scene, call: str, values: Mapping[str, Any] | None, reason: str = "") -> None:
    """The answer comes in, as the caller would bring it."""
    scene.take(CallAnswered(answer_id(call), "ada", scene.now, 0, call, values, reason))


def asked(scene: Scene) -> str:
    """The question that the one live run rests in."""
    (run,) = [run for run in scene.runs() if run.status == "live"]
    return run.awaiting
