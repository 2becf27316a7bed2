"""From a folder of files to the project that runs, by way of the store.

What runs is always what the store says is deployed; a folder only ever gets there whole, and after
it has been said what becomes of the people inside.
"""

from __future__ import annotations

from engine.deploy.memberships import program_without_texts
from engine.deploy.older import Older
from engine.deploy.plan import Group, JourneyPlan, Plan, apply_plan, make_plan
from engine.deploy.running import Running, deploy_folder, deployed_project, running

__all__ = [
    "Group",
    "JourneyPlan",
    "Older",
    "Plan",
    "Running",
    "apply_plan",
    "deploy_folder",
    "deployed_project",
    "make_plan",
    "program_without_texts",
    "running",
]
