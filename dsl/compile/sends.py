"""``send``: one message on the first channel allowed, or on every one."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.compile.blocking import read_blocking
from dsl.compile.building import Building, Label
from dsl.compile.fold import fold
from dsl.compile.sensitive import promotional
from dsl.compile.values import compile_value
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_choice, compile_length
from dsl.expr.scope import StepName
from dsl.files.reading import error, warning
from dsl.files.steps import SendStep
from dsl.machine import Choice, Escalation, Formula, Send, WaitUpTo
from dsl.message import Message
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import same_key

__all__ = ["compile_send"]

_RECEIPTS = {
    "delivered": "message_delivered",
    "opened": "message_opened",
    "clicked": "message_clicked",
    "answered": "message_replied",
}
"""What can be waited for, each implied by those after it."""


def compile_send(building: Building, step: SendStep, after: Label) -> None:
    """One message, with everything the pipeline needs to decide about it."""
    message = _message(building, step.send)
    category = _category(building, step.category)
    around = building.scope
    building.scope = promotional(around, category, building.policy, building.withheld)
    choices = _choices(building, step, message)
    values = _values(building, step, message)
    expires = None
    if step.expires_after is not None:
        expires = compile_length(step.expires_after, building.scope, building.found)
    own = read_blocking(step.when_capped, step.when_quiet, step.when_unreachable, building.found)
    blocking = own.over(building.blocking)
    if blocking.unreachable == WaitUpTo(None) and step.expires_after is None:
        span = step.span_of("when_unreachable" if own.unreachable else "send")
        hint = "Say how long: wait up to 2 days, or add: expires after: 2 days"
        message_ = "This message can wait for ever for somebody who cannot be reached."
        building.found.append(error("S12", span, message_, hint))
    escalation = _escalation(building, step)
    building.scope = around
    name = building.known(step, StepName("send"))
    text = step.send or Text.of("")
    building.code.add(
        lambda at: Send(
            id=name,
            message=str(text),
            choices=choices,
            every=bool(step.to_all_of),
            values=values,
            category=category,
            expires=expires,
            blocking=blocking,
            then=at(after),
            place=text.place,
            escalation=escalation,
        )
    )


def _escalation(building: Building, step: SendStep) -> Escalation | None:
    """``escalate after`` with ``unless``; a message that was opened was delivered too."""
    if step.escalate_after is None:
        if step.unless is not None:
            text = '"unless" needs "escalate after".'
            hint = "Add: escalate after: 2 hours"
            building.found.append(error("S07", step.span_of("unless"), text, hint))
        return None
    after = compile_length(step.escalate_after, building.scope, building.found)
    if not step.to_first_of:
        text = '"escalate after" needs several channels in an order.'
        hint = "Use: to first of: [push, email]"
        building.found.append(error("S07", step.span_of("escalate_after"), text, hint))
    if after is None:
        return None
    events = tuple(_RECEIPTS.values())
    wanted = same_key(step.unless) if step.unless is not None else "delivered"
    return Escalation(after, frozenset(events[list(_RECEIPTS).index(wanted) :]))


def _message(building: Building, name: Text | None) -> Message | None:
    """The compiled message; None if there is none, or it has mistakes of its own."""
    names = building.scope.names.messages
    if name is not None and name not in names:
        hint = did_you_mean(name, names)
        text = f'There is no message called "{name[:60]}".'
        building.found.append(error("N13", name.span(), text, hint))
    return building.messages.get(name or "")


def _choices(building: Building, step: SendStep, message: Message | None) -> tuple[Choice, ...]:
    keys = [name for name in ("to", "to_first_of", "to_all_of") if step.key_of(name) is not None]
    if not keys:
        text = "This message has no channel to go to."
        building.found.append(error("S07", step.span_of("send"), text, "For example: to: email"))
    for name in keys[1:]:
        text = f'"{step.key_of(keys[0])}" and "{step.key_of(name)}" do not go together.'
        hint = '"to first of" uses the first channel that is allowed, "to all of" every one.'
        building.found.append(error("S03", step.span_of(name), text, hint))
    texts = (*((step.to,) if step.to is not None else ()), *step.to_first_of, *step.to_all_of)
    made = []
    for channel in texts:
        choice = compile_choice(channel, building.scope, building.found)
        if choice is None:
            continue
        made.append(choice)
        if message is not None and choice.channel not in message.forms:
            text = f'The message "{message.name}" has no part for {choice.channel}.'
            hint = f"It has: {', '.join(message.forms) or 'nothing'}"
            span = channel.span(0, len(choice.channel))
            building.found.append(error("M01", span, text, hint))
    return tuple(made)


def _values(
    building: Building, step: SendStep, message: Message | None
) -> tuple[tuple[str, Formula], ...]:
    inputs = message.inputs if message is not None else {}
    made: list[tuple[str, Formula]] = []
    unused: list[Diagnostic] = []
    given = set()
    for entry in step.with_ or ():
        field = inputs.get(entry.key)
        if message is not None and field is None:
            text = f'The message "{message.name}" does not use "{entry.key}".'
            hint = did_you_mean(entry.key, inputs)
            unused.append(warning("M02", entry.key.span(), text, hint))
        given.add(str(entry.key))
        kind = None if field is None else field.kind
        value = compile_value(entry.value, kind, building.scope, building.found)
        if value is not None and field is not None:
            made.append((str(entry.key), value))
    building.found.extend(_with_missing(building, step, message, given, unused))
    return tuple(made)


def _with_missing(
    building: Building,
    step: SendStep,
    message: Message | None,
    given: Iterable[str],
    unused: list[Diagnostic],
) -> list[Diagnostic]:
    """What is not used, and what is missing: often one name, misspelt."""
    if message is None or step.send is None:
        return unused
    missing = [
        error(
            "M03",
            step.send.span(),
            f'The message "{message.name}" needs "{name}".',
            f'Add it under "with": {name}: ...',
        )
        for name, field in message.inputs.items()
        if field.required and name not in given
    ]
    if unused and missing:
        return [fold(unused[0], missing), *unused[1:]]
    return [*unused, *missing]


def _category(building: Building, name: Text | None) -> str:
    """The category of this message, which may be stricter than the journey's, never looser."""
    if name is None:
        return building.category
    categories = building.policy.categories
    if name not in categories:
        hint = did_you_mean(name, categories)
        text = f'There is no category called "{name[:60]}".'
        building.found.append(error("N16", name.span(), text, hint))
        return building.category
    outer = categories.get(building.category)
    more = sorted(categories[name].ignores - outer.ignores) if outer is not None else ()
    if more:
        text = f'"{name}" ignores {", ".join(more)}, and "{building.category}" does not.'
        hint = "The category of a step can be stricter than the journey's, never looser."
        building.found.append(error("S16", name.span(), text, hint))
    return str(name)
