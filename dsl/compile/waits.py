"""The steps people rest in: ``wait``, ``wait until`` and ``wait for``."""

from __future__ import annotations

from dsl.compile.building import Building, Label
from dsl.compile.events import common_record, event_record, known_event
from dsl.diagnostics import Diagnostic, Span
from dsl.expr.compile import compile_event, compile_length, compile_moment
from dsl.expr.scope import StepName
from dsl.files.reading import error, read
from dsl.files.steps import ListenItem, WaitForStep, WaitStep, WaitUntilStep
from dsl.machine import Formula, Listen, ListenFor, Rule, Timer, Until
from dsl.plan import Event
from dsl.source import Text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["compile_wait", "compile_wait_for", "compile_wait_until"]


def compile_wait(building: Building, step: WaitStep, after: Label) -> None:
    """``wait: 1 hour``."""
    length = _length(building, step.wait)
    name = building.known(step, StepName("wait"))
    if length is not None:
        building.code.add(lambda at: Timer(name, length, at(after)))


def compile_wait_until(building: Building, step: WaitUntilStep, after: Label, depth: int) -> None:
    """``wait until: a weekday at 10:00``, or a rule."""
    scope, found, code = building.scope, building.found, building.code
    skip = building.skip
    target = None
    if step.wait_until is not None:
        target = compile_moment(step.wait_until, scope, found)
    not_before = _length(building, step.after)
    at_most = _length(building, step.at_most)
    if isinstance(target, Rule):
        _check_rule_wait(step, found)
    elif target is not None:
        _check_moment_wait(step, skip, found)
    name = building.known(step, StepName("wait"))
    then = code.label() if step.then is not None else after
    otherwise = code.label() if step.otherwise is not None else after
    past = same_key(step.if_past or "continue")
    if target is not None:
        code.add(
            lambda at: Until(
                id=name,
                target=target,
                after=not_before,
                at_most=at_most,
                then=at(then),
                otherwise=at(otherwise),
                past=None
                if past == "stop"
                else at(skip if past == "skipnextstep" and skip is not None else then),
            )
        )
    _ways(building, [(then, step.then), (otherwise, step.otherwise)], after, depth)


def _check_rule_wait(step: WaitUntilStep, found: list[Diagnostic]) -> None:
    if step.key_of("at_most") is None:
        found.append(_endless(step.span_of("wait_until")))
    if step.if_past is not None:
        message = '"if past" belongs to a moment, and this wait is for a rule.'
        hint = "For the time it takes at most: otherwise"
        found.append(error("S04", step.span_of("if_past"), message, hint))


def _check_moment_wait(step: WaitUntilStep, skip: Label | None, found: list[Diagnostic]) -> None:
    if step.otherwise is not None and step.at_most is None:
        message = '"otherwise" is never reached: this wait is for a moment.'
        hint = 'Add "at most", or say what happens "if past".'
        found.append(error("S04", step.span_of("otherwise"), message, hint))
    if skip is None and same_key(step.if_past or "") == "skipnextstep":
        message = "There is no next step in this list to skip."
        found.append(
            error("S09", step.span_of("if_past"), message, "Possible here: continue, stop")
        )


def compile_wait_for(building: Building, step: WaitForStep, after: Label, depth: int) -> None:
    """``wait for: order_delivered``, or a list of events."""
    code, found = building.code, building.found
    at_most = _length(building, step.at_most)
    if step.key_of("at_most") is None and step.key_of("wait_for") is not None:
        found.append(_endless(step.span_of("wait_for")))
    looking_back = _length(building, step.looking_back)
    items = _entries(building, step)
    before = len(found)
    heard = [_heard(building, item) for item in items]
    unknown = next((one for one in found[before:] if one.code == "N04"), None)
    if unknown is not None:
        building.unclear[str(step.id)] = unknown
    records = [event_record(event) for event, _ in heard if event is not None]
    name = building.known(step, StepName("wait", common_record(records)))
    then = code.label() if step.then is not None else after
    otherwise = code.label() if step.otherwise is not None else after
    ways = [code.label() if item.do is not None else then for item in items]
    entries = [
        (event.name, where, way, same_key(item.restart_wait or "no") == "yes")
        for item, (event, where), way in zip(items, heard, ways, strict=True)
        if event is not None
    ]
    if at_most is not None:
        code.add(
            lambda at: Listen(
                id=name,
                entries=tuple(
                    ListenFor(event, where, at(way), restart)
                    for event, where, way, restart in entries
                ),
                at_most=at_most,
                otherwise=at(otherwise),
                looking_back=looking_back,
            )
        )
    outer = building.scope
    for number, (item, way) in enumerate(zip(items, ways, strict=True)):
        event = heard[number][0]
        if name and event is not None:  # here it is known which event it was
            building.scope = building.scope.with_step(name, StepName("wait", event_record(event)))
        if item.do is not None:
            code.mark(way)
            building.steps(building, item.do, depth + 1)
            code.jump(after)
    if name and name in outer.steps:
        building.scope = building.scope.with_step(name, outer.steps[name])
    _ways(building, [(then, step.then), (otherwise, step.otherwise)], after, depth)


def _entries(building: Building, step: WaitForStep) -> list[ListenItem]:
    """What is listened for, in the form of a list."""
    found = building.found
    node = step.wait_for
    if isinstance(node, Text):
        if not node:
            found.append(error("S08", step.span_of("wait_for"), 'Nothing stands after "wait for".'))
        return [ListenItem.of({"event": node or None, "where": step.where})]
    if isinstance(node, Map):
        node = Items((node,), node.start)
    if node is None:
        return []
    if step.where is not None:
        message = 'With a list of events, "where" stands under the event it belongs to.'
        found.append(error("S04", step.span_of("where"), message))
    made = [_entry(item, found) for item in node]
    for item in made:
        if item is not None and item.do is not None and same_key(item.restart_wait or "") == "yes":
            message = 'This event either begins the wait again or goes on with "do".'
            found.append(error("S03", item.span_of("restart_wait"), message, "Keep one of them."))
    return [item for item in made if item is not None]


def _entry(node: Node, found: list[Diagnostic]) -> ListenItem | None:
    if isinstance(node, Text):
        return ListenItem.of({"event": node})
    return read(ListenItem, node, '"wait for"', found)


def _heard(building: Building, item: ListenItem) -> tuple[Event | None, Rule | None]:
    if item.event is None:
        return None, None
    event = known_event(item.event, building.scope.plan, building.found)
    if event is None:
        return None, None
    return event, compile_event(item.event, item.where, event, building.scope, building.found)


def _length(building: Building, text: Text | None) -> Formula | None:
    return None if text is None else compile_length(text, building.scope, building.found)


def _endless(span: Span) -> Diagnostic:
    return error("S12", span, "This wait has no end.", "Add: at most: 7 days")


def _ways(
    building: Building, ways: list[tuple[Label, Node | None]], after: Label, depth: int
) -> None:
    """The lists of steps behind a wait, one after the other."""
    present = [(label, node) for label, node in ways if node is not None]
    for number, (label, node) in enumerate(present):
        building.code.mark(label)
        building.steps(building, node, depth + 1)
        if number + 1 < len(present):
            building.code.jump(after)
