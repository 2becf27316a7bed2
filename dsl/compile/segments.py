"""Segments, compiled: named audiences that must not use each other in a circle."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from types import MappingProxyType

from dsl.compile.naming import check_first, check_root
from dsl.compile.rules import all_of, compile_rules, not_of
from dsl.diagnostics import Diagnostic, Span
from dsl.expr.scope import Scope
from dsl.files.reading import error, read
from dsl.files.segments import SegmentPart, SegmentsFile
from dsl.machine import Machine, Rule, Segment, fingerprint
from dsl.source import Text
from dsl.yaml import Entry, Map

__all__ = ["compile_segments", "read_segments", "segment_parts", "stages_of", "with_segments"]


def read_segments(nodes: Iterable[Map], found: list[Diagnostic]) -> list[SegmentsFile]:
    """The files that have segments, as they are written."""
    files = (read(SegmentsFile, node, "segments", found) for node in nodes)
    return [file for file in files if file is not None]


def stages_of(
    files: Iterable[SegmentsFile], parts: Mapping[Text, SegmentPart], found: list[Diagnostic]
) -> dict[Text, SegmentPart]:
    """What is written about each stage of the lifecycle, in their order."""
    made: dict[Text, SegmentPart] = {}
    first = {str(name): name for name in parts}
    for file in files:
        for entry in file.lifecycle or ():
            if not check_root(entry.key, "a segment", found):
                continue
            if not check_first(entry.key, "segments", first, found):
                continue
            who = Map((Entry(Text.of("who"), entry.value),), entry.key.span())
            part = read(SegmentPart, who, f'"{entry.key}"', found)
            if part is not None:
                made[entry.key] = part
    return made


def segment_parts(
    files: Iterable[SegmentsFile], found: list[Diagnostic]
) -> dict[Text, SegmentPart]:
    """What is written about each segment, by its name."""
    made: dict[Text, SegmentPart] = {}
    first: dict[str, Text] = {}
    for file in files:
        for entry in file.segments or ():
            if not check_root(entry.key, "a segment", found):
                continue
            if not check_first(entry.key, "segments", first, found):
                continue
            part = read(SegmentPart, entry.value, f'"{entry.key}"', found)
            if part is not None:
                made[entry.key] = part
    return made


def with_segments(machine: Machine, segments: Mapping[str, Segment]) -> Machine:
    """The machine, whose version is another one if a segment is that its rules ask about: when
    these may change by themselves depends on it.
    """
    asked: dict[str, str] = {}
    names = sorted(machine.reads.segments)
    while names:
        segment = segments.get(names.pop())
        if segment is not None and segment.name not in asked:
            asked[segment.name] = segment.who.text
            names += sorted(segment.who.reads.segments)
    if not asked:
        return machine
    return replace(machine, version=fingerprint((machine.version, asked)))


def compile_segments(
    parts: Mapping[Text, SegmentPart],
    stages: Mapping[Text, SegmentPart],
    scope: Scope,
    found: list[Diagnostic],
) -> Mapping[str, Segment]:
    """The segments whose rules can be understood. Of ``stages``, everybody is in the first one
    whose rule holds, and in no other.
    """
    made: dict[str, Segment] = {}
    for name, part in parts.items():
        rules = compile_rules(part.who, scope, found)
        if rules and len(rules) == len(part.who):
            made[str(name)] = Segment(str(name), str(part.title or name), all_of(rules))
    earlier: list[Rule] = []
    for name, part in stages.items():
        rules = compile_rules(part.who, scope, found)
        if rules and len(rules) == len(part.who):
            own = all_of(rules)
            who = all_of([own, *map(not_of, earlier)])
            made[str(name)] = Segment(str(name), str(name), who)
            earlier.append(own)
    _find_circles({**parts, **stages}, made, found)
    return MappingProxyType(made)


def _find_circles(
    parts: Mapping[Text, SegmentPart], made: Mapping[str, Segment], found: list[Diagnostic]
) -> None:
    uses_of = _entangled({name: one.who.reads.segments & made.keys() for name, one in made.items()})
    told: set[str] = set()
    for name, part in parts.items():
        circle = [] if name in told else _circle(str(name), uses_of)
        if not circle:
            continue
        told.update(circle)
        uses = [f"{a} uses {b}" for a, b in zip(circle, [*circle[1:], circle[0]], strict=True)]
        message = f"Circle: {uses[0]}."
        if len(uses) > 1:
            message = f"Circle: {', '.join(uses[:-1])}, and {uses[-1]}."
        following = circle[1] if len(circle) > 1 else circle[0]
        found.append(error("E144", _mention(part, following), message))


def _entangled(uses: Mapping[str, Set[str]]) -> dict[str, Set[str]]:
    """What is left when all that uses nothing, and all that nothing uses, is taken away again and
    again: circles, and what lies between them.
    """
    left = dict(uses)
    for _ in range(2):
        users: dict[str, set[str]] = {}
        for name, used in left.items():
            for one in used & left.keys():
                users.setdefault(one, set()).add(name)
        open_ends = {name: len(used & left.keys()) for name, used in left.items()}
        ready = [name for name, count in open_ends.items() if not count]
        while ready:
            name = ready.pop()
            del left[name]
            for user in users.get(name, ()):
                open_ends[user] -= 1
                if not open_ends[user]:
                    ready.append(user)
        left = {name: users.get(name, set()) & left.keys() for name in left}  # the other way round
    return left


def _circle(start: str, uses: Mapping[str, Set[str]]) -> list[str]:
    """The shortest way from a segment back to itself, or nothing."""
    came_from: dict[str, str] = {}
    waiting = deque([start] if start in uses else [])
    while waiting:
        here = waiting.popleft()
        for used in sorted(uses[here]):
            if used == start:
                way = [here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if used not in came_from:
                came_from[used] = here
                waiting.append(used)
    return []


def _mention(part: SegmentPart, segment: str) -> Span:
    """Where the rule of a segment names another one."""
    pattern = re.compile(rf"segment\s+[\"']?({re.escape(segment)})\b", re.IGNORECASE)
    for text in part.who:
        if named := pattern.search(text):
            return text.span(named.start(1), named.end(1))
    return part.who[0].span()
