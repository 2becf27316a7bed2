"""Segments that mean something else than before: who is in them is settled with the deploy."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from channels.content.library import Library
from dsl.calendar import Instant
from dsl.fingerprint import fingerprint
from dsl.machine import Project, Reads
from engine.core.program import Program
from engine.store.memberships import Rebuilt
from engine.store.protocol import Store, StoreError

__all__ = ["changed_segments", "program_without_texts", "rebuild_after"]


def program_without_texts(project: Project) -> Program:
    """A program that decides and renders nothing."""
    return Program.of(project, Library({}, project.policy.languages, lambda _: ""))


def changed_segments(before: Project | None, after: Project) -> frozenset[str]:
    """The segments of which another answer may be due than before, by their rules or by all that
    these ask about.
    """
    return frozenset(
        name
        for name in after.segments
        if before is None
        or name not in before.segments
        or _meaning(before, name) != _meaning(after, name)
    )


def _meaning(project: Project, segment: str) -> str:
    reads, names, parts = Reads(), {segment}, list[Any]()
    waiting = [segment]
    while waiting:
        known = project.segments.get(waiting.pop())
        if known is not None:
            parts.append((known.name, known.who.text))
            reads |= known.who.reads
            waiting += sorted(known.who.reads.segments - names)
            names |= known.who.reads.segments
    plan, policy = project.plan, project.policy
    parts.append({name: plan.attributes.get(name) for name in sorted(reads.attributes)})
    parts.append({name: plan.events.get(name) for name in sorted(reads.events)})
    if reads.clock or reads.events:
        parts.append((policy.zone, policy.holidays))
    if reads.channels:
        parts.append(policy.channels)
    if reads.consent:
        parts.append(policy.categories)
    return fingerprint(parts)


def rebuild_after(
    store: Store, project: Project, segments: Collection[str], now: Instant
) -> list[Rebuilt]:
    """Settles at once who is in segments that a deploy has changed. If the store cannot be reached
    for it, or this process dies, the round through everybody that a deploy begins does the same.
    """
    program = program_without_texts(project)
    names = [name for name in program.tracked if name in segments]
    if not names:
        return []
    with suppress(StoreError):
        return store.memberships.rebuild(program, names, now)
    return []
