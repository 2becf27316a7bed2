"""A deployed project with everything derived from it once: what starts on which event, what
history which journey reads, on which terms messages may go out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from channels.content import Content
from dsl.calendar import DAY, Instant
from dsl.expr.context import Context
from dsl.machine import (
    AnyTime,
    ApiTrigger,
    Calendar,
    ConsentRule,
    DateTrigger,
    Emit,
    EventTrigger,
    JourneyTrigger,
    Listen,
    Machine,
    Policy,
    Project,
    Reads,
    Rolling,
    Rule,
    ScheduleTrigger,
    SegmentTrigger,
    Send,
    Split,
    StartJourney,
    Until,
)
from dsl.machine import Trigger as Way
from dsl.plan import membership_event
from dsl.scoring import Scoring
from engine.core.best_time import SEEN
from engine.core.former import Former, Formers, pinned
from engine.core.lessons import Lessons
from engine.core.run import Run
from engine.core.tallying import Computing
from engine.core.terms import Reach, Terms, reach_of, terms_of
from engine.core.zones import zone_called

__all__ = ["Flip", "Flipping", "Program", "Trigger", "flips_of", "keeps_calendars"]

_MESSAGE_EVENTS = frozenset(
    f"message_{what}" for what in ("delivered", "opened", "clicked", "replied", "failed")
)
_ANSWERED = "message_replied"
_LONGEST_MONTH = 31 * DAY
_NO_FORMERS: Formers = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trigger:
    """A journey and a way into it."""

    machine: Machine
    way: Way


Flip: TypeAlias = Callable[[Context], Instant | None]
"""The next instant at which a rule may change by itself."""


@dataclass(frozen=True, slots=True)
class Flipping:
    """When the rules of a journey may change by themselves: guards, and rules waited for."""

    guards: tuple[Flip, ...]
    states: Mapping[str, tuple[Flip, ...]]


@dataclass(frozen=True, slots=True)
class Program:
    """What the core decides by. Built by ``Program.of`` and never changed."""

    project: Project
    content: Content
    zone: ZoneInfo
    triggers: Mapping[str, tuple[Trigger, ...]]  # by event, in the order of section 4.4 M3;
    # a segment entered or left is an event, too
    histories: Mapping[str, frozenset[str]]  # journey -> events whose history it reads
    reach: Mapping[str, Reach]  # by channel
    terms: Mapping[tuple[str, str], Terms]  # by category and channel
    heard: Mapping[str, frozenset[str]]  # journey -> events that its waits listen for
    emitted: frozenset[str]  # events that journeys make
    started: frozenset[str]  # journeys that journeys start
    remembers: frozenset[str]  # journeys that ask about a person's earlier runs
    calendar: tuple[Trigger, ...]  # dates and schedules
    turning: tuple[Flip, ...]  # when tracked segments may change by themselves
    by_calendar: frozenset[str]  # journeys that start by dates, schedules or segments
    tracked: tuple[str, ...]  # segments whose comings and goings matter
    watched: frozenset[str]  # events whose history tells who is in them
    unkept: frozenset[str]  # comings and goings of those that no rule asks about
    flipping: Mapping[str, Flipping]  # versions that must be looked at again by themselves
    memory: Instant  # how long sent messages matter to caps and rules, in microseconds
    lessons: Lessons
    habits: frozenset[str]  # events whose history tells who is in segments with habits of their own
    formers: Formers  # earlier versions in which people rest
    pinned: Mapping[str, Former]  # those of them that are gone through to their end, by version
    best_time: time | None = None  # pretended, whatever has been learnt
    keeps_calendars: bool = False  # as ``keeps_calendars`` says of the project
    paused: frozenset[str] = frozenset()  # journeys
    computing: Computing | None = None  # attributes computed from events; None: there are none
    scoring: Scoring | None = None  # scores of people; None: there are none
    untold: frozenset[str] = frozenset()  # attributes that nobody sets

    @property
    def policy(self) -> Policy:
        """The company's rules."""
        return self.project.policy

    def machine_of(self, run: Run) -> Machine | None:
        """What a run goes through: its journey as it is deployed, or the version it entered where
        people stay in theirs; None if the journey is not deployed any more.
        """
        machine = self.project.machines.get(run.journey)
        if machine is None or run.version == machine.version or not self.pinned:
            return machine
        former = self.pinned.get(run.version)
        return machine if former is None else former.machine

    def content_of(self, machine: Machine) -> Content:
        """What renders the messages of a journey, in the version that people go through."""
        former = self.pinned.get(machine.version) if self.pinned else None
        return self.content if former is None else former.content

    @classmethod
    def of(cls, project: Project, content: Content, formers: Formers = _NO_FORMERS) -> Program:
        """Derives everything once. ``formers`` are versions in which people still rest."""
        zone = zone_called(project.policy.zone)
        if zone is None:  # the compiler has checked it
            raise ValueError(project.policy.zone)
        machines = sorted(project.machines.values(), key=lambda m: (-m.priority, m.journey))
        kept = pinned(project.machines, formers)
        running = [*machines, *(former.machine for former in kept.values())]
        lessons = Lessons.of(running, project.policy.channels)
        triggers: dict[str, list[Trigger]] = {}
        for machine in machines:
            for way in machine.triggers:
                match way:
                    case EventTrigger(event=event):
                        triggers.setdefault(event, []).append(Trigger(machine, way))
                    case SegmentTrigger(segment=segment, enters=enters):
                        event = membership_event(segment, entered=enters)
                        triggers.setdefault(event, []).append(Trigger(machine, way))
                    case _:
                        pass
        asked = _asked_about(project, running)
        tracked = _tracked(project, asked)
        reach = reach_of(project.policy)
        calendar = tuple(
            Trigger(m, way)
            for m in machines
            for way in m.triggers
            if isinstance(way, DateTrigger | ScheduleTrigger)
        )
        return cls(
            project=project,
            content=content,
            zone=zone,
            triggers={event: tuple(ways) for event, ways in triggers.items()},
            histories=_joined((m.journey, _history(m, project)) for m in running),
            reach=reach,
            terms=terms_of(project.policy, reach),
            heard=_joined(
                (m.journey, frozenset(entry.event for entry in step.entries))
                for m in running
                for step in m.code
                if isinstance(step, Listen)
            ),
            emitted=frozenset(
                step.event for m in running for step in m.code if isinstance(step, Emit)
            ),
            started=frozenset(
                step.journey for m in running for step in m.code if isinstance(step, StartJourney)
            ),
            remembers=frozenset(m.journey for m in machines if _remembers(m)),
            calendar=calendar,
            turning=tuple(
                flip for name in tracked for flip in flips_of(project.segments[name].who, project)
            ),
            by_calendar=frozenset(
                m.journey
                for m in machines
                if any(
                    isinstance(way, DateTrigger | ScheduleTrigger | SegmentTrigger)
                    for way in m.triggers
                )
            ),
            tracked=tracked,
            watched=_with_segments(Reads(segments=frozenset(tracked)), project, frozenset()),
            unkept=frozenset(
                event for name in tracked for event in _both(name) if event not in asked
            ),
            flipping={
                m.version: each for m in running if (each := _flipping(m, project)) is not None
            },
            memory=_memory(project, running),
            lessons=lessons,
            habits=_with_segments(
                Reads(segments=frozenset(lessons.segments)), project, frozenset()
            ),
            formers=formers,
            pinned=kept,
            keeps_calendars=bool(calendar or tracked or project.plan.scoring),
            paused=frozenset(m.journey for m in machines if m.status == "paused"),
            computing=Computing.of(project.plan) if project.plan.computed else None,
            scoring=project.plan.scoring,
            untold=frozenset(f.name for f in project.plan.attributes.values() if f.formula),
        )

    def called(self, journey: str, by: str) -> tuple[Trigger, ...]:
        """The way into a journey for a call of the API, or for the journey ``by``."""
        machine = self.project.machines.get(journey)
        kind = JourneyTrigger if by else ApiTrigger
        ways = () if machine is None else machine.triggers
        return tuple(Trigger(machine, way) for way in ways if machine and isinstance(way, kind))

    def history_needed(self, journeys: Iterable[str], events: Iterable[str]) -> frozenset[str]:
        """The events whose history matters to people in ``journeys`` to whom ``events`` happen."""
        concerned = {*journeys, *self.by_calendar}
        for event in events:
            concerned.update(t.machine.journey for t in self.triggers.get(event, ()))
        needed = [self.histories[name] for name in concerned if name in self.histories]
        return self.watched.union(*needed)

    @property
    def read_by_policy(self) -> frozenset[str]:
        """The events whose history consent and reach ask about."""
        return _of_policy(self.project)

    def read_by(self, rule: Rule) -> frozenset[str]:
        """The events whose history a rule asks about that stands in no journey."""
        return _with_segments(rule.reads, self.project, frozenset()) | _of_policy(self.project)


