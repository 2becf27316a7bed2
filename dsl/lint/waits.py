"""W110, W117 and W118: waits that last another time than the author thinks."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.calendar import HOUR, MINUTE, Duration
from dsl.diagnostics import Diagnostic
from dsl.expr import moments, tree
from dsl.expr import typed_value as tv
from dsl.expr.parse import parse
from dsl.files.reading import warning
from dsl.lint.sheets import Desk
from dsl.machine import Formula, Moment, Send, Timer, Until
from dsl.policy import Policy, WaitUpTo
from dsl.source import Text

__all__ = ["constant_length", "exact_days", "night_expiry", "past_moments"]

_CHANNELS = {"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp"}


def constant_length(formula: Formula | None) -> Duration | None:
    """The length of a formula that is written out; None for one that depends on a person."""
    match formula:
        case Formula(meaning=tv.Constant(value=Duration() as length)):
            return length
        case _:
            return None


def exact_days(desk: Desk) -> Iterator[Diagnostic]:
    """W117: days counted in hours."""
    for sheet in desk.journeys.values():
        for step in sheet.machine.code:
            place = sheet.written(step)
            length = constant_length(step.length) if isinstance(step, Timer) else None
            text = None if place is None else place.node.get("wait")
            if length is None or not isinstance(text, Text):
                continue
            days, rest = divmod(length.micros, 24 * HOUR)
            if rest or not days or not length.exact:
                continue
            when = "the next day" if days == 1 else f"the day {days} days later"
            same = "tomorrow" if days == 1 else "then"
            yield warning(
                "W117",
                text.span(),
                f'"{text}" is not the same clock time on {when} when the clocks change.',
                f"For the same time {same}: {days} {'day' if days == 1 else 'days'}",
            )


def past_moments(desk: Desk) -> Iterator[Diagnostic]:
    """W118: fixed moments without a word about those who come too late."""
    for sheet in desk.journeys.values():
        for step in sheet.machine.code:
            place = sheet.written(step)
            if not (isinstance(step, Until) and isinstance(step.target, Moment) and place):
                continue
            text = place.node.get("wait until")
            if (
                place.node.entry("if past") is None
                and isinstance(text, Text)
                and _fixed(text, step)
            ):
                yield warning(
                    "W118",
                    text.span(),
                    "This moment can already be over when people arrive.",
                    "Say what happens then: if past: skip next step, stop or continue.",
                )


def _fixed(text: Text, step: Until) -> bool:
    """Whether the moment hangs on a date that may be long ago."""
    written = parse(text, "moment", [])
    if not isinstance(written, moments.At):
        return False
    return step.target.reads.attributes != frozenset() or any(
        isinstance(node, tree.Date | tree.Moment)
        or (isinstance(node, tree.Path) and node.parts[0].text == "trigger" and len(node.parts) > 1)
        for node in _every(written)
        if not isinstance(node, tree.Call)
    )


def _every(node: tree.Node) -> Iterator[tree.Node]:
    yield node
    for child in tree.children(node):
        yield from _every(child)


def night_expiry(desk: Desk) -> Iterator[Diagnostic]:
    """W110: messages that expire before a quiet night is over."""
    policy = desk.project.policy
    for sheet in desk.journeys.values():
        for step in sheet.machine.code:
            place = sheet.written(step)
            expires = constant_length(step.expires) if isinstance(step, Send) else None
            if not isinstance(step, Send) or place is None or expires is None:
                continue
            entry = place.node.entry("expires after")
            night = _shortest_night(step, policy)
            if entry is None or night is None or expires.longest >= night * MINUTE:
                continue
            yield warning(
                "W110",
                entry.key.span(),
                f"This message expires after {step.expires.text if step.expires else ''}, but quiet hours last"
                f" {_hours(night)}: whoever gets here at night gets nothing.",
                _way_out(step, desk, night),
            )


def _shortest_night(step: Send, policy: Policy) -> int | None:
    """How many minutes people may have to wait on the best of the channels; None: not at all."""
    if "quiet hours" in policy.categories[step.category].ignores:
        return None
    if not isinstance(step.blocking.quiet, WaitUpTo):
        return None
    nights = [_night(choice.channel, policy) for choice in step.choices]
    return None if not nights or None in nights else min(night for night in nights if night)


def _night(channel: str, policy: Policy) -> int | None:
    """The longest daily quiet span of a channel in minutes."""
    lengths = [
        (span.end - span.start) % (24 * 60) or 24 * 60
        for span in policy.quiet
        if (span.channels is None or channel in span.channels) and span.days is None
    ]
    return max(lengths, default=None)


def _way_out(step: Send, desk: Desk, night: int) -> str:
    hours = night // 60 + 1
    hint = f"Use at least {hours} hours"
    message = desk.project.messages[step.message]
    used = {choice.channel for choice in step.choices}
    open_ = [
        name
        for name in desk.project.policy.channels
        if name in message.forms and name not in used and _night(name, desk.project.policy) is None
    ]
    if open_:
        return f"{hint}, or add {_CHANNELS.get(open_[0], open_[0])}, which has no quiet hours."
    return f"{hint}."


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    said = f"{hours} hour" if hours == 1 else f"{hours} hours"
    return said if not rest else f"{said} {rest} minutes"
