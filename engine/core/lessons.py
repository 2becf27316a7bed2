"""What a project learns: derived once from its machines, empty for most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dsl.machine import Learning, Machine, ScheduleTrigger, SegmentTrigger, Split
from engine.core.learning import times_subject

__all__ = ["LearningSplit", "Lessons", "learning_splits"]


class LearningSplit(NamedTuple):
    """A split that learns. ``earlier`` are what it learnt under names it had before."""

    journey: str
    split: Split
    learning: Learning
    subject: str
    scopes: tuple[str, ...]
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lessons:
    """``subjects`` are what people in a journey are decided by; ``splits`` are all that learn, each
    subject once, as the journey is deployed now. ``channels`` are those whose opens and clicks are counted by the hour of the week,
    for everybody and for ``segments``; ``audience`` is the segment of a version of a journey.
    """

    subjects: Mapping[str, tuple[str, ...]]
    splits: tuple[LearningSplit, ...]
    channels: frozenset[str]
    segments: tuple[str, ...]
    audience: Mapping[str, str]

    @classmethod
    def of(cls, machines: Iterable[Machine], channels: Iterable[str]) -> Lessons:
        """Everything that machines learn. ``channels`` are those that there are."""
        subjects: dict[str, set[str]] = {}
        splits: dict[str, LearningSplit] = {}
        counted: set[str] = set()
        audience: dict[str, str] = {}
        known = frozenset(channels)
        for machine in machines:
            needed = {each.subject: each for each in learning_splits(machine)}
            splits = {**needed, **splits}
            times = machine.reads.times
            asked = known if "" in times else times
            counted |= asked
            segment = _segment(machine)
            if asked and segment:
                audience[machine.version] = segment
            found = subjects.setdefault(machine.journey, set())
            for each in needed.values():
                found |= {each.subject, *each.earlier}
            for channel in asked:
                found |= {times_subject(channel), times_subject(channel, segment)}
        return cls(
            {journey: tuple(sorted(found)) for journey, found in subjects.items() if found},
            tuple(splits.values()),
            frozenset(counted),
            tuple(sorted(set(audience.values()))),
            audience,
        )

    def __bool__(self) -> bool:
        return bool(self.subjects)

    @property
    def times(self) -> tuple[str, ...]:
        """The subjects that are times of the week."""
        return tuple(
            times_subject(channel, segment)
            for channel in sorted(self.channels)
            for segment in ("", *self.segments)
        )

    def needed(self, journeys: Iterable[str]) -> tuple[str, ...]:
        """The subjects by which people in ``journeys`` are decided."""
        wanted = (subject for name in journeys for subject in self.subjects.get(name, ()))
        return tuple(sorted(set(wanted)))


def learning_splits(machine: Machine) -> list[LearningSplit]:
    """The splits of a journey that learn.

    What is learnt is about a draw and a target: of another draw, or for another target, it is
    something else. A new name is not.
    """
    found = []
    for split in machine.code:
        if not isinstance(split, Split) or split.learning is None:
            continue
        own = f"{machine.journey}/{split.id}"
        before = [old for old, new in machine.renamed if new == split.id]
        scopes = tuple(
            f"{machine.journey}/{name}{split.scope.removeprefix(own)}"
            for name in (split.id, *before)
        )
        target = re.sub(rf"\b{re.escape(split.id)}\b", "it", split.learning.target.text)
        subject, *earlier = (f"split {scope} | {' '.join(target.split())}" for scope in scopes)
        found.append(
            LearningSplit(machine.journey, split, split.learning, subject, scopes, tuple(earlier))
        )
    return found


def _segment(machine: Machine) -> str:
    """Whose habits are like those of the people inside: the segment that the journey is for."""
    for way in machine.triggers:
        match way:
            case SegmentTrigger(segment=segment, enters=True):
                return segment
            case ScheduleTrigger(audience=segment):
                return segment
            case _:
                pass
    return ""
