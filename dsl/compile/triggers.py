"""What starts a journey, and what rules can say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dsl.compile.events import common_record, event_record, known_event
from dsl.compile.fields import fields_record, read_fields
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_where, read_duration
from dsl.expr.scope import Scope
from dsl.files.journey import EventStart, OtherStart
from dsl.files.reading import error, read
from dsl.kinds import Record
from dsl.machine import ApiTrigger, EventTrigger, JourneyTrigger, Trigger
from dsl.source import Text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["Triggers", "compile_triggers", "records_by_journey"]


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
            return _other(node, found)
    return _event(node, scope, found)


def _other(node: Map, found: list[Diagnostic]) -> Triggers:
    start = read(OtherStart, node, '"trigger"', found)
    if start is None:
        return Triggers()
    fields = {} if start.inputs is None else read_fields(start.inputs, "an input", found)
    ways: list[Trigger] = []
    if start.api is not None:
        ways.append(ApiTrigger(MappingProxyType(dict(fields)), start.api.place))
    if start.other_journeys is not None:
        ways.append(JourneyTrigger(start.other_journeys.place))
    return Triggers(tuple(ways), fields_record(fields))


def _event(node: Node, scope: Scope, found: list[Diagnostic]) -> Triggers:
    start = read(EventStart, node, '"trigger"', found)
    if start is None or start.event is None:
        return Triggers()
    event = known_event(start.event, scope.plan, found)
    if event is None:
        return Triggers(unknown=found[-1])
    record = event_record(event)
    where = None
    if start.where is not None:
        inside = replace(scope, trigger=record, entry=True)
        where = compile_where(start.where, event, inside, found)
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
