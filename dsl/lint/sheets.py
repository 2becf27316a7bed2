"""Compiled things and the files they were written in, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dsl.diagnostics import Span
from dsl.expr.parse import parse
from dsl.expr.tree import Node as Tree
from dsl.format.outline import Outline, StepPlace, outline
from dsl.machine import Instruction, Machine, Project
from dsl.project import Read
from dsl.source import Text
from dsl.yaml import Items, Map, Node

__all__ = ["Desk", "Sheet", "desk", "texts_of"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One journey: its machine, its file, and what each part of that is."""

    machine: Machine
    node: Map
    parts: Outline
    steps: Mapping[str, StepPlace]  # by id

    def key(self, name: str) -> Span:
        """Where a key of the head stands."""
        entry = self.node.entry(name)
        return self.node.span() if entry is None else entry.key.span()

    def texts(self, name: str) -> tuple[Text, ...]:
        """What is written under a key of the head."""
        return texts_of(self.node.get(name))

    def written(self, step: Instruction) -> StepPlace | None:
        """Where a step is written; None if it came from a fragment."""
        return self.steps.get(getattr(step, "id", None) or "")


@dataclass(frozen=True, slots=True)
class Desk:
    """All that checks look at."""

    project: Project
    files: Read
    journeys: Mapping[str, Sheet]

    def rules(self) -> Iterator[tuple[Text, Tree]]:
        """Every rule of the project with two parts or more, and its tree."""
        for kind, nodes in self.files.nodes.items():
            for node in nodes:
                for text in outline(kind, node).rules:
                    if " and " not in text.casefold():
                        continue
                    tree = parse(text, "rule", [])
                    if tree is not None:
                        yield text, tree


def desk(project: Project, files: Read) -> Desk:
    """The compiled project beside its files."""
    sheets = {}
    for node in files.of("journey"):
        name = node.entries[0].value
        machine = project.machines.get(str(name)) if isinstance(name, Text) else None
        if machine is not None:
            parts = outline("journey", node)
            steps = {
                str(id_): step
                for step in parts.steps
                if isinstance(id_ := step.node.get("id"), Text)
            }
            sheets[machine.journey] = Sheet(machine, node, parts, MappingProxyType(steps))
    return Desk(project, files, MappingProxyType(sheets))


def texts_of(node: Node | None) -> tuple[Text, ...]:
    """One text, or those of a list."""
    if isinstance(node, Text):
        return (node,)
    return tuple(one for one in node if isinstance(one, Text)) if isinstance(node, Items) else ()
