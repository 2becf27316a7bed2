"""What a project learns: derived once from its machines, empty for most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dsl.machine import Learning, Machine, Project, ScheduleTrigger, SegmentTrigger, Split
from engine.core.learning import split_subject, times_subject

__all__ = ["Learner", "Lessons"]


class Learner(NamedTuple):
    """A split that learns, and what is learnt there."""

    subject: str
    split: Split
    learning: Learning


@dataclass(frozen=True, slots=True)
class Lessons:
    """``subjects`` are those by which people in a journey are decided; ``learners`` are splits by
    journey and id. ``channels`` are those whose opens and clicks are counted by the hour of the
    week, for everybody and for ``segments``; ``audience`` is a journey's segment among them.
    """

    subjects: Mapping[str, tuple[str, ...]]
    learners: Mapping[tuple[str, str], Learner]
    channels: frozenset[str]
    segments: tuple[str, ...]
    audience: Mapping[str, str]

    @classmethod
    def of(cls, project: Project) -> Lessons:
        """Everything that the live machines of a project learn."""
        subjects: dict[str, tuple[str, ...]] = {}
        learners: dict[tuple[str, str], Learner] = {}
        channels: set[str] = set()
        audience: dict[str, str] = {}
        for machine in project.machines.values():
            own = _learners(machine)
            learners |= {(machine.journey, each.split.id): each for each in own}
            needed = [each.subject for each in own]
            if machine.reads.times:
                asked = sorted(_channels(machine, project))
                channels.update(asked)
                segment = _segment(machine)
                if segment:
                    audience[machine.journey] = segment
                needed += [times_subject(channel) for channel in asked]
                needed += [times_subject(channel, segment) for channel in asked if segment]
            if needed:
                subjects[machine.journey] = tuple(needed)
        segments = tuple(sorted(set(audience.values())))
        return cls(subjects, learners, frozenset(channels), segments, audience)

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


def _learners(machine: Machine) -> list[Learner]:
    return [
        Learner(split_subject(step, step.learning), step, step.learning)
        for step in machine.code
        if isinstance(step, Split) and step.learning is not None
    ]


def _channels(machine: Machine, project: Project) -> Iterable[str]:
    """The channels asked about; no name means all of them."""
    asked = machine.reads.times
    return project.policy.channels if "" in asked else asked


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