def keeps_calendars(project: Project) -> bool:
    """Whether anything starts or changes by itself, so that people are looked through."""
    timed = DateTrigger | ScheduleTrigger
    ways = [way for machine in project.machines.values() for way in machine.triggers]
    return any(isinstance(way, timed) for way in ways) or bool(
        project.plan.scoring or _tracked(project, _asked_about(project, project.machines.values()))
    )


def _tracked(project: Project, asked: Set[str]) -> tuple[str, ...]:
    """The segments whose comings and goings start journeys, or are asked about."""
    starting = {
        way.segment
        for machine in project.machines.values()
        for way in machine.triggers
        if isinstance(way, SegmentTrigger)
    }
    return tuple(
        name
        for name in sorted(project.segments)
        if name in starting or not asked.isdisjoint(_both(name))
    )


def _asked_about(project: Project, machines: Iterable[Machine]) -> frozenset[str]:
    """The comings and goings that rules ask about: those of journeys, and of any segment, because
    whoever is in it may be asked at any time.
    """
    everybody = Reads(segments=frozenset(project.segments))
    read = _with_segments(everybody, project, frozenset())
    read = read.union(*(_history(machine, project) for machine in machines))
    return read.intersection(event for name in project.segments for event in _both(name))


def _both(segment: str) -> tuple[str, str]:
    return membership_event(segment, entered=True), membership_event(segment, entered=False)


