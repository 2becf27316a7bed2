"""What a scenario begins with: three layers, of the file, the scenario and one example.

Of the clock, the channels and the holdout the innermost counts; attributes and what is pretended
are taken name by name; history adds up, unless it says ``none``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from dsl.calendar import MINUTE
from dsl.compile.computed import check_told
from dsl.compile.events import known_event
from dsl.compile.scenario_values import Clock, read_clock, read_fields_of, read_happened
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Names
from dsl.files.reading import error, listed, read
from dsl.files.scenarios import GivenPart, PastPart
from dsl.machine import Call, Machine, Policy, Split
from dsl.message import Message
from dsl.plan import Event, Field, TrackingPlan, membership_event
from dsl.scenario import Given, Past, Pretend
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["Known", "People", "compile_given"]

_BEST_TIME = re.compile(r"best time(?:\s+is)?", re.IGNORECASE)
_BEST_TIME_IS = re.compile(r"best time is\s+(\d\d?):(\d\d)", re.IGNORECASE)
_MEMBERSHIP = re.compile(r"(entered|left)\s+segment\s+([\"']?)(\w+)\2", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"(\d\d?):(\d\d)")
_TRAITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"email": ("email",), "phone": ("sms", "whatsapp")}
)


@dataclass(frozen=True, slots=True)
class Known:
    """What scenarios may speak of. ``machines`` are of the journeys without mistakes."""

    plan: TrackingPlan
    policy: Policy
    machines: Mapping[str, Machine]
    messages: Mapping[str, Message]
    names: Names


class People:
    """Reads a person's attributes, and the addresses that come with them."""

    def __init__(self, known: Known, zone: ZoneInfo, found: list[Diagnostic]) -> None:
        self._plan = known.plan
        self._channels = tuple(known.policy.channels)
        self._zone = zone
        self._found = found

    def attributes(self, node: Map | None, at: Text) -> dict[str, Any]:
        """Values at rest; None removes one. ``user_id`` and addresses need no declaration."""
        declared = self._plan.attributes
        own = [
            entry
            for entry in node or ()
            if (
                self._is_told(entry.key)
                if entry.key in declared
                else entry.key != "user_id" and entry.key not in _TRAITS
            )
        ]
        kept = None if node is None else Map(tuple(own), node.start)
        return read_fields_of(kept, declared, "", self._zone, self._found, at=at, sets=True)

    def _is_told(self, name: Text) -> bool:
        return check_told(name, self._plan.attributes[name], self._found)

    def addresses(self, node: Map | None) -> dict[str, str | None]:
        """The addresses that ``email`` and ``phone`` are."""
        made: dict[str, str | None] = {}
        for trait, channels in _TRAITS.items():
            entry = next((each for each in node or () if each.key == trait), None)
            if entry is not None and isinstance(entry.value, Text):
                made |= dict.fromkeys(channels, str(entry.value) or None)
        return {channel: each for channel, each in made.items() if channel in self._channels}

    def invented(self, person: str) -> dict[str, str | None]:
        """Addresses nobody writes down: device tokens and the like."""
        written = {channel for channels in _TRAITS.values() for channel in channels}
        return {each: f"{each} of {person}" for each in self._channels if each not in written}


