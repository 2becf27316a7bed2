"""The steps that only say something: ``set profile``, ``emit`` and ``stop``."""

from __future__ import annotations

from dsl.compile.building import Building, Label
from dsl.compile.computed import check_told
from dsl.compile.events import known_event
from dsl.compile.values import compile_value
from dsl.expr.scope import StepName
from dsl.files.reading import error
from dsl.files.steps import EmitStep, SetProfileStep, StopStep
from dsl.machine import Emit, Formula, SetProfile, Stop
from dsl.plan import BUILT_IN_EVENTS, Event
from dsl.scenario import OUTCOMES
from dsl.spelling import did_you_mean

__all__ = ["compile_emit", "compile_set_profile", "compile_stop"]


def compile_set_profile(building: Building, step: SetProfileStep, after: Label) -> None:
    """Attributes of the tracking plan, with values of their kind."""
    values: list[tuple[str, Formula]] = []
    attributes = building.scope.plan.attributes
    for entry in step.set_profile or ():
        field = attributes.get(entry.key)
        if field is None:
            message = f'I do not know the attribute "{entry.key[:60]}".'
            hint = did_you_mean(entry.key, attributes)
            building.found.append(error("N01", entry.key.span(), message, hint))
        elif field.formula:
            check_told(entry.key, field, building.found)
        kind = None if field is None else field.kind
        value = compile_value(entry.value, kind, building.scope, building.found)
        if value is not None:
            values.append((str(entry.key), value))
    name = building.known(step, StepName("other")) or None
    building.code.add(lambda at: SetProfile(tuple(values), at(after), name))


def compile_emit(building: Building, step: EmitStep, after: Label) -> None:
    """An event of the tracking plan. What the engine itself says cannot be emitted."""
    found = building.found
    event = None
    if step.emit is not None:
        event = known_event(step.emit, building.scope.plan, found)
        if event is not None and event.name in BUILT_IN_EVENTS:
            message = f'"{event.name}" is said by the engine itself.'
            hint = "Declare an event of your own in the tracking plan."
            found.append(error("S17", step.emit.span(), message, hint))
    values: list[tuple[str, Formula]] = []
    for entry in step.with_ or ():
        field = event.properties.get(entry.key) if event is not None else None
        if event is not None and field is None:
            message = f'The event "{event.name}" has no property called "{entry.key[:60]}".'
            nearest = did_you_mean(entry.key, event.properties)
            found.append(error("N02", entry.key.span(), message, nearest))
        kind = None if field is None else field.kind
        value = compile_value(entry.value, kind, building.scope, found)
        if value is not None:
            values.append((str(entry.key), value))
    if event is not None:
        _check_required(building, step, event)
    name = building.known(step, StepName("other")) or None
    word = "" if event is None else event.name
    building.code.add(lambda at: Emit(word, tuple(values), at(after), name))


def _check_required(building: Building, step: EmitStep, event: Event) -> None:
    given = {str(entry.key) for entry in step.with_ or ()}
    for name, field in event.properties.items():
        if field.required and name not in given:
            message = f'The event "{event.name}" needs "{name}".'
            hint = f'Add it under "with": {name}: ...'
            building.found.append(error("N06", step.span_of("emit"), message, hint))


def compile_stop(building: Building, step: StopStep) -> None:
    """Leaves, in the author's words."""
    reason = "" if step.stop is None else " ".join(step.stop.split())
    if step.stop is not None and reason.casefold() in OUTCOMES:
        message = f'"{reason}" is a reason the engine gives itself.'
        building.found.append(error("S09", step.stop.span(), message, "Use words of your own."))
    name = building.known(step, StepName("other")) or None
    building.code.add(lambda _: Stop(reason, name))
