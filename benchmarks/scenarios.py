"""How many scenarios ``wayline test`` plays in a second.

``python -m benchmarks.scenarios`` plays those of the example year and the hard cases, each project
with its messages still to be compiled, as a person at a terminal meets them; then once more many
times over, as a build server with hundreds of scenarios does. The fastest of several runs counts.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from dsl.compiler import compile_folder
from dsl.machine import Project
from dsl.scenario import Scenario
from engine.scenarios.play import play

__all__ = ["GOAL", "Speed", "main", "run"]

GOAL = 300.0

_ROUNDS = 5
_OVER = 10
_HOUSE = Path(__file__).resolve().parent.parent
_PROJECTS = ("examples/online_retail", "tests/projects/hard_cases")


class Speed(NamedTuple):
    """Scenarios per second: the first time, and where there are many."""

    scenarios: int
    first: float
    many: float


def run(rounds: int = _ROUNDS) -> Speed:
    """Measures every project. Raises if a scenario does not go as expected."""
    projects = [_compiled(_HOUSE / name) for name in _PROJECTS]
    count = sum(len(scenarios) for _, scenarios in projects)
    first = min(sum(_time(*each, over=1) for each in projects) for _ in range(rounds))
    many = min(sum(_time(*each, over=_OVER) for each in projects) for _ in range(rounds))
    return Speed(count, count / first, count * _OVER / many)


def _compiled(folder: Path) -> tuple[Project, tuple[Scenario, ...]]:
    compiled = compile_folder(folder)
    if compiled.project is None:
        raise ValueError(f"{folder} does not compile")
    return compiled.project, compiled.scenarios


def _time(project: Project, scenarios: tuple[Scenario, ...], *, over: int) -> float:
    """The seconds from the compiled project to the last result."""
    start = perf_counter()
    played = play(project, scenarios * over)
    took = perf_counter() - start
    for each in played:
        if each.failures:
            raise ValueError(f"{each.scenario.name}: {each.failures[0].but}")
    return took


def main() -> int:
    """Prints both; fails if the first is under the goal."""
    speed = run()
    print(f"{speed.scenarios} scenarios of {len(_PROJECTS)} projects")
    print(f"{speed.first:>7,.0f} per second, messages compiled on the way (goal: {GOAL:.0f})")
    print(f"{speed.many:>7,.0f} per second, {_OVER} times over")
    return int(speed.first < GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
