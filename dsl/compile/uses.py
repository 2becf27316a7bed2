"""``use``: the steps of a fragment, put where it is used, under ids of their own.

A fragment sees its inputs, its own steps and the person, and nothing of the journey around it
(language reference, 2.4), so the same words mean the same wherever it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from dsl.compile.building import Building, Label
from dsl.compile.values import compile_value
from dsl.expr.context import Context
from dsl.files.fragments import Fragment
from dsl.files.reading import error
from dsl.files.steps import UseStep
from dsl.kinds import Kind
from dsl.machine import Formula, Let, Reads
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry

__all__ = ["compile_use"]


def compile_use(building: Building, step: UseStep, after: Label, depth: int) -> None:
    """The fragment's steps, inlined; its inputs are variables while they run."""
    if step.use is None:
        return
    fragment = building.fragments.get(str(step.use))
    if fragment is None:
        message = f'There is no fragment called "{step.use[:60]}".'
        hint = did_you_mean(step.use, building.fragments)
        building.found.append(error("N22", step.use.span(), message, hint))
        return
    if fragment.name in building.inside:
        message = "A fragment cannot use itself."
        building.found.append(error("E145", step.use.span(), message))
        return
    prefix = f"{step.id or fragment.name}/"
    if prefix in building.used:
        message = f'"{fragment.name}" is used twice here, and its steps would share their names.'
        hint = "Give this one an id of its own, such as: id: second_time"
        building.found.append(error("S05", step.span_of("use"), message, hint))
        return
    building.used.add(prefix)
    given = _inputs(building, step, fragment)
    kinds: dict[str, Kind] = {name: field.kind for name, field in fragment.inputs.items()}
    outer = _Outer.of(building)
    taken = [name for name in kinds if name in outer.variables]
    keep = tuple((_kept(name), _variable(name, outer.variables[name], step.use)) for name in taken)
    back = tuple((name, _variable(_kept(name), outer.variables[name], step.use)) for name in taken)
    behind = building.code.label()
    _let(building, (*keep, *given))
    building.scope = replace(
        building.scope,
        trigger=None,
        entry=True,
        variables=MappingProxyType(kinds),
        steps=MappingProxyType({}),
        owner="A fragment",
    )
    building.prefix += prefix
    building.inside = (*building.inside, fragment.name)
    building.steps(building, fragment.steps, depth)
    building.code.mark(behind)
    outer.put_back(building)
    if back:
        _let(building, back)


@dataclass(frozen=True, slots=True)
class _Outer:
    """What is put back behind a fragment."""

    scope: Any
    variables: Any
    prefix: str
    inside: tuple[str, ...]

    @classmethod
    def of(cls, building: Building) -> _Outer:
        return cls(building.scope, building.scope.variables, building.prefix, building.inside)

    def put_back(self, building: Building) -> None:
        building.scope = self.scope
        building.prefix = self.prefix
        building.inside = self.inside


def _inputs(
    building: Building, step: UseStep, fragment: Fragment
) -> tuple[tuple[str, Formula], ...]:
    """The values given, checked against what the fragment declares; nothing for the others."""
    given: dict[str, Entry] = {str(entry.key): entry for entry in step.with_ or ()}
    for name, entry in given.items():
        if name not in fragment.inputs:
            message = f'The fragment "{fragment.name}" has no input called "{name[:60]}".'
            hint = did_you_mean(name, fragment.inputs)
            building.found.append(error("N23", entry.key.span(), message, hint))
    values: list[tuple[str, Formula]] = []
    for name, field in fragment.inputs.items():
        entry_ = given.get(name)
        if entry_ is not None:
            value = compile_value(entry_.value, field.kind, building.scope, building.found)
            if value is not None:
                values.append((name, value))
            continue
        if field.required:
            message = f'The fragment "{fragment.name}" needs "{name}".'
            hint = f"Add under with: {name}: ..."
            building.found.append(error("M03", step.span_of("use"), message, hint))
        values.append((name, _nothing(name, field.kind, step.use)))
    return tuple(values)


def _let(building: Building, values: tuple[tuple[str, Formula], ...]) -> None:
    if values:
        following = building.code.label()
        building.code.add(lambda at: Let(values, at(following)))
        building.code.mark(following)


def _kept(name: str) -> str:
    """A name that no author can write, for a variable that a fragment hides for a while."""
    return f"{name}/outside"


def _variable(name: str, kind: Kind, place: Text | None) -> Formula:
    def value(context: Context) -> Any:
        return context.variables.get(name)

    return Formula(name, "" if place is None else place.place, kind, Reads(), value)


def _nothing(name: str, kind: Kind, place: Text | None) -> Formula:
    def value(_: Context) -> Any:
        return None

    return Formula(f"no {name}", "" if place is None else place.place, kind, Reads(), value)
