"""Audiences asked person by person: what every store can do, and the answer that all must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.learning import Snapshot
from engine.core.program import Program
from engine.core.rating import rated
from engine.core.standing import Standing
from engine.core.tallying import without_tallies
from engine.store.protocol import PersonView
from engine.store.scores import Scores

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
    views: Mapping[str, PersonView], rule: Rule, program: Program, scores: Scores, then: Instant
) -> Iterator[str]:
    """Those of whom it was true, by what had happened by then. Scores are by the bounds of then, or
    by the first ones there were.
    """
    snapshots = _bounds_then(program, scores, then)
    earlier: dict[str, PersonView] = {}
    for name, view in views.items():
        history = {
            event: [each for each in happened if each.occurred <= then]
            for event, happened in view.history.items()
        }
        profile = view.profile
        if program.computing is not None:
            profile = program.computing.anew(without_tallies(profile), history)
        if program.scoring is not None:
            profile = rated(profile, program.scoring, snapshots, then)
        earlier[name] = view._replace(profile=profile, history=history)
    return members(earlier, rule, program, then)


def _bounds_then(program: Program, scores: Scores, then: Instant) -> dict[str, Snapshot]:
    found: dict[str, Snapshot] = {}
    for score in () if program.scoring is None else program.scoring.scores:
        bounds = scores.bounds(score, then) or scores.first(score)
        if bounds is not None:
            number, at, values = bounds
            found[score.subject] = Snapshot(score.subject, number, at, {"bounds": values})
    return found


def asks_what_is_computed(rule: Rule, program: Program) -> bool:
    """Whether the rule, or a segment that it asks about, asks for what is computed or a score."""
    seen, waiting = set[str](), [rule]
    while waiting:
        reads = waiting.pop().reads
        if not reads.attributes.isdisjoint(program.untold):
            return True
        fresh = reads.segments - seen
        seen |= fresh
        segments = program.project.segments
        waiting += [segments[name].who for name in sorted(fresh) if name in segments]
    return False
