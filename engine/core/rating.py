"""Scores of one person, as they follow from attributes and from what everybody is like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dsl.calendar import Instant
from dsl.scoring import Scoring
from engine.core.learning import Snapshot
from engine.core.profile import Profile

__all__ = ["rated", "rates_anew"]


def rated(
    profile: Profile, scoring: Scoring, snapshots: Mapping[str, Snapshot], now: Instant
) -> Profile:
    """The person with the scores they have now."""
    known = profile.attributes
    changed: dict[str, int | None] = {}
    for score in scoring.scores:
        snapshot = snapshots.get(score.subject)
        bounds = None if snapshot is None else snapshot.values["bounds"]
        value = score.of(_whole(known.get(score.attribute)), bounds, now)
        if value != known.get(score.name):
            changed[score.name] = value
    if not changed:
        return profile
    attributes: dict[str, Any] = {**known, **changed}
    return profile._replace(
        attributes={name: each for name, each in attributes.items() if each is not None}
    )


def rates_anew(profile: Profile, scoring: Scoring, now: Instant) -> Iterator[Instant]:
    """When a score will be another one though nothing happens."""
    for score in scoring.scores:
        yield from score.changes(_whole(profile.attributes.get(score.attribute)), now)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
