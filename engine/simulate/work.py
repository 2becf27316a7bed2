"""One process's part of a simulation: some of the people, the whole time.

People do not influence each other unless something is learnt of them (then there is one part), so
they can be divided by hash and their results added up; the sum is the same for any number of parts.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, TypeAlias

from channels.content.library import Library
from channels.content.linking import linking_of
from dsl.calendar import Instant, local
from dsl.compiler import compile_folder
from dsl.machine import Project
from engine.core.learning import rates_of, shares
from engine.core.program import Program
from engine.core.signals import EventArrived
from engine.ingest import Intake
from engine.simulate.replay import BriefContent, Replayed, replay
from engine.simulate.results import Row, row_of
from engine.simulate.script import RefusedLine, Script, read_script
from engine.simulate.tally import Tally, count_person
from engine.store.memory import MemoryStore

__all__ = ["Job", "Part", "Progress", "Report", "compiled", "program_of", "work"]

_LARGEST = 5_000_000  # bytes of one event


@dataclass(frozen=True, slots=True)
class Job:
    """What one process does. Small and plain, so that it can be handed to another process.

    ``until`` None: until the last line of the script. ``keep`` says whether each person's story
    is wanted, or the numbers alone.
    """

    folder: Path
    scripts: tuple[Path, ...]
    until: Instant | None = None
    part: int = 0
    parts: int = 1
    keep: bool = True


class Progress(NamedTuple):
    """How far a part is, in simulated time."""

    part: int
    done: float
    now: Instant
    messages: int


Report: TypeAlias = Callable[[Progress], None]


class Part(NamedTuple):
    """What a part of the people came to."""

    tally: Tally
    rows: Sequence[Row]
    refused: Sequence[RefusedLine]
    start: Instant
    end: Instant
    instants: int
    signals: int


def program_of(project: Project) -> Program:
    """The project as the simulation runs it."""
    library = Library(
        project.messages,
        project.policy.languages,
        lambda delivery: f"https://shop.example/unsubscribe/{delivery}",
        linking=linking_of(project.policy),
        preferences=lambda delivery: f"https://shop.example/preferences/{delivery}",
    )
    return Program.of(project, BriefContent(library))


def work(job: Job, project: Project, report: Report) -> Part:
    """Replays the part's people from the first line to the end."""
    program = program_of(project)
    # A file of one's own is no stranger's request: real orders can be long.
    intake = Intake(project.plan, project.policy.categories, largest=_LARGEST)
    script = read_script(
        job.scripts, intake, lambda person: _part_of(person, job.parts) == job.part
    )
    end = script.end if job.until is None else job.until
    span = max(1, end - script.start)

    def tell(now: Instant, messages: int) -> None:
        report(Progress(job.part, min(1.0, (now - script.start) / span), now, messages))

    with _few_collections():
        replayed = replay(program, script.arrivals, end, tell)
    tally, rows = _results(program, script, replayed, end, keep=job.keep)
    return Part(tally, rows, script.refused, script.start, end, replayed.instants, replayed.signals)


def compiled(folder: Path) -> Project:
    """The project of a folder that is known to compile."""
    project = compile_folder(folder).project
    if project is None:
        raise ValueError(f"{folder} does not compile any more")
    return project


def _part_of(person: str, parts: int) -> int:
    digest = blake2b(person.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % parts


def _results(
    program: Program, script: Script, replayed: Replayed, end: Instant, *, keep: bool
) -> tuple[Tally, list[Row]]:
    store, tally = replayed.store, Tally()
    days = _Days(program)
    rows: list[Row] = []
    events = tuple(program.project.plan.events)
    told = set[str]()
    for name in dict.fromkeys(arrival.person for _, arrival in script.arrivals):
        view = store.people([name], ()).get(name)
        if view is None:
            continue  # first heard of after the end
        person = view.profile.id
        if person in told:
            continue  # another name of theirs
        told.add(person)
        count_person(tally, store.decisions(person), view.runs, days.of)
        if keep and (row := row_of(store, person, events)) is not None:
            rows.append(row)
    for (journey, _, source, target), count in store.edges().items():
        edges = tally.journey(journey).edges
        edges[source, target] = edges.get((source, target), 0) + count
    _learnt(tally, program, store, end)
    tally.events = Counter(
        arrival.event.name
        for received, arrival in script.arrivals
        if received <= end and isinstance(arrival, EventArrived)
    )
    return tally, rows


def _learnt(tally: Tally, program: Program, store: MemoryStore, end: Instant) -> None:
    """What splits have learnt, path by path in the order of the file."""
    for learner in program.lessons.splits:
        journey, split, learning, subject = learner[:4]
        counts = store.learnt.counts([subject])[subject]
        snapshot = store.learnt.snapshots([subject], end).get(subject)
        rates = rates_of([path.name for path in split.paths], counts)
        given = tally.journey(journey).learnt.pop(split.id, {})
        for path, share in zip(split.paths, shares(split, learning, snapshot), strict=True):
            found = tally.journey(journey).path(split.id, path.name)
            found.given = given[path.name].given if path.name in given else 0
            found.reached, found.known = rates[path.name]
            found.share = round(share * 1_000_000)


class _Days:
    """The company's calendar day of an instant. Asked once an hour of simulated time."""

    def __init__(self, program: Program) -> None:
        self._zone = program.zone
        self._known: dict[int, date] = {}

    def of(self, instant: Instant) -> date:
        quarter = instant // 900_000_000  # no zone's midnight lies within a quarter of an hour
        day = self._known.get(quarter)
        if day is None:
            day = self._known[quarter] = local(instant, self._zone).date()
        return day


@contextmanager
def _few_collections() -> Iterator[None]:
    """Almost everything a replay makes is kept, so looking for garbage often finds nothing."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
