"""The door of the simulator: a folder with a project and files with events go in, numbers and
everybody's story come out.

Two runs of the same files give the same result, in however many processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.machine import Project
from engine.core.lessons import Lessons
from engine.simulate.results import Row, about_names, write_results
from engine.simulate.script import RefusedLine, names_two
from engine.simulate.tally import Tally, add_up
from engine.simulate.work import Job, Part, Progress, Report, compiled, work
from engine.why import Names

__all__ = ["Simulation", "parts_of", "simulate", "write_simulation"]


class Simulation(NamedTuple):
    """What a replay came to. ``rows`` are people's stories, packed for ``write_simulation``."""

    project: Project
    tally: Tally
    rows: Sequence[Row]
    refused: Sequence[RefusedLine]
    start: Instant
    end: Instant
    instants: int
    signals: int


def _silent(progress: Progress) -> None:
    """Tells nobody."""


def simulate(
    project: Project, job: Job, processes: int = 1, report: Report = _silent
) -> Simulation:
    """Replays the job's script through ``project``, which is what ``job.folder`` compiles to.

    People are divided over the processes; this one does its share. ``report`` hears of all.
    """
    processes = parts_of(project, processes)
    if processes > 1 and (project.plan.identifiers or any(map(names_two, job.scripts))):
        processes = 1  # whoever turns out to be somebody else is to be where they are
    jobs = [replace(job, part=part, parts=processes) for part in range(processes)]
    with _Others(jobs[1:], report) as others:

        def tell(progress: Progress) -> None:
            report(progress)
            others.hear()

        own = work(jobs[0], project, tell)
        parts = [own, *others.finish()]
    rows = sorted(row for part in parts for row in part.rows)
    refused = sorted(line for part in parts for line in part.refused)
    return Simulation(
        project=project,
        tally=add_up(part.tally for part in parts),
        rows=rows,
        refused=refused,
        start=own.start,
        end=own.end,
        instants=sum(part.instants for part in parts),
        signals=sum(part.signals for part in parts),
    )


def parts_of(project: Project, processes: int) -> int:
    """Over how many processes people can be divided. Where something is learnt of some people and
    decided by for others, they stay together.
    """
    learns = Lessons.of(project.machines.values(), project.policy.channels)
    return 1 if learns else max(1, processes)


def write_simulation(folder: Path, simulation: Simulation) -> Path:
    """Writes everybody's story, for ``Results`` to read."""
    project = simulation.project
    about = {
        "project": project.name,
        "version": project.version,
        "start": str(simulation.start),
        "end": str(simulation.end),
        **about_names(Names.of(project.plan, ZoneInfo(project.policy.zone), project.segments)),
    }
    return write_results(folder, simulation.rows, about)


# ------------------------------------------------------------------------- other processes


def _take_part(job: Job, pipe: Connection) -> None:
    """What another process does: its part, and telling of it."""
    pipe.send(work(job, compiled(job.folder), pipe.send))
    pipe.close()


class _Others:
    """The other processes. However this ends, none of them is left behind."""

    def __init__(self, jobs: Sequence[Job], report: Report) -> None:
        self._jobs = jobs
        self._report = report
        self._parts: list[Part] = []
        self._running: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> Self:
        start = get_context("spawn")  # the same everywhere, and safe beside threads
        for job in self._jobs:
            here, there = start.Pipe(duplex=False)
            process = start.Process(target=_take_part, args=(job, there), daemon=True)
            process.start()
            there.close()
            self._running[here] = process
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in self._running.items():
            process.terminate()
            process.join()
            pipe.close()

    def hear(self, seconds: float = 0) -> None:
        """Passes on what the others have to say."""
        for pipe in wait(list(self._running), seconds):
            assert isinstance(pipe, Connection)
            process = self._running[pipe]
            try:
                said = pipe.recv()
            except EOFError:
                process.join()
                raise RuntimeError(
                    f"a part of the simulation ended with {process.exitcode}; its error is above"
                ) from None
            if isinstance(said, Progress):
                self._report(said)
                continue
            self._parts.append(said)
            del self._running[pipe]
            process.join()
            pipe.close()

    def finish(self) -> list[Part]:
        """Waits for the others."""
        while self._running:
            self.hear(1.0)
        return self._parts
