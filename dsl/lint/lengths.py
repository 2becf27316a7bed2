"""W121: text messages that need more than one part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.compile.texts import language_name
from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.sheets import Desk
from dsl.source import Text
from dsl.yaml import Map, Node

__all__ = ["long_texts", "parts_of"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # these take the room of two
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LONGEST_VALUE = "x" * 15  # as long as nine of ten first names and all amounts in daily life


def long_texts(desk: Desk) -> Iterator[Diagnostic]:
    """Texts of SMS that do not fit into one, by language."""
    for node in desk.files.of("message"):
        yield from _long(node, desk)
    for node in desk.files.of("messages"):
        named = node.entries[0].value
        for entry in named if isinstance(named, Map) else ():
            yield from _long(entry.value, desk)


def _long(message: Node, desk: Desk) -> Iterator[Diagnostic]:
    part = message.get("sms") if isinstance(message, Map) else None
    written = part.get("text") if isinstance(part, Map) else None
    if isinstance(written, Text):
        yield from _finding(written, desk.project.policy.languages[0])
    for entry in written if isinstance(written, Map) else ():
        if isinstance(entry.value, Text):
            yield from _finding(entry.value, str(entry.key))


def _finding(text: Text, language: str) -> Iterator[Diagnostic]:
    filled = _VALUE.sub(_LONGEST_VALUE, _TAG.sub("", text)).strip()
    parts, length, room = parts_of(filled)
    if parts > 1:
        names = " with the longest names" if _VALUE.search(text) else ""
        yield warning(
            "W121",
            text.span(),
            f"The SMS needs {parts} parts in {language_name(language)}"
            f" ({length} characters{names}, {room} fit).",
        )


def parts_of(text: str) -> tuple[int, int, int]:
    """How many parts a text message needs, how many characters it has, and how many fit into one.

    Letters outside of the basic alphabet of GSM make all of them wider (3GPP 23.038).
    """
    if all(char in _BASIC or char in _EXTENDED for char in text):
        length, alone, joined = len(text) + sum(char in _EXTENDED for char in text), 160, 153
    else:
        length, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return (1 if length <= alone else -(-length // joined)), length, alone
