"""From a folder of files to the project that runs, by way of the store.

What runs is always what the store says is deployed; a folder only ever gets there whole.
"""

from __future__ import annotations

from dsl.calendar import Instant
from dsl.compiler import Compiled, compile_project
from dsl.machine import Project
from dsl.project import Folder
from engine.config import OperatorError
from engine.core.program import keeps_calendars
from engine.store.protocol import Deployment, Store

__all__ = ["deploy_folder", "deployed_project"]


def deploy_folder(store: Store, folder: Folder, now: Instant) -> Compiled:
    """Makes the folder the deployed project if all of it compiles. Otherwise nothing changes."""
    compiled = compile_project(folder.files, folder.refused)
    if compiled.project is not None:
        current = store.deployed()
        if current is None or dict(current.files) != dict(folder.files):
            store.deploy(Deployment(compiled.project.version, now, folder.files))
            if keeps_calendars(compiled.project) or _had_paused(current):
                store.wake_everyone(now)
    return compiled


def deployed_project(store: Store) -> Project | None:
    """The project that the store says runs. Raises ``OperatorError`` if it does not compile:
    it did once, so this Wayline is not the one that deployed it.
    """
    deployment = store.deployed()
    if deployment is None:
        return None
    compiled = compile_project(deployment.files)
    if compiled.project is None:
        first = compiled.diagnostics[0]
        raise OperatorError(
            f"The deployed project {deployment.version} does not compile with this version of"
            f" Wayline ({first.code} at {first.span}): deploy it again with --dev FOLDER."
        )
    return compiled.project


def _had_paused(deployment: Deployment | None) -> bool:
    """Whether a journey was paused, so that people in it may have something to catch up on."""
    before = None if deployment is None else compile_project(deployment.files).project
    return before is not None and any(m.status == "paused" for m in before.machines.values())
