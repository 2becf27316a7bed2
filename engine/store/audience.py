"""Audiences asked person by person: what every store can do, and the answer that all must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.program import Program
from engine.core.standing import Standing
from engine.core.tallying import without_tallies
from engine.store.protocol import PersonView

__all__ = ["asks_what_is_computed", "members", "members_then"]


def members(
    views: Mapping[str, PersonView], rule: Rule, program: Program, now: Instant
) -> Iterator[str]:
    """Those of some people of whom the rule is true."""
    for name, view in views.items():
        if not view.readable:
            continue
        live = {run.id: run for run in view.runs if run.status == "live"}
        standing = Standing(program, view.profile, live, view.history)
        holds = rule.holds(standing.context(now))
        standing.part()
        if holds:
            yield name


def members_then(
    views: Mapping[str, PersonView], rule: Rule, program: Program, then: Instant
) -> Iterator[str]:
    """Those of whom it was true, by what had happened by then."""
    earlier: dict[str, PersonView] = {}
    for name, view in views.items():
        history = {
            event: [each for each in happened if each.occurred <= then]
            for event, happened in view.history.items()
        }
        profile = view.profile
        if program.computing is not None:
            profile = program.computing.anew(without_tallies(profile), history)
        earlier[name] = view._replace(profile=profile, history=history)
    return members(earlier, rule, program, then)


def asks_what_is_computed(rule: Rule, program: Program) -> bool:
    """Whether the rule, or a segment that it asks about, asks for a computed attribute."""
    computing = program.computing
    if computing is None:
        return False
    seen, waiting = set[str](), [rule]
    while waiting:
        reads = waiting.pop().reads
        if not reads.attributes.isdisjoint(computing.attributes):
            return True
        fresh = reads.segments - seen
        seen |= fresh
        segments = program.project.segments
        waiting += [segments[name].who for name in sorted(fresh) if name in segments]
    return False
