"""Renaming a step: its id, every rule of its file that mentions it, and the scenarios that do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from jinja2 import nodes
from lsprotocol import types

from dsl.compile.naming import check_free, check_root
from dsl.diagnostics import Diagnostic
from dsl.expr import tree
from dsl.expr.history import Where
from dsl.expr.parse import START_SYMBOLS, StartSymbol, parse
from dsl.source import Text
from dsl.templates import parse_text, place_of
from dsl.yaml import Items, Map, Node, same_key
from engine.lsp.pointing import pointed_at
from engine.lsp.project import Project
from engine.lsp.sentences import is_sentence
from engine.lsp.spots import Value, spots

__all__ = ["CannotRename", "rename", "step_at"]


class CannotRename(Exception):
    """Why a name cannot be given, in words for the author."""


def step_at(
    project: Project, path: str, position: types.Position
) -> tuple[str, types.Range] | None:
    """The step whose name stands under the cursor, and where."""
    pointed = pointed_at(project, path, position)
    if pointed is None or pointed.meaning is None or pointed.meaning.sort != "step":
        return None
    name = pointed.meaning.name
    if pointed.word != name:
        return None  # a part of it: first_nudge.channel
    document = project.documents[path]
    return name, document.stretch(pointed.start, pointed.start + len(name))


def rename(
    project: Project, path: str, position: types.Position, new: str
) -> dict[str, list[types.TextEdit]]:
    """The edits, by file. Raises ``CannotRename`` if this is no step or the name cannot be used."""
    found = step_at(project, path, position)
    if found is None:
        raise CannotRename("Only the name of a step can be changed, and none stands here.")
    old = found[0]
    _check(project, path, old, new)
    edits: dict[str, list[types.TextEdit]] = {}
    document = project.documents[path]
    for start, end in sorted(set(_mentions(project, path, old))):
        edits.setdefault(path, []).append(types.TextEdit(document.stretch(start, end), new))
    for other, start, end in _in_scenarios(project, path, old):
        there = project.documents[other]
        edits.setdefault(other, []).append(types.TextEdit(there.stretch(start, end), new))
    return edits


def _check(project: Project, path: str, old: str, new: str) -> None:
    found: list[Diagnostic] = []
    name = Text.of(new)
    if check_root(name, "a step", found):
        check_free(name, "a step", project.plan(), found)
    if found:
        raise CannotRename(" ".join(part for part in (found[0].message, found[0].hint) if part))
    node = project.map(path)
    if node is None:
        raise CannotRename("This file has a mistake in its layout. Correct it first.")
    ids = {str(spot.text) for spot in _values(project, path) if spot.key == "id"}
    if new in ids and new != old:
        raise CannotRename(f'Another step is called "{new}" already.')


def _values(project: Project, path: str) -> Iterator[Value]:
    node, kind = project.map(path), project.kind(path)
    if node is not None and kind is not None:
        yield from (spot for spot in spots(kind, node) if isinstance(spot, Value))


def _mentions(project: Project, path: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a step is named in its own file: from, to."""
    for spot in _values(project, path):
        text, sort = spot.text, spot.leaf.sort
        if (spot.key == "id" and sort == "name") or sort == "step":
            if text == name:
                yield text.stands_at(0), text.stands_at(len(text) - 1) + 1
        elif sort == "removal" and text.split()[-1:] == [name]:  # continue with NAME
            start = text.rindex(name)
            yield text.stands_at(start), text.stands_at(start + len(name) - 1) + 1
        elif is_sentence(sort, text):
            offset = len(text) - len(text.lstrip("= \n")) if text.lstrip().startswith("=") else 0
            for start in _in_sentence(text.part(offset), sort, name):
                at = text.stands_at(offset + start)
                yield at, at + len(name)
        elif sort == "value" and ("{{" in text or "{%" in text):
            for start in _in_text(text, name):
                at = text.stands_at(start)
                yield at, at + len(name)


def _in_text(text: Text, name: str) -> Iterator[int]:
    """The offsets at which a text names a step between its curly brackets."""
    template = parse_text(text, [])
    if template is None:
        raise CannotRename(f"The text in {text.place} cannot be read. Correct it first.")
    named = [node for node in template.find_all(nodes.Name) if node.name == name]
    if all(node.ctx == "load" for node in named):  # else it is a name of the text's own
        yield from map(place_of, named)


def _in_sentence(text: Text, sort: str, name: str) -> Iterator[int]:
    """The offsets at which a sentence names a step."""
    symbols: list[StartSymbol] = [one for one in START_SYMBOLS if one == sort]
    parsed = parse(text, symbols[0] if symbols else _fitting(sort), [])
    if parsed is None:
        raise CannotRename(f"The rule in {text.place} cannot be read. Correct it first.")
    for path in _paths(parsed, of_event=sort == "where"):
        if path.parts[0].text == name:
            yield path.parts[0].start


def _fitting(sort: str) -> StartSymbol:
    return "rule" if sort == "where" else "value"


def _paths(node: object, *, of_event: bool) -> Iterator[tree.Path]:
    """Every path of a tree that can be a step's. Where events are chosen (``of_event``), a bare
    name is a property.
    """
    if isinstance(node, tree.Path):
        if len(node.parts) > 1 or not of_event:
            yield node
    elif isinstance(node, tuple | list):
        for item in node:
            yield from _paths(item, of_event=of_event)
    elif is_dataclass(node) and not isinstance(node, type):
        inside = of_event or isinstance(node, Where)
        for part in fields(node):
            yield from _paths(getattr(node, part.name), of_event=inside)


def _in_scenarios(project: Project, path: str, step: str) -> Iterator[tuple[str, int, int]]:
    """Where scenarios of the journey fix the path of a split: ``pretend: {story_test: story}``."""
    journeys = {one.name for one in project.names.of_file(path) if one.sort == "journey"}
    for other in project.paths("tests of"):
        node = project.map(other)
        tested = None if node is None else node.entries[0].value
        if node is None or not isinstance(tested, Text) or str(tested) not in journeys:
            continue
        for text in _pretended(node):
            if text == step:
                yield other, text.stands_at(0), text.stands_at(len(text) - 1) + 1


def _pretended(node: Node) -> Iterator[Text]:
    """The keys under every ``pretend``."""
    match node:
        case Map():
            for entry in node:
                if same_key(entry.key) == "pretend":
                    yield from _keys(entry.value)
                yield from _pretended(entry.value)
        case Items():
            for item in node:
                yield from _pretended(item)
        case _:
            pass


def _keys(node: Node) -> Iterator[Text]:
    for item in node if isinstance(node, Items) else (node,):
        if isinstance(item, Map):
            yield from (entry.key for entry in item)
