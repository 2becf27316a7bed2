"""The steps that lead to another journey: ``start journey`` and ``go to journey``."""

from __future__ import annotations

from dsl.compile.building import Building, Label
from dsl.compile.values import compile_value
from dsl.expr.scope import StepName
from dsl.files.reading import error
from dsl.files.steps import GoToStep, StartStep
from dsl.machine import Formula, StartJourney
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Map

__all__ = ["compile_start"]


def compile_start(building: Building, step: StartStep | GoToStep, after: Label) -> None:
    """Another journey, with values that are ``trigger.x`` there."""
    leaves = isinstance(step, GoToStep)
    target = step.go_to_journey if isinstance(step, GoToStep) else step.start_journey
    if target is not None:
        _check(building, target)
    values = _values(building, step.with_)
    name = building.known(step, StepName("other")) or None
    journey = str(target or "")
    building.code.add(lambda at: StartJourney(journey, values, leaves, at(after), name))


def _check(building: Building, target: Text) -> None:
    known = building.scope.names.journeys
    if target not in known:
        message = f'There is no journey called "{target[:60]}".'
        building.found.append(error("N11", target.span(), message, did_you_mean(target, known)))
    elif str(target) not in building.called:
        message = f'The journey "{target}" is not started by other journeys.'
        hint = "Write there: trigger: other journeys"
        building.found.append(error("N21", target.span(), message, hint))


def _values(building: Building, given: Map | None) -> tuple[tuple[str, Formula], ...]:
    values: list[tuple[str, Formula]] = []
    for entry in given or ():
        value = compile_value(entry.value, None, building.scope, building.found)
        if value is not None:
            values.append((str(entry.key), value))
    return tuple(values)
