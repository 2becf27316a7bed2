"""Completion: the keys that can stand here, and the names and words that can stand behind a key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types

from dsl.files.shape import Written
from dsl.schema.places import (
    KINDS,
    Chosen,
    Either,
    Entries,
    Fields,
    Leaf,
    ListOf,
    Place,
    place_of,
)
from dsl.source import Source
from dsl.yaml import same_key
from engine.lsp.cursor import Cursor, Level, cursor_at
from engine.lsp.document import Document
from engine.lsp.lexicon import Lexicon, Meaning
from engine.lsp.project import Project
from engine.lsp.sentences import is_sentence, next_words

__all__ = ["complete", "event_above", "places_at"]

_NAMES = frozenset(
    ("message", "segment", "fragment", "module", "journey", "event", "category", "channel",
     "service")
)  # fmt: skip
_TYPES = (
    "text", "code", "number", "whole number", "yes/no", "date", "time of day", "date and time",
    "duration", "record", "money EUR", "one of ", "list of text",
)  # fmt: skip
_FLAGS = ("required", "personal", "sensitive")
_BRACES = re.compile(r"\{[{%](?!.*[%}]\})(?P<inside>[^{}]*)$")
_EVENT = re.compile(r"\b(?:event|wait[ _-]?for)[ \t]*:[ \t]*[\"']?([^\W\d]\w*)", re.IGNORECASE)
_MOST = 2000
_NEAR = 2000  # characters in which an event is looked for

_ICONS = {
    "key": types.CompletionItemKind.Property,
    "verb": types.CompletionItemKind.Keyword,
    "phrase": types.CompletionItemKind.Keyword,
    "word": types.CompletionItemKind.EnumMember,
    "function": types.CompletionItemKind.Function,
    "step": types.CompletionItemKind.Reference,
    "variable": types.CompletionItemKind.Variable,
    "input": types.CompletionItemKind.Variable,
    "attribute": types.CompletionItemKind.Field,
    "property": types.CompletionItemKind.Field,
    "event": types.CompletionItemKind.Event,
    "message": types.CompletionItemKind.File,
    "segment": types.CompletionItemKind.Class,
    "service": types.CompletionItemKind.Interface,
}


def complete(project: Project, path: str, position: types.Position) -> list[types.CompletionItem]:
    """What can be written where the cursor stands, the likeliest first."""
    document = project.documents[path]
    index = document.index(position)
    cursor = cursor_at(document.source, index)
    kind = project.kind(path)
    if kind is None:
        return list(_first_keys(document, cursor, index))
    made: dict[str, types.CompletionItem] = {}
    for offered, meaning, after in _offers(project, path, kind, cursor, index):
        made.setdefault(meaning.name, _item(document, index, offered, meaning, after, len(made)))
        if len(made) >= _MOST:
            break
    return list(made.values())


def places_at(kind: str, way: Iterable[Level]) -> list[Place]:
    """What can stand at the end of a way down a file."""
    places: list[Place] = [Fields((KINDS[kind],))]
    for level in way:
        places = [below for place in places for below in _below(place, level)]
    return [one for place in places for one in _flat(place)]


def event_above(source: Source, index: int) -> str | None:
    """The event that a ``where`` is about: the one named nearest above it."""
    found = _EVENT.findall(source.text, max(0, index - _NEAR), index)
    return str(found[-1]) if found else None


def _offers(
    project: Project, path: str, kind: str, cursor: Cursor, index: int
) -> Iterator[tuple[str, Meaning, str]]:
    """What has been written of each offer, the offer, and what is written behind it."""
    lexicon = Lexicon(project, path)
    if cursor.key is None:
        line = project.documents[path].source
        colon = "" if _colon_follows(line, index) else ": "
        for place in places_at(kind, cursor.way):
            for meaning in _keys(place, cursor, lexicon):
                yield cursor.text, meaning, colon
            if isinstance(place, Leaf):
                yield from _values(place, cursor, lexicon, line, index)
        return
    way = [*cursor.way, *([Level(cursor.key, cursor.beside)] if cursor.key else [])]
    for place in places_at(kind, way):
        if isinstance(place, Leaf):
            source = project.documents[path].source
            yield from _values(place, cursor, lexicon, source, index)


def _values(
    leaf: Leaf, cursor: Cursor, lexicon: Lexicon, source: Source, index: int
) -> Iterator[tuple[str, Meaning, str]]:
    text = cursor.text
    bare = text.lstrip("\"'")
    last = bare.rpartition(",")[2].lstrip() if leaf.several else bare
    for word in leaf.words:
        yield last, Meaning(word, "word", ""), ""
    if leaf.sort in _NAMES:
        for meaning in lexicon.named(leaf.sort):
            yield last, meaning, ""
    elif leaf.sort in ("step", "removal"):
        lead = "" if leaf.sort == "step" else "continue with "
        for meaning in lexicon.steps.values():
            yield bare, Meaning(f"{lead}{meaning.name}", "step", meaning.says), ""
    elif leaf.sort == "uses":
        for meaning in lexicon.named("journey"):
            name = f"journey {meaning.name}"
            yield bare, Meaning(name, "journey", meaning.says), ""
    elif leaf.sort == "type" and not is_sentence(leaf.sort, text):
        behind = "," in bare
        for word in _FLAGS if behind else _TYPES:
            yield bare.rpartition(",")[2].lstrip(), Meaning(word, "word", "a type"), ""
    elif leaf.sort == "channel_choice" and not re.search(r"\bif\b", bare):
        for meaning in lexicon.named("channel"):
            yield last, meaning, ""
    elif leaf.sort == "cap" or is_sentence(leaf.sort, text):
        event = event_above(source, index) if leaf.sort == "where" else None
        word, meanings = next_words(text, lexicon, event)
        for meaning in meanings:
            yield word, meaning, ""
    braces = _BRACES.search(text)
    if braces is not None and leaf.sort in ("text", "value", "fact", "any"):
        word, meanings = next_words(braces["inside"], lexicon, None)
        never = ("event", "phrase", "function", *(() if leaf.sort == "value" else ("step",)))
        for meaning in meanings:
            if meaning.sort not in never:
                yield word, meaning, ""


def _keys(place: Place, cursor: Cursor, lexicon: Lexicon) -> Iterator[Meaning]:
    there = {same_key(key) for key in cursor.beside}
    match place:
        case Chosen(what, tables) if not _chosen(place, there):
            for verb, table in tables.items():
                row = table.row(verb)
                if row is not None:
                    yield Meaning(verb, "verb", (table.__doc__ or "").strip())
            if what == "step":
                yield Meaning("id", "key", "The name people inside it are remembered by")
        case Chosen(_, tables):
            some = _chosen(place, there)
            for verb, table in tables.items():
                if same_key(verb) in some:
                    yield from _rows(table, there)
        case Fields(tables):
            for table in tables:
                yield from _rows(table, there)
        case _:
            pass
    if isinstance(place, Entries) and place.each == Leaf("value"):
        level = cursor.way[-1].key if cursor.way else None
        if level is not None and same_key(level) == "setprofile":
            yield from lexicon.attributes()


def _rows(table: type[Written], there: set[str]) -> Iterator[Meaning]:
    for key, row in table.table().items():
        if same_key(key) not in there:
            yield Meaning(key, "key", row.means)


def _chosen(place: Chosen, there: set[str]) -> set[str]:
    return {same_key(verb) for verb in place.tables} & there


def _below(place: Place, level: Level) -> Iterator[Place]:
    match place:
        case Either(ways):
            for way in ways:
                yield from _below(way, level)
        case Fields(tables) if level.key is not None:
            for table in tables:
                row = table.row(level.key)
                if row is not None:
                    yield place_of(table, row.key)
        case Chosen(_, tables) if level.key is not None:
            there = {same_key(key) for key in (*level.beside, level.key)}
            some = _chosen(place, there)
            for verb, table in tables.items():
                row = table.row(level.key)
                if row is not None and (not some or same_key(verb) in some):
                    yield place_of(table, row.key)
        case Entries(each) if level.key is not None:
            yield each
        case ListOf(each) if level.key is None:
            yield each
        case Leaf(several=True) if level.key is None:
            yield place
        case _:
            pass


def _flat(place: Place) -> Iterator[Place]:
    if isinstance(place, Either):
        for way in place.ways:
            yield from _flat(way)
    else:
        yield place


def _colon_follows(source: Source, index: int) -> bool:
    return re.match(r"[\w -]*:", source.text[index : index + 100]) is not None


def _first_keys(document: Document, cursor: Cursor, index: int) -> Iterator[types.CompletionItem]:
    if cursor.way or cursor.beside or cursor.key is not None:
        return
    for number, (key, table) in enumerate(KINDS.items()):
        says = (table.__doc__ or "").strip()
        yield _item(document, index, cursor.text, Meaning(key, "verb", says), ": ", number)


def _item(
    document: Document, index: int, written: str, meaning: Meaning, after: str, number: int
) -> types.CompletionItem:
    plain, _, more = meaning.says.partition("\n")
    return types.CompletionItem(
        label=meaning.name,
        kind=_ICONS.get(meaning.sort, types.CompletionItemKind.Value),
        detail=plain or None,
        documentation=more or None,
        filter_text=meaning.name,
        sort_text=f"{number:05}",
        text_edit=types.TextEdit(
            document.stretch(index - len(written), index), meaning.name + after
        ),
    )
