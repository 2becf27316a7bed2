"""A journey's code while it grows: labels now, indexes at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NewType, TypeAlias

from dsl.compile.naming import check_free, check_root
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import NOTHING_WITHHELD, Scope, StepName, Withheld
from dsl.files.fragments import Fragment
from dsl.files.reading import error
from dsl.files.steps import Step
from dsl.machine import Blocking, End, Instruction, Jump, Policy, Rule
from dsl.message import Message
from dsl.source import Text
from dsl.yaml import Node

__all__ = ["Building", "Code", "Label", "LoopRange", "Resolve"]

Label = NewType("Label", int)
Resolve: TypeAlias = Callable[[Label], int]
Make: TypeAlias = Callable[[Resolve], Instruction]


@dataclass(slots=True)
class Code:
    """Instructions in the order of the file. Targets are labels until ``finish``."""

    _parts: list[Make] = field(default_factory=list)
    _places: dict[Label, int] = field(default_factory=dict)
    _labels: int = 0

    def label(self) -> Label:
        """A place that will be known later."""
        self._labels += 1
        return Label(self._labels)

    def mark(self, label: Label) -> None:
        """``label`` is where the next instruction will stand."""
        self._places[label] = len(self._parts)

    def add(self, make: Make) -> None:
        """The next instruction; ``make`` is called when all places are known."""
        self._parts.append(make)

    def jump(self, label: Label) -> None:
        """Goes on at ``label``."""
        self.add(lambda at: Jump(at(label)))

    def end(self) -> None:
        """The end of a list of steps."""
        self.add(lambda _: End())

    def place(self, label: Label) -> int:
        """The index of a place that has been marked."""
        return self._places[label]

    def finish(self) -> tuple[Instruction, ...]:
        """The finished table."""
        return tuple(make(self.place) for make in self._parts)


class LoopRange(NamedTuple):
    """A loop while it grows: ``first`` to ``again`` are its rounds, ``behind`` is after it."""

    name: str
    first: Label
    again: Label
    holds: Rule | None
    behind: Label


@dataclass(slots=True)
class Building:
    """What the compilers of steps share: what is known so far, and what has been made."""

    journey: str
    category: str
    blocking: Blocking  # the journey's, over the policy's
    policy: Policy
    messages: Mapping[str, Message]
    scope: Scope  # grows step by step
    found: list[Diagnostic]
    steps: Callable[[Building, Node | None, int], None]  # compiles a list of steps
    skip: Label | None = None  # behind the step after the current one, in its list
    code: Code = field(default_factory=Code)
    ids: dict[str, Text] = field(default_factory=dict)
    fragments: Mapping[str, Fragment] = field(default_factory=dict)
    called: frozenset[str] = frozenset()  # journeys that other journeys may start
    loops: list[LoopRange] = field(default_factory=list)
    prefix: str = ""  # of ids inside a fragment
    inside: tuple[str, ...] = ()  # the fragments around, the outermost first
    used: set[str] = field(default_factory=set)  # prefixes of fragments used so far
    withheld: Withheld = NOTHING_WITHHELD  # from what is promotional
    unclear: dict[str, Diagnostic] = field(default_factory=dict)  # steps: what is left behind

    def known(self, step: Step, name: StepName) -> str:
        """The id of a step, which later rules can use from here on; empty if it has none."""
        if step.id is None or not check_root(step.id, "a step", self.found):
            return ""
        key = f"{self.prefix}{step.id}"
        first = self.ids.setdefault(key, step.id)
        if first is not step.id:
            hint = f"The first one is in line {first.line}."
            message = f'Two steps have the id "{step.id}".'
            self.found.append(error("S06", step.id.span(), message, hint))
            return key
        if step.id in self.scope.variables:
            message = f'"{step.id}" is already a variable and cannot be a step too.'
            self.found.append(error("N18", step.id.span(), message, "Choose another id."))
        check_free(step.id, "a step", self.scope.plan, self.found)
        self.scope = self.scope.with_step(str(step.id), replace(name, key=key))
        return key
