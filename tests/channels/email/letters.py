"""An e-mail for a provider of any kind, and reading one back."""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes, policy

from channels.message import Message

__all__ = ["HEADERS", "TEXTS", "letter", "texts_in"]

TEXTS: Mapping[str, str] = {
    "subject": "Grüße – 10 % für Dich",
    "text": "Hallo!\n\nBis bald.",
    "html": "<p>Hallo!</p>",
}
HEADERS: Mapping[str, str] = {
    "List-Unsubscribe": "<https://shop.example/u/d1>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def letter(address: str = "ada@example.com", at: int = 0, **parts: str) -> Message:
    return Message(
        "d1", "email", address, "news", "welcome", "hello", {**TEXTS, **parts}, HEADERS, at
    )


def texts_in(raw: bytes) -> dict[str, str]:
    """The texts of a message in MIME form."""
    message = message_from_bytes(raw, policy=policy.default)
    found = {"subject": str(message["subject"])}
    for part in message.walk():
        if part.get_content_maintype() == "text":
            name = "html" if part.get_content_subtype() == "html" else "text"
            found[name] = part.get_content()
    return found
