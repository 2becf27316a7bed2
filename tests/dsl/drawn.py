"""Journeys made by hand, and any nesting of steps whatever, for what draws them."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from hypothesis import strategies as st

from dsl.graph import Block, Edge
from dsl.kinds import Length
from dsl.machine import (
    AnyTime,
    Blocking,
    Branch,
    Case,
    Choice,
    Emit,
    End,
    EventTrigger,
    Formula,
    Instruction,
    Jump,
    Machine,
    Reads,
    Rule,
    Send,
    SetProfile,
    Stop,
    Timer,
)

__all__ = [
    "READS",
    "Nest",
    "edges",
    "flat",
    "indexes",
    "length",
    "machine",
    "nests",
    "rule",
    "send",
]

READS = Reads()


def length(text: str) -> Formula:
    return Formula(text, "j.yaml:1", Length(), READS, lambda _: None)


def rule(text: str) -> Rule:
    return Rule(text, "j.yaml:1", READS, lambda _: True)


def send(step: str, then: int, *channels: str, message: str = "hello") -> Send:
    choices = tuple(Choice(channel, None) for channel in channels or ("email",))
    return Send(
        step, message, choices, False, (), "promotional", None, Blocking(), then, "j.yaml:1"
    )


def machine(*code: Instruction, title: str = "A journey") -> Machine:
    return Machine(
        journey="journey",
        title=title,
        category="promotional",
        priority=50,
        status="live",
        triggers=(EventTrigger("order_completed", rule("total > 0 GBP"), None, "j.yaml:1"),),
        key=None,
        if_inside="ignore",
        re_enter=AnyTime(),
        eligible=(),
        exclude=(),
        exits=(),
        goal=None,
        goal_within=None,
        holdout=Decimal(0),
        caps=(),
        variables=(),
        code=code,
        reads=READS,
        index=MappingProxyType({}),
    )


def indexes(block: Block) -> list[int]:
    found: list[int] = []
    for row in block.rows:
        found.append(row.node.index)
        for lane in row.lanes:
            found += indexes(lane.block)
    return found


def edges(block: Block) -> list[Edge]:
    found: list[Edge] = []
    for row in block.rows:
        found += row.onward
        for lane in row.lanes:
            found += [*lane.edges, *edges(lane.block)]
    return found


class Nest(NamedTuple):
    """A list of steps as an author nests them; a fork has lists of steps inside."""

    steps: tuple[object, ...]
    stops: bool


def nests() -> st.SearchStrategy[Nest]:
    plain = st.sampled_from(["timer", "send", "set", "emit"])
    return st.recursive(
        st.builds(Nest, st.lists(plain, max_size=3).map(tuple), st.booleans()),
        lambda inner: st.builds(
            Nest,
            st.lists(plain | st.lists(inner, min_size=2, max_size=4).map(tuple), max_size=4).map(
                tuple
            ),
            st.booleans(),
        ),
        max_leaves=14,
    )


def flat(nest: Nest) -> list[Instruction]:
    """Compiles a nest the way journeys are compiled: forks first, jumps over what follows."""
    code: list[Instruction] = []
    _emit(nest, code)
    code.append(End())
    return code


def _emit(nest: Nest, code: list[Instruction]) -> None:
    for step in nest.steps:
        at = len(code)
        match step:
            case "timer":
                code.append(Timer(f"t{at}", length("2 days"), at + 1))
            case "send":
                code.append(send(f"s{at}", at + 1, "push", "email"))
            case "set":
                code.append(SetProfile((("winback_count", length("1")),), at + 1))
            case "emit":
                code.append(Emit("winback_finished", (), at + 1))
            case tuple():
                _fork(step, code)
            case _:
                raise AssertionError(step)
    if nest.stops:
        code.append(Stop("enough"))


def _fork(ways: tuple[Nest, ...], code: list[Instruction]) -> None:
    at = len(code)
    code.append(End())  # replaced below
    starts, jumps = [], []
    for way in ways:
        starts.append(len(code))
        _emit(way, code)
        jumps.append(len(code))
        code.append(Jump(0))
    for jump in jumps:
        code[jump] = Jump(len(code))
    cases = tuple(Case(rule(f"way is {number}"), to) for number, to in enumerate(starts[:-1]))
    code[at] = Branch(cases, starts[-1])
