"""What runs: the project deployed last, and earlier versions of its journeys with people inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.compiler import Compiled, compile_project
from dsl.machine import Machine, Project
from dsl.project import Folder
from engine.deploy.older import Archive, Older, older_versions
from engine.deploy.plan import apply_plan, make_plan
from engine.operator import OperatorError
from engine.store.protocol import Deployment, Store

__all__ = ["Running", "deploy_folder", "deployed_project", "running"]


class Running(NamedTuple):
    """The deployed project, its number, and by journey and version what people are inside of that
    was deployed before.
    """

    project: Project
    number: int
    older: Mapping[tuple[str, str], Older]


def running(store: Store) -> Running | None:
    """What the store says runs. Raises ``OperatorError`` as ``deployed_project`` does."""
    deployment = store.deployed()
    if deployment is None:
        return None
    project = _compiled(deployment)
    older: Mapping[tuple[str, str], Older] = {}
    if store.visiting() or any(_keeps_older(each) for each in project.machines.values()):
        older = older_versions(Archive(store), project, store.residents())
    return Running(project, deployment.number, older)


def deployed_project(store: Store) -> Project | None:
    """The project that the store says runs. Raises ``OperatorError`` if it does not compile:
    it did once, so this Wayline is not the one that deployed it.
    """
    deployment = store.deployed()
    return None if deployment is None else _compiled(deployment)


def _compiled(deployment: Deployment) -> Project:
    compiled = compile_project(deployment.files)
    if compiled.project is None:
        first = compiled.diagnostics[0]
        raise OperatorError(
            f"The deployed project {deployment.version} does not compile with this version of"
            f" Wayline ({first.code} at {first.span}): deploy it again with wayline deploy FOLDER."
        )
    return compiled.project


def _keeps_older(machine: Machine) -> bool:
    """Whether people may be in another version though everybody has been visited."""
    return machine.inside == "stay" or machine.status == "paused"


def deploy_folder(
    store: Store, folder: Folder, now: Instant, before: Callable[[int], None] = lambda _: None
) -> Compiled:
    """Makes the folder the deployed project if that is possible: if all of it compiles, and it is
    said of everybody inside where they go. Otherwise nothing changes. ``before`` is told the number
    that it will have.
    """
    plan = make_plan(store, folder)
    if plan.possible and not plan.is_idle:
        before(plan.onto + 1)
        done = apply_plan(store, plan, now)
        if done != "deployed":  # by somebody else, or somebody came into a step that goes
            return deploy_folder(store, folder, now, before)
    return plan.compiled