def _joined(
    pairs: Iterable[tuple[str, frozenset[str]]],
) -> dict[str, frozenset[str]]:
    """What several versions of a journey need, together."""
    made: dict[str, frozenset[str]] = {}
    for journey, names in pairs:
        made[journey] = made.get(journey, frozenset()) | names
    return made


def _flipping(machine: Machine, project: Project) -> Flipping | None:
    goal = () if machine.goal is None else (machine.goal,)
    loops = tuple(loop.holds for loop in machine.loops if loop.holds is not None)
    guards = [
        flip
        for rule in (*goal, *machine.exclude, *machine.exits, *loops)
        for flip in flips_of(rule, project)
    ]
    states = {
        step.id: flips
        for step in machine.code
        if isinstance(step, Until)
        and isinstance(step.target, Rule)
        and (flips := flips_of(step.target, project))
    }
    return Flipping(tuple(guards), states) if guards or states else None


def flips_of(rule: Rule, project: Project, seen: frozenset[str] = frozenset()) -> tuple[Flip, ...]:
    """When a rule may change by itself, or a segment that it asks about."""
    flips: tuple[Flip, ...] = () if rule.flips is None else (rule.flips,)
    for name in sorted(rule.reads.segments - seen):
        segment = project.segments.get(name)
        if segment is not None:
            flips += flips_of(segment.who, project, seen | rule.reads.segments)
    return flips


def _remembers(machine: Machine) -> bool:
    if not isinstance(machine.re_enter, AnyTime):
        return True
    return any(isinstance(step, Split) and step.every_time for step in machine.code)


def _history(machine: Machine, project: Project) -> frozenset[str]:
    events = _with_segments(machine.reads | _audiences(machine), project, frozenset())
    events |= _of_policy(project)
    for step in machine.code:
        if isinstance(step, Listen) and step.looking_back is not None:
            events |= frozenset(entry.event for entry in step.entries)
    if machine.reads.steps:
        events |= _MESSAGE_EVENTS
    if _asks_for_windows(machine, project.policy):
        events |= {_ANSWERED}
    if machine.reads.times:
        events |= SEEN
    return events


def _asks_for_windows(machine: Machine, policy: Policy) -> bool:
    """Whether it depends on when people wrote: a rule says so, or something is sent on a channel on
    which free text may only follow an answer.
    """
    sent = {
        choice.channel for step in machine.code if isinstance(step, Send) for choice in step.choices
    }
    asked = machine.reads.channels | sent
    return any(each.free_text_window and each.name in asked for each in policy.channels.values())


def _of_policy(project: Project) -> frozenset[str]:
    """What reach and consent ask about."""
    policy, events = project.policy, frozenset[str]()
    for channel in policy.channels.values():
        if channel.reachable is not None:
            events |= _with_segments(channel.reachable.reads, project, frozenset())
    for category in policy.categories.values():
        if isinstance(category.consent, ConsentRule):
            events |= _with_segments(category.consent.rule.reads, project, frozenset())
    return events


def _audiences(machine: Machine) -> Reads:
    """The segments that starts depend on."""
    named = [way.segment for way in machine.triggers if isinstance(way, SegmentTrigger)]
    named += [way.audience for way in machine.triggers if isinstance(way, ScheduleTrigger)]
    return Reads(segments=frozenset(named))


def _with_segments(reads: Reads, project: Project, seen: frozenset[str]) -> frozenset[str]:
    events = reads.events
    for name in reads.segments - seen:
        segment = project.segments.get(name)
        if segment is not None:
            events |= _with_segments(segment.who.reads, project, seen | reads.segments)
    return events


def _memory(project: Project, machines: Iterable[Machine]) -> Instant:
    """The longest any cap looks back. Rules with "messaged" may look back a year."""
    lengths = [_LONGEST_MONTH]
    running = list(machines)
    caps = [*project.policy.caps, *(c for m in running for c in m.caps)]
    for cap in caps:
        match cap.period:
            case Rolling(length):
                lengths.append(length.longest)
            case Calendar():
                lengths.append(_LONGEST_MONTH)
    if any(machine.reads.messages for machine in running):
        lengths.append(366 * DAY)
    return max(lengths) + DAY
