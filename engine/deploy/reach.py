"""W112: how many of the people that a journey is for cannot be reached on its only channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from channels.content.library import Library
from dsl.calendar import Instant
from dsl.changes import single_channel
from dsl.diagnostics import Diagnostic, Span
from dsl.expr.compile import compile_rule
from dsl.expr.scope import Names, Scope
from dsl.lint.sheets import Sheet, desk
from dsl.machine import Machine, Project, Rule, ScheduleTrigger, SegmentTrigger, Send
from dsl.project import sort_files
from dsl.source import Text
from engine.core.program import Program
from engine.deploy.plan import Plan
from engine.store.protocol import Store

__all__ = ["unreachable"]

_FEW = 5  # percent; there are always some without an address


class _Lonely(NamedTuple):
    """A message with one channel only, for the people of a segment."""

    journey: str
    segment: str
    channel: str
    span: Span


def unreachable(store: Store, plan: Plan, now: Instant) -> list[Diagnostic]:
    """What is to be said of the journeys that the plan changes."""
    project = plan.compiled.project
    lonely = [] if project is None else list(_lonely(plan, project))
    if project is None or not lonely:
        return []
    program = Program.of(project, Library(project.messages, project.policy.languages, str))
    found = []
    for each in lonely:
        people = store.audience_size(project.segments[each.segment].who, program, now)
        reached = store.audience_size(_reached(each, project), program, now)
        without = people - reached
        if people and without * 100 >= people * _FEW:
            share = round(without * 100 / people)
            found.append(single_channel(each.span, each.segment, share))
    return found


def _reached(each: _Lonely, project: Project) -> Rule:
    """Those of the segment who can be reached on the channel."""
    names = Names(segments=frozenset(project.segments), channels=frozenset(project.policy.channels))
    text = f"in segment {each.segment} and {each.channel} is reachable"
    rule = compile_rule(Text.of(text), Scope(project.plan, names), [])
    assert rule is not None
    return rule


def _lonely(plan: Plan, project: Project) -> Iterator[_Lonely]:
    """The first of each channel in each journey that is new or changes."""
    sheets = desk(project, sort_files(plan.files, [])).journeys
    for journey in plan.journeys:
        machine = project.machines.get(journey.name)
        sheet = sheets.get(journey.name)
        segment = None if machine is None else _audience(machine)
        if machine is None or sheet is None or segment is None:
            continue
        told: set[str] = set()
        for step in machine.code:
            if isinstance(step, Send) and len(step.choices) == 1:
                channel = step.choices[0].channel
                span = _span(sheet, step)
                if channel not in told and span is not None:
                    told.add(channel)
                    yield _Lonely(journey.name, segment, channel, span)


def _audience(machine: Machine) -> str | None:
    """The segment that a journey is for, if it is for one."""
    named: Iterable[str] = (
        way.audience if isinstance(way, ScheduleTrigger) else way.segment
        for way in machine.triggers
        if isinstance(way, ScheduleTrigger) or (isinstance(way, SegmentTrigger) and way.enters)
    )
    found = list(named)
    return found[0] if len(found) == 1 and len(machine.triggers) == 1 else None


def _span(sheet: Sheet, step: Send) -> Span | None:
    place = sheet.written(step)
    written = None if place is None else place.node.get("to")
    return written.span() if isinstance(written, Text) else None
