"""The program a scenario is played with: the project's own, narrowed to what the scenario says.

Only the journey under test runs, and it runs as if it were live. Who is held out, which path is
drawn and who can be reached are settled by the data the core decides by: shares of all or nobody,
and channels without a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from decimal import Decimal
from types import MappingProxyType

from channels.content import Content
from channels.content.library import Library
from channels.content.linking import linking_of
from dsl.machine import Instruction, Machine, Project, Split
from dsl.scenario import Given, Scenario
from engine.core.program import Program

__all__ = ["Programs"]

_ALL, _NOBODY = Decimal(1), Decimal(0)
_Key = tuple[str, bool, bool, tuple[tuple[str, str], ...], time | None]


class Programs:
    """Derives programs from one project; those that are alike are derived once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._content: Content = Library(
            project.messages,
            project.policy.languages,
            lambda delivery: f"https://shop.example/unsubscribe/{delivery}",
            linking=linking_of(project.policy),
            preferences=lambda delivery: f"https://shop.example/preferences/{delivery}",
        )
        self._made: dict[_Key, Program] = {}
        self.before = Program.of(replace(project, machines=MappingProxyType({})), self._content)
        """A program without journeys: in it the past happens, and nothing comes of it."""

    def of(self, scenario: Scenario) -> Program:
        """The program for one scenario."""
        given = scenario.given
        paths = tuple(sorted(given.pretend.paths.items()))
        best = given.pretend.best_time
        key = (scenario.journey, given.held_out, given.reachable is not None, paths, best)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._derived(scenario.journey, given)
        return made

    def _derived(self, journey: str, given: Given) -> Program:
        project, policy = self._project, self._project.policy
        machine = project.machines[journey]
        held = _ALL if given.held_out else _NOBODY
        # a journey that ignores the holdout can send messages that do not
        outside = "holdout" in policy.categories[machine.category].ignores
        machine = replace(
            machine,
            status="live",
            rollout=_ALL,
            holdout=_NOBODY if outside else held,
            code=_drawn(machine, given.pretend.paths),
        )
        channels = policy.channels
        if given.reachable is not None:
            channels = {name: replace(each, reachable=None) for name, each in channels.items()}
        program = Program.of(
            replace(
                project,
                machines=MappingProxyType({journey: machine}),
                policy=replace(
                    policy,
                    holdout=held if outside else _NOBODY,
                    channels=MappingProxyType(dict(channels)),
                ),
            ),
            self._content,
        )
        return replace(program, best_time=given.pretend.best_time)


def _drawn(machine: Machine, paths: Mapping[str, str]) -> tuple[Instruction, ...]:
    """The code, with everything on one path where the scenario says so."""
    return tuple(
        replace(
            step,
            learning=None,
            paths=tuple(
                replace(path, share=_ALL if path.name == paths[step.id] else _NOBODY)
                for path in step.paths
            ),
        )
        if isinstance(step, Split) and step.id in paths
        else step
        for step in machine.code
    )