def compile_given(
    layers: Sequence[GivenPart],
    journey: Text,
    known: Known,
    found: list[Diagnostic],
) -> tuple[Given, Clock] | None:
    """The beginning, and the clock set to it; None if no clock can be read."""
    company = ZoneInfo(known.policy.zone)
    text = next((layer.clock for layer in reversed(layers) if layer.clock is not None), None)
    if text is None:
        if all(layer.key_of("clock") is None for layer in layers):
            message = "These scenarios have no clock."
            hint = "Write under given: clock: 2026-03-02 10:00 Europe/Berlin"
            found.append(error("S07", journey.span(), message, hint))
        return None
    begin = read_clock(text, company, found)
    if begin is None:
        return None
    clock = Clock(begin[0], begin[1], frozenset(known.policy.holidays))
    people = People(known, clock.zone, found)
    person = "u1"
    attributes: dict[str, Any] = {}
    addresses: dict[str, str | None] = {}
    for layer in layers:
        for entry in layer.profile or ():
            if entry.key == "user_id" and isinstance(entry.value, Text) and entry.value:
                person = str(entry.value)
        attributes |= people.attributes(layer.profile, layer.key_of("profile") or text)
        addresses |= people.addresses(layer.profile)
    addresses = {**people.invented(person), **addresses}
    reachable = _reachable(layers, known, found)
    if reachable is not None:
        addresses = {each: addresses.get(each) or f"{each} of {person}" for each in reachable}
    given = Given(
        start=clock.now,
        zone=clock.zone.key,
        person=person,
        attributes=MappingProxyType({k: v for k, v in attributes.items() if v is not None}),
        addresses=MappingProxyType({k: v for k, v in addresses.items() if v}),
        reachable=reachable,
        history=_history(layers, known, clock, found),
        held_out=_held_out(layers),
        pretend=_pretend(layers, known.machines.get(journey), known, found),
    )
    return given, clock


def _reachable(
    layers: Sequence[GivenPart], known: Known, found: list[Diagnostic]
) -> tuple[str, ...] | None:
    chosen: tuple[str, ...] | None = None
    for layer in layers:
        if layer.key_of("channels") is None:
            continue
        named = [each for each in layer.channels if each.casefold() != "none"]
        chosen = tuple(dict.fromkeys(map(str, named)))
        for channel in named:
            if channel not in known.policy.channels:
                hint = did_you_mean(channel, known.policy.channels)
                message = f'There is no channel called "{channel[:60]}".'
                found.append(error("N09", channel.span(), message, hint))
    return chosen


def _held_out(layers: Sequence[GivenPart]) -> bool:
    held = False
    for layer in layers:
        if layer.in_holdout is not None:
            held = same_key(layer.in_holdout) == "yes"
        if layer.not_in_holdout is not None:
            held = same_key(layer.not_in_holdout) != "yes"
    return held


# --------------------------------------------------------------------------------- history


def _history(
    layers: Sequence[GivenPart], known: Known, clock: Clock, found: list[Diagnostic]
) -> tuple[Past, ...]:
    past: list[Past] = []
    for layer in layers:
        node = layer.history
        if isinstance(node, Text) and node.casefold() == "none":
            past = []
        elif node is not None:
            made = (_past(item, known, clock, found) for item in listed(node, "history", found))
            past += [each for each in made if each is not None]
    return tuple(sorted(past, key=lambda each: each.occurred))


def _past(node: Node, known: Known, clock: Clock, found: list[Diagnostic]) -> Past | None:
    part = read(PastPart, node, '"history"', found)
    if part is None or part.event is None:
        return None
    event = _membership(part.event, known, found) or known_event(part.event, known.plan, found)
    if event is None:
        return None
    occurred = clock.now - MINUTE
    if part.happened is not None:
        said = read_happened(part.happened, clock, found)
        if said is None:
            return None
        occurred = said
    fields: Mapping[str, Field] = event.properties
    values = read_fields_of(part.with_, fields, event.name, clock.zone, found, at=part.event)
    return Past(event.name, occurred, MappingProxyType(values))


def _membership(text: Text, known: Known, found: list[Diagnostic]) -> Event | None:
    """``entered segment vip``, in the words of rules; None for any other event."""
    said = _MEMBERSHIP.fullmatch(text.strip())
    if said is None:
        return None
    segment = said[3]
    if segment not in known.names.segments:
        hint = did_you_mean(segment, known.names.segments)
        message = f'There is no segment called "{segment[:60]}".'
        found.append(error("N10", text.span(), message, hint))
    name = membership_event(segment, entered=said[1].casefold() == "entered")
    return Event(name, name)


# --------------------------------------------------------------------------------- pretend


