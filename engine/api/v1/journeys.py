"""Journeys: which there are, what they say, who is in them, and letting somebody in by a call."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsl.explain import explain_journey
from dsl.machine import (
    ApiTrigger,
    DateTrigger,
    EventTrigger,
    JourneyTrigger,
    Machine,
    ScheduleTrigger,
    SegmentTrigger,
    Trigger,
)
from engine.api.problem import Problem
from engine.api.v1.cursor import open_cursor, place_text, seal
from engine.api.v1.means import Deployed, Means
from engine.api.v1.operation import Asked
from engine.api.v1.people import accepted, identity, identity_of, known, once, people_in_turn
from engine.api.v1.shapes import journeys as shapes
from engine.api.v1.shapes import people as people_shapes
from engine.api.v1.shapes.moments import moment, moment_or_none, plain_values
from engine.core.ejecting import ejection
from engine.core.run import Run
from engine.ingest.starting import NoStart, read_start
from engine.why.reasons import left_words

__all__ = ["everything", "inside", "of_person", "one", "run", "start", "take_out"]


async def everything(asked: Asked) -> shapes.JourneyList:
    """All journeys."""
    deployed = asked.means.deployed
    project = deployed.program.project
    items = [_shown(each, deployed) for _, each in sorted(project.machines.items())]
    return shapes.JourneyList(project=project.name, version=project.version, items=items)


def _shown(machine: Machine, deployed: Deployed) -> shapes.Journey:
    return shapes.Journey(
        name=machine.journey,
        title=machine.title,
        status=machine.status,
        category=machine.category,
        priority=machine.priority,
        version=machine.version,
        starts=sorted({_sort(each) for each in machine.triggers}),
        inputs=sorted(deployed.front.journeys.get(machine.journey, ())),
    )


def _sort(way: Trigger) -> str:
    match way:
        case EventTrigger():
            return "event"
        case SegmentTrigger():
            return "segment"
        case DateTrigger():
            return "date"
        case ScheduleTrigger():
            return "schedule"
        case ApiTrigger():
            return "api"
        case JourneyTrigger():
            return "journey"


async def one(asked: Asked) -> shapes.JourneySource:
    """One journey, with its source."""
    machine = _named(asked)
    return await asked.means.read(_source, asked.means, machine)


def _named(asked: Asked) -> Machine:
    return asked.named("journey", asked.means.deployed.program.project.machines)


def _source(means: Means, machine: Machine) -> shapes.JourneySource:
    deployed = means.deployed
    deployment = means.store.deployed()
    files = {} if deployment is None else deployment.files
    head = re.compile(rf"""(?m)^journey:\s*(["']?){re.escape(machine.journey)}\1\s*(#.*)?$""")
    file, source = next(
        ((name, text) for name, text in files.items() if head.search(text)), ("", "")
    )
    places = [
        shapes.Place(step=place.state, version=place.version, people=count)
        for place, count in sorted(means.store.residents().items())
        if place.journey == machine.journey
    ]
    return shapes.JourneySource(
        **_shown(machine, deployed).model_dump(),
        file=file,
        source=source,
        explanation=explain_journey(machine, deployed.program.project),
        inside=places,
    )


async def inside(asked: Asked) -> shapes.RunPage:
    """Runs of a journey: people are gone through in turn."""
    name = _named(asked).journey
    return await asked.means.read(_inside, asked, name, open_cursor(asked) or 0)


def _inside(asked: Asked, journey: str, after: int) -> shapes.RunPage:
    """Of one person all or nothing, so a page may be a little longer than was asked for."""
    means, limit, status = asked.means, asked.query.limit, asked.query.status
    found: list[shapes.Run] = []
    for views, place in people_in_turn(means, after, ()):
        for at, view in views:
            found += [
                _run(each, means)
                for each in view.runs
                if each.journey == journey and status in (None, each.status)
            ]
            if len(found) >= limit:
                return shapes.RunPage(items=found, next=seal(asked, at))
        after = place
    more = means.store.pages.people(after, 1)
    return shapes.RunPage(items=found, next=seal(asked, after) if more else None)


async def of_person(asked: Asked) -> shapes.RunPage:
    """Runs of somebody, the last that began first."""
    return await asked.means.read(_of_person, asked, place_text(asked))


def _of_person(asked: Asked, place: tuple[int, str] | None) -> shapes.RunPage:
    limit = asked.query.limit
    runs: Sequence[Run] = known(asked.means, asked.path["person"]).runs[::-1]
    left = [each for each in runs if place is None or (each.entered, each.id) < place]
    shown = left[:limit]
    more = len(left) > limit
    after = seal(asked, [shown[-1].entered, shown[-1].id]) if more else None
    return shapes.RunPage(items=[_run(each, asked.means) for each in shown], next=after)


async def run(asked: Asked) -> shapes.Run:
    """One run of somebody."""
    return await asked.means.read(_one_run, asked.means, asked.path["person"], asked.path["run"])


def _one_run(means: Means, person: str, name: str) -> shapes.Run:
    return _run(_found(means, person, name), means)


def _found(means: Means, person: str, name: str) -> Run:
    for each in known(means, person).runs:
        if each.id == name:
            return each
    raise Problem(404, "This person has no run of this id.")


def _run(run: Run, means: Means) -> shapes.Run:
    steps = [
        shapes.RunStep(step=name, at=moment_or_none(step.time), channel=step.channel)
        for name, step in run.steps.items()
    ]
    return shapes.Run(
        id=run.id,
        person=run.person,
        journey=run.journey,
        version=run.version,
        key=run.key,
        entered=moment(run.entered),
        status=run.status,
        held_out=run.arm == "holdout",
        step=run.state,
        since=moment(run.since) if run.since else None,
        due=moment_or_none(run.due),
        left=moment_or_none(run.left),
        outcome=run.outcome,
        outcome_words=left_words(run.outcome) if run.outcome else "",
        converted=moment_or_none(run.converted),
        trigger=None if run.trigger is None else run.trigger.name,
        variables=plain_values(run.variables, {}),
        steps=steps,
    )


async def start(asked: Asked) -> people_shapes.Accepted:
    """Lets somebody into a journey that starts on a call."""
    body = {"userId": asked.body.person, "inputs": asked.body.inputs}
    if asked.key:
        body["messageId"] = identity(asked)
    journeys = asked.means.deployed.front.journeys
    found = read_start(journeys, asked.path["journey"], body, asked.means.now, identity_of)
    if isinstance(found, NoStart):
        raise Problem(found.status, found.error.replace('set "userId"', 'set "person"'))
    return await once(asked, [found])


async def take_out(asked: Asked) -> people_shapes.Accepted:
    """Takes somebody out of one run. Nobody is kept from that, however much waits."""
    means = asked.means
    found = await means.read(_found, means, asked.path["person"], asked.path["run"])
    asking = ejection(found, asked.who, means.now)
    appended = await means.inbox.add([asking])
    return accepted([asking], appended)
