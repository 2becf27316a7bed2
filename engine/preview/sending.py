"""A test that is really sent: to somebody on the list of those who get tests, marked as one, with
personal data masked, and written down before it leaves.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from channels.adapter import Adapter
from channels.content import Built
from channels.message import Message
from channels.outcome import Accepted, Outcome, RateLimited, Rejected, Unknown
from channels.phone import read_number
from engine.clock import Clock
from engine.operator import OperatorError
from engine.preview.building import Preview, Sheet, occasion_of

__all__ = ["Note", "channel_for", "may_get_tests", "send_test"]

Note: TypeAlias = Callable[[str, Mapping[str, str]], None]
"""Writes down a deed, with what it was about; or raises, and then it is not done."""

_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")  # one, and nothing that hides another
_MARK = "[Test] "
_PLAIN_MARK = "TEST: "  # brackets take the room of two letters in a text message


def may_get_tests(address: str, allowed: Sequence[str]) -> bool:
    """Whether tests may go there. ``@shop.example`` allows all addresses of a domain."""
    wanted = _tidy(address)
    domain = f"@{wanted.partition('@')[2]}" if _ADDRESS.fullmatch(wanted) else ""
    return any(
        domain == _tidy(each) if each.startswith("@") else wanted == _tidy(each)
        for each in allowed
        if each.strip()
    )


def channel_for(address: str, channels: Sequence[str]) -> str:
    """The channel of a message that an address belongs to. Raises ``OperatorError``."""
    fitting: tuple[str, ...] = ("push",)
    if "@" in address:
        fitting = ("email",)
    elif read_number(address) is not None:
        fitting = ("sms", "whatsapp")
    found = [channel for channel in channels if channel in fitting]
    if len(found) == 1:
        return found[0]
    if found:
        raise OperatorError(
            f"{address} can be reached by {' and '.join(found)}: say which with --channel."
        )
    raise OperatorError(
        f"This message says nothing on {' or '.join(fitting)}, which is what {address} is for."
    )


async def send_test(
    made: Preview, channel: str, address: str, adapter: Adapter, clock: Clock, note: Note
) -> str:
    """Sends what ``made`` shows its only reader on a channel; the provider's name for it. Raises
    ``OperatorError`` if it does not go out.
    """
    sheet = _only(made.on(channel), channel)
    if not isinstance(sheet.built, Built):
        raise OperatorError(f"It cannot be sent on {channel}: {sheet.built.what}.")
    if not (sheet.reader.invented or sheet.reader.truth is not None):
        raise OperatorError("Personal data does not leave in a test: it must be masked.")
    message = _message(made, channel, address, sheet.built.parts, clock)
    about = {
        "test": message.id,
        "message": message.message,
        "channel": channel,
        "to": address,
        "language": sheet.language,
        "project": made.project.version,
    }
    note("preview send-to", about)
    outcome = await adapter.send(message)
    said = _said(outcome)
    note("preview sent", {"test": message.id, "outcome": said})
    if isinstance(outcome, Accepted):
        return outcome.provider_id
    raise OperatorError(f"{address} was not sent the test: {said}.")


def _only(sheets: Sequence[Sheet], channel: str) -> Sheet:
    if len(sheets) == 1:
        return sheets[0]
    if not sheets:
        raise OperatorError(f"This message says nothing on {channel}.")
    raise OperatorError("A test is sent in one language: name it with --locale.")


def _message(
    made: Preview, channel: str, address: str, parts: Mapping[str, str], clock: Clock
) -> Message:
    occasion = occasion_of(made.project, made.message)
    return Message(
        f"test-{secrets.token_hex(8)}",
        channel,
        address,
        occasion.category,
        occasion.journey,
        made.message.name,
        _marked(channel, parts),
        {"X-Wayline-Test": "yes"} if channel == "email" else {},
        clock.now(),
    )


def _marked(channel: str, parts: Mapping[str, str]) -> dict[str, str]:
    """The texts, marked where people look first. An approved wording cannot be changed."""
    match channel:
        case "email":
            return {**parts, "subject": _MARK + parts["subject"]}
        case "push":
            return {**parts, "title": _MARK + parts["title"]}
        case _ if "template" in parts:
            return dict(parts)
        case _:
            return {**parts, "text": _PLAIN_MARK + parts["text"]}


def _said(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "accepted"
        case Rejected(code=code, reason=reason):
            return f"the provider refused it ({code}: {reason})".replace("(: ", "(")
        case RateLimited(reason=reason):
            return f"the provider takes no more just now ({reason})"
        case Unknown(reason=reason):
            return f"nobody knows whether the provider took it ({reason})"


def _tidy(address: str) -> str:
    return read_number(address) or address.strip().lower()
