"""What people write to a WhatsApp number, and what they tell Meta about marketing from it.

Whatever a person sends opens the window in which free text may be sent: also a picture, a place or a
reaction. What only tells of them (that they have another number, say) does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from channels.phone import read_bare
from channels.replies import Reply, Wish
from channels.whatsapp.telling import listed, moment_of, part

__all__ = ["replies_in"]

_NOT_WRITTEN = frozenset({"system", "request_welcome"})
_CHANNEL = "whatsapp"


def replies_in(value: Mapping[str, Any], number: str) -> Iterator[Reply | Wish]:
    """Everything in one change that somebody said to ``number``; to any, if that is empty."""
    metadata = part(value, "metadata")
    if number and str(metadata.get("phone_number_id") or number) != number:
        return
    to = str(metadata.get("display_phone_number") or "")
    for message in listed(value, "messages"):
        reply = _reply(message, to)
        if reply is not None:
            yield reply
    for preference in listed(value, "user_preferences"):
        wish = _wish(preference)
        if wish is not None:
            yield wish


def _reply(message: Mapping[str, Any], to: str) -> Reply | None:
    sender, key = read_bare(str(message.get("from") or "")), message.get("id")
    kind = str(message.get("type") or "")
    in_a_group = bool(message.get("group_id"))  # which nobody's window is opened by
    if sender is None or not isinstance(key, str) or not key or in_a_group or kind in _NOT_WRITTEN:
        return None
    pressed = _pressed(message, kind)
    content = part(message, kind)
    return Reply(
        _CHANNEL,
        sender,
        key,
        text=str(
            content.get("body")
            or pressed.get("text")
            or pressed.get("title")
            or content.get("caption")
            or content.get("emoji")
            or ""
        ),
        to=to,
        occurred=moment_of(message),
        quoted=str(part(message, "context").get("id") or content.get("message_id") or ""),
        button=str(pressed.get("payload") or pressed.get("id") or ""),
    )


def _pressed(message: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The button or the entry of a list that was chosen."""
    if kind == "button":
        return part(message, "button")
    chosen = part(message, "interactive") if kind == "interactive" else {}
    return part(chosen, str(chosen.get("type") or ""))


def _wish(preference: Mapping[str, Any]) -> Wish | None:
    """As Meta's reference had it in 2026: ``value`` is stop or resume, about ``marketing_messages``.
    Meta gives it no name of its own.
    """
    sender = read_bare(str(preference.get("wa_id") or ""))
    value, about = preference.get("value"), preference.get("category")
    if sender is None or value not in ("stop", "resume") or about != "marketing_messages":
        return None
    at = moment_of(preference)
    return Wish(_CHANNEL, sender, f"{sender}/{value}/{at}", value == "stop", at)
