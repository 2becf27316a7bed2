"""What a cursor points at in a parsed file, for hover, go to definition and rename."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from dsl.diagnostics import Span
from engine.lsp.complete import event_above
from engine.lsp.lexicon import Lexicon, Meaning
from engine.lsp.project import Project
from engine.lsp.sentences import is_sentence, meaning_at, word_at
from engine.lsp.spots import Key, Name, Spot, Value, character_at, spot_at

__all__ = ["Pointed", "definition", "hover", "pointed_at"]

_DEFINED = {
    "message": "message",
    "module": "module",
    "segment": "segment",
    "channel": "channel",
    "category": "category",
    "event": "event",
    "attribute": "attribute",
    "web service": "service",
}


@dataclass(frozen=True, slots=True)
class Pointed:
    """A word in a file, and what it stands for, if that is known."""

    spot: Spot
    start: int  # of the word, in the file
    end: int
    word: str
    meaning: Meaning | None


def pointed_at(project: Project, path: str, position: types.Position) -> Pointed | None:
    """The word that a cursor stands on; None if there is none, or the file cannot be parsed."""
    node, kind = project.map(path), project.kind(path)
    if node is None or kind is None:
        return None
    index = project.documents[path].index(position)
    spot = spot_at(kind, node, index)
    if spot is None:
        return None
    text = spot.text
    lexicon = Lexicon(project, path)
    if isinstance(spot, Value):
        return _in_value(project, path, spot, index, lexicon)
    meaning = None
    if isinstance(spot, Name) and spot.what in _DEFINED:
        meaning = lexicon.thing(_DEFINED[spot.what], str(text))
    return Pointed(spot, text.stands_at(0), text.stands_at(len(text)), str(text), meaning)


def _in_value(
    project: Project, path: str, spot: Value, index: int, lexicon: Lexicon
) -> Pointed | None:
    text, sort = spot.text, spot.leaf.sort
    whole = Pointed(spot, text.stands_at(0), text.stands_at(len(text)), str(text), None)
    if sort in ("name", "step"):
        own = lexicon.steps.get(str(text)) if spot.key == "id" or sort == "step" else None
        if sort == "name" and spot.key in ("journey", "fragment", "message"):
            own = lexicon.thing(spot.key, str(text))
        return Pointed(spot, whole.start, whole.end, whole.word, own)
    offset = character_at(text, index)
    found = word_at(text, offset)
    if found is None:
        return whole
    start, end, said = found
    in_braces = text.rfind("{{", 0, offset) > text.rfind("}}", 0, offset)
    meaning: Meaning | None = None
    if sort in ("uses", "channel_choice", "cap") or is_sentence(sort, text) or in_braces:
        event = None
        if sort == "where":
            event = event_above(project.documents[path].source, text.stands_at(0))
        meaning = meaning_at(text, offset, lexicon, event)
        if meaning is None and sort == "uses":
            meaning = lexicon.thing("journey", said)
    elif sort == "removal":
        meaning = lexicon.steps.get(said)
    else:
        meaning = lexicon.thing(sort, said)
    return Pointed(spot, text.stands_at(start), text.stands_at(end - 1) + 1, said, meaning)


def hover(project: Project, path: str, position: types.Position) -> types.Hover | None:
    """What the word under the cursor means."""
    pointed = pointed_at(project, path, position)
    if pointed is None:
        return None
    said: list[str] = []
    if isinstance(pointed.spot, Key):
        said = _about_key(pointed.spot)
    elif pointed.meaning is not None:
        said = [f"**{_plain(pointed.word)}**", *map(_plain, pointed.meaning.says.split("\n"))]
    if not said:
        return None
    text = "\n\n".join(said)
    document = project.documents[path]
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, text),
        document.stretch(pointed.start, pointed.end),
    )


def _about_key(spot: Key) -> list[str]:
    row = spot.row
    said = [f"**{row.key}**", row.means]
    if spot.verb and spot.table.__doc__:
        said.insert(1, spot.table.__doc__.strip().splitlines()[0])
    if row.words:
        said.append(f"Possible: {', '.join(row.words)}")
    if row.needed:
        said.append("Must be there.")
    return said


def _plain(text: str) -> str:
    """The text with nothing in it that Markdown would take for its own."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~" else char for char in text)


def definition(project: Project, path: str, position: types.Position) -> Span | None:
    """Where the word under the cursor is defined."""
    pointed = pointed_at(project, path, position)
    if pointed is None:
        return None
    if pointed.meaning is not None:
        return pointed.meaning.place
    spot = pointed.spot
    if isinstance(spot, Name):
        return _input(project, path, spot)
    return None


def _input(project: Project, path: str, spot: Name) -> Span | None:
    """The input that a name under ``with`` gives a value, or the step that ``pretend`` fixes."""
    lexicon = Lexicon(project, path)
    step = lexicon.steps.get(str(spot.text))
    return None if step is None else step.place
