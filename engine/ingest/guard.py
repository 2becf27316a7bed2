"""What a key that everybody can read must not change: consent, and what consent is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from dsl.policy import ConsentRule, Policy, Segment
from dsl.rules import Reads
from engine.core.consent import CONSENT_EVENTS
from engine.core.preferences import PREFERENCES_SET

__all__ = ["WORDS", "Guard", "guard_of"]


class Guard(NamedTuple):
    """Events and attributes by their names in the tracking plan."""

    events: frozenset[str]
    attributes: frozenset[str] = frozenset()


WORDS: Final = Guard(frozenset({*CONSENT_EVENTS, PREFERENCES_SET}))
"""What people say themselves about being written to."""


def guard_of(policy: Policy, segments: Mapping[str, Segment]) -> Guard:
    """The words, and all that a policy's rules of consent look at, however far around."""
    reads, seen = Reads(), set[str]()
    for category in policy.categories.values():
        if isinstance(category.consent, ConsentRule):
            reads |= category.consent.rule.reads
    while unseen := reads.segments - seen:
        seen |= unseen
        for name in unseen & segments.keys():
            reads |= segments[name].who.reads
    return Guard(WORDS.events | reads.events, reads.attributes)
