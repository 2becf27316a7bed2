"""A plan: what a deploy would change, and what becomes of the people inside. Nothing is changed
by making one, and what is deployed later is exactly what was planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.changes import (
    Change,
    Fate,
    fate_of,
    house_changes,
    journey_changes,
    with_changed_types,
)
from dsl.compiler import Compiled, compile_project
from dsl.diagnostics import in_order
from dsl.machine import Machine, Project
from dsl.project import Folder
from engine.core.program import keeps_calendars
from engine.deploy.memberships import changed_segments, rebuild_after
from engine.deploy.older import Archive, fits
from engine.deploy.refusals import refusals, unfit_steps
from engine.store.protocol import Deployed, Deployment, Residence, Store

__all__ = ["Group", "JourneyPlan", "Plan", "apply_plan", "make_plan"]


class Group(NamedTuple):
    """People in one step, or in none (who are only measured), and what becomes of them."""

    step: str
    people: int
    fate: Fate


class JourneyPlan(NamedTuple):
    """One journey that is new, gone, or other than before."""

    name: str
    what: Literal["new", "changed", "gone"]
    changes: tuple[Change, ...] = ()
    groups: tuple[Group, ...] = ()
    status: str = ""  # of the journey as it is now; empty if it is gone

    @property
    def people(self) -> int:
        """How many are inside. Who has several runs is counted in each step."""
        return sum(group.people for group in self.groups if group.step)


@dataclass(frozen=True, slots=True)
class Plan:
    """``onto`` is the number of the deployment it is made for; ``empty`` are the steps in which
    nobody may have come to rest meanwhile, ``segments`` those that mean something else than before.
    """

    compiled: Compiled
    files: Mapping[str, str]
    current: Deployment | None
    journeys: tuple[JourneyPlan, ...] = ()
    house: tuple[Change, ...] = ()
    empty: frozenset[Residence] = frozenset()
    visit: bool = False
    segments: frozenset[str] = frozenset()
    zone: ZoneInfo = field(default_factory=partial(ZoneInfo, "UTC"))

    @property
    def onto(self) -> int:
        """The number of the deployment it is made for; 0 if there is none yet."""
        return 0 if self.current is None else self.current.number

    @property
    def possible(self) -> bool:
        """Whether it may be deployed."""
        return self.compiled.project is not None

    @property
    def is_idle(self) -> bool:
        """Whether the very same files are deployed already."""
        return self.current is not None and dict(self.current.files) == dict(self.files)


def make_plan(store: Store, folder: Folder) -> Plan:
    """Compares a folder with what the store runs."""
    files = dict(folder.files)
    compiled = compile_project(files, folder.refused)
    current = store.deployed()
    if compiled.project is None:
        if current is not None:
            compiled = with_changed_types(compiled, files, current.files)
        return Plan(compiled, files, current)
    return _Planner(store, compiled, files, current).plan()


def apply_plan(store: Store, plan: Plan, now: Instant) -> Deployed:
    """Deploys what was planned, in one transaction, if nothing has come between."""
    project = plan.compiled.project
    assert project is not None, "only what is possible is deployed"
    deployment = Deployment(
        project.version,
        now,
        plan.files,
        machines={name: machine.version for name, machine in project.machines.items()},
        changes=tuple(_in_short(plan)),
    )
    done = store.deploy(deployment, onto=plan.onto, empty=plan.empty, visit=plan.visit)
    if done == "deployed":
        rebuild_after(store, project, plan.segments, now)
    return done


def _in_short(plan: Plan) -> Iterable[str]:
    for journey in plan.journeys:
        sign = {"new": "+", "gone": "-", "changed": "~"}[journey.what]
        touched = ", ".join(dict.fromkeys(change.what for change in journey.changes if change.what))
        more = f" ({touched})" if touched and journey.what == "changed" else ""
        yield f"{sign} {journey.name}{more}"
    for change in plan.house:
        yield f"{change.sign} {change.what}: {change.words.removesuffix('.')}"


@dataclass(slots=True)
class _Planner:
    store: Store
    compiled: Compiled
    files: Mapping[str, str]
    current: Deployment | None
    archive: Archive = field(init=False)
    before: Project | None = field(init=False)

    def __post_init__(self) -> None:
        self.archive = Archive(self.store)
        self.before = None if self.current is None else self.archive.project(self.current.number)

    def plan(self) -> Plan:
        project = self.compiled.project
        assert project is not None
        differing = self._differing(project)
        residents = self.store.residents() if differing or self.store.visiting() else {}
        journeys = [
            self._journey(name, project, residents)
            for name in sorted(differing | {place.journey for place in residents})
        ]
        found = refusals(journeys_of(journeys), self.compiled, self.before)
        compiled = self.compiled
        if found:
            diagnostics = tuple(in_order([*compiled.diagnostics, *found]))
            compiled = replace(compiled, project=None, diagnostics=diagnostics)
        before = self.before
        return Plan(
            compiled,
            self.files,
            self.current,
            tuple(each for each in journeys if each.name in differing),
            () if before is None else house_changes(before, project),
            frozenset(self._empty(project, differing, residents)),
            visit=bool(
                differing or residents or keeps_calendars(project) or self._is_recomputed(project)
            ),
            segments=changed_segments(before, project),
            zone=ZoneInfo(project.policy.zone),
        )

    def _is_recomputed(self, project: Project) -> bool:
        """Whether attributes are computed by other formulas than before."""
        before = {} if self.before is None else self.before.plan.computed
        return any(before.get(name) != each for name, each in project.plan.computed.items())

    def _differing(self, project: Project) -> set[str]:
        """The journeys that are not what they were."""
        old = {} if self.before is None else self.before.machines
        new = project.machines
        gone = {name for name in (self.current.machines if self.current else ()) if name not in new}
        return gone | {
            name
            for name in {*old, *new}
            if name not in old or name not in new or old[name].version != new[name].version
        }

    def _journey(
        self, name: str, project: Project, residents: Mapping[Residence, int]
    ) -> JourneyPlan:
        after = project.machines.get(name)
        before = None if self.before is None else self.before.machines.get(name)
        groups: dict[tuple[str, Fate], int] = {}
        for place, people in residents.items():
            if place.journey == name:
                old = self._older(name, place.version, project)
                fate = fate_of(after, old, place.state)
                groups[place.state, fate] = groups.get((place.state, fate), 0) + people
        order = {
            step: at for machine in (after, before) if machine for step, at in machine.index.items()
        }
        listed = sorted(
            (Group(step, people, fate) for (step, fate), people in groups.items()),
            key=lambda group: (not group.step, order.get(group.step, len(order)), group.step),
        )
        if after is None:
            return JourneyPlan(name, "gone", (), tuple(listed))
        if before is None or self.before is None:
            return JourneyPlan(name, "new", (), tuple(listed), after.status)
        changes = journey_changes((before, self.before), (after, project))
        return JourneyPlan(name, "changed", changes, tuple(listed), after.status)

    def _older(self, journey: str, version: str, project: Project) -> Machine | None:
        """The version that people are in, as it will be run or followed."""
        current = None if self.before is None else self.before.machines.get(journey)
        if current is not None and current.version == version and self.before is not None:
            return current if fits(current, project) else None
        older = self.archive.older(journey, version)
        return older.machine if older is not None and fits(older.machine, project) else None

    def _empty(
        self, project: Project, differing: set[str], residents: Mapping[Residence, int]
    ) -> Iterable[Residence]:
        """The steps that nobody is in, and nobody may come into before this is deployed."""
        versions = {(place.journey, place.version) for place in residents}
        if self.before is not None:
            versions |= {
                (name, machine.version)
                for name, machine in self.before.machines.items()
                if name in differing
            }
        for journey, version in versions:
            after = project.machines.get(journey)
            old = self._older(journey, version, project)
            if after is not None and old is not None:
                for step in unfit_steps(after, old):
                    yield Residence(journey, version, step)


def journeys_of(journeys: Iterable[JourneyPlan]) -> Mapping[str, Mapping[str, tuple[int, Fate]]]:
    """By journey and step: how many people are there, and what becomes of them."""
    return {
        journey.name: {group.step: (group.people, group.fate) for group in journey.groups}
        for journey in journeys
    }
