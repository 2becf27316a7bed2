"""W113: free text on WhatsApp where nobody may have written."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.files.reading import warning
from dsl.graph import ways_out
from dsl.lint.sheets import Desk, Sheet
from dsl.machine import (
    Branch,
    EventTrigger,
    Listen,
    Machine,
    Rule,
    Send,
    Timer,
    Until,
)
from dsl.message import Message, WhatsAppForm
from dsl.source import Text

__all__ = ["closed_windows"]

_ANSWER = "message_replied"


def closed_windows(desk: Desk) -> Iterator[Diagnostic]:
    """Sends whose last hope is a channel with a window, which may be closed there."""
    channels = {name for name, one in desk.project.policy.channels.items() if one.free_text_window}
    for sheet in desk.journeys.values():
        for channel in sorted(channels):
            yield from _closed(sheet, channel, desk)


def _closed(sheet: Sheet, channel: str, desk: Desk) -> Iterator[Diagnostic]:
    code = sheet.machine.code
    if not any(isinstance(step, Send) and _needs(step, channel, desk) for step in code):
        return
    surely_open = _open_at(sheet.machine, channel)
    for index, step in enumerate(code):
        place = sheet.written(step)
        if not isinstance(step, Send) or place is None or not _needs(step, channel, desk):
            continue
        text = place.node.get("send")
        if not surely_open[index] and isinstance(text, Text):
            yield warning(
                "W113",
                text.span(),
                f'The WhatsApp window may be closed here, and "{step.message}" has no approved'
                " template.",
                "Ask first (if: whatsapp window is open), or use a message with an approved"
                " template.",
            )


def _needs(step: Send, channel: str, desk: Desk) -> bool:
    """Whether the message is free text, and no other channel comes after this one."""
    last = step.choices[-1]
    message: Message = desk.project.messages[step.message]
    form = message.forms.get(channel)
    if not isinstance(form, WhatsAppForm) or form.approved_template is not None:
        return False
    return last.channel == channel and not (last.when and _asks(last.when.meaning, channel))


def _open_at(machine: Machine, channel: str) -> list[bool]:
    """For each instruction, whether the window is open whichever way people came."""
    code = machine.code
    states: list[bool | None] = [None] * len(code)
    states[0] = all(
        isinstance(one, EventTrigger) and _answered(one.event, one.where, channel)
        for one in machine.triggers
    )
    waiting = [0]
    while waiting:
        index = waiting.pop()
        state = bool(states[index])
        for target, after in _ways(code[index], state, channel):
            known = states[target]
            joined = after if known is None else known and after
            if joined != known:
                states[target] = joined
                waiting.append(target)
    return [bool(state) for state in states]


def _ways(step: object, state: bool, channel: str) -> Iterator[tuple[int, bool]]:
    match step:
        case Branch():
            for case in step.cases:
                yield case.then, state or _asks(case.when.meaning, channel)
            yield step.otherwise, state
        case Listen():
            for entry in step.entries:
                yield entry.then, _answered(entry.event, entry.where, channel)
            yield step.otherwise, False
        case Until(target=Rule() as rule):
            yield step.then, _asks(rule.meaning, channel)
            yield step.otherwise, False
        case Timer() | Until():
            yield from ((target, False) for target in ways_out(step))
        case _:
            yield from ((target, state) for target in ways_out(step))  # type: ignore[arg-type]


def _asks(test: object, channel: str) -> bool:
    """Whether the test can only hold while the window is open."""
    match test:
        case tt.WindowOpen(channel=asked):
            return asked == channel
        case tt.All(parts=parts):
            return any(_asks(part, channel) for part in parts)
        case tt.Any_(parts=parts):
            return all(_asks(part, channel) for part in parts)
        case _:
            return False


def _answered(event: str, where: Rule | None, channel: str) -> bool:
    """Whether the event is an answer on this channel."""
    return event == _ANSWER and where is not None and _on(where.meaning, channel)


def _on(test: object, channel: str) -> bool:
    match test:
        case tt.Compare(sign="==", left=tv.Stored(name="channel"), right=tv.Constant(value=value)):
            return str(value).casefold() == channel
        case tt.All(parts=parts):
            return any(_on(part, channel) for part in parts)
        case tt.Any_(parts=parts):
            return all(_on(part, channel) for part in parts)
        case _:
            return False
