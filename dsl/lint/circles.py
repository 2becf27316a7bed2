"""E116: journeys that start each other for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error
from dsl.lint.sheets import Desk, Sheet
from dsl.machine import AnyTime, Emit, EventTrigger, Machine, Never, StartJourney
from dsl.yaml import Map

__all__ = ["circles"]


class _Edge(NamedTuple):
    target: str
    said: str  # "emits winback_finished, which starts post_campaign"
    place: Span


def circles(desk: Desk) -> Iterator[Diagnostic]:
    """Every circle once, at the step it begins with."""
    edges = {name: _edges(sheet, desk) for name, sheet in desk.journeys.items()}
    told: set[frozenset[str]] = set()
    for name in desk.journeys:
        way = _way_back(name, edges)
        if way is None or frozenset(edge.target for edge in way) in told:
            continue
        told.add(frozenset(edge.target for edge in way))
        said = ", which ".join(edge.said for edge in way)
        hint = 'Break it with "re-enter: after ..." or a rule.'
        yield error("E116", way[0].place, f"Circle: {name} {said}.", hint)


def _edges(sheet: Sheet, desk: Desk) -> list[_Edge]:
    made = []
    for step in sheet.machine.code:
        match step:
            case Emit(event=event):
                targets = [
                    name
                    for name, one in desk.project.machines.items()
                    if any(
                        isinstance(way, EventTrigger) and way.event == event and way.where is None
                        for way in one.triggers
                    )
                ]
                said, place = f"emits {event}, which starts ", _place(sheet, "emit", event)
            case StartJourney(journey=journey):
                targets, said = [journey], "starts "
                key = "go to journey" if step.leaves else "start journey"
                place = _place(sheet, key, journey)
            case _:
                continue
        made += [
            _Edge(name, said + name, place)
            for name in targets
            if name in desk.project.machines and _lets_everybody_in(desk.project.machines[name])
        ]
    return made


def _lets_everybody_in(machine: Machine) -> bool:
    """Whether nothing at the door can break a circle."""
    if machine.eligible or machine.exclude or machine.goal or machine.exits:
        return False
    match machine.re_enter:
        case AnyTime():
            return True
        case Never():
            return machine.key is not None
        case _:
            return False


def _place(sheet: Sheet, key: str, name: str) -> Span:
    for step in sheet.parts.steps:
        if step.kind == key and str(step.node.get(key)) == name:
            return step.verb.span()
    return Map(sheet.node.entries, sheet.node.start).span()


def _way_back(start: str, edges: dict[str, list[_Edge]]) -> list[_Edge] | None:
    """The shortest way from a journey back to itself."""
    ways: list[list[_Edge]] = [[edge] for edge in edges.get(start, ())]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        at = way[-1].target
        if at == start:
            return way
        if at not in seen:
            seen.add(at)
            ways += [[*way, edge] for edge in edges.get(at, ())]
    return None
