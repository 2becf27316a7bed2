"""A journey as a Mermaid flowchart: text that wikis and code hosts draw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.graph import ENTRY, Block, Node, graph
from dsl.machine import Again, Jump, Machine

__all__ = ["mermaid"]

_SHAPES = {
    "entry": ("([", "])"),
    "wait": ("(", ")"),
    "send": ("[/", "/]"),
    "ask": ("{", "}"),
    "do": ("[", "]"),
    "stop": ("([", "])"),
    "end": ("([", "])"),
}
_SPECIAL = re.compile(r"""[^\w\s.,:;!?()+*/=%€£$'…-]""")


def mermaid(machine: Machine) -> str:
    """The text of the flowchart, from the same machine that runs."""
    writer = _Writer(machine)
    lines = [*writer.block(graph(machine), None), *writer.back()]
    return "\n".join(["flowchart TD", *(f"  {line}" for line in lines), ""])


class _Writer:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.drawn: set[int] = set()

    def block(self, block: Block, after: Node | None) -> Iterator[str]:
        """The boxes of a block and the edges from them; ``after`` is what follows the block."""
        rows = block.rows
        for number, row in enumerate(rows):
            self.drawn.add(row.node.index)
            following = rows[number + 1].node if number + 1 < len(rows) else after
            yield f"{_name(row.node.index)}{_box(row.node)}"
            if not row.lanes:
                if row.onward and following is not None:
                    yield f"{_name(row.node.index)} --> {_name(following.index)}"
                continue
            for lane in row.lanes:
                target = lane.block.rows[0].node if lane.block.rows else following
                if target is not None:
                    label = f'|"{_text(lane.label)}"| ' if lane.label else ""
                    yield f"{_name(row.node.index)} -->{label or ' '}{_name(target.index)}"
                yield from self.block(lane.block, following if lane.open else None)

    def back(self) -> Iterator[str]:
        """The ways back to the start of a round."""
        for index in sorted(self.drawn - {ENTRY}):
            step = self.machine.code[index]
            if isinstance(step, Again):
                first = step.then
                while isinstance(jump := self.machine.code[first], Jump):
                    first = jump.to
                yield f'{_name(index)} -.->|"again"| {_name(first)}'


def _name(index: int) -> str:
    return "start" if index == ENTRY else f"s{index}"


def _box(node: Node) -> str:
    opening, closing = _SHAPES[node.sort]
    words = "<br/>".join(_text(line) for line in (node.title, *node.lines))
    return f'{opening}"{words}"{closing}'


def _text(words: str) -> str:
    """The words without a sign that Mermaid would take for its own."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", " ".join(words.split()))
