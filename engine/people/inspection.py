"""What is to be known of a segment before anybody is written to: how many they are, whether they are
others than those of other segments, whether they stay, and whether they can be reached.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from dsl.calendar import DAY, Instant
from dsl.expr.compile import compile_rule
from dsl.expr.scope import Names, Scope
from dsl.machine import ConsentNotNeeded, Project, Rule
from dsl.source import Text
from engine.core.program import Program
from engine.store.protocol import Store

__all__ = ["Access", "Inspection", "Overlap", "Week", "inspect"]


class Overlap(NamedTuple):
    """Another segment: its size, and how many are in both."""

    segment: str
    size: int
    shared: int


class Week(NamedTuple):
    """Who was in the segment at a time, and who came and went in the week before (None: unknown)."""

    at: Instant
    members: int
    came: int | None = None
    went: int | None = None


class Access(NamedTuple):
    """A channel: how many can be written to there at all, of how many the address is suppressed,
    and to how many each category that needs consent may write.
    """

    channel: str
    reachable: int
    suppressed: int
    consents: dict[str, int]


@dataclass(frozen=True, slots=True)
class Inspection:
    """The four answers. ``everybody`` is how many people are known."""

    segment: str
    title: str
    rule: str
    at: Instant
    everybody: int
    size: int
    overlaps: tuple[Overlap, ...]
    weeks: tuple[Week, ...]
    channels: tuple[Access, ...]


def inspect(
    store: Store, program: Program, segment: str, now: Instant, weeks: int = 4
) -> Inspection:
    """Asks the store all of it. Counting is done where the people are, but for who came and went."""
    project = program.project
    known = project.segments[segment]
    count = _Count(store, program, now)
    inside = f"in segment {segment}"
    size = count(inside)
    overlaps = [
        Overlap(name, count(f"in segment {name}"), count(f"{inside} and in segment {name}"))
        for name in project.segments
        if name != segment
    ]
    return Inspection(
        segment,
        known.title,
        known.who.text,
        now,
        size + count(f"not {inside}"),
        size,
        tuple(sorted(overlaps, key=lambda each: (-each.shared, each.segment))),
        tuple(_weeks(store, program, segment, now, weeks)),
        tuple(_channels(store, program, segment, now)),
    )


class _Count(NamedTuple):
    """Counts the people of whom a rule is true."""

    store: Store
    program: Program
    now: Instant

    def __call__(self, text: str) -> int:
        rule = _rule(text, self.program.project)
        return self.store.audience_size(rule, self.program, self.now)


def _weeks(store: Store, program: Program, segment: str, now: Instant, weeks: int) -> list[Week]:
    """The oldest first. No more than the members of two weeks are held at a time."""
    found: list[Week] = []
    before: set[str] | None = None
    for ago in range(weeks, -1, -1):
        at = now - 7 * ago * DAY
        members = store.memberships.then(program, segment, at)
        came = None if before is None else len(members - before)
        went = None if before is None else len(before - members)
        found.append(Week(at, len(members), came, went))
        before = members
    return found


def _channels(store: Store, program: Program, segment: str, now: Instant) -> list[Access]:
    project, policy = program.project, program.policy
    inside = f"in segment {segment}"
    stopped = Counter[str]()
    members: set[str] | None = None
    for profile in store.suppressed():
        on = [
            channel
            for channel, address in profile.addresses.items()
            if {address, f"{channel} {address}"} & profile.suppressed
        ]
        if on:
            if members is None:
                members = set(store.audience(project.segments[segment].who, program, now))
            if profile.id in members:
                stopped.update(on)
    asking = [
        name
        for name, each in policy.categories.items()
        if not isinstance(each.consent, ConsentNotNeeded)
    ]
    count = _Count(store, program, now)
    found = []
    for channel in policy.channels:
        reach = f"{inside} and {channel} is reachable"
        consents = {
            each: count(f"{reach} and subscribed to {each} on {channel}") for each in asking
        }
        found.append(Access(channel, count(reach), stopped[channel], consents))
    return found


def _rule(text: str, project: Project) -> Rule:
    names = Names(
        segments=frozenset(project.segments),
        channels=frozenset(project.policy.channels),
        categories=frozenset(project.policy.categories),
    )
    rule = compile_rule(Text.of(text), Scope(project.plan, names), [])
    assert rule is not None, text
    return rule
