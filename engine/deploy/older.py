"""Versions of journeys that were deployed before, compiled again from the files they came with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from dsl.compiler import compile_project
from dsl.machine import Blocking, Machine, Policy, Project, Send
from engine.store.protocol import Deployment, Residence, Store

__all__ = ["Archive", "Older", "fits", "older_versions"]


class Older(NamedTuple):
    """A version of a journey, and the project it was deployed with."""

    machine: Machine
    project: Project


class Archive:
    """What was deployed in a store. Compiles each version at most once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listed: list[Deployment] | None = None
        self._compiled: dict[int, Project | None] = {}

    def project(self, number: int) -> Project | None:
        """A version; None if there is none, or if this Wayline cannot read it any more."""
        if number not in self._compiled:
            found = self._store.deployment(number)
            self._compiled[number] = None if found is None else compile_project(found.files).project
        return self._compiled[number]

    def older(self, journey: str, version: str) -> Older | None:
        """A version of a journey, as it was deployed last."""
        if self._listed is None:
            self._listed = self._store.deployments()
        for deployment in reversed(self._listed):
            if deployment.machines.get(journey) == version:
                project = self.project(deployment.number)
                machine = None if project is None else project.machines.get(journey)
                return None if machine is None or project is None else Older(machine, project)
        return None


def older_versions(
    archive: Archive, project: Project, residents: Iterable[Residence]
) -> dict[tuple[str, str], Older]:
    """The versions, other than those of ``project``, in which people are: by journey and version.
    They stand under the rules of the house as these are now.
    """
    found: dict[tuple[str, str], Older] = {}
    for journey, version in sorted({(place.journey, place.version) for place in residents}):
        machine = project.machines.get(journey)
        if machine is None or machine.version == version:
            continue
        older = archive.older(journey, version)
        if older is not None and fits(older.machine, project):
            code = _under(project.policy, older)
            found[journey, version] = older._replace(machine=code)
    return found


def fits(machine: Machine, project: Project) -> bool:
    """Whether a version can still be gone through under the policy of a project."""
    named = {machine.category, *(step.category for step in machine.code if isinstance(step, Send))}
    return named <= project.policy.categories.keys()


def _under(policy: Policy, older: Older) -> Machine:
    """The machine with what its policy said of blocked messages replaced by what this one says."""
    before, after = older.project.policy.blocking, policy.blocking
    if before == after:
        return older.machine
    code = tuple(
        replace(step, blocking=_exchanged(step.blocking, before, after))
        if isinstance(step, Send)
        else step
        for step in older.machine.code
    )
    return replace(older.machine, code=code)


def _exchanged(own: Blocking, before: Blocking, after: Blocking) -> Blocking:
    return Blocking(
        after.capped if own.capped == before.capped else own.capped,
        after.quiet if own.quiet == before.quiet else own.quiet,
        after.unreachable if own.unreachable == before.unreachable else own.unreachable,
    )
