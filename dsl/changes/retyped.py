"""E141: a type of the tracking plan that has changed under rules that still use it as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from dsl.changes.findings import type_changed
from dsl.compile.tracking_plan import compile_plan
from dsl.compiler import Compiled, compile_project
from dsl.diagnostics import Diagnostic, Span, in_order
from dsl.expr.speech import say
from dsl.kinds import Kind, OneOf
from dsl.plan import Field, TrackingPlan
from dsl.project import sort_files
from dsl.source import Source, normal_text
from dsl.yaml import Entry, Map

__all__ = ["with_changed_types"]

_PLAN = "tracking plan"


class _Changed(NamedTuple):
    name: str
    span: Span
    kinds: tuple[Kind, Kind]


def with_changed_types(
    compiled: Compiled, files: Mapping[str, str], before: Mapping[str, str]
) -> Compiled:
    """The findings, where those that come of a changed type have become one about its change.
    ``before`` are the files that are deployed.
    """
    if not any(one.stops and one.code.startswith("T") for one in compiled.diagnostics):
        return compiled
    changed = list(_changed(files, before))
    if not changed:
        return compiled
    follow = _only_now(compiled, files, before)
    found = [one for one in compiled.diagnostics if one not in follow]
    for each in changed:
        own = [one for one in follow if _names(one, each.name, compiled.sources)]
        follow = [one for one in follow if one not in own]
        if own:
            kinds = _word(each.kinds[0]), _word(each.kinds[1])
            cause = type_changed(each.span, each.name, kinds, [one.span for one in own])
            found.append(replace(cause, folded=tuple(dict.fromkeys(one.code for one in own))))
    return replace(compiled, diagnostics=tuple(in_order([*found, *follow])))


def _changed(files: Mapping[str, str], before: Mapping[str, str]) -> Iterator[_Changed]:
    """The fields whose type is another one now, with the places of their names."""
    old, new = _plan(before), _plan(files)
    if old is None or new is None:
        return
    was, _ = old
    now, node = new
    yield from _fields(was.attributes, now.attributes, node.get("profile"))
    events = node.get("events")
    for name, event in now.events.items():
        entry = _entry(events, name)
        if entry is not None and name in was.events and isinstance(entry.value, Map):
            has = entry.value.get("has")
            yield from _fields(was.events[name].properties, event.properties, has)


def _fields(was: Mapping[str, Field], now: Mapping[str, Field], node: object) -> Iterator[_Changed]:
    for name, field in now.items():
        entry = _entry(node, name)
        if entry is not None and name in was and was[name].kind != field.kind:
            yield _Changed(name, entry.key.span(), (was[name].kind, field.kind))


def _entry(node: object, name: str) -> Entry | None:
    entries = node if isinstance(node, Map) else ()
    return next((each for each in entries if each.key == name), None)


def _plan(files: Mapping[str, str]) -> tuple[TrackingPlan, Map] | None:
    nodes = sort_files(files, []).of(_PLAN)
    return (compile_plan(nodes[0], []), nodes[0]) if nodes else None


def _only_now(
    compiled: Compiled, files: Mapping[str, str], before: Mapping[str, str]
) -> list[Diagnostic]:
    """The findings about types that there would not be with the tracking plan of before."""
    older = {
        **{path: text for path, text in files.items() if not _is_plan(path, text)},
        **{path: text for path, text in before.items() if _is_plan(path, text)},
    }
    known = set(compile_project(older).diagnostics)
    return [
        one
        for one in compiled.diagnostics
        if one.stops and one.code.startswith("T") and one not in known
    ]


def _is_plan(path: str, text: str) -> bool:
    return bool(sort_files({path: text}, []).of(_PLAN))


def _names(one: Diagnostic, name: str, sources: Mapping[str, str]) -> bool:
    line = Source(one.span.path, normal_text(sources.get(one.span.path, ""))).line(one.span.line)
    return re.search(rf"\b{re.escape(name)}\b", line) is not None


def _word(kind: Kind) -> str:
    return "one of" if isinstance(kind, OneOf) else say(kind)
