"""From a machine to what a drawing shows: steps in marketers' words, branches that join again.

The flat code of a machine was once nested lists of steps; this finds the nesting again, so that a
drawing reads from top to bottom like the file. Only the machine is looked at, so whatever runs can
be drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, assert_never

from dsl.machine import (
    Again,
    ApiTrigger,
    Branch,
    Call,
    DateTrigger,
    Emit,
    End,
    EventTrigger,
    Instruction,
    JourneyTrigger,
    Jump,
    Learning,
    Let,
    Listen,
    ListenFor,
    Loop,
    Machine,
    Rule,
    ScheduleTrigger,
    SegmentTrigger,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Trigger,
    Until,
)

__all__ = ["ENTRY", "Block", "Edge", "Lane", "Node", "Row", "graph", "steps_from", "ways_out"]

ENTRY = -1
"""The index of the way in, which is no instruction."""

Sort: TypeAlias = Literal["entry", "wait", "send", "ask", "do", "stop", "end"]
Edge: TypeAlias = tuple[int, int]
"""Source and target, as the engine counts them."""


@dataclass(frozen=True, slots=True)
class Node:
    """One box. ``name`` is the author's id of the step, if it has one."""

    index: int
    sort: Sort
    title: str
    lines: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One way out of a box that has several. ``open`` says that it joins the others again."""

    label: str
    edges: tuple[Edge, ...]
    block: Block
    open: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A box and what follows: several lanes side by side, one way on, or nothing."""

    node: Node
    onward: tuple[Edge, ...] = ()
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Rows from top to bottom. ``leaving`` are the edges that lead out of its last row."""

    rows: tuple[Row, ...]
    leaving: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    label: str
    edges: tuple[Edge, ...]
    target: int  # jumps followed


def graph(machine: Machine) -> Block:
    """The whole journey, beginning with the way in."""
    first = _landing(machine.code, 0)
    inside = _Finder(machine.code).block(first, None)
    entry = Row(_entry(machine), onward=((ENTRY, 0),))
    return Block((entry, *inside.rows), inside.leaving)


def steps_from(machine: Machine, index: int) -> Block:
    """The steps that begin at an instruction, such as those under ``on goal``."""
    return _Finder(machine.code).block(_landing(machine.code, index), None)


def ways_out(step: Instruction) -> tuple[int, ...]:
    """The instructions that can come right after this one."""
    return tuple(dict.fromkeys(target for _, target in _exits(step)))


class _Finder:
    """Finds nested blocks in flat code."""

    def __init__(self, code: Sequence[Instruction]) -> None:
        self._code = code
        self._after: dict[int, frozenset[int]] = {}

    def block(self, start: int | None, stop: int | None) -> Block:
        """What is run from ``start`` until ``stop`` is reached, or until the run has left."""
        rows: list[Row] = []
        at = start
        leaving: tuple[Edge, ...] = ()
        while at is not None and at != stop:
            ways = _ways(self._code, at)
            node = _node(at, self._code[at])
            if len(ways) < 2:
                leaving = ways[0].edges if ways else ()
                rows.append(Row(node, onward=leaving))
                at = ways[0].target if ways else None
                continue
            join = self._join(ways, stop)
            lanes = tuple(self._lane(way, join) for way in ways)
            rows.append(Row(node, lanes=lanes))
            at, leaving = join, ()
        return Block(tuple(rows), leaving if at is not None else ())

    def _lane(self, way: _Way, join: int | None) -> Lane:
        inside = self.block(way.target, join)
        joins = join is not None and (way.target == join or join in self._reached(way.target))
        return Lane(way.label, way.edges, inside, joins)

    def _join(self, ways: Sequence[_Way], stop: int | None) -> int | None:
        """Where ways come together: the first instruction that more than one of them reaches.

        If only one way goes on, because the others lead to a ``stop``, it goes on right below.
        """
        reached = [self._reached(way.target) | {way.target} for way in ways]
        counted = Counter(index for some in reached for index in some)
        shared = min((index for index, times in counted.items() if times > 1), default=None)
        if shared is not None:
            return shared
        onward = [
            way.target for way, some in zip(ways, reached, strict=True) if self._goes_on(some, stop)
        ]
        return onward[0] if onward else None

    def _goes_on(self, reached: frozenset[int], stop: int | None) -> bool:
        if stop is not None:
            return stop in reached
        return any(isinstance(self._code[index], End) for index in reached)

    def _reached(self, start: int) -> frozenset[int]:
        """Every instruction after ``start``; jumps are gone through, steps back are not taken."""
        known = self._after.get(start)
        if known is None:
            reached: set[int] = set()
            for way in _ways(self._code, start):
                reached |= {way.target} | self._reached(way.target)
            known = self._after[start] = frozenset(reached)
        return known


def _landing(code: Sequence[Instruction], index: int) -> int:
    """Where one really gets to: jumps have no box."""
    while isinstance(jump := code[index], Jump):
        index = jump.to
    return index


def _ways(code: Sequence[Instruction], index: int) -> list[_Way]:
    """The ways out of an instruction. Two that lead to the same place are one."""
    ways: dict[int, _Way] = {}
    for label, raw in _exits(code[index]):
        target, edge = _landing(code, raw), (index, raw)
        if target <= index:
            continue  # a step back is no further place to draw
        known = ways.get(target)
        if known is None:
            ways[target] = _Way(label, (edge,), target)
        elif edge not in known.edges:
            ways[target] = _Way(f"{known.label} / {label}", (*known.edges, edge), target)
    return list(ways.values())


def _exits(instruction: Instruction) -> list[tuple[str, int]]:
    match instruction:
        case StartJourney(leaves=True):
            return []
        case Timer() | Send() | SetProfile() | Emit() | Let() | StartJourney():
            return [("", instruction.then)]
        case Jump():
            return [("", instruction.to)]
        case Loop():
            return [("", instruction.then), ("not at all", instruction.otherwise)]
        case Again():
            return [("again", instruction.then), ("done", instruction.otherwise)]
        case Until(target=Rule()):
            return [("yes", instruction.then), ("not in time", instruction.otherwise)]
        case Until():
            past = instruction.past
            return [("", instruction.then), *([] if past is None else [("already past", past)])]
        case Listen():
            heard = [
                (_heard(entry), entry.then) for entry in instruction.entries if not entry.restart
            ]
            return [*heard, ("not in time", instruction.otherwise)]
        case Call(then=then, failed=failed):
            return [("", then), *([] if failed in (None, then) else [("no answer", failed)])]
        case Branch(cases=(case,)):
            return [("yes", case.then), ("no", instruction.otherwise)]
        case Branch():
            cases = [(case.when.text, case.then) for case in instruction.cases]
            return [*cases, ("otherwise", instruction.otherwise)]
        case Split(learning=None):
            return [
                (f"{path.name} {_percent(path.share)}", path.then) for path in instruction.paths
            ]
        case Split():
            return [(path.name, path.then) for path in instruction.paths]
        case Stop() | End():
            return []
        case _ as unreachable:
            assert_never(unreachable)


# ------------------------------------------------------------------------------------- words


def _entry(machine: Machine) -> Node:
    ways = dict.fromkeys(_way_in(trigger) for trigger in machine.triggers)
    rules = tuple(
        f"where {trigger.where.text}"
        for trigger in machine.triggers
        if isinstance(trigger, EventTrigger) and trigger.where is not None
    )
    return Node(ENTRY, "entry", f"Starts {' or '.join(ways)}", rules)


def _way_in(trigger: Trigger) -> str:
    match trigger:
        case EventTrigger():
            return f"on {trigger.event}"
        case ApiTrigger():
            return "when called"
        case JourneyTrigger():
            return "from other journeys"
        case SegmentTrigger():
            return f"on {'entering' if trigger.enters else 'leaving'} {trigger.segment}"
        case DateTrigger():
            return f"on {trigger.date.text}{' every year' if trigger.yearly else ''}"
        case ScheduleTrigger():
            return f"by schedule for {trigger.audience}"
        case _ as unreachable:
            assert_never(unreachable)


def _node(index: int, step: Instruction) -> Node:
    name = "" if isinstance(step, Jump | End | Again) else step.id or ""
    sort, title = _words(step)
    return Node(index, sort, title, _limits(step), name)


def _words(step: Instruction) -> tuple[Sort, str]:
    match step:
        case Timer():
            return "wait", f"Wait {step.length.text}"
        case Until():
            return "wait", f"Wait until {step.target.text}"
        case Listen():
            return "wait", f"Wait for {' or '.join(_heard(entry) for entry in step.entries)}"
        case Send():
            return "send", f"Send {step.message}"
        case Call():
            return "wait", f"Call {step.service}"
        case Branch(cases=(case,)):
            return "ask", f"{case.when.text}?"
        case Branch():
            return "ask", "Which one is it?"
        case Split():
            return "ask", f"Split: {step.id}"
        case SetProfile():
            return "do", f"Set {', '.join(name for name, _ in step.values)}"
        case Emit():
            return "do", f"Emit {step.event}"
        case Let():
            return "do", f"Let {', '.join(name for name, _ in step.values)}"
        case Loop():
            return "ask", f"Repeat up to {step.times} times"
        case Again():
            return "ask", "Again?"
        case StartJourney():
            return "do", f"{'Go to' if step.leaves else 'Start'} {step.journey}"
        case Stop():
            return "stop", f"Stop: {step.reason}"
        case End():
            return "end", "End"
        case Jump():
            raise ValueError(step)  # jumps are followed before anything is drawn
        case _ as unreachable:
            assert_never(unreachable)


def _limits(step: Instruction) -> tuple[str, ...]:
    """What a step is bound to, under its title."""
    match step:
        case Send():
            return _channels(step)
        case Listen():
            return (f"at most {step.at_most.text}",)
        case Call():
            most = [f"at most {step.at_most.text}"] if step.at_most is not None else []
            return (*most, *(["leaves without an answer"] if step.failed is None else []))
        case Until():
            after = [f"not before {step.after.text}"] if step.after is not None else []
            most = [f"at most {step.at_most.text}"] if step.at_most is not None else []
            return (*after, *most)
        case Split(learning=Learning(target=target)):
            return (f"learns from {target.text}",)
        case _:
            return ()


def _heard(entry: ListenFor) -> str:
    return entry.event if entry.where is None else f"{entry.event} where {entry.where.text}"


def _channels(step: Send) -> tuple[str, ...]:
    names = [choice.channel for choice in step.choices]
    joined = (" and " if step.every else ", else ").join(names)
    lines = [f"on {joined}"]
    if step.expires is not None:
        lines.append(f"within {step.expires.text}")
    return tuple(lines)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
