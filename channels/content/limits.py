"""What channels take at most, whoever the provider is. Counted when a message has been built.

Providers refuse what is longer, and some take it and cut it, or deliver nothing without a word. So
it is never handed to them: the message is passed over on this channel, for a reason one can read.
Each number is the least of what the adapters of the channel let through.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from dsl.fits import APPROVED_LETTERS, FREE_LETTERS, HEADER_LETTERS, PUSH_BYTES
from dsl.message import ChannelForm, PushForm, SmsForm, WhatsAppForm
from dsl.sms import MOST_PARTS, fits, measure

__all__ = ["Unfit", "excess", "push_bytes"]

_LONGEST_ESCAPE = 6  # bytes that JSON makes of one
_AROUND = 64  # bytes: the names of what is said, and what stands around it


class Unfit(Exception):
    """A text is longer than its channel takes, or not what was approved. Its words say so."""


def excess(form: ChannelForm, parts: Mapping[str, str]) -> str | None:
    """What is too much in a message that is built, in words; None if nothing is."""
    match form:
        case SmsForm(most_parts=most):
            most = most or MOST_PARTS
            if not fits(parts["text"], most):
                count = measure(parts["text"]).parts
                return f"the text takes {count} parts, and no more than {most} may be sent"
        case PushForm():
            if _surely_fits(parts):
                return None
            size = push_bytes(parts)
            if size > PUSH_BYTES:
                return f"{size:,} bytes are more than the {PUSH_BYTES:,} that fit into a push"
        case WhatsAppForm(approved_template=template):
            most = FREE_LETTERS if template is None else APPROVED_LETTERS
            length = len(parts["text"])
            if length > most:
                return f"{length:,} letters are more than the {most:,} that WhatsApp takes"
            if len(parts.get("header", "")) > HEADER_LETTERS:
                return f"the header has more than the {HEADER_LETTERS} letters that WhatsApp takes"
        case _:
            pass
    return None


def _surely_fits(parts: Mapping[str, str]) -> bool:
    """Whether a notification is so short that JSON cannot make it too long."""
    return len("".join(parts.values()).encode()) * _LONGEST_ESCAPE + _AROUND <= PUSH_BYTES


def push_bytes(parts: Mapping[str, str]) -> int:
    """The size of a notification on its way."""
    names = ("title", "body", "link", "web", "image")
    said = {name: parts[name] for name in names if parts.get(name)}
    return len(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())
