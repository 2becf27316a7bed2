"""From the text of a file to nodes, or to a diagnostic in everyday words.

Built on the parser's events rather than on its finished nodes: they carry the same marks, come
lazily (so that a tower of brackets is refused at the limit, not after it), and say whether an
anchor or a tag was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Never

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.source import Layout, Source, Text
from dsl.yaml import Entry, Items, Map, Node, same_key
from dsl.yaml_errors import braces_as_value, error, explain

__all__ = ["DEEPEST", "LARGEST", "LONGEST_LINE", "MOST_PARTS", "compose"]

LARGEST = 2_000_000
"""Characters in one file; a journey has a few thousand."""

DEEPEST = 60
"""Levels of maps and lists; a journey with four levels of steps has about fifteen."""

LONGEST_LINE = 200_000
"""Characters in one line; the parser takes quadratic time for some very long words."""

MOST_PARTS = 120_000
"""Keys, values and items in one file; a million ordinary characters have half as many."""


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def compose(source: Source, found: list[Diagnostic]) -> Node | None:
    """The one document of ``source``; None if it is empty or, with a finding, unreadable."""
    refusal = _too_large(source)
    if refusal is not None:
        found.append(refusal)
        return None
    try:
        return _Composer(source, found).document()
    except _Refused as refused:
        found.append(refused.diagnostic)
    except (YAMLError, ValueError, OverflowError) as problem:
        # ValueError and OverflowError: escapes for characters that do not exist.
        found.append(explain(problem, source))
    return None


def _too_large(source: Source) -> Diagnostic | None:
    if len(source.text) > LARGEST:
        message = f"This file is too large: {len(source.text) / 1_000_000:.1f} million characters."
        hint = f"A file can have up to {LARGEST // 1_000_000} million. Divide it."
        return error("Y12", Span(source.path, 1, 1), message, hint)
    ends = [*source.starts[1:], len(source.text) + 1]
    for number, (start, end) in enumerate(zip(source.starts, ends, strict=True), 1):
        if end - start - 1 > LONGEST_LINE:
            message = "This line is too long."
            hint = f"A line can have up to {LONGEST_LINE} characters."
            return error("Y12", Span(source.path, number, 1), message, hint)
    return None


class _Composer:
    """Walks over the events of one file, once."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found
        self.parts = 0
        self.events: Iterator[Event] = YAML(typ="safe", pure=True).parse(source.text)

    def document(self) -> Node | None:
        made: Node | None = None
        seen = False
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if seen:
                    self.refuse("Y08", event, "A second document begins here.", "One per file.")
                if event.version or event.tags:
                    self.refuse("Y08", event, "Lines that start with % are not used here.", None)
                seen = True
            elif isinstance(event, NodeEvent):
                made = self.node(event, 0)
            elif isinstance(event, StreamEndEvent):
                break
        return made

    def node(self, event: Event, depth: int) -> Node:
        self.parts += 1
        if self.parts > MOST_PARTS:
            self.refuse("Y12", event, "This file has too many parts.", "Divide it.")
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self.refuse(
                "Y08",
                event,
                "Anchors (&) and aliases (*) are not used here.",
                "Write the part again, or put quotation marks around the whole value.",
            )
        if isinstance(event, ScalarEvent):
            return self.scalar(event)
        if getattr(event, "tag", None) is not None:
            self._tag(event)
        if depth >= DEEPEST:
            self.refuse("Y12", event, "Too many brackets or levels are nested here.", None)
        if isinstance(event, MappingStartEvent):
            return self.map(event, depth + 1)
        if isinstance(event, SequenceStartEvent):
            return self.items(event, depth + 1)
        raise AssertionError(event)

    def scalar(self, event: ScalarEvent) -> Text:
        if event.tag is not None:
            self._tag(event)
        value = event.value
        layout = Layout(
            self.source, event.start_mark.index, event.end_mark.index, event.style or ""
        )
        text = Text.laid_out(value, layout)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            self.refuse("Y11", event, "This is half a character and cannot be written.", None)
        return text

    def map(self, start: Event, depth: int) -> Map:
        entries: dict[str, Entry] = {}
        end = 0
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                end = event.end_mark.index
                break
            braces_at = start.start_mark.index
            if isinstance(event, MappingStartEvent) and self.source.text.startswith(
                "{{", braces_at
            ):
                raise _Refused(braces_as_value(self.source, braces_at))
            key = self.node(event, depth)
            if not isinstance(key, Text):
                self.refuse("Y08", event, "A key is one or more words, not a list.", None)
            value = self.node(next(self.events), depth)
            self._add(entries, Entry(key, value))
        return Map(tuple(entries.values()), self._start(start), end)

    def _add(self, entries: dict[str, Entry], entry: Entry) -> None:
        key = entry.key
        if key == "<<":
            self.found.append(error("Y08", key.span(), 'Merge keys ("<<") are not used here.'))
            return
        first = entries.setdefault(same_key(key), entry)
        if first is not entry:
            hint = f"The first one is in line {first.key.line}. Keep one of them."
            message = f'"{key}" is written twice.'
            self.found.append(error("Y06", key.span(), message, hint))

    def items(self, start: Event, depth: int) -> Items:
        made: list[Node] = []
        end = 0
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                end = event.end_mark.index
                break
            made.append(self.node(event, depth))
        return Items(tuple(made), self._start(start), end)

    def _tag(self, event: Event) -> Never:
        self.refuse(
            "Y08",
            event,
            'A value cannot start with "!" here.',
            "Put quotation marks around the whole value.",
        )

    def _start(self, event: Event) -> Span:
        return self.source.span(event.start_mark.index, event.start_mark.index + 1)

    def refuse(self, code: str, event: Event, message: str, hint: str | None) -> Never:
        start, end = event.start_mark.index, max(event.end_mark.index, event.start_mark.index + 1)
        raise _Refused(
            Diagnostic(Severity.ERROR, code, self.source.span(start, end), message, hint)
        )
