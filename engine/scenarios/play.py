"""Plays scenarios, one after the other, each on a stage of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import assert_never

from dsl.machine import Project
from dsl.scenario import (
    Becomes,
    Does,
    ExpectCalled,
    ExpectEmitted,
    ExpectLeft,
    ExpectNothing,
    ExpectNotStarted,
    ExpectSent,
    Passes,
    Scenario,
    Starts,
)
from engine.core.zones import zone_called
from engine.scenarios.judge import Judge
from engine.scenarios.programs import Programs
from engine.scenarios.result import Check, Played
from engine.scenarios.stage import Stage
from engine.why import Names, tell

__all__ = ["play"]


def _silent(_: Played) -> None:
    """Tells nobody."""


def play(
    project: Project, scenarios: Iterable[Scenario], report: Callable[[Played], None] = _silent
) -> list[Played]:
    """Plays all of them. ``report`` hears of each as it ends."""
    return asyncio.run(_play(project, scenarios, report))


async def _play(
    project: Project, scenarios: Iterable[Scenario], report: Callable[[Played], None]
) -> list[Played]:
    programs = Programs(project)
    zone = zone_called(project.policy.zone)
    assert zone is not None  # the compiler has checked it
    names = Names.of(project.plan, zone, project.segments)
    made = []
    for scenario in scenarios:
        played = await _one(scenario, programs, names)
        report(played)
        made.append(played)
    return made


async def _one(scenario: Scenario, programs: Programs, names: Names) -> Played:
    began = perf_counter()
    stage = Stage(scenario, programs.of(scenario), programs.before)
    checks = await _script(scenario, stage, Judge(stage, names.zone))
    failed = not all(check.held for check in checks)
    return Played(
        scenario,
        tuple(checks),
        tell(stage.store, stage.person, names) if failed else None,
        frozenset(stage.store.edges()),
        frozenset(each.message for each in stage.handed(0)),
        perf_counter() - began,
    )


async def _script(scenario: Scenario, stage: Stage, judge: Judge) -> list[Check]:
    """Every line, until something did not come as expected."""
    checks: list[Check] = []
    line, asked = scenario.line, False
    await stage.open()
    for step in scenario.script:
        match step:
            case Does() | Becomes() | Starts() | Passes():
                if asked:
                    checks += judge.rest(line)
                if not all(check.held for check in checks):
                    return checks
                asked = False
                await _happens(step, stage, judge)
            case (
                ExpectSent()
                | ExpectLeft()
                | ExpectEmitted()
                | ExpectCalled()
                | ExpectNotStarted()
                | ExpectNothing()
            ):
                checks.append(judge.check(step))
                asked = True
            case _ as unreachable:
                assert_never(unreachable)
        line = step.line
    return checks + judge.rest(line)


async def _happens(step: Does | Becomes | Starts | Passes, stage: Stage, judge: Judge) -> None:
    match step:
        case Passes(_, to):
            await stage.until(to)
        case Does():
            judge.input()
            await stage.does(step)
        case Becomes():
            judge.input()
            await stage.becomes(step)
        case Starts():
            judge.input()
            await stage.starts(step)
        case _ as unreachable:
            assert_never(unreachable)
