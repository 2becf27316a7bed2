"""The rule language, word by word: what a word of a sentence means, and what may come next."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.expr.functions import FUNCTIONS
from engine.lsp.lexicon import Lexicon, Meaning

__all__ = ["is_sentence", "meaning_at", "next_words", "word_at"]

_SENTENCES = frozenset(
    ("rule", "where", "formula", "moment", "length", "schedule", "channel_choice", "cap")
)

_AFTER_SIGN = frozenset(("value", "fact", "type"))  # a formula stands there behind "="

_TOKEN = re.compile(r"""(?P<text>"[^"]*"?|'[^']*'?)|(?P<path>[^\W\d][\w.]*)|\S""")
_PARTIAL = re.compile(r"[^\W\d][\w.]*$|$")

_THINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{words})\s+[\"']?$", re.IGNORECASE), sort)
    for words, sort in (
        (r"(?:in|entered|left)\s+segment", "segment"),
        (r"in\s+journey|messaged\b.*\bby", "journey"),
        (r"subscribed\s+to|about", "category"),
        (r"on", "channel"),
        (r"did(?:\s+not)?|(?:not\s+)?followed\s+by", "event"),
        (r"(?:count|number|sum|total|average|any|all|none)\s+of|lowest|highest|unique", "event"),
    )
)
_OUTCOMES = ("sent", "delivered", "opened", "clicked", "answered", "bounced", "skipped")
_WAS = re.compile(r"\bwas\s+(?:not\s+)?$", re.IGNORECASE)
_WHERE = re.compile(r"([^\W\d]\w*)\s+where\b(?!.*\bwhere\b)(.*)$", re.IGNORECASE | re.DOTALL)
_CHANNELS = (" is reachable", " is not reachable", " window is open", " window is closed")

_PHRASES = (
    "did", "did not", "in segment", "in journey", "messaged on", "subscribed to", "count of",
    "sum of", "first", "last", "time since", "time until", "in the last", "since entry",
    "is known", "is missing", "is one of", "is not", "or else", "and", "or", "not",
)  # fmt: skip


def is_sentence(sort: str, text: str) -> bool:
    """Whether a value of this sort is written in the rule language."""
    return text.lstrip().startswith("=") if sort in _AFTER_SIGN else sort in _SENTENCES


def word_at(text: str, offset: int) -> tuple[int, int, str] | None:
    """The word, path or quoted text around a character: from, to, and what it says."""
    for token in _TOKEN.finditer(text):
        if token.start() <= offset <= token.end() and (token["path"] or token["text"]):
            said = token.group().strip("\"'")
            if token["path"]:  # only up to the part that is pointed at
                stop = token.group().find(".", max(0, offset - token.start()))
                said = token.group() if stop < 0 else token.group()[:stop]
            return token.start(), token.start() + len(token.group()), said
    return None


def meaning_at(text: str, offset: int, lexicon: Lexicon, event: str | None) -> Meaning | None:
    """What the word around a character stands for. ``event`` is whose properties are meant, in a
    rule about one event.
    """
    found = word_at(text, offset)
    if found is None:
        return None
    start, end, said = found
    before = text[:start]
    for pattern, sort in _THINGS:
        if pattern.search(before):
            thing = lexicon.thing(sort, said)
            if thing is not None:
                return thing
    if text[start] in "\"'":
        return None
    parts = said.split(".")
    properties = _properties(before, lexicon, event)
    if properties is not None:
        one = next((each for each in properties.fields if each.name == parts[0]), None)
        for part in parts[1:]:
            one = next((each for each in one.fields if each.name == part), None) if one else None
        if one is not None:
            return one
    if text[end:].lstrip().startswith("("):
        return lexicon.function(said)
    return lexicon.path_of(parts) or lexicon.thing("channel", said)


def next_words(text: str, lexicon: Lexicon, event: str | None) -> tuple[str, list[Meaning]]:
    """What has been written of the last word, and what it may become."""
    partial = _PARTIAL.search(text)
    assert partial is not None
    word, before = partial.group(), text[: partial.start()]
    if _inside_quotes(before):
        for pattern, sort in _THINGS:
            if pattern.search(before):
                return word, list(lexicon.named(sort))
        return word, []
    if "." in word:
        return word.rpartition(".")[2], list(_after_dot(before, word, lexicon, event))
    if _WAS.search(before):
        return word, [Meaning(one, "word", "what became of the message") for one in _OUTCOMES]
    for pattern, sort in _THINGS:
        if pattern.search(before):
            return word, list(lexicon.named(sort))
    return word, list(_anything(before, lexicon, event))


def _inside_quotes(text: str) -> bool:
    quote = ""
    for char in text:
        if char in "\"'":
            quote = char if not quote else "" if char == quote else quote
    return bool(quote)


def _after_dot(before: str, word: str, lexicon: Lexicon, event: str | None) -> Iterator[Meaning]:
    parts = word.split(".")[:-1]
    properties = _properties(before, lexicon, event)
    found: Meaning | None = None
    if properties is not None:
        found = next((one for one in properties.fields if one.name == parts[0]), None)
        for part in parts[1:]:
            found = next((one for one in found.fields if one.name == part), None) if found else None
    found = found or lexicon.path_of(parts)
    yield from found.fields if found is not None else ()


def _anything(before: str, lexicon: Lexicon, event: str | None) -> Iterator[Meaning]:
    properties = _properties(before, lexicon, event)
    yield from properties.fields if properties is not None else ()
    yield from lexicon.roots()
    for channel in lexicon.named("channel"):
        yield channel
        for more in _CHANNELS:
            yield Meaning(f"{channel.name}{more}", "phrase", "a test of the channel")
    yield Meaning("profile", "profile", "the person")
    for name in FUNCTIONS:
        function = lexicon.function(name)
        assert function is not None
        yield function
    for phrase in _PHRASES:
        yield Meaning(phrase, "phrase", "words of the rule language")


def _properties(before: str, lexicon: Lexicon, event: str | None) -> Meaning | None:
    """The event whose properties a bare name means here."""
    found = _WHERE.search(before)
    if found is not None:
        rest = found[2].lstrip()
        closed = rest.count("(") <= rest.count(")") if rest.startswith("(") else False
        apart = not rest.startswith("(") and re.search(r"\b(?:and|or)\b", rest, re.IGNORECASE)
        return None if closed or apart else lexicon.event_called(found[1])
    return None if event is None else lexicon.event_called(event)
