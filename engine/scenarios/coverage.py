"""What no scenario reaches: steps, ways out of a step, messages.

What lies behind a way nobody takes is not listed again: who sees the way sees it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsl.graph import ENTRY, Block, Lane, Row, graph
from dsl.machine import Machine, Send
from engine.scenarios.result import Played

__all__ = ["Coverage", "Reach", "as_data", "cover", "in_words"]

_Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many there are, how many are reached, and which are not, in words."""

    all: int
    missing: tuple[str, ...]
    unreached: int

    @property
    def reached(self) -> int:
        """How many are reached."""
        return self.all - self.unreached


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the scenarios of one journey get."""

    journey: str
    scenarios: int
    steps: Reach
    branches: Reach
    messages: Reach


@dataclass(slots=True)
class _Seen:
    """What was counted on the way through a drawing."""

    steps: int = 0
    branches: int = 0
    steps_missing: list[str] = field(default_factory=list)
    branches_missing: list[str] = field(default_factory=list)
    steps_unreached: int = 0
    branches_unreached: int = 0


def cover(machines: Iterable[Machine], played: Iterable[Played]) -> list[Coverage]:
    """Every journey, in the order of names."""
    by_journey: dict[str, list[Played]] = {}
    for each in played:
        by_journey.setdefault(each.scenario.journey, []).append(each)
    return [
        _cover(machine, by_journey.get(machine.journey, []))
        for machine in sorted(machines, key=lambda each: each.journey)
    ]


def _cover(machine: Machine, played: list[Played]) -> Coverage:
    edges = {
        (edge.source, edge.target)
        for each in played
        for edge in each.edges
        if edge.journey == machine.journey
    }
    seen = _Seen()
    _walk(graph(machine), edges, seen, told=not played)
    sent = dict.fromkeys(each.message for each in machine.code if isinstance(each, Send))
    reached = {name for each in played for name in each.messages}
    missing = tuple(name for name in sent if name not in reached)
    return Coverage(
        journey=machine.journey,
        scenarios=len(played),
        steps=Reach(seen.steps, tuple(seen.steps_missing), seen.steps_unreached),
        branches=Reach(seen.branches, tuple(seen.branches_missing), seen.branches_unreached),
        messages=Reach(len(sent), missing, len(missing)),
    )


def _walk(block: Block, edges: set[_Edge], seen: _Seen, *, told: bool) -> None:
    """``told``: that nobody gets here has been said already."""
    targets = {target for _, target in edges}
    for row in block.rows:
        if row.node.index != ENTRY and row.node.sort != "end":
            seen.steps += 1
            if row.node.index not in targets:
                seen.steps_unreached += 1
                if not told:
                    seen.steps_missing.append(_step(row))
                told = True
        for lane in row.lanes:
            _walk_lane(row, lane, edges, seen, told=told)


def _walk_lane(row: Row, lane: Lane, edges: set[_Edge], seen: _Seen, *, told: bool) -> None:
    seen.branches += 1
    taken = any(edge in edges for edge in lane.edges)
    if not taken:
        seen.branches_unreached += 1
        if not told:
            seen.branches_missing.append(f"{_step(row)}: {lane.label or 'onward'}")
    _walk(lane.block, edges, seen, told=told or not taken)


def _step(row: Row) -> str:
    name = f"{row.node.name} " if row.node.name else ""
    return f"{name}({row.node.title})" if name else row.node.title


def in_words(coverage: Coverage) -> Iterator[str]:
    """One journey, line by line."""
    if not coverage.scenarios:
        yield f"{coverage.journey}: no scenario"
        return
    counts = ", ".join(
        f"{reach.reached} of {reach.all} {name}"
        for name, reach in _parts(coverage).items()
        if reach.all
    )
    many = "1 scenario" if coverage.scenarios == 1 else f"{coverage.scenarios} scenarios"
    yield f"{coverage.journey}: {many}, {counts}"
    yield from (f"  no scenario gets to {each}" for each in coverage.steps.missing)
    yield from (f"  no scenario takes {each}" for each in coverage.branches.missing)
    yield from (f"  no scenario sends {each}" for each in coverage.messages.missing)


def as_data(coverage: Coverage) -> Mapping[str, Any]:
    """One journey for programs."""
    return {
        "journey": coverage.journey,
        "scenarios": coverage.scenarios,
        **{
            name: {"all": reach.all, "reached": reach.reached, "missing": list(reach.missing)}
            for name, reach in _parts(coverage).items()
        },
    }


def _parts(coverage: Coverage) -> dict[str, Reach]:
    return {
        "steps": coverage.steps,
        "branches": coverage.branches,
        "messages": coverage.messages,
    }
