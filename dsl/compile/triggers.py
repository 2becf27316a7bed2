"""What starts a journey, and what rules can say about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dsl.compile.events import common_record, event_record, known_event
from dsl.compile.fields import fields_record, read_fields
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_event, compile_moment, read_duration, read_schedule
from dsl.expr.scope import Scope
from dsl.files.journey import EventStart, OtherStart
from dsl.files.reading import error, read
from dsl.kinds import Record
from dsl.machine import (
    ApiTrigger,
    DateTrigger,
    EventTrigger,
    JourneyTrigger,
    Rule,
    ScheduleTrigger,
    SegmentTrigger,
    Trigger,
)
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["Triggers", "compile_triggers", "records_by_journey"]


_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d", re.ASCII)


def _nothing() -> Record:
    return Record(())


@dataclass(frozen=True, slots=True)
class Triggers:
    """The ways in, and the record that ``trigger`` stands for.

    ``unknown`` is the finding because of which that record is not known: whatever is said about
    it afterwards follows from there.
    """

    ways: tuple[Trigger, ...] = ()
    record: Record = field(default_factory=_nothing)
    unknown: Diagnostic | None = None


def compile_triggers(node: Node | None, scope: Scope, found: list[Diagnostic]) -> Triggers:
    """An event, or a list of events; what other triggers there are is named and refused."""
    if node is None:
        return Triggers()
    if not isinstance(node, Items):
        return _one(node, scope, found)
    ways = [_one(item, scope, found) for item in node]
    if not ways:
        found.append(error("S08", node.span(), "This list of triggers is empty."))
    return Triggers(
        ways=tuple(way for one in ways for way in one.ways),
        record=common_record([one.record for one in ways]),
        unknown=next((one.unknown for one in ways if one.unknown is not None), None),
    )


def _one(node: Node, scope: Scope, found: list[Diagnostic]) -> Triggers:
    if isinstance(node, Text) and same_key(node) == "otherjourneys":
        return Triggers((JourneyTrigger(node.place),))
    if isinstance(node, Text):
        hint = f"For example: event: {node[:40] or 'purchase'}"
        found.append(error("S08", node.span(), "A trigger says what kind it is.", hint))
        return Triggers()
    if isinstance(node, Map):
        others = {same_key(key) for key in OtherStart.table()}
        if node.entry("event") is None and any(same_key(one.key) in others for one in node):
            return _other(node, scope, found)
    return _event(node, scope, found)


def _other(node: Map, scope: Scope, found: list[Diagnostic]) -> Triggers:
    start = read(OtherStart, node, '"trigger"', found)
    if start is None:
        return Triggers()
    fields = {} if start.inputs is None else read_fields(start.inputs, "an input", found)
    ways: list[Trigger] = []
    if start.api is not None:
        ways.append(ApiTrigger(MappingProxyType(dict(fields)), start.api.place))
    if start.other_journeys is not None:
        ways.append(JourneyTrigger(start.other_journeys.place))
    for name, enters in ((start.enters_segment, True), (start.leaves_segment, False)):
        if name is not None and _is_segment(name, scope, found):
            ways.append(SegmentTrigger(str(name), enters, name.place))
    if start.date is not None:
        ways += _date(start, start.date, scope, found)
    if start.schedule is not None:
        ways += _schedule(start, start.schedule, scope, found)
    return Triggers(tuple(ways), fields_record(fields))


def _is_segment(name: Text, scope: Scope, found: list[Diagnostic]) -> bool:
    known = scope.names.segments
    if name in known:
        refusal = scope.withheld.refusal(name, segment=True)
        if refusal is not None:
            code, message, hint = refusal
            found.append(error(code, name.span(), message, hint))
        return True
    message = f'There is no segment called "{name[:60]}".'
    found.append(error("N10", name.span(), message, did_you_mean(name, known)))
    return False


def _date(
    start: OtherStart, text: Text, scope: Scope, found: list[Diagnostic]
) -> list[DateTrigger]:
    moment = compile_moment(text, scope, found)
    if isinstance(moment, Rule):
        message = "This is a rule, and a trigger needs a date."
        found.append(error("T13", text.span(), message, "For example: date: birthday"))
        return []
    clock = 0
    if start.at is not None:
        hours, _, minutes = start.at.partition(":")
        if _CLOCK.fullmatch(start.at):
            clock = int(hours) * 60 + int(minutes)
        else:
            message = f'"{start.at[:40]}" is not a time of day.'
            found.append(error("T11", start.at.span(), message, "For example: at: 09:00"))
    if moment is None:
        return []
    return [DateTrigger(moment, clock, start.every is not None, text.place)]


def _schedule(
    start: OtherStart, text: Text, scope: Scope, found: list[Diagnostic]
) -> list[ScheduleTrigger]:
    schedule = read_schedule(text, found)
    if start.for_ is None:
        message = "A schedule says for whom it is."
        found.append(error("S07", text.span(), message, "Add: for: a_segment"))
        return []
    if not _is_segment(start.for_, scope, found) or schedule is None:
        return []
    return [ScheduleTrigger(schedule, str(start.for_), text.place)]


def _event(node: Node, scope: Scope, found: list[Diagnostic]) -> Triggers:
    start = read(EventStart, node, '"trigger"', found)
    if start is None or start.event is None:
        return Triggers()
    event = known_event(start.event, scope.plan, found)
    if event is None:
        return Triggers(unknown=found[-1])
    record = event_record(event)
    inside = replace(scope, trigger=record, entry=True)
    where = compile_event(start.event, start.where, event, inside, found)
    older = start.accept_older
    way = EventTrigger(
        event=event.name,
        where=where,
        accept_older=None if older is None else read_duration(older, found),
        place=start.event.place,
    )
    return Triggers((way,), record)


def records_by_journey(triggers: Mapping[str, Triggers]) -> Mapping[str, Record]:
    """The record that ``trigger`` stands for in each journey where it is known."""
    return {name: one.record for name, one in triggers.items() if one.unknown is None}
