"""The tracking plan, compiled: attributes and events by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast

from dsl.compile.computed import WrittenFormula, with_computed, written_formula
from dsl.compile.fields import FLAGS_OF_PEOPLE, read_fields
from dsl.compile.naming import check_root
from dsl.diagnostics import Diagnostic
from dsl.files.reading import error, read
from dsl.files.tracking_plan import EventPart, TrackingPlanFile
from dsl.plan import (
    BUILT_IN_EVENTS,
    IDENTIFIERS,
    Event,
    Field,
    Identifier,
    Strictness,
    TrackingPlan,
)
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Map, same_key

__all__ = ["compile_plan"]


def compile_plan(node: Map, found: list[Diagnostic]) -> TrackingPlan:
    """The plan, with everything that could be read."""
    file = read(TrackingPlanFile, node, "a tracking plan", found) or TrackingPlanFile()
    attributes: Mapping[str, Field] = MappingProxyType({})
    formulas: dict[str, WrittenFormula] = {}
    if file.profile is not None:
        told, formulas = _apart(file.profile, found)
        attributes = read_fields(told, "an attribute", found, check_root, FLAGS_OF_PEOPLE)
    taken: dict[str, Text | None] = dict.fromkeys(BUILT_IN_EVENTS)
    for entry in file.profile or ():
        taken[str(entry.key)] = entry.key
    events = dict(BUILT_IN_EVENTS)
    sources: dict[str, Text] = {}
    for entry in file.events or ():
        event = _event(entry, taken, sources, found)
        if event is not None:
            events[event.name] = event
    name = str(file.tracking_plan or "")
    door = cast("Strictness", same_key(file.at_the_door or "strict"))
    plan = TrackingPlan(
        name,
        attributes,
        MappingProxyType(events),
        door=door,
        identifiers=_identifiers(file.identifiers, found),
    )
    return with_computed(plan, formulas, found) if formulas else plan


def _identifiers(written: Sequence[Text], found: list[Diagnostic]) -> tuple[Identifier, ...]:
    """What people are known by, in the order in which it counts."""
    named = {same_key(text): text for text in reversed(written)}
    for word, text in named.items():
        if word not in IDENTIFIERS:
            hint = did_you_mean(text, IDENTIFIERS) or f"Possible here: {', '.join(IDENTIFIERS)}"
            message = f'Nobody can be known by "{text[:60]}".'
            found.append(error("S09", text.span(), message, hint))
    for text in written:
        first = named[same_key(text)]
        if first is not text:
            found.append(error("S06", text.span(), f'"{text[:60]}" stands here twice.'))
    return tuple(each for each in IDENTIFIERS if each in named)


def _apart(node: Map, found: list[Diagnostic]) -> tuple[Map, dict[str, WrittenFormula]]:
    """The attributes that people tell, and the formulas of those that are computed."""
    told: list[Entry] = []
    formulas: dict[str, WrittenFormula] = {}
    for entry in node:
        value = entry.value
        if not isinstance(value, Text) or not value.startswith("="):
            told.append(entry)
        elif check_root(entry.key, "an attribute", found):
            formulas[str(entry.key)] = written_formula(value.part(1))
    return Map(tuple(told), node.start), formulas


def _event(
    entry: Entry,
    taken: dict[str, Text | None],
    sources: dict[str, Text],
    found: list[Diagnostic],
) -> Event | None:
    if not _claim(entry.key, "an event", taken, found):
        return None
    part: EventPart | None = EventPart()
    if entry.value != "":  # an event without properties may have nothing behind its name
        part = read(EventPart, entry.value, f'"{entry.key}"', found)
    if part is None:
        return Event(str(entry.key), str(entry.key))
    plural, verb = part.also, part.did
    if plural is not None and not _claim(plural, "an event", taken, found):
        plural = None
    if verb is not None and not _claim(verb, "an event", taken, found):
        verb = None
    source = part.from_ or entry.key
    first = sources.setdefault(str(source), source)
    if first is not source:
        hint = f"The first one is in line {first.line}."
        message = f'"{source}" is already the incoming name of another event.'
        found.append(error("S06", source.span(), message, hint))
    properties = read_fields(part.has, "a property", found) if part.has is not None else {}
    return Event(
        name=str(entry.key),
        source=str(source),
        plural=None if plural is None else str(plural),
        verb=None if verb is None else str(verb),
        properties=MappingProxyType(dict(properties)),
    )


def _claim(name: Text, what: str, taken: dict[str, Text | None], found: list[Diagnostic]) -> bool:
    """Takes ``name`` for one event or one of its other words; nothing else may be called that."""
    if not check_root(name, what, found):
        return False
    if name.startswith("message_"):
        found.append(
            error(
                "S13",
                name.span(),
                'Names that start with "message_" belong to the events of messages.',
                "Choose another name.",
            )
        )
        return False
    if name in taken:
        first = taken[name]
        hint = "It is always there." if first is None else f"The first one is in line {first.line}."
        found.append(error("S06", name.span(), f'The name "{name}" is already taken.', hint))
        return False
    taken[str(name)] = name
    return True
