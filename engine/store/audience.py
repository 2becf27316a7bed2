"""Audiences asked person by person: what every store can do, and the answer that all must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.calendar import Instant
from dsl.machine import Rule
from engine.core.program import Program
from engine.core.standing import Standing
from engine.store.protocol import PersonView

__all__ = ["members"]


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
