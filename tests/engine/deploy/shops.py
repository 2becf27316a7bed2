"""Folders to plan and deploy, and what a plan says, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from dsl.project import Folder
from dsl.render import render
from engine.deploy import Plan, make_plan
from engine.deploy.show import as_text
from engine.store.protocol import Store
from tests.engine.scene import SHOP, Scene, journey

__all__ = ["STEPS", "errors", "folder", "planned", "told"]

STEPS = """
  - {id: hello, wait: 1 day}
  - {id: nudge, wait: 2 days}
  - {id: day_two, send: hello, to: email}
"""


def folder(*journeys: str, files: Mapping[str, str] | None = None) -> Folder:
    """The small shop with these journeys."""
    texts = {**SHOP, **(files or {})}
    for index, text in enumerate(journeys):
        texts[f"journeys/{index}.yaml"] = text
    return Folder(texts, ())


def planned(scene: Scene, steps: str = STEPS, head: str = "", **more: Mapping[str, str]) -> Plan:
    """The plan for the one journey of a scene, edited."""
    return make_plan(scene.store, folder(journey(steps, head=head), **more))


def told(plan: Plan) -> list[str]:
    """The plan, line by line."""
    return [line.text for line in as_text(plan, ZoneInfo("Europe/Berlin"))]


def errors(plan: Plan) -> str:
    """What stops it, as it is printed."""
    compiled = plan.compiled
    found = [one for one in compiled.diagnostics if one.stops]
    return render(found, compiled.sources)


def versions(store: Store) -> list[str]:
    """What was deployed, oldest first."""
    return [each.version for each in store.deployments()]
