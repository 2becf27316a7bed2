"""How far back the rules of a project look: what a store must not let go of before.

A length counts from now or, where a run is inside, from its entry, whichever is earlier: "since
entry" looks back no further than that. Of what cannot be told, all is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from dsl.calendar import DAY, Duration, Instant
from dsl.compile.reads import rules_in
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.machine import Formula, Listen, Machine, Moment, Project, Rule

__all__ = ["LookBack", "look_backs"]

_ENTRY = Duration()  # since entry: no further than the run
_SEEN = ("message_clicked", "message_opened")
_REPLIED = "message_replied"
_MESSAGES = ("message_delivered", *_SEEN, _REPLIED, "message_failed")
_PERIODS = {"today": 1, "yesterday": 2, "week": 7, "month": 31, "year": 366}
_A_DAY = Duration(days=1)


class LookBack(NamedTuple):
    """An event that a rule asks about, and how far back; None: all of its history. Without a
    ``place``, the ``text`` is no rule but says what it is.
    """

    event: str
    length: Duration | None
    text: str
    place: str

    @property
    def longest(self) -> Instant | None:
        """In microseconds, whatever the zone and the season."""
        return None if self.length is None else self.length.longest


def look_backs(project: Project, machines: Iterable[Machine]) -> dict[str, LookBack]:
    """For each event that is asked about, the rule that looks back furthest. ``machines`` are the
    journeys that run, in every version that does.
    """
    furthest: dict[str, LookBack] = {}
    for one in _all(project, machines):
        known = furthest.get(one.event)
        if known is None or _further(one.longest, known.longest):
            furthest[one.event] = one
    return furthest


def _further(one: Instant | None, other: Instant | None) -> bool:
    return other is not None and (one is None or one > other)


def _all(project: Project, machines: Iterable[Machine]) -> Iterator[LookBack]:
    policy = project.policy
    for part in (*project.segments.values(), *policy.channels.values()):
        yield from _of_rules(rules_in(part))
    yield from _of_rules(rules_in(policy.categories))
    for channel in policy.channels.values():
        if channel.free_text_window is not None:
            words = f"the free text window of {channel.name}"
            yield LookBack(_REPLIED, channel.free_text_window, words, "")
    messages = list(_of_rules(rules_in(project.messages)))
    yield from messages
    known = {one.event for one in messages}
    for machine in machines:
        yield from _of_machine(machine, known)


def _of_machine(machine: Machine, known: Set[str]) -> Iterator[LookBack]:
    """``known`` are events of which the messages have said how far they look back for them."""
    told = list(_of_rules(rules_in(machine)))
    yield from told
    for step in machine.code:
        if isinstance(step, Listen) and step.looking_back is not None:
            length = _constant(step.looking_back.meaning)
            for entry in step.entries:
                yield LookBack(entry.event, length, step.looking_back.text, step.looking_back.place)
    if machine.reads.steps:
        for event in _MESSAGES:
            yield LookBack(event, _ENTRY, machine.journey, "")
    if machine.reads.times:
        for event in _SEEN:
            yield LookBack(event, None, f"the best times of {machine.journey}", "")
    for event in sorted(machine.reads.events - {one.event for one in told} - known):
        yield LookBack(event, None, f"the messages of {machine.journey}", "")


def _of_rules(rules: Iterable[Rule | Formula | Moment]) -> Iterator[LookBack]:
    for rule in rules:
        told = list(_told(rule.meaning))
        for event, length in told:
            yield LookBack(event, length, rule.text, rule.place)
        for event in sorted(rule.reads.events - {event for event, _ in told}):
            yield LookBack(event, None, rule.text, rule.place)


def _told(meaning: Any) -> Iterator[tuple[str, Duration | None]]:
    """The events in a typed tree, each with how far back it is looked for."""
    match meaning:
        case tt.SegmentChanged():
            yield from _told(meaning.kept)
            return
        case tt.Some(rows=tv.Events(window=window), followed=tt.Follow(event=event)):
            yield event, _length(window)  # it comes after what it follows
        case tv.Events(event=event, window=window):
            yield event, _length(window)
        case _:
            pass
    if isinstance(meaning, tuple):
        for part in meaning:
            yield from _told(part)
    elif is_dataclass(meaning) and not isinstance(meaning, type):
        for part in fields(meaning):
            yield from _told(getattr(meaning, part.name))


def _length(window: tv.Window | None) -> Duration | None:
    match window:
        case tv.Last(length=length):
            return length
        case tv.SinceEntry():
            return _ENTRY
        case tv.Period(name=name):
            return Duration(days=_PERIODS[name] + 1)
        case tv.Since(moment=moment) | tv.Range(low=moment) | tv.WithinAfter(moment=moment):
            return _age(moment)
        case tv.Before() | None:
            return None


def _age(moment: tv.Value) -> Duration | None:
    """How long before now, or before the entry of a run, a moment can be. None: nobody knows."""
    match moment:
        case tv.Now() | tv.Entry() | tv.StepPart(part="time"):
            return _ENTRY
        case tv.TimeOf(what="trigger"):
            return _ENTRY
        case tv.Day(offset=offset):
            return Duration(days=max(0, -offset) + 1)
        case tv.DayStart(value=value) | tv.DayOf(value=value):
            age = _age(value)
            return None if age is None else age + _A_DAY
        case tv.Arithmetic(sign="-", left=left, right=right):
            age, length = _age(left), _constant(right)
            return None if age is None or length is None else age + length
        case _:
            return None


def _constant(value: Any) -> Duration | None:
    return value.value if isinstance(value, tv.Constant) and _is_length(value.value) else None


def _is_length(value: object) -> bool:
    return isinstance(value, Duration) and value.longest >= 0 and value.longest < 1000 * 366 * DAY