def _pretend(
    layers: Sequence[GivenPart],
    machine: Machine | None,
    known: Known,
    found: list[Diagnostic],
) -> Pretend:
    paths: dict[str, str] = {}
    answers: dict[str, Mapping[str, Any] | None] = {}
    best: time | None = None
    for layer in layers:
        for node in _pretended(layer.pretend):
            if isinstance(node, Text):
                said = _BEST_TIME_IS.fullmatch(node.strip())
                best = _time(node, said, found) or best
                continue
            for entry in node:
                if _BEST_TIME.fullmatch(entry.key):
                    value = entry.value if isinstance(entry.value, Text) else entry.key
                    best = _time(value, _CLOCK_TIME.fullmatch(value.strip()), found) or best
                elif isinstance(entry.value, Text) and _fails(entry, machine, known):
                    answers[str(entry.key)] = None
                elif isinstance(entry.value, Text):
                    _fix_path(entry.key, entry.value, machine, paths, found)
                elif isinstance(entry.value, Map):
                    answer = _answer(entry.key, entry.value, machine, known, found)
                    answers[str(entry.key)] = MappingProxyType(answer)
                else:
                    message = f'"{entry.key}" should be a path, or the answer of a service.'
                    found.append(error("S08", entry.value.span(), message))
    given = {name: answer for name, answer in answers.items() if answer is not None}
    failing = frozenset(answers) - frozenset(given)
    return Pretend(MappingProxyType(paths), MappingProxyType(given), best, failing)


def _pretended(node: Node | None) -> list[Text | Map]:
    if isinstance(node, Items):
        return [each for each in node if isinstance(each, Text | Map)]
    return [] if node is None else [node]


def _time(text: Text, said: re.Match[str] | None, found: list[Diagnostic]) -> time | None:
    try:
        if said is not None:
            return time(int(said[1]), int(said[2]))
    except ValueError:
        pass
    message = f'"{text[:60]}" cannot be pretended.'
    found.append(error("S10", text.span(), message, "For example: best time is 18:00"))
    return None


def _fix_path(
    step: Text,
    path: Text,
    machine: Machine | None,
    paths: dict[str, str],
    found: list[Diagnostic],
) -> None:
    if machine is None:
        return
    splits = {each.id: each for each in machine.code if isinstance(each, Split)}
    split = splits.get(str(step))
    if split is None:
        message = f'The journey "{machine.journey}" has no split called "{step[:60]}".'
        hint = did_you_mean(step, splits) or _has("It has", splits)
        found.append(error("N12", step.span(), message, hint))
        return
    names = [each.name for each in split.paths]
    if path not in names:
        message = f'The split "{step}" has no path called "{path[:60]}".'
        hint = did_you_mean(path, names) or _has("It has", names)
        found.append(error("N12", path.span(), message, hint))
        return
    paths[str(step)] = str(path)


def _answer(
    name: Text,
    node: Map,
    machine: Machine | None,
    known: Known,
    found: list[Diagnostic],
) -> dict[str, Any]:
    """What a service answers, by the id of the step that calls it or by the service's name."""
    calls = {} if machine is None else _calls(machine)
    services = known.policy.services
    service = services.get(calls.get(str(name), str(name)))
    if service is None:
        if machine is not None:
            names = (*services, *calls)
            hint = did_you_mean(name, names) or _has("There is", names)
            message = f'There is no web service called "{name[:60]}".'
            found.append(error("N24", name.span(), message, hint))
        return {}
    fields = {each: Field(each, kind) for each, kind in service.returns.items()}
    zone = ZoneInfo(known.policy.zone)
    return read_fields_of(node, fields, f"{name}", zone, found, at=name)


def _fails(entry: Entry, machine: Machine | None, known: Known) -> bool:
    """Whether it is pretended that a service does not answer: ``crm_task: fails``."""
    calls = {} if machine is None else _calls(machine)
    named = entry.key in calls or entry.key in known.policy.services
    return named and entry.value == "fails"


def _calls(machine: Machine) -> dict[str, str]:
    """The services a journey calls, by the id of the step."""
    return {step.id: step.service for step in machine.code if isinstance(step, Call)}


def _has(words: str, names: object) -> str:
    listed_ = ", ".join(map(str, names)) if isinstance(names, list | tuple | dict) else ""
    return f"{words}: {listed_ or 'none'}"
