"""What is different between two versions of a project besides its journeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dsl.changes.journey import Change
from dsl.explain.phrases import plain
from dsl.fingerprint import canonical, fingerprint
from dsl.machine import Policy, Project
from dsl.plan import TrackingPlan

__all__ = ["house_changes"]

_PARTS: Mapping[str, str] = {
    "zone": "time zone",
    "calendar": "holidays",
    "blocking": "when capped, quiet or unreachable",
    "quiet": "quiet hours",
    "caps": "frequency caps",
    "reshuffle": "holdout",
    "ignore_for_starts": "late events",
    "accept_for_waits": "late events",
}


_PLAN: Mapping[str, str] = {"door": "at the door", "identifiers": "identifiers"}


def house_changes(before: Project, after: Project) -> tuple[Change, ...]:
    """The tracking plan, the policy, segments and messages: what has come, gone and changed."""
    found: list[Change] = []
    for kind, old, new in (
        ("attribute", before.plan.attributes, after.plan.attributes),
        ("event", before.plan.events, after.plan.events),
        ("segment", before.segments, after.segments),
        ("message", before.messages, after.messages),
    ):
        found += _named(kind, old, new)
    plan = [words for part, words in _PLAN.items() if _differ(before.plan, after.plan, part)]
    if plan:
        found.append(Change("~", "tracking plan", f"{', '.join(plan)}."))
    parts = _policy(before.policy, after.policy)
    if parts:
        found.append(Change("~", "policy", f"{', '.join(parts)}."))
    return tuple(found)


def _differ(old: TrackingPlan, new: TrackingPlan, part: str) -> bool:
    return bool(getattr(old, part) != getattr(new, part))


def _named(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    gone = [name for name in old if name not in new]
    fresh = [name for name in new if name not in old]
    other = [
        name for name in new if name in old and fingerprint(old[name]) != fingerprint(new[name])
    ]
    made = []
    if fresh:
        made.append(Change("+", _several(kind, fresh), f"{', '.join(fresh)}."))
    if gone:
        made.append(Change("-", _several(kind, gone), f"{', '.join(gone)}."))
    if other:
        made.append(Change("~", _several(kind, other), f"{', '.join(other)}."))
    return made


def _several(kind: str, names: list[str]) -> str:
    return kind if len(names) == 1 else f"{kind}s"


def _policy(before: Policy, after: Policy) -> list[str]:
    """The parts of the policy that are other than before."""
    old, new = canonical(before), canonical(after)
    names = [part.name for part in fields(Policy) if part.name in new]
    changed = [name for name in names if old.get(name) != new.get(name)]
    return list(dict.fromkeys(_PARTS.get(name, plain(name)) for name in changed))
