"""What is to be known of a message beside its words: sizes, parts, and what is not as one thinks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from channels.content import Built
from channels.content.limits import push_bytes
from dsl.fits import CLIPPED, PUSH_BYTES, SUBJECT_LETTERS
from dsl.message import WhatsAppForm
from dsl.sms import double, forcing, measure, parts
from engine.preview.building import Sheet

__all__ = ["Bubble", "Piece", "bubbles", "notes", "pieces", "sizes"]

_PREVIEW, _TITLE, _BODY = 110, 50, 150


class Piece(NamedTuple):
    """Some words of a text, and what is special about them: ``wide``, ``double``, ``value``."""

    words: str
    sort: str = ""


class Bubble(NamedTuple):
    """One part of a text message."""

    pieces: tuple[Piece, ...]


def sizes(sheet: Sheet, said: Mapping[str, str]) -> str:
    """How much there is of it, in one line."""
    match sheet.channel:
        case "email":
            return f"{len(said['html'].encode()) / 1000:,.1f} KB of HTML"
        case "sms":
            found = measure(said["text"])
            count = "1 part" if found.parts == 1 else f"{found.parts} parts"
            room = found.room * found.parts
            return f"{count}, {found.length} of {room} places, {found.encoding}"
        case "push":
            return f"{push_bytes(said):,} of {PUSH_BYTES:,} bytes"
        case _:
            return f"{len(said['text']):,} letters"


def notes(sheet: Sheet) -> Iterator[str]:
    """What somebody should look at."""
    if sheet.otherwise:
        yield "With the values that are masked here, other modules are shown."
    if not isinstance(sheet.built, Built):
        return
    said = sheet.built.parts
    if sheet.channel == "email":
        size = len(said["html"].encode())
        if size > CLIPPED:
            yield f"Gmail shows only the first {CLIPPED // 1000} KB, and hides the end of this."
        yield from _long("The subject", said["subject"], SUBJECT_LETTERS, "inboxes")
        yield from _long("The preview", said.get("preview", ""), _PREVIEW, "inboxes")
    elif sheet.channel == "sms":
        wide = forcing(said["text"])
        if wide:
            yield f"Because of {' '.join(wide[:10])} each letter takes sixteen bits: 70 fit, not 160."
        twice = double(said["text"])
        if twice and measure(said["text"]).parts > 1:
            each = "takes" if len(twice) == 1 else "each take"
            yield f"{' '.join(twice)} {each} the room of two letters."
    elif sheet.channel == "push":
        yield from _long("The title", said["title"], _TITLE, "telephones")
        yield from _long("The text", said["body"], _BODY, "telephones")


def _long(what: str, words: str, room: int, who: str) -> Iterator[str]:
    if len(words) > room:
        yield f"{what} has {len(words)} letters; most {who} show about {room}."


def bubbles(text: str) -> tuple[Bubble, ...]:
    """The parts of a text message, with the characters that cost more."""
    wide, twice = set(forcing(text)), set(double(text))

    def sort(char: str) -> str:
        return "wide" if char in wide else "double" if char in twice else ""

    return tuple(Bubble(tuple(_runs(part, sort))) for part in parts(text))


def _runs(text: str, sort: Callable[[str], str]) -> Iterator[Piece]:
    """The text, cut wherever characters of another sort begin."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or sort(text[at]) != sort(text[start]):
            yield Piece(text[start:at], sort(text[start]))
            start = at


def pieces(sheet: Sheet, said: Mapping[str, str]) -> tuple[Piece, ...]:
    """A text on WhatsApp, with the parameters of an approved wording set apart."""
    text = said["text"]
    if not isinstance(sheet.form, WhatsAppForm) or "parameters" not in said:
        return (Piece(text),)
    made: list[Piece] = []
    for value in json.loads(said["parameters"]):
        before, found, after = text.partition(str(value)) if value else ("", "", text)
        if not found:
            continue
        made += [Piece(before), Piece(found, "value")]
        text = after
    return (*made, Piece(text))
