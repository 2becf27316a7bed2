"""Segments, compiled: named audiences that must not use each other in a circle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dsl.compile.naming import check_first, check_root
from dsl.compile.rules import all_of, compile_rules
from dsl.diagnostics import Diagnostic, Span
from dsl.expr.scope import Scope
from dsl.files.reading import error, read
from dsl.files.segments import SegmentPart, SegmentsFile
from dsl.machine import Segment
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["compile_segments", "segment_parts"]


def segment_parts(nodes: Iterable[Map], found: list[Diagnostic]) -> dict[Text, SegmentPart]:
    """What is written about each segment, by its name."""
    made: dict[Text, SegmentPart] = {}
    first: dict[str, Text] = {}
    for node in nodes:
        file = read(SegmentsFile, node, "segments", found)
        for entry in (file and file.segments) or ():
            if not check_root(entry.key, "a segment", found):
                continue
            if not check_first(entry.key, "segments", first, found):
                continue
            part = read(SegmentPart, entry.value, f'"{entry.key}"', found)
            if part is not None:
                made[entry.key] = part
    return made


def compile_segments(
    parts: Mapping[Text, SegmentPart], scope: Scope, found: list[Diagnostic]
) -> Mapping[str, Segment]:
    """The segments whose rules can be understood."""
    made: dict[str, Segment] = {}
    for name, part in parts.items():
        rules = compile_rules(part.who, scope, found)
        if rules and len(rules) == len(part.who):
            made[str(name)] = Segment(str(name), str(part.title or name), all_of(rules))
    _find_circles(parts, made, found)
    return MappingProxyType(made)


def _find_circles(
    parts: Mapping[Text, SegmentPart], made: Mapping[str, Segment], found: list[Diagnostic]
) -> None:
    told: set[frozenset[str]] = set()
    for name, part in parts.items():
        circle = _circle(str(name), made)
        if not circle or frozenset(circle) in told:
            continue
        told.add(frozenset(circle))
        uses = [f"{a} uses {b}" for a, b in zip(circle, [*circle[1:], circle[0]], strict=True)]
        message = f"Circle: {uses[0]}."
        if len(uses) > 1:
            message = f"Circle: {', '.join(uses[:-1])}, and {uses[-1]}."
        following = circle[1] if len(circle) > 1 else circle[0]
        found.append(error("E144", _mention(part, following), message))


def _circle(start: str, made: Mapping[str, Segment]) -> list[str]:
    """The shortest way from a segment back to itself, or nothing."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        segment = made.get(way[-1])
        for used in sorted(segment.who.reads.segments) if segment is not None else ():
            if used == start:
                return way
            if used not in seen:
                seen.add(used)
                ways.append([*way, used])
    return []


def _mention(part: SegmentPart, segment: str) -> Span:
    """Where the rule of a segment names another one."""
    pattern = re.compile(rf"segment\s+[\"']?({re.escape(segment)})\b", re.IGNORECASE)
    for text in part.who:
        if named := pattern.search(text):
            return text.span(named.start(1), named.end(1))
    return part.who[0].span()
